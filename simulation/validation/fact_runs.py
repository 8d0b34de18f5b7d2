"""The runs that facts and natural experiments are read from: one seed in each set of the ensemble.

A seed draws its set as in a comparison, and every scenario is run with every seed, so two scenarios
of one seed are a pair. The engine of the experiments runs and keeps them.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from simulation.corridor import STAFF_KINDS, load_corridor
from simulation.engine.observed_run import (
    InsideSeries,
    ground_series,
    simulate_observed,
)
from simulation.engine.run_store import STORE, StoredRun, packed, unpacked
from simulation.engine.runs import ExperimentRuns, run_trials
from simulation.engine.trials import (
    Case,
    Setting,
    Trial,
    fitted_hash,
)
from simulation.errors import InputError
from simulation.outcomes import RunRecord
from simulation.parameters import Parameters
from simulation.scenario import Scenario, load_scenario
from simulation.source_hash import model_hash
from simulation.validation.published import Settings, natural, settings
from simulation.validation.series import Array

BASELINE, HISTORY = "baseline", "history"
TRIPLED, PATROLS = "enforcement tripled", "patrols tripled"
SQUEEZED, BREAK_UPS = "boats squeezed", "networks broken up"
#: scenarios of the stylised facts; those of the natural experiments are shipped
STYLISED = (BASELINE, HISTORY, TRIPLED, PATROLS, SQUEEZED, BREAK_UPS)

_OUTCOMES = (
    "channel_arrivals", "channel_boats", "channel_deaths", "channel_prevented", "lorry_arrivals",
    "seat_price_eur", "smuggler_profit_eur", "smugglers_arrested", "wb_detections",
)  # fmt: skip
_INSIDE = tuple(one.name for one in fields(InsideSeries) if one.name != "leg_fee")
_GROUND = (
    "stops_turkey_bulgaria", "stops_serbia_hungary", "attempts_croatia_slovenia",
    "came_to_serbia", "set_outs_uk", "present_serbia", "present_coast",
)  # fmt: skip
#: borders whose crossings are counted
_BORDERS = {"serbia_hungary": "RS-HU", "bosnia_croatia": "BA-HR"}
_ORIGINS = ("albanian_arrivals", "visa_free_entries")
#: every daily series of a run, in the order in which they are stored
SERIES = (*_OUTCOMES, *_INSIDE, *_GROUND, *_BORDERS, *_ORIGINS)
_LEG_TABLES = ("departures", "arrivals", "fees")

SUPPLY_RECORD = "supply.boats_per_supplier_week"
_RAIDS_YEAR = 2024
_EPOCH = 1970  # of NumPy's years
_WEEK, _WEEKS = timedelta(days=7), 52
_THURSDAY = 3
_DIGITS = 16


@dataclass(frozen=True)
class Runs:
    """Runs of one scenario, one for each set.

    Attributes:
        first: First day.
        series: Name -> (sets, days); the names of `SERIES`.
        departures: Year -> (sets, legs) people who set out.
        arrivals: Year -> (sets, legs) people who came through.
        fees: Year -> (sets, legs) EUR asked, sum of days.
        persons: Persons that an operator stands for, (sets,).
    """

    first: date
    series: Mapping[str, Array]
    departures: Mapping[int, Array]
    arrivals: Mapping[int, Array]
    fees: Mapping[int, Array]
    persons: Array

    @property
    def last(self) -> date:
        """Last day."""
        return self.first + timedelta(next(iter(self.series.values())).shape[1] - 1)

    def total(self, name: str, first: date, last: date) -> Array:
        """Sum from one day to another, both included, (sets,)."""
        return self.window(name, first, last).sum(axis=1)

    def mean(self, name: str, first: date, last: date) -> Array:
        """Mean over the days that have a value, (sets,); NaN where none has."""
        values = self.window(name, first, last)
        days = np.count_nonzero(~np.isnan(values), axis=1)
        return np.where(days > 0, np.nansum(values, axis=1) / np.maximum(days, 1), np.nan)

    def window(self, name: str, first: date, last: date) -> Array:
        """Values of the days from one to another, both included, (sets, days)."""
        start, end = (first - self.first).days, (last - self.first).days + 1
        if not 0 <= start < end <= self.series[name].shape[1]:
            raise ValueError(f"{first} to {last} does not lie in the run")
        return self.series[name][:, start:end]


#: runs of every scenario, by its name
RunsByName = Mapping[str, Runs]


def scenario_names() -> tuple[str, ...]:
    """Every scenario that is run."""
    events = [name for fact in natural().values() for name in (fact.event, fact.without)]
    return tuple(dict.fromkeys([*STYLISED, *events]))


def scenario_of(name: str) -> Scenario:
    """The scenario that a name stands for: one of `STYLISED`, or a shipped one."""
    if name not in (TRIPLED, PATROLS, BREAK_UPS):
        return load_scenario(BASELINE if name == SQUEEZED else name)
    baseline, asked = load_scenario(BASELINE), settings()
    if name == BREAK_UPS:
        return baseline.with_(f"Fact: {name}", raid=raids_on_networks(asked))
    staff = tripled_staff(asked.staff_factor, baseline.run.start)
    kinds = asked.patrol_kinds if name == PATROLS else STAFF_KINDS
    laid = [lever for lever in staff if lever["kind"] in kinds]
    return baseline.with_(f"Fact: {name}", staff=laid)


def tripled_staff(factor: float, first: date) -> list[dict[str, object]]:
    """A lever for every authority and kind of staff that there is."""
    corridor = load_corridor()
    return [
        {"authority": authority.code, "kind": kind, "change": factor, "from": first}
        for kind, units in corridor.staff.items()
        for authority, number in zip(corridor.authorities, units, strict=True)
        if number > 0.0
    ]


def raids_on_networks(asked: Settings) -> list[dict[str, object]]:
    """Raids in France on launchers, on Thursdays spread evenly over the year."""
    first = date(_RAIDS_YEAR, 1, 1)
    first += timedelta(days=(_THURSDAY - first.weekday()) % 7)
    return [
        {
            "name": f"network-{number + 1}",
            "authority": "FR",
            "on": first + _WEEK * (number * _WEEKS // asked.break_ups),
            "arrests": asked.persons_per_network,
            "stages": ["boat"],
        }
        for number in range(asked.break_ups)
    ]


@dataclass(frozen=True)
class FactSetting(Setting):
    """The setting of the runs of the facts; each runs all days of its own scenario."""

    def case_of(self, name: str, seed: int) -> Case:
        """A scenario as it is run with a seed; what a squeeze halves is the value of its set."""
        case = _case(name)
        if name != SQUEEZED:
            return case
        usual = self.parameters(Trial(case, seed)).record(SUPPLY_RECORD).value
        return replace(case, assumptions={SUPPLY_RECORD: settings().supply_factor * float(usual)})

    def parameters(self, trial: Trial) -> Parameters:
        """The parameters of a run; values that its case sets may lie outside the record's range."""
        drawn = super().parameters(trial._replace(case=replace(trial.case, assumptions={})))
        records = {record.name: record for record in drawn.records()}
        for name, value in trial.case.assumptions.items():
            records[name] = replace(records[name], value=value)
        return Parameters(records)

    def plan(self, trials: Sequence[Trial]) -> list[Trial]:
        """The trials; an observer cannot go on from days that were run without it."""
        return list(trials)

    def run(self, trial: Trial) -> StoredRun:
        """Run a trial and watch it from inside; see `Setting`."""
        started = time.perf_counter()
        assumed = self.parameters(trial)
        record, inside = simulate_observed(
            trial.case.scenario,
            seed=trial.seed,
            scale=self.scale,
            parameters=assumed,
        )
        measures = _stored(record, inside)
        measures["persons"] = float(assumed.intelligence.persons_per_operator)
        seconds = round(time.perf_counter() - started, 3)
        case, seed = trial.key
        return StoredRun(case=case, seed=seed, seconds=seconds, measures=measures)


