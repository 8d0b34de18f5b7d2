"""Read the cells of a spreadsheet file (.ods or .xlsx), sheet by sheet, within limits.

OpenDocument is read here with the standard library: its one Python package has had no release
since 2020, and readers that fill a whole rectangle run out of memory on one stray far cell.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from xml.etree import ElementTree

from simulation.errors import InputError

Cell = str | float | bool | date | None
#: Sheet name to its rows that hold anything: row number as the program shows it, and the cells.
Sheets = dict[str, list[tuple[int, list[Cell]]]]

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: bytes of a file, and of all its parts unpacked. The largest file published has some MB.
MOST_BYTES, MOST_UNPACKED = 40_000_000, 250_000_000
#: rows of a sheet that hold anything, and columns that are looked at. Detections by route,
#: nationality and month have 214 columns, one more each month.
MOST_ROWS, MOST_COLUMNS = 300_000, 600
#: rows that a sheet of Excel can have
EXCEL_ROWS = 1_048_576
ALLOWED = "an .ods or .xlsx workbook as downloaded, or a CSV file"

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CELLS = (TABLE + "table-cell", TABLE + "covered-table-cell")


def is_workbook(data: bytes) -> bool:
    """Whether the bytes of a file begin as a workbook's do, old or encrypted ones included."""
    return data.startswith((ZIP, OLE))


def read_sheets(file: Path, data: bytes, wanted: Callable[[str], bool] | None = None) -> Sheets:
    """Every sheet of a workbook.

    Args:
        file: The file, for messages.
        data: Its bytes.
        wanted: Whether the rows of a sheet of that name are wanted; the others come without rows.

    Raises:
        InputError: If it is encrypted, an old .xls, damaged, too large, or no workbook at all.
    """
    refuse = partial(InputError, file=file)
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _encrypted(file)
        raise refuse("an old Excel file (.xls)", allowed="the same workbook saved as .ods or .xlsx")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
                allowed = f"at most {MOST_UNPACKED // 1_000_000} MB unpacked"
                raise refuse("too large for a table of figures", allowed=allowed)
            names, manifest = {entry.filename for entry in entries}, "META-INF/manifest.xml"
            protected = manifest in names and b"encryption-data" in archive.read(manifest)
            if protected or "encrypted-package" in names or any(e.flag_bits & 1 for e in entries):
                raise _encrypted(file)
            if "content.xml" in names:
                with archive.open("content.xml") as content:
                    sheets = _open_document(content, wanted)
            elif any(name.startswith("xl/") for name in names):
                sheets = _excel(data, wanted)
            else:
                raise refuse("a zip archive that is no workbook", allowed=ALLOWED)
    except InputError:
        raise
    except Exception as error:  # a damaged file fails in any of its layers
        why = str(error) or type(error).__name__
        raise refuse(f"a damaged workbook ({why[:80]})", allowed=ALLOWED) from None
    for name, rows in sheets.items():
        if len(rows) > MOST_ROWS:
            allowed = f"at most {MOST_ROWS:,} rows that hold anything"
            raise refuse("too many rows", key=f"sheet {name[:40]}", allowed=allowed)
    return sheets


def _encrypted(file: Path) -> InputError:
    return InputError(
        "protected with a password", file=file, allowed="the same workbook saved without one"
    )


# -- OpenDocument ---------------------------------------------------------------------------------


def _open_document(content: IO[bytes], wanted: Callable[[str], bool] | None) -> Sheets:
    """All sheets of the content of an OpenDocument file, read one row at a time."""
    sheets: Sheets = {}
    rows: list[tuple[int, list[Cell]]] = []
    number, is_wanted = 1, True
    for event, element in ElementTree.iterparse(content, ("start", "end")):
        if event == "start":
            if element.tag == TABLE + "table":
                name = element.get(TABLE + "name", f"{len(sheets) + 1}")
                sheets[name] = rows = []
                number, is_wanted = 1, wanted is None or wanted(name)
        elif element.tag == TABLE + "table-row":
            times = _times(element, "number-rows-repeated")
            if is_wanted and (cells := _open_row(element)):
                # of a row that is repeated to the end of the sheet no more than is refused
                shown = min(times, MOST_ROWS + 1 - len(rows))
                rows.extend((number + step, cells) for step in range(shown))
            number += times
            element.clear()
    return sheets


def _open_row(row: ElementTree.Element) -> list[Cell]:
    """The cells of a row up to the last that holds anything."""
    cells: list[Cell] = []
    column = 0
    for cell in row:
        if cell.tag in CELLS and column < MOST_COLUMNS:
            repeated = _times(cell, "number-columns-repeated")
            value = _open_value(cell)
            if value is not None:
                cells += [None] * (column - len(cells))
                cells += [value] * (min(column + repeated, MOST_COLUMNS) - column)
            column += repeated
    return cells


def _times(element: ElementTree.Element, attribute: str) -> int:
    return max(int(element.get(TABLE + attribute, "1")), 1)


def _open_value(cell: ElementTree.Element) -> Cell:
    kind = cell.get(OFFICE + "value-type")
    if kind in ("float", "percentage", "currency"):
        return float(cell.get(OFFICE + "value", ""))
    if kind == "date":
        return date.fromisoformat(cell.get(OFFICE + "date-value", "")[:10])
    if kind == "boolean":
        return cell.get(OFFICE + "boolean-value") == "true"
    text = cell.get(OFFICE + "string-value")
    if text is None:
        # only the cell's own paragraphs: a comment on a cell has paragraphs too
        text = "\n".join("".join(_words(part)) for part in cell.findall(TEXT + "p"))
    return text.strip() or None


def _words(part: ElementTree.Element) -> Iterator[str]:
    yield part.text or ""
    for child in part:
        if child.tag in (TEXT + "s", TEXT + "tab", TEXT + "line-break"):
            yield " "
        elif child.tag not in (OFFICE + "annotation", TEXT + "note"):
            yield from _words(child)
        yield child.tail or ""


# -- Excel ----------------------------------------------------------------------------------------


def _excel(data: bytes, wanted: Callable[[str], bool] | None) -> Sheets:
    from openpyxl import load_workbook  # slow to import, and seldom needed

    with warnings.catch_warnings():
        # styles and extensions it does not keep are of no use here
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        return {
            sheet.title: _excel_rows(sheet) if wanted is None or wanted(sheet.title) else []
            for sheet in book.worksheets
        }


def _excel_rows(sheet: Any) -> list[tuple[int, list[Cell]]]:
    """The rows of a sheet that hold anything, each up to the last cell that does."""
    rows: list[tuple[int, list[Cell]]] = []
    sheet.reset_dimensions()  # some programs state a single column for every sheet
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > EXCEL_ROWS:  # the reader fills the gap before a row of any number
            raise ValueError(f"a row beyond {EXCEL_ROWS:,}")
        if values.count(None) == len(values):  # up to a stray cell there may be a million
            continue
        cells = [_excel_value(value) for value in values[:MOST_COLUMNS]]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            rows.append((number, cells))
    return rows


def _excel_value(value: Any) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, (bool, date)):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return re.sub(r"_x000[dD]_", "", str(value)).strip() or None
