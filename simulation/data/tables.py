"""The tables that an update can change, as cells of text, and the checks of a file against them.

A file is checked before its figures are put in use: its age, gaps, sizes and totals.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from simulation.corridor.in_use import VINTAGE_COLUMNS, InUse, Vintage, comparable, newest
from simulation.corridor.observed import CHANNEL_SERIES, FRONTEX_SERIES
from simulation.data.reading import CHANNEL, FRONTEX, ORIGINS, PREVENTED, YEARLY, FileReading, Key
from simulation.errors import InputError
from simulation.serialization import as_csv
from simulation.timeseries.months import MONTHS_OF_YEAR, month_at, months_of, number_of

ENTRIES = "entries_monthly.csv"
FUTURES = "futures.toml"
VINTAGES = "vintages.csv"
#: tables of one line for each period, and the column that names it
PERIODS = {CHANNEL: "month", PREVENTED: "month", FRONTEX: "month", ORIGINS: "year"}
#: decimals of what is no count
DECIMALS = {"people_per_boat": 2, "prevented_share": 3, "share_top_tenth": 3}
#: how many units of their last decimal two figures may lie apart and be the same figure
_ROUNDED = 1.01
#: smaller totals and figures are not compared
FEW = 100.0
#: largest factor by which a total of the same periods may differ, and a single figure
TOTAL_TIMES, FIGURE_TIMES = 2.0, 10.0
#: how far small boats by quarter may lie from the daily series, which is final earlier: a share of
#: the year or a number of people, whichever is larger
BOATS_DIFFER, BOATS_APART = 0.01, 50.0


@dataclass(frozen=True)
class FigureChange:
    """One figure that an update adds or revises.

    Attributes:
        key: Which figure.
        old: Its text until now; empty if there was none.
        new: Its text from now on.
    """

    key: Key
    old: str
    new: str

    @property
    def revised(self) -> bool:
        """Whether there was another figure before."""
        return bool(self.old)


@dataclass(frozen=True)
class YearlyLine:
    """A line of the table of years: its label and source go with its value."""

    label: str
    source: str


class Tables:
    """The figures of all tables that can be changed.

    Args:
        texts: Table to its text.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        #: the series of each table of one line for each period
        self.columns: dict[str, list[str]] = {}
        self.cells: dict[Key, str] = {}
        self._lines: dict[tuple[str, str], YearlyLine] = {}
        for table, period in PERIODS.items():
            header, *rows = csv.reader(io.StringIO(texts[table]))
            self.columns[table] = header[1:]
            assert header[0] == period
            for row in rows:
                for name, text in zip(header[1:], row[1:], strict=True):
                    self.cells[Key(table, row[0], name)] = text
        for year in csv.DictReader(io.StringIO(texts[YEARLY])):
            self.cells[Key(YEARLY, year["year"], year["series"])] = year["value"]
            self._lines[year["series"], year["year"]] = YearlyLine(year["label"], year["source"])
        self.vintages = [
            Vintage(*(row[name] for name in VINTAGE_COLUMNS))
            for row in csv.DictReader(io.StringIO(texts[VINTAGES]))
        ]

    def value(self, key: Key) -> float | None:
        """A figure; None where it is not known."""
        text = self.cells.get(key, "")
        return float(text) if text else None

    def put(self, key: Key, value: float, line: YearlyLine | None = None) -> bool:
        """Change a figure.

        Args:
            key: Which figure.
            value: Its value.
            line: Label and source, which only the table of years holds.

        Returns:
            Whether it differs from the figure before by more than rounding.
        """
        text = text_of(key.series, value)
        old = self.cells.get(key, "")
        # a ratio that was rounded the other way is no revision
        apart = _ROUNDED * 10 ** -DECIMALS[key.series] if key.series in DECIMALS else 0.0
        if old and abs(float(old) - float(text)) <= apart:
            return False
        self.cells[key] = text
        if key.table == YEARLY and line is not None:
            self._lines[key.series, key.period] = line
        return True

    def periods(self, table: str) -> list[str]:
        """The periods of a table, in order."""
        return sorted({key.period for key in self.cells if key.table == table})

    def add_years(self, changed: Iterable[Key], line: YearlyLine) -> list[Key]:
        """Add up the whole years of which a month has changed, and what follows from them.

        Args:
            changed: The figures that have changed.
            line: Label and source of the sums.

        Returns:
            The figures of years that have changed too.
        """
        keys: list[Key] = []
        touched = {(key.table, key.period[:4]) for key in changed}

        def put(year: str, name: str, value: float, label: str = "") -> None:
            key = Key(YEARLY, year, name)
            if self.put(key, value, YearlyLine(label or line.label, line.source)):
                keys.append(key)

        for table, year in sorted(touched):
            if table not in (CHANNEL, FRONTEX):
                continue
            months = months_of(int(year))
            of: dict[str, list[float]] = {}
            for name in CHANNEL_SERIES if table == CHANNEL else FRONTEX_SERIES:
                values = [self.value(Key(table, month, name)) for month in months]
                counts = [value for value in values if value is not None]
                if len(counts) < MONTHS_OF_YEAR:
                    continue
                of[name] = counts
                if name != "people_per_boat":
                    put(year, name, max(counts) if name == "busiest_day" else sum(counts))
            if sum(of.get("channel_boats", [])) > 0 and "channel_arrivals" in of:
                boats = sum(of["channel_boats"])
                put(year, "people_per_boat", sum(of["channel_arrivals"]) / boats)
        years = {key.period for key in (*changed, *keys) if key.table == YEARLY}
        for year in sorted(years):
            names = ("channel_arrivals", "channel_prevented")
            arrived, stopped = (self.value(Key(YEARLY, year, name)) for name in names)
            if arrived is not None and stopped is not None and arrived + stopped > 0:
                put(year, "channel_attempts", arrived + stopped, "derived")
                put(year, "prevented_share", stopped / (arrived + stopped), "derived")
        return keys

    def add_vintage(self, new: Vintage) -> None:
        """Add a vintage, which replaces those of the same table and series in its periods."""
        left: list[Vintage] = []
        for old in self.vintages:
            same = old.table == new.table and new.series in ("", old.series)
            if not same or old.last < new.first or old.first > new.last:
                left.append(old)
                continue
            if old.first < new.first:
                left.append(replace(old, last=_step(new.first, -1)))
            if old.last > new.last:
                left.append(replace(old, first=_step(new.last, 1)))
        self.vintages = [*left, new]

    def texts(self) -> dict[str, str]:
        """Table to its text, without entries and futures, which are built from the others."""
        texts = {}
        for table, period in PERIODS.items():
            names = self.columns[table]
            rows = [
                [one, *(self.cells.get(Key(table, one, name), "") for name in names)]
                for one in self.periods(table)
            ]
            texts[table] = as_csv([period, *names], rows)
        yearly = [
            [name, year, self.cells[Key(YEARLY, year, name)], line.label, line.source]
            for (name, year), line in self._lines.items()
        ]
        texts[YEARLY] = as_csv(["series", "year", "value", "label", "source"], yearly)
        vintages = [[getattr(one, name) for name in VINTAGE_COLUMNS] for one in self.vintages]
        texts[VINTAGES] = as_csv(VINTAGE_COLUMNS, vintages)
        return texts


