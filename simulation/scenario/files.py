"""Read scenario files: find them, follow `extends`, and merge a file with its parents.

Files above the limits of size and lines are refused before they are parsed.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from simulation.errors import InputError, closest
from simulation.regular_files import read_start
from simulation.scenario.shipped import shipped_scenarios
from simulation.scenario.toml_hints import decode_text, line_of_key, parse_toml

PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")
#: Of one file, and of a file and all it extends together. The longest shipped chain has 9 kB;
#: reading, checking and merging 1 MB takes about 2 s.
MAXIMUM_BYTES = 1_000_000
#: files of a chain of `extends`; the longest shipped one has three
MOST_FILES = 16
#: levers of a scenario, those that it inherits among them
MOST_LEVERS = 1000
_MOST_LINES = 20_000
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
        keys: The file that wrote a key of a table, by dotted key.
    """

    words: dict[str, str] = field(default_factory=dict)
    tables: dict[str, dict[str, object]] = field(default_factory=dict)
    levers: dict[str, list[WrittenLever]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

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
    """Read one file; one that is shipped is parsed again only where it has changed.

    Raises:
        InputError: It cannot be read, is not UTF-8 text, or is not TOML.
    """
    if path in shipped_scenarios().values():
        state = path.stat()
        written = _shipped(path, (state.st_mtime_ns, state.st_size))
        return replace(written, data=copy.deepcopy(written.data))
    return _read(path)


@lru_cache(maxsize=64)
def _shipped(path: Path, state: tuple[int, int]) -> ParsedFile:
    return _read(path)


def _read(path: Path) -> ParsedFile:
    shown = shown_path(path)
    try:
        content = read_start(path, MAXIMUM_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot be read: {reason.lower()}", file=shown) from error
    return ParsedFile(path, toml_of(content, shown), content.decode("utf-8-sig"))


def check_size(size: int, lines: int, shown: str, what: str = "") -> None:
    """Refuse a scenario of too many bytes or lines.

    Args:
        size: Its bytes.
        lines: Its lines.
        shown: Its name in messages.
        what: Where it is more than one file as written, what is too large, in words.

    Raises:
        InputError: It is too large.
    """
    if size > MAXIMUM_BYTES or lines > _MOST_LINES:
        allowed = f"1 MB and {_MOST_LINES:,} lines"
        raise InputError(f"too large for a scenario{what}", file=shown, allowed=allowed)


def toml_of(content: bytes, shown: str) -> dict[str, Any]:
    """Parse the bytes of a scenario file.

    Args:
        content: The file.
        shown: Its name in messages.

    Raises:
        InputError: It is too large, not UTF-8 text, or not TOML.
    """
    check_size(len(content), content.count(b"\n"), shown)
    return parse_toml(decode_text(content, shown), shown)


def read_chain(path: Path) -> list[ParsedFile]:
    """Read a file and everything it extends, the oldest ancestor first.

    Raises:
        InputError: A file cannot be read, a parent is missing, the files extend each other, or
            they come to too much.
    """
    chain: list[ParsedFile] = []
    current: Path | None = path
    while current is not None:
        chain.append(read(current))
        shown = chain[0].shown
        if len(chain) > MOST_FILES:
            allowed = f"at most {MOST_FILES} files"
            raise InputError("too many files extend each other", file=shown, allowed=allowed)
        size = sum(len(one.text.encode()) for one in chain)
        lines = sum(one.text.count("\n") for one in chain)
        check_size(size, lines, shown, ", with all it extends")
        try:
            current = _parent_of(chain[-1], [one.path.resolve() for one in chain])
        except InputError as error:
            raise with_line(error, chain) from None
    return chain[::-1]


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
    written = ParsedFile(Path(shown), data, text)
    parent = written.data.get("extends")
    if parent is None:
        return [written]
    shipped = shipped_scenarios()
    if not isinstance(parent, str) or parent not in shipped:
        error = InputError(
            "no scenario of this name is shipped, and no other can be extended here",
            file=shown,
            key="extends",
            value=parent if isinstance(parent, str) else None,
            allowed=", ".join(shipped),
            suggestion=closest(parent, shipped) if isinstance(parent, str) else None,
        )
        raise with_line(error, [written])
    return [*read_chain(shipped[parent]), written]


def _parent_of(written: ParsedFile, seen: list[Path]) -> Path | None:
    refuse = partial(InputError, file=written.shown, key="extends")
    parent = written.data.get("extends")
    if parent is None:
        return None
    if not isinstance(parent, str):
        raise refuse(
            "must be a text",
            value=None if isinstance(parent, (list, dict)) else parent,
            allowed="one name in quotes",
        )
    candidates = _candidates(written, parent)
    shipped = shipped_scenarios()
    present = [path for path in candidates if os.path.isfile(path)]
    if not present:
        raise refuse(
            "no such scenario",
            value=parent,
            allowed=f"a file beside this one, or {', '.join(shipped)}",
            suggestion=closest(parent, [*shipped, *_stems(written.path.parent)]),
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
            merged.keys = {
                key: file for key, file in merged.keys.items() if not key.startswith(f"{section}.")
            }
        _drop(merged, sections, data.get("drop", ()), shown)
        merged.words.pop("description", None)
        merged.words |= {key: data[key] for key in ("title", "description") if key in data}
        for table in tables:
            for key, value in data.get(table, {}).items():
                merged.tables.setdefault(table, {})[key] = value
                merged.keys[f"{table}.{key}"] = shown
        used: set[str | None] = set(_names(merged, sections))
        for section, index, lever in _levers(data, sections):
            name = lever.get("name")
            if name is not None and name in used:
                raise InputError(
                    f"this name is already taken by {_holder(merged, sections, name)}",
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


def _holder(merged: Merged, sections: Iterable[str], name: str) -> str:
    """The lever that has a name: its section, and the file in which it is written."""
    section, at = _names(merged, sections)[name]
    _, file, place = merged.levers[section][at]
    return f"{section}[{place}] of {file}"


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
    name, begins = lever["replaces"], _begins(lever)
    refuse = partial(InputError, file=file, key=f"{section}[{index}].replaces", value=name)
    named = _names(merged, (section,))
    if name not in named:
        raise refuse(
            f"no earlier {section} has this name",
            allowed=", ".join(named) or f"nothing (no earlier {section} has a name)",
            suggestion=closest(name, named),
        )
    at, levers = named[name][1], merged.levers[section]
    old = levers[at].keys
    if "over" in old:
        raise refuse(
            "its amount is for all of its months, so that it cannot end earlier",
            allowed=f'drop = ["{name}"], and both parts written anew',
        )
    ends = old.get("to")
    if ends is not None and ends < begins:
        raise refuse(f"ended on {ends} already", allowed="no replaces, or a lever in force then")
    last = lever.get("to")
    if last is not None and (ends is None or last < ends):
        raise InputError(
            f'ends before "{name}", which would not come back',
            file=file,
            key=f"{section}[{index}].to",
            value=last,
            allowed=f"{ends} or later" if ends else "no to, and another lever from the day after",
        )
    if old.get("from") is not None and _begins(old) >= begins:
        del levers[at]
    else:
        levers[at] = levers[at]._replace(keys={**old, "to": begins - timedelta(days=1)})
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
