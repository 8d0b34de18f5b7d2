"""The Home Office's small-boats workbook: its days and weeks added up to months and years.

Layout followed: "Migrants detected crossing the English Channel in small boats - time series",
weekly editions of November 2025 to September 2026 (see `docs/own-data.md`).
"""

from __future__ import annotations

import calendar
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from simulation.data.reading import (
    CHANNEL,
    HEADER_WITHIN,
    MARK,
    PREVENTED,
    YEARLY,
    Key,
    Reading,
    place,
    shown,
    words,
)
from simulation.data.workbook import Cell, Sheets
from simulation.errors import InputError, closest

DAILY_SHEET = "SB_01"
WEEKLY_SHEET = "SB_02"
DAY, PEOPLE, BOATS = "Date", "Migrants arrived", "Boats arrived"
WEEK, STOPPED = "Week ending", "Migrants prevented"
# What stands in a cell whose figure was not published.
NOT_KNOWN = ("", "-", "\u2013", "\u2014", "..", ":", "[x]", "[z]", "[u]")
DIGITS = re.compile(r"[0-9]{1,9}")
WRITTEN_DATES = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d/%m/%Y")
# Dates without their format are shown as days since this one.
SERIAL_START = date(1899, 12, 30)
SERIALS = (36526, 73415)
ALLOWED = (
    f'the Home Office\'s time series, whose sheet {DAILY_SHEET} has the columns "{DAY}", '
    f'"{PEOPLE}" and "{BOATS}"; a series of your own as CSV'
)
KIND = "Home Office small boats time series"
SOURCE = (
    "Home Office, Migrants detected crossing the English Channel in small boats, time series "
    "(OGL v3); our totals"
)
LABELS = {
    "channel_arrivals": "official",
    "channel_boats": "official",
    "people_per_boat": "derived",
    "days_with_arrivals": "derived",
    "busiest_day": "derived",
    "prevented_share": "derived",
    "days": "derived",
    "share_top_tenth": "derived",
    "channel_prevented": "derived",
}
#: days of a month or a year that the weeks may lack, as their last week ends before it does
MOST_MISSING = 3
_TENTH = 0.1
_SERIES = ("channel_arrivals", "channel_boats", "days_with_arrivals", "busiest_day")


@dataclass(frozen=True)
class Published:
    """Months added up from a published workbook.

    Args:
        months: Months as "2021-01", without gaps.
        places: For each month, the rows it was added up from.
        series: Name to values, float (n_months,), NaN where not known.
        notes: What was left out, in words.
        days: Day to people who arrived, None where not published.
        weeks: Last day of a week to people prevented in it; weeks not published are not in it.
    """

    months: tuple[str, ...]
    places: tuple[str, ...]
    series: dict[str, np.ndarray]
    notes: tuple[str, ...]
    days: dict[date, float | None]
    weeks: dict[date, float]


@dataclass(frozen=True)
class _Table:
    """Rows below a header: row number, date, and the columns' values (None: not published)."""

    sheet: str
    rows: list[tuple[int, date, list[float | None]]]


def read_published(file: Path, sheets: Sheets) -> Published:
    """Add up the days of `SB_01` and, where there is one, the weeks of `SB_02` to months.

    Months of which a day is missing at either end are left out, and a note says so.

    Args:
        file: The file, for messages.
        sheets: Its sheets.

    Raises:
        InputError: If it is another workbook, or a row cannot be used.
    """
    daily = _daily_table(file, sheets)
    days = _checked(file, daily, timedelta(days=1))
    people, boats = ({day: values[index] for _, day, values in days} for index in (0, 1))
    for row, _, values in days:
        if None not in values and (values[0] == 0) != (values[1] == 0):
            raise InputError(
                "people without boats, or boats without people",
                file=file,
                key=place(daily.sheet, row, f"{PEOPLE}, {BOATS}"),
                value=f"{values[0]:g}, {values[1]:g}",
            )
    notes: list[str] = []
    months = _whole_months(file, daily, notes)
    numbers = {day: row for row, day, _ in days}
    places, columns = [], []
    for month in months:
        of_month = days_of_month(month)
        first, last = sorted((numbers[of_month[0]], numbers[of_month[-1]]))
        places.append(f"sheet {daily.sheet}, rows {first} to {last}")
        counts = [_number(people[day]) for day in of_month]
        columns.append(
            (
                sum(counts),
                sum(_number(boats[day]) for day in of_month),
                math.nan if any(map(math.isnan, counts)) else sum(n > 0 for n in counts),
                math.nan if any(map(math.isnan, counts)) else max(counts),
            )
        )
    names = ("channel_arrivals", "channel_boats", "days_with_arrivals", "busiest_day")
    series = {
        name: np.array(values, dtype=float)
        for name, values in zip(names, zip(*columns, strict=True), strict=True)
    }
    unknown = [month for month, row in zip(months, columns, strict=True) if math.isnan(row[0])]
    if unknown:
        notes.append(f"not known, as a day is not published: {', '.join(unknown)}")
    by_week = _prevented_by_week(file, sheets)
    prevented = _prevented_by_month(by_week, months, notes)
    if prevented is not None:
        series["channel_prevented"] = prevented
    return Published(tuple(months), tuple(places), series, tuple(notes), people, by_week)


