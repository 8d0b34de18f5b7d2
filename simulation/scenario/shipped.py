"""The shipped scenarios: where they lie, and which of them others extend or are compared with."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

_PACKAGE = Path(__file__).resolve().parents[1]

Days = tuple[date, date]


@cache
def shipped_folder() -> Path:
    """Where the scenarios that come with the package lie (in a wheel, or in a checkout)."""
    packaged = _PACKAGE / "scenarios_shipped"
    return (packaged if packaged.is_dir() else _PACKAGE.parent / "scenarios").resolve()


#: shipped scenarios that what-ifs stand on, in the order of the alphabet
BASES = ("baseline", "history", "outlook")


def shipped_scenarios() -> dict[str, Path]:
    """The shipped scenarios, by name: first those that what-ifs stand on."""
    folder = shipped_folder()
    paths = sorted(folder.glob("*.toml"), key=lambda path: (path.stem not in BASES, path.stem))
    return {path.stem: path for path in paths}


def is_shipped(path: Path | None) -> bool:
    """Whether there is a file and it is one of the shipped scenarios."""
    return path is not None and path.suffix == ".toml" and path.parent.resolve() == shipped_folder()


@cache
def _written() -> dict[str, tuple[str | None, Days | None]]:
    """What each shipped scenario extends and which days it runs, where its file says so."""
    paths = shipped_scenarios().items()
    read = {name: tomllib.loads(path.read_text(encoding="utf-8")) for name, path in paths}
    return {
        name: (
            data.get("extends"),
            (run["start"], run["end"])
            if {"start", "end"} <= (run := data.get("run", {})).keys()
            else None,
        )
        for name, data in read.items()
    }


@cache
def base_scenarios() -> dict[str, Days]:
    """The shipped scenarios that other shipped ones extend and that say their dates, by name."""
    extended = {extends for extends, _ in _written().values()}
    return {
        name: days
        for name, (_, days) in _written().items()
        if name in extended and days is not None
    }


def base_with_dates(start: date, end: date) -> str | None:
    """A shipped scenario that runs exactly these days; None if there is none."""
    return next((name for name, days in base_scenarios().items() if days == (start, end)), None)


def base_under(scenario: Scenario) -> str | None:
    """The nearest shipped scenario under another one, itself included, that others stand on.

    Args:
        scenario: A scenario.

    Returns:
        Its name; None where it extends no shipped one.
    """
    one: Scenario | None = scenario
    while one is not None and not is_shipped(one.file):
        one = one.parent
    name = None if one is None else one.slug
    while name is not None and name not in base_scenarios():
        name, _ = _written().get(name, (None, None))
    return name


def base_covering(start: date, end: date) -> str | None:
    """The scenario that what-ifs of these days extend, the one of the shortest run; or None."""
    bases = [
        (last - first, name)
        for name, (first, last) in base_scenarios().items()
        if name in BASES and first <= start and end <= last
    ]
    return min(bases)[1] if bases else None
