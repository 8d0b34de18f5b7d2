"""Paired differences as the text of a CSV file."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence

from simulation.experiments.paired import Differences

_COLUMNS = (
    "pairs", "base", "other", "mean", "low", "high", "percent", "percent_low", "percent_high",
    "sure",
)  # fmt: skip
_HEADINGS = (
    "pairs", "baseline", "scenario", "difference", "low", "high", "percent", "percent_low",
    "percent_high", "probability",
)  # fmt: skip


def difference_csv(
    found: Sequence[tuple[str, Differences]],
    word: str,
    labels: Sequence[str],
    columns: Sequence[str],
) -> str:
    """Differences of several cases, one row for each quantity.

    Args:
        found: By case: its name, and differences of shape (labels, columns).
        word: What the rows of the arrays are (`period`, `month`, `leg`).
        labels: Their names.
        columns: Names of the columns of the arrays.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["scenario_title", word, "outcome", *_HEADINGS])
    for name, differences in found:
        for row, label in enumerate(labels):
            for column, outcome in enumerate(columns):
                values = (getattr(differences, field)[row, column] for field in _COLUMNS)
                shown = ["" if math.isnan(value) else value for value in values]
                writer.writerow([name, label, outcome, *shown])
    return text.getvalue()
