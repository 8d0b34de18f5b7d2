"""A run that is shown while it goes on: a day at a time, and frames of any day that is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import Status, at_work
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model import Crossings
from simulation.outcomes import DAILY
from simulation.processes.world import World
from simulation.recording import daily_outcomes
from simulation.report.geography import STOPPED_EDGES, WIDTHS
from simulation.scenario import Scenario

#: days over which the people on a way are averaged, for single days jump with the sea
WINDOW = 7
#: people a day from which a way is drawn one step wider; fixed, so that maps can be compared
FLOW_EDGES = (2.0, 10.0, 40.0, 120.0)
_EDGES = np.array(FLOW_EDGES)
_STOPPED = np.array(STOPPED_EDGES)
#: days after which those whose journey is over are let go of: to look for them takes a day's time
DROP_EVERY = 28
#: code of a way that nobody took
NOBODY = -1


@dataclass
class Layer:
    """Who works where on each day that is over, kept as it goes on; small whole numbers.

    Attributes:
        units: Officers' units on each leg, of each week, (legs,).
        active: Operators at work at each place, of each day, (places,).
        out: Operators held or lying low at each place, of each day, (places,).
    """

    units: dict[int, npt.NDArray[np.float32]] = field(default_factory=dict)
    active: list[npt.NDArray[np.int16]] = field(default_factory=list)
    out: list[npt.NDArray[np.int16]] = field(default_factory=list)


def who_works(world: World) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Operators at work, and those held or lying low, (operators,) each.

    Suppliers of boats work all along their chain and so stand at no place: they are in neither.
    """
    s = world.smugglers
    active = (s.status == Status.ACTIVE) & (s.stage != SUPPLY)
    held = np.isin(s.status, (Status.DISRUPTED, Status.HELD)) & (s.stage != SUPPLY)
    working = active & at_work(s, world.day)
    return working, held | (active & ~working)


class LiveRun:
    """One model that is stepped and looked at.

    Args:
        scenario: What is asked.
        seed: Seed of the run.
        scale: Agents per person; what is shown is scaled back to people.
    """

    def __init__(self, scenario: Scenario, seed: int, scale: float = 1.0) -> None:
        self.scenario = scenario
        self.model = Crossings(scenario, rng=seed, scale=scale)
        self.world = self.model.world
        self._boat_legs = np.flatnonzero(self.world.ground.segment == BOAT)
        self._layer = Layer()
        self._week = 0
        self.over = 0  # simulated days, warm-up included

    @property
    def days(self) -> int:
        """Days to simulate, warm-up included."""
        return self.world.days

    @property
    def first(self) -> int:
        """The first day that counts, after the warm-up."""
        return self.model.first_counted

    @property
    def finished(self) -> bool:
        """Whether the last day is over."""
        return self.over >= self.days

    def date_of(self, day: int) -> date:
        """The date of a day, counted from the first simulated one."""
        return self.world.first + timedelta(days=day)

    def step(self) -> None:
        """One day."""
        self.model.step()
        self.over += 1
        if self.over % DROP_EVERY == 0:
            self.model.drop_finished_agents()
        self._note()

    def _note(self) -> None:
        """Keep who works where, which the ledger does not."""
        world, units = self.world, self.world.units
        places = len(world.corridor.places)
        if world.weekly or not self._layer.units:
            posted = units.leg >= 0
            on_leg = np.bincount(
                units.leg[posted], units.strength[posted], minlength=len(world.corridor.legs)
            )
            self._week = self.over - 1
            self._layer.units[self._week] = on_leg.astype(np.float32)
        for who, kept in zip(who_works(world), (self._layer.active, self._layer.out), strict=True):
            there = np.bincount(world.smugglers.place[who], minlength=places)
            kept.append(there.astype(np.int16))

    # -- what is shown -------------------------------------------------------------------------

    def frame(self, day: int, *, layer: bool = False) -> dict[str, Any]:
        """What the maps need of a day that is over, a few numbers for each leg and place.

        Args:
            day: Counted from the first simulated day.
            layer: With enforcement units and operators.

        Returns:
            `legs`: code of each leg, five times its width class plus the class of the share
            stopped, or -1 where nobody went; `places`: people at each place; `boats`: leg, launches
            tried and launches stopped of that day; with `layer` also `units` (tenths, by leg),
            `active` and `out` (operators, by place); `arrivals` and `deaths` over the Channel since
            the first day that counts.
        """
        ledger, people = self.world.ledger, 1.0 / self.world.scale
        week = slice(max(0, day + 1 - WINDOW), day + 1)
        went = ledger.departures[week].sum(axis=0)
        stopped = ledger.stops[week].sum(axis=0)
        a_day = went * (people / (week.stop - week.start))
        wide = np.searchsorted(_EDGES, a_day, side="right")
        share = np.searchsorted(_STOPPED, stopped / np.maximum(went, 1), side="right")
        code = np.where(went > 0, wide * len(WIDTHS) + share, NOBODY)
        tried, held = ledger.launches[day], ledger.launches_stopped[day]
        boats = [[int(leg), int(tried[leg]), int(held[leg])] for leg in self._boat_legs]
        shown: dict[str, Any] = {
            "legs": code.tolist(),
            "places": np.rint(ledger.present[day] * people).astype(int).tolist(),
            "boats": [row for row in boats if row[1]],
            **self._so_far(day),
        }
        if layer:
            week_of = max(start for start in self._layer.units if start <= day)
            shown["units"] = np.rint(10.0 * self._layer.units[week_of]).astype(int).tolist()
            shown["active"] = self._layer.active[day].tolist()
            shown["out"] = self._layer.out[day].tolist()
        return shown

    def _so_far(self, day: int) -> dict[str, int]:
        """People who arrived and who died over the Channel since the first day that counts."""
        if day < self.first:
            return {"arrivals": 0, "deaths": 0}
        ledger, people = self.world.ledger, 1.0 / self.world.scale
        counted = slice(self.first, day + 1)
        deaths = ledger.deaths[counted][:, self._boat_legs].sum() * people
        arrivals = ledger.arrivals[counted][:, self._boat_legs].sum() * people
        return {"arrivals": round(float(arrivals)), "deaths": round(float(deaths))}

    def daily(self) -> dict[str, np.ndarray]:
        """Every daily outcome of the days that count and are over, (days,) each."""
        if self.over <= self.first:
            return {name: np.empty(0) for name in DAILY}
        return daily_outcomes(self.world, slice(self.first, self.over))

    def by_country(self) -> np.ndarray:
        """People present in each authority's country by counted day, (days, authorities)."""
        present = self.world.ledger.present[self.first : max(self.first, self.over)]
        countries = len(self.world.corridor.authorities)
        total = np.zeros((present.shape[0], countries))
        for place, country in enumerate(self.world.ground.country.tolist()):
            total[:, country] += present[:, place]
        return total / self.world.scale
