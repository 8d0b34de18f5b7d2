"""Read the sheets of a workbook (.ods, .xlsx or .xls), and the rows below a header in them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from simulation.errors import InputError, closest

Cell = str | float | bool | date | None

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: bytes of a file, and of all its parts unpacked. The largest file published has some MB.
MOST_BYTES, MOST_UNPACKED = 40_000_000, 250_000_000
#: how far down a header may stand, below a title, a note or blank rows
HEADER_WITHIN = 20
#: a note's mark, such as [note 1]
MARK = re.compile(r"\[[^\]]*\]")
#: a count as text, with or without commas between thousands
COUNT = re.compile(r"[0-9]{1,9}|[0-9]{1,3}(,[0-9]{3}){1,2}")
MOST_COUNT = 10**9
#: what stands in a cell whose figure was not published
NOT_PUBLISHED = ("-", "\u2013", "\u2014", "..", ":", "[x]", "[z]", "[u]")
DATES = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d/%m/%Y")
#: where a workbook says when it was last saved
_SAVED = {
    "docProps/core.xml": rb"<dcterms:modified[^>]*>\s*([0-9]{4}-[0-9]{2}-[0-9]{2})",
    "meta.xml": rb"<dc:date>\s*([0-9]{4}-[0-9]{2}-[0-9]{2})",
}
_SHOWN = 60


@dataclass(frozen=True)
class Workbook:
    """The sheets of a file.

    Attributes:
        file: The file.
        sheets: Name of a sheet to its rows, the first one first.
        modified: The day on which it was last saved; None if it does not say.
    """

    file: Path
    sheets: Mapping[str, Sequence[Sequence[Cell]]]
    modified: date | None = None


def is_workbook(data: bytes) -> bool:
    """Whether the bytes of a file begin as a workbook's do."""
    return data.startswith((ZIP, OLE))


def read_workbook(file: Path, data: bytes) -> Workbook:
    """Every sheet of a workbook.

    Args:
        file: The file, for messages.
        data: Its bytes.

    Raises:
        InputError: It is protected, damaged, too large, or no workbook at all.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    unpacked, modified = _about(data)
    if unpacked > MOST_UNPACKED:
        most = f"at most {MOST_UNPACKED // 1_000_000} MB unpacked"
        raise InputError("too large for a table of figures", file=file, allowed=most)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = {
            name: [
                [_cell(value) for value in row]
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            ]
            for name in book.sheet_names
        }
    except CalamineError:
        problem = "a damaged workbook, one with a password, or none"
        allowed = "an .ods or .xlsx workbook as downloaded, or a CSV file"
        raise InputError(problem, file=file, allowed=allowed) from None
    return Workbook(file, sheets, modified)


def _about(data: bytes) -> tuple[int, date | None]:
    """Bytes of all parts unpacked, and when a workbook was last saved; of no archive 0 and None."""
    size, saved = 0, None
    with suppress(Exception), zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        for name in _SAVED.keys() & set(archive.namelist()) if size <= MOST_UNPACKED else ():
            if match := re.search(_SAVED[name], archive.read(name)):
                saved = date.fromisoformat(match[1].decode())
    return size, saved


def _cell(value: Any) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (bool, float, date)):
        return value
    return str(value)


def words(cell: Cell) -> str:
    """The text of a cell without the marks of its notes; empty for what is no text."""
    return " ".join(MARK.sub("", cell).split()) if isinstance(cell, str) else ""


def shown(cell: object) -> str:
    """A cell as an error shows it."""
    return "".join(c if c.isprintable() else " " for c in str(cell))[:_SHOWN]


def written_date(text: str, formats: Iterable[str] = DATES) -> date | None:
    """The date that a text says in one of some formats of `strptime`; None if it says none."""
    for written in formats:
        with suppress(ValueError):
            return datetime.strptime(text, written).date()
    return None


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
        return self.cells[self.columns[column]]

    def words(self, column: str) -> str:
        """The text of a cell; see `words`."""
        return words(self[column])

    def error(
        self, column: str, problem: str, allowed: str, names: Iterable[str] = ()
    ) -> InputError:
        """An error about a cell of this row, ready to be raised.

        Args:
            column: The name of its column.
            problem: What is wrong with it, unless nothing stands in it.
            allowed: What may stand there.
            names: Words of which the nearest is suggested.
        """
        cell = self[column] if column in self.columns else None
        return InputError(
            problem if cell is not None else "missing value",
            file=self.file,
            key=f"sheet {self.sheet}, row {self.number}: {column}",
            value=None if cell is None else shown(cell),
            allowed=allowed,
            suggestion=closest(self.words(column), names) if cell is not None else None,
        )

    def name(self, column: str, names: Iterable[str]) -> str:
        """The words of a cell in small letters, which must be one of some names.

        Raises:
            InputError: It is missing or unknown; the nearest is suggested.
        """
        name = self.words(column).lower()
        if name not in names:
            raise self.error(column, "an unknown name", ", ".join(names), names)
        return name

    def date(self, column: str) -> date:
        """A cell as a date.

        Raises:
            InputError: It is none of this century.
        """
        cell = self[column]
        day = cell if isinstance(cell, date) else written_date(self.words(column))
        if day is None or day.year // 100 != 20:
            raise self.error(column, "not a date", 'a date such as 2021-01-31 or "31 January 2021"')
        return day

    def count(self, column: str) -> float:
        """A cell as a count; NaN where its figure was not published.

        Raises:
            InputError: It is no whole number of 0 or more, nor a mark of what is not known.
        """
        cell, text = self[column], self.words(column)
        if cell in NOT_PUBLISHED:
            return float("nan")
        value = float(text.replace(",", "")) if COUNT.fullmatch(text) else cell
        if not isinstance(value, float) or not 0 <= value < MOST_COUNT or value != int(value):
            raise self.error(column, "not a count", "whole numbers of 0 or more, or [x] if unknown")
        return value


def find_header(book: Workbook, sheet: str, names: Sequence[str]) -> int | None:
    """Index of the first row of a sheet that names all these columns; None if there is none."""
    wanted = {name.lower() for name in names}
    for index, cells in enumerate(book.sheets[sheet][:HEADER_WITHIN]):
        if wanted <= {words(cell).lower() for cell in cells}:
            return index
    return None


def rows_below(book: Workbook, sheet: str, names: Sequence[str]) -> Iterator[SheetRow]:
    """The header of a sheet, and all rows below it in which anything stands.

    Args:
        book: The file and its sheets.
        sheet: Name of the sheet.
        names: The columns that are needed.

    Raises:
        InputError: No row among the first names all of them, or one twice.
    """
    refuse = partial(InputError, file=book.file, key=f"sheet {sheet}", allowed=", ".join(names))
    rows, at = book.sheets[sheet], find_header(book, sheet, names)
    if at is None:
        wanted = {name.lower(): name for name in names}
        texts = [{words(cell).lower() for cell in cells} - {""} for cells in rows[:HEADER_WITHIN]]
        best = max(texts, key=lambda row: len(row & wanted.keys()), default=set())
        missing = next(name for lower, name in wanted.items() if lower not in best)
        near = closest(missing, best - wanted.keys())
        raise refuse("column missing", value=missing, suggestion=near)
    headings = [words(cell).lower() for cell in rows[at]]
    for name in names:
        if headings.count(name.lower()) > 1:
            raise refuse("a column given twice", value=name)
    columns = {name: headings.index(name.lower()) for name in names}
    for number, cells in enumerate(rows[at:], start=at + 1):
        if any(cell is not None for cell in cells):
            yield SheetRow(book.file, sheet, number, cells, columns)
