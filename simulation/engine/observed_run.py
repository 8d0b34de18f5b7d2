"""Figures that the tables of a run do not hold: of its borders, from inside it, of its staff.

An observer only reads. It stands between the steps of the day and draws nothing, so a run that is
watched gives the same numbers as one that is not.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.chain import link
from simulation.corridor import Corridor, load_corridor
from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.smuggler import Status, at_work
from simulation.model.agents.unit import UnitKind
from simulation.model.corridor_model import CorridorModel, Step, run, simulate
from simulation.model.processes.investigation import workable_cases
from simulation.model.processes.world import World
from simulation.model.recording import make_record
from simulation.outcomes import RunRecord
from simulation.parameters import Parameters, load_parameters
from simulation.scenario import Scenario
from simulation.scenario.policy import Levers

Array = npt.NDArray[np.float64]
_JOINT = link("arrests_joint")
#: of the run that measures how busy staff is: one seed, a tenth of the people, at most two years
SEED, SCALE, DAYS = 1, 0.1, 731


def ground_series(record: RunRecord, corridor: Corridor) -> dict[str, Array]:
    """Daily series of places and borders, (days,).

    Stock and flow of Serbia leave out the airport, where people enter the corridor: they count
    once they have come to a place on the way.
    """
    legs, places = corridor.legs, corridor.places
    serbia = {p.id for p in places if p.authority == "RS" and p.kind != "entry"}
    coast = {p.id for p in places if p.kind == "coast"}

    def on(series: np.ndarray, border: str) -> Array:
        indices = [number for number, leg in enumerate(legs) if leg.border == border]
        return np.asarray(series[:, indices].sum(axis=1), dtype=float)

    def present(ids: set[str]) -> Array:
        indices = [number for number, place in enumerate(places) if place.id in ids]
        return np.asarray(record.place_present[:, indices].sum(axis=1), dtype=float)

    into = [n for n, leg in enumerate(legs) if leg.target in serbia and leg.origin not in serbia]
    to_uk = [n for n, leg in enumerate(legs) if leg.stage == "channel"]
    return {
        "stops_turkey_bulgaria": on(record.leg_stops, "TR-BG"),
        "stops_serbia_hungary": on(record.leg_stops, "RS-HU"),
        "attempts_croatia_slovenia": on(record.leg_departures, "HR-SI"),
        "came_to_serbia": np.asarray(record.leg_arrivals[:, into].sum(axis=1), dtype=float),
        "set_outs_uk": np.asarray(record.leg_departures[:, to_uk].sum(axis=1), dtype=float),
        "present_serbia": present(serbia),
        "present_coast": present(coast),
    }


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
    scenario: Scenario,
    *,
    seed: int,
    scale: float = 1.0,
    parameters: Parameters | None = None,
) -> tuple[RunRecord, InsideSeries]:
    """Run one replication of a scenario and watch it from inside.

    Args:
        scenario: What is asked.
        seed: Seed of the replication.
        scale: Agents per person; people and money are scaled back.
        parameters: What is assumed; what the scenario assumes when None.

    Returns:
        The record of the run, as `simulate` returns it, and the series from inside.
    """
    model = CorridorModel(scenario, seed=seed, scale=scale, parameters=parameters)
    observer = _Observer(model.world)
    steps = list(model.order_of_the_day)
    place = 1 + [step.name for step in steps].index("boat_supply")
    steps.insert(place, Step("observed_enforcement", observer.after_enforcement))
    model.order_of_the_day = (*steps, Step("observed_day", observer.after_day))
    run(model)
    record = make_record(model.world, scenario.title, model.first_counted)
    first = model.first_counted
    inside = InsideSeries(**{name: values[first:] for name, values in observer.series.items()})
    del model, steps
    gc.collect(1)  # the parts of a model refer to each other
    return record, inside


@dataclass(frozen=True)
class Workload:
    """How busy an authority is on a mean day of a run; more staff can do more where there is work.

    Attributes:
        cases: Cases under way.
        teams: Cases that its teams can hold at a time.
        worked_through: Reports that its analysts work through a day.
        capacity: Reports that they could work through a day.
        waiting: Reports that lie on its desk in the evening.
        stops: People stopped a day on the legs on its ground, by patrols of any authority.
    """

    cases: float
    teams: float
    worked_through: float
    capacity: float
    waiting: float
    stops: float


def workloads(scenario: Scenario) -> dict[str, Workload]:
    """How busy each authority is under a scenario: means over the first two years of a run.

    Args:
        scenario: The scenario.

    Returns:
        By code of the authority.
    """
    corridor = load_corridor()
    counted = min((scenario.run.end - scenario.run.start).days + 1, DAYS)
    record = simulate(scenario, seed=SEED, scale=SCALE, days=counted, corridor=corridor)
    levers = Levers(scenario, corridor, load_parameters(scenario.parameters))
    staff = [levers.on(day.item()).staff for day in record.dates]
    days = len(staff)
    desk = np.mean([one["analysis"] for one in staff], axis=0)
    officers = [one["investigation"] for one in staff]
    whole = np.array([round(float(size)) for size in corridor.staff["investigation"]])
    teams = np.mean([workable_cases(each, whole) for each in officers], axis=0)
    mean = record.chain.sum(axis=0) / days
    stops = record.leg_stops.sum(axis=0) / days
    workload_of = {}
    for row, authority in enumerate(corridor.authorities):
        sides = ((leg.authority_from, leg.authority_to) for leg in corridor.legs)
        here = [authority.code in both for both in sides]
        workload_of[authority.code] = Workload(
            cases=float(mean[link("cases_under_way"), row]),
            teams=float(teams[row]),
            worked_through=float(mean[link("processed"), row]),
            capacity=float(desk[row]),
            waiting=float(mean[link("waiting"), row]),
            stops=float(stops[here].sum()),
        )
    return workload_of
