"""Frontex monthly detections of illegal border-crossing, summed over nationalities by route."""

from __future__ import annotations

import re
from datetime import date

from simulation.data.reading import (
    FRONTEX,
    FileReading,
    Key,
    Seen,
    SheetRow,
    Workbook,
    cell_at,
    rows_below,
    words,
)
from simulation.errors import InputError
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


def read_detections(book: Workbook) -> FileReading:
    """Detections by route and month, summed over border types and nationalities.

    A blank cell, or a dash, is not known. The last month is left out where one of its cells is.

    Raises:
        InputError: A month is missing, a route is unknown, a row is there twice, or a cell is no
            count.
    """
    header, *rows = rows_below(book, SHEET, (ROUTE, NATIONALITY))
    used = set(header.columns.values())
    months = _months(header, used)
    about = [k for k in range(min(months.values())) if k not in used]
    totals = {month: dict.fromkeys((*SERIES, TOTAL), 0.0) for month in months}
    unknown: dict[str, str] = {}
    seen, routes = Seen(), set[str]()
    last, width = max(months), max(months.values()) + 1
    for row in rows:
        figures = [cell_at(row.cells, column) for column in months.values()]
        route = " ".join(row.words(ROUTE).lower().replace("route", " ").split())
        if all(cell is None for cell in figures):
            if route in ROUTES or (row[ROUTE] is not None and row[NATIONALITY] is not None):
                raise _blank(row, next(iter(months)))
            continue  # a note below the table
        if len(row.cells) > width:
            raise _at_column(row, width, "a figure without a month")
        row.check_name(ROUTE, "route", ROUTES, route)
        series = ROUTES[route]
        nationality = row.words(NATIONALITY)
        if not nationality:
            raise row.error(NATIONALITY, "missing nationality")
        others = (words(cell_at(row.cells, k)) for k in about)
        seen.add(row, (row.words(ROUTE), *others, nationality), f"{ROUTE}, {NATIONALITY}")
        routes.add(series or "")
        for month, cell in zip(months, figures, strict=True):
            if cell is None or cell in ("-", "\u2013", ".."):
                if month != last:
                    raise _blank(row, month)
                unknown[month] = f"sheet {SHEET}, row {row.number}: {_name(month)}"
                continue
            value = row.count(_name(month), cell)
            totals[month][TOTAL] += value
            if series is not None:
                totals[month][series] += value
    missing = [route for route, series in ROUTES.items() if series and series not in routes]
    if missing:
        key, allowed = f"sheet {SHEET}: {ROUTE}", "a row for each route that is in use"
        problem = "a route without a row"
        raise InputError(problem, file=book.file, key=key, value=missing[0], allowed=allowed)
    notes = [f"{of} is left out, as a figure is blank ({cell})" for of, cell in unknown.items()]
    complete = {month: of for month, of in totals.items() if month not in unknown}
    figures_of = {Key(FRONTEX, m, name): n for m, of in complete.items() for name, n in of.items()}
    notes.append(f"{len(seen)} rows of routes, borders and nationalities are added up")
    labels = dict.fromkeys((*SERIES, TOTAL), "official")
    return FileReading(book.file, KIND, SOURCE, labels, figures_of, {}, tuple(notes))


def _name(month: str) -> str:
    return f"{_MONTHS[int(month[5:]) - 1]}{month[:4]}"


def _blank(row: SheetRow, month: str) -> InputError:
    return row.error(_name(month), "missing value", allowed="a count in every month but the last")


def _at_column(row: SheetRow, column: int, problem: str, **more: str | None) -> InputError:
    """An error about a cell whose column has no name."""
    key = f"sheet {SHEET}, row {row.number}, column {column + 1}"
    return InputError(problem, file=row.file, key=key, **more)


def _months(header: SheetRow, used: set[int]) -> dict[str, int]:
    """Month to its column, in order and without gaps."""
    months: dict[str, int] = {}
    for column, cell in enumerate(header.cells):
        if column in used:
            continue
        if cell is None:
            allowed = "months such as JAN2009, without blanks between them"
            raise _at_column(header, column, "a column without a name", allowed=allowed)
        text = _name(f"{cell:%Y-%m}") if isinstance(cell, date) else words(cell)
        match = _COLUMN.fullmatch(text.upper())
        if match is None or match[1] not in _MONTHS:
            if not months and _ABOUT.search(text):
                continue
            allowed = "months such as JAN2009"
            raise _at_column(header, column, "not a month", value=text[:40], allowed=allowed)
        month = f"{match[2]}-{_MONTHS.index(match[1]) + 1:02d}"
        expected = month_after(next(reversed(months))) if months else month
        if month != expected:
            problem = "a month missing, twice or out of order"
            allowed = _name(expected)
            raise _at_column(header, column, problem, value=text[:40], allowed=allowed)
        months[month] = column
    if not months:
        raise InputError("no months", file=header.file, key=f"sheet {SHEET}, row {header.number}")
    return months
