"""IOM Missing Migrants Project: incidents to deaths by year, in the Channel and on the corridor."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

from simulation.corridor.tables import TableRow
from simulation.data.reading import YEARLY, FileReading, Key
from simulation.data.workbook import COUNT, written_date
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
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%a, %m/%d/%Y - %H:%M")
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
    totals = Counter[tuple[str, int]]()
    seen: dict[str, int] = {}
    days: set[date] = set()
    try:
        for row in _rows(file, text):
            day, route = _date(row), _route(row)
            days.add(day)
            if route is None:
                continue
            who = row.cells["id"]
            if who and who in seen:
                raise row.error("id", f"an incident already given on line {seen[who]}")
            seen[who] = row.line
            number = _number(row)
            if route in CORRIDOR_ROUTES:
                totals["corridor_deaths", day.year] += number
            elif _at_sea(row.cells["cause"], row.cells["place"]):
                totals["channel_deaths", day.year] += number
    except csv.Error as error:
        raise refuse(f"not a CSV file ({error})") from None
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
    left = sorted({day.year for day in days} - set(whole))
    notes = [f"{year} is left out: it is not whole in this file" for year in left]
    notes.append("cause and place say which deaths were at sea or on the coast")
    return FileReading(file, KIND, SOURCE, LABELS, figures, tuple(notes))


def _rows(file: Path, text: str) -> Iterator[TableRow]:
    """The incidents, with the cells of `COLUMNS` and an `id`."""
    refuse = partial(InputError, file=file)
    lines = csv.reader(io.StringIO(text), strict=True)
    header = [" ".join(name.split()).lower() for name in next(lines)]
    at = {}
    for wanted, spellings in COLUMNS.items():
        places = [place for place, name in enumerate(header) if name in spellings]
        if len(places) != 1:
            problem = "a column given twice" if places else "column missing"
            raise refuse(problem, key="line 1", value=spellings[0])
        at[wanted] = places[0]
    ids = [place for place, name in enumerate(header) if name in IDS]
    for cells in filter(any, lines):
        if len(cells) != len(header):
            problem = f"{len(cells)} cells where there are {len(header)} columns"
            raise refuse(problem, key=f"line {lines.line_num}")
        named = {name: cells[place].strip() for name, place in at.items()}
        who = " ".join(cells[place].strip() for place in ids).strip()
        yield TableRow(file, lines.line_num, {**named, "id": who})


def _route(row: TableRow) -> str | None:
    """The route of an incident, if it is one of those counted; a slip in its name is refused."""
    counted = (*CHANNEL_ROUTES, *CORRIDOR_ROUTES)
    names = [part.strip().lower() for part in row.cells["route"].split(",")]
    for name in names:
        meant = closest(name, counted) if name and name not in counted else None
        if meant is not None:
            raise row.error("route", "unknown route", suggestion=meant)
    return next((name for name in counted if name in names), None)


def _date(row: TableRow) -> date:
    day = written_date(row.cells["date"], _DATES)
    if day is None:
        raise row.error("date", "not a date", allowed="a date such as 2021-01-31")
    return day


def _number(row: TableRow) -> int:
    """Dead and missing of an incident; the total, or where it is blank its two terms."""
    numbers: dict[str, int | None] = {}
    for name in ("dead", "missing", "total"):
        text = row.cells[name]
        if text and not COUNT.fullmatch(text):
            raise row.error(name, "not a count", allowed="whole numbers of 0 or more")
        numbers[name] = int(text.replace(",", "")) if text else None
    dead, missing, total = numbers["dead"], numbers["missing"], numbers["total"]
    terms = None if dead is None and missing is None else (dead or 0) + (missing or 0)
    if total is None and terms is None:
        raise row.error("total", "neither dead nor missing")
    if terms is not None and total not in (None, terms):
        raise row.error("total", "not the dead and the missing together", allowed=f"{terms}")
    return (total if terms is None else terms) or 0


def _at_sea(cause: str, where: str) -> bool:
    return not VEHICLE.search(cause) and bool(DROWNING.search(cause) or SHORE.search(where))
