"""Scenarios against a baseline with the same seeds: differences, and how sure they are."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, Field

from simulation.errors import InputError
from simulation.experiments.engine.command_text import with_options
from simulation.experiments.engine.experiment import Experiment
from simulation.experiments.engine.measures import LEG_COUNTS, OUTCOME_NAMES
from simulation.experiments.engine.options import MOST_RUNS, Options, check_bounds
from simulation.experiments.engine.progress import Progress
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.serialization import json_number, projected_word
from simulation.experiments.engine.time_budget import DEFAULT_SECONDS, Budget, exactly
from simulation.experiments.engine.trials import Case, Trial
from simulation.experiments.statistics.paired import (
    COVERAGE,
    DIRECTION_PAIRS,
    FEWEST_PAIRS,
    SPREAD_ENDS,
    Differences,
    has_direction,
    paired_differences,
    pairs_for_precision,
    pairs_to_settle,
    spread_kind,
)
from simulation.experiments.statistics.since_change import (
    days_of_months,
    first_change,
    since_entry,
    totals_of_years,
    years_since,
)
from simulation.outcomes import HEADLINE, OUTCOMES, periods
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
Ended = Literal["asked", "precision", "limit", "time"]


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
    ended: Ended
    seconds_per_pair: float | None


@dataclass(frozen=True)
class Compared:
    """What a comparison left behind.

    Attributes:
        folder: Its folder.
        summary: Content of `summary.json`.
        ran: Runs done by this attempt.
    """

    folder: Path
    summary: dict[str, Any]
    ran: int


def compare(
    baseline: Scenario,
    scenarios: Sequence[Scenario],
    options: Options,
    precision: Precision,
    *,
    ladder: bool = False,
    command: str = "",
    progress: Callable[[Progress], None] | None = None,
    announce: Callable[[str], None] | None = None,
    simulate: Callable[..., Any] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Compared:
    """Run a baseline and scenarios with the same seeds, and write what differs.

    Args:
        baseline: What the others are compared with.
        scenarios: One or more.
        options: What every experiment can be told.
        precision: How many pairs.
        ladder: Show also what each adaptation of smugglers takes back.
        command: Command as it was typed. The manifest names the number of pairs in it, so that it
            gives the same numbers on a machine of another speed.
        progress: Called as runs go on.
        announce: Called once with how long pairs will be added, before the first is run.
        simulate: Stands in for the model.
        clock: Seconds since some moment, for the time that pairs may take.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used, or no pair of runs succeeded.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    from simulation.experiments.studies.ladder import describe_ladder, ladder_csv, ladder_of

    budget = Budget(precision.seconds, clock)
    precision.check()
    experiment = Experiment(
        "compare",
        [baseline, *scenarios],
        options,
        settings={"ladder": ladder},
        command=command,
        progress=progress,
        simulate=simulate,
    )
    cases = [Case(scenario.title, scenario) for scenario in [baseline, *scenarios]]
    ladders = [ladder_of(cases[0], case) for case in cases[1:]] if ladder else []
    everything = cases + [
        case for rungs in ladders for rung in rungs for case in (rung.base, rung.other)
    ]
    with experiment:
        added = add_pairs(experiment, cases, everything, precision, budget, announce)
        seeds = added.seeds
        summary = describe(experiment, cases, seeds, precision)
        summary["ended"] = ending_entry(added, precision)
        if precision.replications is None:
            asked = {"time": None, "replications": added.tried}
            experiment.command = with_options(command, asked)
        experiment.noted["pairs"] = {"tried": added.tried, **summary["ended"]}
        if ladders:
            found = (describe_ladder(experiment.runs, rungs, seeds) for rungs in ladders)
            summary["ladder"] = [rung for rungs in found for rung in rungs]
        write_differences(experiment, cases, seeds)
        if ladders:
            experiment.folder.write_text("ladder.csv", ladder_csv(summary["ladder"]))
        content = experiment.finish(summary, everything, seeds)
        return Compared(experiment.folder.path, content, experiment.runs.ran)


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

    ended: Ended = "asked"
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
        failures = runs.failures(everything)
        first = f"; the first error: {failures[0].error}" if failures else ""
        raise InputError(
            f"no seed gave a run of every scenario ({len(failures)} runs failed{first})",
            kept=experiment.folder.path,
        )
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


