"""Home Office, illegal entry routes: quarters summed to years by method and group of origin."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, partial
from itertools import product
from pathlib import Path

from simulation.corridor.observed import NOT_RECORDED
from simulation.corridor.origins import load_origins
from simulation.corridor.tables import read_toml
from simulation.data.reading import (
    ORIGINS,
    YEARLY,
    FileReading,
    Key,
    Seen,
    SheetRow,
    Workbook,
    cell_at,
    find_header,
    rows_below,
    shown,
    words,
)
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
_QUARTER = re.compile(r"([12][0-9]{3})[ -]?Q([1-4])", re.IGNORECASE)
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
    refuse = partial(InputError, file=book.file)
    sheet = _sheet_of(book)
    header, *rows = rows_below(book, sheet, COLUMNS)
    more = [k for k in range(len(header.cells)) if k not in header.columns.values()]
    by_method: defaultdict[tuple[str, str], float] = defaultdict(float)
    by_origin: defaultdict[tuple[str, str], float] = defaultdict(float)
    quarters: set[tuple[int, int]] = set()
    seen, names = Seen(), set[str]()
    footnote: SheetRow | None = None
    for row in rows:
        if all(row[name] is None for name in (METHOD, NUMBER, NATIONALITY)):
            footnote = footnote or row
            continue
        if footnote is not None:
            allowed = "rows of figures without a note among them"
            raise footnote.error(YEAR, "not a year", str(footnote[YEAR])[:60], allowed)
        year, quarter = _quarter(row)
        method = row.words(METHOD).lower()
        row.check_name(METHOD, "method of entry", METHODS, method)
        method = METHODS[method]
        nationality = row.words(NATIONALITY)
        if not nationality:
            raise row.error(NATIONALITY, "missing nationality")
        value = row.count(NUMBER, row[NUMBER])
        rest = tuple(words(cell_at(row.cells, k)) for k in more)
        who = (f"{year} Q{quarter}", method, nationality, *rest)
        seen.add(row, who, f"{QUARTER}, {METHOD}, {NATIONALITY}", 90)
        names.add(nationality.lower())
        quarters.add((year, quarter))
        by_method[str(year), method] += value
        if method == BOATS:
            by_origin[str(year), _groups().get(nationality.lower(), _OTHER)] += value
    years = _whole_years(book.file, sheet, quarters)
    groups = {_groups().get(name, _OTHER) for name in names}
    for group in load_origins().origins:
        if group not in groups:
            problem = "no row has a nationality of this group, some of whom come every year"
            allowed = "names of nationalities as the Home Office writes them"
            key = f"sheet {sheet}: {NATIONALITY}"
            raise refuse(problem, key=key, value=group, allowed=allowed)
    figures: dict[Key, float] = {}
    for whole in years:
        for word, name in METHODS.items():
            if (whole, name) not in by_method:
                problem = f"no row of {whole} with this method"
                raise refuse(problem, key=f"sheet {sheet}: {METHOD}", value=word)
            figures[Key(YEARLY, whole, name)] = by_method[whole, name]
        figures[Key(YEARLY, whole, LORRIES)] = sum(by_method[whole, name] for name in OF_LORRIES)
        for group in (*load_origins().origins, NOT_RECORDED):
            figures[Key(ORIGINS, whole, group)] = by_origin[whole, group]
    similar = sorted(name for name in names if _resembles_listed(name))
    left = sorted({f"{year}" for year, _ in quarters} - set(years))
    notes = [f"{part} is left out: not all its quarters are in" for part in left]
    if similar:
        notes.append(f"counted as other, though the name of a group is in it: {', '.join(similar)}")
    notes.append(f"small boats are the sums over nationalities of {years[0]} to {years[-1]}")
    labels = {**dict.fromkeys(METHODS.values(), "official"), LORRIES: "derived"}
    labels |= dict.fromkeys((*load_origins().origins, NOT_RECORDED), "derived")
    return FileReading(book.file, KIND, SOURCE, labels, figures, {}, tuple(notes))


def _resembles_listed(name: str) -> bool:
    """Whether a nationality that is not listed holds the name of one that is."""
    if name in _groups():
        return False
    return any(re.search(rf"\b{re.escape(group)}\b", name) for group in _groups())


def _sheet_of(book: Workbook) -> str:
    """The sheet of records; one of totals with nearly the same name may stand beside it."""
    named = [name for name in book.sheets if SHEET.fullmatch(name)]
    records = [name for name in named if find_header(book, name, COLUMNS) is not None]
    if len(records) > 1:
        problem, given = "more than one sheet of illegal entry routes", shown(", ".join(records))
        allowed = f"one sheet with the columns {', '.join(COLUMNS)}"
        raise InputError(problem, file=book.file, key="sheets", value=given, allowed=allowed)
    return (records or named)[0]


def _quarter(row: SheetRow) -> tuple[int, int]:
    """Year and quarter of a row."""
    match = _QUARTER.fullmatch(row.words(QUARTER))
    if match is None:
        problem = "missing quarter" if row[QUARTER] is None else "not a quarter"
        value = None if row[QUARTER] is None else str(row[QUARTER])[:40]
        raise row.error(QUARTER, problem, value, 'a quarter such as "2023 Q3"')
    year = row.count(YEAR, row[YEAR])
    if year != int(match[1]):
        raise row.error(YEAR, "not the year of its quarter", f"{year:g}", match[1])
    return int(match[1]), int(match[2])


def _whole_years(file: Path, sheet: str, quarters: set[tuple[int, int]]) -> list[str]:
    """Years with all four quarters; none may be missing between the first and the last."""
    refuse = partial(InputError, file=file, key=f"sheet {sheet}")
    if not quarters:
        raise refuse("no rows below the header")
    first, last = min(quarters), max(quarters)
    years = range(first[0], last[0] + 1)
    for year, quarter in product(years, (1, 2, 3, 4)):
        if first < (year, quarter) < last and (year, quarter) not in quarters:
            raise refuse("a quarter is missing", value=f"{year} Q{quarter}")
    whole = [str(year) for year in years if quarters >= {(year, n) for n in (1, 2, 3, 4)}]
    if not whole:
        raise refuse("not one whole year")
    return whole
