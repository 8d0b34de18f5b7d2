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
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Limits:
    """How much is read of one workbook, all its sheets together.

    Attributes:
        packed: Bytes of the file.
        unpacked: Bytes of all its parts.
        marks: Beginnings and ends of elements in all parts, each of which takes time once read.
        rows: Rows that hold anything, repeated ones as often as they are repeated.
        cells: Cells that hold anything.
        columns: Columns that are looked at.
    """

    packed: int
    unpacked: int
    marks: int
    rows: int
    cells: int
    columns: int


#: Of a table of months or days. The published time series has some 3,000 rows, 5 columns and under
#: 1 MB. A workbook of 20,000 rows and 10 columns, which is the largest anybody has reason to give,
#: has a few MB, 25 MB unpacked, 0.8 million marks and 200,000 cells. At the limits, reading takes
#: some 2 s and 200 MB.
TABLE_LIMITS = Limits(20_000_000, 60_000_000, 1_000_000, 50_000, 1_000_000, 40)
#: Of a file of records: detections by route, nationality and month have 900 rows and 214 columns,
#: a column more each month; arrivals by quarter, method, nationality, sex and age some tens of
#: thousands of rows and 8 columns. At the limits, reading takes some 20 s.
RECORD_LIMITS = Limits(40_000_000, 250_000_000, 12_000_000, 300_000, 2_500_000, 600)
#: parts in the archive
MOST_PARTS = 1_000
#: beginnings and ends of elements in the parts of an Excel workbook that hold no cells
MOST_MARKS_ELSEWHERE = 50_000
#: the same in one row of an Excel workbook, which has 16,384 columns at most
MOST_MARKS_IN_ROW = 200_000
#: different names of elements and attributes of an OpenDocument file
MOST_NAMES = 1_000
MOST_SHEETS = 200
#: rows with those that hold nothing: one stray cell may lie a million rows below the others
MOST_ROWS_PASSED = 4_000_000
#: elements inside each other, and inside one cell
MOST_DEPTH, MOST_IN_CELL = 100, 2_000
ALLOWED = "an .ods or .xlsx workbook as downloaded, or a CSV file"

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CELLS = (TABLE + "table-cell", TABLE + "covered-table-cell")


def is_workbook(data: bytes) -> bool:
    """Whether the bytes of a file begin as a workbook's do, old or encrypted ones included."""
    return data.startswith((ZIP, OLE))


