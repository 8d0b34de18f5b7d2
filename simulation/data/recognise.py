"""Recognise which known file a file is, by its sheets and headers and not by its name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from simulation.data import detections, illegal_entry, small_boats
from simulation.data.deaths import is_missing_migrants, read_deaths
from simulation.data.own_series import own_reading, own_series_of
from simulation.data.reading import FileReading, text_of
from simulation.data.workbook import is_workbook, read_workbook
from simulation.errors import InputError

ALLOWED = (
    "the Home Office's small boats time series (sheets SB_01, SB_02); its illegal entry routes "
    "(sheet Data_IER_D01); Frontex's monthly detections (sheet Detections_of_IBC); "
    "the CSV file of the Missing Migrants Project; or your own CSV of months"
)
_READERS = {
    small_boats.SHEET: small_boats.read_small_boats,
    detections.SHEET: detections.read_detections,
    illegal_entry.SHEET: illegal_entry.read_illegal_entry,
}


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
        text = text_of(file, data)
        if is_missing_migrants(text):
            return read_deaths(file, text, published)
        return own_reading(own_series_of(file, text))
    book = read_workbook(file, data)
    readers = {
        read for sheet, read in _READERS.items() for name in book.sheets if sheet.fullmatch(name)
    }
    if len(readers) != 1:
        names = ", ".join(name[:40] for name in list(book.sheets)[:12]) or "none"
        problem = f"not one of the known workbooks; the sheets are {names}"
        raise InputError(problem, file=file, allowed=ALLOWED)
    return replace(readers.pop()(book), modified=book.modified)
