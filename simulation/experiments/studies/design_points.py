"""Points in the space of assumptions, each run for a scenario and its baseline with the same seeds.

A point is a row of cumulative probabilities, one for each uncertain record; what a record is at a
point is the quantile of its distribution.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, closest
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.engine.trials import Case, Trial
from simulation.outcomes import OUTCOMES
from simulation.parameters import load_parameters
from simulation.parameters.records import Record, Value
from simulation.parameters.sampling import quantiles, uncertain
from simulation.scenario import Scenario, load_scenario

#: outcomes whose differences are always looked at
ANALYSED = ("channel_arrivals", "channel_deaths", "smuggler_profit_eur", "mapped_share")
Array = npt.NDArray[np.float64]


def baseline_of(scenario: Scenario, name: str | None) -> Scenario:
    """What a scenario is compared with: the one named, else its parent, else `baseline`."""
    if name is not None:
        return load_scenario(name)
    return scenario.parent if scenario.parent is not None else load_scenario("baseline")


def free_records(scenarios: Sequence[Scenario], only: Sequence[str] = ()) -> tuple[Record, ...]:
    """The uncertain records that none of the scenarios sets itself.

    Args:
        scenarios: What is run.
        only: Groups (`market`) or records (`market.ties`) to keep; all when empty.

    Raises:
        InputError: A name in `only` is none, or nothing uncertain is left.
    """
    parameters = load_parameters()
    known = {record.group for record in parameters} | {record.name for record in parameters}
    for name in only:
        if name not in known:
            groups = sorted({record.group for record in parameters})
            raise InputError(
                "no group of parameters and no parameter",
                key="--only",
                value=name,
                allowed=", ".join(groups),
                suggestion=closest(name, known),
            )
    taken = {name for scenario in scenarios for name in scenario.parameters}
    found = tuple(
        record
        for record in uncertain(parameters)
        if record.name not in taken and (not only or {record.group, record.name} & set(only))
    )
    if not found:
        raise InputError(
            "leaves no uncertain assumption: all are fixed, or set by the scenarios",
            key="--only",
            value=" ".join(only) or None,
        )
    return found


def outcome_names(outcome: str) -> tuple[str, ...]:
    """The outcome asked for, then the others that are always looked at.

    Raises:
        InputError: There is no such outcome.
    """
    if outcome not in OUTCOMES:
        raise InputError(
            "no outcome of this name",
            key="--outcome",
            value=outcome,
            allowed=", ".join(OUTCOMES),
            suggestion=closest(outcome, OUTCOMES),
        )
    return (outcome, *(name for name in ANALYSED if name != outcome))


def check_count(key: str, value: int, low: int, high: int) -> None:
    """Refuse a number out of range.

    Raises:
        InputError: It is.
    """
    if not low <= value <= high:
        raise InputError("out of range", key=key, value=value, allowed=f"{low} to {high}")


@dataclass(frozen=True)
class Values:
    """What the runs at some points gave, over the whole run and as means over their seeds.

    Attributes:
        units: (points, records) cumulative probabilities.
        base: (points, outcomes) of the baseline; NaN where a run of the point failed.
        other: (points, outcomes) of the scenario.
        within: (points, outcomes) variance of the difference over the point's seeds; NaN where a
            run of the point failed, or with one seed.
    """

    units: Array
    base: Array
    other: Array
    within: Array

    def difference(self, outcome: str) -> Array:
        """Scenario less baseline, (points,); NaN where a run failed or there is no value."""
        column = OUTCOME_NAMES.index(outcome)
        gaps: Array = self.other[:, column] - self.base[:, column]
        return gaps

    @property
    def failed(self) -> npt.NDArray[np.bool_]:
        """Points at which a run failed."""
        return np.isnan(self.base).all(axis=1) | np.isnan(self.other).all(axis=1)


class Points:
    """Runs a scenario and its baseline at points in the space of their shared assumptions.

    Args:
        baseline: What the scenario is compared with.
        scenario: What is asked about.
        records: What differs between points.
    """

    def __init__(self, baseline: Scenario, scenario: Scenario, records: Sequence[Record]) -> None:
        self.sides = (baseline, scenario)
        self.records = tuple(records)
        self.names = tuple(record.name for record in records)
        self._seen: list[Case] = []

    @property
    def central(self) -> tuple[Case, Case]:
        """Both sides with every record at its value."""
        base, other = (Case(scenario.title, scenario) for scenario in self.sides)
        return base, other

    def overrides(self, units: Array, columns: Sequence[int] | None = None) -> dict[str, Value]:
        """What each record is at a point.

        Args:
            units: (records,) cumulative probabilities.
            columns: Which records they are of; all when None, the others stay at their value.
        """
        chosen = range(len(self.records)) if columns is None else columns
        (found,) = quantiles([self.records[column] for column in chosen], [units])
        return {self.names[column]: value for column, value in zip(chosen, found, strict=True)}

    def cases(
        self, units: Array, stage: str, columns: Sequence[int] | None = None
    ) -> list[tuple[Case, Case]]:
        """Both sides at each point.

        Args:
            units: (points, records).
            stage: Named in the cases' names.
            columns: Which records differ; all when None.
        """
        found = []
        for number, row in enumerate(units, start=1):
            values = self.overrides(row, columns)
            base, other = (
                Case(f"{scenario.title} ({stage} {number})", scenario, values)
                for scenario in self.sides
            )
            found.append((base, other))
        return found

    def run(
        self,
        experiment: Experiment,
        pairs: Sequence[tuple[Case, Case]],
        units: Array,
        seeds: Sequence[int],
    ) -> Values:
        """Run what is missing, and take the means over the seeds at each point."""
        runs = experiment.runs
        self._seen += [case for pair in pairs for case in pair]
        runs.add(trials(pairs, seeds))
        shape = (len(pairs), len(OUTCOME_NAMES))
        base, other, within = (np.full(shape, np.nan) for _ in range(3))
        for row, pair in enumerate(pairs):
            # a mean over fewer seeds would be another quantity
            if len(runs.seeds(pair, seeds)) == len(seeds):
                one, two = (runs.totals(case, seeds)[:, 0, :] for case in pair)
                base[row], other[row] = one.mean(axis=0), two.mean(axis=0)
                if len(seeds) > 1:
                    within[row] = np.var(two - one, axis=0, ddof=1)
        return Values(units, base, other, within)

    def failures(self, experiment: Experiment) -> list[dict[str, Any]]:
        """Every run that failed, as JSON knows it."""
        failures = experiment.runs.failures([*self.central, *self._seen])
        return [failure._asdict() for failure in failures]


def trials(pairs: Sequence[tuple[Case, Case]], seeds: Sequence[int]) -> list[Trial]:
    """Both sides of every pair with every seed."""
    return [Trial(case, seed) for pair, seed in product(pairs, seeds) for case in pair]


def central_differences(
    experiment: Experiment, points: Points, count: int
) -> tuple[list[int], Values]:
    """The same point with many seeds: how much a difference moves by chance alone.

    Returns:
        The seeds with which both sides finished, and one row for each of them.

    Raises:
        InputError: Fewer than two did.
    """
    pair = points.central
    runs = experiment.runs
    wanted = experiment.seeds(count)
    runs.add(trials([pair], wanted))
    seeds = runs.seeds(pair, wanted)
    if len(seeds) < 2:
        failures = runs.failures(pair)
        first = f"; the first error: {failures[0].error}" if failures else ""
        raise InputError(
            f"{len(failures)} of {2 * count} runs failed with every assumption at its value, so "
            f"nothing can be said of chance{first}",
            kept=experiment.folder.path,
        )
    base, other = (runs.totals(case, seeds)[:, 0, :] for case in pair)
    units = np.full((len(seeds), 0), np.nan)
    return seeds, Values(units, base, other, np.full_like(base, np.nan))


# -- tables ---------------------------------------------------------------------------------------


def points_csv(
    points: Points,
    stages: Sequence[tuple[str, Sequence[tuple[Case, Case]], Values]],
    seeds: Sequence[int],
    outcomes: Sequence[str],
) -> str:
    """Every point as the text of a CSV file: what was assumed, and what came out on both sides.

    Args:
        points: The space.
        stages: Name, cases and values of each design.
        seeds: Seeds of every point.
        outcomes: The outcomes to write.
    """
    sides = ("baseline", "scenario", "difference")
    shared = " ".join(str(seed) for seed in seeds)
    header = ["stage", "point", "failed", "seeds", *points.names]
    header += [f"{outcome}_{side}" for outcome in outcomes for side in sides]
    defaults = {record.name: record.value for record in points.records}
    rows: list[list[Any]] = []
    for stage, pairs, values in stages:
        failed = values.failed
        for number, (base, _) in enumerate(pairs):
            assumed = {**defaults, **base.assumptions}
            row: list[Any] = [stage, number + 1, int(failed[number]), shared]
            row += [assumed[name] for name in points.names]
            for outcome in outcomes:
                column = OUTCOME_NAMES.index(outcome)
                one, two = values.base[number, column], values.other[number, column]
                row += [one, two, two - one]
            rows.append(row)
    return as_csv(header, rows)
