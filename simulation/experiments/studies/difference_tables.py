"""Paired differences as the text of a CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.statistics.paired import SPREAD_ENDS, Differences, spread_kind

_COLUMNS = (
    "pairs", "base", "other", "mean", "low", "high", "percent", "percent_low", "percent_high",
    "sign_probability", *SPREAD_ENDS,
)  # fmt: skip
_HEADINGS = (
    "pairs", "baseline", "scenario", "difference", "low", "high", "percent", "percent_low",
    "percent_high", "probability", *SPREAD_ENDS, "spread",
)  # fmt: skip


def difference_csv(
    found: Sequence[tuple[str, Differences]],
    word: str,
    labels: Sequence[str],
    columns: Sequence[str],
    projected: Sequence[str] | None = None,
) -> str:
    """Differences of several cases, one row for each quantity.

    Args:
        found: By case: its name, and differences of shape (labels, columns).
        word: What the rows of the arrays are (`period`, `month`, `leg`).
        labels: Their names.
        columns: Names of the columns of the arrays.
        projected: What the column `projected` says of each label; no such column when None.
    """
    rows: list[list[Any]] = []
    for name, differences in found:
        for row, label in enumerate(labels):
            for column, outcome in enumerate(columns):
                values = (getattr(differences, field)[row, column] for field in _COLUMNS)
                spread = spread_kind(int(differences.pairs[row, column]))
                mark = () if projected is None else (projected[row],)
                rows.append([name, label, outcome, *values, spread, *mark])
    heading = () if projected is None else ("projected",)
    return as_csv(["scenario_title", word, "outcome", *_HEADINGS, *heading], rows)
