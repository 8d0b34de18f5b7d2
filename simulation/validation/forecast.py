"""From runs of the model to a forecast: each scored series by month, run by run.

What runs spread over is chance inside the model and, where they have different assumptions, what is
not known of these. What nobody modelled is laid over them by `simulation.validation.discrepancy`.

A set of assumptions is a `Member`: values by record name, and a weight. Whatever makes them (the
records as they stand, draws from their ranges, a fit to the past) gives a tuple of them; runs,
scores and pages know nothing else of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from simulation.errors import InputError
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.run_store import OUTCOME_NAMES, Axes, Measures
from simulation.experiments.engine.trials import Assumptions, Case, Trial, draw_assumptions
from simulation.parameters.fitted import FittedEnsemble
from simulation.parameters.records import Value
from simulation.scenario import Scenario
from simulation.validation.series import Array, Series

#: a quantile of 5% means little with fewer runs
FEWEST_RUNS = 2
#: numerator and denominator terms of the series that are no sums of days
_QUOTIENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people_per_boat": ("channel_arrivals", ("channel_boats",)),
    # as the observed share is counted, whatever else the model calls an attempt
    "prevented_share": ("channel_prevented", ("channel_prevented", "channel_arrivals")),
}


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

    @property
    def runs(self) -> int:
        """How many runs it is made of."""
        return len(next(iter(self.totals.values())))


@dataclass(frozen=True)
class Histories:
    """The months of some runs.

    Attributes:
        months: Their names.
        counts: (runs, months, outcomes) as `OUTCOME_NAMES` orders them.
    """

    months: tuple[str, ...]
    counts: Array

    def monthly(self, series: str, months: Sequence[str]) -> Array:
        """A series in some months, (runs, months), NaN where a run has no value."""
        above, below = self._terms(series, months)
        return above if below is None else _quotient(above, below)

    def total(self, series: str, months: Sequence[str]) -> Array:
        """A series over some months together, (runs,)."""
        above, below = self._terms(series, months)
        if below is None:
            return np.asarray(above.sum(axis=1))
        return _quotient(above.sum(axis=1), below.sum(axis=1))

    def _terms(self, series: str, months: Sequence[str]) -> tuple[Array, Array | None]:
        counts = self.counts[:, [self.months.index(month) for month in months]]
        over, under = _QUOTIENTS.get(series, (series, ()))
        below = [counts[:, :, OUTCOME_NAMES.index(term)] for term in under]
        above = counts[:, :, OUTCOME_NAMES.index(over)]
        return above, np.sum(below, axis=0) if under else None


def histories_of(axes: Axes, runs: Iterable[Measures]) -> Histories:
    """The months of runs, from their measures.

    Args:
        axes: What the rows of their measures stand for.
        runs: Their measures; counts are of real people, whatever the scale.
    """
    return Histories(axes.months, np.array([measures.months for measures in runs]))


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


def _quotient(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)


@dataclass(frozen=True)
class Member:
    """One set of assumptions.

    Attributes:
        name: What a reader calls it.
        values: Record name to value; the others stand as recorded or as the scenario sets them.
        weight: How much it counts, above 0; the weights of all members need not sum to 1.
    """

    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    weight: float = 1.0

    def case(self, scenario: Scenario) -> Case:
        """The scenario under these assumptions; what it sets itself stays set."""
        kept = {name: v for name, v in self.values.items() if name not in scenario.parameters}
        return Case(self.name, scenario, kept)


def members_of(
    assumptions: Assumptions, count: int, seed: int, ensemble: FittedEnsemble | None = None
) -> tuple[Member, ...]:
    """The sets of assumptions of a forecast; more of them leave the first as they are.

    Args:
        assumptions: `records` for the one set of recorded values, `ranges` for draws from between
            each record's low and high, `fitted` for draws from the fitted ensemble, by weight.
        count: How many draws.
        seed: The first draw.
        ensemble: What is drawn from with `fitted`; the newest of the package when None.
    """
    if assumptions == "records":
        return (Member("as recorded"),)
    return tuple(
        Member(f"set {number + 1}", draw_assumptions(assumptions, seed + number, ensemble))
        for number in range(count)
    )


def run_weights(members: tuple[Member, ...], runs: list[int]) -> Array | None:
    """The weight of each run, those of a member sharing its own; None where all are equal.

    Args:
        members: The members.
        runs: Finished runs of each, in the same order.
    """
    weights = np.array([member.weight for member in members])
    found = np.repeat(weights / np.maximum(runs, 1), runs)
    return None if np.allclose(found, found[0], rtol=1e-9) else found / found.sum()


def seed_of(first: int, member: int, replication: int) -> int:
    """The seed of a run: every run has its own luck, and more runs leave the others theirs.

    Members that shared seeds would share their weather, and the forecast would spread too little.
    The numbers are Cantor's: each pair of member and replication has one of its own.
    """
    step = member + replication
    return first + step * (step + 1) // 2 + replication


@dataclass(frozen=True)
class MemberRuns:
    """The runs of the members of a forecast, each with seeds of its own.

    Attributes:
        members: The members.
        cases: The case of each.
        seeds: Its seeds.
    """

    members: tuple[Member, ...]
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
        members = members_of(options.assumptions, sets, options.seed, options.ensemble)
        cases = [member.case(scenario) for member in members]
        first, numbers = options.seed, range(len(members))
        return cls(members, cases, [[seed_of(first, n, k) for k in range(turns)] for n in numbers])

    @property
    def trials(self) -> list[Trial]:
        """All runs."""
        both = zip(self.cases, self.seeds, strict=True)
        return [Trial(case, seed) for case, own in both for seed in own]

    def run(self, experiment: Experiment) -> tuple[Histories, Array | None, list[list[int]]]:
        """Run what is missing.

        Returns:
            The months of all finished runs, the weight of each, and the finished seeds of each
            member.

        Raises:
            InputError: Too few came to their end.
        """
        runs = experiment.runs
        runs.add(self.trials)
        done = [runs.seeds([one], own) for one, own in zip(self.cases, self.seeds, strict=True)]
        if sum(map(len, done)) < FEWEST_RUNS:
            failed, first = runs.failures(self.cases), runs.first_error(self.cases)
            problem = f"{len(failed)} runs failed, and the others are too few for a forecast{first}"
            raise InputError(problem, kept=experiment.folder.path)
        measured = chain.from_iterable(map(runs.each, self.cases, done))
        weights = run_weights(self.members, [len(own) for own in done])
        return histories_of(experiment.axes, measured), weights, done
