"""Shipped scenarios that others stand on, by the days they run: what to extend for other days."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache

from simulation.scenario.files import shipped_scenarios


@cache
def grounds() -> dict[str, tuple[date, date]]:
    """The shipped scenarios that other shipped ones extend and that say their dates, by name."""
    read = {
        name: tomllib.loads(path.read_text(encoding="utf-8"))
        for name, path in shipped_scenarios().items()
    }
    extended = {data.get("extends") for data in read.values()}
    dated = {name: data.get("run", {}) for name, data in read.items() if name in extended}
    return {
        name: (run["start"], run["end"])
        for name, run in dated.items()
        if {"start", "end"} <= run.keys()
    }


def grounds_on(day: date) -> list[str]:
    """The shipped scenarios to extend for a lever of a day, the shortest run first."""
    found = {name: end - start for name, (start, end) in grounds().items() if start <= day <= end}
    return sorted(found, key=lambda name: (found[name], name))


def ground_of(start: date, end: date) -> str | None:
    """A shipped scenario that runs exactly these days; None if there is none."""
    same = [name for name, days in grounds().items() if days == (start, end)]
    return same[0] if same else None


def ground_around(start: date, end: date) -> str | None:
    """The shipped scenario whose days hold these, the shortest if several do; None if none does."""
    found = {
        name: days[1] - days[0]
        for name, days in grounds().items()
        if days[0] <= start and end <= days[1]
    }
    return min(found, key=lambda name: (found[name], name), default=None)
