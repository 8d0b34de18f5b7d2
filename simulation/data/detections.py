"""Frontex monthly detections of illegal border-crossing, summed over nationalities by route."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from simulation.data.reading import (
    FRONTEX,
    Key,
    Reading,
    cell_at,
    count_of,
    header_of,
    place,
    words,
)
from simulation.data.workbook import Cell, Sheets
from simulation.errors import InputError, closest
from simulation.timeseries.months import month_after

SHEET = "Detections_of_IBC"
KIND = "Frontex monthly detections"
SOURCE = "Frontex, monthly detections of illegal border-crossing; our totals over nationalities"
ROUTE, NATIONALITY = "Route", "Nationality"
#: what a route is called in the file, in small letters and without "route", and its series;
#: those without a series count in the total alone
ROUTES: dict[str, str | None] = {
    "western balkan": "wb_detections",
    "eastern mediterranean": "eastern_med_detections",
    "central mediterranean": "central_med_detections",
    "western mediterranean": "western_med_detections",
    "western african": "western_african_detections",
    "eastern borders": "eastern_land_detections",
    "eastern land borders": "eastern_land_detections",
    "eastern land border": "eastern_land_detections",
    "circular from albania to greece": None,
    "black sea": None,
    "other": None,
    "others": None,
}
TOTAL = "all_routes_detections"
SERIES = tuple(dict.fromkeys(name for name in ROUTES.values() if name))
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_COLUMN = re.compile(r"([A-Z]{3})[ -]?([0-9]{4})")
#: other columns that say which figures a row holds
_ABOUT = re.compile(r"border|location", re.IGNORECASE)


def read_detections(file: Path, sheets: Sheets, modified: date | None) -> Reading:
    """Detections by route and month, summed over border types and nationalities.

    A blank cell, or a dash, is not known. The last month is left out where one of its cells is.

    Args:
        file: The file, for messages.
        sheets: Its sheets.
        modified: The day on which the workbook was last saved, if it says so.

    Raises:
        InputError: A month is missing, a route is unknown, a row is there twice, or a cell is no
            count.
    """
    at, columns = header_of(file, sheets, SHEET, (ROUTE, NATIONALITY))
    header = sheets[SHEET][at]
    months = _months(file, header, set(columns.values()))
    about = [k for k in range(min(months.values())) if k not in columns.values()]
    totals = {month: dict.fromkeys((*SERIES, TOTAL), 0.0) for month in months}
    unknown: dict[str, str] = {}
    seen: dict[tuple[str, ...], int] = {}
    routes: set[str] = set()
    last, width = max(months), max(months.values()) + 1
    for number, cells in sheets[SHEET][at + 1 :]:
        route, nationality = (cell_at(cells, columns[name]) for name in (ROUTE, NATIONALITY))
        figures = [cell_at(cells, column) for column in months.values()]
        if all(cell is None for cell in figures):
            if _name_of(route) in ROUTES or (route is not None and nationality is not None):
                raise _blank(file, number, next(iter(months)))
            continue  # a note below the table
        if len(cells) > width:
            raise InputError(
                "a figure without a month",
                file=file,
                key=f"sheet {SHEET}, row {number}, column {width + 1}",
            )
        series = _series(file, number, route)
        if not words(nationality):
            raise InputError(
                "missing nationality", file=file, key=place(SHEET, number, NATIONALITY)
            )
        who = (words(route), *(words(cell_at(cells, k)) for k in about), words(nationality))
        if who in seen:
            raise InputError(
                f"already given in row {seen[who]}",
                file=file,
                key=place(SHEET, number, f"{ROUTE}, {NATIONALITY}"),
                value=", ".join(word for word in who if word)[:60],
            )
        seen[who] = number
        routes.add(series or "")
        for (month, _), cell in zip(months.items(), figures, strict=True):
            where = place(SHEET, number, _name(month))
            if cell is None or cell in ("-", "\u2013", ".."):
                if month != last:
                    raise _blank(file, number, month)
                unknown[month] = where
                continue
            value = count_of(file, where, cell)
            totals[month][TOTAL] += value
            if series is not None:
                totals[month][series] += value
    missing = [name for name in SERIES if name not in routes]
    if missing:
        raise InputError(
            "a route without a row",
            file=file,
            key=f"sheet {SHEET}: {ROUTE}",
            value=next(name for name, of in ROUTES.items() if of == missing[0]),
            allowed="a row for each route that is in use",
        )
    notes = [
        f"{month} is left out, as a figure is blank ({cell})" for month, cell in unknown.items()
    ]
    figures_of = {
        Key(FRONTEX, month, name): value
        for month, of in totals.items()
        if month not in unknown
        for name, value in of.items()
    }
    notes.append(f"{len(seen)} rows of routes, borders and nationalities are added up")
    return Reading(
        file,
        KIND,
        SOURCE,
        dict.fromkeys((*SERIES, TOTAL), "official"),
        figures_of,
        {},
        tuple(notes),
        modified,
    )


def _name(month: str) -> str:
    return f"{_MONTHS[int(month[5:]) - 1]}{month[:4]}"


def _blank(file: Path, row: int, month: str) -> InputError:
    return InputError(
        "missing value",
        file=file,
        key=place(SHEET, row, _name(month)),
        allowed="a count in every month but the last",
    )


def _months(file: Path, header: tuple[int, list[Cell]], taken: set[int]) -> dict[str, int]:
    """Month to its column, in order and without gaps."""
    number, cells = header
    months: dict[str, int] = {}
    for column, cell in enumerate(cells):
        if column in taken:
            continue
        if cell is None:
            raise InputError(
                "a column without a name",
                file=file,
                key=f"sheet {SHEET}, row {number}, column {column + 1}",
                allowed="months such as JAN2009, without blanks between them",
            )
        text = _name(f"{cell:%Y-%m}") if isinstance(cell, date) else words(cell)
        found = _COLUMN.fullmatch(text.upper())
        if found is None or found[1] not in _MONTHS:
            if not months and _ABOUT.search(text):
                continue
            raise InputError(
                "not a month",
                file=file,
                key=f"sheet {SHEET}, row {number}, column {column + 1}",
                value=text[:40],
                allowed="months such as JAN2009",
            )
        month = f"{found[2]}-{_MONTHS.index(found[1]) + 1:02d}"
        if months:
            expected = month_after(next(reversed(months)))
            if month != expected:
                raise InputError(
                    "a month missing, twice or out of order",
                    file=file,
                    key=f"sheet {SHEET}, row {number}, column {column + 1}",
                    value=text[:40],
                    allowed=_name(expected),
                )
        months[month] = column
    if not months:
        raise InputError("no months", file=file, key=f"sheet {SHEET}, row {number}")
    return months


def _name_of(route: Cell) -> str:
    return " ".join(words(route).lower().replace("route", " ").split())


def _series(file: Path, row: int, route: Cell) -> str | None:
    name = _name_of(route)
    if name not in ROUTES:
        raise InputError(
            "unknown route" if name else "missing route",
            file=file,
            key=place(SHEET, row, ROUTE),
            value=words(route)[:60] or None,
            allowed=", ".join(ROUTES),
            suggestion=closest(name, ROUTES) if name else None,
        )
    return ROUTES[name]
