"""From a file, or the name of a shipped scenario, to a scenario that has been checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import files
from simulation.scenario.input_limits import check_whole
from simulation.scenario.levers.base import Lever, OneDay
from simulation.scenario.levers.registry import LEVERS, PHASED_IN, SECTIONS
from simulation.scenario.names import Names
from simulation.scenario.schema import TABLES, FullRun, LeftOut, Scenario, ScenarioFile, toml_ready
from simulation.scenario.validation_errors import first_error

if TYPE_CHECKING:
    from simulation.corridor import Corridor

#: letters of what some files say; with fewer, they cannot come to too many lines
_MAY_BE_LONG = 50_000


def load_scenario(
    path_or_name: str | Path,
    corridor: Corridor | None = None,
    origins: Sequence[str] | None = None,
) -> Scenario:
    """Read a scenario, lay it over what it extends, and check all of it.

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


def parse_scenario(content: str | bytes, shown: str = "the what-if") -> Scenario:
    """Read a scenario that lies in no file, such as one made or uploaded in a browser.

    Args:
        content: The TOML text. It may extend a shipped scenario, and nothing else.
        shown: What messages call it.

    Returns:
        The resolved scenario, without a file.

    Raises:
        InputError: Something in it cannot be used.
    """
    # half a character, as a browser may send one, is then refused with all else that is no UTF-8
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    scenario = _loaded(files.chain_of_text(data, shown), _names(None, None))
    scenario._file = None
    return scenario


def lay_over(scenario: Scenario, data: Mapping[str, Any], shown: str = "the what-if") -> Scenario:
    """Lay the content of a scenario file over a scenario, whether that lies in a file or not.

    Args:
        scenario: What it is laid over.
        data: What the file would say, without `extends`; lists may be tuples.
        shown: What messages call it.

    Returns:
        The resolved scenario, without a file.

    Raises:
        InputError: Something in it cannot be used.
    """
    if "extends" in data:
        raise InputError(
            f'is settled: it is laid over "{scenario.title}"',
            file=shown,
            key="extends",
            allowed="any other key of a scenario file",
        )
    below = files.Written(scenario.file or Path(scenario.slug), toml_ready(scenario.as_toml_data()))
    made = _loaded([below, files.Written(Path(shown), toml_ready(dict(data)))], _names(None, None))
    made._file, made._parent = None, scenario
    if made.run == scenario.run:
        made._parent_on_its_days = scenario
    return made


def extended(scenario: Scenario, end: date) -> Scenario:
    """A scenario that runs to a later day; nothing else of it changes.

    Inherited levers that were left out, because they begin after its last day, are put back where
    they begin within the longer run.

    Args:
        scenario: The scenario, as it was loaded.
        end: The last day, not before that of the scenario.
    """
    origins, left_out = dict(scenario._origins), []
    update: dict[str, Any] = {"run": scenario.run.model_copy(update={"end": end})}
    for section in SECTIONS:
        gone = {one.position: one for one in scenario.left_out if one.lever.section == section}
        if not gone:
            continue
        kept = zip(getattr(scenario, section), origins.get(section, []), strict=True)
        levers, places = [], []
        for position in range(len(getattr(scenario, section)) + len(gone)):
            one = gone.get(position)
            if one is None:
                lever, place = next(kept)
            elif _is_simulated(one.lever, scenario.run.first_simulated, end):
                lever, place = one.lever, (one.file, one.place)
            else:
                left_out.append(one)
                continue
            levers.append(lever)
            places.append(place)
        update[section], origins[section] = tuple(levers), places
    longer = scenario.model_copy(update=update)
    longer._origins, longer._left_out = origins, left_out
    return longer


def _is_simulated(lever: Lever, first: date, last: date) -> bool:
    """Whether some day of a lever lies between two days, both included."""
    span = lever.span
    ends_before = span.last is not None and span.last < first.toordinal()
    return span.first <= last.toordinal() and not ends_before


def _loaded(chain: list[files.Written], names: Names) -> Scenario:
    """Check each file of a chain, the oldest first, and lay them over each other."""
    checked = [replace(written, data=_checked(written, names)) for written in chain]
    scenario = _resolved(checked)
    for kind in LEVERS:
        kind.check_all(scenario, names)
    if sum(len(repr(written.data)) for written in checked) > _MAY_BE_LONG:
        check_whole(scenario.resolved_toml(), chain[-1].shown)
    below = checked[:-1]
    if below:
        scenario._parent = _parent(below, below)
        if scenario._parent is not None and scenario._parent.run == scenario.run:
            scenario._parent_on_its_days = scenario._parent
        else:
            days = replace(checked[-1], data={"run": scenario.run.model_dump()})
            scenario._parent_on_its_days = _parent([*below, days], below)
    return scenario


