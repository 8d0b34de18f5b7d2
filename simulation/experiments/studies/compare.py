"""Scenarios against a baseline with the same seeds: differences, and how sure they are."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

from simulation.experiments.engine.command_text import with_options
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.measures import LEG_COUNTS, OUTCOME_NAMES
from simulation.experiments.engine.options import MOST_RUNS, check_bounds
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.serialization import json_number, projected_word
from simulation.experiments.engine.time_budget import DEFAULT_SECONDS, Budget, exactly
from simulation.experiments.engine.trials import Case, Trial
from simulation.experiments.findings import (
    Day,
    Effect,
    ExperimentFindings,
    Finding,
    OutcomeEffects,
    Window,
)
from simulation.experiments.statistics.paired import (
    COVERAGE,
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    Differences,
    paired_differences,
    pairs_for_precision,
    pairs_to_settle,
)
from simulation.experiments.statistics.since_change import (
    days_of_months,
    first_change,
    totals_of_years,
    windows,
    years_since,
)
from simulation.experiments.studies.ladder import (
    LadderRung,
    describe_ladder,
    ladder_csv,
    ladder_of,
)
from simulation.experiments.studies.paired_effects import compare_totals, identical, outcome_effects
from simulation.experiments.study import Study, StudyResult, no_pairs
from simulation.outcomes import HEADLINE, periods
from simulation.scenario import Scenario
from simulation.scenario.horizon import horizon

#: fewest pairs with which precision is judged, and by how much their number grows
_FIRST_PAIRS = DIRECTION_PAIRS
_GROWTH = 1.5


class PairBounds(BaseModel):
    """The numbers that say how many pairs are run, with their bounds."""

    replications: int | None = Field(
        default=None,
        ge=2,
        le=MOST_RUNS,
        description=f"or auto; an interval needs {FEWEST_PAIRS} pairs, a direction "
        f"{DIRECTION_PAIRS}",
    )
    precision: float = Field(default=0.01, gt=0.0, lt=1.0)
    limit: int = Field(default=100, ge=_FIRST_PAIRS, le=MOST_RUNS)


@dataclass(frozen=True)
class Precision:
    """How long pairs are added.

    Attributes:
        replications: Pairs to run; None to add them until the difference is known well enough.
        half_width: Half-width wanted of the interval of the difference in arrivals, as a share of
            the baseline's arrivals.
        limit: Pairs after which to stop in any case.
        seconds: Time after which no pair is added, though at least `FEWEST_PAIRS` are run; of no
            meaning where `replications` is a number.
    """

    replications: int | None = None
    half_width: float = 0.01
    limit: int = 100
    seconds: float = DEFAULT_SECONDS

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        check_bounds(
            PairBounds,
            replications=self.replications,
            precision=self.half_width,
            limit=self.limit,
        )


#: why no more pairs were added: as many as were asked for, precise enough, or at a limit
EndedBy = Literal["asked", "precision", "limit", "time"]


class Ended(Finding):
    """Why no more pairs were added; times only where the time ended it.

    Attributes:
        by: See `EndedBy`.
        limit: Most pairs, where they are added by themselves.
        seconds: The time that was over.
        seconds_per_pair: How long a pair took.
    """

    by: EndedBy
    limit: int | None = None
    seconds: float | None = None
    seconds_per_pair: float | None = None


class SinceChange(Finding):
    """Effects by year since the first day on which two scenarios differ.

    Attributes:
        first_change: That day.
        windows: Days of each year, twelve months from the month of that day.
        outcomes: Effects by outcome.
    """

    first_change: Day
    windows: dict[str, Window]
    outcomes: dict[str, OutcomeEffects]


class ScenarioEffects(Finding):
    """What one scenario changes.

    Attributes:
        title: Of the scenario.
        description: Of the scenario.
        outcomes: Effects by outcome.
        since: Effects by year since the first change; None if the two ask for the same.
        same_question: Whether the two differ in their names only.
        identical: Whether all runs are the same to the last bit.
        pairs_to_settle: Pairs that would probably show the effect on arrivals.
        pairs_for_precision: Pairs with which its interval would be narrow enough.
    """

    title: str
    description: str = ""
    outcomes: dict[str, OutcomeEffects]
    since: SinceChange | None = None
    same_question: bool = False
    identical: bool
    pairs_to_settle: int | None = None
    pairs_for_precision: int | None = None

    def effect(self, name: str, period: str = "run") -> Effect:
        """The effect on an outcome in a period."""
        return self.outcomes[name].periods[period]


class Compared(Finding):
    """What a comparison finds.

    Attributes:
        baseline: Title of the baseline.
        coverage: Of the intervals, 0 to 1.
        precision: Half-width asked for, as a share of the baseline's arrivals.
        precision_reached: Half-width reached, of the widest.
        headline: The outcome of the headline.
        periods: Names of the periods.
        scenarios: What each scenario changes.
        ended: Why no more pairs were added.
        ladder: What each response of smugglers changes; None where it was not asked for.
    """

    baseline: str
    coverage: float
    precision: float | None = None
    precision_reached: float | None = None
    headline: str
    periods: list[str] = Field(default_factory=list)
    scenarios: list[ScenarioEffects] = Field(min_length=1)
    ended: Ended | None = None
    ladder: list[LadderRung] | None = None


class ComparisonFindings(ExperimentFindings, Compared):
    """`summary.json` of a comparison."""


@dataclass(frozen=True)
class Added:
    """The pairs that were run.

    Attributes:
        seeds: The seeds with which every case finished.
        tried: How many were tried, those with a failed run included.
        ended: Why no more were added.
        seconds_per_pair: How long a pair took; None where none was run by this attempt.
    """

    seeds: list[int]
    tried: int
    ended: EndedBy
    seconds_per_pair: float | None


@dataclass(frozen=True)
class Compare(Study[ComparisonFindings]):
    """Scenarios against a baseline with the same seeds.

    Attributes:
        baseline: What the others are compared with.
        others: One scenario or more.
        precision: How many pairs.
        ladder: Whether to find also what each adaptation of smugglers takes back.
        announce: Called once with how long pairs will be added, before the first is run.
        clock: Seconds since some moment, for the time that pairs may take.
    """

    kind = "compare"
    baseline: Scenario
    others: Sequence[Scenario]
    precision: Precision = Precision()
    ladder: bool = False
    announce: Callable[[str], None] | None = None
    clock: Callable[[], float] = time.monotonic

    @property
    def findings(self) -> type[ComparisonFindings]:
        """The type of its findings."""
        return ComparisonFindings

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The baseline, then the others."""
        return [self.baseline, *self.others]

    @property
    def settings(self) -> Mapping[str, Any]:
        """Whether there is a ladder."""
        return {"ladder": self.ladder}

    def check(self) -> None:
        """Refuse a precision that cannot be used."""
        self.precision.check()

    def run(self, experiment: Experiment) -> StudyResult:
        """Add pairs of runs, and say what differs."""
        precision = self.precision
        budget = Budget(precision.seconds, self.clock)
        cases = [Case(scenario.title, scenario) for scenario in self.scenarios]
        ladders = [ladder_of(cases[0], case) for case in cases[1:]] if self.ladder else []
        everything = cases + [
            case for rungs in ladders for rung in rungs for case in (rung.base, rung.other)
        ]
        added = add_pairs(experiment, cases, everything, precision, budget, self.announce)
        seeds, ended = added.seeds, ending(added, precision)
        found = describe(experiment, cases, seeds, precision, ended)
        if precision.replications is None:
            asked = {"time": None, "replications": added.tried}
            experiment.command = with_options(experiment.command, asked)
        experiment.noted["pairs"] = {"tried": added.tried, **ended.as_json()}
        write_differences(experiment, cases, seeds)
        if ladders:
            steps = (describe_ladder(experiment.runs, rungs, seeds) for rungs in ladders)
            rungs = [rung for each in steps for rung in each]
            found = found.model_copy(update={"ladder": rungs})
            experiment.folder.write_text("ladder.csv", ladder_csv(rungs))
        return StudyResult(found, everything, seeds)


