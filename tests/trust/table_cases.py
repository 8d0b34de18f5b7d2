"""Tables of a user's own as they should not be: CSV of every make, and workbooks."""

from __future__ import annotations

import io
import re
import zipfile
from functools import cache
from random import Random

from simulation.data.own_series import OWN_SERIES
from tests.data.workbooks import ods, small_boats, xlsx, zipped
from tests.trust.values import MARKUP, ODD_TEXTS, near_miss, spoilt

ODD_CELLS = (
    *ODD_TEXTS, *MARKUP, "1,224", "1 224", "224,5", "45%", "-1", "1e3", "0x1F", "1_000", "[x]",
    "..", "n/a", "=1+1", "=cmd|' /C calc'!A0", '"', '""', "'", '"1', '1"', "1;2", "9" * 16,
    "9" * 400, "0.1", "1.0", "2021-01-01", "44197", "Jan-21", "01/2021", "2021-13", "2021-1",
    "0000-00", "9999-12",
)  # fmt: skip


# -- CSV ------------------------------------------------------------------------------------------


def _good_rows(r: Random) -> list[list[str]]:
    columns = sorted({r.choice(tuple(OWN_SERIES)) for _ in range(1 + r.randrange(4))})
    first = r.randrange(2019 * 12, 2024 * 12)
    rows = [["month", *columns]]
    for number in range(first, first + 1 + r.randrange(18)):
        cells = [_good_cell(r, name) if r.random() < 0.9 else "" for name in columns]
        rows.append([f"{number // 12}-{number % 12 + 1:02d}", *cells])
    return rows


def _good_cell(r: Random, name: str) -> str:
    if name == "people_per_boat":
        return f"{20 + 40 * r.random():.1f}"
    if name == "prevented_share":
        return f"{r.random():.2f}"
    if name == "days_with_arrivals":
        return str(r.randrange(29))
    least = {"channel_arrivals": 500, "channel_boats": 10, "wb_detections": 1000}.get(name, 0)
    return str(least + r.randrange(1 + 3 * least or 500))


def _shuffled(r: Random, rows: list[list[str]]) -> None:
    """Do one thing to a good table that makes it a bad one."""
    at, kind = r.randrange(len(rows)), r.randrange(9)
    row = rows[at]
    if kind <= 2 and row:
        row[r.randrange(len(row))] = r.choice(ODD_CELLS)
    elif kind == 3 and row:
        place = r.randrange(len(row))
        row[place] = near_miss(r, row[place])
    elif kind == 4:
        rows.insert(r.randrange(len(rows)), list(row))
    elif kind == 5 and len(rows) > 1:
        del rows[at]
    elif kind == 6:
        row.append(r.choice(("", "1", "x")))
    elif kind == 7 and row:
        del row[-1]
    else:
        rows.insert(at, r.choice(([], [""], ["# a remark"], ["#", "x"], [",,,"])))


def _written(r: Random, rows: list[list[str]]) -> bytes:
    mark = "," if r.random() < 0.9 else r.choice((";", "\t", ", ", "|"))
    end = "\n" if r.random() < 0.8 else r.choice(("\r\n", "\r", "\n\n", "\x85", "\u2028", "\x0b"))
    quote = '"' if r.random() < 0.1 else ""
    text = end.join(mark.join(f"{quote}{cell}{quote}" for cell in row) for row in rows)
    if r.random() < 0.85:
        return text.encode("utf-8", "replace")
    code = r.choice(("utf-8-sig", "utf-16", "utf-32", "utf-16-le", "cp1252", "latin-1", "cp037"))
    return text.encode(code, "replace")


def csv_case(r: Random) -> tuple[str, bytes]:
    """A CSV file of months with up to three things wrong."""
    rows = _good_rows(r)
    for _ in range(r.choice((0, 1, 1, 1, 2, 3))):
        _shuffled(r, rows)
    content = _written(r, rows)
    return "csv", spoilt(r, content, 3) if r.random() < 0.2 else content


# -- workbooks ------------------------------------------------------------------------------------


@cache
def _workbooks() -> tuple[tuple[str, dict[str, bytes]], ...]:
    """Good workbooks as their members, by ending."""
    sheets = small_boats("2018-03")
    workbooks = []
    for ending, data in (("ods", ods(sheets)), ("xlsx", xlsx(sheets))):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            workbooks.append((ending, {name: archive.read(name) for name in archive.namelist()}))
    return tuple(workbooks)


@cache
def _archives() -> tuple[bytes, ...]:
    return tuple(zipped(members) for _, members in _workbooks())


#: what is written over a value in the XML of a workbook
_IN_XML = (
    "", "-1", "1e999", "nan", "x", "[x]", "2021-02-30", "0001-01-01", "9999-12-31T00:00:00",
    "99999999999", "1.5", "&lt;script&gt;", "&amp;", "true", "\u202e", "١٢", "31/01/2021",
    "1 January 2021", "44197", "Date",
)  # fmt: skip


def _changed_xml(r: Random, data: bytes) -> bytes:
    text = data.decode("utf-8", "replace")
    for _ in range(1 + r.randrange(3)):
        places = [m.span(1) for m in re.finditer(r'="([^"<>]*)"|(?<=>)([^<>]+)(?=<)', text) if m[1]]
        if not places:
            break
        start, end = r.choice(places)
        kind = r.randrange(4)
        if kind == 0:
            text = text[:start] + near_miss(r, text[start:end]).replace('"', "") + text[end:]
        elif kind == 1:
            row = text.find("row>", start)
            text = text[:start] + text[row + 4 if row > 0 else end :]
        else:
            text = text[:start] + r.choice(_IN_XML) + text[end:]
    return text.encode("utf-8")


def workbook_case(r: Random) -> tuple[str, bytes]:
    """The ending of a workbook and its bytes, with something changed inside or outside."""
    number = 0 if r.random() < 0.7 else 1
    if r.random() < 0.4:
        ending, data = ("ods", "xlsx")[number], spoilt(r, _archives()[number], 4)
        return r.choice((ending, ending, "csv", "xls")), data
    ending, good = _workbooks()[number]
    members = dict(good)
    sheets = [name for name in members if re.search(r"content\.xml|sheets?\d*\.xml|strings", name)]
    name = r.choice((*sheets, *sheets, *members))
    kind = r.randrange(8)
    if kind < 5:
        members[name] = _changed_xml(r, members[name])
    elif kind == 5:
        members[name] = spoilt(r, members[name], 3)
    elif kind == 6:
        del members[name]
    else:
        members["../../escaped" if r.random() < 0.5 else "META-INF/manifest.xml"] = b"encryption"
    return ending, zipped(members)


def table_case(r: Random) -> tuple[str, str, bytes]:
    """The kind of a case, the ending of its file, and its bytes."""
    kinds = {"CSV": csv_case, "workbook": workbook_case}
    (kind,) = r.choices(list(kinds), (142, 58))
    return kind, *kinds[kind](r)