def _daily_table(file: Path, sheets: Sheets) -> _Table:
    if DAILY_SHEET in sheets:
        return _table(file, sheets, DAILY_SHEET, (DAY, PEOPLE, BOATS))
    for sheet in sheets:
        if _header(sheets, sheet, (DAY, PEOPLE, BOATS)) is not None:
            return _table(file, sheets, sheet, (DAY, PEOPLE, BOATS))
    raise InputError(
        f"no sheet with the columns {DAY}, {PEOPLE}, {BOATS}; the sheets are "
        + (", ".join(sheet[:40] for sheet in list(sheets)[:12]) or "none"),
        file=file,
        allowed=ALLOWED,
    )


def _header(sheets: Sheets, sheet: str, names: Sequence[str]) -> int | None:
    """Index in the sheet's rows of the one that names all these columns."""
    wanted = {name.lower() for name in names}
    for index, (_, cells) in enumerate(sheets[sheet][:HEADER_WITHIN]):
        if wanted <= {words(cell).lower() for cell in cells}:
            return index
    return None


def _table(file: Path, sheets: Sheets, sheet: str, names: Sequence[str]) -> _Table:
    at = _header(sheets, sheet, names)
    if at is None:
        raise _no_header(file, sheets, sheet, names)
    headings = [words(cell).lower() for cell in sheets[sheet][at][1]]
    columns = [headings.index(name.lower()) for name in names]
    for name in names:
        if headings.count(name.lower()) > 1:
            raise InputError("a column given twice", file=file, key=f"sheet {sheet}", value=name)
    rows: list[tuple[int, date, list[float | None]]] = []
    footnote: tuple[int, str] | None = None
    for number, cells in sheets[sheet][at + 1 :]:
        picked = [cells[column] if column < len(cells) else None for column in columns]
        if isinstance(picked[0], str) and not any(part is not None for part in picked[1:]):
            try:
                _date(file, sheet, number, names[0], picked[0])
            except InputError:
                footnote = footnote or (number, picked[0])
                continue
        if all(part is None for part in picked):
            continue
        if footnote is not None:
            raise _not_a_date(file, sheet, footnote[0], names[0], footnote[1])
        day = _date(file, sheet, number, names[0], picked[0])
        values = [
            _count(file, sheet, number, name, cell)
            for name, cell in zip(names[1:], picked[1:], strict=True)
        ]
        rows.append((number, day, values))
    if not rows:
        raise InputError("no rows below the header", file=file, key=f"sheet {sheet}")
    return _Table(sheet, rows)


def _no_header(file: Path, sheets: Sheets, sheet: str, names: Sequence[str]) -> InputError:
    """Which column is missing, judged by the row that names the most of them."""
    wanted = {name.lower(): name for name in names}
    rows = [{words(cell).lower() for cell in cells} - {""} for _, cells in sheets[sheet]]
    best = max(
        rows[:HEADER_WITHIN], key=lambda row: (len(row & set(wanted)), len(row)), default=set()
    )
    missing = [name for lower, name in wanted.items() if lower not in best]
    return InputError(
        "column missing",
        file=file,
        key=f"sheet {sheet}",
        value=missing[0],
        allowed=ALLOWED,
        suggestion=closest(missing[0], best - set(wanted)),
    )


def _not_a_date(file: Path, sheet: str, row: int, column: str, cell: Cell) -> InputError:
    return InputError(
        "missing date" if cell is None else "not a date",
        file=file,
        key=place(sheet, row, column),
        value=None if cell is None else shown(cell),
        allowed='a date such as 2021-01-31 or "31 January 2021"',
    )


def _date(file: Path, sheet: str, row: int, column: str, cell: Cell) -> date:
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and SERIALS[0] <= cell <= SERIALS[1]:
        meant = SERIAL_START + timedelta(days=int(cell))
        raise InputError(
            "a date that has lost its format",
            file=file,
            key=place(sheet, row, column),
            value=f"{cell:g}",
            allowed=f"dates; as a date this is {meant:%d/%m/%Y}: give the column a date format",
        )
    if isinstance(cell, str):
        text = words(cell)
        for written in WRITTEN_DATES:
            try:
                return datetime.strptime(text, written).date()
            except ValueError:
                continue
    raise _not_a_date(file, sheet, row, column, cell)


