"""The Home Office's small-boats workbook: its days and weeks added up to months and years.

Layout followed: "Migrants detected crossing the English Channel in small boats - time series",
weekly editions of November 2025 to September 2026 (see `docs/data.md`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from simulation.data.reading import CHANNEL, PREVENTED, YEARLY, FileReading, Key
from simulation.data.workbook import SheetRow, Workbook, rows_below
from simulation.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

SHEET = re.compile(r"SB_0[12]")
DAILY_SHEET, WEEKLY_SHEET = "SB_01", "SB_02"
DAY, PEOPLE, BOATS = "Date", "Migrants arrived", "Boats arrived"
WEEK, STOPPED = "Week ending", "Migrants prevented"
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


def read_small_boats(book: Workbook) -> FileReading:
    """Months and whole years of the small boats time series.

    Months of which a day is missing at either end are left out, and a note says so.

    Raises:
        InputError: A sheet, a day or a week is missing, a row cannot be used, or a week is not the
            sum of its days.
    """
    for sheet in (DAILY_SHEET, WEEKLY_SHEET):
        if sheet not in book.sheets:
            problem, allowed = "a sheet is missing", f"sheets {DAILY_SHEET} and {WEEKLY_SHEET}"
            raise InputError(problem, file=book.file, key=sheet, allowed=allowed)
    days, day_rows = _by_date(book, DAILY_SHEET, (DAY, PEOPLE, BOATS), 1)
    people, boats = days[PEOPLE], days[BOATS]
    published = people.notna() & boats.notna()
    for day in days.index[published & ((people == 0) != (boats == 0))]:
        problem = "people without boats, or boats without people"
        raise day_rows[day].error(PEOPLE, problem, f"the same of {BOATS}")
    weeks, week_rows = _by_date(book, WEEKLY_SHEET, (WEEK, PEOPLE, STOPPED), 7)
    sums = people.rolling(7).sum().round().reindex(weeks.index)
    for end in weeks.index[sums.notna() & weeks[PEOPLE].notna() & (sums != weeks[PEOPLE])]:
        problem = f"not the sum of its days in {DAILY_SHEET}"
        raise week_rows[end].error(PEOPLE, problem, f"{sums[end]:g}")

    notes: list[str] = []
    figures: dict[Key, float] = {}
    # people prevented and arrived, each week shared out evenly over its days
    both = weeks.assign(**{PEOPLE: sums}).dropna() / 7
    by_day = both.reindex(_every_day(weeks)).bfill(limit=6).dropna()
    unknown = []
    for period, of in days.groupby(days.index.to_period("M")):
        month = str(period)
        if len(of) < period.days_in_month:
            notes.append(
                f"{month} is left out: {len(of)} of its {period.days_in_month} days are in"
            )
        elif of.isna().any(axis=None):
            unknown.append(month)
        else:
            figures |= _month(month, of, by_day[by_day.index.to_period("M") == period])
    if unknown:
        notes.append(f"not known, as a day is not published: {', '.join(unknown)}")
    for period, of in people.groupby(people.index.to_period("Y")):
        if of.notna().sum() == period.end_time.day_of_year:
            shared = by_day.loc[by_day.index.year == period.year, STOPPED]
            figures |= _year(str(period), of, shared)
    notes.append(
        f"arrivals of {sums.notna().sum()} weeks of {WEEKLY_SHEET} are the sums of their days"
    )
    return FileReading(book.file, KIND, SOURCE, LABELS, figures, tuple(notes))


def _by_date(
    book: Workbook, sheet: str, names: Sequence[str], step: int
) -> tuple[pd.DataFrame, dict[pd.Timestamp, SheetRow]]:
    """The figures of a sheet by date, in order and without gaps, and the row of each date.

    Args:
        book: The workbook.
        sheet: Name of the sheet.
        names: The column of the date, and those of the figures.
        step: Days from one row to the next.
    """
    import pandas as pd

    first, *others = names
    rows: dict[date, SheetRow] = {}
    figures: dict[date, list[float]] = {}
    for row in [*rows_below(book, sheet, names)][1:]:
        if all(row[name] is None for name in others):
            continue  # a note
        day = row.date(first)
        if day in rows:
            raise row.error(first, f"already given in row {rows[day].number}", "each date once")
        rows[day], figures[day] = row, [row.count(name) for name in others]
    if not rows:
        raise InputError("no rows below the header", file=book.file, key=f"sheet {sheet}")
    for before, day in pairwise(sorted(rows)):
        if day - before != timedelta(days=step):
            problem = f"gap: the row before is of {before}"
            allowed = f"a row for every {'day' if step == 1 else 'week'}"
            raise rows[day].error(first, problem, allowed)
    frame = pd.DataFrame.from_dict(figures, orient="index", columns=others).sort_index()
    frame.index = pd.to_datetime(frame.index)
    return frame, {pd.Timestamp(day): row for day, row in rows.items()}


def _every_day(weeks: pd.DataFrame) -> pd.DatetimeIndex:
    """Every day of the weeks that end on the dates of a table."""
    import pandas as pd

    return pd.date_range(weeks.index[0] - pd.Timedelta(days=6), weeks.index[-1])


def _month(month: str, days: pd.DataFrame, shared: pd.DataFrame) -> dict[Key, float]:
    """The figures of a month of which every day is known.

    Args:
        month: The month.
        days: People and boats of each day.
        shared: People prevented and arrived of the days that lie in a week published.
    """
    people, boats = float(days[PEOPLE].sum()), float(days[BOATS].sum())
    series = {
        "channel_arrivals": people,
        "channel_boats": boats,
        "days_with_arrivals": float((days[PEOPLE] > 0).sum()),
        "busiest_day": float(days[PEOPLE].max()),
    }
    if boats > 0:
        series["people_per_boat"] = people / boats
    figures = {Key(CHANNEL, month, name): value for name, value in series.items()}
    attempts = float(shared.to_numpy().sum())
    if len(shared) >= len(days) - MOST_MISSING and attempts > 0:
        figures[Key(PREVENTED, month, "prevented_share")] = float(shared[STOPPED].sum()) / attempts
        figures[Key(PREVENTED, month, "days")] = float(len(shared))
    return figures


def _year(year: str, people: pd.Series, stopped: pd.Series) -> dict[Key, float]:
    """The figures of a year of which every day is known.

    Args:
        year: The year.
        people: People who arrived on each day.
        stopped: People prevented on each day that lies in a week published.
    """
    figures = {}
    if (total := float(people.sum())) > 0:
        busiest = people.nlargest(round(_TENTH * len(people)))
        figures[Key(YEARLY, year, "share_top_tenth")] = float(busiest.sum()) / total
    if len(stopped) >= len(people) - MOST_MISSING:
        figures[Key(YEARLY, year, "channel_prevented")] = float(round(stopped.sum()))
    return figures
