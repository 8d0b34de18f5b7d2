"""Effects of one case against another, from runs with the same seeds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulation.experiments.engine.run_store import OUTCOME_NAMES
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.serialization import as_csv, json_number
from simulation.experiments.engine.trials import Case
from simulation.experiments.findings import Effect, OutcomeEffects
from simulation.experiments.statistics.paired import (
    COVERAGE,
    SPREAD_ENDS,
    Differences,
    has_direction,
    paired_differences,
    pairs_to_settle,
    spread_kind,
)
from simulation.outcomes import OUTCOMES

#: a value of an effect -> what it is of paired differences
VALUES = {
    "difference": "mean", "low": "low", "high": "high", "percent": "percent",
    "percent_low": "percent_low", "percent_high": "percent_high",
    "probability": "sign_probability",
}  # fmt: skip
_ALL = {"baseline": "base", "scenario": "other", **VALUES, **{end: end for end in SPREAD_ENDS}}


def compared(
    runs: ExperimentRuns,
    base: Case,
    other: Case,
    seeds: Sequence[int],
    *,
    of: str = "totals",
    comparisons: int = 1,
) -> Differences:
    """Differences of all runs of two cases.

    Args:
        runs: All runs.
        base: What is compared with.
        other: What is compared.
        seeds: Seeds with which both finished.
        of: Which array of `Measures`: `totals` is (periods, outcomes).
        comparisons: Intervals looked at together.
    """
    both = (runs.values(case, seeds, of) for case in (base, other))
    return paired_differences(*both, comparisons=comparisons)


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


def effects_of_run(found: Differences) -> dict[str, Effect]:
    """The effects on every outcome over the whole run; arrays (outcomes,) or (1, outcomes)."""
    first = (0,) * (found.mean.ndim - 1)
    return {name: effect(found, (*first, column)) for column, name in enumerate(OUTCOME_NAMES)}


def effect(found: Differences, at: tuple[int, ...]) -> Effect:
    """One difference; `detectable` by `has_direction`."""
    pairs = int(found.pairs[at])
    return Effect(
        pairs=pairs,
        **{name: json_number(getattr(found, field)[at]) for name, field in _ALL.items()},
        spread=spread_kind(pairs),
        detectable=has_direction(float(found.low[at]), float(found.high[at]), pairs),
    )


def pairs_needed(found: Differences, at: tuple[int, ...], coverage: float = COVERAGE) -> int | None:
    """Pairs that would probably tell one difference from zero, if it stays; None if unknown."""
    return pairs_to_settle(float(found.mean[at]), float(found.sd[at]), coverage)


def difference_csv(
    found: Sequence[tuple[str, Differences]],
    word: str,
    labels: Sequence[str],
    columns: Sequence[str],
    projected: Sequence[str] | None = None,
) -> str:
    """Differences of several cases as the text of a CSV file, one row for each quantity.

    Args:
        found: By case: its name, and differences of shape (labels, columns).
        word: What the rows of the arrays are (`period`, `month`, `leg`).
        labels: Their names.
        columns: Names of the columns of the arrays.
        projected: What the column `projected` says of each label; no such column when None.
    """
    fields = ("pairs", *_ALL.values())
    rows = [
        [
            name,
            label,
            outcome,
            *(getattr(differences, field)[row, column] for field in fields),
            spread_kind(int(differences.pairs[row, column])),
            *([] if projected is None else [projected[row]]),
        ]
        for name, differences in found
        for row, label in enumerate(labels)
        for column, outcome in enumerate(columns)
    ]
    header = ["scenario_title", word, "outcome", "pairs", *_ALL, "spread"]
    return as_csv(header if projected is None else [*header, "projected"], rows)
