"""Scenarios against a baseline with the same seeds: differences, and how sure they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError
from simulation.experiments.ensemble import Ensemble
from simulation.experiments.experiment import Experiment, Options
from simulation.experiments.measures import LEG_COUNTS, OUTCOME_NAMES
from simulation.experiments.paired import (
    COVERAGE,
    Differences,
    paired_differences,
    pairs_for_precision,
    pairs_to_settle,
)
from simulation.experiments.plain import json_number
from simulation.experiments.replications import Progress
from simulation.experiments.trials import Case, Trial
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.scenario import Scenario

#: fewest pairs with which precision is judged, and by how much their number grows
_FIRST_PAIRS = 8
_GROWTH = 1.5
_MOST = 100_000


@dataclass(frozen=True)
class Precision:
    """How long pairs are added.

    Attributes:
        replications: Pairs to run; None to add them until the difference is known well enough.
        half_width: Half-width wanted of the interval of the difference in arrivals, as a share of
            the baseline's arrivals.
        limit: Pairs after which to stop in any case.
    """

    replications: int | None = None
    half_width: float = 0.01
    limit: int = 100

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            InputError: A number is out of range.
        """
        if self.replications is not None and not 2 <= self.replications <= _MOST:
            raise InputError(
                "out of range",
                key="--replications",
                value=self.replications,
                allowed=f"auto, or 2 to {_MOST} (an interval needs two pairs)",
            )
        if not 0.0 < self.half_width < 1.0:
            raise InputError(
                "out of range", key="--precision", value=self.half_width, allowed="above 0, below 1"
            )
        if not _FIRST_PAIRS <= self.limit <= _MOST:
            raise InputError(
                "out of range",
                key="--limit",
                value=self.limit,
                allowed=f"{_FIRST_PAIRS} to {_MOST}",
            )


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
    simulate: Callable[..., Any] | None = None,
) -> Compared:
    """Run a baseline and scenarios with the same seeds, and write what differs.

    Args:
        baseline: What the others are compared with.
        scenarios: One or more.
        options: What every experiment can be told.
        precision: How many pairs.
        ladder: Show also what each adaptation of smugglers takes back.
        command: Command that reproduces it.
        progress: Called as runs go on.
        simulate: Stands in for the model.

    Returns:
        Where the results are and what they say.

    Raises:
        InputError: Something asked for cannot be used, or no pair of runs succeeded.
        Interrupted: Ctrl-C; finished runs are kept.
    """
    from simulation.experiments.ladder import describe_ladder, ladder_csv, ladder_of

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
        seeds = add_pairs(experiment, cases, everything, precision)
        summary = describe(experiment, cases, seeds, precision)
        if ladders:
            found = (describe_ladder(experiment.ensemble, rungs, seeds) for rungs in ladders)
            summary["ladder"] = [rung for rungs in found for rung in rungs]
        write_differences(experiment, cases, seeds)
        if ladders:
            experiment.folder.write_text("ladder.csv", ladder_csv(summary["ladder"]))
        content = experiment.finish(summary, everything, seeds)
        return Compared(experiment.folder.path, content, experiment.ensemble.ran)


def add_pairs(
    experiment: Experiment,
    cases: Sequence[Case],
    everything: Sequence[Case],
    precision: Precision,
) -> list[int]:
    """Run pairs until there are enough.

    The number of pairs depends on results only, never on how fast they came, so it is the same
    for any executor and number of workers.

    Args:
        experiment: Under way.
        cases: The baseline and what it is compared with; their arrivals decide.
        everything: All cases to run with each seed.
        precision: How many pairs.

    Returns:
        The seeds with which every case finished.

    Raises:
        InputError: With no seed did every case finish.
    """
    ensemble = experiment.ensemble
    wanted = precision.replications or _FIRST_PAIRS
    while True:
        seeds = experiment.seeds(wanted)
        ensemble.add(Trial(case, seed) for seed in seeds for case in everything)
        finished = ensemble.seeds(everything, seeds)
        enough = precision.replications is not None or wanted >= precision.limit
        if enough or reached(ensemble, cases, finished) <= precision.half_width:
            break
        wanted = min(precision.limit, math.ceil(wanted * _GROWTH))
    if not finished:
        failures = ensemble.failures(everything)
        first = f"; the first error: {failures[0].error}" if failures else ""
        raise InputError(
            f"no seed gave a run of every scenario ({len(failures)} runs failed{first})",
            kept=experiment.folder.path,
        )
    return finished


