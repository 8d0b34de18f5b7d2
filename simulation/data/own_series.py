"""A user's own monthly series: read and checked.

Two formats are read (`docs/own-data.md`): a CSV file of months, and the Home Office's published
workbook as downloaded. Nothing is guessed: what could be meant in two ways is refused.
"""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
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
    Workbook,
    bytes_of,
)
from simulation.data.small_boats import SERIAL_START, SERIALS, read_published
from simulation.data.workbook import MOST_BYTES, is_workbook, read_sheets
from simulation.errors import InputError, closest
from simulation.timeseries.months import MONTHS_OF_YEAR, last_day, month_after

#: Of a CSV file. All twelve series for a hundred years have 1,200 lines and 100 kB.
MOST_TABLE_BYTES, MOST_LINES = 2_000_000, 20_000
MOST_CELL = 200
ALLOWED = "a CSV file, or an .ods or .xlsx workbook"
NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}([,. '\u2019\u00a0\u202f][0-9]{3})+")
DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
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
        notes: What was left out or worked out, in words a user reads.
        published: Whether it is the Home Office's workbook, which holds every year there is.
    """

    file: Path
    months: tuple[str, ...]
    series: dict[str, np.ndarray]
    places: tuple[str, ...]
    notes: tuple[str, ...] = ()
    published: bool = False

    def monthly(self, name: str) -> tuple[list[str], np.ndarray]:
        """Months and values of a series, as `Observed.monthly` gives them.

        Raises:
            KeyError: If the file has no such series.
        """
        return list(self.months), self.series[name].copy()


def read_own_series(path: Path) -> OwnSeries:
    """Read a CSV file of months or the Home Office's workbook; its content says which it is.

    Raises:
        InputError: If anything in it cannot be used; it names file, row, column and value.
    """
    file = Path(path)
    return own_series_of(file, bytes_of(file, MOST_BYTES, ALLOWED))


def own_series_of(file: Path, data: bytes) -> OwnSeries:
    """The series of a file that has been read.

    Args:
        file: The file, for messages.
        data: Its bytes.

    Raises:
        InputError: As for `read_own_series`.
    """
    refuse = partial(InputError, file=file)
    if len(data) > (MOST_BYTES if is_workbook(data) else MOST_TABLE_BYTES):
        raise refuse(
            "too large for a table of months or days",
            allowed=f"at most {MOST_BYTES // 1_000_000} MB, as CSV "
            f"{MOST_TABLE_BYTES // 1_000_000} MB",
        )
    if is_workbook(data):
        published = read_published(Workbook(file, read_sheets(file, data)))
        own = OwnSeries(
            file, published.months, published.series, published.places, published.notes, True
        )
    elif file.suffix.lower() in (".ods", ".xlsx"):
        allowed = "the workbook as downloaded, or a CSV file named .csv"
        raise refuse(f"named {file.suffix} but no spreadsheet", allowed=allowed)
    else:
        own = _read_csv(file, _text_of(file, data))
    own = replace(own, series=_with_ratios(own))
    _check_unit(own)
    for values in own.series.values():
        values.setflags(write=False)
    return own


def _text_of(file: Path, data: bytes) -> str:
    """The text of a CSV file, with or without a byte order mark."""
    refuse = partial(InputError, file=file)
    allowed = "a CSV file in UTF-8, or the workbook as downloaded"
    if data.count(b"\n") + data.count(b"\r") > 2 * MOST_LINES:
        raise refuse("too many lines for a table of months", allowed=f"{MOST_LINES:,} lines")
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        raise refuse("in UTF-16 or UTF-32", allowed=allowed)
    if data.startswith(b"%PDF") or b"\0" in data:
        raise refuse("neither text nor a spreadsheet", allowed=allowed)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{data[error.start]:02x}"
        raise refuse("not in UTF-8", key=f"line {line}", value=byte, allowed=allowed) from None
    if text.lstrip().startswith("<"):
        raise refuse("a web page or XML, no table", allowed=allowed)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for number, words in enumerate(text.split("\n"), start=1):
        odd = next((c for c in words if c != "\t" and unicodedata.category(c) == "Cc"), None)
        if odd is not None:
            key, given = f"line {number}", f"U+{ord(odd):04X}"
            raise refuse("a control character", key=key, value=given, allowed=allowed)
    return text


# -- CSV ------------------------------------------------------------------------------------------


def _read_csv(file: Path, text: str) -> OwnSeries:
    refuse = partial(InputError, file=file)
    header: list[str] | None = None
    rows: list[TableRow] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip(' \t,"') or line.lstrip().startswith("#"):
            continue
        if header is None:
            header = _header_of(file, number, line)
            continue
        cells = _cells(file, number, line)
        if len(cells) != len(header):
            problem = f"{len(cells)} cells where there are {len(header)} columns"
            allowed = "one cell for each column, blank where not known, and no commas in numbers"
            raise refuse(problem, key=f"line {number}", value=line.strip()[:60], allowed=allowed)
        rows.append(TableRow(file, number, dict(zip(header, cells, strict=True))))
    if header is None:
        raise refuse("nothing but comments", allowed="a header and months")
    if not rows:
        raise refuse("no months below the header", allowed="a line for each month")
    months = _months_of(rows)
    series = {}
    for name in header[1:]:
        series[name] = np.array([_value(*of, name) for of in zip(rows, months, strict=True)])
        if np.isnan(series[name]).all():
            allowed = "at least one value; leave the column out where nothing is known"
            raise refuse("nothing in the whole column", key="column", value=name, allowed=allowed)
    return OwnSeries(file, tuple(months), series, tuple(f"line {row.line}" for row in rows))


def _cells(file: Path, number: int, line: str) -> list[str]:
    refuse = partial(InputError, file=file, key=f"line {number}")
    try:
        (row,) = csv.reader([line], strict=True, skipinitialspace=True)
    except csv.Error:
        raise refuse("quotes that do not match", value=line[:60]) from None
    cells = [cell.strip() for cell in row]
    if len(long := max(cells, key=len)) > MOST_CELL:
        raise refuse("a cell too long for a number", value=long[:60] + "...")
    return cells


def _header_of(file: Path, number: int, line: str) -> list[str]:
    refuse = partial(InputError, file=file, key=f"line {number}")
    for mark, marks in ((";", "semicolons"), ("\t", "tabs")):
        if mark in line and "," not in line:
            allowed = "commas between the columns and points in decimals: save it as CSV (UTF-8)"
            raise refuse(f"{marks} between the columns", value=line.strip()[:60], allowed=allowed)
    header = _cells(file, number, line)
    columns = ("month", *OWN_SERIES)
    for place, name in enumerate(header, start=1):
        if name not in columns:
            problem = "unknown column" if name else f"column {place} has no name"
            near, allowed = closest(name, columns), ", ".join(columns)
            raise refuse(problem, value=name or None, allowed=allowed, suggestion=near)
        if header.count(name) > 1:
            raise refuse("a column given twice", value=name)
    if header[0] != "month" or len(header) == 1:
        problem = "the first column is the month, and a series follows"
        raise refuse(problem, value=line.strip()[:60], allowed="month,channel_arrivals")
    return header


def _months_of(rows: Sequence[TableRow]) -> list[str]:
    lines: dict[str, int] = {}
    for row in rows:
        month = _month(row)
        if month in lines:
            raise row.error("month", f"already given on line {lines[month]}")
        if lines:
            before = next(reversed(lines))
            expected = month_after(before)
            if month < expected:
                raise row.error("month", f"out of order after {before}", allowed=expected)
            if month > expected:
                allowed = f"{expected}; a line for every month, cells blank where not known"
                raise row.error("month", f"gap: {expected} is missing", allowed=allowed)
        lines[month] = row.line
    return list(lines)


def _month(row: TableRow) -> str:
    text = row.cells["month"]
    if text.isascii() and MONTH.match(text) and "2000" <= text[:4] <= "2100":
        return text
    problem, meant = "not a month" if text else "missing value", None
    if text.isascii() and text.isdigit() and SERIALS[0] <= int(text) <= SERIALS[1]:
        problem = "a date that has lost its format (days since 1899-12-30)"
        meant = f"{SERIAL_START + timedelta(days=int(text)):%Y-%m}"
    elif text.isascii() and MONTH.match(text[:7]) and re.fullmatch(r"-\d\d.*", text[7:]):
        problem, meant = "a day, not a month", text[:7]
    elif match := re.fullmatch(r"([0-9]{4})[-/.]([1-9])", text):
        meant = f"{match[1]}-0{match[2]}"
    elif match := re.fullmatch(r"(0?[1-9]|1[0-2])[-/.](20[0-9]{2})", text):
        meant = f"{match[2]}-{int(match[1]):02d}"
    raise row.error("month", problem, allowed='a month such as "2021-01"', suggestion=meant)


def _value(row: TableRow, month: str, name: str) -> float:
    """The cell as a number of its unit; NaN where it is blank."""
    text, spec = row.cells[name], OWN_SERIES[name]
    if not text:
        return np.nan
    high = last_day(month).day if spec.unit == "days" else spec.high
    kind = "a whole number" if spec.whole else "a number"
    allowed = f"{spec.unit}: {kind} from {spec.low:g} to {high:,.0f}, or blank where not known"
    if text.endswith("%"):
        raise row.error(name, "a percentage", allowed=allowed + "; write 45% as 0.45")
    if THOUSANDS.fullmatch(text) and (spec.whole or not NUMBER.fullmatch(text)):
        raise row.error(name, "a number with thousands separators", allowed=allowed)
    if DECIMAL_COMMA.fullmatch(text):
        raise row.error(name, "a decimal comma", allowed=allowed)
    if not NUMBER.fullmatch(text):
        raise row.error(name, "not a number", allowed=allowed)
    value = float(text)
    if spec.whole and not value.is_integer():
        allowed += "; multiply figures in thousands by 1000"
        raise row.error(name, f"{spec.unit} are whole numbers", allowed=allowed)
    if not spec.low <= value <= high:
        share = name == "prevented_share" and 1.0 < value <= 100.0
        problem = "a percentage, where a share is asked for" if share else "number out of range"
        raise row.error(name, problem, allowed=allowed + ("; divide by 100" if share else ""))
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
    places: dict[Key, str] = {}
    notes = list(own.notes)
    for name, values in own.series.items():
        rows = zip(own.months, own.places, values.tolist(), strict=True)
        finite = [row for row in rows if math.isfinite(row[2])]
        if name in MONTHLY:
            for month, place, value in finite:
                key = Key(MONTHLY[name], month, name)
                figures[key], places[key] = value, f"{place}: {name}"
            continue
        for year, months in groupby(finite, lambda row: row[0][:4]):
            of_year = [value for _, _, value in months]
            if len(of_year) == MONTHS_OF_YEAR:
                figures[Key(YEARLY, year, name)] = sum(of_year)
            else:
                why = "it is held by year, and months are missing"
                notes.append(f"{name} of {year} is left out: {why}")
    return FileReading(
        own.file, KIND, SOURCE, dict.fromkeys(own.series, "own"), figures, places, tuple(notes),
        whole=False,
    )  # fmt: skip
