"""Shipped scenarios that others stand on, by the days they run: what to extend for other days."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from typing import Any

from simulation.scenario.files import shipped_scenarios


@cache
def grounds() -> dict[str, tuple[date, date]]:
    """The shipped scenarios that other shipped ones extend and that say their dates, by name."""
    read = _shipped()
    extended = {data.get("extends") for data in read.values()}
    dated = {name: data.get("run", {}) for name, data in read.items() if name in extended}
    return {
        name: (run["start"], run["end"])
        for name, run in dated.items()
        if {"start", "end"} <= run.keys()
    }


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    return {
        name: tomllib.loads(path.read_text(encoding="utf-8"))
        for name, path in shipped_scenarios().items()
    }


def _as_they_are() -> dict[str, tuple[date, date]]:
    """Those of the grounds that hold all policies of their parent.

    One that leaves some out (`agreements-absent`) is what a single question is compared with. It is
    nothing to build on, or to compare another scenario with.
    """
    read = _shipped()
    return {
        name: days
        for name, days in grounds().items()
        if not read[name].get("drop") and not read[name].get("clear")
    }


def grounds_on(day: date) -> list[str]:
    """The shipped scenarios to extend for a lever of a day, the shortest run first."""
    found = {
        name: end - start for name, (start, end) in _as_they_are().items() if start <= day <= end
    }
    return sorted(found, key=lambda name: (found[name], name))


def ground_of(start: date, end: date) -> str | None:
    """A shipped scenario that runs exactly these days; None if there is none."""
    same = [name for name, days in _as_they_are().items() if days == (start, end)]
    return same[0] if same else None


def ground_for(start: date, end: date) -> str:
    """The shipped scenario whose policies to take for some days.

    That which runs exactly these days, else the shortest whose days hold them, else the one that
    ends first among those that end no earlier, else the one that ends last.
    """
    exact = ground_of(start, end)
    if exact is not None:
        return exact
    found = _as_they_are()
    around = {
        name: days[1] - days[0]
        for name, days in found.items()
        if days[0] <= start and end <= days[1]
    }
    if around:
        return min(around, key=lambda name: (around[name], name))
    until = {name: last for name, (_, last) in found.items() if end <= last}
    if until:
        return min(until, key=lambda name: (until[name], name))
    return max(found, key=lambda name: (found[name][1], name))