def read_texts(tables: InUse) -> dict[str, str]:
    """The texts of a set of tables.

    Raises:
        InputError: A user's table cannot be used.
    """
    names = (*PERIODS, YEARLY, ENTRIES, FUTURES, VINTAGES)
    return {name: tables.file(name).read_text(encoding="utf-8") for name in names}


def changes_between(old: Tables, new: Tables) -> list[FigureChange]:
    """The figures that differ, by table, period and series."""
    return [
        FigureChange(key, old.cells.get(key, ""), text)
        for key, text in sorted(new.cells.items())
        if text and text != old.cells.get(key, "")
    ]


def text_of(series: str, value: float) -> str:
    """A figure as the tables hold it."""
    text = f"{value:.{DECIMALS.get(series, 0)}f}"
    short = series in DECIMALS and series != "prevented_share"
    return f"{float(text):g}" if short else text


def _step(period: str, by: int) -> str:
    """The period a number of periods after one; before it where the number is negative."""
    if len(period) == len("2023"):
        return f"{int(period) + by}"
    return month_at(number_of(period) + by)


# -- checks of a file before its figures are put in use --------------------------------------------


def check_reading(reading: FileReading, tables: Tables, published: str) -> None:
    """Check a file against the tables in use.

    Args:
        reading: What was read.
        tables: The tables in use.
        published: When the file was published.

    Raises:
        InputError: It is older than what is in use, leaves a gap, or cannot be of these series.
    """
    if not reading.figures:
        raise InputError("no figure for any table", file=reading.file)
    if reading.whole:
        _check_age(reading, tables, published)
    _check_gaps(reading, tables)
    _check_sizes(reading, tables)
    _check_boats(reading, tables)


