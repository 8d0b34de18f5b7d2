"""What an experiment keeps of a run, and the file in which it keeps that.

A run record is megabytes. Its measures are some kilobytes: outcomes by period and by month, and
traffic on each leg. The store is an SQLite file with one row for each run. Only the process that
holds the folder's lock writes. Every access opens a connection and closes it, so no worker inherits
one. Rows are only added, their numbers have no gaps, and each row has a checksum: a spoilt row, or
a row that is missing, costs that run and no other.
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
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulation.chain import LINKS
from simulation.engine.findings import Damage, Seed, Word
from simulation.errors import FatalError
from simulation.outcomes import OUTCOMES, RunRecord, periods, summarise
from simulation.regular_files import renamed

OUTCOME_NAMES = tuple(OUTCOMES)
LEG_COUNTS = ("departures", "stops", "arrivals")

STORE = "runs.sqlite"
_TABLE = (
    "CREATE TABLE runs (number INTEGER PRIMARY KEY, case_key TEXT NOT NULL, seed INTEGER NOT NULL, "
    "seconds REAL NOT NULL, measures TEXT, error TEXT, checksum INTEGER NOT NULL)"
)
_SELECT = "SELECT case_key, seed, seconds, measures, error, checksum FROM runs WHERE number = ?"
#: seconds to wait for a reader of the file, which is never long
_WAIT = 60.0
#: bytes of a small row, which bound the number of rows of a file that is cut short
_SMALL_ROW = 100


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
        with self._open(write=True) as connection:
            return _insert(connection, run)

    def read(self, numbers: Iterable[int]) -> Iterator[StoredRun]:
        """The runs of some rows, one after the other.

        Raises:
            FatalError: A row cannot be read, or was damaged meanwhile.
        """
        with self._open() as connection:
            for number in numbers:
                run = _read(connection, number)
                if run is None:
                    raise FatalError(f"{self.path.name} has been damaged meanwhile")
                yield run

    def scan(self) -> Iterator[tuple[int, StoredRun] | Damage]:
        """All rows that can be read with their numbers, and then what cannot be read."""
        if not self.path.exists():
            return
        damaged = 0
        try:
            with self._open() as connection:
                most = self.path.stat().st_size // _SMALL_ROW
                last = _last_number(connection)
                for number in range(1, min(most if last is None else last, most) + 1):
                    run = _read(connection, number)
                    if run is None:
                        damaged += 1
                    else:
                        yield number, run
        except (FatalError, OSError):
            yield Damage(file=self.path.name)
            return
        if damaged or last is None:
            yield Damage(file=self.path.name, runs=None if last is None else damaged)

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
                with RunStore(scrap)._open(write=True) as connection:
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
    def _open(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction; a `FatalError` where there is none."""
        try:
            if write:
                connection = sqlite3.connect(self.path, timeout=_WAIT)
            else:
                connection = self._open_to_read()
            with contextlib.closing(connection), connection:
                yield connection
        except sqlite3.Error as error:
            raise FatalError(f"{STORE}: {error}") from error

    def _open_to_read(self) -> sqlite3.Connection:
        """A connection to read with, also in a folder that cannot be written."""
        # the first rolls back what a process that was killed left half written
        for way in ("mode=rw", "mode=ro&immutable=1"):
            address = f"{self.path.absolute().as_uri()}?{way}"
            connection = sqlite3.connect(address, uri=True, timeout=_WAIT)
            try:
                # a file that is cut short is read as far as it goes
                connection.execute("PRAGMA writable_schema = ON")
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            except sqlite3.OperationalError:
                # in a folder that cannot be written nothing can be rolled back
                connection.close()
            except sqlite3.Error:
                connection.close()
                raise
            else:
                return connection
        raise sqlite3.DatabaseError("cannot be opened")


def _last_number(connection: sqlite3.Connection) -> int | None:
    """Number of the last row, 0 where there is none; None where that cannot be read."""
    try:
        (last,) = connection.execute("SELECT max(number) FROM runs").fetchone()
    except sqlite3.DatabaseError:
        return None
    return last or 0


def _read(connection: sqlite3.Connection, number: int) -> StoredRun | None:
    """The run of a row; None where it is missing or damaged."""
    try:
        row = connection.execute(_SELECT, (number,)).fetchone()
        if row is None or row[-1] != _checksum(row[:-1]):
            return None
        case, seed, seconds, measures, error, _ = row
        content = None if measures is None else json.loads(measures)
        return StoredRun(case=case, seed=seed, seconds=seconds, measures=content, error=error)
    except (sqlite3.DatabaseError, ValueError, AttributeError, ValidationError):
        return None


def _insert(connection: sqlite3.Connection, run: StoredRun) -> int:
    """Add a row; its number."""
    measures = None if run.measures is None else json.dumps(run.measures, separators=(",", ":"))
    # an error can name a file whose name is not UTF-8
    error = None if run.error is None else run.error.encode(errors="backslashreplace").decode()
    row = (run.case, run.seed, run.seconds, measures, error)
    done = connection.execute(
        "INSERT INTO runs (case_key, seed, seconds, measures, error, checksum) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        (*row, _checksum(row)),
    )
    assert done.lastrowid is not None
    return done.lastrowid


def _checksum(row: tuple[object, ...]) -> int:
    return zlib.crc32(repr(row).encode(errors="backslashreplace"))
