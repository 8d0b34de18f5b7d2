"""Checks of a file before its figures are put in use: its age, gaps, sizes and totals."""

from __future__ import annotations

from simulation.corridor.in_use import Vintage, comparable, newest
from simulation.data.reading import FRONTEX, ORIGINS, YEARLY, FileReading, Key
from simulation.data.tables import Tables, next_period
from simulation.errors import InputError

#: smaller totals and figures are not compared
FEW = 100.0
#: largest factor by which a total of the same periods may differ, and a single figure
TOTAL_TIMES, FIGURE_TIMES = 2.0, 10.0
#: how far small boats by quarter may lie from the daily series, which is final earlier: a share of
#: the year or a number of people, whichever is larger
BOATS_DIFFER, BOATS_APART = 0.01, 50.0


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
    # the date of a user's own count is the day on which it was taken in
    of_publishers = [vintage for vintage in tables.vintages if vintage.label != "own"]
    for table in reading.tables:
        for series in _series_of(reading, table):
            known: Vintage | None = newest(of_publishers, table, series)
            if known is None:
                continue
            mine, theirs = comparable(published, known.published)
            if known.published and mine < theirs:
                raise InputError(
                    "older than what is in use",
                    file=reading.file,
                    key="published",
                    value=published,
                    allowed=f"{known.published} or later ({known.source[:80]})",
                )
        last = max(
            (
                key.period
                for key, text in tables.cells.items()
                if key.table == table and text and _is_of(reading, key)
            ),
            default="",
        )
        if reading.last(table) < last:
            raise InputError(
                "older than what is in use",
                file=reading.file,
                key=f"last period for {table}",
                value=reading.last(table),
                allowed=f"{last} or later",
            )


def _series_of(reading: FileReading, table: str) -> list[str]:
    """The series of a table that have vintages of their own; "" where the whole table has one."""
    if table != YEARLY:
        return [""]
    return sorted({key.series for key in reading.figures if key.table == table})


def _is_of(reading: FileReading, key: Key) -> bool:
    """Whether the file holds the series of a figure of one of its tables."""
    return key.table != YEARLY or any(
        key.series == own.series for own in reading.figures if own.table == YEARLY
    )


def _check_gaps(reading: FileReading, tables: Tables) -> None:
    for table in reading.tables:
        if table == YEARLY:
            continue
        known = tables.periods(table)
        there = sorted({key.period for key in reading.figures if key.table == table})
        if there[-1] < known[0]:
            raise InputError(
                "all before the periods in use",
                file=reading.file,
                key=f"last period for {table}",
                value=there[-1],
                allowed=f"{known[0]} or later",
            )
        expected = next_period(known[-1])
        for period in there:
            if period < expected:
                continue
            if period > expected:
                raise InputError(
                    "a period is missing between the tables and this file",
                    file=reading.file,
                    key=table,
                    value=period,
                    allowed=expected,
                )
            expected = next_period(period)
            lacking = [
                name
                for name in tables.columns(table)
                if Key(table, period, name) not in reading.figures
            ]
            if table == FRONTEX and lacking:
                raise InputError(
                    f"a new month of {table} needs all its routes",
                    file=reading.file,
                    key=f"{period}: {lacking[0]}",
                    value="missing",
                    allowed="the months in use, or the file of Frontex itself",
                )


def _check_sizes(reading: FileReading, tables: Tables) -> None:
    totals: dict[tuple[str, str], tuple[float, float]] = {}
    most: dict[tuple[str, str], float] = {}
    for key, text in tables.cells.items():
        if text:
            of = (key.table, key.series)
            most[of] = max(most.get(of, 0.0), float(text))
    for key, value in reading.figures.items():
        of = (key.table, key.series)
        old = tables.value(key)
        if old is not None:
            mine, theirs = totals.get(of, (0.0, 0.0))
            totals[of] = (mine + value, theirs + old)
        low, high = (0.0, most.get(of, 0.0)) if old is None else (old, old)
        far = value > high * FIGURE_TIMES or value < low / FIGURE_TIMES
        if max(low, high) >= FEW and far:
            raise InputError(
                f"more than {FIGURE_TIMES:g} times another figure: {high:,.0f}"
                + (" is the largest so far" if old is None else " is in use"),
                file=reading.file,
                key=f"{reading.places.get(key, key.table)}: {key.series} of {key.period}",
                value=f"{value:g}",
                allowed=f"at most {high * FIGURE_TIMES:,.0f}"
                if old is None
                else f"{low / FIGURE_TIMES:,.0f} to {high * FIGURE_TIMES:,.0f}",
            )
    for (table, series), (mine, theirs) in totals.items():
        if theirs >= FEW and not theirs / TOTAL_TIMES <= mine <= theirs * TOTAL_TIMES:
            raise InputError(
                f"looks like another series or unit: the figures in use for the same periods are "
                f"{theirs:,.0f} in all",
                file=reading.file,
                key=f"{table}: {series}",
                value=f"{mine:,.0f}",
                allowed=f"{theirs / TOTAL_TIMES:,.0f} to {theirs * TOTAL_TIMES:,.0f}",
            )


def _check_boats(reading: FileReading, tables: Tables) -> None:
    """Small boats by quarter and nationality against the daily series."""
    years = {key.period for key in reading.figures if key.table == ORIGINS}
    for year in sorted(years):
        boats = sum(v for k, v in reading.figures.items() if k[:2] == (ORIGINS, year))
        daily = tables.value(Key(YEARLY, year, "channel_arrivals"))
        if daily is None:
            continue
        apart = max(BOATS_DIFFER * daily, BOATS_APART)
        if abs(boats - daily) > apart:
            raise InputError(
                f"small-boat arrivals of {year} do not agree with the daily series",
                file=reading.file,
                key="sum over nationalities",
                value=f"{boats:,.0f}",
                allowed=f"{daily - apart:,.0f} to {daily + apart:,.0f}",
            )