def _parent(chain: list[files.Written], below: list[files.Written]) -> Scenario | None:
    """What a scenario extends; None where that is only a part, without a run of its own.

    Args:
        chain: Its checked files, and perhaps other days laid over them.
        below: Its checked files.
    """
    try:
        parent = _resolved(chain)
    except InputError:
        return None
    parent._file = below[-1].path
    return parent


def _names(corridor: Corridor | None, origins: Sequence[str] | None) -> Names:
    if corridor is None and origins is None:
        return replace(_shipped_names(), parameters=load_parameters())
    if corridor is None or origins is None:
        from simulation.corridor import load_corridor, load_origins

        corridor = corridor if corridor is not None else load_corridor()
        origins = origins if origins is not None else load_origins().origins
    return Names.of(corridor, origins, load_parameters())


@cache
def _shipped_names() -> Names:
    """The names of the package's own corridor, which is read once."""
    from simulation.corridor import load_corridor, load_origins

    return Names.of(load_corridor(), load_origins().origins, load_parameters())


def _checked(written: files.Written, names: Names) -> dict[str, Any]:
    """Check one file by itself and return its data, with parameter names flat."""
    data = dict(written.data)
    if isinstance(data.get("parameters"), dict):
        data["parameters"] = _flat(data["parameters"])
    try:
        ScenarioFile.model_validate(data, context=names)
    except ValidationError as error:
        raise first_error(error, ScenarioFile, written.shown, written.text) from None
    except InputError as error:
        error.file = written.shown
        raise
    return data


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """`group.name = 1` and `"group.name" = 1` are the same parameter."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{inner}": item for inner, item in value.items()})
        else:
            flat[key] = value
    return flat


def _resolved(chain: list[files.Written]) -> Scenario:
    """Merge checked files, the oldest first, into a scenario."""
    last = chain[-1]
    merged = files.merge(chain, SECTIONS, ("run", *TABLES))
    run = _run(merged, last.shown)
    left_out = _leave_out(merged, run, last.shown)
    try:
        scenario = Scenario.model_validate(merged.data)
    except ValidationError as error:  # pragma: no cover - each part was checked before
        raise first_error(error, Scenario, last.shown) from None
    scenario._file = last.path
    scenario._origins = merged.levers
    scenario._left_out = left_out
    scenario._packaged = frozenset(one.shown for one in chain if files.is_shipped(one.path))
    return scenario


def _run(merged: files.Merged, file: str) -> FullRun:
    data = merged.data.get("run", {})
    for key in ("start", "end"):
        if key not in data:
            raise InputError("missing here and in what it extends", file=file, key=f"run.{key}")
    try:
        return FullRun.model_validate(data)
    except ValidationError as error:
        problem = first_error(error, FullRun, file)
        key = f"run.{problem.key}"
        problem.key, problem.file = key, merged.keys.get(key, file)
        if problem.file != file and "run.start" in merged.keys:
            problem.key, problem.file = "run.start", merged.keys["run.start"]
            problem.value, problem.allowed = data["start"], f"{data['end']} or earlier"
            problem.problem = "starts after the run ends"
        raise problem from None


def _leave_out(merged: files.Merged, run: FullRun, own_file: str) -> list[LeftOut]:
    """Take out the inherited levers wholly outside the run.

    One that says how things were before its first day is never outside: a run before that day has
    them so.

    Args:
        merged: The levers; changed.
        run: The days.
        own_file: The file whose levers stay in any case.

    Returns:
        What was taken out.
    """
    left_out: list[LeftOut] = []
    for kind in LEVERS:
        section = kind.section
        if section in PHASED_IN or section not in merged.data:
            continue
        kept: list[int] = []
        for index, data in enumerate(merged.data[section]):
            file, place = merged.levers[section][index]
            if file == own_file or not _outside(kind, data, run):
                kept.append(index)
            else:
                left_out.append(LeftOut(kind.model_validate(data), file, place, index))
        merged.data[section] = [merged.data[section][index] for index in kept]
        merged.levers[section] = [merged.levers[section][index] for index in kept]
    return left_out


def _outside(kind: type[Lever], lever: Mapping[str, Any], run: FullRun) -> bool:
    """Whether none of the days of a lever is simulated in a run."""
    starts, ends = lever.get("from", lever.get("on")), lever.get("to")
    if issubclass(kind, OneDay):  # over on its day
        ends = starts
    return bool((starts and starts > run.end) or (ends and ends < run.first_simulated))
