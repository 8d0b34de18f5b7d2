"""A user's own monthly series: a CSV file of months (`docs/own-data.md`), read and checked."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from simulation.corridor import load_observed
from simulation.corridor.observed import CHANNEL_SERIES, MONTH
from simulation.corridor.tables import TableRow
from simulation.data.reading import (
    CHANNEL,
    FRONTEX,
    PREVENTED,
    YEARLY,
    FileReading,
    Key,
    bytes_of,
    text_of,
)
from simulation.data.workbook import is_workbook
from simulation.errors import InputError, closest
from simulation.timeseries.months import MONTHS_OF_YEAR, last_day, month_after

#: all twelve series for a hundred years have 1,200 lines
MOST_LINES = 20_000
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
KIND = "your own series"
SOURCE = "Your own count"
#: series by month, and their tables; all others are held by year
MONTHLY = {
    **dict.fromkeys(CHANNEL_SERIES, CHANNEL),
    "wb_detections": FRONTEX,
    "prevented_share": PREVENTED,
}


@dataclass(frozen=True)
class SeriesSpec:
    """The values that one column may hold.

    Args:
        unit: What it counts or measures.
        whole: Whether only whole numbers are possible.
        low: Smallest value.
        high: Largest value; above every month ever published, so that it shows a wrong unit.
    """

    unit: str
    whole: bool = True
    low: float = 0.0
    high: float = 1_000_000.0


#: The series that can be given, by the names of the outcomes and of the observed tables.
OWN_SERIES: dict[str, SeriesSpec] = {
    "channel_arrivals": SeriesSpec("people"),
    "channel_boats": SeriesSpec("boats"),
    "people_per_boat": SeriesSpec("people per boat", whole=False, low=1.0, high=250.0),
    "days_with_arrivals": SeriesSpec("days", high=31.0),
    "busiest_day": SeriesSpec("people"),
    "channel_prevented": SeriesSpec("attempts"),
    "channel_attempts": SeriesSpec("attempts"),
    "prevented_share": SeriesSpec("share of attempts", whole=False, high=1.0),
    "channel_deaths": SeriesSpec("people"),
    "corridor_deaths": SeriesSpec("people"),
    "lorry_arrivals": SeriesSpec("people"),
    "wb_detections": SeriesSpec("detections"),
}
#: How far a ratio may stand from its terms: it is published in rounded figures.
ROUNDING = {"people_per_boat": 0.51, "channel_attempts": 1.0, "prevented_share": 0.006}
RELATIVE = 0.01
# A total is in another unit if it differs from the published one by more than this factor.
OTHER_UNIT = 50.0
# Published totals smaller than this say nothing about the unit.
FEW = 100.0


@dataclass(frozen=True)
class OwnSeries:
    """Monthly series of a user, by the names of `OWN_SERIES`.

    Args:
        file: The file they were read from.
        months: Months as "2021-01", without gaps.
        series: Name to values, float (n_months,), NaN where not known.
        places: Where each month stands in the file ("line 5").
    """

    file: Path
    months: tuple[str, ...]
    series: dict[str, np.ndarray]
    places: tuple[str, ...]

    def monthly(self, name: str) -> tuple[list[str], np.ndarray]:
        """Months and values of a series, as `Observed.monthly` gives them.

        Raises:
            KeyError: If the file has no such series.
        """
        return list(self.months), self.series[name].copy()


def read_own_series(path: Path) -> OwnSeries:
    """Read a CSV file of months.

    Raises:
        InputError: If anything in it cannot be used; it names file, row, column and value.
    """
    file, allowed = Path(path), "a CSV file of months"
    data = bytes_of(file, allowed)
    if is_workbook(data):
        allowed += "; crossings data update takes in a publisher's workbook"
        raise InputError("a workbook", file=file, allowed=allowed)
    return own_series_of(file, text_of(file, data))


def own_series_of(file: Path, text: str) -> OwnSeries:
    """The series of a file that has been read.

    Args:
        file: The file, for messages.
        text: Its text.

    Raises:
        InputError: As for `read_own_series`.
    """
    refuse = partial(InputError, file=file)
    if text.count("\n") > MOST_LINES:
        raise refuse("too many lines for a table of months", allowed=f"{MOST_LINES:,} lines")
    rows = _rows(file, text)
    months = _months_of(rows)
    series = {}
    for name in (name for name in rows[0].cells if name != "month"):
        series[name] = np.array([_value(*of, name) for of in zip(rows, months, strict=True)])
        if np.isnan(series[name]).all():
            allowed = "at least one value; leave the column out where nothing is known"
            raise refuse("nothing in the whole column", key="column", value=name, allowed=allowed)
    own = OwnSeries(file, tuple(months), series, tuple(f"line {row.line}" for row in rows))
    own = replace(own, series=_with_ratios(own))
    _check_unit(own)
    for values in own.series.values():
        values.setflags(write=False)
    return own


def _rows(file: Path, text: str) -> list[TableRow]:
    """The lines below the header that are no comments, cells by column."""
    header: list[str] = []
    rows: list[TableRow] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip(' \t,"') or line.lstrip().startswith("#"):
            continue
        refuse = partial(InputError, file=file, key=f"line {number}", value=line.strip()[:60])
        try:
            (row,) = csv.reader([line], strict=True, skipinitialspace=True)
        except csv.Error as error:
            raise refuse(f"no line of a CSV file ({error})") from None
        cells = [cell.strip() for cell in row]
        if not header:
            header = cells
            _check_header(file, number, header)
        elif len(cells) != len(header):
            problem = f"{len(cells)} cells where there are {len(header)} columns"
            allowed = "one cell for each column, blank where not known, and no commas in numbers"
            raise refuse(problem, allowed=allowed)
        else:
            rows.append(TableRow(file, number, dict(zip(header, cells, strict=True))))
    if not rows:
        raise InputError("no months below a header", file=file, allowed="a line for each month")
    return rows


def _check_header(file: Path, number: int, header: Sequence[str]) -> None:
    refuse = partial(InputError, file=file, key=f"line {number}")
    columns = ("month", *OWN_SERIES)
    for name in header:
        if name not in columns:
            allowed = f"{', '.join(columns)}; with commas between them"
            raise refuse("unknown column", value=name, allowed=allowed,
                         suggestion=closest(name, columns))  # fmt: skip
        if header.count(name) > 1:
            raise refuse("a column given twice", value=name)
    if header[0] != "month" or len(header) == 1:
        problem = "the first column is the month, and a series follows"
        raise refuse(problem, value=",".join(header), allowed="month,channel_arrivals")


def _months_of(rows: Sequence[TableRow]) -> list[str]:
    months: list[str] = []
    for row in rows:
        month = row.cells["month"]
        if not (MONTH.match(month) and "2000" <= month[:4] <= "2100"):
            raise row.error("month", "not a month", allowed='a month such as "2021-01"')
        expected = month_after(months[-1]) if months else month
        if month != expected:
            allowed = f"{expected}; a line for every month, cells blank where not known"
            raise row.error("month", "a month missing, twice or out of order", allowed=allowed)
        months.append(month)
    return months


def _value(row: TableRow, month: str, name: str) -> float:
    """The cell as a number of its unit; NaN where it is blank."""
    text, spec = row.cells[name], OWN_SERIES[name]
    if not text:
        return np.nan
    high = last_day(month).day if spec.unit == "days" else spec.high
    kind = "a whole number" if spec.whole else "a number"
    allowed = f"{spec.unit}: {kind} from {spec.low:g} to {high:,.0f}, or blank where not known"
    if not NUMBER.fullmatch(text):
        allowed += ", without separators or %"
        raise row.error(name, "not a number", allowed=allowed)
    value = float(text)
    if spec.whole and not value.is_integer():
        allowed += "; multiply figures in thousands by 1000"
        raise row.error(name, f"{spec.unit} are whole numbers", allowed=allowed)
    if not spec.low <= value <= high:
        raise row.error(name, "number out of range", allowed=allowed)
    return value


def _with_ratios(own: OwnSeries) -> dict[str, np.ndarray]:
    """The series with the ratios of its terms; columns that contradict each other are refused."""
    series = dict(own.series)

    def check(name: str, wrong: np.ndarray, problem: str) -> None:
        if wrong.any():
            at = int(np.argmax(wrong))
            unit, given = OWN_SERIES[name].unit, f"{series[name][at]:g}"
            allowed = f"{unit}, not thousands or percent, in every column of {own.months[at]}"
            key = f"{own.places[at]}: {name}"
            raise InputError(problem, file=own.file, key=key, value=given, allowed=allowed)

    def ratio(name: str, over: np.ndarray, under: np.ndarray) -> None:
        quotient = np.divide(over, under, out=np.full_like(over, np.nan), where=under > 0)
        if name in series:
            far = np.abs(series[name] - quotient) > ROUNDING[name] + RELATIVE * quotient
            check(name, far, "does not follow from the other columns")
        elif np.isfinite(quotient).any():
            series[name] = quotient

    arrivals, boats = series.get("channel_arrivals"), series.get("channel_boats")
    prevented, busiest = series.get("channel_prevented"), series.get("busiest_day")
    if arrivals is not None and boats is not None:
        check("channel_arrivals", arrivals < boats, "fewer people than boats")
        ratio("people_per_boat", arrivals, boats)
    if arrivals is not None and busiest is not None:
        check("busiest_day", busiest > arrivals, "more than in the whole month")
    if arrivals is not None and prevented is not None:
        attempts = arrivals + prevented
        ratio("channel_attempts", attempts, np.ones_like(attempts))
        ratio("prevented_share", prevented, attempts)
    return series


def _check_unit(own: OwnSeries) -> None:
    """Refuse a series whose total differs so much from the published one that the unit does."""
    published = load_observed().monthly_series
    for name in ("channel_arrivals", "channel_boats", "wb_detections"):
        if name not in own.series:
            continue
        published_values = dict(zip(*published[name], strict=True))
        rows = zip(own.months, own.places, own.series[name].tolist(), strict=True)
        both = [
            (p, v, published_values[m])
            for m, p, v in rows
            if math.isfinite(v) and m in published_values
        ]
        mine, theirs = sum(v for _, v, _ in both), sum(v for _, _, v in both)
        if theirs >= FEW and not theirs / OTHER_UNIT <= mine <= theirs * OTHER_UNIT:
            raise InputError(
                f"looks like another unit: {mine:,.0f} in all, where {theirs:,.0f} were published "
                "for these months",
                file=own.file,
                key=f"{both[0][0]} and on: {name}",
                allowed=f"{OWN_SERIES[name].unit}; multiply figures in thousands by 1000",
            )


# -- figures for the tables -----------------------------------------------------------------------


def own_reading(own: OwnSeries) -> FileReading:
    """The months of a user's file, and the sums of whole years of what is held by year."""
    figures: dict[Key, float] = {}
    notes = []
    for name, values in own.series.items():
        rows = zip(own.months, values.tolist(), strict=True)
        finite = [row for row in rows if math.isfinite(row[1])]
        if name in MONTHLY:
            figures |= {Key(MONTHLY[name], month, name): value for month, value in finite}
            continue
        for year, months in groupby(finite, lambda row: row[0][:4]):
            of_year = [value for _, value in months]
            if len(of_year) == MONTHS_OF_YEAR:
                figures[Key(YEARLY, year, name)] = sum(of_year)
            else:
                why = "it is held by year, and months are missing"
                notes.append(f"{name} of {year} is left out: {why}")
    labels = dict.fromkeys(own.series, "own")
    return FileReading(own.file, KIND, SOURCE, labels, figures, tuple(notes), whole=False)
