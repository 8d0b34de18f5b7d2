"""How old the figures are: when each was published, and how far it can be trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from simulation.corridor.in_use import InUse, in_use
from simulation.corridor.tables import read_table
from simulation.errors import closest

COLUMNS = ("table", "series", "first", "last", "published", "label", "source")
#: how far figures can be trusted; `own` are a user's own counts
LABELS = ("official", "secondary", "press", "weak press", "derived", "assumption", "own")
PERIOD = re.compile(r"[12][0-9]{3}(-(0[1-9]|1[0-2]))?")
PUBLISHED = re.compile(r"2[0-9]{3}(-(0[1-9]|1[0-2])(-[0-3][0-9])?)?")


@dataclass(frozen=True)
class Vintage:
    """Figures of one publication.

    Attributes:
        table: File name of their table.
        series: Column or name of the series; empty for all of the table.
        first: First period, as "2023-01" or "2023".
        last: Last period.
        published: Date of the publication, as "2026-08-04" or "2026-08"; empty if not recorded.
        label: One of `LABELS`.
        source: Where they are from.
    """

    table: str
    series: str
    first: str
    last: str
    published: str
    label: str
    source: str


def read_vintages(file: Path) -> list[Vintage]:
    """Read and check a table of vintages.

    Raises:
        InputError: A period, a date or a label cannot be used.
    """
    found = []
    for row in read_table(file, COLUMNS):
        for column in ("first", "last"):
            if not PERIOD.fullmatch(row.text(column)):
                raise row.error(column, "not a period", allowed='such as "2023-01" or "2023"')
        published = row.text("published", required=False)
        if published and not _is_date(published):
            raise row.error("published", "not a date", allowed='such as "2026-08-04" or "2026-08"')
        if row.cells["label"] not in LABELS:
            raise row.error(
                "label",
                "unknown label",
                allowed=", ".join(LABELS),
                suggestion=closest(row.cells["label"], LABELS),
            )
        found.append(
            Vintage(
                row.text("table"),
                row.text("series", required=False),
                row.text("first"),
                row.text("last"),
                published,
                row.text("label"),
                row.text("source"),
            )
        )
    return found


def _is_date(published: str) -> bool:
    if not PUBLISHED.fullmatch(published):
        return False
    try:
        age_in_days(published, date.max)
    except ValueError:  # such as February 30
        return False
    return True


def load_vintages(tables: InUse | None = None) -> list[Vintage]:
    """The vintages of the tables in use, or of others."""
    tables = in_use() if tables is None else tables
    return read_vintages(tables.file("vintages.csv"))


def newest(vintages: Iterable[Vintage], table: str, series: str = "") -> Vintage | None:
    """The vintage of the last figures of a table, or of one of its series."""
    of = [v for v in vintages if v.table == table and series in ("", v.series)]
    return max(of, key=lambda v: (v.last, v.published), default=None)


def comparable(one: str, other: str) -> tuple[str, str]:
    """Two dates of publication, cut to the precision that both have, so that they compare."""
    length = min(len(one), len(other))
    return one[:length], other[:length]


def age_in_days(published: str, today: date) -> int | None:
    """Days since a publication; of one known by month since its first day. None if not known."""
    if len(published) < len("2026-08"):
        return None
    return (today - date.fromisoformat((published + "-01")[:10])).days


def data_entry() -> dict[str, object]:
    """The data a result rests on, as its manifest holds it."""
    tables = in_use()
    vintages = load_vintages(tables)
    published = {}
    for table in dict.fromkeys(vintage.table for vintage in vintages):
        last = newest(vintages, table)
        if last is not None and last.published:
            published[table.removesuffix(".csv")] = last.published
    return {
        "tables": "yours" if tables.users else "shipped",
        "hash": tables.hash(),
        "published": published,
    }


def data_line(entry: object) -> str:
    """What `data_entry` holds, in a line; empty for a result of an earlier version."""
    if not isinstance(entry, dict) or not isinstance(entry.get("published"), dict):
        return ""
    dates = sorted({str(value) for value in entry["published"].values()})
    whose = "your tables" if entry.get("tables") == "yours" else "shipped with crossings"
    span = f", published {dates[0]} to {dates[-1]}" if dates else ""
    return f"{whose}{span} (tables {entry.get('hash', '')})"
