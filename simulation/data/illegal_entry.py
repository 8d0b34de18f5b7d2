"""Home Office, illegal entry routes: quarters summed to years by method and group of origin."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from simulation.corridor.observed import NOT_RECORDED
from simulation.corridor.origins import load_origins
from simulation.data.reading import (
    ORIGINS,
    YEARLY,
    Key,
    Reading,
    cell_at,
    count_of,
    header_of,
    place,
    shown,
    words,
)
from simulation.data.workbook import Cell, Sheets
from simulation.errors import InputError, closest

#: the sheet's name, past and present
SHEET = re.compile(r"(data)?[ _-]*(irr|ier)[ _-]*d01", re.IGNORECASE)
KIND = "Home Office illegal entry routes"
SOURCE = "Home Office, illegal entry routes to the UK, detections by method of entry (OGL v3)"
YEAR, QUARTER, METHOD = "Year", "Quarter", "Method of entry"
NATIONALITY, NUMBER = "Nationality", "Number of detections"
COLUMNS = (YEAR, QUARTER, METHOD, NATIONALITY, NUMBER)
BOATS = "irregular_small_boats"
#: method of entry, in small letters, and its series
METHODS = {
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
    file = Path(__file__).with_name("nationalities.toml")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    group_of = {
        code: group for group, codes in load_origins().nationalities.items() for code in codes
    }
    groups = {name.lower(): NOT_RECORDED for name in table["not_recorded"]}
    for code, names in table["names"].items():
        groups.update((name.lower(), group_of[code]) for name in names)
    return groups


def read_illegal_entry(file: Path, sheets: Sheets, modified: date | None) -> Reading:
    """Detected arrivals by method and year, and small-boat arrivals by group of origin.

    Years without all four quarters are left out.

    Args:
        file: The file, for messages.
        sheets: Its sheets, one of which has a name like `SHEET`.
        modified: The day on which the workbook was last saved, if it says so.

    Raises:
        InputError: A row cannot be used, or a quarter is missing.
    """
    sheet = _sheet_of(file, sheets)
    at, columns = header_of(file, sheets, sheet, COLUMNS)
    more = [k for k in range(len(sheets[sheet][at][1])) if k not in columns.values()]
    by_method: dict[tuple[str, str], float] = {}
    by_origin: dict[tuple[str, str], float] = {}
    quarters: set[tuple[int, int]] = set()
    seen: dict[tuple[str, ...], int] = {}
    names: set[str] = set()
    footnote: tuple[int, Cell] | None = None
    for number, cells in sheets[sheet][at + 1 :]:
        picked = {name: cell_at(cells, column) for name, column in columns.items()}
        if picked[METHOD] is None and picked[NUMBER] is None and picked[NATIONALITY] is None:
            footnote = footnote or (number, picked[YEAR])
            continue
        if footnote is not None:
            raise InputError(
                "not a year", file=file, key=place(sheet, footnote[0], YEAR),
                value=str(footnote[1])[:60], allowed="rows of figures without a note among them",
            )  # fmt: skip
        year, quarter = _quarter(file, sheet, number, picked)
        method = _method(file, sheet, number, picked[METHOD])
        nationality = words(picked[NATIONALITY])
        if not nationality:
            raise InputError(
                "missing nationality", file=file, key=place(sheet, number, NATIONALITY)
            )
        value = count_of(file, place(sheet, number, NUMBER), picked[NUMBER])
        rest = tuple(words(cell_at(cells, k)) for k in more)
        who = (f"{year} Q{quarter}", method, nationality, *rest)
        if who in seen:
            raise InputError(
                f"already given in row {seen[who]}",
                file=file,
                key=place(sheet, number, f"{QUARTER}, {METHOD}, {NATIONALITY}"),
                value=", ".join(word for word in who if word)[:90],
            )
        seen[who] = number
        names.add(nationality.lower())
        quarters.add((year, quarter))
        key = (str(year), method)
        by_method[key] = by_method.get(key, 0.0) + value
        if method == BOATS:
            group = _groups().get(nationality.lower(), _OTHER)
            by_origin[str(year), group] = by_origin.get((str(year), group), 0.0) + value
    years = _whole_years(file, sheet, quarters)
    groups = {_groups().get(name, _OTHER) for name in names}
    for group in load_origins().origins:
        if group not in groups:
            raise InputError(
                "no row has a nationality of this group, some of whom come every year",
                file=file,
                key=f"sheet {sheet}: {NATIONALITY}",
                value=group,
                allowed="names of nationalities as the Home Office writes them",
            )
    figures: dict[Key, float] = {}
    for whole in years:
        for name in METHODS.values():
            if (whole, name) not in by_method:
                raise InputError(
                    f"no row of {whole} with this method",
                    file=file,
                    key=f"sheet {sheet}: {METHOD}",
                    value=next(word for word, series in METHODS.items() if series == name),
                )
            figures[Key(YEARLY, whole, name)] = by_method[whole, name]
        figures[Key(YEARLY, whole, LORRIES)] = sum(by_method[whole, name] for name in OF_LORRIES)
        for group in (*load_origins().origins, NOT_RECORDED):
            figures[Key(ORIGINS, whole, group)] = by_origin.get((whole, group), 0.0)
    similar = sorted(name for name in names if _looks_known(name))
    left = sorted({f"{year}" for year, _ in quarters} - set(years))
    notes = [f"{part} is left out: not all its quarters are in" for part in left]
    if similar:
        notes.append(f"counted as other, though the name of a group is in it: {', '.join(similar)}")
    notes.append(f"small boats are the sums over nationalities of {years[0]} to {years[-1]}")
    labels = {**dict.fromkeys(METHODS.values(), "official"), LORRIES: "derived"}
    labels |= dict.fromkeys((*load_origins().origins, NOT_RECORDED), "derived")
    return Reading(file, KIND, SOURCE, labels, figures, {}, tuple(notes), modified)


def _looks_known(name: str) -> bool:
    """Whether a nationality that is not listed holds the name of one that is."""
    if name in _groups():
        return False
    return any(re.search(rf"\b{re.escape(known)}\b", name) for known in _groups())


def _sheet_of(file: Path, sheets: Sheets) -> str:
    """The sheet of records; one of totals with nearly the same name may stand beside it."""
    named = [name for name in sheets if SHEET.fullmatch(name)]
    records = [name for name in named if _has_columns(file, sheets, name)]
    if len(records) > 1:
        raise InputError(
            "more than one sheet of illegal entry routes",
            file=file,
            key="sheets",
            value=shown(", ".join(records)),
            allowed=f"one sheet with the columns {', '.join(COLUMNS)}",
        )
    return (records or named)[0]


def _has_columns(file: Path, sheets: Sheets, sheet: str) -> bool:
    try:
        header_of(file, sheets, sheet, COLUMNS)
    except InputError:
        return False
    return True


def _quarter(file: Path, sheet: str, row: int, picked: dict[str, Cell]) -> tuple[int, int]:
    found = _QUARTER.fullmatch(words(picked[QUARTER]))
    if found is None:
        raise InputError(
            "missing quarter" if picked[QUARTER] is None else "not a quarter",
            file=file,
            key=place(sheet, row, QUARTER),
            value=None if picked[QUARTER] is None else str(picked[QUARTER])[:40],
            allowed='a quarter such as "2023 Q3"',
        )
    year = count_of(file, place(sheet, row, YEAR), picked[YEAR])
    if year != int(found[1]):
        raise InputError(
            "not the year of its quarter",
            file=file,
            key=place(sheet, row, YEAR),
            value=f"{year:g}",
            allowed=found[1],
        )
    return int(found[1]), int(found[2])


def _method(file: Path, sheet: str, row: int, cell: Cell) -> str:
    name = words(cell).lower()
    if name not in METHODS:
        raise InputError(
            "unknown method of entry" if name else "missing method of entry",
            file=file,
            key=place(sheet, row, METHOD),
            value=words(cell)[:60] or None,
            allowed=", ".join(METHODS),
            suggestion=closest(name, METHODS) if name else None,
        )
    return METHODS[name]


def _whole_years(file: Path, sheet: str, quarters: set[tuple[int, int]]) -> list[str]:
    """Years with all four quarters; none may be missing between the first and the last."""
    if not quarters:
        raise InputError("no rows below the header", file=file, key=f"sheet {sheet}")
    first, last = min(quarters), max(quarters)
    year, quarter = first
    while (year, quarter) != last:
        if (year, quarter) not in quarters:
            raise InputError(
                "a quarter is missing", file=file, key=f"sheet {sheet}", value=f"{year} Q{quarter}"
            )
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)
    whole = [
        str(year)
        for year in range(first[0], last[0] + 1)
        if all((year, quarter) in quarters for quarter in (1, 2, 3, 4))
    ]
    if not whole:
        raise InputError("not one whole year", file=file, key=f"sheet {sheet}")
    return whole