def _count(file: Path, sheet: str, row: int, column: str, cell: Cell) -> float | None:
    if cell is None:
        raise InputError(
            "missing value",
            file=file,
            key=place(sheet, row, column),
            allowed="a count, or [x] where none was published",
        )
    if isinstance(cell, str):
        if cell.strip() in NOT_KNOWN:
            return None
        text = MARK.sub("", cell).strip()
        if DIGITS.fullmatch(text):
            cell = float(text)
    number = cell if isinstance(cell, float) and math.isfinite(cell) else None
    if number is None or number < 0 or number != int(number) or number >= 10**9:
        separated = isinstance(cell, str) and re.fullmatch(r"[0-9]{1,3}([ ,.'][0-9]{3})+", cell)
        raise InputError(
            "a number with separators, kept as text" if separated else "not a count",
            file=file,
            key=place(sheet, row, column),
            value=shown(cell),
            allowed="whole numbers of 0 or more without separators, or [x] for not known",
        )
    return number


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _checked(
    file: Path, table: _Table, step: timedelta
) -> list[tuple[int, date, list[float | None]]]:
    """The rows in order of date, none missing and none twice."""
    column = DAY if step.days == 1 else WEEK
    rows = sorted(table.rows, key=lambda row: (row[1], row[0]))
    for (before, earlier, _), (number, day, _) in pairwise(rows):
        if day == earlier:
            raise InputError(
                f"already given in row {before}",
                file=file,
                key=place(table.sheet, number, column),
                value=f"{day:%Y-%m-%d}",
            )
        if day - earlier != step:
            raise InputError(
                f"gap: the row before is of {earlier:%Y-%m-%d}",
                file=file,
                key=place(table.sheet, number, column),
                value=f"{day:%Y-%m-%d}",
                allowed=f"a row for every {'day' if step.days == 1 else 'week'}",
            )
    return rows


def days_of_month(month: str) -> list[date]:
    """The days of a month such as "2023-01", in order."""
    year, number = int(month[:4]), int(month[5:])
    return [date(year, number, day) for day in range(1, calendar.monthrange(year, number)[1] + 1)]


def _whole_months(file: Path, table: _Table, notes: list[str]) -> list[str]:
    days = {day for _, day, _ in table.rows}
    months = sorted({f"{day.year:04d}-{day.month:02d}" for day in days})
    whole = []
    for month in months:
        missing = [day for day in days_of_month(month) if day not in days]
        if missing:
            given = len(days_of_month(month)) - len(missing)
            notes.append(f"{month} is left out: {given} of its {given + len(missing)} days are in")
        else:
            whole.append(month)
    if not whole:
        raise InputError(
            "not one whole month", file=file, key=f"sheet {table.sheet}", allowed="at least one"
        )
    return whole


def days_of_week(end: date) -> list[date]:
    """The seven days of the week that ends on a day, in order."""
    first = max(end.toordinal() - 6, 1)
    return [date.fromordinal(day) for day in range(first, end.toordinal() + 1)]


def _prevented_by_week(file: Path, sheets: Sheets) -> dict[date, float]:
    if WEEKLY_SHEET not in sheets or _header(sheets, WEEKLY_SHEET, (WEEK, STOPPED)) is None:
        return {}
    table = _table(file, sheets, WEEKLY_SHEET, (WEEK, STOPPED))
    weeks = _checked(file, table, timedelta(days=7))
    return {end: count for _, end, (count,) in weeks if count is not None}


def _prevented_by_month(
    by_week: dict[date, float], months: Sequence[str], notes: list[str]
) -> np.ndarray | None:
    """People prevented, each week shared out evenly over its seven days."""
    by_day = {day: count / 7 for end, count in by_week.items() for day in days_of_week(end)}
    values = np.array([sum(by_day.get(d, math.nan) for d in days_of_month(m)) for m in months])
    if not np.isfinite(values).any():
        return None
    notes.append(
        f"channel_prevented is from the weeks of {WEEKLY_SHEET}: a week that lies in two months is "
        "shared out by days"
    )
    return np.round(values)


