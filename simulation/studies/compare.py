"""Scenarios against a baseline with the same seeds: differences, and how sure they are."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from simulation.engine.arguments import LIMIT, PAIRS, PRECISION, RANK
from simulation.engine.command_text import with_options
from simulation.engine.experiment import Experiment, StudyResult
from simulation.engine.findings import (
    Effect,
    ExperimentFindings,
    LinkEffect,
    OutcomeEffects,
    StepEffect,
)
from simulation.engine.run_store import LEG_COUNTS, OUTCOME_NAMES
from simulation.engine.runs import ExperimentRuns
from simulation.engine.time_budget import DEFAULT_SECONDS, Budget, exactly
from simulation.engine.trials import Case, Trial
from simulation.engine.world_design import Chosen
from simulation.outcomes import HEADLINE, OUTCOMES, periods
from simulation.scenario import Scenario
from simulation.scenario.horizon import Horizon
from simulation.serialization import as_csv, json_number, projected_word
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import (
    COVERAGE,
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    SPREAD_PAIRS,
    has_direction,
    paired_differences,
)
from simulation.statistics.plausible_range import RESAMPLES
from simulation.studies.drivers import Drivers, drivers
from simulation.studies.effect_split import EffectSplit, effect_split
from simulation.studies.options import (
    COST,
    Sides,
    cost_added,
    cost_per_person,
    places,
    shares_best,
)
from simulation.studies.paired_effects import (
    compared,
    counts,
    difference_csv,
    difference_rows,
    effect,
    effects_of_run,
    error_share,
    identical,
    is_precise,
    link_effects,
    measure,
    outcome_effects,
    pairs_needed,
)
from simulation.studies.since_change import SinceChange, years_since_change
from simulation.studies.study import Study, no_pairs
from simulation.studies.world_effects import (
    PathEffects,
    VarianceSplit,
    WorldEffects,
    design_of,
    of_worlds,
    write_by_world,
)

#: by how much the number of pairs grows until the range is known well enough
_GROWTH = 1.5
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Precision:
    """How long pairs are added.

    Attributes:
        replications: Pairs to run; None to add them until the difference is known well enough.
        share: Error of the ends of the range of the difference in arrivals that is small enough, as
            a share of the baseline's arrivals; a tenth of the range always is.
        limit: Pairs after which to stop in any case.
        seconds: Time after which no pair is added, though at least `FEWEST_PAIRS` are run; of no
            meaning where `replications` is a number.
    """

    replications: int | None = None
    share: float = PRECISION.default
    limit: int = LIMIT.default
    seconds: float = DEFAULT_SECONDS

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        PAIRS.check(self.replications)
        PRECISION.check(self.share)
        LIMIT.check(self.limit)


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


class ScenarioEffects(Finding):
    """The effects of one scenario.

    Attributes:
        title: Of the scenario.
        description: Of the scenario.
        outcomes: Effects by outcome.
        since: Effects by year since the first change; None if the two ask for the same.
        identical: Whether all runs are the same to the last bit.
        pairs_to_settle: Pairs that would probably show the effect on arrivals.
        by_path: Effects by third of the paths, by how many people they bring.
        variance: By outcome, where the variance of the effect comes from; empty for too few pairs.
        chain: Effects on the sums of links of the chain.
        drivers: The assumptions that decide the effect on arrivals; None for too few sets.
        split: What of that effect is arithmetic, and what is assumed; None where no lever takes
            people out of the flow.
        place: Its place among the scenarios by what ranks them, 1 for the lowest.
        cost_eur: The money that its funding adds over the baseline within the period.
        cost_per_person: Low and high end over worlds of what each person fewer in the UK costs, in
            EUR; empty where it costs nothing, or these do not clearly fall.
        probability_best: Share of worlds in which it is better than all others and the baseline;
            None for too few sets.
    """

    title: str
    description: str = ""
    outcomes: dict[str, OutcomeEffects]
    since: SinceChange | None = None
    identical: bool
    pairs_to_settle: int | None = None
    by_path: list[PathEffects] = Field(default_factory=list)
    variance: dict[str, VarianceSplit] = Field(default_factory=dict)
    chain: dict[str, LinkEffect] = Field(default_factory=dict)
    drivers: Drivers | None = None
    split: EffectSplit | None = None
    place: Count = 1
    cost_eur: float = 0.0
    cost_per_person: list[float] = Field(default_factory=list)
    probability_best: float | None = None

    def effect(self, name: str, period: str = "run") -> Effect:
        """The effect on an outcome in a period, or on a sum of links over the whole run."""
        return self.chain[name] if name in self.chain else self.outcomes[name].periods[period]


class LadderRung(Finding):
    """The effect with some responses of smugglers.

    Attributes:
        scenario: Title of the scenario.
        responses: What smugglers are capable of.
        outcomes: The effect on each outcome over the whole run.
        step: What the last response changes, by outcome; None for the first rung.
        together: What all responses change, at the last rung.
    """

    scenario: str
    responses: list[str]
    outcomes: dict[str, Effect]
    step: dict[str, StepEffect] | None = None
    together: dict[str, StepEffect] | None = None


class Compared(Finding):
    """The findings of a comparison.

    Attributes:
        baseline: Title of the baseline.
        coverage: Of the intervals, 0 to 1.
        precision: Half-width asked for, as a share of the baseline's arrivals.
        precision_reached: Half-width reached, of the widest.
        headline: The outcome of the headline.
        rank: What ranks the scenarios.
        periods: Names of the periods.
        scenarios: What each scenario changes.
        ended: Why no more pairs were added.
        pairs_to_split: Pairs with which the variance is split; None where chance is all there is.
        ladder: What each response of smugglers changes; None where it was not asked for.
    """

    baseline: str
    coverage: float
    precision: float | None = None
    precision_reached: float | None = None
    headline: str
    rank: str = RANK.default
    periods: list[str] = Field(default_factory=list)
    scenarios: list[ScenarioEffects] = Field(min_length=1)
    ended: Ended | None = None
    pairs_to_split: int | None = None
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
        announce: Called once before the first pair is run, with how many are wanted.
        clock: Seconds since some moment, for the time that pairs may take.
        set_: Number of the fitted set that all pairs have, from 1; None to draw sets.
        path: The path that all pairs have, see `Chosen`; None to draw paths.
        period: The years that every figure is of; None for all days of the run.
        rank: What ranks the scenarios.
        margin: Largest changes that do not matter, as `simulation.margins.read_margins` takes them.
    """

    kind = "compare"
    crossed = True
    findings = ComparisonFindings
    baseline: Scenario
    others: Sequence[Scenario]
    precision: Precision = Precision()
    ladder: bool = False
    announce: Callable[[Precision], None] | None = None
    clock: Callable[[], float] = time.monotonic
    set_: int | None = None
    path: str | None = None
    period: str | None = None
    rank: str = RANK.default
    margin: str | None = None

    @property
    def scenarios(self) -> Sequence[Scenario]:
        """The baseline, then the others."""
        return [self.baseline, *self.others]

    @property
    def settings(self) -> Mapping[str, Any]:
        """Whether there is a ladder, and what all pairs have in common."""
        asked = {**self.chosen._asdict(), "period": self.period}.items()
        return {"ladder": self.ladder} | {name: one for name, one in asked if one is not None}

    @property
    def chosen(self) -> Chosen:
        """The set and the path of all pairs, where these are not drawn."""
        return Chosen(self.set_, self.path)

    @property
    def question_key(self) -> Mapping[str, Any] | None:
        """All but pairs that are added until they are enough, or a time is over."""
        if self.precision.replications is None:
            return None
        return {
            "replications": self.precision.replications,
            "ladder": self.ladder,
            "rank": self.rank,
            "period": self.period,
            **self.chosen._asdict(),
        }

    def check(self) -> None:
        """Refuse a precision that cannot be used."""
        self.precision.check()
        RANK.check(self.rank)

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
        worlds = [WorldEffects.of_cases(experiment, base, case, seeds) for case in others]
        findings = Compared(
            baseline=base.name,
            coverage=COVERAGE,
            precision=precision.share,
            precision_reached=json_number(
                max(map(error_share, headline_effects(runs, cases, seeds)), default=math.inf)
            ),
            headline=HEADLINE,
            rank=self.rank,
            periods=list(axes.periods),
            scenarios=ranked(
                [
                    self._effects(experiment, base, case, one)
                    for case, one in zip(others, worlds, strict=True)
                ],
                [one.sides for one in worlds],
                self.rank,
            ),
            ended=ended,
            pairs_to_split=design_of(experiment).pairs_to_split(),
        )
        if precision.replications is None:
            asked = {"time": None, "replications": tried}
            experiment.command = with_options(experiment.command, asked)
        experiment.noted["pairs"] = {"tried": tried, **ended.as_json()}
        write_differences(experiment, cases, seeds)
        write_by_world(experiment, base, worlds)
        if ladders:
            steps = [one for ladder in ladders for one in describe_ladder(runs, ladder, seeds)]
            findings = findings.model_copy(update={"ladder": steps})
            experiment.folder.write_text("ladder.csv", ladder_csv(steps))
        return StudyResult(findings, everything, seeds)

    def _add_pairs(
        self,
        experiment: Experiment,
        cases: Sequence[Case],
        everything: Sequence[Case],
        budget: Budget,
    ) -> tuple[int, Ended]:
        """Run pairs until there are enough, or the time is over; how many were tried, and why so.

        What a number of pairs gives depends on nothing but that number. Where the time ends it, the
        number depends on how fast the runs came; elsewhere on the arrivals of `cases` only, so that
        it is the same for any executor and number of workers.
        """
        runs, precision = experiment.runs, self.precision
        announce = self.announce

        def run(count: int, stop: Callable[[], bool] | None = None) -> None:
            nonlocal announce
            trials = [Trial(case, seed) for seed in experiment.seeds(count) for case in everything]
            if announce is not None and runs.plan(trials):
                announce(precision)
                announce = None
            runs.add(trials, stop)

        ended: EndedBy = "asked"
        if precision.replications is not None:
            tried = precision.replications
            run(tried)
        else:
            run(FEWEST_PAIRS)  # whatever the time, or there would be no interval
            ranged = has_range(runs, experiment.seeds(DIRECTION_PAIRS))
            wanted = min(precision.limit, SPREAD_PAIRS if ranged else DIRECTION_PAIRS)
            while True:
                run(wanted, budget.over)
                tried = runs.tried(everything, experiment.seeds(wanted))
                finished = runs.seeds(everything, experiment.seeds(tried))
                if tried < wanted:
                    ended = "time"
                elif is_enough(runs, cases, finished, precision.share):
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
        why: dict[str, Any] = {} if ended == "asked" else {"limit": precision.limit}
        if ended == "time":
            pairs_run = runs.ran / len({case.key for case in everything})
            a_pair = budget.used / pairs_run if pairs_run else None
            why |= {"seconds": precision.seconds, "seconds_per_pair": a_pair}
        return tried, Ended(by=ended, **why)

    def _effects(
        self, experiment: Experiment, base: Case, case: Case, worlds: WorldEffects
    ) -> ScenarioEffects:
        """The effects of one scenario."""
        seeds = worlds.seeds
        runs, axes = experiment.runs, experiment.axes
        cost = cost_added(base.scenario, case.scenario, axes.start, axes.end)
        measured, at = compared(runs, base, case, seeds), (0, OUTCOME_NAMES.index(HEADLINE))
        outcomes = outcome_effects(measured, experiment.axes.periods)
        return ScenarioEffects(
            title=case.name,
            description=case.scenario.description,
            outcomes=outcomes,
            since=years_since_change(experiment, base, case, seeds),
            identical=identical(runs, base, case, seeds),
            pairs_to_settle=pairs_needed(measured.mean, at, HEADLINE),
            **of_worlds(worlds),
            chain=link_effects(runs, base, case, seeds),
            drivers=drivers(
                worlds,
                experiment.setting.drawn_from,
                {**base.scenario.parameters, **case.scenario.parameters},
            ),
            split=effect_split(outcomes, base.scenario, case.scenario),
            cost_eur=cost,
            cost_per_person=cost_per_person(cost, worlds.sides),
        )


