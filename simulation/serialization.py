"""Numbers as files hold them: JSON without NaN, CSV with an empty cell for what has no value."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as the text of a CSV file; None and NaN are left empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def json_number(value: float | np.floating[Any]) -> float | None:
    """A number as JSON knows it: no NaN, no infinity."""
    return float(value) if math.isfinite(value) else None


def projected_word(last: str, projected_from: str | None) -> str:
    """The value of the column `projected` for a period: `true` where some days are projected.

    Args:
        last: Its last day or month, as "2027-01-31" or "2027-01".
        projected_from: First month of the run after the data of some input; None if there is none.
    """
    return "true" if projected_from is not None and last[:7] >= projected_from else "false"


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return value.item() if isinstance(value, np.generic) else value