def add_pairs(
    experiment: Experiment,
    cases: Sequence[Case],
    everything: Sequence[Case],
    precision: Precision,
    budget: Budget,
    announce: Callable[[str], None] | None = None,
) -> Added:
    """Run pairs until there are enough, or the time is over.

    What a number of pairs gives depends on nothing but that number. Where the time ends it, the
    number depends on how fast the runs came; elsewhere on results only, so that it is the same for
    any executor and number of workers.

    Args:
        experiment: Under way.
        cases: The baseline and what it is compared with; their arrivals decide.
        everything: All cases to run with each seed.
        precision: How many pairs, or until when.
        budget: The time, which is running.
        announce: Called once with how long pairs will be added, before the first is run.

    Returns:
        What was run.

    Raises:
        InputError: With no seed did every case finish.
    """
    runs = experiment.runs
    told = precision.replications is not None or announce is None

    def run(count: int, stop: Callable[[], bool] | None = None) -> None:
        nonlocal told
        trials = [Trial(case, seed) for seed in experiment.seeds(count) for case in everything]
        if not told and announce is not None and runs.plan(trials):
            told = True
            announce(announcement(precision))
        runs.add(trials, stop)

    ended: EndedBy = "asked"
    if precision.replications is not None:
        tried = precision.replications
        run(tried)
    else:
        run(FEWEST_PAIRS)  # whatever the time, or there would be no interval
        wanted = _FIRST_PAIRS if differ(cases) else FEWEST_PAIRS
        while True:
            run(wanted, budget.over)
            tried = runs.tried(everything, experiment.seeds(wanted))
            finished = runs.seeds(everything, experiment.seeds(tried))
            if tried < wanted:
                ended = "time"
            elif not differ(cases) or reached(runs, cases, finished) <= precision.half_width:
                ended = "precision"
            elif wanted >= precision.limit:
                ended = "limit"
            else:
                wanted = min(precision.limit, math.ceil(wanted * _GROWTH))
                continue
            break
    finished = runs.seeds(everything, experiment.seeds(tried))
    if not finished:
        raise no_pairs(experiment, everything, "every scenario")
    pairs_run = runs.ran / len({case.key for case in everything})
    return Added(finished, tried, ended, budget.used / pairs_run if pairs_run else None)


