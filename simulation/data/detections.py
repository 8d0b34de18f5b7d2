"""Frontex monthly detections of illegal border-crossing, summed over nationalities by route."""

from __future__ import annotations

import math
import re
from datetime import date

from simulation.data.reading import FRONTEX, FileReading, Key
from simulation.data.workbook import SheetRow, Workbook, rows_below, shown, words, written_date
from simulation.errors import InputError
from simulation.timeseries.months import month_after

SHEET = re.compile("Detections_of_IBC")
KIND = "Frontex monthly detections"
SOURCE = "Frontex, monthly detections of illegal border-crossing; our totals over nationalities"
ROUTE, NATIONALITY = "Route", "Nationality"
#: what a route is called in the file, in small letters, and its series; those without a series
#: count in the total alone
ROUTES: dict[str, str | None] = {
    "western balkan route": "wb_detections",
    "eastern mediterranean route": "eastern_med_detections",
    "central mediterranean route": "central_med_detections",
    "western mediterranean route": "western_med_detections",
    "western african route": "western_african_detections",
    "eastern borders route": "eastern_land_detections",
    "eastern land borders route": "eastern_land_detections",
    "eastern land border route": "eastern_land_detections",
    "circular route from albania to greece": None,
    "black sea route": None,
    "other": None,
    "others": None,
}
TOTAL = "all_routes_detections"
SERIES = tuple(dict.fromkeys(name for name in ROUTES.values() if name))


def read_detections(book: Workbook) -> FileReading:
    """Detections by route and month, summed over border types and nationalities.

    A dash is not known. The last month is left out where one of its cells is.

    Raises:
        InputError: A month or a route is missing, a row is there twice, or a cell is no count.
    """
    header, *rows = rows_below(book, SHEET.pattern, (ROUTE, NATIONALITY))
    months = _months(header)
    columns = {f"{month}": column for month, column in months.items()}
    first, last = min(columns.values()), max(columns)
    totals = {month: dict.fromkeys((*SERIES, TOTAL), 0.0) for month in columns}
    seen: dict[tuple[object, ...], int] = {}
    routes = set()
    for row in rows:
        counted = any(row.cells[column] is not None for column in columns.values())
        if not counted and row[NATIONALITY] is None and row.words(ROUTE).lower() not in ROUTES:
            continue  # a note
        series = ROUTES[row.name(ROUTE, ROUTES)]
        if not row.words(NATIONALITY):
            raise row.error(NATIONALITY, "not a nationality", "a nationality")
        who = tuple(row.cells[:first])
        if who in seen:
            raise row.error(ROUTE, f"all already given in row {seen[who]}", "each row once")
        seen[who] = row.number
        routes.add(series)
        monthly = SheetRow(row.file, row.sheet, row.number, row.cells, columns)
        for month in columns:
            unknown = month == last and monthly[month] is None
            value = math.nan if unknown else monthly.count(month)
            if month != last and math.isnan(value):
                raise monthly.error(month, "not a count", "a count in every month but the last")
            totals[month][TOTAL] += value
            if series is not None:
                totals[month][series] += value
    for name, series in ROUTES.items():
        if series and series not in routes:
            key, problem = f"sheet {SHEET.pattern}: {ROUTE}", "a route without a row"
            raise InputError(problem, file=book.file, key=key, value=name)
    notes = [f"{len(seen)} rows of routes, borders and nationalities are added up"]
    if math.isnan(totals[last][TOTAL]):
        notes.append(f"{last} is left out, as a figure is blank")
        del totals[last]
    figures = {Key(FRONTEX, m, name): n for m, of in totals.items() for name, n in of.items()}
    labels = dict.fromkeys((*SERIES, TOTAL), "official")
    return FileReading(book.file, KIND, SOURCE, labels, figures, tuple(notes))


def _months(header: SheetRow) -> dict[str, int]:
    """Month to its column, in order and without gaps; from the first month on all are months."""
    months: dict[str, int] = {}
    for column, cell in enumerate(header.cells):
        text = words(cell).replace(" ", "").replace("-", "")
        day = cell if isinstance(cell, date) else written_date(text, ("%b%Y",))
        if day is None and cell is not None and not months:
            continue  # a column that says what a row is of
        month = None if day is None else f"{day:%Y-%m}"
        expected = month_after(next(reversed(months))) if months else month
        if month is None or month != expected:
            raise InputError(
                "a month missing, twice or out of order",
                file=header.file,
                key=f"sheet {header.sheet}, row {header.number}, column {column + 1}",
                value=shown(cell),
                allowed=expected,
            )
        months[month] = column
    if not months:
        raise InputError("no months such as JAN2009", file=header.file, key=f"sheet {header.sheet}")
    return months
