"""Home Office, small boats time series: days and weeks to the tables of months and years."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

from simulation.data.home_office import (
    check_weeks,
    days_of_month,
    days_of_week,
    read_published,
)
from simulation.data.reading import CHANNEL, PREVENTED, YEARLY, Key, Reading
from simulation.data.workbook import Sheets

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
        figures.update(_prevented(month, days_of_month(month), by_day))
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


def _prevented(
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