def read_sheets(
    file: Path,
    data: bytes,
    limits: Limits = TABLE_LIMITS,
    wanted: Callable[[str], bool] | None = None,
) -> Sheets:
    """Every sheet of a workbook.

    Args:
        file: The file, for messages.
        data: Its bytes.
        limits: How much of it is read at most.
        wanted: Whether the rows of a sheet of that name are wanted; the others come without rows.

    Raises:
        InputError: If it is encrypted, an old .xls, damaged, too large, or no workbook at all.
    """
    refuse = partial(InputError, file=file)
    if data.startswith(OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise _encrypted(file)
        raise refuse("an old Excel file (.xls)", allowed="the same workbook saved as .ods or .xlsx")
    if data.count(b"PK\x01\x02") > MOST_PARTS:
        raise refuse("too many parts", allowed=f"at most {MOST_PARTS:,} parts")
    count, manifest = _Count(file, limits), "META-INF/manifest.xml"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = _check_parts(file, archive, limits)
            protected = manifest in names and b"encryption-data" in archive.read(manifest)
            if protected or "encrypted-package" in names:
                raise _encrypted(file)
            if "content.xml" in names:
                with archive.open("content.xml") as content:
                    return _open_document(content, count, limits, wanted)
        if any(name.startswith("xl/") for name in names):
            return _excel(data, count, limits, wanted)
    except InputError:
        raise
    except Exception as error:  # a damaged file fails in any of its layers
        why = str(error) or type(error).__name__
        raise refuse(f"a damaged workbook ({why[:80]})", allowed=ALLOWED) from None
    raise refuse("a zip archive that is no workbook", allowed=ALLOWED)


class _Count:
    """How much of a workbook has been read; refuses more than the limits."""

    def __init__(self, file: Path, limits: Limits) -> None:
        self._file, self._sheet, self._limits = file, "", limits
        self._rows = self._passed = self._cells = self._sheets = 0

    def sheet(self, name: str) -> None:
        """Count one more sheet, whose rows follow."""
        self._sheet = name
        self._sheets += 1
        if self._sheets > MOST_SHEETS:
            raise self._too_much("sheets", MOST_SHEETS)

    def rows(self, times: int, cells: int) -> None:
        """Count more rows, each with a number of cells that hold anything."""
        self._passed += times
        if cells:
            self._rows += times
            self._cells += times * cells
        if self._rows > self._limits.rows:
            raise self._too_much("rows that hold anything", self._limits.rows)
        if self._cells > self._limits.cells:
            raise self._too_much("cells that hold anything", self._limits.cells)
        if self._passed > MOST_ROWS_PASSED:
            raise self._too_much("rows", MOST_ROWS_PASSED)

    def _too_much(self, what: str, most: int) -> InputError:
        key, allowed = f"sheet {self._sheet[:40]}", f"at most {most:,} {what} in all sheets"
        return InputError(f"too many {what.split()[0]}", file=self._file, key=key, allowed=allowed)


def _check_parts(file: Path, archive: zipfile.ZipFile, limits: Limits) -> set[str]:
    """The names of the parts, after unpacking each once, piece by piece, to see what is in it."""
    entries = archive.infolist()
    too_large = InputError(
        "too large for a table of figures",
        file=file,
        allowed=f"at most {limits.unpacked // 1_000_000} MB unpacked, in {MOST_PARTS:,} parts and "
        f"{limits.marks:,} marks of elements",
    )
    if len(entries) > MOST_PARTS or sum(entry.file_size for entry in entries) > limits.unpacked:
        raise too_large
    if any(entry.flag_bits & 1 for entry in entries):
        raise _encrypted(file)
    excel = any(entry.filename.startswith("xl/") for entry in entries)
    marks = elsewhere = 0
    for entry in entries:
        root = _root_of(archive, entry) if excel else ""
        weight = _WEIGHT if entry.filename == "xl/workbook.xml" else 1
        for tags, of_cells in _marks(archive, entry, rows=root == "worksheet"):
            marks += tags
            if excel:
                elsewhere += weight * (tags - of_cells if root in ("worksheet", "sst") else tags)
            if marks > limits.marks or elsewhere > MOST_MARKS_ELSEWHERE:
                raise too_large
    return {entry.filename for entry in entries}


def _marks(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, *, rows: bool
) -> Iterator[tuple[int, int]]:
    """How many elements begin and end in each piece of a part, and those of cells among them."""
    in_row = 0
    with archive.open(entry) as part:
        piece = part.read(_PIECE)
        if piece.startswith(_WIDE) or _ENCODING.search(piece[:200]):
            raise ValueError(f"{entry.filename[:40]} is not in UTF-8")
        xml = piece.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
        end = b""
        while piece:
            if b"<!ENTITY" in end + piece:  # it can stand for far more than it takes
                raise ValueError(f"{entry.filename[:40]} defines an entity")
            tags = piece.count(b"<")
            if xml and not tags and len(piece) == _PIECE:
                raise ValueError(f"{entry.filename[:40]} holds a text of a million letters")
            of_cells, after = 0, 0
            for of_cells, mark in enumerate(_CELL_MARK.finditer(piece), start=1):
                if mark[1] == b"row":
                    in_row, after = 0, of_cells
            in_row += of_cells - after
            if rows and in_row > MOST_MARKS_IN_ROW:
                raise ValueError(f"{entry.filename[:40]} has a row too long")
            yield tags, of_cells
            piece, end = part.read(_PIECE), piece[-8:]


#: what begins or ends with the cells and texts of an Excel workbook
_CELL_MARK = re.compile(rb"</?(?:\w+:)?(c|v|row|f|is|t|r|rPr|si)[\s/>]")
#: how much longer a sheet in the list of sheets takes than another element
_WEIGHT = 5
#: bytes unpacked at a time
_PIECE = 1 << 20
#: how XML in two bytes a letter begins
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
_ENCODING = re.compile(rb"""encoding\s*=\s*["'](?!utf-?8|us-ascii|iso-8859-1)""", re.IGNORECASE)


def _root_of(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """The name of the outermost element; empty for no XML and for parts that are read whole."""
    if entry.filename in ("xl/workbook.xml", "xl/styles.xml") or ".rels" in entry.filename:
        return ""
    with archive.open(entry) as part:
        try:
            _, root = next(ElementTree.iterparse(part, ("start",)))
        except (ElementTree.ParseError, StopIteration):
            return ""
    name: str = root.tag.rpartition("}")[2]
    return name


def _encrypted(file: Path) -> InputError:
    return InputError(
        "protected with a password", file=file, allowed="the same workbook saved without one"
    )


# -- OpenDocument ---------------------------------------------------------------------------------


def _open_document(
    content: IO[bytes], count: _Count, limits: Limits, wanted: Callable[[str], bool] | None
) -> Sheets:
    """All sheets of the content of an OpenDocument file, read one cell at a time."""
    sheets: Sheets = {}
    above: list[ElementTree.Element] = []
    names: set[str] = set()
    rows: list[tuple[int, list[Cell]]] = []
    cells: list[Cell] = []
    number, times, column, in_cell = 1, 1, 0, 0
    is_wanted = True
    for place, (event, element) in enumerate(ElementTree.iterparse(content, ("start", "end"))):
        if place > 2 * limits.marks or len(names) > MOST_NAMES:
            raise ValueError("too many elements, or too many names of them")
        if event == "start":
            names.add(element.tag)
            names.update(element.keys())
            in_cell += bool(in_cell)
            if len(above) > MOST_DEPTH or in_cell > MOST_IN_CELL:
                raise ValueError("too many elements inside each other")
            above.append(element)
            if in_cell:
                continue
            if element.tag == TABLE + "table":
                rows, number = [], 1
                name = element.get(TABLE + "name", f"{len(sheets) + 1}")
                count.sheet(name)
                sheets[name] = rows
                is_wanted = wanted is None or wanted(name)
            elif element.tag == TABLE + "table-row":
                cells, column, times = [], 0, _times(element, "number-rows-repeated")
            elif element.tag in CELLS:
                in_cell = 1
            continue
        above.pop()
        if element.tag in CELLS and not any(one.tag in CELLS for one in above):
            in_cell, repeated = 0, _times(element, "number-columns-repeated")
            value = _open_value(element) if column < limits.columns else None
            if value is not None:
                end = min(column + repeated, limits.columns)
                cells += [None] * (column - len(cells))
                cells += [value] * (end - len(cells))
            column += repeated
        elif element.tag == TABLE + "table-row" and not in_cell:
            if cells and is_wanted:
                count.rows(times, len(cells))
                rows.extend((number + step, cells) for step in range(times))
            number += times
        if above and not in_cell:
            del above[-1][:]  # it has been read
    return sheets


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


def _excel(
    data: bytes, count: _Count, limits: Limits, wanted: Callable[[str], bool] | None
) -> Sheets:
    from openpyxl import load_workbook  # slow to import, and seldom needed

    sheets: Sheets = {}
    with warnings.catch_warnings():
        # styles and extensions it does not keep are of no use here
        warnings.simplefilter("ignore")
        _check_place_of_workbook(data)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        parts = [sheet._worksheet_path for sheet in book.worksheets]
        if len(set(parts)) < len(parts):  # each would be read anew
            raise ValueError("two sheets are one part")
        for sheet in book.worksheets:
            count.sheet(sheet.title)
            is_wanted = wanted is None or wanted(sheet.title)
            width = _width(sheet.max_column, limits)
            sheets[sheet.title] = _excel_rows(sheet.iter_rows, count, width) if is_wanted else []
    return sheets


def _check_place_of_workbook(data: bytes) -> None:
    """Refuse a workbook whose list of sheets is another part than the one that was looked at."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = ElementTree.fromstring(archive.read("[Content_Types].xml"))
    for part in types:
        main = part.get("ContentType", "").endswith("main+xml")
        if main and part.get("PartName", "/xl/workbook.xml") != "/xl/workbook.xml":
            raise ValueError("its list of sheets is not xl/workbook.xml")


def _width(stated: int | None, limits: Limits) -> int:
    """How many columns of a sheet are looked at, to which its rows are filled up."""
    if stated is None or stated <= 1:  # some programs state a single column for every sheet
        return limits.columns
    return min(limits.columns, max(stated, TABLE_LIMITS.columns))


def _excel_rows(
    read: Callable[..., Any], count: _Count, width: int
) -> list[tuple[int, list[Cell]]]:
    rows: list[tuple[int, list[Cell]]] = []
    for number, values in enumerate(read(max_col=width, values_only=True), start=1):
        end = len(values)
        if values.count(None) == end:  # up to a stray cell there may be a million
            count.rows(1, 0)
            continue
        while values[end - 1] is None:
            end -= 1
        cells = [_excel_value(value) for value in values[:end]]
        while cells and cells[-1] is None:
            cells.pop()
        count.rows(1, len(cells))
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
