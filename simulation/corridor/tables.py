"""Reading the corridor's small tables, with errors that name file, line, column and value."""

from __future__ import annotations

import csv
import math
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, closest, listed

DATA = Path(__file__).parent / "data"
SHARES_TOLERANCE = 1e-6
# What the words of a column are called in an error, where the column's name is not that word.
NOUNS = {"from": "place", "to": "place", "authority_from": "authority", "authority_to": "authority"}


@dataclass(frozen=True)
class TableRow:
    """One line of a table; its errors name file, line and column.

    Args:
        file: The file it was read from.
        line: Its line number in that file, counting the header as line 1.
        cells: Column name to text.
    """

    file: Path
    line: int
    cells: dict[str, str]

    def error(self, column: str, problem: str, **more: str | None) -> InputError:
        """An error about one cell of this row, ready to be raised, with more of `InputError`."""
        key, value = f"line {self.line}: {column}", self.cells.get(column)
        return InputError(problem, file=self.file, key=key, **{"value": value, **more})

    def text(self, column: str, *, required: bool = True) -> str:
        """The cell as text.

        Raises:
            InputError: If it is empty and `required`.
        """
        value = self.cells[column].strip()
        if required and not value:
            raise self.error(column, "missing value")
        return value

    def choice(self, column: str, words: Collection[str], *, required: bool = True) -> str:
        """The cell as one of `words`, or "" where it may be empty.

        Raises:
            InputError: If it is not one of them; the nearest is suggested.
        """
        value = self.text(column, required=required)
        if value and value not in words:
            problem, near = f"unknown {NOUNS.get(column, column)}", closest(value, words)
            raise self.error(column, problem, allowed=listed(words), suggestion=near)
        return value

    def number(self, column: str, *, low: float = 0.0, high: float = math.inf) -> float:
        """The cell as a finite number in [low, high].

        Raises:
            InputError: If it is not a number or out of range.
        """
        text = self.text(column)
        allowed = f"a number of {low:g} or more" if high == math.inf else f"{low:g} to {high:g}"
        try:
            value = float(text)
        except ValueError:
            raise self.error(column, "not a number", allowed=allowed) from None
        if not math.isfinite(value) or not low <= value <= high:
            raise self.error(column, "number out of range", allowed=allowed)
        return value

    def count(self, column: str, *, low: float = 0.0, high: float = math.inf) -> int:
        """The cell as a whole number in [low, high].

        Raises:
            InputError: If it is not one or out of range.
        """
        value = self.number(column, low=low, high=high)
        if not value.is_integer():
            raise self.error(column, "not a whole number", allowed="digits only, such as 12")
        return int(value)

    def truth(self, column: str) -> bool:
        """The cell as true or false."""
        return self.choice(column, ("true", "false")) == "true"

    def shares(self, columns: Sequence[str]) -> np.ndarray:
        """The cells of `columns` as shares, float (n_columns,), each 0 to 1 and 1 in all.

        Raises:
            InputError: If one is out of range or they do not sum to 1.
        """
        values = np.array([self.number(column, high=1.0) for column in columns])
        total = float(values.sum())
        if abs(total - 1.0) > SHARES_TOLERANCE:
            allowed, given = "shares from 0 to 1 that sum to 1", f"{total:.6g}"
            column = f"{columns[0]}..{columns[-1]}"
            raise self.error(column, "shares do not sum to 1", value=given, allowed=allowed)
        return values


def read_table(file: Path, columns: Sequence[str], key: Sequence[str] = ()) -> list[TableRow]:
    """Read a CSV file whose header must be exactly `columns`, without two rows of the same `key`.

    Raises:
        InputError: If the file is missing, its header differs, a line has too many or too few
            cells, or a key stands on two lines.
    """
    refuse = partial(InputError, file=file)
    rows = []
    try:
        handle = file.open(newline="", encoding="utf-8")
    except OSError:
        raise refuse("file not found") from None
    with handle:
        reader = csv.reader(handle)
        header = next(reader, [])
        for name in header:
            if name not in columns:
                key, allowed, near = "line 1", ", ".join(columns), closest(name, columns)
                raise refuse(
                    "unknown column", key=key, value=name, allowed=allowed, suggestion=near
                )
        if header != list(columns):
            raise refuse("columns missing or out of order", key="line 1", allowed=",".join(columns))
        for cells in reader:
            if len(cells) != len(columns):
                problem = f"{len(cells)} cells where there are {len(columns)} columns"
                raise refuse(problem, key=f"line {reader.line_num}")
            rows.append(TableRow(file, reader.line_num, dict(zip(columns, cells, strict=True))))
    seen: dict[tuple[str, ...], int] = {}
    for row in rows if key else ():
        cells_of_key = tuple(row.cells[column] for column in key)
        if cells_of_key in seen:
            raise row.error(key[-1], f"already given on line {seen[cells_of_key]}")
        seen[cells_of_key] = row.line
    return rows


def read_toml(file: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        InputError: If it is missing or not TOML.
    """
    refuse = partial(InputError, file=file)
    try:
        with file.open("rb") as handle:
            return tomllib.load(handle)
    except OSError:
        raise refuse("file not found") from None
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"not a TOML file: {error}") from None


def frozen(values: npt.ArrayLike) -> np.ndarray:
    """An array of numbers that cannot be changed, float (n,)."""
    array = np.array(values, dtype=float)
    array.setflags(write=False)
    return array
