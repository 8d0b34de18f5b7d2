"""A place or a leg that was clicked: its own figures, and what authorities believe beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from simulation.app.live import LiveRun, who_works
from simulation.app.naming import named, way

PLACE, LEG = "place", "leg"
#: days over which what is believed is held against what happened
RECENT = 28
_OWN, _BELIEVED = "Its own figures", "What happens, and what authorities believe"
#: of one run: a caption -> what it is -> its value in words
Figures = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Picked:
    """The place or leg that was clicked.

    Attributes:
        kind: `PLACE` or `LEG`.
        number: Its number in the corridor.
    """

    kind: str
    number: int


class FigureGroup(TypedDict):
    """A table of figures: its caption, and rows of what it is and its value in each run."""

    caption: str
    rows: list[list[str]]


@dataclass(frozen=True)
class Details:
    """Figures of what was clicked, on the last day that is over.

    Attributes:
        title: What it is.
        groups: Its own figures, and what authorities believe beside the truth.
    """

    title: str
    groups: list[FigureGroup]


def details(picked: Picked, runs: list[LiveRun]) -> Details:
    """Figures of a place or a leg in each run.

    Args:
        picked: Which.
        runs: The baseline and, if there is one, the what-if, with at least one day over.
    """
    of = _of_place if picked.kind == PLACE else _of_leg
    tables = [of(picked.number, run) for run in runs]
    groups = [
        FigureGroup(
            caption=caption,
            rows=[[what, *(one[caption][what] for one in tables)] for what in first],
        )
        for caption, first in tables[0].items()
    ]
    corridor = runs[0].world.corridor
    if picked.kind == PLACE:
        place = corridor.places[picked.number]
        return Details(f"{place.name} ({place.kind}, {named(place.authority)})", groups)
    leg = corridor.legs[picked.number]
    return Details(f"{way(leg)} ({leg.mode}, {leg.distance_km:,.0f} km)", groups)


def _of_leg(number: int, run: LiveRun) -> Figures:
    """Figures of a leg itself, and what authorities believe of it."""
    world, ledger, people = run.world, run.world.ledger, 1.0 / run.world.scale
    corridor, leg = world.corridor, world.corridor.legs[number]
    days = slice(max(0, run.over - RECENT), run.over)
    length = days.stop - days.start
    went = ledger.departures[days, number].sum() * people
    stopped = ledger.stops[days, number].sum() * people
    own = {
        f"Set out, a day (last {RECENT} days)": f"{went / length:,.1f}",
        "Arrived, a day": f"{ledger.arrivals[days, number].sum() * people / length:,.1f}",
        "Stopped, of those who set out": f"{stopped / went:.0%}" if went else "nobody set out",
        "Enforcement units there": f"{world.units.strength[world.units.leg == number].sum():.1f}",
    }
    believed = {"What happens: people a day": f"{went / length:,.1f}"}
    for code in (leg.authority_from, leg.authority_to):
        expected = world.beliefs.activity[corridor.authority_index[code], number]
        believed[f"What {named(code)} expects: people a day"] = f"{expected:,.1f}"
    return {_OWN: own, _BELIEVED: believed}


def _of_place(number: int, run: LiveRun) -> Figures:
    """Figures of a place itself, and what its authority believes of it."""
    world, ledger, people = run.world, run.world.ledger, 1.0 / run.world.scale
    corridor, last = world.corridor, run.over - 1
    code = corridor.places[number].authority
    name, row = named(code), corridor.authority_index[code]
    days = slice(max(0, run.over - RECENT), run.over)
    length = days.stop - days.start
    away, here = world.ground.origin == number, world.ground.target == number
    went = ledger.departures[days][:, away].sum() * people / length
    came = ledger.arrivals[days][:, here].sum() * people / length
    at_work, out = (np.count_nonzero(who[world.smugglers.place == number])
                    for who in who_works(world))  # fmt: skip
    own = {
        "People there": f"{ledger.present[last, number] * people:,.0f}",
        f"Came, a day (last {RECENT} days)": f"{came:,.1f}",
        "Set out, a day": f"{went:,.1f}",
        "Smugglers at work there": f"{at_work}",
        "Smugglers held or lying low": f"{out}",
    }
    believed = {
        f"Smugglers at work on the ground of {name}": f"{ledger.in_jurisdiction[last, row]}",
        f"Of these, {name} holds a case against": f"{ledger.cases[last, row]}",
        "What happens: people a day on all ways from here": f"{went:,.1f}",
        f"What {name} expects on them: people a day":
            f"{world.beliefs.activity[row, away].sum():,.1f}",
    }  # fmt: skip
    return {_OWN: own, _BELIEVED: believed}
