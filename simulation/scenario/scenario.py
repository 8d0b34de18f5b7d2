"""A resolved scenario, and how one is read: from a file, a text, or the name of a shipped one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import tomli_w
from pydantic import PrivateAttr, ValidationError

from simulation.corridor import Corridor, load_corridor, load_origins
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import files
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.registry import LEVERS, PHASED_IN, SECTIONS
from simulation.scenario.names import Names
from simulation.scenario.schema import TABLES, FullRun, ScenarioContent, ScenarioFile
from simulation.scenario.shipped import BASES, is_shipped
from simulation.scenario.validation_errors import first_error

#: letters of the name of a folder, to which others are added
_MOST_SLUG = 120


class LeftOut(NamedTuple):
    """An inherited lever that is not in a scenario, for none of its days is simulated.

    Attributes:
        lever: The lever.
        file: The file in which it is written.
        place: Its place in that file's section.
        position: Its place among all levers of its section, before any was left out.
    """

    lever: Lever
    file: str
    place: int
    position: int


class Scenario(ScenarioContent):
    """A scenario merged with everything that it extends; cannot be changed.

    Get one with `load`, `from_toml` or `with_`.
    """

    run: FullRun

    _file: Path | None = PrivateAttr(default=None)
    _parent: Scenario | None = PrivateAttr(default=None)
    _parent_on_its_days: Scenario | None = PrivateAttr(default=None)
    _origins: dict[str, list[tuple[str, int]]] = PrivateAttr(default_factory=dict)
    _left_out: list[LeftOut] = PrivateAttr(default_factory=list)
    _packaged: frozenset[str] = PrivateAttr(default_factory=frozenset)

    @classmethod
    def load(cls, path_or_name: str | Path) -> Scenario:
        """Read a scenario file, or a scenario that comes with the package.

        Args:
            path_or_name: A file, or the name of a shipped scenario such as `baseline`.

        Raises:
            InputError: There is none, or something in it cannot be used.
        """
        return load_scenario(path_or_name)

    @classmethod
    def from_toml(cls, text: str) -> Scenario:
        """Read the text of a scenario file that lies in no file.

        Args:
            text: TOML. It may extend a shipped scenario, and nothing else.

        Raises:
            InputError: Something in it cannot be used.
        """
        return parse_scenario(text, "the scenario")

    def with_(self, title: str = "What if", **keys: Any) -> Scenario:
        """A what-if over this scenario, as a file that extends it would say it.

        Levers are added to those there are, unless `clear` or `drop` takes some away first; tables
        such as `adaptation` or `parameters` are laid over those there are key by key.

        Args:
            title: What tables and pages call it, one line.
            **keys: Any key of a scenario file but `extends`. A section such as `sharing` is a list
                of levers, each a dict with the keys of the file; days are `datetime.date`.

        Returns:
            The what-if, checked; this scenario is its parent and stays as it is.

        Raises:
            InputError: Something in it cannot be used.
        """
        shown = "the what-if"
        if "extends" in keys:
            raise InputError(
                f'is settled: it is laid over "{self.title}"',
                file=shown,
                key="extends",
                allowed="any other key of a scenario file",
            )
        below = self.file or Path(self.slug), self.as_toml_data()
        chain = (below, (Path(shown), {"title": title, **keys}))
        whatif = _loaded(
            [files.ParsedFile(path, data) for path, data in chain],
            _names(),
        )
        whatif._file, whatif._parent = None, self
        if whatif.run == self.run:
            whatif._parent_on_its_days = self
        return whatif

    @property
    def file(self) -> Path | None:
        """The file it was read from."""
        return self._file

    @property
    def slug(self) -> str:
        """A short name for folders: the stem of the file, or of the title without a file.

        It is one part of a path, whatever the file is called: "...toml" has the stem "..".
        """
        if self._file is not None:
            shown = "".join(c if c.isprintable() else "-" for c in self._file.stem)
            return shown.lstrip(".-")[:_MOST_SLUG] or "scenario"
        words = "".join(c if c.isalnum() and c.isascii() else " " for c in self.title.lower())
        return "-".join(words.split()) or "scenario"

    @property
    def parent(self) -> Scenario | None:
        """The scenario it extends, resolved, or None."""
        return self._parent

    @property
    def parent_on_its_days(self) -> Scenario | None:
        """The scenario it extends over the days of this one, to be compared with it, or None."""
        return self._parent_on_its_days

    def source_of(self, section: str, index: int) -> tuple[str, int]:
        """The file in which a lever is written, and its place there; "" for one made by code."""
        written = self._origins.get(section, ())
        return written[index] if index < len(written) else ("", index)

    def is_packaged(self, file: str) -> bool:
        """Whether a file in which some lever is written is a shipped scenario."""
        return file in self._packaged

    def without(self, section: str, number: int) -> Scenario:
        """The scenario without one lever of a section, by its number there."""
        levers = getattr(self, section)
        return self.model_copy(update={section: (*levers[:number], *levers[number + 1 :])})

    @property
    def levers(self) -> list[Lever]:
        """All its levers, section by section."""
        return [lever for section in SECTIONS for lever in getattr(self, section)]

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Inherited levers that were left out, for none of their days is simulated."""
        return tuple(self._left_out)

    def as_toml_data(self) -> dict[str, Any]:
        """The scenario as plain values, without what is left at its default."""
        data = self.model_dump(exclude_none=True, exclude_defaults=True)
        data["run"] = self.run.model_dump()
        order = ("title", "description", "run", "sharing_default", *SECTIONS, *TABLES[1:])
        return {key: data[key] for key in order if key in data}

    def resolved_toml(self) -> str:
        """A file that gives this scenario again, extending nothing."""
        return tomli_w.dumps(self.as_toml_data(), multiline_strings=True)

    def hash(self) -> str:
        """A fingerprint of all that a run depends on, 64 hexadecimal digits."""
        data = self.as_toml_data()
        data.pop("title")
        data.pop("description", None)
        data.pop("margin", None)
        text = json.dumps(data, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def asks_the_same(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios differ in titles, names and dates without effect alone, or not."""
    return _asked(one) == _asked(other)


def _asked(scenario: Scenario) -> dict[str, object]:
    """The content of a scenario that a run depends on, as plain values."""
    data = scenario.as_toml_data()
    without_effect = {"name", "announced", "signed"}
    return {
        key: [{k: v for k, v in one.items() if k not in without_effect} for one in value]
        if key in SECTIONS
        else value
        for key, value in data.items()
        if value and key not in ("title", "description", "margin")
    }


def not_in(levers: Iterable[Lever], others: Iterable[Lever]) -> list[tuple[int, Lever]]:
    """The levers that are not among others, with their numbers; one that is there twice counts."""
    left, extra = list(others), []
    for number, lever in enumerate(levers):
        if lever in left:
            left.remove(lever)
        else:
            extra.append((number, lever))
    return extra


# -- reading --------------------------------------------------------------------------------------


def load_scenario(
    path_or_name: str | Path,
    corridor: Corridor | None = None,
    origins: Sequence[str] | None = None,
) -> Scenario:
    """Read a scenario, merge it with what it extends, and check all of it.

    Args:
        path_or_name: A file, or the name of a scenario that comes with the package.
        corridor: The corridor whose names it may use; the package's own by default.
        origins: The origins of people it may name; the package's own by default.

    Returns:
        The resolved scenario. Inherited levers with no day inside the run are left out; those of
        the file itself stay, and `simulation.scenario.notes` tells of them.

    Raises:
        InputError: Something in the file, or in a file it extends, cannot be used.
    """
    return _loaded(files.read_chain(files.find(path_or_name)), _names(corridor, origins))


def scenario_of(asked: Scenario | str | Path) -> Scenario:
    """A scenario, or the one that a file or the name of a shipped scenario stands for.

    Raises:
        InputError: It cannot be read.
    """
    return asked if isinstance(asked, Scenario) else load_scenario(asked)


def parse_scenario(
    content: str | bytes, shown: str = "the what-if", *, has_lines: bool = True
) -> Scenario:
    """Read a scenario that lies in no file, such as one made or uploaded in a browser.

    Args:
        content: The TOML text. It may extend a shipped scenario, and nothing else.
        shown: What messages call it.
        has_lines: Whether a user knows its lines, so that messages name them.

    Returns:
        The resolved scenario, without a file.

    Raises:
        InputError: Something in it cannot be used.
    """
    # half a character, as a browser may send one, is then refused with all else that is no UTF-8
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    scenario = _loaded(files.chain_of_text(data, shown, has_lines), _names())
    scenario._file = None
    return scenario


def with_later_end(scenario: Scenario, end: date) -> Scenario:
    """A scenario that runs to a later day; nothing else of it changes.

    Inherited levers that were left out, because they begin after its last day, are put back where
    they begin within the longer run.

    Args:
        scenario: The scenario, as it was loaded.
        end: The last day, not before that of the scenario.
    """
    origins, left_out = dict(scenario._origins), []
    update: dict[str, object] = {"run": scenario.run.model_copy(update={"end": end})}
    days = scenario.run.first_simulated.toordinal(), end.toordinal()
    for section in SECTIONS:
        gone = [one for one in scenario.left_out if one.lever.section == section]
        if not gone:
            continue
        rows = list(zip(getattr(scenario, section), origins.get(section, []), strict=True))
        for one in gone:
            rows.insert(one.position, (one.lever, (one.file, one.place)))
        out = [one for one in gone if not one.lever.span.overlaps(*days)]
        for one in reversed(out):
            del rows[one.position]
        update[section], origins[section] = tuple(row[0] for row in rows), [row[1] for row in rows]
        left_out += out
    longer = scenario.model_copy(update=update)
    longer._origins, longer._left_out = origins, left_out
    return longer


def _loaded(chain: list[files.ParsedFile], names: Names) -> Scenario:
    """Check each file of a chain, the oldest first, and merge them."""
    try:
        checked = [replace(written, data=_checked(written, names)) for written in chain]
        scenario = _resolved(checked)
        if len(scenario.levers) > files.MOST_LEVERS:
            problem = f"{len(scenario.levers):,} levers are too many, those it inherits included"
            most = max(SECTIONS, key=lambda section: len(getattr(scenario, section)))
            allowed = f"{files.MOST_LEVERS:,} levers"
            raise InputError(problem, file=chain[-1].shown, key=most, allowed=allowed)
        for kind in LEVERS:
            kind.check_all(scenario, names)
    except InputError as error:
        raise files.with_line(error, chain) from None
    below = checked[:-1]
    if below:
        scenario._parent = _parent(below, below)
        if scenario._parent is not None and scenario._parent.run == scenario.run:
            scenario._parent_on_its_days = scenario._parent
        else:
            days = replace(checked[-1], data={"run": scenario.run.model_dump()})
            scenario._parent_on_its_days = _parent([*below, days], below)
    return scenario


def _parent(chain: list[files.ParsedFile], below: list[files.ParsedFile]) -> Scenario | None:
    """The parent of a scenario, from the files `below`; None where these are no whole scenario.

    Other days may be laid over them in the `chain`.
    """
    try:
        parent = _resolved(chain)
    except InputError:
        return None
    parent._file = below[-1].path
    return parent


def _names(corridor: Corridor | None = None, origins: Sequence[str] | None = None) -> Names:
    """The names of a corridor and of origins, the package's own where none are given."""
    if corridor is None and origins is None:
        return replace(_shipped_names(), parameters=load_parameters())
    corridor = load_corridor() if corridor is None else corridor
    origins = load_origins().origins if origins is None else origins
    return Names.of(corridor, origins, load_parameters())


@cache
def _shipped_names() -> Names:
    """The names of the package's own corridor, which is read once."""
    return Names.of(load_corridor(), load_origins().origins, load_parameters())


def _checked(written: files.ParsedFile, names: Names) -> dict[str, object]:
    """Check one file by itself and return its data, with parameter names flat."""
    data = dict(written.data)
    if isinstance(data.get("parameters"), dict):
        data["parameters"] = _flat(data["parameters"])
    try:
        ScenarioFile.model_validate(data, context=names)
    except ValidationError as error:
        raise first_error(error, ScenarioFile, written.shown) from None
    except InputError as error:
        error.file = written.shown
        raise
    return data


def _flat(table: Mapping[str, object]) -> dict[str, object]:
    """`group.name = 1` and `"group.name" = 1` are the same parameter."""
    flat: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{inner}": item for inner, item in value.items()})
        else:
            flat[key] = value
    return flat


def _resolved(chain: list[files.ParsedFile]) -> Scenario:
    """Merge checked files, the oldest first, into a scenario."""
    last = chain[-1]
    merged = files.merge(chain, SECTIONS, ("run", *TABLES))
    run = _run(merged, last.shown, "extends" not in chain[0].data and len(chain) == 1)
    left_out = _leave_out(merged, run, last.shown)
    try:
        scenario = Scenario.model_validate(merged.data)
    except ValidationError as error:  # pragma: no cover - each part was checked before
        raise first_error(error, Scenario, last.shown) from None
    scenario._file = last.path
    scenario._origins = {
        section: [(file, place) for _, file, place in levers]
        for section, levers in merged.levers.items()
    }
    scenario._left_out = left_out
    scenario._packaged = frozenset(one.shown for one in chain if is_shipped(one.path))
    return scenario


def _run(merged: files.Merged, file: str, extends_nothing: bool) -> FullRun:
    data = merged.tables.get("run", {})
    for key in ("start", "end"):
        if key not in data and extends_nothing:
            raise InputError(
                f'missing, and no {key} in [run]; write extends = "outlook" below the title, or '
                "start and end in [run]",
                file=file,
                key="extends",
                allowed=", ".join(BASES),
            )
        if key not in data:
            raise InputError("missing here and in what it extends", file=file, key=f"run.{key}")
    try:
        return FullRun.model_validate(data)
    except ValidationError as error:
        problem = first_error(error, FullRun, file)
        problem.key = f"run.{problem.key}"
        raise problem from None


def _leave_out(merged: files.Merged, run: FullRun, own_file: str) -> list[LeftOut]:
    """Take out the inherited levers wholly outside the run, but for those of a file; return them.

    One that says how things were before its first day is never outside: a run before that day has
    them so.
    """
    left_out: list[LeftOut] = []
    days = run.first_simulated.toordinal(), run.end.toordinal()
    for kind in LEVERS:
        section = kind.section
        if section in PHASED_IN or section not in merged.levers:
            continue
        staying: list[files.WrittenLever] = []
        for index, written in enumerate(merged.levers[section]):
            keys, file, place = written
            lever = None if file == own_file else kind.model_validate(keys)
            if lever is None or lever.span.overlaps(*days):
                staying.append(written)
            else:
                left_out.append(LeftOut(lever, file, place, index))
        merged.levers[section] = staying
    return left_out
