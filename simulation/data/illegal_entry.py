"""Home Office, illegal entry routes: quarters summed to years by method and group of origin."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from functools import cache, partial
from itertools import product
from pathlib import Path

from simulation.corridor.observed import NOT_RECORDED, load_origins
from simulation.corridor.tables import read_toml
from simulation.data.reading import ORIGINS, YEARLY, FileReading, Key
from simulation.data.workbook import Workbook, find_header, rows_below
from simulation.errors import InputError

#: the sheet's name, past and present
SHEET = re.compile(r"(data)?[ _-]*(irr|ier)[ _-]*d01", re.IGNORECASE)
KIND = "Home Office illegal entry routes"
SOURCE = "Home Office, illegal entry routes to the UK, detections by method of entry (OGL v3)"
YEAR, QUARTER, METHOD = "Year", "Quarter", "Method of entry"
NATIONALITY, NUMBER = "Nationality", "Number of detections"
COLUMNS = (YEAR, QUARTER, METHOD, NATIONALITY, NUMBER)
BOATS = "irregular_small_boats"
#: method of entry, in small letters, and its series
METHODS: dict[str, str] = {
    "inadequately documented air arrivals": "irregular_air",
    "recorded detections at uk ports": "irregular_ports",
    "recorded detections in the uk": "irregular_inland",
    "small boat arrivals": BOATS,
}
#: found at ports or inland: a proxy for lorries and containers
LORRIES, OF_LORRIES = "lorry_arrivals", ("irregular_ports", "irregular_inland")
_QUARTER = re.compile(r"(20[0-9]{2})[ -]?Q([1-4])", re.IGNORECASE)
_OTHER = "other"


@cache
def _groups() -> dict[str, str]:
    """Name of a nationality, in small letters, to its group."""
    table = read_toml(Path(__file__).with_name("nationalities.toml"))
    group_of = {
        code: group for group, codes in load_origins().nationalities.items() for code in codes
    }
    groups = {name.lower(): NOT_RECORDED for name in table["not_recorded"]}
    for code, names in table["names"].items():
        groups.update((name.lower(), group_of[code]) for name in names)
    return groups


def read_illegal_entry(book: Workbook) -> FileReading:
    """Detected arrivals by method and year, and small-boat arrivals by group of origin.

    Years without all four quarters are left out.

    Args:
        book: A workbook of which a sheet has a name like `SHEET`.

    Raises:
        InputError: A row cannot be used, or a quarter is missing.
    """
    named = [sheet for sheet in book.sheets if SHEET.fullmatch(sheet)]
    # a sheet of totals with nearly the same name may stand beside that of records
    sheet = next((one for one in named if find_header(book, one, COLUMNS) is not None), named[0])
    refuse = partial(InputError, file=book.file, key=f"sheet {sheet}")
    sums: defaultdict[tuple[str, str], float] = defaultdict(float)
    seen: dict[tuple[object, ...], int] = {}
    quarters: set[tuple[int, int]] = set()
    names: set[str] = set()
    header, *rows = rows_below(book, sheet, COLUMNS)
    number_at = header.columns[NUMBER]
    for row in rows:
        alone = all(row[name] is None for name in COLUMNS if name != YEAR)
        if alone and not isinstance(row[YEAR], float) and not row.words(YEAR).isdigit():
            continue  # a note
        match = _QUARTER.fullmatch(row.words(QUARTER))
        if match is None or row.count(YEAR) != float(match[1]):
            raise row.error(QUARTER, "not a quarter of its year", 'a quarter such as "2023 Q3"')
        nationality = row.words(NATIONALITY).lower()
        if not nationality:
            raise row.error(NATIONALITY, "not a nationality", "a nationality")
        method, value = METHODS[row.name(METHOD, METHODS)], row.count(NUMBER)
        if math.isnan(value):
            raise row.error(NUMBER, "not a count", "a count")
        who = (*row.cells[:number_at], *row.cells[number_at + 1 :])
        if who in seen:
            raise row.error(METHOD, f"all already given in row {seen[who]}", "each row once")
        seen[who] = row.number
        names.add(nationality)
        quarters.add((int(match[1]), int(match[2])))
        sums[match[1], method] += value
        if method == BOATS:
            sums[match[1], _groups().get(nationality, _OTHER)] += value
    years = _whole_years(quarters, refuse)
    origins = load_origins().origins
    missing = [name for name in METHODS.values() if any((y, name) not in sums for y in years)]
    missing += [group for group in origins if not any((y, group) in sums for y in years)]
    if missing:
        raise refuse("no row of this method or group of nationalities", value=missing[0])
    figures: dict[Key, float] = {}
    for year in years:
        figures |= {Key(YEARLY, year, name): sums[year, name] for name in METHODS.values()}
        figures[Key(YEARLY, year, LORRIES)] = sum(sums[year, name] for name in OF_LORRIES)
        figures |= {
            Key(ORIGINS, year, group): sums[year, group] for group in (*origins, NOT_RECORDED)
        }
    notes = [f"small boats are the sums over nationalities of {years[0]} to {years[-1]}"]
    if similar := sorted(name for name in names if _resembles_listed(name)):
        notes.append(f"counted as other, though the name of a group is in it: {', '.join(similar)}")
    left = sorted({str(year) for year, _ in quarters} - set(years))
    notes += [f"{year} is left out: not all its quarters are in" for year in left]
    labels = dict.fromkeys(METHODS.values(), "official")
    labels |= dict.fromkeys((LORRIES, *origins, NOT_RECORDED), "derived")
    return FileReading(book.file, KIND, SOURCE, labels, figures, tuple(notes))


def _resembles_listed(name: str) -> bool:
    """Whether a nationality that is not listed holds the name of one that is."""
    return name not in _groups() and any(
        re.search(rf"\b{re.escape(listed)}\b", name) for listed in _groups()
    )


def _whole_years(quarters: set[tuple[int, int]], refuse: partial[InputError]) -> list[str]:
    """Years with all four quarters; none may be missing between the first and the last."""
    if not quarters:
        raise refuse("no rows below the header")
    (first, _), (last, _) = min(quarters), max(quarters)
    years = range(first, last + 1)
    for year, quarter in product(years, (1, 2, 3, 4)):
        if min(quarters) < (year, quarter) < max(quarters) and (year, quarter) not in quarters:
            raise refuse("a quarter is missing", value=f"{year} Q{quarter}")
    whole = [str(year) for year in years if quarters >= {(year, n) for n in (1, 2, 3, 4)}]
    if not whole:
        raise refuse("not one whole year")
    return whole
