"""Shipped scenarios that others stand on: to extend for other days, and to compare with."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from simulation.scenario.files import BASES, is_shipped, shipped_scenarios

if TYPE_CHECKING:
    from simulation.scenario.schema import Scenario

Days = tuple[date, date]


@cache
def _written() -> dict[str, dict[str, Any]]:
    """What the files of the shipped scenarios say, by name."""
    return {
        name: tomllib.loads(path.read_text(encoding="utf-8"))
        for name, path in shipped_scenarios().items()
    }


@cache
def base_scenarios() -> dict[str, Days]:
    """The shipped scenarios that other shipped ones extend and that say their dates, by name."""
    extended = {data.get("extends") for data in _written().values()}
    dated = {name: data.get("run", {}) for name, data in _written().items() if name in extended}
    return {
        name: (run["start"], run["end"])
        for name, run in dated.items()
        if {"start", "end"} <= run.keys()
    }


def bases_on(day: date) -> list[str]:
    """The scenarios to extend for a lever of a day, the shortest run first."""
    return _main_bases(day, day)


def base_with_dates(start: date, end: date) -> str | None:
    """A shipped scenario that runs exactly these days; None if there is none."""
    same = [name for name, days in base_scenarios().items() if days == (start, end)]
    return same[0] if same else None


def base_covering(start: date, end: date) -> str | None:
    """The scenario to extend for these days, the shortest if several do; None if none does."""
    return next(iter(_main_bases(start, end)), None)


def base_under(scenario: Scenario) -> str | None:
    """The nearest shipped scenario under another one, itself included, that others stand on.

    Args:
        scenario: A scenario.

    Returns:
        Its name; None where it extends no shipped one.
    """
    one: Scenario | None = scenario
    while one is not None and (one.file is None or not is_shipped(one.file)):
        one = one.parent
    name = None if one is None else one.slug
    while name is not None and name not in base_scenarios():
        name = _written().get(name, {}).get("extends")
    return name


def _main_bases(start: date, end: date) -> list[str]:
    """The scenarios that what-ifs stand on and that run these days, the shortest run first."""
    found = {
        name: last - first
        for name, (first, last) in base_scenarios().items()
        if name in BASES and first <= start and end <= last
    }
    return sorted(found, key=lambda name: (found[name], name))