def reached(ensemble: Ensemble, cases: Sequence[Case], seeds: Sequence[int]) -> float:
    """Half-width of the difference in arrivals as a share of the baseline's, the widest of all."""
    if len(seeds) < 2:
        return math.inf
    column = OUTCOME_NAMES.index(HEADLINE)
    base = ensemble.totals(cases[0], seeds)[:, 0, column]
    widths = []
    for case in cases[1:]:
        found = paired_differences(base, ensemble.totals(case, seeds)[:, 0, column])
        widths.append(float(found.high - found.low) / 2.0)
    mean = float(base.mean())
    return max(widths) / mean if mean > 0.0 else math.inf


def describe(
    experiment: Experiment, cases: Sequence[Case], seeds: Sequence[int], precision: Precision
) -> dict[str, Any]:
    """What a comparison found, as JSON knows it."""
    ensemble, axes = experiment.ensemble, experiment.axes
    scenarios = []
    for case in cases[1:]:
        found = compare_totals(ensemble, cases[0], case, seeds)
        scenarios.append(
            {
                "title": case.name,
                "description": case.scenario.description,
                "outcomes": outcome_entries(found, axes.periods),
                "identical": identical(ensemble, cases[0], case, seeds),
                "pairs_to_settle": settle(found),
                "pairs_for_precision": narrow(found, precision.half_width),
            }
        )
    return {
        "baseline": cases[0].name,
        "coverage": COVERAGE,
        "precision": precision.half_width,
        "precision_reached": json_number(reached(ensemble, cases, seeds)),
        "headline": HEADLINE,
        "periods": list(axes.periods),
        "scenarios": scenarios,
    }


def compare_totals(
    ensemble: Ensemble, base: Case, other: Case, seeds: Sequence[int], comparisons: int = 1
) -> Differences:
    """Differences of all outcomes by period; arrays (periods, outcomes)."""
    return paired_differences(
        ensemble.totals(base, seeds), ensemble.totals(other, seeds), comparisons=comparisons
    )


def identical(ensemble: Ensemble, base: Case, other: Case, seeds: Sequence[int]) -> bool:
    """Whether two cases gave the same numbers to the last bit with every seed."""
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for a, b in zip(ensemble.each(base, seeds), ensemble.each(other, seeds), strict=True)
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
    """One difference as JSON knows it; `detectable` when its interval leaves out zero."""
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
        "detectable": bool(low > 0.0 or high < 0.0),
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
    from simulation.experiments.difference_tables import difference_csv

    ensemble, axes, folder = experiment.ensemble, experiment.axes, experiment.folder
    by_period, by_month, by_leg = [], [], []
    for case in cases[1:]:
        by_period.append((case.name, compare_totals(ensemble, cases[0], case, seeds)))
        by_month.append((case.name, _compare_array(ensemble, cases[0], case, seeds, "months")))
        by_leg.append((case.name, _compare_array(ensemble, cases[0], case, seeds, "legs")))
    names = {"period": axes.periods, "month": axes.months, "leg": axes.legs}
    for file, word, found, columns in (
        ("differences.csv", "period", by_period, OUTCOME_NAMES),
        ("month_differences.csv", "month", by_month, OUTCOME_NAMES),
        ("leg_differences.csv", "leg", by_leg, LEG_COUNTS),
    ):
        folder.write_text(file, difference_csv(found, word, names[word], columns))


def _compare_array(
    ensemble: Ensemble, base: Case, other: Case, seeds: Sequence[int], name: str
) -> Differences:
    def values(case: Case) -> npt.NDArray[np.float64]:
        return np.array([getattr(measures, name) for measures in ensemble.each(case, seeds)])

    return paired_differences(values(base), values(other))
