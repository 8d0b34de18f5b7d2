"""What an experiment keeps of a run, and the file in which it keeps that.

A run record is megabytes. Its measures are some kilobytes: outcomes by period and by month, and
traffic on each leg. The store is an SQLite file with one row for each run. Only the process that
holds the folder's lock writes. Every access opens a connection and closes it, so no worker inherits
one. A file that cannot be read is damage, and its runs are done again.
"""

from __future__ import annotations

import base64
import calendar
import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from simulation.chain import LINKS
from simulation.engine.findings import Damage, Seed, Word
from simulation.errors import FatalError
from simulation.outcomes import OUTCOMES, RunRecord, periods, summarise
from simulation.regular_files import renamed

OUTCOME_NAMES = tuple(OUTCOMES)
LEG_COUNTS = ("departures", "stops", "arrivals")

STORE = "runs.sqlite"
_TABLE = (
    "CREATE TABLE finished (number INTEGER PRIMARY KEY, case_key TEXT NOT NULL, "
    "seed INTEGER NOT NULL, seconds REAL NOT NULL, measures TEXT, error TEXT)"
)
_SELECT = "SELECT number, case_key, seed, seconds, measures, error FROM finished"
#: seconds to wait for a reader of the file, which is never long
_WAIT = 60.0


def months(start: date, end: date) -> dict[str, tuple[date, date]]:
    """The calendar months of a run, clipped to it: `2023-01` -> first and last day."""
    spans = {}
    for number in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        year, month = number // 12, number % 12 + 1
        last = date(year, month, calendar.monthrange(year, month)[1])
        spans[f"{year}-{month:02d}"] = (max(start, date(year, month, 1)), min(end, last))
    return spans


class Measures(NamedTuple):
    """The measures of one run in the store; NaN where an outcome has no value.

    Attributes:
        totals: (periods, outcomes) as `periods` and `OUTCOMES` order them.
        months: (months, outcomes).
        legs: (legs, 3) people who set out, were stopped and arrived in the whole run.
        chain: (1, links) links of the chain: flows summed over the run, stocks a mean over days.
    """

    totals: npt.NDArray[np.float64]
    months: npt.NDArray[np.float64]
    legs: npt.NDArray[np.float64]
    chain: npt.NDArray[np.float64]

    def as_json(self) -> dict[str, object]:
        """The exact numbers as text."""
        return {name: packed(values) for name, values in self._asdict().items()}

    @classmethod
    def from_json(cls, content: Mapping[str, list[Any]]) -> Measures:
        """The measures that `as_json` gave."""
        return cls(**{name: unpacked(content[name]) for name in cls._fields})


@dataclass(frozen=True)
class Axes:
    """The labels of the rows of an experiment's measures.

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
        chain=record.chain.sum(axis=(0, 2))[None] / _days_counted(record.dates.size),
    )


def _days_counted(days: int) -> npt.NDArray[np.float64]:
    """Divisors of sums over the run, (links,): the days for stocks, 1 for flows."""
    return np.array([days if spec.kind == "stock" else 1.0 for spec in LINKS.values()])


def packed(values: npt.NDArray[np.float64]) -> list[Any]:
    """A table of numbers as JSON: its shape and its content, compressed."""
    data = zlib.compress(np.ascontiguousarray(values, dtype="<f8").tobytes(), 1)
    return [list(values.shape), base64.b64encode(data).decode("ascii")]


def unpacked(content: list[Any]) -> npt.NDArray[np.float64]:
    """The table that `packed` gave."""
    shape, text = content
    return np.frombuffer(zlib.decompress(base64.b64decode(text)), dtype="<f8").reshape(shape)


# -- the store -------------------------------------------------------------------------------------


class StoredRun(BaseModel):
    """A finished or failed run.

    Attributes:
        case: Key of its case.
        seed: Its seed.
        seconds: How long it took.
        measures: What is kept of it, as JSON; None where it failed.
        error: Why it failed, in one line.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    case: Word
    seed: Seed
    seconds: Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False)] = 0.0
    measures: dict[str, Any] | None = None
    error: str | None = None


class RunStore:
    """The finished runs in a file.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, run: StoredRun) -> int:
        """Add a run; it is on disk when this returns.

        Returns:
            The number of its row.

        Raises:
            FatalError: The disk is full, or the file cannot be written.
        """
        with self._open() as connection:
            return _insert(connection, run)

    def read(self, numbers: Iterable[int]) -> Iterator[StoredRun]:
        """The runs of some rows, one after the other.

        Raises:
            FatalError: A row cannot be read.
        """
        with self._open() as connection:
            for number in numbers:
                (row,) = connection.execute(f"{_SELECT} WHERE number = ?", (number,))
                yield _run_of(row)

    def scan(self) -> Iterator[tuple[int, StoredRun] | Damage]:
        """All runs with the numbers of their rows, and damage where not all can be read."""
        if not self.path.exists():
            return
        try:
            with self._open() as connection:
                for row in connection.execute(f"{_SELECT} ORDER BY number"):
                    yield row[0], _run_of(row)
        except (FatalError, OSError):
            yield Damage(file=self.path.name)

    def keys(self) -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
        """Case and seed of the runs that finished, and of those that failed."""
        finished: set[tuple[str, int]] = set()
        failed: set[tuple[str, int]] = set()
        for item in self.scan():
            if not isinstance(item, Damage):
                run = item[1]
                (failed if run.measures is None else finished).add((run.case, run.seed))
        return finished, failed

    def replace_with(self, numbers: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], int]:
        """Write the file again with some of its rows.

        Args:
            numbers: Numbers of the rows to take over, by case and seed.

        Returns:
            Their new numbers.

        Raises:
            FatalError: It cannot be written.
        """
        new_numbers = {}
        try:
            with renamed(self.path) as scrap:
                scrap.unlink(missing_ok=True)
                with RunStore(scrap)._open() as connection:
                    connection.execute(_TABLE)
                    rows = self.read(numbers.values()) if numbers else ()
                    for key, run in zip(numbers, rows, strict=True):
                        new_numbers[key] = _insert(connection, run)
                # a leftover of the old file must not be applied to the new one
                journal = self.path.with_name(f"{self.path.name}-journal")
                journal.unlink(missing_ok=True)
        except OSError as error:
            raise FatalError(error.strerror or str(error)) from error
        return new_numbers

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction; a `FatalError` where there is none."""
        try:
            connection = sqlite3.connect(self.path, timeout=_WAIT)
            with contextlib.closing(connection), connection:
                yield connection
        except (sqlite3.Error, ValueError) as error:  # a damaged row is no JSON, or of other types
            raise FatalError(f"{STORE}: {error}") from error


def _run_of(row: tuple[Any, ...]) -> StoredRun:
    _, case, seed, seconds, measures, error = row
    content = None if measures is None else json.loads(measures)
    return StoredRun(case=case, seed=seed, seconds=seconds, measures=content, error=error)


def _insert(connection: sqlite3.Connection, run: StoredRun) -> int:
    """Add a row; its number."""
    measures = None if run.measures is None else json.dumps(run.measures, separators=(",", ":"))
    # an error can name a file whose name is not UTF-8
    error = None if run.error is None else run.error.encode(errors="backslashreplace").decode()
    row = (run.case, run.seed, run.seconds, measures, error)
    done = connection.execute(
        "INSERT INTO finished (case_key, seed, seconds, measures, error) VALUES (?, ?, ?, ?, ?)",
        row,
    )
    assert done.lastrowid is not None
    return done.lastrowid