def ranked(
    scenarios: Sequence[ScenarioEffects], sides: Sequence[Sides], rank: str
) -> list[ScenarioEffects]:
    """The effects of scenarios with their places, in the order in which they were asked.

    Args:
        scenarios: The effects.
        sides: The pairs behind each.
        rank: What ranks.
    """
    effects = [None if rank == COST else one.effect(rank) for one in scenarios]
    place = places(effects, [one.cost_eur for one in scenarios])
    shares = shares_best(sides, rank)
    return [
        one.model_copy(update={"place": at, "probability_best": share})
        for one, at, share in zip(scenarios, place, shares, strict=True)
    ]


def announcement(precision: Precision) -> str:
    """How long pairs will be added, before the first is run."""
    return (
        f"Adding pairs of runs until the range of arrivals is known well enough, for at most "
        f"{exactly(precision.seconds)} (--precision, --time)."
    )


def headline_effects(
    runs: ExperimentRuns, cases: Sequence[Case], seeds: Sequence[int]
) -> list[Effect]:
    """The effect of each case on arrivals, against the first; none without a pair."""
    if not seeds:
        return []
    column = OUTCOME_NAMES.index(HEADLINE)
    base, *others = (runs.values(case, seeds)[:, 0, column, None] for case in cases)
    worlds = runs.worlds(seeds)
    measured = (measure(base, other, worlds, (HEADLINE,)) for other in others)
    return [effect(one, (0,), HEADLINE) for one in measured]


