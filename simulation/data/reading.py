"""Figures read from one file, and the rows of its sheets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import NamedTuple

from simulation.data.workbook import Cell, Sheets
from simulation.errors import InputError, closest
from simulation.regular_files import read_start

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


class Workbook(NamedTuple):
    """The sheets of a file."""

    file: Path
    sheets: Sheets


class Key(NamedTuple):
    """Which figure: its table, its month ("2023-01") or year ("2023"), and its series."""

    table: str
    period: str
    series: str


@dataclass(frozen=True)
class FileReading:
    """The content of one file after reading.

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
    refuse = partial(InputError, file=file)
    try:
        data = read_start(file, most + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise refuse("file not found", allowed=allowed) from None
    except IsADirectoryError:
        raise refuse("is a folder", allowed=allowed) from None
    except OSError as error:
        raise refuse(f"cannot be read ({error.strerror})", allowed=allowed) from None
    if not data.strip():
        raise refuse("an empty file", allowed=allowed)
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


def written_date(text: str, formats: Iterable[str]) -> date | None:
    """The date that a text says in one of some formats of `strptime`; None if it says none."""
    for written in formats:
        with suppress(ValueError):
            return datetime.strptime(text, written).date()
    return None


def find_header(book: Workbook, sheet: str, names: Sequence[str]) -> int | None:
    """Index of the first row of a sheet that names all these columns; None if there is none."""
    wanted = {name.lower() for name in names}
    for index, (_, cells) in enumerate(book.sheets[sheet][:HEADER_WITHIN]):
        if wanted <= {words(cell).lower() for cell in cells}:
            return index
    return None


def rows_below(
    book: Workbook, sheet: str, names: Sequence[str], allowed: str | None = None
) -> list[SheetRow]:
    """The header of a sheet, and all rows below it.

    Args:
        book: The file and its sheets.
        sheet: Name of the sheet.
        names: The columns that are needed.
        allowed: What would have been accepted where one is missing; the columns when None.

    Raises:
        InputError: No row among the first names all of them, or one twice.
    """
    refuse = partial(InputError, file=book.file)
    key, lines = f"sheet {sheet}", book.sheets[sheet]
    at = find_header(book, sheet, names)
    if at is None:
        wanted = {name.lower(): name for name in names}
        rows = [{words(cell).lower() for cell in cells} - {""} for _, cells in lines]
        best = max(
            rows[:HEADER_WITHIN], key=lambda row: (len(row & set(wanted)), len(row)), default=set()
        )
        missing = next(name for lower, name in wanted.items() if lower not in best)
        near, choices = closest(missing, best - set(wanted)), allowed or ", ".join(names)
        raise refuse("column missing", key=key, value=missing, allowed=choices, suggestion=near)
    headings = [words(cell).lower() for cell in lines[at][1]]
    for name in names:
        if headings.count(name.lower()) > 1:
            raise refuse("a column given twice", key=key, value=name)
    columns = {name: headings.index(name.lower()) for name in names}
    return [SheetRow(book.file, sheet, number, cells, columns) for number, cells in lines[at:]]


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet; its errors name file, sheet, row and column.

    Attributes:
        file: The file it was read from.
        sheet: Name of its sheet.
        number: Its number there.
        cells: All its cells.
        columns: Where the columns stand that are read by name.
    """

    file: Path
    sheet: str
    number: int
    cells: Sequence[Cell]
    columns: Mapping[str, int]

    def __getitem__(self, column: str) -> Cell:
        return cell_at(self.cells, self.columns[column])

    def words(self, column: str) -> str:
        """The text of a cell; see `words`."""
        return words(self[column])

    def error(
        self, column: str, problem: str, value: object = None, allowed: str = "", near: str = ""
    ) -> InputError:
        """An error about a cell of this row, ready to be raised."""
        refuse = partial(InputError, file=self.file, allowed=allowed, suggestion=near)
        return refuse(problem, key=f"sheet {self.sheet}, row {self.number}: {column}", value=value)

    def check_name(
        self, column: str, noun: str, names: Mapping[str, str | None], name: str
    ) -> None:
        """Refuse a name that is not one of those that a column may hold.

        Raises:
            InputError: It is missing or unknown; the nearest is suggested.
        """
        if name not in names:
            problem, near = f"unknown {noun}" if name else f"missing {noun}", closest(name, names)
            cell_text = self.words(column)[:60] or None
            raise self.error(column, problem, cell_text, ", ".join(names), near or "")

    def count(self, column: str, cell: Cell) -> float:
        """A cell as a count.

        Args:
            column: What its column is called in messages.
            cell: The cell.

        Raises:
            InputError: It is no whole number of 0 or more.
        """
        value = cell if isinstance(cell, float) else None
        if COUNT.fullmatch(words(cell)):
            value = float(words(cell).replace(",", ""))
        if value is None or not 0 <= value < MOST_COUNT or value != int(value):
            problem = "missing value" if cell is None else "not a count"
            cell_text = None if cell is None else shown(cell)
            raise self.error(column, problem, cell_text, "whole numbers of 0 or more")
        return value


class Seen:
    """Refuses a row with the same words as an earlier one."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, ...], int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: SheetRow, who: tuple[str, ...], column: str, most: int = 60) -> None:
        """Take a row in.

        Args:
            row: The row.
            who: The words that say which figures it holds.
            column: What their columns are called in messages.
            most: Letters of these words that are shown.

        Raises:
            InputError: One with the same words is there.
        """
        if who in self._rows:
            value = ", ".join(word for word in who if word)[:most]
            raise row.error(column, f"already given in row {self._rows[who]}", value)
        self._rows[who] = row.number