def differ(cases: Sequence[Case]) -> bool:
    """Whether any case asks for something else than the first; names make no difference."""
    return any(case.key != cases[0].key for case in cases[1:])


def announcement(precision: Precision) -> str:
    """How long pairs will be added, before the first is run."""
    return (
        f"Adding pairs of runs until the difference in arrivals is known to within "
        f"{100.0 * precision.half_width:.3g}% of the baseline's arrivals, for at most "
        f"{exactly(precision.seconds)} (--precision, --time)."
    )


def ending(added: Added, precision: Precision) -> Ended:
    """Why no more pairs were added.

    Everything but the times would be the same on any machine, and stays so.
    """
    limit = {"limit": precision.limit} if precision.replications is None else {}
    if added.ended == "time":
        return Ended(
            by=added.ended,
            seconds=precision.seconds,
            seconds_per_pair=added.seconds_per_pair,
            **limit,
        )
    return Ended(by=added.ended, **limit)


def reached(runs: ExperimentRuns, cases: Sequence[Case], seeds: Sequence[int]) -> float:
    """Half-width of the difference in arrivals as a share of the baseline's, the widest of all."""
    if len(seeds) < 2:
        return math.inf
    column = OUTCOME_NAMES.index(HEADLINE)
    base = runs.totals(cases[0], seeds)[:, 0, column]
    widths = []
    for case in cases[1:]:
        found = paired_differences(base, runs.totals(case, seeds)[:, 0, column])
        widths.append(float(found.high - found.low) / 2.0)
    mean = float(base.mean())
    return max(widths) / mean if mean > 0.0 else math.inf


