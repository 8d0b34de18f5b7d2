"""What staff and funding levers buy: units, officers and hours.

The units are those that a run has (`simulation.scenario.levers.staff`), so what is reported
here and what is simulated cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from simulation.corridor import Corridor
from simulation.parameters import Parameters
from simulation.scenario.levers.base import Lever, Timed
from simulation.scenario.levers.staff import UNITS
from simulation.scenario.policy import Levers
from simulation.scenario.scenario import Scenario
from simulation.scenario.timeline import DAYS_PER_YEAR, days_after


@dataclass(frozen=True)
class Purchase:
    """The change by one lever for one authority, once it has its full effect.

    Attributes:
        lever: The lever.
        authority: Code of the authority.
        kind: A kind of staff, or `boat_supply`: work against boat deliveries, in multiples of what
            there is.
        day: The day on which the lever has its full effect, or the last of the run.
        before: Units without the lever on that day.
        after: Units with it.
        officers: Officers, or analysts, that the change in units stands for; 0 for `boat_supply`.
        hours_a_day: Working hours of theirs on a mean day of the year.
        cases: Investigations that the change lets it run side by side; 0 for other kinds.
    """

    lever: Lever
    authority: str
    kind: str
    day: date
    before: float
    after: float
    officers: float
    hours_a_day: float
    cases: float


def purchases(scenario: Scenario, corridor: Corridor, parameters: Parameters) -> list[Purchase]:
    """The purchases of each staff and funding lever of a scenario, lever by lever.

    Each lever is compared with the same scenario without it, on the first day of its full effect.

    Args:
        scenario: The scenario.
        corridor: The staff there is, and where it can work.
        parameters: What a unit costs and how many officers it stands for.

    Returns:
        One entry for each lever, authority and kind of work that changes.
    """
    bought: list[Purchase] = []
    whole = Levers(scenario, corridor, parameters)
    for section in UNITS.sections:
        for number, lever in enumerate(getattr(scenario, section)):
            without = Levers(scenario.without(section, number), corridor, parameters)
            bought += _of_lever(lever, whole, without, scenario)
    return bought


def _of_lever(
    lever: Timed, whole: Levers, without: Levers, scenario: Scenario
) -> Iterator[Purchase]:
    """The purchases of one lever."""
    day = full_effect(lever, scenario)
    now, then = _units(whole, day), _units(without, day)
    corridor, parameters = whole.corridor, whole.parameters
    per_team = parameters.policy.investigations_per_team
    for kind, units in now.items():
        change = units - then[kind]
        for row in np.flatnonzero(np.abs(change) > 1e-9).tolist():
            code = corridor.authorities[row].code
            officers = change[row] * officers_per_unit(kind, parameters)
            yield Purchase(
                lever=lever,
                authority=code,
                kind=kind,
                day=day,
                before=float(then[kind][row]),
                after=float(units[row]),
                officers=officers,
                hours_a_day=officers * parameters.policy.hours_per_officer_year / DAYS_PER_YEAR,
                cases=change[row] * per_team if kind == "investigation" else 0.0,
            )


def full_effect(lever: Timed, scenario: Scenario) -> date:
    """The first day on which a lever has its full effect; at most the last of the run."""
    run = scenario.run
    ready = days_after(lever.first_day or run.start, lever.ramp_days)
    last = min(lever.last_day or run.end, run.end)
    return max(min(ready, last), run.start)


def _units(levers: Levers, day: date) -> dict[str, npt.NDArray[np.float64]]:
    """Units of each kind by authority on a day, work against boat deliveries among them."""
    policy = levers.on(day)
    return {**policy.staff, "boat_supply": policy.supply_surge}


def officers_per_unit(kind: str, parameters: Parameters) -> float:
    """Officers on shifts, or analysts, that one unit of a kind stands for."""
    policy = parameters.policy
    officers: dict[str, float] = {
        "border_patrol": policy.officers_border_patrol_unit,
        "checkpoint": policy.officers_checkpoint_unit,
        "coast_patrol": policy.officers_coast_patrol_unit,
        "investigation": policy.officers_investigation_unit,
        "analysis": policy.officers_analysis_unit,
    }
    return officers.get(kind, 0.0)