@cache
def _case(name: str) -> Case:
    return Case(name, scenario_of(name))


def _stored(record: RunRecord, inside: InsideSeries) -> dict[str, object]:
    corridor = load_corridor()
    series = {name: record.daily[name] for name in _OUTCOMES}
    series |= {name: getattr(inside, name) for name in _INSIDE}
    series |= ground_series(record, corridor)
    for name, border in _BORDERS.items():
        across = [number for number, leg in enumerate(corridor.legs) if leg.border == border]
        series[name] = record.leg_arrivals[:, across].sum(axis=1)
    series["albanian_arrivals"] = record.arrivals_by_origin["albania"]
    series["visa_free_entries"] = record.entries_by_origin["visa_free_serbia"]
    years = record.dates.astype("datetime64[Y]").astype(int) + _EPOCH
    tables = zip(
        _LEG_TABLES, (record.leg_departures, record.leg_arrivals, inside.leg_fee), strict=True
    )
    return {
        "first": record.start.isoformat(),
        "series": packed(np.column_stack([series[name] for name in SERIES]).astype(float)),
        **{
            name: packed(np.array([table[years == year].sum(axis=0) for year in np.unique(years)]))
            for name, table in tables
        },
    }


def run_all(names: Sequence[str], sets: int, scale: float, workers: int) -> dict[str, Runs]:
    """Run scenarios in sets of the ensemble that comparisons draw from, one seed in each set.

    Args:
        names: Of `scenario_names`.
        sets: How many; seeds are counted from 1.
        scale: Agents per person.
        workers: Processes.

    Returns:
        Runs of each scenario, of the seeds for which all of them came to their end.

    Raises:
        InputError: There is no such seed.
        FatalError: The results cannot be written.
    """
    setting = FactSetting(scale=scale, days=1, assumptions="fitted")
    identity = [model_hash(), fitted_hash(setting.assumptions), scale, SERIES]
    folder = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:_DIGITS]
    cases = {
        (name, seed): setting.case_of(name, seed) for seed in range(1, sets + 1) for name in names
    }
    trials = [Trial(case, seed) for (_, seed), case in cases.items()]
    runs = run_trials(setting, trials, workers, Path("results") / "facts" / folder / STORE)
    seeds = [
        seed
        for seed in range(1, sets + 1)
        if all(runs.has(cases[name, seed], seed) for name in names)
    ]
    if not seeds:
        raise InputError(f"no set gave a run of every scenario{runs.first_error(cases.values())}")
    return {name: _together(runs, [(cases[name, seed], seed) for seed in seeds]) for name in names}


def _together(runs: ExperimentRuns, asked: Sequence[tuple[Case, int]]) -> Runs:
    """The runs of one scenario as arrays over sets."""
    stored = [*runs.reduced(asked)]
    first = date.fromisoformat(stored[0]["first"])
    series = np.stack([unpacked(one["series"]) for one in stored])
    tables = {
        # (years, sets, legs)
        name: dict(enumerate(np.stack([unpacked(one[name]) for one in stored], 1), first.year))
        for name in _LEG_TABLES
    }
    return Runs(
        first,
        {name: series[:, :, column] for column, name in enumerate(SERIES)},
        **tables,
        persons=np.array([measures["persons"] for measures in stored]),
    )
