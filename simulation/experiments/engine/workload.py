"""How busy the staff of each authority is, measured in a short run.

What more staff can do depends on whether those there are have work: teams with cases, desks with
reports, patrols with people to stop.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.chain import link
from simulation.corridor import load_corridor
from simulation.model import simulate
from simulation.parameters import load_parameters
from simulation.processes.investigation import workable_cases
from simulation.scenario import Scenario
from simulation.scenario.policy import Levers

#: of the run that measures: one seed, a tenth of the people, at most two years
SEED, SCALE, DAYS = 1, 0.1, 731


@dataclass(frozen=True)
class Workload:
    """How busy an authority is on a mean day of a run.

    Attributes:
        cases: Cases under way.
        teams: Cases that its teams can hold at a time.
        worked_through: Reports that its analysts work through a day.
        capacity: Reports that they could work through a day.
        waiting: Reports that lie on its desk in the evening.
        stops: People whom patrols stop a day on the legs on its ground, whoever stops them.
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
    found = {}
    for row, authority in enumerate(corridor.authorities):
        sides = ((leg.authority_from, leg.authority_to) for leg in corridor.legs)
        here = [authority.code in both for both in sides]
        found[authority.code] = Workload(
            cases=float(mean[link("cases_under_way"), row]),
            teams=float(teams[row]),
            worked_through=float(mean[link("processed"), row]),
            capacity=float(desk[row]),
            waiting=float(mean[link("waiting"), row]),
            stops=float(stops[here].sum()),
        )
    return found
