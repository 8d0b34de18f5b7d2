"""What one file gives: figures for the tables, each with the place it stands in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from simulation.data.workbook import Cell, Sheets
from simulation.errors import InputError
from simulation.regular_files import NotAFileError, read_regular

CHANNEL = "channel_monthly.csv"
PREVENTED = "prevented_monthly.csv"
FRONTEX = "frontex_monthly.csv"
YEARLY = "observed_yearly.csv"
ORIGINS = "arrivals_by_origin_yearly.csv"

#: how far down a header may stand, below a title, a note or blank rows
HEADER_WITHIN = 20
MARK = re.compile(r"\[[^\]]*\]")
#: a count as text, with or without commas between thousands
COUNT = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2}")
MOST_COUNT = 10**9
_SHOWN = 60


class Key(NamedTuple):
    """Which figure: its table, its month ("2023-01") or year ("2023"), and its series."""

    table: str
    period: str
    series: str


@dataclass(frozen=True)
class Reading:
    """What was read from one file.

    Attributes:
        file: The file.
        kind: Which file it is, in words.
        source: What the source of its figures is called in the tables.
        labels: Series to how far its figures can be trusted, one of the labels of vintages.
        figures: The figures; those that a file does not give are not in it.
        places: Where a figure stands in the file; a file's name alone where it is not in it.
        notes: What was left out, worked out or checked, in words.
        modified: The day on which a workbook says it was last saved; None if it does not say.
        whole: Whether the file holds every period there is, as published files do.
    """

    file: Path
    kind: str
    source: str
    labels: Mapping[str, str]
    figures: dict[Key, float]
    places: Mapping[Key, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    modified: date | None = None
    whole: bool = True

    def last(self, table: str) -> str:
        """The last period for which it has a figure of a table; empty if it has none."""
        return max((key.period for key in self.figures if key.table == table), default="")

    @property
    def tables(self) -> list[str]:
        """The tables for which it has figures."""
        return sorted({key.table for key in self.figures})


def bytes_of(file: Path, most: int, allowed: str) -> bytes:
    """The bytes of a file that is not empty, one more than the limit if it is larger.

    Args:
        file: The file.
        most: The limit in bytes, which the caller checks.
        allowed: Which files can be read, for messages.

    Raises:
        InputError: It cannot be read or is empty.
    """
    try:
        data = read_regular(file, most + 1)
    except NotAFileError as error:
        raise InputError(f"is {error}", file=file, allowed=allowed) from None
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise InputError("file not found", file=file, allowed=allowed) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file, allowed=allowed) from None
    if not data.strip():
        raise InputError("an empty file", file=file, allowed=allowed)
    return data


def cell_at(cells: Sequence[Cell], column: int) -> Cell:
    """A cell of a row; None beyond its end."""
    return cells[column] if column < len(cells) else None


def words(cell: Cell) -> str:
    """The text of a cell without the marks of its notes; empty for what is no text."""
    return " ".join(MARK.sub("", cell).split()) if isinstance(cell, str) else ""


def shown(cell: object) -> str:
    """A cell as an error shows it."""
    return "".join(c if c.isprintable() else " " for c in str(cell))[:_SHOWN]


def place(sheet: str, row: int, column: str) -> str:
    """Where a cell stands, as errors name it."""
    return f"sheet {sheet}, row {row}: {column}"


def header_of(
    file: Path, sheets: Sheets, sheet: str, names: Iterable[str]
) -> tuple[int, dict[str, int]]:
    """Where the header of a sheet stands: index of its row, and column of each of these names.

    Raises:
        InputError: No row among the first names all of them, or one twice.
    """
    wanted = list(names)
    best: set[str] = set()
    for index, (_, cells) in enumerate(sheets[sheet][:HEADER_WITHIN]):
        found = [words(cell).lower() for cell in cells]
        there = {name for name in wanted if name.lower() in found}
        if len(there) == len(wanted):
            for name in wanted:
                if found.count(name.lower()) > 1:
                    raise InputError(
                        "a column given twice", file=file, key=f"sheet {sheet}", value=name
                    )
            return index, {name: found.index(name.lower()) for name in wanted}
        best = max(best, there, key=len)
    missing = next(name for name in wanted if name not in best)
    raise InputError(
        "column missing",
        file=file,
        key=f"sheet {sheet}",
        value=missing,
        allowed=", ".join(wanted),
    )


def count_of(file: Path, where: str, cell: Cell) -> float:
    """A cell as a count.

    Raises:
        InputError: It is no whole number of 0 or more.
    """
    value: float | None = None
    if isinstance(cell, float):
        value = cell
    elif isinstance(cell, str) and COUNT.fullmatch(words(cell)):
        value = float(words(cell).replace(",", ""))
    if value is None or not 0 <= value < MOST_COUNT or value != int(value):
        raise InputError(
            "missing value" if cell is None else "not a count",
            file=file,
            key=where,
            value=None if cell is None else shown(cell),
            allowed="whole numbers of 0 or more",
        )
    return value
