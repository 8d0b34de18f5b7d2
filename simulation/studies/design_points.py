"""Designs over the assumptions: what studies share that run both sides at many design points.

A design point is a set of assumptions, given as a row of cumulative probabilities, one for each
uncertain record. The value of a record at a point is that quantile of its distribution. A scenario
and its baseline are run at each point with the same seeds.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import scipy
from pydantic import Field

from simulation.engine.experiment import Experiment
from simulation.engine.findings import ExperimentFindings, Failure, Seed
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.trials import Case, Trial
from simulation.errors import InputError, closest
from simulation.parameters import load_records
from simulation.parameters.records import Record, Value
from simulation.parameters.sampling import quantiles, uncertain
from simulation.scenario import Scenario, scenario_of
from simulation.serialization import as_csv
from simulation.statistics.finding import Count, Finding
from simulation.statistics.noise import SIGNAL
from simulation.statistics.paired import COVERAGE
from simulation.studies.study import Cost, Study, check_cost

#: outcomes whose differences are always looked at
ANALYSED = ("channel_arrivals", "channel_deaths", "smuggler_profit_eur", "mapped_share")
Array = npt.NDArray[np.float64]
#: both sides at one point: of the baseline, of the scenario
Pair = tuple[Case, Case]


def sides(
    asked: Scenario | str | Path, baseline: Scenario | str | Path | None
) -> tuple[Scenario, Scenario]:
    """The baseline of a scenario, and the scenario.

    Args:
        asked: The scenario, its file or its name.
        baseline: The same of its baseline; its parent, else `baseline`, when None.
    """
    scenario = scenario_of(asked)
    if baseline is None and scenario.parent is not None:
        return scenario.parent, scenario
    return scenario_of("baseline" if baseline is None else baseline), scenario


def free_records(scenarios: Sequence[Scenario], only: Sequence[str] = ()) -> tuple[Record, ...]:
    """The uncertain records that none of the scenarios sets itself.

    Args:
        scenarios: What is run.
        only: Groups (`market`) or records (`market.ties`) to keep; all when empty.

    Raises:
        InputError: A name in `only` is none, or nothing uncertain is left.
    """
    parameters = load_records()
    names = {record.group for record in parameters} | {record.name for record in parameters}
    for name in only:
        if name not in names:
            raise InputError(
                "no group of parameters and no parameter",
                key="--only",
                value=name,
                allowed=", ".join(sorted({record.group for record in parameters})),
                suggestion=closest(name, names),
            )
    fixed = {name for scenario in scenarios for name in scenario.parameters}
    records = tuple(
        record
        for record in uncertain(parameters)
        if record.name not in fixed and (not only or {record.group, record.name} & set(only))
    )
    if not records:
        raise InputError(
            "leaves no uncertain assumption: all are fixed, or set by the scenarios",
            key="--only",
            value=" ".join(only) or None,
        )
    return records


def hypercube(variables: int, samples: int, seed: int) -> Array:
    """A Latin hypercube, (samples, variables), each value from 0 to 1.

    The order of the generator's numbers is fixed by NumPy's PCG64, whatever the SciPy.
    """
    points: Array = scipy.stats.qmc.LatinHypercube(
        variables, rng=np.random.default_rng(seed)
    ).random(samples)
    return points


class VariedAssumption(Finding):
    """An assumption that a design varies.

    Attributes:
        value: Its recorded value.
        unit: Of its value, low and high.
        low: Lower end of its range.
        high: Upper end.
        drives: The part of the model that reads it, as a sentence.
        confidence: How well it is known.
    """

    value: Value
    unit: str
    low: Value
    high: Value
    drives: str
    confidence: str


class DesignSummary(Finding):
    """The findings that all studies with a design share.

    Attributes:
        baseline: Title of the baseline.
        scenario: Title of the scenario.
        coverage: Of the intervals, 0 to 1.
        plan: How much was run, by argument.
        fixed_by_scenarios: Assumptions that the scenarios set themselves.
        signal_wanted: Multiple of the variance of chance that makes a design trustworthy.
        replications_per_point: Pairs of runs at each point.
        point_seeds: Their seeds.
        noise_seeds: Seeds of the pairs with every assumption at its value.
        replications: Pairs of runs, in all.
        records: The assumptions that were varied.
        failed: Runs that failed.
    """

    baseline: str
    scenario: str
    coverage: float = COVERAGE
    plan: dict[str, str | int | list[str]]
    fixed_by_scenarios: list[str]
    signal_wanted: float = SIGNAL
    replications_per_point: Count
    point_seeds: list[Seed]
    noise_seeds: list[Seed]
    replications: Count = 0
    records: dict[str, VariedAssumption]
    failed: list[Failure] = Field(default_factory=list)


@dataclass(frozen=True)
class DesignPoints:
    """The points of a design.

    Attributes:
        stage: Name of the design in `points.csv`.
        units: (points, records) cumulative probabilities.
        pairs: Both sides at each point.
    """

    stage: str
    units: Array
    pairs: list[Pair]


@dataclass(frozen=True)
class PointValues:
    """The outcomes at each point over the whole run, in their units, as means over seeds.

    Attributes:
        points: The points.
        base: (points, outcomes) of the baseline; NaN where a run of the point failed.
        other: (points, outcomes) of the scenario.
        within: (points, outcomes) variance of the difference over the point's seeds; NaN where a
            run of the point failed, or with one seed.
    """

    points: DesignPoints
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


@dataclass(frozen=True)
class DesignStudy[FindingsT: ExperimentFindings](Study[FindingsT]):
    """A scenario and its baseline at the points of a design over their shared assumptions.

    Attributes:
        baseline: What the scenario is compared with.
        scenario: What is asked about.
        only: Groups or records to vary; all uncertain ones when empty.
        replications: Seeds of every point.
        noise: Seeds of the central point, at which every assumption has its central value.
        yes: Whether many runs are meant.
        announce: Called with the cost before the first run.
    """

    baseline: Scenario
    scenario: Scenario
    only: Sequence[str] = ()
    replications: int = 1
    noise: int = 8
    yes: bool = False
    announce: Callable[[Cost], None] | None = None
    #: the arguments that say how much is run, in the order of the findings
    planned: ClassVar[tuple[str, ...]]

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The baseline, then the scenario."""
        return [self.baseline, self.scenario]

    @property
    def settings(self) -> Mapping[str, Any]:
        """The assumptions that are varied, as JSON."""
        return {"only": sorted(self.only)}

    @property
    def plan(self) -> dict[str, str | int | list[str]]:
        """How much is run, as the findings hold it."""
        return {name: getattr(self, name) for name in self.planned} | {"only": list(self.only)}

    @cached_property
    def records(self) -> dict[str, Record]:
        """The records that differ between points, by name."""
        return {record.name: record for record in free_records(self.scenarios, self.only)}

    @property
    def central(self) -> Pair:
        """Both sides with every record at its value."""
        return Case(self.baseline.title, self.baseline), Case(self.scenario.title, self.scenario)

    def check(self) -> None:
        """Refuse a choice of records that leaves none."""
        free_records(self.scenarios, self.only)

    @abstractmethod
    def design(self, seed: int) -> DesignPoints:
        """The design that is run first, from the seed of the first run."""

    def later_runs(self, experiment: Experiment) -> int:
        """Runs at most that depend on what the first design gives."""
        return 0

    def prepare(self, experiment: Experiment) -> None:
        """Refuse assumptions that are drawn at random, and a cost that is not meant.

        A design needs one set of the assumptions that it does not vary. With another one for each
        seed, their noise would drown what the design does.
        """
        if experiment.options.assumptions != "records":
            raise InputError(
                "this command varies the assumptions itself",
                key="--assumptions",
                value=experiment.options.assumptions,
                allowed="records",
            )
        planned = trials([self.central], experiment.seeds(self.noise))
        points = self.design(experiment.options.seed)
        planned += trials(points.pairs, experiment.seeds(self.replications))
        later = self.later_runs(experiment)
        check_cost(experiment, planned, later, yes=self.yes, announce=self.announce)

    def assumed(self, units: Array, names: Sequence[str] = ()) -> list[dict[str, Value]]:
        """The value of each record at each point.

        Args:
            units: (points, records) cumulative probabilities.
            names: Which records they are of; all when empty, the others stay at their value.
        """
        names = names or [*self.records]
        rows = quantiles([self.records[name] for name in names], units)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def points(
        self, stage: str, units: Array, noun: str, names: Sequence[str] = ()
    ) -> DesignPoints:
        """Both sides at each point.

        Args:
            stage: Name of the design.
            units: (points, records) cumulative probabilities.
            noun: What names of cases call a point.
            names: Which records differ; all when empty.
        """

        def pair(label: str, values: dict[str, Value]) -> Pair:
            base, other = (
                Case(f"{scenario.title} ({label})", scenario, values, label)
                for scenario in self.scenarios
            )
            return base, other

        rows = enumerate(self.assumed(units, names), start=1)
        return DesignPoints(stage, units, [pair(f"{noun} {n}", values) for n, values in rows])

    def run_points(self, experiment: Experiment, points: DesignPoints) -> PointValues:
        """Run what is missing, and take the means over the seeds at each point."""
        runs, seeds = experiment.runs, experiment.seeds(self.replications)
        runs.add(trials(points.pairs, seeds))
        shape = (len(points.pairs), len(OUTCOME_NAMES))
        base, other, within = (np.full(shape, np.nan) for _ in range(3))
        for row, pair in enumerate(points.pairs):
            # a mean over fewer seeds would be another quantity
            if len(runs.seeds(pair, seeds)) == len(seeds):
                one, two = (runs.values(case, seeds)[:, 0, :] for case in pair)
                base[row], other[row] = one.mean(axis=0), two.mean(axis=0)
                if len(seeds) > 1:
                    within[row] = np.var(two - one, axis=0, ddof=1)
        return PointValues(points, base, other, within)

    def run_central(self, experiment: Experiment) -> tuple[list[int], PointValues]:
        """Run the central point with many seeds: how much a difference moves by chance alone.

        Returns:
            The seeds with which both sides finished, and one row for each of them.

        Raises:
            InputError: Fewer than two did.
        """
        runs, pair = experiment.runs, self.central
        wanted = experiment.seeds(self.noise)
        runs.add(trials([pair], wanted))
        seeds = runs.seeds(pair, wanted)
        if len(seeds) < 2:
            raise InputError(
                f"{len(runs.failures(pair))} of {2 * self.noise} runs failed with every assumption "
                f"at its value, so nothing can be said of chance{runs.first_error(pair)}",
                run_folder=experiment.folder.path,
            )
        base, other = (runs.values(case, seeds)[:, 0, :] for case in pair)
        points = DesignPoints("central", np.empty((1, 0)), [pair])
        return seeds, PointValues(points, base, other, np.full_like(base, np.nan))

    def common(
        self, experiment: Experiment, noise_seeds: list[int], stages: Sequence[PointValues]
    ) -> dict[str, Any]:
        """The fields of `DesignSummary`.

        Args:
            experiment: Under way.
            noise_seeds: Seeds with which both sides finished at the central point.
            stages: The designs that were run.
        """
        pairs = [self.central, *(pair for values in stages for pair in values.points.pairs)]
        finished = sum(int((~values.failed).sum()) for values in stages)
        keys = VariedAssumption.model_fields
        return {
            "baseline": self.baseline.title,
            "scenario": self.scenario.title,
            "coverage": COVERAGE,
            "plan": self.plan,
            "fixed_by_scenarios": sorted({*self.baseline.parameters, *self.scenario.parameters}),
            "signal_wanted": SIGNAL,
            "replications_per_point": self.replications,
            "point_seeds": [*experiment.seeds(self.replications)],
            "noise_seeds": noise_seeds,
            "replications": len(noise_seeds) + self.replications * finished,
            "records": {
                name: VariedAssumption(**{key: getattr(record, key) for key in keys})
                for name, record in self.records.items()
            },
            "failed": experiment.runs.failures([case for pair in pairs for case in pair]),
        }

    def write_points(
        self, experiment: Experiment, stages: Sequence[PointValues], outcomes: Sequence[str]
    ) -> None:
        """Write `points.csv`: what was assumed at every point, and both sides' outcomes.

        Args:
            experiment: Under way.
            stages: The designs that were run.
            outcomes: The outcomes to write.
        """
        sides = ("baseline", "scenario", "difference")
        header = ["stage", "point", "failed", "seeds", *self.records]
        header += [f"{outcome}_{side}" for outcome in outcomes for side in sides]
        shared = " ".join(str(seed) for seed in experiment.seeds(self.replications))
        defaults = {name: record.value for name, record in self.records.items()}
        rows: list[list[Any]] = []
        for values in stages:
            failed, stage = values.failed, values.points.stage
            for number, (base, _) in enumerate(values.points.pairs):
                row: list[Any] = [stage, number + 1, int(failed[number]), shared]
                row += {**defaults, **base.assumptions}.values()
                for outcome in outcomes:
                    column = OUTCOME_NAMES.index(outcome)
                    one, two = values.base[number, column], values.other[number, column]
                    row += [one, two, two - one]
                rows.append(row)
        experiment.folder.write_text("points.csv", as_csv(header, rows))


def trials(pairs: Sequence[Pair], seeds: Sequence[int]) -> list[Trial]:
    """Both sides of every pair with every seed."""
    return [Trial(case, seed) for pair, seed in product(pairs, seeds) for case in pair]
