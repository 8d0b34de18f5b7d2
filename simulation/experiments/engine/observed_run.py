"""A run watched from inside: daily figures that the tables of a run do not hold.

The observer only reads. It stands between the steps of the day and draws nothing, so a run that is
watched gives the same numbers as one that is not.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from simulation.agents.smuggler import Status, at_work
from simulation.agents.unit import UnitKind
from simulation.chain import link
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model import Crossings, run
from simulation.processes.world import World
from simulation.recording import make_record

if TYPE_CHECKING:
    from simulation.outcomes import RunRecord
    from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]
_JOINT = link("arrests_joint")


@dataclass(frozen=True)
class InsideSeries:
    """Daily figures from inside a run, without the warm-up; arrays (days,) unless said.

    An operator is a cell of several persons, and there are as many operators at every scale. An
    arrest on a case is one after an investigation or in a raid, not of a helper caught in the act.

    Attributes:
        boat_profit: EUR that operators who launch boats earn after all costs.
        boats_seized_upstream: Boats taken before they reach the beach, in consignments or in raids.
        launch_capacity: Launches a day that the launchers at work can staff.
        launch_capacity_arrested: Launches a day that those arrested on a case or in a raid could
            staff.
        suppliers: Suppliers of boats at work or lying low.
        suppliers_arrested: Suppliers arrested on a case.
        uk_cases: Cases that teams of UK criminal investigation work on.
        uk_case_arrests: Operators that UK criminal investigation arrests on a case, or partners of
            its joint teams.
        channel_case_arrests: Operators of boats and suppliers that France or the UK arrests on a
            case.
        french_case_arrests: Operators of boats that France arrests on a case.
        leg_fee: (days, legs) EUR that operators ask for a leg, mean.
    """

    boat_profit: Array
    boats_seized_upstream: Array
    launch_capacity: Array
    launch_capacity_arrested: Array
    suppliers: Array
    suppliers_arrested: Array
    uk_cases: Array
    uk_case_arrests: Array
    channel_case_arrests: Array
    french_case_arrests: Array
    leg_fee: Array


class _Observer:
    """Reads a world after its enforcement step and at the end of each day."""

    def __init__(self, world: World) -> None:
        self.series = {name: np.zeros(world.days) for name in InsideSeries.__dataclass_fields__}
        self.series["leg_fee"] = np.zeros((world.days, len(world.corridor.legs)))
        self._teams = np.flatnonzero(world.units.kind == UnitKind.INVESTIGATION)
        self._france = world.corridor.authority_index["FR"]
        self._week_profit = 0.0
        self._missing = 0.0

    def after_enforcement(self, world: World) -> None:
        """Arrests on a case, boats taken upstream, and what is left."""
        s, day, units, out = world.smugglers, world.day, world.units, self.series
        boats, uk = s.stage == BOAT, world.ground.uk
        crime = uk[0]  # criminal investigation
        out["boats_seized_upstream"][day] = world.ledger.boats_seized[day]
        out["launch_capacity"][day] = s.teams[boats & at_work(s, day)].sum()
        out["suppliers"][day] = np.count_nonzero((s.stage == SUPPLY) & (s.status == Status.ACTIVE))
        busy = self._teams[units.target[self._teams] >= 0]
        out["uk_cases"][day] = np.count_nonzero(units.authority[busy] == crime)
        out["uk_case_arrests"][day] += world.links[_JOINT, crime]
        for row, authority, major in world.seized_phones:
            if not major:
                continue
            stage, by_uk, by_france = s.stage[row], authority in uk, authority == self._france
            out["uk_case_arrests"][day] += authority == crime
            out["channel_case_arrests"][day] += stage in (BOAT, SUPPLY) and (by_uk or by_france)
            out["french_case_arrests"][day] += stage == BOAT and by_france
            out["suppliers_arrested"][day] += stage == SUPPLY
        out["launch_capacity_arrested"][day] = s.missing_teams[boats].sum() - self._missing
        self._book(world)

    def after_day(self, world: World) -> None:
        """Profit and fees of the day."""
        if world.weekly:
            self._week_profit = 0.0  # the market began a new week this morning
        self._book(world)
        # nothing but enforcement adds to it
        s = world.smugglers
        self._missing = float(s.missing_teams[s.stage == BOAT].sum())
        self.series["leg_fee"][world.day] = world.legs.fee

    def _book(self, world: World) -> None:
        """Add what boat operators earned since the last look."""
        s = world.smugglers
        boats = s.stage == BOAT
        profit = float((s.week_revenue[boats] / world.scale - s.week_cost[boats]).sum())
        self.series["boat_profit"][world.day] += profit - self._week_profit
        self._week_profit = profit


def simulate_observed(
    scenario: Scenario, *, seed: int, scale: float = 1.0
) -> tuple[RunRecord, InsideSeries]:
    """Run one replication of a scenario and watch it from inside.

    Args:
        scenario: What is asked.
        seed: Seed of the replication.
        scale: Agents per person; people and money are scaled back.

    Returns:
        The record of the run, as `simulate` returns it, and the series from inside.
    """
    model = Crossings(scenario, rng=seed, scale=scale)
    observer = _Observer(model.world)
    steps = list(model.order_of_the_day)
    steps.insert(steps.index(model.enforcement) + 1, observer.after_enforcement)
    model.order_of_the_day = (*steps, observer.after_day)
    run(model)
    record = make_record(model.world, scenario.title, model.first_counted)
    first = model.first_counted
    inside = InsideSeries(**{name: values[first:] for name, values in observer.series.items()})
    del model, steps
    gc.collect(1)  # the model and its agents refer to each other
    return record, inside
