"""From a file, or the name of a shipped scenario, to a scenario that has been checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import files
from simulation.scenario.effects import staff_is_there
from simulation.scenario.lever_models import GROWING, SECTIONS
from simulation.scenario.names import Names
from simulation.scenario.problems import first_error
from simulation.scenario.schema import TABLES, FullRun, Scenario, ScenarioFile, plain
from simulation.scenario.untrusted import check_whole

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
        The resolved scenario. Inherited levers with no day inside the run are left out.

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
    below = files.Written(scenario.file or Path(scenario.slug), plain(scenario.as_toml_data()))
    made = _loaded([below, files.Written(Path(shown), plain(dict(data)))], _names(None, None))
    made._file, made._parent = None, scenario
    return made


def _loaded(chain: list[files.Written], names: Names) -> Scenario:
    """Check each file of a chain, the oldest first, and lay them over each other."""
    checked = [replace(written, data=_checked(written, names)) for written in chain]
    scenario = _resolved(checked, own=True)
    staff_is_there(scenario, names)
    if sum(len(repr(written.data)) for written in checked) > _MAY_BE_LONG:
        check_whole(scenario.resolved_toml(), chain[-1].shown)
    if len(checked) > 1:
        try:
            scenario._parent = _resolved(checked[:-1], own=False)
        except InputError:
            scenario._parent = None  # a parent that is only a part, without a run of its own
    return scenario


def _names(corridor: Corridor | None, origins: Sequence[str] | None) -> Names:
    if corridor is None or origins is None:
        from simulation.corridor import load_corridor, load_origins

        corridor = corridor if corridor is not None else load_corridor()
        origins = origins if origins is not None else load_origins().origins
    return Names.of(corridor, origins, load_parameters())


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


def _resolved(chain: list[files.Written], *, own: bool) -> Scenario:
    """Merge checked files into a scenario.

    Args:
        chain: The files, the oldest first.
        own: True if levers written in the last file itself must lie in the run.
    """
    last = chain[-1]
    merged = files.merge(chain, SECTIONS, ("run", *TABLES))
    run = _run(merged, last.shown)
    _keep_those_in_run(merged, run, last.shown if own else None)
    try:
        scenario = Scenario.model_validate(merged.data)
    except ValidationError as error:  # pragma: no cover - each part was checked before
        raise first_error(error, Scenario, last.shown) from None
    scenario._file = last.path
    scenario._origins = merged.levers
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


def _keep_those_in_run(merged: files.Merged, run: FullRun, own_file: str | None) -> None:
    """Leave out inherited levers wholly outside the run; refuse them in the file itself.

    One that says how things were before its first day is never outside: a run before that day has
    them so.
    """
    for section in SECTIONS:
        if section in GROWING:
            continue
        kept: list[int] = []
        for index, lever in enumerate(merged.data.get(section, ())):
            file, written_at = merged.levers[section][index]
            key = _outside(lever, run)
            if key is None:
                kept.append(index)
            elif file == own_file:
                raise InputError(
                    "lies wholly outside the run",
                    file=file,
                    key=f"{section}[{written_at}].{key}",
                    value=lever[key],
                    allowed=f"some day from {run.first_simulated} (when the warm-up begins)"
                    f" to {run.end}",
                )
        if section in merged.data:
            merged.data[section] = [merged.data[section][index] for index in kept]
            merged.levers[section] = [merged.levers[section][index] for index in kept]


def _outside(lever: Mapping[str, Any], run: FullRun) -> str | None:
    """The date that puts a lever wholly outside the run, or None."""
    if lever.get("on") is not None:
        return None if run.first_simulated <= lever["on"] <= run.end else "on"
    if lever.get("from") is not None and lever["from"] > run.end:
        return "from"
    if lever.get("to") is not None and lever["to"] < run.first_simulated:
        return "to"
    return None
