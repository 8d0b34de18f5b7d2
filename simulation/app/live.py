"""A run that is shown while it goes on: a day at a time, and frames of any day that is over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from simulation.corridor.stages import BOAT
from simulation.outcomes import DAILY
from simulation.report.drawing import STOPPED_EDGES, WIDTHS
from simulation.scenario import Scenario

if TYPE_CHECKING:  # the model is loaded with the first run: most visitors read and play nothing
    from simulation.model.processes.world import World

#: days over which the people on a way are averaged, for single days jump with the sea
WINDOW = 7
#: people a day from which a way is drawn one step wider; fixed, so that maps can be compared
FLOW_EDGES = (2.0, 10.0, 40.0, 120.0)
#: code of a way without travellers
UNUSED = -1


class Frame(TypedDict):
    """The numbers of a finished day that the maps need, a few for each leg and place.

    Attributes:
        legs: Code of each leg, five times its width class plus the class of the share stopped, or
            -1 on a leg without travellers.
        flows: People who set out on each leg, a day of the last `WINDOW`.
        places: People at each place.
        boats: Leg, launches tried and launches stopped of that day.
        arrivals: People over the Channel since the first day that counts.
    """

    legs: list[int]
    flows: list[int]
    places: list[int]
    boats: list[list[int]]
    arrivals: int


def frame_of(world: World, first: int, day: int) -> Frame:
    """The numbers of a finished day.

    Args:
        world: The state of the model.
        first: The first day that counts, after the warm-up.
        day: Counted from the first simulated day.
    """
    ledger, people = world.ledger, 1.0 / world.scale
    week = slice(max(0, day + 1 - WINDOW), day + 1)
    went = ledger.departures[week].sum(axis=0)
    stopped = ledger.stops[week].sum(axis=0)
    a_day = went * (people / (week.stop - week.start))
    wide = np.searchsorted(FLOW_EDGES, a_day, side="right")
    share = np.searchsorted(STOPPED_EDGES, stopped / np.maximum(went, 1), side="right")
    code = np.where(went > 0, wide * len(WIDTHS) + share, UNUSED)
    tried, held = ledger.launches[day], ledger.launches_stopped[day]
    boat_legs = np.flatnonzero(world.ground.segment == BOAT)
    # nothing is counted before the first day that counts
    boats = np.s_[first : day + 1, boat_legs]
    return Frame(
        legs=code.tolist(),
        flows=np.rint(a_day).astype(int).tolist(),
        places=np.rint(ledger.present[day] * people).astype(int).tolist(),
        boats=[[int(leg), int(tried[leg]), int(held[leg])] for leg in boat_legs if tried[leg]],
        arrivals=round(float(ledger.arrivals[boats].sum() * people)),
    )


class LiveRun:
    """One model that is stepped and looked at.

    Args:
        scenario: What is asked.
        seed: Seed of the run.
        scale: Agents per person; what is shown is scaled back to people.
    """

    def __init__(self, scenario: Scenario, seed: int, scale: float = 1.0) -> None:
        from simulation.model.corridor_model import CorridorModel

        self.scenario = scenario
        self.model = CorridorModel(scenario, seed=seed, scale=scale)
        self.world = self.model.world
        self.over = 0  # simulated days, warm-up included

    @property
    def days(self) -> int:
        """Days to simulate, warm-up included."""
        return self.world.days

    @property
    def first(self) -> int:
        """The first day that counts, after the warm-up."""
        return self.model.first_counted

    def date_of(self, day: int) -> date:
        """The date of a day, counted from the first simulated one."""
        return self.world.first + timedelta(days=day)

    def step(self) -> None:
        """One day."""
        self.model.step()
        self.over += 1

    def frame(self, day: int) -> Frame:
        """The numbers of a finished day that the maps need.

        Args:
            day: Counted from the first simulated day.
        """
        return frame_of(self.world, self.first, day)

    def daily(self) -> dict[str, np.ndarray]:
        """Every daily outcome of the days that count and are over, (days,) each."""
        from simulation.model.recording import daily_outcomes

        if self.over <= self.first:
            return {name: np.empty(0) for name in DAILY}
        return daily_outcomes(self.world, slice(self.first, self.over))