def _check_age(reading: FileReading, tables: Tables, published: str) -> None:
    refuse = partial(InputError, "older than what is in use", file=reading.file)
    # the date of a user's own count is the day on which it was taken in
    of_publishers = [vintage for vintage in tables.vintages if vintage.label != "own"]
    for table in reading.tables:
        of_years = {key.series for key in reading.figures if key.table == table == YEARLY}
        # the series of the table of years have vintages of their own, other tables one
        for series in sorted(of_years) or [""]:
            vintage = newest(of_publishers, table, series)
            if vintage is None:
                continue
            mine, theirs = comparable(published, vintage.published)
            if vintage.published and mine < theirs:
                allowed = f"{vintage.published} or later ({vintage.source[:80]})"
                raise refuse(key="published", value=published, allowed=allowed)
        cells = (key for key, text in tables.cells.items() if key.table == table and text)
        held = (key.period for key in cells if not of_years or key.series in of_years)
        last = max(held, default="")
        if (mine := reading.last(table)) < last:
            raise refuse(key=f"last period for {table}", value=mine, allowed=f"{last} or later")


def _check_gaps(reading: FileReading, tables: Tables) -> None:
    refuse = partial(InputError, file=reading.file)
    for table in reading.tables:
        if table == YEARLY:
            continue
        held = tables.periods(table)
        periods = sorted({key.period for key in reading.figures if key.table == table})
        if periods[-1] < held[0]:
            key, allowed = f"last period for {table}", f"{held[0]} or later"
            problem = "all before the periods in use"
            raise refuse(problem, key=key, value=periods[-1], allowed=allowed)
        expected = _step(held[-1], 1)
        for period in periods:
            if period < expected:
                continue
            if period > expected:
                problem = "a period is missing between the tables and this file"
                raise refuse(problem, key=table, value=period, allowed=expected)
            expected = _step(period, 1)
            names = tables.columns[table]
            lacking = [name for name in names if Key(table, period, name) not in reading.figures]
            if table == FRONTEX and lacking:
                problem = f"a new month of {table} needs all its routes"
                refuse = partial(refuse, allowed="the months in use, or the file of Frontex itself")
                raise refuse(problem, key=f"{period}: {lacking[0]}", value="missing")


def _check_sizes(reading: FileReading, tables: Tables) -> None:
    refuse = partial(InputError, file=reading.file)
    totals: dict[tuple[str, str], tuple[float, float]] = {}
    most: dict[tuple[str, str], float] = {}
    for key, text in tables.cells.items():
        if text:
            of = (key.table, key.series)
            most[of] = max(most.get(of, 0.0), float(text))
    for key, value in reading.figures.items():
        of = (key.table, key.series)
        old = tables.value(key)
        low, high = (0.0, most.get(of, 0.0)) if old is None else (old, old)
        problem, allowed = "is the largest so far", f"at most {high * FIGURE_TIMES:,.0f}"
        if old is not None:
            mine, theirs = totals.get(of, (0.0, 0.0))
            totals[of] = (mine + value, theirs + old)
            problem = "is in use"
            allowed = f"{low / FIGURE_TIMES:,.0f} to {high * FIGURE_TIMES:,.0f}"
        far = value > high * FIGURE_TIMES or value < low / FIGURE_TIMES
        if high >= FEW and far:
            raise refuse(
                f"more than {FIGURE_TIMES:g} times another figure: {high:,.0f} {problem}",
                key=f"{key.table}: {key.series} of {key.period}",
                value=f"{value:g}",
                allowed=allowed,
            )
    for (table, series), (mine, theirs) in totals.items():
        low, high = theirs / TOTAL_TIMES, theirs * TOTAL_TIMES
        if theirs >= FEW and not low <= mine <= high:
            problem = "looks like another series or unit: the figures in use for the same periods"
            raise refuse(
                f"{problem} are {theirs:,.0f} in all",
                key=f"{table}: {series}",
                value=f"{mine:,.0f}",
                allowed=f"{low:,.0f} to {high:,.0f}",
            )


def _check_boats(reading: FileReading, tables: Tables) -> None:
    """Small boats by quarter and nationality against the daily series."""
    for year in sorted({key.period for key in reading.figures if key.table == ORIGINS}):
        boats = sum(v for k, v in reading.figures.items() if k[:2] == (ORIGINS, year))
        daily = tables.value(Key(YEARLY, year, "channel_arrivals"))
        if daily is None:
            continue
        apart = max(BOATS_DIFFER * daily, BOATS_APART)
        if abs(boats - daily) > apart:
            problem = f"small-boat arrivals of {year} do not agree with the daily series"
            allowed = f"{daily - apart:,.0f} to {daily + apart:,.0f}"
            refuse = partial(InputError, file=reading.file, key="sum over nationalities")
            raise refuse(problem, value=f"{boats:,.0f}", allowed=allowed)
