"""From runs of the model to a forecast: each scored series by month, run by run.

What runs spread over is chance inside the model and, where they have different assumptions, what is
not known of these. What nobody modelled is laid over them by `simulation.validation.discrepancy`.

Each set of assumptions is a case, whatever it comes from: the records as they stand, draws from
their ranges, or a fit to the past.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from simulation.engine.assumption_sets import RECORDS, set_of_seed, values_beside
from simulation.engine.experiment import Experiment
from simulation.engine.options import Options
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.trials import (
    Assumptions,
    Case,
    Trial,
    fitted_ensemble,
)
from simulation.errors import InputError
from simulation.fitting.series import QUOTIENTS
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import Scenario
from simulation.validation.series import Array, Series

#: a quantile of 5% means little with fewer runs
FEWEST_RUNS = 2


@dataclass(frozen=True)
class Forecast:
    """A forecast of some months.

    Attributes:
        names: The months.
        months: Series -> (runs, months), NaN where a run has no value (no boat came).
        totals: Series -> (runs,), all the months together.
        weights: Weight of each run, (runs,), or None where all weigh the same.
    """

    names: tuple[str, ...]
    months: Mapping[str, Array]
    totals: Mapping[str, Array]
    weights: Array | None = None


@dataclass(frozen=True)
class Histories:
    """The months of some runs.

    Attributes:
        months: Their names.
        counts: (runs, months, outcomes) as `OUTCOME_NAMES` orders them, of real people whatever
            the scale.
    """

    months: tuple[str, ...]
    counts: Array

    def monthly(self, series: str, months: Sequence[str]) -> Array:
        """A series in some months, (runs, months), NaN where a run has no value."""
        return _quotient(*self._terms(series, months))

    def total(self, series: str, months: Sequence[str]) -> Array:
        """A series over some months together, (runs,)."""
        return _quotient(*(terms.sum(axis=1) for terms in self._terms(series, months)))

    def _terms(self, series: str, months: Sequence[str]) -> list[Array]:
        """What a series is, and what it is divided by if it is a quotient."""
        counts = self.counts[:, [self.months.index(month) for month in months]]
        over, under = QUOTIENTS.get(series, (series, ()))
        above, *below = (counts[:, :, OUTCOME_NAMES.index(term)] for term in (over, *under))
        return [above, np.sum(below, axis=0)] if below else [above]


def forecast_of(
    histories: Histories,
    months: Sequence[str],
    series: Iterable[Series],
    weights: Array | None = None,
) -> Forecast:
    """The forecast that runs of the model make.

    Args:
        histories: The runs.
        months: What is forecast; every one of these months must be in the runs.
        series: What is forecast.
        weights: Weight of each run; equal if None.
    """
    names = [one.name for one in series]
    return Forecast(
        tuple(months),
        {name: histories.monthly(name, months) for name in names},
        {name: histories.total(name, months) for name in names},
        weights,
    )


def _quotient(above: Array, below: Array | None = None) -> Array:
    if below is None:
        return above
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


def cases_of(
    scenario: Scenario,
    assumptions: Assumptions,
    count: int,
    seed: int,
    ensemble: FittedEnsemble | None = None,
) -> list[Case]:
    """A scenario under each set of assumptions of a forecast; what it sets itself stays set.

    Args:
        scenario: The scenario.
        assumptions: `records` for the one set of central values, `ranges` for draws from between
            each record's low and high, `fitted` for draws from the fitted ensemble, by weight.
        count: How many draws; more of them leave the first as they are.
        seed: The first draw.
        ensemble: What is drawn from with `fitted`; the newest of the package when None.
    """
    if assumptions == "records":
        return [Case("as recorded", scenario, set_name=RECORDS)]
    chosen = (ensemble or fitted_ensemble()) if assumptions == "fitted" else None
    drawn = [set_of_seed(assumptions, seed + number, chosen) for number in range(count)]
    return [
        Case(f"set {number}", scenario, values_beside(scenario, of.values(chosen)), str(of))
        for number, of in enumerate(drawn, start=1)
    ]


def run_weights(runs: Sequence[int]) -> Array | None:
    """The weight of each run, by how many each set of assumptions has; None where all are equal."""
    weights = np.repeat(1.0 / np.maximum(runs, 1), runs)
    return None if np.allclose(weights, weights[0], rtol=1e-9) else weights / weights.sum()


def seed_of(first: int, member: int, replication: int) -> int:
    """The seed of a run: every run has its own luck, and more runs leave the others theirs.

    Members that shared seeds would share their weather, and the forecast would spread too little.
    The numbers are Cantor's: each pair of member and replication has one of its own.
    """
    step = member + replication
    return first + step * (step + 1) // 2 + replication


@dataclass(frozen=True)
class MemberRuns:
    """The runs of a forecast.

    Attributes:
        cases: One for each set of assumptions.
        seeds: The seeds of each.
    """

    cases: list[Case]
    seeds: list[list[int]]

    @classmethod
    def of(cls, scenario: Scenario, options: Options, sets: int, turns: int) -> MemberRuns:
        """The runs of a forecast.

        Args:
            scenario: What is run.
            options: Where the assumptions come from, and the first seed.
            sets: Sets of assumptions.
            turns: Runs of each.
        """
        first = options.seed
        cases = cases_of(scenario, options.assumptions, sets, first, options.ensemble)
        seeds = [[seed_of(first, n, k) for k in range(turns)] for n in range(len(cases))]
        return cls(cases, seeds)

    @property
    def trials(self) -> list[Trial]:
        """All runs."""
        both = zip(self.cases, self.seeds, strict=True)
        return [Trial(case, seed) for case, own in both for seed in own]

    def run(self, experiment: Experiment) -> tuple[Histories, Array | None, list[list[int]]]:
        """Run what is missing.

        Returns:
            The months of all finished runs, the weight of each, and the finished seeds of each
            case.

        Raises:
            InputError: Too few came to their end.
        """
        runs = experiment.runs
        runs.add(self.trials)
        done = [runs.seeds([one], own) for one, own in zip(self.cases, self.seeds, strict=True)]
        if sum(map(len, done)) < FEWEST_RUNS:
            failed, first = runs.failures(self.cases), runs.first_error(self.cases)
            problem = f"{len(failed)} runs failed, and the others are too few for a forecast{first}"
            raise InputError(problem, run_folder=experiment.folder.path)
        measured = chain.from_iterable(map(runs.each, self.cases, done))
        counts = np.array([measures.months for measures in measured])
        weights = run_weights([len(own) for own in done])
        return Histories(experiment.axes.months, counts), weights, done
