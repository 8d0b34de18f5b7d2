"""Checks of a file before its figures are put in use: its age, gaps, sizes and totals."""

from __future__ import annotations

from functools import partial

from simulation.corridor.in_use import comparable, newest
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
    refuse = partial(InputError, "older than what is in use", file=reading.file)
    # the date of a user's own count is the day on which it was taken in
    of_publishers = [vintage for vintage in tables.vintages if vintage.label != "own"]
    for table in reading.tables:
        of_years = {key.series for key in reading.figures if key.table == table == YEARLY}
        # the series of the table of years have vintages of their own, other tables one
        for series in sorted(of_years) or [""]:
            known = newest(of_publishers, table, series)
            if known is None:
                continue
            mine, theirs = comparable(published, known.published)
            if known.published and mine < theirs:
                allowed = f"{known.published} or later ({known.source[:80]})"
                raise refuse(key="published", value=published, allowed=allowed)
        last = max(
            (
                key.period
                for key, text in tables.cells.items()
                if key.table == table and text and (not of_years or key.series in of_years)
            ),
            default="",
        )
        if (mine := reading.last(table)) < last:
            raise refuse(key=f"last period for {table}", value=mine, allowed=f"{last} or later")


def _check_gaps(reading: FileReading, tables: Tables) -> None:
    refuse = partial(InputError, file=reading.file)
    for table in reading.tables:
        if table == YEARLY:
            continue
        known = tables.periods(table)
        there = sorted({key.period for key in reading.figures if key.table == table})
        if there[-1] < known[0]:
            key, allowed = f"last period for {table}", f"{known[0]} or later"
            problem = "all before the periods in use"
            raise refuse(problem, key=key, value=there[-1], allowed=allowed)
        expected = next_period(known[-1])
        for period in there:
            if period < expected:
                continue
            if period > expected:
                problem = "a period is missing between the tables and this file"
                raise refuse(problem, key=table, value=period, allowed=expected)
            expected = next_period(period)
            names = tables.columns(table)
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
                key=f"{reading.places.get(key, key.table)}: {key.series} of {key.period}",
                value=f"{value:g}",
                allowed=allowed,
            )
    for (table, series), (mine, theirs) in totals.items():
        low, high = theirs / TOTAL_TIMES, theirs * TOTAL_TIMES
        if theirs >= FEW and not low <= mine <= high:
            raise refuse(
                f"looks like another series or unit: the figures in use for the same periods are "
                f"{theirs:,.0f} in all",
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
            raise InputError(
                f"small-boat arrivals of {year} do not agree with the daily series",
                file=reading.file,
                key="sum over nationalities",
                value=f"{boats:,.0f}",
                allowed=f"{daily - apart:,.0f} to {daily + apart:,.0f}",
            )
