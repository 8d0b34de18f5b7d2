"""Read scenario files: find them, follow `extends`, and merge a file with its parents.

Files above the limits of size and lines are refused before they are parsed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from simulation.errors import InputError, closest
from simulation.regular_files import read_start
from simulation.scenario.shipped import shipped_scenarios
from simulation.scenario.toml_hints import decode_text, line_of_key, parse_toml

PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
#: Of a file and all it extends together. The longest shipped chain has 9 kB; reading, checking and
#: merging 1 MB takes about 2 s.
MAXIMUM_BYTES = 1_000_000
#: levers of a scenario, those that it inherits among them
MOST_LEVERS = 1000
#: what merging reads of a lever as it is written; the keys of its own are handed on
LeverKeys = TypedDict(
    "LeverKeys",
    {"name": str, "replaces": str, "from": date, "to": date, "over": Sequence[str]},
    total=False,
)


@dataclass
class ParsedFile:
    """One scenario file, parsed.

    Attributes:
        path: Where it lies.
        data: What the TOML says.
        text: How it says it; empty for what no user has written as TOML.
    """

    path: Path
    data: dict[str, Any]
    text: str = ""

    @cached_property
    def shown(self) -> str:
        """The path relative to the working directory, for messages."""
        return shown_path(self.path)


class WrittenLever(NamedTuple):
    """A lever as it is written.

    Attributes:
        keys: Its keys.
        file: The file.
        place: Its place in the section there.
    """

    keys: LeverKeys
    file: str
    place: int


@dataclass
class Merged:
    """A file merged with its parents.

    Attributes:
        words: The title, and the description if there is one.
        tables: The resulting tables.
        levers: The resulting levers, by section.
    """

    words: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, object]] = field(default_factory=dict)
    levers: dict[str, list[WrittenLever]] = field(default_factory=dict)

    @property
    def data(self) -> dict[str, object]:
        """All of it, as one file that extends nothing would say it."""
        levers = {section: [one.keys for one in some] for section, some in self.levers.items()}
        return {**self.words, **self.tables, **levers}


def with_line(error: InputError, read: Iterable[ParsedFile]) -> InputError:
    """An error whose file is named with the line of its key, if that is in one of some files."""
    for written in read:
        if error.key and error.file == written.shown and written.text:
            line = line_of_key(written.text, error.key)
            if line is None and error.key.isidentifier():
                line = 1  # where it is missing
            error.file = error.file if line is None else f"{error.file}:{line}"
            break
    return error


def shown_path(path: Path) -> str:
    """A path relative to the working directory if it lies below it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)


def find(path_or_name: str | Path) -> Path:
    """Find a scenario file by its path, or by the name of a shipped scenario.

    Raises:
        InputError: There is no such file or scenario.
    """
    text = str(path_or_name)
    if not text:
        raise InputError("no name of a scenario", key="SCENARIO", value=text, allowed="a file")
    path = Path(text)
    if os.path.isfile(path):
        return path
    shipped = shipped_scenarios()
    if text in shipped:
        return shipped[text]
    if os.path.isdir(path):
        raise InputError("is a folder, not a scenario file", file=text)
    if PLAIN_NAME.fullmatch(text):
        raise InputError(
            "no such file, and no scenario of this name is shipped",
            file=text,
            allowed=f"a file, or {', '.join(shipped)}",
            suggestion=closest(text, shipped),
        )
    raise InputError("no such file", file=text, suggestion=_nearby(path, shipped))


def read(path: Path) -> ParsedFile:
    """Read one file.

    Raises:
        InputError: It cannot be read, is not UTF-8 text, or is not TOML.
    """
    shown = shown_path(path)
    try:
        content = read_start(path, MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason.lower()}", file=shown) from error
    return ParsedFile(path, toml_of(content, shown), content.decode("utf-8-sig"))


def toml_of(content: bytes, shown: str) -> dict[str, Any]:
    """Parse the bytes of a scenario file.

    Args:
        content: The file.
        shown: Its name in messages.

    Raises:
        InputError: It is too large, not UTF-8 text, or not TOML.
    """
    _check_size(len(content), shown)
    return parse_toml(decode_text(content, shown), shown)


