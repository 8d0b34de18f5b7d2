"""Scenarios against a baseline with the same seeds: differences, and how sure they are."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
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
    paired_differences,
    pairs_for_precision,
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
from simulation.experiments.studies.paired_effects import (
    compared,
    difference_csv,
    identical,
    outcome_effects,
    pairs_needed,
)
from simulation.experiments.study import Study, StudyResult, no_pairs
from simulation.outcomes import HEADLINE, periods
from simulation.scenario import Scenario
from simulation.scenario.horizon import Horizon

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
    findings = ComparisonFindings
    baseline: Scenario
    others: Sequence[Scenario]
    precision: Precision = Precision()
    ladder: bool = False
    announce: Callable[[str], None] | None = None
    clock: Callable[[], float] = time.monotonic

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
        runs, axes, precision = experiment.runs, experiment.axes, self.precision
        budget = Budget(precision.seconds, self.clock)
        cases = [Case(scenario.title, scenario) for scenario in self.scenarios]
        base, *others = cases
        ladders = [ladder_of(base, case) for case in others] if self.ladder else []
        rungs = [rung for ladder in ladders for rung in ladder]
        everything = cases + [case for rung in rungs for case in (rung.base, rung.other)]
        tried, ended = self._add_pairs(experiment, cases, everything, budget)
        seeds = runs.seeds(everything, experiment.seeds(tried))
        found = Compared(
            baseline=base.name,
            coverage=COVERAGE,
            precision=precision.half_width,
            precision_reached=json_number(reached(runs, cases, seeds)),
            headline=HEADLINE,
            periods=list(axes.periods),
            scenarios=[self._effects(experiment, base, case, seeds) for case in others],
            ended=ended,
        )
        if precision.replications is None:
            asked = {"time": None, "replications": tried}
            experiment.command = with_options(experiment.command, asked)
        experiment.noted["pairs"] = {"tried": tried, **ended.as_json()}
        write_differences(experiment, cases, seeds)
        if ladders:
            steps = [one for ladder in ladders for one in describe_ladder(runs, ladder, seeds)]
            found = found.model_copy(update={"ladder": steps})
            experiment.folder.write_text("ladder.csv", ladder_csv(steps))
        return StudyResult(found, everything, seeds)

    def _add_pairs(
        self,
        experiment: Experiment,
        cases: Sequence[Case],
        everything: Sequence[Case],
        budget: Budget,
    ) -> tuple[int, Ended]:
        """Run pairs until there are enough, or the time is over.

        What a number of pairs gives depends on nothing but that number. Where the time ends it, the
        number depends on how fast the runs came; elsewhere on results only, so that it is the same
        for any executor and number of workers.

        Args:
            experiment: Under way.
            cases: The baseline and what it is compared with; their arrivals decide.
            everything: All cases to run with each seed.
            budget: The time, which is running.

        Returns:
            How many pairs were tried, and why no more were added.

        Raises:
            InputError: With no seed did every case finish.
        """
        runs, precision = experiment.runs, self.precision
        announce = self.announce if precision.replications is None else None

        def run(count: int, stop: Callable[[], bool] | None = None) -> None:
            nonlocal announce
            trials = [Trial(case, seed) for seed in experiment.seeds(count) for case in everything]
            if announce is not None and runs.plan(trials):
                announce(announcement(precision))
                announce = None
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
        if not runs.seeds(everything, experiment.seeds(tried)):
            raise no_pairs(experiment, everything, "every scenario")
        # everything but the times would be the same on any machine, and stays so
        about: dict[str, Any] = {} if ended == "asked" else {"limit": precision.limit}
        if ended == "time":
            pairs_run = runs.ran / len({case.key for case in everything})
            a_pair = budget.used / pairs_run if pairs_run else None
            about |= {"seconds": precision.seconds, "seconds_per_pair": a_pair}
        return tried, Ended(by=ended, **about)

    def _effects(
        self, experiment: Experiment, base: Case, case: Case, seeds: Sequence[int]
    ) -> ScenarioEffects:
        """What one scenario changes."""
        runs, half_width = experiment.runs, self.precision.half_width
        found, at = compared(runs, base, case, seeds), (0, OUTCOME_NAMES.index(HEADLINE))
        wanted = half_width * float(found.base[at])
        return ScenarioEffects(
            title=case.name,
            description=case.scenario.description,
            outcomes=outcome_effects(found, experiment.axes.periods),
            since=years_since_change(experiment, base, case, seeds),
            same_question=not differ([base, case]),
            identical=identical(runs, base, case, seeds),
            pairs_to_settle=pairs_needed(found, at),
            pairs_for_precision=pairs_for_precision(wanted, float(found.sd[at])),
        )


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


def reached(runs: ExperimentRuns, cases: Sequence[Case], seeds: Sequence[int]) -> float:
    """Half-width of the difference in arrivals as a share of the baseline's, the widest of all."""
    if len(seeds) < 2:
        return math.inf
    column = OUTCOME_NAMES.index(HEADLINE)
    base, *others = (runs.totals(case, seeds)[:, 0, column] for case in cases)
    found = [paired_differences(base, other) for other in others]
    mean = float(base.mean())
    widest = max(float(one.high - one.low) / 2.0 for one in found)
    return widest / mean if mean > 0.0 else math.inf


def years_since_change(
    experiment: Experiment, base: Case, other: Case, seeds: Sequence[int]
) -> SinceChange | None:
    """Differences by year since the first change; None where the two ask for the same."""
    start, end = experiment.axes.start, experiment.axes.end
    change = first_change(base.scenario, other.scenario, experiment.setting.days)
    if change is None:
        return None
    years, days = years_since(change, start, end), days_of_months(start, end)
    both = (
        np.array([measures.months for measures in experiment.runs.each(case, seeds)])
        for case in (base, other)
    )
    totals = (totals_of_years(months, list(years.values()), days) for months in both)
    return SinceChange(
        first_change=change.isoformat(),
        windows=windows(years, start, end),
        outcomes=outcome_effects(paired_differences(*totals), list(years)),
    )


def write_differences(experiment: Experiment, cases: Sequence[Case], seeds: Sequence[int]) -> None:
    """Write `differences.csv`, `month_differences.csv` and `leg_differences.csv`."""
    runs, axes, base = experiment.runs, experiment.axes, cases[0]
    from_month = Horizon(axes.start, axes.end).projected_from
    lasts = [f"{last}" for _, last in periods(axes.start, axes.end).values()]
    for file, of, labels, columns, ends in (
        ("differences.csv", "totals", axes.periods, OUTCOME_NAMES, lasts),
        ("month_differences.csv", "months", axes.months, OUTCOME_NAMES, axes.months),
        ("leg_differences.csv", "legs", axes.legs, LEG_COUNTS, None),
    ):
        found = [(case.name, compared(runs, base, case, seeds, of=of)) for case in cases[1:]]
        marks = None if ends is None else [projected_word(last, from_month) for last in ends]
        word = {"totals": "period", "months": "month", "legs": "leg"}[of]
        experiment.folder.write_text(file, difference_csv(found, word, labels, columns, marks))