def check_weeks(file: Path, sheets: Sheets, days: dict[date, float | None]) -> int:
    """Check the arrivals of each week of `SB_02` against its days in `SB_01`.

    Args:
        file: The file, for messages.
        sheets: Its sheets.
        days: Day to people who arrived, from `read_published`.

    Returns:
        How many weeks were checked; 0 where the sheet or its column is missing.

    Raises:
        InputError: A week is not the sum of its days.
    """
    if WEEKLY_SHEET not in sheets or _header(sheets, WEEKLY_SHEET, (WEEK, PEOPLE)) is None:
        return 0
    checked = 0
    table = _table(file, sheets, WEEKLY_SHEET, (WEEK, PEOPLE))
    for row, end, (count,) in table.rows:
        of_week = days_of_week(end)
        known = [value for day in of_week if (value := days.get(day)) is not None]
        if count is None or len(known) < len(of_week):
            continue
        if sum(known) != count:
            raise InputError(
                f"not the sum of its days in {DAILY_SHEET}",
                file=file,
                key=place(WEEKLY_SHEET, row, PEOPLE),
                value=f"{count:g}",
                allowed=f"{sum(known):g}, or a file whose sheets agree",
            )
        checked += 1
    return checked


# -- figures for the tables -----------------------------------------------------------------------


def read_small_boats(file: Path, sheets: Sheets, modified: date | None) -> Reading:
    """Months and whole years of the small boats time series.

    Args:
        file: The file, for messages.
        sheets: Its sheets.
        modified: The day on which the workbook was last saved, if it says so.

    Raises:
        InputError: A row cannot be used, or a week is not the sum of its days.
    """
    found = read_published(file, sheets)
    weeks = check_weeks(file, sheets, found.days)
    by_day = _by_day(found.weeks, found.days)
    figures: dict[Key, float] = {}
    places: dict[Key, str] = {}
    for i, month in enumerate(found.months):
        values = {name: float(found.series[name][i]) for name in _SERIES}
        if math.isnan(values["channel_arrivals"]) or math.isnan(values["channel_boats"]):
            continue
        if values["channel_boats"] > 0:
            values["people_per_boat"] = values["channel_arrivals"] / values["channel_boats"]
        for name, value in values.items():
            figures[Key(CHANNEL, month, name)] = value
            places[Key(CHANNEL, month, name)] = found.places[i]
        figures.update(_prevented_share(month, days_of_month(month), by_day))
    for year in sorted({month[:4] for month in found.months}):
        days = [day for month in range(1, 13) for day in days_of_month(f"{year}-{month:02d}")]
        people = [count for day in days if (count := found.days.get(day)) is not None]
        if len(people) < len(days):
            continue
        figures.update(_top_tenth(year, people))
        stopped = [by_day[day][0] for day in days if day in by_day]
        if len(stopped) >= len(days) - MOST_MISSING:
            figures[Key(YEARLY, year, "channel_prevented")] = round(sum(stopped))
    notes = list(found.notes)
    if weeks:
        notes.append(f"arrivals of {weeks} weeks of SB_02 are the sums of their days in SB_01")
    return Reading(file, KIND, SOURCE, LABELS, figures, places, tuple(notes), modified)


def _by_day(
    weeks: dict[date, float], people: dict[date, float | None]
) -> dict[date, tuple[float, float]]:
    """People prevented and people arrived of each day, those of a week shared out evenly.

    Both are shared out, so that their share is that of the same weeks. Weeks of which the arrivals
    of a day are not known are left out.
    """
    found = {}
    for end, prevented in weeks.items():
        days = days_of_week(end)
        arrived = [count for day in days if (count := people.get(day)) is not None]
        if len(arrived) == len(days):
            shares = (prevented / len(days), sum(arrived) / len(days))
            found.update(dict.fromkeys(days, shares))
    return found


def _prevented_share(
    month: str, days: list[date], by_day: dict[date, tuple[float, float]]
) -> dict[Key, float]:
    """Share of attempts prevented on the days of a month that lie in the weeks published."""
    known = [by_day[day] for day in days if day in by_day]
    if len(known) < len(days) - MOST_MISSING:
        return {}
    prevented = sum(stopped for stopped, _ in known)
    attempts = prevented + sum(arrived for _, arrived in known)
    if attempts <= 0:
        return {}
    return {
        Key(PREVENTED, month, "prevented_share"): prevented / attempts,
        Key(PREVENTED, month, "days"): float(len(known)),
    }


def _top_tenth(year: str, people: list[float]) -> dict[Key, float]:
    """Share of the year's people who came on the busiest tenth of its days."""
    total = sum(people)
    if total <= 0:
        return {}
    busiest = sorted(people, reverse=True)[: round(_TENTH * len(people))]
    return {Key(YEARLY, year, "share_top_tenth"): sum(busiest) / total}