def has_range(runs: ExperimentRuns, seeds: Sequence[int]) -> bool:
    """Whether pairs differ in their set or path: enough of them have a range over worlds."""
    return any(len({*labels}) > 1 for labels in runs.worlds(seeds))


def is_enough(
    runs: ExperimentRuns, cases: Sequence[Case], seeds: Sequence[int], share: float
) -> bool:
    """Whether the effects on arrivals are known well enough for no more pairs to be run."""
    ranged, effects = has_range(runs, seeds), headline_effects(runs, cases, seeds)
    return bool(effects) and all(is_precise(one, share, ranged=ranged) for one in effects)


def write_differences(experiment: Experiment, cases: Sequence[Case], seeds: Sequence[int]) -> None:
    """Write `differences.csv`, `month_differences.csv` and `leg_differences.csv`."""
    runs, axes, base = experiment.runs, experiment.axes, cases[0]
    from_month = Horizon(axes.start, axes.end).projected_from
    worlds = design_of(experiment).counts(seeds)
    lasts = [f"{last}" for _, last in periods(axes.start, axes.end).values()]
    for file, of, word, labels, columns, ends in (
        ("differences.csv", "totals", "period", axes.periods, OUTCOME_NAMES, lasts),
        ("month_differences.csv", "months", "month", axes.months, OUTCOME_NAMES, axes.months),
        ("leg_differences.csv", "legs", "leg", axes.legs, LEG_COUNTS, None),
    ):
        marks = None if ends is None else [projected_word(last, from_month) for last in ends]
        each = [worlds] * len(labels)
        resamples = RESAMPLES if of == "totals" else 0  # of so many rows they would take long
        rows = [
            row
            for case in cases[1:]
            for measured in [
                compared(runs, base, case, seeds, of=of, outcomes=columns, resamples=resamples)
            ]
            for row in difference_rows(case.name, measured, labels, columns, each, marks)
        ]
        text = difference_csv(rows, word, projected=marks is not None)
        experiment.folder.write_text(file, text)


