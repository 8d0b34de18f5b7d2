"""Effects of one case against another, from runs with the same seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.serialization import json_number
from simulation.experiments.engine.trials import Case
from simulation.experiments.findings import Effect, OutcomeEffects
from simulation.experiments.statistics.paired import (
    SPREAD_ENDS,
    Differences,
    has_direction,
    paired_differences,
    spread_kind,
)
from simulation.outcomes import OUTCOMES


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


def outcome_effects(found: Differences, labels: Sequence[str]) -> dict[str, OutcomeEffects]:
    """The effects on every outcome by period."""
    return {
        name: OutcomeEffects(
            label=OUTCOMES[name].label,
            unit=OUTCOMES[name].unit,
            periods={label: effect(found, (row, column)) for row, label in enumerate(labels)},
        )
        for column, name in enumerate(OUTCOME_NAMES)
    }


def effect(found: Differences, at: tuple[int, ...]) -> Effect:
    """One difference; `detectable` by `has_direction`."""
    low, high = float(found.low[at]), float(found.high[at])
    ends = {name: json_number(getattr(found, name)[at]) for name in SPREAD_ENDS}
    return Effect(
        pairs=int(found.pairs[at]),
        baseline=json_number(found.base[at]),
        scenario=json_number(found.other[at]),
        difference=json_number(found.mean[at]),
        low=json_number(low),
        high=json_number(high),
        percent=json_number(found.percent[at]),
        percent_low=json_number(found.percent_low[at]),
        percent_high=json_number(found.percent_high[at]),
        probability=json_number(found.sign_probability[at]),
        spread=spread_kind(int(found.pairs[at])),
        **ends,
        detectable=has_direction(low, high, int(found.pairs[at])),
    )