def _check_size(size: int, shown: str) -> None:
    if size > MAXIMUM_BYTES:
        problem = "too large for a scenario, with all it extends"
        raise InputError(problem, file=shown, allowed="1 MB")


def read_chain(path: Path) -> list[ParsedFile]:
    """Read a file and everything it extends, the oldest ancestor first.

    Raises:
        InputError: A file cannot be read, a parent is missing, the files extend each other, or
            they come to too much.
    """
    return _with_ancestors(read(path), has_folder=True)


def chain_of_text(content: bytes, shown: str, has_lines: bool = True) -> list[ParsedFile]:
    """Parse a scenario text and everything it extends, the oldest ancestor first.

    It may extend shipped scenarios only, as the text has no folder.

    Args:
        content: The text.
        shown: Its name in messages.
        has_lines: Whether a user knows its lines, so that messages name them.

    Raises:
        InputError: It cannot be read, or what it extends is not shipped.
    """
    data = toml_of(content, shown)
    text = content.decode("utf-8-sig") if has_lines else ""
    return _with_ancestors(ParsedFile(Path(shown), data, text), has_folder=False)


def _with_ancestors(first: ParsedFile, has_folder: bool) -> list[ParsedFile]:
    chain = [first]
    while "extends" in chain[-1].data:
        in_folder = has_folder or len(chain) > 1
        try:
            parent = _parent_of(chain[-1], [one.path.resolve() for one in chain], in_folder)
        except InputError as error:
            raise with_line(error, chain) from None
        chain.append(read(parent))
        _check_size(sum(len(one.text.encode()) for one in chain), first.shown)
    return chain[::-1]


def _parent_of(written: ParsedFile, seen: list[Path], has_folder: bool) -> Path:
    """The file that another extends, which is none of those seen already."""
    refuse = partial(InputError, file=written.shown, key="extends")
    parent, shipped = written.data["extends"], shipped_scenarios()
    if not isinstance(parent, str):
        shown = None if isinstance(parent, (list, dict)) else parent
        raise refuse("must be a text", value=shown, allowed="one name in quotes")
    beside = _candidates(written, parent) if has_folder else [shipped.get(parent, Path())]
    present = [path for path in beside if os.path.isfile(path)]
    if not present:
        names = [*shipped, *(_stems(written.path.parent) if has_folder else ())]
        where = "a file beside this one, or " if has_folder else ""
        raise refuse(
            "no such scenario",
            value=parent,
            allowed=f"{where}{', '.join(shipped)}",
            suggestion=closest(parent, names),
        )
    # A file of one's own called baseline.toml may extend the shipped baseline.
    parent_file = next((path for path in present if path.resolve() not in seen), None)
    if parent_file is None:
        raise refuse("scenarios extend each other in a circle", value=parent)
    return parent_file


def _candidates(written: ParsedFile, parent: str) -> list[Path]:
    beside = written.path.parent
    if PLAIN_NAME.fullmatch(parent):
        shipped = shipped_scenarios().get(parent)
        return [beside / f"{parent}.toml", *([shipped] if shipped else [])]
    pieces = parent.split("/")
    plain = re.fullmatch(r"[A-Za-z0-9_./ -]+", parent) and not parent.startswith("/")
    if not plain or ".." in pieces or not parent.endswith(".toml"):
        raise InputError(
            "not the name of a scenario",
            file=written.shown,
            key="extends",
            value=parent,
            allowed="a name of letters, digits, - and _, or a .toml file below this folder, with /",
        )
    return [beside / parent]


