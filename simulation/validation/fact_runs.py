"""The runs behind the stylised facts: which scenarios, and what is kept of each run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.corridor import load_corridor
from simulation.experiments.engine.ground_series import ground_series
from simulation.experiments.engine.observed_run import InsideSeries, simulate_observed
from simulation.scenario import load_scenario
from simulation.validation.natural import Days, runs_by_name
from simulation.validation.published import Settings, published

if TYPE_CHECKING:
    from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]

#: scenarios by the names that `facts` reads them by
HISTORY, JULY_RAID = "history to 2022", "raid of July 2022"
BASELINE, TRIPLED, SQUEEZED = "baseline", "enforcement tripled", "boats squeezed"
COAST, BREAK_UPS, RAIDS_2024 = "three of four stopped", "networks broken up", "raids of 2024"
PATROLS = "patrols tripled"
NAMES = (HISTORY, JULY_RAID, BASELINE, TRIPLED, PATROLS, SQUEEZED, COAST, BREAK_UPS, RAIDS_2024)

_OUTCOMES = (
    "channel_arrivals", "channel_boats", "channel_prevented", "lorry_arrivals", "seat_price_eur",
    "smuggler_profit_eur",
)  # fmt: skip
_SUPPLY_RECORD = "supply.boats_per_supplier_week"
_RAIDS = ("raid-february-2024", "raid-december-2024")
_YEAR = 2024
_EPOCH = 1970  # of NumPy's years
_WEEK, _WEEKS = timedelta(days=7), 52
_THURSDAY = 3


@dataclass(frozen=True)
class Runs:
    """What is kept of several runs of one scenario.

    Attributes:
        days: Daily series, (runs, days) by name: some outcomes, the names of `InsideSeries` but
            `leg_fee`, and those of `ground_series`.
        departures: (runs, legs) people who set out, by year.
        arrivals: (runs, legs) people who came through, by year.
        fees: (runs, legs) EUR asked, sum of days, by year.
    """

    days: Days
    departures: Mapping[int, Array]
    arrivals: Mapping[int, Array]
    fees: Mapping[int, Array]


def scenario_of(name: str) -> Scenario:
    """The scenario that a name of `NAMES` stands for."""
    settings, _ = published()
    if name == JULY_RAID:
        return load_scenario("raid-july-2022")
    if name == HISTORY:
        end = load_scenario("raid-july-2022").run.end
        return load_scenario("history").with_("History to the end of 2022", run={"end": end})
    if name == COAST:
        return load_scenario("french-coast-2024")
    baseline = load_scenario("baseline")
    if name == BASELINE:
        return baseline
    return baseline.with_(f"Fact: {name}", **_levers(name, baseline, settings))


def _levers(name: str, baseline: Scenario, settings: Settings) -> dict[str, Any]:
    """What is laid over the baseline."""
    if name == TRIPLED:
        return {"staff": tripled_staff(settings.staff_factor, baseline.run.start)}
    if name == PATROLS:
        all_staff = tripled_staff(settings.staff_factor, baseline.run.start)
        return {"staff": [lever for lever in all_staff if lever["kind"] in settings.patrol_kinds]}
    if name == SQUEEZED:
        return {"parameters": {_SUPPLY_RECORD: settings.supply_factor * _usual_supply(baseline)}}
    if name == BREAK_UPS:
        return {"raid": break_ups(settings)}
    if name == RAIDS_2024:
        laid = [raid for one in _RAIDS for raid in load_scenario(one).raid]
        return {"raid": [raid.model_dump(exclude_none=True, by_alias=True) for raid in laid]}
    raise ValueError(f"no scenario is called {name}")


def tripled_staff(factor: float, first: date) -> list[dict[str, Any]]:
    """A lever for every authority and kind of staff that there is."""
    corridor = load_corridor()
    return [
        {"authority": authority.code, "kind": kind, "change": factor, "from": first}
        for kind, units in corridor.staff.items()
        for authority, number in zip(corridor.authorities, units, strict=True)
        if number > 0.0
    ]


def break_ups(settings: Settings) -> list[dict[str, Any]]:
    """Raids in France on launchers, on Thursdays spread evenly over the year."""
    first = date(_YEAR, 1, 1)
    first += timedelta(days=(_THURSDAY - first.weekday()) % 7)
    return [
        {
            "name": f"network-{number + 1}",
            "authority": "FR",
            "on": first + _WEEK * (number * _WEEKS // settings.break_ups),
            "arrests": settings.persons_per_network,
            "stages": ["boat"],
        }
        for number in range(settings.break_ups)
    ]


def _usual_supply(baseline: Scenario) -> float:
    from simulation.parameters import load_parameters

    group, name = _SUPPLY_RECORD.split(".")
    return float(getattr(getattr(load_parameters(baseline.parameters), group), name))


@dataclass(frozen=True)
class _OneRun:
    first: date
    series: dict[str, Array]
    departures: dict[int, Array]
    arrivals: dict[int, Array]
    fees: dict[int, Array]


def _run(job: tuple[str, int, float]) -> _OneRun:
    """One run, in a process of its own."""
    name, seed, scale = job
    record, inside = simulate_observed(scenario_of(name), seed=seed, scale=scale)
    series = {key: np.asarray(record.daily[key], dtype=float) for key in _OUTCOMES}
    for field in fields(InsideSeries):
        if field.name != "leg_fee":
            series[field.name] = getattr(inside, field.name)
    series |= ground_series(record, load_corridor())
    years = record.dates.astype("datetime64[Y]").astype(int) + _EPOCH

    def by_year(values: np.ndarray) -> dict[int, Array]:
        return {int(year): values[years == year].sum(axis=0) for year in np.unique(years)}

    return _OneRun(
        record.start,
        series,
        by_year(record.leg_departures),
        by_year(record.leg_arrivals),
        by_year(inside.leg_fee),
    )


def run_all(
    names: Sequence[str], seeds: Sequence[int], scale: float, workers: int
) -> dict[str, Runs]:
    """Run scenarios, each with every seed.

    Args:
        names: Of `NAMES`.
        seeds: One for each run of a scenario.
        scale: Agents per person.
        workers: Processes.
    """
    found = {}
    for name, mine in runs_by_name(_run, names, seeds, scale, workers).items():

        def by_year(table: str, mine: Sequence[_OneRun] = mine) -> dict[int, Array]:
            years = getattr(mine[0], table)
            return {year: np.array([getattr(run, table)[year] for run in mine]) for year in years}

        series = {key: np.array([run.series[key] for run in mine]) for key in mine[0].series}
        found[name] = Runs(
            Days(mine[0].first, series), by_year("departures"), by_year("arrivals"), by_year("fees")
        )
    return found
