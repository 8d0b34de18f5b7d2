"""The cells of a spreadsheet file (.ods or .xlsx), sheet by sheet, whatever is in them.

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
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from simulation.errors import InputError

Cell = str | float | bool | date | None
#: Sheet name to its rows that hold anything: row number as the program shows it, and the cells.
Sheets = dict[str, list[tuple[int, list[Cell]]]]

ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# Far above the published file (some 3,000 rows, 5 columns, under 1 MB), far below the memory.
MOST_ROWS = 50_000
MOST_COLUMNS = 40
MOST_BYTES = 60_000_000
#: beginnings and ends of elements, each of which takes time and memory once it is read
MOST_MARKS = 1_000_000
ALLOWED = "an .ods or .xlsx workbook as downloaded, or a CSV file"

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def is_workbook(data: bytes) -> bool:
    """Whether the bytes of a file begin as a workbook's do, old or encrypted ones included."""
    return data.startswith((ZIP, OLE))


def read_sheets(file: Path, data: bytes) -> Sheets:
    """Every sheet of a workbook.

    Args:
        file: The file, for messages.
        data: Its bytes.

    Raises:
        InputError: If it is encrypted, an old .xls, damaged, too large, or no workbook at all.
    """
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _encrypted(file)
        raise InputError(
            "an old Excel file (.xls)",
            file=file,
            allowed="the same workbook saved as .ods or .xlsx",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
            if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
                raise InputError("too large for a table of months or days", file=file)
            if any(entry.flag_bits & 1 for entry in archive.infolist()):
                raise _encrypted(file)
            if sum(_marks(archive, entry) for entry in archive.infolist()) > MOST_MARKS:
                raise InputError("too large for a table of months or days", file=file)
            if "content.xml" in names or "encrypted-package" in names:
                return _open_document(file, archive, names)
    except InputError:
        raise
    except Exception as error:  # a damaged file fails in any of its layers
        raise _damaged(file, error) from None
    if not any(name.startswith("xl/") for name in names):
        raise InputError("a zip archive that is no workbook", file=file, allowed=ALLOWED)
    return _excel(file, data)


def _marks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """How many elements a part may have at most; a small archive can hold a great many."""
    with archive.open(entry) as part:
        return sum(piece.count(b"<") for piece in iter(lambda: part.read(1 << 20), b""))


def _encrypted(file: Path) -> InputError:
    return InputError(
        "protected with a password", file=file, allowed="the same workbook saved without one"
    )


def _damaged(file: Path, error: Exception) -> InputError:
    why = str(error) or type(error).__name__
    return InputError(f"a damaged workbook ({why[:80]})", file=file, allowed=ALLOWED)


def _too_long(file: Path, sheet: str) -> InputError:
    return InputError(
        "too many rows",
        file=file,
        key=f"sheet {sheet}",
        allowed=f"at most {MOST_ROWS:,} rows that hold anything",
    )


# -- OpenDocument ---------------------------------------------------------------------------------


def _open_document(file: Path, archive: zipfile.ZipFile, names: set[str]) -> Sheets:
    manifest = "META-INF/manifest.xml"
    protected = manifest in names and b"encryption-data" in archive.read(manifest)
    if protected or "encrypted-package" in names:
        raise _encrypted(file)
    sheets: Sheets = {}
    with archive.open("content.xml") as content:
        for _, element in ElementTree.iterparse(content):
            if element.tag == TABLE + "table":
                name = element.get(TABLE + "name", f"{len(sheets) + 1}")
                sheets[name] = _rows_of(file, name, element)
                element.clear()
    return sheets


def _rows_of(file: Path, sheet: str, table: ElementTree.Element) -> list[tuple[int, list[Cell]]]:
    rows: list[tuple[int, list[Cell]]] = []
    number = 1
    for row in table.iter(TABLE + "table-row"):
        times = _times(row, "number-rows-repeated")
        cells = _cells_of(row)
        if cells:
            if len(rows) + times > MOST_ROWS:
                raise _too_long(file, sheet)
            rows.extend((number + step, cells) for step in range(times))
        number += times
    return rows


def _times(element: ElementTree.Element, attribute: str) -> int:
    return max(int(element.get(TABLE + attribute, "1")), 1)


def _cells_of(row: ElementTree.Element) -> list[Cell]:
    cells: list[Cell] = []
    column = 0
    for element in row:
        if element.tag not in (TABLE + "table-cell", TABLE + "covered-table-cell"):
            continue
        times = _times(element, "number-columns-repeated")
        value = _open_value(element)
        if value is not None:
            end = min(column + times, MOST_COLUMNS)
            cells += [None] * (min(column, end) - len(cells))
            cells += [value] * (end - len(cells))
        column += times
    return cells


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


def _excel(file: Path, data: bytes) -> Sheets:
    from openpyxl import load_workbook  # slow to import, and seldom needed

    sheets: Sheets = {}
    try:
        with warnings.catch_warnings():
            # styles and extensions it does not keep are of no use here
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            for sheet in book.worksheets:
                sheets[sheet.title] = _excel_rows(file, sheet.title, sheet.iter_rows)
    except InputError:
        raise
    except Exception as error:  # a damaged file fails in any of its layers
        raise _damaged(file, error) from None
    return sheets


def _excel_rows(file: Path, sheet: str, read: Callable[..., Any]) -> list[tuple[int, list[Cell]]]:
    rows: list[tuple[int, list[Cell]]] = []
    for number, values in enumerate(read(max_col=MOST_COLUMNS, values_only=True), start=1):
        if values.count(None) == len(values):  # up to a stray cell there may be a million
            continue
        cells = [_excel_value(value) for value in values]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            rows.append((number, cells))
        if len(rows) > MOST_ROWS:
            raise _too_long(file, sheet)
    return rows


def _excel_value(value: Any) -> Cell:
    if isinstance(value, datetime):
        return value.date()
    if value is None or isinstance(value, (bool, date)):
        return value
    if isinstance(value, (int, float)):
        return float(value)
    return re.sub(r"_x000[dD]_", "", str(value)).strip() or None
