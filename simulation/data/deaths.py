"""IOM Missing Migrants Project: incidents to deaths by year, in the Channel and on the corridor."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date
from functools import partial
from pathlib import Path

from simulation.corridor.tables import TableRow
from simulation.data.reading import COUNT, YEARLY, FileReading, Key, shown, written_date
from simulation.errors import InputError, closest

KIND = "IOM Missing Migrants Project"
SOURCE = "IOM Missing Migrants Project (CC BY 4.0); our yearly totals"
LABELS = {"channel_deaths": "derived", "corridor_deaths": "secondary"}
#: what is needed of an incident, and what its columns are called in the two downloads, in small
#: letters: with names in words, and with names of a database
COLUMNS: dict[str, tuple[str, ...]] = {
    "date": ("incident date", "reported date", "reported_date"),
    "dead": ("number of dead", "number dead", "number_dead"),
    "missing": ("minimum estimated number of missing", "number_missing"),
    "total": ("total number of dead and missing", "total dead and missing",
              "total_dead_and_missing"),
    "cause": ("cause of death", "cause_death"),
    "place": ("location of incident", "location of death", "location description",
              "location_description"),
    "route": ("migration route", "migration_route"),
}  # fmt: skip
IDS = ("main id", "incident id", "web id", "web_id", "id")
CHANNEL_ROUTES = ("mainland europe to the uk", "english channel to the uk")
CORRIDOR_ROUTES = ("western balkans",)
#: Of all incidents at the Channel, these are at sea or on the coast (our own reading): no vehicle
#: is the cause, and either it is drowning or the place names the sea or its shore.
VEHICLE = re.compile(r"vehicle|transport", re.IGNORECASE)
DROWNING = re.compile(r"drown", re.IGNORECASE)
SHORE = re.compile(r"channel|beach|plage|coast|shore|\bsea\b|\boff\b", re.IGNORECASE)
_DATES = ("%Y-%m-%d", "%d/%m/%Y")
#: a date with the name of its day and an hour, month first
_WITH_HOUR = re.compile(r"[A-Za-z]{3}, ([0-9]{2}/[0-9]{2}/[0-9]{4}) - [0-9]{2}:[0-9]{2}")
MOST_LINES = 300_000
#: columns that identify a download, even if others have other names
_FEWEST_COLUMNS = 3
FIRST_YEAR = 2014


def is_missing_migrants(text: str) -> bool:
    """Whether the first line of a CSV file is that of such a download."""
    names = {
        " ".join(name.split()).strip('"').lower() for name in text.split("\n", 1)[0].split(",")
    }
    return sum(not names.isdisjoint(spellings) for spellings in COLUMNS.values()) >= _FEWEST_COLUMNS


def read_deaths(file: Path, text: str, published: date | None) -> FileReading:
    """Dead and missing by whole year.

    Args:
        file: The file, for messages.
        text: Its text, lines ended by line feeds.
        published: Day of the download; the years before it are whole. None if it is not known:
            then those before the last year in the file. The first year is whole if the file has an
            incident in its January, as every full download has.

    Raises:
        InputError: A row of one of the two routes cannot be used.
    """
    refuse = partial(InputError, file=file)
    rows = csv.reader(io.StringIO(text), strict=True)
    try:
        columns, ids, width = _header(file, next(rows, []))
        totals = Counter[tuple[str, int]]()
        seen: dict[tuple[str, ...], int] = {}
        days: set[date] = set()
        for cells in rows:
            line = rows.line_num
            if line > MOST_LINES:
                raise refuse("too many lines", allowed=f"{MOST_LINES:,}")
            if not any(cells):
                continue
            if len(cells) != width:
                problem = f"{len(cells)} cells where there are {width} columns"
                raise refuse(problem, key=f"line {line}")
            row = TableRow(file, line, {name: cells[k].strip() for name, k in columns.items()})
            routes = {part.strip().lower() for part in row.cells["route"].split(",")}
            day = _date(row)
            days.add(day)
            at_channel = not routes.isdisjoint(CHANNEL_ROUTES)
            _check_routes(row, routes)
            if not at_channel and routes.isdisjoint(CORRIDOR_ROUTES):
                continue
            who = tuple(cells[k].strip() for k in ids)
            if any(who):
                if who in seen:
                    problem = f"an incident already given on line {seen[who]}"
                    value = ", ".join(who)[:60]
                    raise refuse(problem, key=f"line {line}", value=value)
                seen[who] = line
            number = _number(row)
            if not at_channel:
                totals["corridor_deaths", day.year] += number
            elif _at_sea(row.cells["cause"], row.cells["place"]):
                totals["channel_deaths", day.year] += number
    except csv.Error as error:
        problem = f"not a CSV file ({error})"
        raise refuse(problem, key=f"line {rows.line_num}") from None
    if not days:
        raise refuse("no incidents below the header")
    first, last = min(days), max(days)
    end = last.year if published is None else min(published.year, last.year + 1)
    # everywhere in the world some incident falls into each January
    begins_late = first.year > FIRST_YEAR and first.month > 1
    whole = range(max(first.year + 1 if begins_late else first.year, FIRST_YEAR), end)
    if not whole:
        key, allowed = "dates of the incidents", "all months of at least one year"
        raise refuse("not one whole year", key=key, value=f"{first} to {last}", allowed=allowed)
    figures = {Key(YEARLY, str(y), name): float(totals[name, y]) for y in whole for name in LABELS}
    notes = [f"{first.year} is left out: this file begins on {first}"] if begins_late else []
    later = sorted({day.year for day in days if day.year >= end})
    notes += [f"{year} is left out: it is not over in this file" for year in later]
    notes.append("cause and place say which deaths were at sea or on the coast")
    return FileReading(file, KIND, SOURCE, LABELS, figures, {}, tuple(notes))


def _header(file: Path, header: list[str]) -> tuple[dict[str, int], list[int], int]:
    names = [" ".join(name.split()).lower() for name in header]
    columns = {}
    for wanted, spellings in COLUMNS.items():
        matches = [k for k, name in enumerate(names) if name in spellings]
        if len(matches) != 1:
            problem = "a column given twice" if matches else "column missing"
            name = header[matches[1]] if matches else spellings[0]
            allowed = ", ".join(names[0] for names in COLUMNS.values())
            raise InputError(problem, file=file, key="line 1", value=name, allowed=allowed)
        columns[wanted] = matches[0]
    ids = [k for k, name in enumerate(names) if name in IDS]
    return columns, ids, len(header)


def _error(
    row: TableRow, column: str, problem: str, value: str | None = None, **more: str | None
) -> InputError:
    """An error about a cell, whose column is called as in the download with names in words."""
    key = f"line {row.line}: {COLUMNS[column][0]}"
    shown_value = None if value is None else shown(value)
    return InputError(problem, file=row.file, key=key, value=shown_value, **more)


def _check_routes(row: TableRow, routes: set[str]) -> None:
    """Refuse a slip in the name of a route whose incidents are counted."""
    counted = (*CHANNEL_ROUTES, *CORRIDOR_ROUTES)
    for route in routes - set(counted):
        meant = closest(route, counted) if route else None
        if meant is not None:
            raise _error(row, "route", "unknown route", route, suggestion=meant)


def _date(row: TableRow) -> date:
    text = row.cells["date"]
    match = _WITH_HOUR.fullmatch(text)
    day = written_date(text, _DATES) if match is None else written_date(match[1], ("%m/%d/%Y",))
    if day is not None:
        return day
    problem, key = (
        "not a date" if text else "missing date",
        f"line {row.line}: date of the incident",
    )
    allowed = 'a date such as 2021-01-31 or "Sun, 01/31/2021 - 00:00"'
    raise InputError(problem, file=row.file, key=key, value=shown(text) or None, allowed=allowed)


def _number(row: TableRow) -> int:
    """Dead and missing of an incident; the total, or where it is blank its two terms."""
    numbers: dict[str, int | None] = {}
    for name in ("dead", "missing", "total"):
        text = row.cells[name]
        if text and not COUNT.fullmatch(text):
            raise _error(row, name, "not a count", text, allowed="whole numbers of 0 or more")
        numbers[name] = int(text.replace(",", "")) if text else None
    dead, missing, total = numbers["dead"], numbers["missing"], numbers["total"]
    if dead is None and missing is None:
        if total is None:
            raise _error(row, "total", "neither dead nor missing")
        return total
    terms = (dead or 0) + (missing or 0)
    if total not in (None, terms):
        problem = "not the dead and the missing together"
        raise _error(row, "total", problem, f"{total}", allowed=f"{terms}")
    return terms


def _at_sea(cause: str, where: str) -> bool:
    return not VEHICLE.search(cause) and bool(DROWNING.search(cause) or SHORE.search(where))