@dataclass(frozen=True)
class Rung:
    """One step of the adaptation ladder: the same comparison with some responses switched off.

    Attributes:
        scenario: Title of the scenario it is of.
        responses: What smugglers are capable of.
        base: The baseline with these responses.
        other: The scenario with them.
    """

    scenario: str
    responses: tuple[str, ...]
    base: Case
    other: Case


def ladder_of(base: Case, other: Case) -> list[Rung]:
    """From no adaptation to all of it, one response added at a time."""
    responses = tuple(type(base.scenario.adaptation).model_fields)
    rungs = []
    for count in range(len(responses) + 1):
        allowed = responses[:count]
        cases = []
        for case in (base, other):
            switches = {
                # a response the scenario itself rules out stays out
                name: name in allowed and getattr(case.scenario.adaptation, name)
                for name in responses
            }
            adaptation = case.scenario.adaptation.model_copy(update=switches)
            scenario = case.scenario.model_copy(update={"adaptation": adaptation})
            words = ", ".join(name.replace("_", " ") for name in allowed) or "none"
            cases.append(Case(f"{case.name} (responses: {words})", scenario))
        rungs.append(Rung(other.name, allowed, *cases))
    return rungs


def describe_ladder(
    runs: ExperimentRuns, rungs: Sequence[Rung], seeds: Sequence[int]
) -> list[LadderRung]:
    """The effects at each rung of one ladder, and the change by its response.

    `step` is the effect with one response more less the effect before, seed by seed; `together`,
    at the last rung, is that of all responses.
    """
    entries: list[LadderRung] = []
    worlds = runs.worlds(seeds)
    gaps: list[Values] = []  # of the whole run, (seeds, outcomes)
    for rung in rungs:
        base, other = (runs.values(case, seeds) for case in (rung.base, rung.other))
        gaps.append(other[:, 0] - base[:, 0])
        step = together = None
        if entries:
            step = _steps(gaps[-2], gaps[-1], entries[-1].outcomes, worlds.groups)
            if rung is rungs[-1]:
                together = _steps(gaps[0], gaps[-1], entries[0].outcomes, worlds.groups)
        entries.append(
            LadderRung(
                scenario=rung.scenario,
                responses=list(rung.responses),
                outcomes=effects_of_run(measure(base, other, worlds, OUTCOME_NAMES)),
                step=step,
                together=together,
            )
        )
    return entries


