"""A place or a leg that was clicked: its own figures, and what authorities believe beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.app.browser_input import number_of, one_of
from simulation.app.live import LiveRun, who_works
from simulation.app.naming import corridor

PLACE, LEG = "place", "leg"
#: days over which what is believed is held against what happened
RECENT = 28


@dataclass(frozen=True)
class Picked:
    """What was clicked.

    Attributes:
        kind: `PLACE` or `LEG`.
        number: Its number in the corridor.
    """

    kind: str
    number: int


def picked_of(kind: object, number: object) -> Picked | None:
    """The place or leg that a browser names; None if there is no such one.

    Args:
        kind: `PLACE` or `LEG`.
        number: Its number in the corridor.
    """
    counts = {PLACE: len(corridor().places), LEG: len(corridor().legs)}
    known = one_of(kind, counts)
    found = None if known is None else number_of(number, counts[known])
    return None if known is None or found is None else Picked(known, found)


@dataclass(frozen=True)
class DetailRow:
    """A line of the table: what it is, and its value in each run."""

    what: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Details:
    """Figures of what was clicked, on the last day that is over.

    Attributes:
        title: What it is.
        own: Its own figures.
        believed: What authorities believe, beside the truth.
    """

    title: str
    own: tuple[DetailRow, ...]
    believed: tuple[DetailRow, ...]


def details(picked: Picked, runs: list[LiveRun]) -> Details:
    """Figures of a place or a leg in each run.

    Args:
        picked: Which.
        runs: The baseline and, if there is one, the what-if, with at least one day over.
    """
    return _of_place(picked.number, runs) if picked.kind == PLACE else _of_leg(picked.number, runs)


def _recent(run: LiveRun) -> slice:
    return slice(max(0, run.over - RECENT), run.over)


def _rows(names: list[str], columns: list[list[str]]) -> tuple[DetailRow, ...]:
    """Lines from one list of values for each run."""
    return tuple(
        DetailRow(name, tuple(column[line] for column in columns))
        for line, name in enumerate(names)
    )


def _of_leg(number: int, runs: list[LiveRun]) -> Details:
    world = runs[0].world
    corridor = world.corridor
    leg = corridor.legs[number]
    names = {place.id: place.name for place in corridor.places}
    of = {authority.code: authority.name for authority in corridor.authorities}
    watchers = list(dict.fromkeys((leg.authority_from, leg.authority_to)))
    own_names = [
        f"Set out, a day (last {RECENT} days)",
        "Arrived, a day",
        "Stopped, of those who set out",
        f"Deaths (last {RECENT} days)",
        "Enforcement units there",
    ]
    believed_names = ["What happens: people a day"]
    believed_names += [f"What {of[code]} expects: people a day" for code in watchers]
    own, believed = [], []
    for run in runs:
        ledger, people, days = run.world.ledger, 1.0 / run.world.scale, _recent(run)
        length = days.stop - days.start
        went = ledger.departures[days, number].sum() * people
        stopped = ledger.stops[days, number].sum() * people
        units = run.world.units
        there = float(units.strength[units.leg == number].sum())
        own.append(
            [
                f"{went / length:,.1f}",
                f"{ledger.arrivals[days, number].sum() * people / length:,.1f}",
                f"{stopped / went:.0%}" if went else "nobody set out",
                f"{ledger.deaths[days, number].sum() * people:,.0f}",
                f"{there:.1f}",
            ]
        )
        picture = run.world.beliefs.activity[:, number]
        seen = [picture[corridor.authority_index[code]] for code in watchers]
        believed.append([f"{went / length:,.1f}", *(f"{value:,.1f}" for value in seen)])
    title = f"{names[leg.origin]} to {names[leg.target]} ({leg.mode}, {leg.distance_km:,.0f} km)"
    return Details(title, _rows(own_names, own), _rows(believed_names, believed))


def _of_place(number: int, runs: list[LiveRun]) -> Details:
    corridor = runs[0].world.corridor
    place = corridor.places[number]
    authority = next(a for a in corridor.authorities if a.code == place.authority)
    own_names = [
        "People there",
        f"Came, a day (last {RECENT} days)",
        "Set out, a day",
        "Smugglers at work there",
        "Smugglers held or lying low",
    ]
    believed_names = [
        f"Smugglers at work on the ground of {authority.name}",
        f"Of these, {authority.name} holds a case against",
        "What happens: people a day on all ways from here",
        f"What {authority.name} expects on them: people a day",
    ]
    own, believed = [], []
    for run in runs:
        world, days = run.world, _recent(run)
        ledger, people, length = world.ledger, 1.0 / world.scale, days.stop - days.start
        away = world.ground.origin == number
        here = world.ground.target == number
        row = corridor.authority_index[authority.code]
        at_place = world.smugglers.place == number
        at_work, out = (who & at_place for who in who_works(world))
        went = ledger.departures[days][:, away].sum() * people / length
        expected = float(world.beliefs.activity[row, away].sum())
        own.append(
            [
                f"{ledger.present[run.over - 1, number] * people:,.0f}",
                f"{ledger.arrivals[days][:, here].sum() * people / length:,.1f}",
                f"{went:,.1f}",
                f"{int(np.count_nonzero(at_work))}",
                f"{int(np.count_nonzero(out))}",
            ]
        )
        believed.append(
            [
                f"{ledger.in_jurisdiction[run.over - 1, row]}",
                f"{ledger.cases[run.over - 1, row]}",
                f"{went:,.1f}",
                f"{expected:,.1f}",
            ]
        )
    title = f"{place.name} ({place.kind}, {authority.name})"
    return Details(title, _rows(own_names, own), _rows(believed_names, believed))
