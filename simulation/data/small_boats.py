"""The Home Office's small-boats workbook: its days and weeks added up to months and years.

Layout followed: "Migrants detected crossing the English Channel in small boats - time series",
weekly editions of November 2025 to September 2026 (see `docs/own-data.md`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from simulation.data.reading import (
    CHANNEL,
    MARK,
    MOST_COUNT,
    PREVENTED,
    YEARLY,
    FileReading,
    Key,
    SheetRow,
    Workbook,
    find_header,
    rows_below,
    shown,
    written_date,
)
from simulation.errors import InputError
from simulation.timeseries.months import last_day, months_of

DAILY_SHEET = "SB_01"
WEEKLY_SHEET = "SB_02"
DAY, PEOPLE, BOATS = "Date", "Migrants arrived", "Boats arrived"
WEEK, STOPPED = "Week ending", "Migrants prevented"
# What stands in a cell whose figure was not published.
NOT_PUBLISHED = ("", "-", "\u2013", "\u2014", "..", ":", "[x]", "[z]", "[u]")
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
LABELS = dict.fromkeys(("channel_arrivals", "channel_boats"), "official") | dict.fromkeys(
    ("people_per_boat", "days_with_arrivals", "busiest_day", "prevented_share", "days",
     "share_top_tenth", "channel_prevented"),
    "derived",
)  # fmt: skip
#: days of a month or a year that the weeks may lack, as their last week ends before it does
MOST_MISSING = 3
_TENTH = 0.1
_SERIES = ("channel_arrivals", "channel_boats", "days_with_arrivals", "busiest_day")


@dataclass(frozen=True)
class Published:
    """Months added up from a published workbook, as in `simulation.data.own_series.OwnSeries`.

    Args:
        places: For each month, the rows it was added up from.
        days: Day to people who arrived, None where not published.
        weeks: Last day of a week to people prevented in it; weeks not published are not in it.
    """

    months: tuple[str, ...]
    places: tuple[str, ...]
    series: dict[str, np.ndarray]
    notes: tuple[str, ...]
    days: dict[date, float | None]
    weeks: dict[date, float]


class _DatedRow(NamedTuple):
    """A row of figures: where it stands, its date, and its figures (None: not published)."""

    row: SheetRow
    day: date
    values: list[float | None]


def read_published(book: Workbook) -> Published:
    """Add up the days of `SB_01` and, where there is one, the weeks of `SB_02` to months.

    Months of which a day is missing at either end are left out, and a note says so.

    Raises:
        InputError: If it is another workbook, or a row cannot be used.
    """
    daily = _lines(book, _daily_sheet(book), (DAY, PEOPLE, BOATS))
    days = _in_order(daily, DAY, 1)
    people, boats = ({line.day: line.values[index] for line in days} for index in (0, 1))
    for line in days:
        if None not in line.values and (line.values[0] == 0) != (line.values[1] == 0):
            problem = "people without boats, or boats without people"
            cells = f"{line.values[0]:g}, {line.values[1]:g}"
            raise line.row.error(f"{PEOPLE}, {BOATS}", problem, cells)
    notes: list[str] = []
    months = _whole_months(daily, notes)
    numbers = {line.day: line.row.number for line in days}
    places, rows = [], []
    for month in months:
        of_month = days_of_month(month)
        first, last = sorted((numbers[of_month[0]], numbers[of_month[-1]]))
        places.append(f"sheet {daily[0].row.sheet}, rows {first} to {last}")
        came, landed = (np.array([of[d] for d in of_month], dtype=float) for of in (people, boats))
        with_arrivals = math.nan if np.isnan(came).any() else np.sum(came > 0)
        rows.append((came.sum(), landed.sum(), with_arrivals, came.max()))
    series = dict(zip(_SERIES, np.array(rows, dtype=float).T.copy(), strict=True))
    unknown = [month for month, row in zip(months, rows, strict=True) if math.isnan(row[0])]
    if unknown:
        notes.append(f"not known, as a day is not published: {', '.join(unknown)}")
    weeks = _in_order(_weekly_lines(book, STOPPED), WEEK, 7)
    by_week = {end: count for _, end, (count,) in weeks if count is not None}
    prevented = _prevented_by_month(by_week, months, notes)
    if prevented is not None:
        series["channel_prevented"] = prevented
    return Published(tuple(months), tuple(places), series, tuple(notes), people, by_week)


def _daily_sheet(book: Workbook) -> str:
    """The sheet of days: the one of its name, or the first with its columns."""
    if DAILY_SHEET in book.sheets:
        return DAILY_SHEET
    for sheet in book.sheets:
        if find_header(book, sheet, (DAY, PEOPLE, BOATS)) is not None:
            return sheet
    raise InputError(
        f"no sheet with the columns {DAY}, {PEOPLE}, {BOATS}; the sheets are "
        + (", ".join(sheet[:40] for sheet in list(book.sheets)[:12]) or "none"),
        file=book.file,
        allowed=ALLOWED,
    )


def _lines(book: Workbook, sheet: str, names: Sequence[str]) -> list[_DatedRow]:
    """The rows of figures below the header of a sheet; notes below them are passed over."""
    first, *others = names
    lines: list[_DatedRow] = []
    footnote: SheetRow | None = None
    for row in rows_below(book, sheet, names, ALLOWED)[1:]:
        if all(row[name] is None for name in others):
            if row[first] is None:
                continue
            if isinstance(row[first], str) and _written(row, first) is None:
                footnote = footnote or row
                continue
        if footnote is not None:
            raise _not_a_date(footnote, first)
        day = _date(row, first)
        lines.append(_DatedRow(row, day, [_count(row, name) for name in others]))
    if not lines:
        raise InputError("no rows below the header", file=book.file, key=f"sheet {sheet}")
    return lines


def _not_a_date(row: SheetRow, column: str) -> InputError:
    cell = row[column]
    problem = "missing date" if cell is None else "not a date"
    allowed = 'a date such as 2021-01-31 or "31 January 2021"'
    return row.error(column, problem, None if cell is None else shown(cell), allowed)


def _date(row: SheetRow, column: str) -> date:
    cell = row[column]
    if isinstance(cell, date):
        return cell
    if isinstance(cell, float) and SERIALS[0] <= cell <= SERIALS[1]:
        meant = SERIAL_START + timedelta(days=int(cell))
        allowed = f"dates; as a date this is {meant:%d/%m/%Y}: give the column a date format"
        raise row.error(column, "a date that has lost its format", f"{cell:g}", allowed)
    day = _written(row, column)
    if day is None:
        raise _not_a_date(row, column)
    return day


def _written(row: SheetRow, column: str) -> date | None:
    return written_date(row.words(column), WRITTEN_DATES)


def _count(row: SheetRow, column: str) -> float | None:
    cell = row[column]
    if cell is None:
        allowed = "a count, or [x] where none was published"
        raise row.error(column, "missing value", allowed=allowed)
    if isinstance(cell, str):
        if cell.strip() in NOT_PUBLISHED:
            return None
        text = MARK.sub("", cell).strip()
        if DIGITS.fullmatch(text):
            cell = float(text)
    number = cell if isinstance(cell, float) and math.isfinite(cell) else None
    if number is None or number < 0 or number != int(number) or number >= MOST_COUNT:
        separated = isinstance(cell, str) and re.fullmatch(r"[0-9]{1,3}([ ,.'][0-9]{3})+", cell)
        problem = "a number with separators, kept as text" if separated else "not a count"
        allowed = "whole numbers of 0 or more without separators, or [x] for not known"
        raise row.error(column, problem, shown(cell), allowed)
    return number


def _in_order(lines: Sequence[_DatedRow], column: str, step: int) -> list[_DatedRow]:
    """Lines in order of date, none missing and none twice, some days from one to the next."""
    ordered = sorted(lines, key=lambda line: (line.day, line.row.number))
    for before, line in pairwise(ordered):
        day = f"{line.day:%Y-%m-%d}"
        if line.day == before.day:
            raise line.row.error(column, f"already given in row {before.row.number}", day)
        if line.day - before.day != timedelta(days=step):
            problem = f"gap: the row before is of {before.day:%Y-%m-%d}"
            allowed = f"a row for every {'day' if step == 1 else 'week'}"
            raise line.row.error(column, problem, day, allowed)
    return ordered


def days_of_month(month: str) -> list[date]:
    """The days of a month such as "2023-01", in order."""
    last = last_day(month)
    return [last.replace(day=day) for day in range(1, last.day + 1)]


def _whole_months(lines: Sequence[_DatedRow], notes: list[str]) -> list[str]:
    days = {line.day for line in lines}
    months = sorted({f"{day.year:04d}-{day.month:02d}" for day in days})
    whole = []
    for month in months:
        of_month = days_of_month(month)
        if days.issuperset(of_month):
            whole.append(month)
        else:
            days_listed = len(days.intersection(of_month))
            notes.append(f"{month} is left out: {days_listed} of its {len(of_month)} days are in")
    if not whole:
        row, least = lines[0].row, "at least one"
        key = f"sheet {row.sheet}"
        raise InputError("not one whole month", file=row.file, key=key, allowed=least)
    return whole


def days_of_week(end: date) -> list[date]:
    """The seven days of the week that ends on a day, in order."""
    first = max(end.toordinal() - 6, 1)
    return [date.fromordinal(day) for day in range(first, end.toordinal() + 1)]


def _weekly_lines(book: Workbook, column: str) -> list[_DatedRow]:
    """The lines of the weeks with a column; none where there is no such sheet or column."""
    if WEEKLY_SHEET not in book.sheets or find_header(book, WEEKLY_SHEET, (WEEK, column)) is None:
        return []
    return _lines(book, WEEKLY_SHEET, (WEEK, column))


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


def _check_weeks(book: Workbook, days: dict[date, float | None]) -> int:
    """How many weeks of `SB_02` have the arrivals of their days in `SB_01`; others are refused."""
    checked = 0
    for row, end, (count,) in _weekly_lines(book, PEOPLE):
        of_week = days_of_week(end)
        counts = [value for day in of_week if (value := days.get(day)) is not None]
        if count is None or len(counts) < len(of_week):
            continue
        if sum(counts) != count:
            allowed = f"{sum(counts):g}, or a file whose sheets agree"
            problem = f"not the sum of its days in {DAILY_SHEET}"
            raise row.error(PEOPLE, problem, f"{count:g}", allowed)
        checked += 1
    return checked


def read_small_boats(book: Workbook) -> FileReading:
    """Months and whole years of the small boats time series.

    Raises:
        InputError: A row cannot be used, or a week is not the sum of its days.
    """
    published = read_published(book)
    weeks = _check_weeks(book, published.days)
    by_day = _by_day(published.weeks, published.days)
    figures: dict[Key, float] = {}
    places: dict[Key, str] = {}
    for i, month in enumerate(published.months):
        values = {name: float(published.series[name][i]) for name in _SERIES}
        if math.isnan(values["channel_arrivals"] + values["channel_boats"]):
            continue
        if values["channel_boats"] > 0:
            values["people_per_boat"] = values["channel_arrivals"] / values["channel_boats"]
        for name, value in values.items():
            figures[Key(CHANNEL, month, name)] = value
            places[Key(CHANNEL, month, name)] = published.places[i]
        figures.update(_prevented_share(month, days_of_month(month), by_day))
    for year in sorted({month[:4] for month in published.months}):
        days = [day for month in months_of(int(year)) for day in days_of_month(month)]
        people = [count for day in days if (count := published.days.get(day)) is not None]
        if len(people) < len(days):
            continue
        figures.update(_top_tenth(year, people))
        stopped = [by_day[day][0] for day in days if day in by_day]
        if len(stopped) >= len(days) - MOST_MISSING:
            figures[Key(YEARLY, year, "channel_prevented")] = round(sum(stopped))
    notes = list(published.notes)
    if weeks:
        notes.append(f"arrivals of {weeks} weeks of SB_02 are the sums of their days in SB_01")
    return FileReading(book.file, KIND, SOURCE, LABELS, figures, places, tuple(notes))


def _by_day(
    weeks: dict[date, float], people: dict[date, float | None]
) -> dict[date, tuple[float, float]]:
    """People prevented and arrived of each day of the weeks that have both, shared out evenly."""
    shares_of = {}
    for end, prevented in weeks.items():
        days = days_of_week(end)
        arrived = [count for day in days if (count := people.get(day)) is not None]
        if len(arrived) == len(days):
            shares = (prevented / len(days), sum(arrived) / len(days))
            shares_of.update(dict.fromkeys(days, shares))
    return shares_of


def _prevented_share(
    month: str, days: list[date], by_day: dict[date, tuple[float, float]]
) -> dict[Key, float]:
    """Share of attempts prevented on the days of a month that lie in the weeks published."""
    both = [by_day[day] for day in days if day in by_day]
    prevented = sum(stopped for stopped, _ in both)
    attempts = prevented + sum(arrived for _, arrived in both)
    if len(both) < len(days) - MOST_MISSING or attempts <= 0:
        return {}
    return {
        Key(PREVENTED, month, "prevented_share"): prevented / attempts,
        Key(PREVENTED, month, "days"): float(len(both)),
    }


def _top_tenth(year: str, people: list[float]) -> dict[Key, float]:
    """Share of the year's people who came on the busiest tenth of its days."""
    total = sum(people)
    if total <= 0:
        return {}
    busiest = sorted(people, reverse=True)[: round(_TENTH * len(people))]
    return {Key(YEARLY, year, "share_top_tenth"): sum(busiest) / total}
