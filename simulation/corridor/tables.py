"""Reading the corridor's small tables. They are the package's own: tests check what they hold."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.errors import InputError

DATA = Path(__file__).parent / "data"


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

    def numbers(self, columns: Sequence[str]) -> np.ndarray:
        """The cells of some columns as numbers, float (n_columns,)."""
        return frozen([float(self.cells[column]) for column in columns])


def read_table(file: Path, columns: Sequence[str]) -> list[TableRow]:
    """Read a CSV file with these columns.

    Raises:
        InputError: The file has other columns.
    """
    with file.open(newline="", encoding="utf-8") as handle:
        reader = csv.reader(handle)
        header = next(reader)
        if header != list(columns):
            raise InputError(
                "columns missing or out of order",
                file=file,
                value=",".join(header),
                allowed=",".join(columns),
            )
        return [
            TableRow(file, reader.line_num, dict(zip(columns, cells, strict=True)))
            for cells in reader
        ]


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a TOML file."""
    return tomllib.loads(file.read_text(encoding="utf-8"))


def frozen(values: npt.ArrayLike) -> np.ndarray:
    """An array of numbers that cannot be changed, float (n,)."""
    array = np.array(values, dtype=float)
    array.setflags(write=False)
    return array