def merge(chain: Iterable[ParsedFile], sections: Sequence[str], tables: Iterable[str]) -> Merged:
    """Merge files, the oldest ancestor first.

    Tables are merged key by key. Levers are added to the parent's, after those that the file
    clears (by section) or drops (by name) are gone.

    Args:
        chain: The files, each of them already known to be well-formed.
        sections: The names of the arrays of levers.
        tables: The names of the tables that are merged key by key.

    Raises:
        InputError: A file drops a lever that does not exist or uses a lever's name again.
    """
    merged = Merged()
    for written in chain:
        data, shown = written.data, written.shown
        for section in data.get("clear", ()):
            merged.tables.pop(section, None)
            merged.levers.pop(section, None)
        _drop(merged, sections, data.get("drop", ()), shown)
        merged.words.pop("description", None)
        merged.words |= {key: data[key] for key in ("title", "description") if key in data}
        for table in tables:
            if table in data:
                merged.tables[table] = {**merged.tables.get(table, {}), **data[table]}
        used: set[str | None] = set(_names(merged, sections))
        for section, index, lever in _levers(data, sections):
            name = lever.get("name")
            if name is not None and name in used:
                raise InputError(
                    "this name is already taken",
                    file=shown,
                    key=f"{section}[{index}].name",
                    value=name,
                    allowed=f'another name, or first drop = ["{name}"] if it is the parent\'s',
                )
            used.add(name)
            if "replaces" in lever:
                lever = _replacing(merged, section, index, lever, shown)
            merged.levers.setdefault(section, []).append(WrittenLever(lever, shown, index))
    return merged


def _levers(
    data: Mapping[str, Iterable[LeverKeys]], sections: Iterable[str]
) -> Iterator[tuple[str, int, LeverKeys]]:
    """The levers of a file, each with its section and its place there."""
    for section in sections:
        for index, lever in enumerate(data.get(section, ())):
            yield section, index, lever


def _drop(merged: Merged, sections: Iterable[str], names: Iterable[str], file: str) -> None:
    named = _names(merged, sections)
    gone: dict[str, set[int]] = {}
    for number, name in enumerate(names):
        if name not in named:
            raise InputError(
                "the parent has no lever of this name",
                file=file,
                key=f"drop[{number}]",
                value=name,
                allowed=", ".join(named) or "nothing (no lever of the parent has a name)",
                suggestion=closest(name, named),
            )
        section, index = named.pop(name)
        gone.setdefault(section, set()).add(index)
    for section, indexes in gone.items():
        levers = enumerate(merged.levers[section])
        merged.levers[section] = [lever for at, lever in levers if at not in indexes]


def _replacing(merged: Merged, section: str, index: int, lever: LeverKeys, file: str) -> LeverKeys:
    """End the lever that another replaces; return the other without saying so.

    Args:
        merged: What there is before it.
        section: Its section.
        index: Its place there in its file.
        lever: The lever that replaces another.
        file: Its file.
    """
    name, begins, named = lever["replaces"], _begins(lever), _names(merged, (section,))
    refuse = partial(InputError, file=file, key=f"{section}[{index}].replaces", value=name)
    if name not in named:
        raise refuse(
            f"no earlier {section} has this name",
            allowed=", ".join(named) or f"nothing (no earlier {section} has a name)",
            suggestion=closest(name, named),
        )
    at, levers = named[name][1], merged.levers[section]
    old, before = levers[at].keys, begins - timedelta(days=1)
    if "over" in old or old.get("to", begins) < begins:
        problem = "has ended by then, or its amount is for all of its months"
        raise refuse(problem, allowed=f'drop = ["{name}"], and what is meant written anew')
    if "to" in lever and lever["to"] < old.get("to", date.max):
        problem = "ends after the lever that replaces it, and would not come back"
        raise refuse(problem, allowed=f"{old['to']} or later" if "to" in old else "no to")
    if "from" in old and old["from"] >= begins:
        del levers[at]
    else:
        levers[at] = levers[at]._replace(keys={**old, "to": before})
    replacing = lever.copy()
    del replacing["replaces"]
    return replacing


def _begins(lever: LeverKeys) -> date:
    """The first day of a lever that has one."""
    return lever["from"] if "from" in lever else date.fromisoformat(lever["over"][0] + "-01")


def _names(merged: Merged, sections: Iterable[str]) -> dict[str, tuple[str, int]]:
    return {
        name: (section, index)
        for section in sections
        for index, lever in enumerate(merged.levers.get(section, ()))
        if (name := lever.keys.get("name")) is not None
    }


def _stems(folder: Path) -> list[str]:
    """Names of the scenario files in a folder; none where it cannot be read."""
    try:
        return [other.stem for other in folder.glob("*.toml") if os.path.isfile(other)]
    except (OSError, ValueError):
        return []


def _nearby(path: Path, shipped: Iterable[str]) -> str | None:
    near = closest(path.stem, _stems(path.parent))
    return str(path.with_name(f"{near}.toml")) if near else closest(path.stem, shipped)