def ending_entry(added: Added, precision: Precision) -> dict[str, Any]:
    """Why no more pairs were added, as JSON knows it; times only where the time ended it.

    Everything else would be the same on any machine, and stays so.
    """
    entry: dict[str, Any] = {"by": added.ended}
    if precision.replications is None:
        entry["limit"] = precision.limit
    if added.ended == "time":
        entry |= {"seconds": precision.seconds, "seconds_per_pair": added.seconds_per_pair}
    return entry


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
    experiment: Experiment, cases: Sequence[Case], seeds: Sequence[int], precision: Precision
) -> dict[str, Any]:
    """What a comparison found, as JSON knows it."""
    runs, axes = experiment.runs, experiment.axes
    scenarios = []
    for case in cases[1:]:
        found = compare_totals(runs, cases[0], case, seeds)
        scenarios.append(
            {
                "title": case.name,
                "description": case.scenario.description,
                "outcomes": outcome_entries(found, axes.periods),
                "since": years_since_change(experiment, cases[0], case, seeds),
                "same_question": not differ([cases[0], case]),
                "identical": identical(runs, cases[0], case, seeds),
                "pairs_to_settle": settle(found),
                "pairs_for_precision": narrow(found, precision.half_width),
            }
        )
    return {
        "baseline": cases[0].name,
        "coverage": COVERAGE,
        "precision": precision.half_width,
        "precision_reached": json_number(reached(runs, cases, seeds)),
        "headline": HEADLINE,
        "periods": list(axes.periods),
        "scenarios": scenarios,
    }


def years_since_change(
    experiment: Experiment, base: Case, other: Case, seeds: Sequence[int]
) -> dict[str, Any] | None:
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
    entry = since_entry(change, years, start, end)
    return {**entry, "outcomes": outcome_entries(found, list(years))}


def compare_totals(
    runs: ExperimentRuns, base: Case, other: Case, seeds: Sequence[int], comparisons: int = 1
) -> Differences:
    """Differences of all outcomes by period; arrays (periods, outcomes)."""
    return paired_differences(
        runs.totals(base, seeds), runs.totals(other, seeds), comparisons=comparisons
    )


def identical(runs: ExperimentRuns, base: Case, other: Case, seeds: Sequence[int]) -> bool:
    """Whether two cases gave the same numbers to the last bit with every seed."""
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for a, b in zip(runs.each(base, seeds), runs.each(other, seeds), strict=True)
        for name in a._fields
    )


def outcome_entries(found: Differences, labels: Sequence[str]) -> dict[str, Any]:
    """By outcome and period: both means, the difference with its interval, and its certainty."""
    entries: dict[str, Any] = {}
    for column, name in enumerate(OUTCOME_NAMES):
        entries[name] = {
            "label": OUTCOMES[name].label,
            "unit": OUTCOMES[name].unit,
            "periods": {
                label: difference_entry(found, (row, column)) for row, label in enumerate(labels)
            },
        }
    return entries


def difference_entry(found: Differences, at: tuple[int, ...]) -> dict[str, Any]:
    """One difference as JSON knows it; `detectable` by `has_direction`."""
    low, high = float(found.low[at]), float(found.high[at])
    return {
        "pairs": int(found.pairs[at]),
        "baseline": json_number(found.base[at]),
        "scenario": json_number(found.other[at]),
        "difference": json_number(found.mean[at]),
        "low": json_number(low),
        "high": json_number(high),
        "percent": json_number(found.percent[at]),
        "percent_low": json_number(found.percent_low[at]),
        "percent_high": json_number(found.percent_high[at]),
        "probability": json_number(found.sure[at]),
        "spread": spread_kind(int(found.pairs[at])),
        **{name: json_number(getattr(found, name)[at]) for name in SPREAD_ENDS},
        "detectable": has_direction(low, high, int(found.pairs[at])),
    }


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
