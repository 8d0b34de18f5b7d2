"""Workbooks of the Home Office's layout, written by code: nothing of theirs is in the project."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from xml.sax.saxutils import escape

from openpyxl import Workbook

Cell = str | int | float | bool | date | None
Rows = list[list[Cell]]

SPACES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)
DAILY = ["Date", "Migrants arrived", "Boats arrived"]
DAILY += ["Boats arrived involved in uncontrolled landings", "Notes"]
WEEKLY = ["Week ending", "Migrants arrived", "Boats arrived"]
WEEKLY += ["Boats arrived involved in uncontrolled landings", "Migrants prevented"]
WEEKLY += ["Events prevented", "Notes"]


def counts(day: date) -> tuple[int, int]:
    """People and boats of a day: two days in three without any, else 40 and more in a boat."""
    boats = (day.toordinal() % 3 == 0) * (1 + day.day % 4)
    return boats * (40 + day.month), boats


def days(first: date, last: date) -> Rows:
    """The daily sheet's rows without its header."""
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [[day, *counts(day), "-" if day.year < 2023 else 0, None] for day in span]


def weeks(first: date, last: date, known_from: date) -> Rows:
    """The weekly sheet's rows: 70 prevented a week from `known_from` on, a dash before."""
    ends = [first + timedelta(days=7 * n) for n in range((last - first).days // 7 + 1)]
    return [[end, 0, 0, "-", *((70, 3) if end >= known_from else ("-", "-")), None] for end in ends]


def published(daily: Rows, weekly: Rows | None = None) -> dict[str, Rows]:
    """All sheets of the workbook."""
    sheets: dict[str, Rows] = {
        "Cover_sheet": [["Small boat activity in the English Channel"], [], ["Published weekly"]],
        "Contents": [["Sheet", "Title"], ["SB_01", "Daily"], ["SB_02", "Weekly"]],
        "SB_01": [DAILY, *daily],
    }
    if weekly is not None:
        sheets["SB_02"] = [WEEKLY, *weekly]
    sheets["Notes"] = [["Note", "Text"], ["1", "Data are provisional."]]
    return sheets


def ods(sheets: dict[str, Rows]) -> bytes:
    """An OpenDocument workbook, with the repeated empty cells and rows that programs write."""
    body = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(f"<table:table-row>{_cells(row)}</table:table-row>" for row in rows)
        + '<table:table-row table:number-rows-repeated="1040000">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        for name, rows in sheets.items()
    )
    return ods_of(body)


def ods_of(body: str, **others: bytes) -> bytes:
    """An OpenDocument workbook with this inside its spreadsheet element."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {SPACES}><office:body>'
        f"<office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind.encode(), "content.xml": content.encode(), **others})


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _cells(row: list[Cell]) -> str:
    return "".join(_cell(value) for value in row) + (
        '<table:table-cell table:number-columns-repeated="16370"/>'
    )


def _cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        word = str(value).lower()
        return _typed("boolean", f'office:boolean-value="{word}"', word.upper())
    if isinstance(value, date):
        return _typed("date", f'office:date-value="{value}T00:00:00"', f"{value:%d/%m/%Y}")
    if isinstance(value, (int, float)):
        return _typed("float", f'office:value="{value}"', f"{value:,}")
    return _typed("string", "", escape(value))


def _typed(kind: str, value: str, text: str) -> str:
    return (
        f'<table:table-cell office:value-type="{kind}" {value}><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def xlsx(sheets: dict[str, Rows]) -> bytes:
    """An Excel workbook."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