def describe(
    experiment: Experiment,
    cases: Sequence[Case],
    seeds: Sequence[int],
    precision: Precision,
    ended: Ended,
) -> Compared:
    """What a comparison finds."""
    runs, axes = experiment.runs, experiment.axes
    scenarios = []
    for case in cases[1:]:
        found = compare_totals(runs, cases[0], case, seeds)
        scenarios.append(
            ScenarioEffects(
                title=case.name,
                description=case.scenario.description,
                outcomes=outcome_effects(found, axes.periods),
                since=years_since_change(experiment, cases[0], case, seeds),
                same_question=not differ([cases[0], case]),
                identical=identical(runs, cases[0], case, seeds),
                pairs_to_settle=settle(found),
                pairs_for_precision=narrow(found, precision.half_width),
            )
        )
    return Compared(
        baseline=cases[0].name,
        coverage=COVERAGE,
        precision=precision.half_width,
        precision_reached=json_number(reached(runs, cases, seeds)),
        headline=HEADLINE,
        periods=list(axes.periods),
        scenarios=scenarios,
        ended=ended,
    )


def years_since_change(
    experiment: Experiment, base: Case, other: Case, seeds: Sequence[int]
) -> SinceChange | None:
    """Differences by year since the first change; None where the two ask for the same.

    Args:
        experiment: Under way.
        base: What is compared with.
        other: What is compared.
        seeds: The seeds with which both finished.
    """
    start, end = experiment.axes.start, experiment.axes.end
    change = first_change(base.scenario, other.scenario, experiment.setting.days)
    if change is None:
        return None
    years = years_since(change, start, end)
    days = days_of_months(start, end)
    found = paired_differences(
        *(
            totals_of_years(
                np.array([measures.months for measures in experiment.runs.each(case, seeds)]),
                list(years.values()),
                days,
            )
            for case in (base, other)
        )
    )
    return SinceChange(
        first_change=change.isoformat(),
        windows=windows(years, start, end),
        outcomes=outcome_effects(found, list(years)),
    )


def settle(found: Differences) -> int | None:
    """Pairs that would probably tell the difference in arrivals from zero, if it stays."""
    at = (0, OUTCOME_NAMES.index(HEADLINE))
    return pairs_to_settle(float(found.mean[at]), float(found.sd[at]))


def narrow(found: Differences, half_width: float) -> int | None:
    """Pairs with which the interval of the difference in arrivals would be narrow enough."""
    at = (0, OUTCOME_NAMES.index(HEADLINE))
    return pairs_for_precision(half_width * float(found.base[at]), float(found.sd[at]))


def write_differences(experiment: Experiment, cases: Sequence[Case], seeds: Sequence[int]) -> None:
    """Write `differences.csv`, `month_differences.csv` and `leg_differences.csv`."""
    from simulation.experiments.studies.difference_tables import difference_csv

    runs, axes, folder = experiment.runs, experiment.axes, experiment.folder
    by_period, by_month, by_leg = [], [], []
    for case in cases[1:]:
        by_period.append((case.name, compare_totals(runs, cases[0], case, seeds)))
        by_month.append((case.name, _compare_array(runs, cases[0], case, seeds, "months")))
        by_leg.append((case.name, _compare_array(runs, cases[0], case, seeds, "legs")))
    names = {"period": axes.periods, "month": axes.months, "leg": axes.legs}
    from_month = horizon(axes.start, axes.end).projected_from
    lasts = [f"{last}" for _, last in periods(axes.start, axes.end).values()]
    projected = {
        "period": [projected_word(last, from_month) for last in lasts],
        "month": [projected_word(month, from_month) for month in axes.months],
    }
    for file, word, found, columns in (
        ("differences.csv", "period", by_period, OUTCOME_NAMES),
        ("month_differences.csv", "month", by_month, OUTCOME_NAMES),
        ("leg_differences.csv", "leg", by_leg, LEG_COUNTS),
    ):
        marks = projected.get(word)
        folder.write_text(file, difference_csv(found, word, names[word], columns, marks))


def _compare_array(
    runs: ExperimentRuns, base: Case, other: Case, seeds: Sequence[int], name: str
) -> Differences:
    def values(case: Case) -> npt.NDArray[np.float64]:
        return np.array([getattr(measures, name) for measures in runs.each(case, seeds)])

    return paired_differences(values(base), values(other))
