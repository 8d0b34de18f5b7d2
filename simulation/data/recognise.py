"""Recognise which known file a file is, by its sheets and headers and not by its name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

from simulation.data import detections, illegal_entry
from simulation.data.deaths import is_missing_migrants, read_deaths
from simulation.data.detections import read_detections
from simulation.data.illegal_entry import read_illegal_entry
from simulation.data.own_series import own_reading, own_series_of
from simulation.data.reading import FileReading, Workbook, bytes_of
from simulation.data.small_boats import DAILY_SHEET, WEEKLY_SHEET, read_small_boats
from simulation.data.workbook import MOST_BYTES, is_workbook, read_sheets
from simulation.errors import InputError

ALLOWED = (
    f"the Home Office's small boats time series (sheets {DAILY_SHEET}, {WEEKLY_SHEET}); its "
    f"illegal entry routes (sheet Data_IER_D01); Frontex's monthly detections (sheet "
    f"{detections.SHEET}); "
    "the CSV file of the Missing Migrants Project; or your own CSV of months"
)
_READERS: dict[str, Callable[[Workbook], FileReading]] = {
    DAILY_SHEET: read_small_boats,
    WEEKLY_SHEET: read_small_boats,
    detections.SHEET: read_detections,
}
#: parts of a workbook that say when it was saved, and where in them
_SAVED = (
    ("docProps/core.xml", "{http://purl.org/dc/terms/}modified"),
    ("meta.xml", "{http://purl.org/dc/elements/1.1/}date"),
)
_UNREADABLE = (ElementTree.ParseError, ValueError, zipfile.BadZipFile, OSError)


def read_bytes(file: Path) -> bytes:
    """The bytes of a file, within the limits of the largest one that is read.

    Raises:
        InputError: It cannot be read, is empty or too large.
    """
    data = bytes_of(file, MOST_BYTES, ALLOWED)
    if len(data) > MOST_BYTES:
        most = f"at most {MOST_BYTES // 1_000_000} MB"
        raise InputError("too large", file=file, allowed=most)
    return data


def read_file(file: Path, data: bytes, published: date | None = None) -> FileReading:
    """Read one of the known files.

    Args:
        file: The file.
        data: Its bytes.
        published: When it was published, where a user says so.

    Raises:
        InputError: It is none of the known files, or a row cannot be used.
    """
    if not is_workbook(data):
        text = _text(data)
        if text is not None and is_missing_migrants(text):
            return read_deaths(file, text, published)
        return own_reading(own_series_of(file, data))
    sheets = read_sheets(file, data, lambda sheet: _reader_of(sheet) is not None)
    distinct = dict.fromkeys(map(_reader_of, sheets))
    readers = [reader for reader in distinct if reader is not None]
    if len(readers) != 1:
        names = ", ".join(name[:40] for name in list(sheets)[:12]) or "none"
        count = "more than one" if readers else "none"
        problem = f"{count} of the known workbooks; the sheets are {names}"
        raise InputError(problem, file=file, allowed=ALLOWED)
    return replace(readers[0](Workbook(file, sheets)), modified=_saved(data))


def _reader_of(sheet: str) -> Callable[[Workbook], FileReading] | None:
    """The reader of a workbook with a sheet of this name; None if no reader has one."""
    if illegal_entry.SHEET.fullmatch(sheet) is not None:
        return read_illegal_entry
    return _READERS.get(sheet)


def _text(data: bytes) -> str | None:
    """The text of a CSV file; None where it is no text in UTF-8."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _saved(data: bytes) -> date | None:
    """The day on which a workbook was last saved, as it says itself."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name, tag in _SAVED:
            with suppress(KeyError, *_UNREADABLE):
                element = next(ElementTree.fromstring(archive.read(name)).iter(tag), None)
                if element is not None and element.text:
                    return date.fromisoformat(element.text.strip()[:10])
    return None
