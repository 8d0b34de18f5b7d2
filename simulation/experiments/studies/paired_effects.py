"""Effects of one case against another, from runs with the same seeds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from simulation.chain import LINKS
from simulation.experiments.engine.run_store import OUTCOME_NAMES
from simulation.experiments.engine.runs import ExperimentRuns
from simulation.experiments.engine.serialization import as_csv, json_number
from simulation.experiments.engine.trials import Case
from simulation.experiments.findings import Effect, LinkEffect, OutcomeEffects
from simulation.experiments.statistics.paired import (
    COVERAGE,
    SPREAD_ENDS,
    Differences,
    has_direction,
    paired_differences,
    pairs_for_precision,
    pairs_to_settle,
)
from simulation.outcomes import OUTCOMES, Quote

#: a value of an effect -> what it is of paired differences
VALUES = {
    "difference": "mean", "low": "low", "high": "high", "percent": "percent",
    "percent_low": "percent_low", "percent_high": "percent_high",
    "probability": "sign_probability",
}  # fmt: skip
_SIDES = {
    f"{name}{end}": f"{side}{end}"
    for name, side in (("baseline", "base"), ("scenario", "other"))
    for end in ("", "_low", "_high")
}
_ALL = {**_SIDES, **VALUES, **{end: end for end in SPREAD_ENDS}}
_PERCENTS = tuple(name for name in _ALL if "percent" in name)


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
    return paired_differences(*both, groups=runs.groups(seeds), comparisons=comparisons)


def identical(runs: ExperimentRuns, base: Case, other: Case, seeds: Sequence[int]) -> bool:
    """Whether two cases gave the same numbers to the last bit with every seed."""
    return all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for a, b in zip(runs.each(base, seeds), runs.each(other, seeds), strict=True)
        for name in a._fields
    )


def outcome_effects(differences: Differences, labels: Sequence[str]) -> dict[str, OutcomeEffects]:
    """The effects on every outcome by period."""
    return {
        name: OutcomeEffects(
            label=OUTCOMES[name].label,
            unit=OUTCOMES[name].unit,
            quote=OUTCOMES[name].quote,
            periods={
                label: effect(differences, (row, column), name) for row, label in enumerate(labels)
            },
        )
        for column, name in enumerate(OUTCOME_NAMES)
    }


def link_effects(
    runs: ExperimentRuns, base: Case, other: Case, seeds: Sequence[int]
) -> dict[str, LinkEffect]:
    """The effects on every link of the chain over the whole run."""
    usual, changed = (runs.values(case, seeds, "chain")[:, 0] for case in (base, other))
    return {
        name: LinkEffect(
            label=spec.label,
            unit=spec.unit,
            kind=spec.kind,
            baseline=float(usual[:, column].mean()),
            difference=float((changed - usual)[:, column].mean()),
        )
        for column, (name, spec) in enumerate(LINKS.items())
    }


def effects_of_run(differences: Differences) -> dict[str, Effect]:
    """The effects on every outcome over the whole run; arrays (outcomes,) or (1, outcomes)."""
    first = (0,) * (differences.mean.ndim - 1)
    return {
        name: effect(differences, (*first, column), name)
        for column, name in enumerate(OUTCOME_NAMES)
    }


def effect(differences: Differences, at: tuple[int, ...], outcome: str) -> Effect:
    """One difference as its outcome may be quoted; `detectable` by `has_direction`."""
    values = _values(differences, at, quote_of(outcome))
    judged = ("percent_low", "percent_high") if values["percent"] is not None else ("low", "high")
    low, high = (math.nan if (end := values[name]) is None else end for name in judged)
    detectable = has_direction(low, high, int(differences.groups[at]))
    return Effect.model_validate({**counts(differences, at), **values, "detectable": detectable})


def counts(differences: Differences, at: tuple[int, ...]) -> dict[str, int]:
    """How many pairs are behind a difference, and how many groups where these are fewer."""
    pairs, groups = int(differences.pairs[at]), int(differences.groups[at])
    return {"pairs": pairs} | ({"groups": groups} if groups < pairs else {})


def quote_of(outcome: str) -> Quote:
    """How an outcome, or another count such as the departures of a leg, may be quoted."""
    return OUTCOMES[outcome].quote if outcome in OUTCOMES else "percent"


def _values(differences: Differences, at: tuple[int, ...], quote: Quote) -> dict[str, float | None]:
    """The numbers of one difference; a percentage, and its probability, only where it is quoted."""
    values = {name: json_number(getattr(differences, field)[at]) for name, field in _ALL.items()}
    if quote != "percent":
        values |= dict.fromkeys(_PERCENTS)
    if values["percent"] is not None:
        values["probability"] = json_number(differences.percent_probability[at])
    return values


def pairs_needed(
    differences: Differences, at: tuple[int, ...], outcome: str, coverage: float = COVERAGE
) -> int | None:
    """Pairs that would probably tell one difference from zero, if it stays; None if unknown."""
    in_percent = quote_of(outcome) == "percent" and not np.isnan(differences.percent[at])
    mean, sd = (
        (differences.percent, differences.percent_sd)
        if in_percent
        else (differences.mean, differences.sd)
    )
    return _as_pairs(pairs_to_settle(float(mean[at]), float(sd[at]), coverage), differences, at)


def share_reached(differences: Differences, at: tuple[int, ...]) -> float:
    """Half-width of a difference's interval as a share of the baseline; NaN or infinite if unknown.

    It is that of the percentage, or, where none is stated, of the difference itself.
    """
    if not np.isnan(differences.percent[at]):
        return float(differences.percent_high[at] - differences.percent_low[at]) / 200.0
    base = float(differences.base[at])
    return (
        float(differences.high[at] - differences.low[at]) / 2.0 / base if base > 0.0 else math.inf
    )


def pairs_for_share(differences: Differences, at: tuple[int, ...], share: float) -> int | None:
    """Pairs with which that half-width would be so small, if the spread stays; None if unknown."""
    if not np.isnan(differences.percent[at]):
        needed = pairs_for_precision(100.0 * share, float(differences.percent_sd[at]))
    else:
        needed = pairs_for_precision(share * float(differences.base[at]), float(differences.sd[at]))
    return _as_pairs(needed, differences, at)


def _as_pairs(groups: int | None, differences: Differences, at: tuple[int, ...]) -> int | None:
    """How many pairs so many groups are, if each has as many as now."""
    if groups is None or not differences.groups[at]:
        return groups
    return math.ceil(groups * float(differences.pairs[at]) / float(differences.groups[at]))


def difference_rows(
    name: str,
    differences: Differences,
    labels: Sequence[str],
    columns: Sequence[str],
    worlds: Sequence[tuple[int, int]],
    projected: Sequence[str] | None = None,
) -> list[list[object]]:
    """Differences of a case as rows of a table, one for each quantity.

    Args:
        name: Of the case.
        differences: Differences of shape (labels, columns).
        labels: What the rows of the arrays are.
        columns: Names of the columns of the arrays.
        worlds: How many sets and paths the pairs of each label have.
        projected: What the column `projected` says of each label; no such column when None.
    """
    return [
        [
            name,
            label,
            outcome,
            quote_of(outcome),
            differences.pairs[row, column],
            *worlds[row],
            *_values(differences, (row, column), quote_of(outcome)).values(),
            *([] if projected is None else [projected[row]]),
        ]
        for row, label in enumerate(labels)
        for column, outcome in enumerate(columns)
    ]


def difference_csv(rows: Sequence[Sequence[object]], word: str, *, projected: bool = False) -> str:
    """Rows of `difference_rows` as the text of a CSV file.

    Args:
        rows: The rows.
        word: What their labels are (`period`, `month`, `leg`, `path`).
        projected: Whether they have the column `projected`.
    """
    header = ["scenario_title", word, "outcome", "quote", "pairs", "sets", "paths", *_ALL]
    return as_csv([*header, *["projected"] * projected], rows)
