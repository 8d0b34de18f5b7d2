"""What an experiment keeps of a run: outcomes by period and by month, and traffic on each leg.

A run record is megabytes; its measures are some kilobytes, so thousands of runs can be kept.
"""

from __future__ import annotations

import base64
import calendar
import zlib
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.outcomes import OUTCOMES, RunRecord, periods, summarise

OUTCOME_NAMES = tuple(OUTCOMES)
LEG_COUNTS = ("departures", "stops", "arrivals")
#: rows of an array that comes from elsewhere; the months of 33 years are 400
MOST_ROWS = 10_000


def months(start: date, end: date) -> dict[str, tuple[date, date]]:
    """The calendar months of a run, clipped to it: `2023-01` -> first and last day."""
    found = {}
    for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        year, month = number // 12, number % 12 + 1
        last = date(year, month, calendar.monthrange(year, month)[1])
        found[f"{year}-{month:02d}"] = (max(start, date(year, month, 1)), min(end, last))
    return found


class Measures(NamedTuple):
    """What is kept of one run; NaN where an outcome has no value.

    Attributes:
        totals: (periods, outcomes) as `periods` and `OUTCOMES` order them.
        months: (months, outcomes).
        legs: (legs, 3) people who set out, were stopped and arrived in the whole run.
    """

    totals: npt.NDArray[np.float64]
    months: npt.NDArray[np.float64]
    legs: npt.NDArray[np.float64]

    def as_json(self) -> dict[str, Any]:
        """The exact numbers as text."""
        return {name: _packed(values) for name, values in self._asdict().items()}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> Measures:
        """The measures that `as_json` gave.

        Raises:
            ValueError: It gave something else.
        """
        if content.keys() != set(cls._fields):
            raise ValueError("other measures than those of a run")
        return cls(**{name: _unpacked(name, content[name]) for name in cls._fields})


@dataclass(frozen=True)
class Axes:
    """What the rows of the measures of one experiment stand for.

    Attributes:
        start: First day counted.
        end: Last day counted.
        legs: Identifiers of the legs.
    """

    start: date
    end: date
    legs: tuple[str, ...]

    @property
    def periods(self) -> tuple[str, ...]:
        """Names of the periods; the first is the whole run."""
        return tuple(periods(self.start, self.end))

    @property
    def months(self) -> tuple[str, ...]:
        """Names of the months."""
        return tuple(months(self.start, self.end))


def measure(record: RunRecord) -> Measures:
    """Take the measures of a run."""

    def rows(windows: dict[str, tuple[date, date]]) -> npt.NDArray[np.float64]:
        return np.array([list(summarise(record, *window).values()) for window in windows.values()])

    return Measures(
        totals=rows(periods(record.start, record.end)),
        months=rows(months(record.start, record.end)),
        legs=np.column_stack(
            [getattr(record, f"leg_{name}").sum(axis=0) for name in LEG_COUNTS]
        ).astype(float),
    )


def _packed(values: npt.NDArray[np.float64]) -> list[Any]:
    data = zlib.compress(np.ascontiguousarray(values, dtype="<f8").tobytes(), 1)
    return [list(values.shape), base64.b64encode(data).decode("ascii")]


def _unpacked(name: str, packed: Any) -> npt.NDArray[np.float64]:
    """The array of one measure, or a `ValueError`; nothing larger than it says is unpacked."""
    columns = len(LEG_COUNTS) if name == "legs" else len(OUTCOME_NAMES)
    try:
        (rows, width), text = packed
        if width != columns or not 0 < rows <= MOST_ROWS:
            raise ValueError
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(text, validate=True), 8 * rows * width + 1)
        if not inflate.eof or len(data) != 8 * rows * width:
            raise ValueError
    except (TypeError, ValueError, zlib.error) as error:
        raise ValueError(f"{name} is not an array of {columns} columns") from error
    return np.frombuffer(data, dtype="<f8").reshape(rows, width)
