"""A run that is shown while it goes on: a day at a time, and frames of any day that is over."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NotRequired, TypedDict

import numpy as np
import numpy.typing as npt

from simulation.corridor.stages import BOAT, SUPPLY
from simulation.outcomes import DAILY
from simulation.report.drawing import STOPPED_EDGES, WIDTHS
from simulation.scenario import Scenario

if TYPE_CHECKING:  # the model is loaded with the first run: most visitors read and play nothing
    from simulation.model.processes.world import World

#: days over which the people on a way are averaged, for single days jump with the sea
WINDOW = 7
#: people a day from which a way is drawn one step wider; fixed, so that maps can be compared
FLOW_EDGES = (2.0, 10.0, 40.0, 120.0)
#: counts by leg, or by place
type Counts = npt.NDArray[np.integer] | npt.NDArray[np.floating]
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
        units: Tenths of enforcement units by leg; only asked for with the layer, like the next two.
        active: Operators at work at each place.
        out: Operators held or lying low at each place.
    """

    legs: list[int]
    flows: list[int]
    places: list[int]
    boats: list[list[int]]
    arrivals: int
    units: NotRequired[list[int]]
    active: NotRequired[list[int]]
    out: NotRequired[list[int]]


def who_works(world: World) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Operators at work, and those held or lying low, (operators,) each.

    Suppliers of boats work all along their chain and so stand at no place: they are in neither.
    """
    from simulation.model.agents.smuggler import Status, at_work

    s = world.smugglers
    active = (s.status == Status.ACTIVE) & (s.stage != SUPPLY)
    held = np.isin(s.status, (Status.DISRUPTED, Status.HELD)) & (s.stage != SUPPLY)
    working = active & at_work(s, world.day)
    return working, held | (active & ~working)


def posted_units(world: World) -> Counts:
    """Strength of the enforcement units on each leg, (legs,)."""
    units = world.units
    posted = units.leg >= 0
    legs = len(world.corridor.legs)
    return np.bincount(units.leg[posted], units.strength[posted], minlength=legs)


def operators_at_places(world: World) -> Counts:
    """Operators at work, and those held or lying low, at each place, (2, places)."""
    places = len(world.corridor.places)
    return np.array(
        [np.bincount(world.smugglers.place[who], minlength=places) for who in who_works(world)]
    )


def frame_of(world: World, first: int, day: int) -> Frame:
    """The numbers of a finished day, without units and operators.

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


def with_layer(frame: Frame, units: Counts, operators: Counts) -> Frame:
    """A frame with the layer of units and operators.

    Args:
        frame: Without it.
        units: As `posted_units`.
        operators: As `operators_at_places`.
    """
    active, out = operators.tolist()
    return {
        **frame,
        "units": np.rint(10.0 * units).astype(int).tolist(),
        "active": active,
        "out": out,
    }


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
        #: units on each leg, (legs,), by the first day of their week
        self._units: dict[int, npt.NDArray[np.float32]] = {}
        #: operators at work and out of work at each place, (2, places), of each day
        self._operators: list[npt.NDArray[np.int16]] = []
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

    def share_with(self, other: LiveRun) -> None:
        """Hold what never changes of the people once, where another run has the same people."""
        from simulation.model.processes.entries import share_people

        share_people(other.world, self.world.migrants)

    def step(self) -> None:
        """One day."""
        self.model.step()
        self.over += 1
        world = self.world
        # who works where, which the ledger does not hold
        if world.weekly or not self._units:
            self._units[self.over - 1] = posted_units(world).astype(np.float32)
        self._operators.append(operators_at_places(world).astype(np.int16))

    # -- what is shown -------------------------------------------------------------------------

    def frame(self, day: int, *, layer: bool = False) -> Frame:
        """The numbers of a finished day that the maps need.

        Args:
            day: Counted from the first simulated day.
            layer: With enforcement units and operators.
        """
        shown = frame_of(self.world, self.first, day)
        if not layer:
            return shown
        week_of = max(start for start in self._units if start <= day)
        return with_layer(shown, self._units[week_of], self._operators[day])

    def daily(self) -> dict[str, np.ndarray]:
        """Every daily outcome of the days that count and are over, (days,) each."""
        from simulation.model.recording import daily_outcomes

        if self.over <= self.first:
            return {name: np.empty(0) for name in DAILY}
        return daily_outcomes(self.world, slice(self.first, self.over))

    def by_country(self) -> np.ndarray:
        """People present in each authority's country by counted day, (days, authorities)."""
        world = self.world
        present = world.ledger.present[self.first : max(self.first, self.over)]
        total = np.zeros((len(present), len(world.corridor.authorities)))
        np.add.at(total.T, world.ground.country, present.T)
        return total / world.scale
