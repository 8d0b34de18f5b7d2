"""Finished runs on disk: an SQLite file with one row for each run.

Only the process that holds the folder's lock writes. Every access opens a connection and closes it,
so no worker inherits one. Rows are only added, their numbers have no gaps, and each row has a
checksum: a spoilt row, or a row that is missing, costs that run and no other.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulation.experiments.engine.result_folder import renamed
from simulation.experiments.engine.worker_pool import FatalError
from simulation.experiments.findings import Damage, Seed, Word
from simulation.safe_json import MOST_BYTES, parse_json

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
            return _insert(connection, _row_of(run))

    def read(self, number: int) -> StoredRun:
        """The run of a row.

        Raises:
            FatalError: The row cannot be read, or was damaged meanwhile.
        """
        with self._open() as connection:
            row = _read(connection, number)
        if row is None:
            raise FatalError(f"{self.path.name} has been damaged meanwhile")
        return row

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
        found = {}
        try:
            with renamed(self.path) as scrap:
                scrap.unlink(missing_ok=True)
                with RunStore(scrap)._open(write=True) as connection:
                    connection.execute(_TABLE)
                    for key, number in numbers.items():
                        found[key] = _insert(connection, _row_of(self.read(number)))
                # a leftover of the old file must not be applied to the new one
                self._journal.unlink(missing_ok=True)
        except OSError as error:
            raise FatalError(error.strerror or str(error)) from error
        return found

    @property
    def _journal(self) -> Path:
        """The file in which SQLite keeps what a transaction changes."""
        return self.path.with_name(f"{self.path.name}-journal")

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
        for file in (self.path, self._journal):
            if file.exists() and not file.is_file():  # a pipe would be waited for
                raise sqlite3.DatabaseError("not a regular file")
        # the first rolls back what a process that was killed left half written
        for way in ("mode=rw", "mode=ro&immutable=1"):
            address = f"{self.path.absolute().as_uri()}?{way}"
            connection = sqlite3.connect(address, uri=True, timeout=_WAIT)
            try:
                connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
                # a file that is cut short is read as far as it goes
                connection.execute("PRAGMA writable_schema = ON")
                tables = connection.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
            except sqlite3.OperationalError:
                # in a folder that cannot be written nothing can be rolled back
                connection.close()
                continue
            except sqlite3.Error:
                connection.close()
                raise
            if tables == [("table", "runs", _TABLE)]:
                return connection
            connection.close()  # a view could compute for ever
            raise sqlite3.DatabaseError("holds something else than runs")
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
        content = None if measures is None else parse_json(measures.encode(), nan=True)
        return StoredRun(case=case, seed=seed, seconds=seconds, measures=content, error=error)
    except (sqlite3.DatabaseError, ValueError, AttributeError, ValidationError):
        return None


def _row_of(run: StoredRun) -> tuple[object, ...]:
    measures = None if run.measures is None else json.dumps(run.measures, separators=(",", ":"))
    # an error can name a file whose name is not UTF-8
    error = None if run.error is None else run.error.encode(errors="backslashreplace").decode()
    row = (run.case, run.seed, run.seconds, measures, error)
    return (*row, _checksum(row))


def _insert(connection: sqlite3.Connection, row: tuple[object, ...]) -> int:
    names = "case_key, seed, seconds, measures, error, checksum"
    done = connection.execute(f"INSERT INTO runs ({names}) VALUES (?, ?, ?, ?, ?, ?)", row)
    assert done.lastrowid is not None
    return done.lastrowid


def _checksum(row: tuple[object, ...]) -> int:
    return zlib.crc32(repr(row).encode(errors="backslashreplace"))