def ladder_csv(rungs: Sequence[LadderRung]) -> str:
    """Every rung and outcome: the effect, and what the last response changed of it."""
    change = ("mean_difference", "mean_low", "mean_high", "mean_probability")
    values = ("pairs", "baseline", "scenario", *change[:3])
    rows = [
        [
            rung.scenario,
            " ".join(rung.responses) or "none",
            outcome,
            OUTCOMES[outcome].quote,
            *(getattr(entry, name) for name in values),
            *(getattr((rung.step or {}).get(outcome), name, None) for name in change),
        ]
        for rung in rungs
        for outcome, entry in rung.outcomes.items()
    ]
    steps = (f"step_{name}" for name in change)
    return as_csv(["scenario_title", "responses", "outcome", "quote", *values, *steps], rows)


def _steps(
    before: Values,
    after: Values,
    effects: dict[str, Effect],
    groups: Sequence[Hashable] | None,
) -> dict[str, StepEffect]:
    """By outcome: an effect, the effect after it, and the paired difference of the two."""
    gaps = paired_differences(before, after, groups=groups)
    steps = {}
    for column, name in enumerate(OUTCOME_NAMES):
        low, high = float(gaps.low[column]), float(gaps.high[column])
        steps[name] = StepEffect(
            **counts(gaps, (column,)),
            before=json_number(before[:, column].mean()),
            after=json_number(after[:, column].mean()),
            mean_difference=json_number(gaps.mean[column]),
            mean_low=json_number(low),
            mean_high=json_number(high),
            mean_probability=json_number(gaps.sign_probability[column]),
            detectable=has_direction(low, high, int(gaps.groups[column])),
            before_detectable=effects[name].detectable,
        )
    return steps
