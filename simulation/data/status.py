"""The figures in use: last month, age, reliability and source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from simulation.corridor.in_use import (
    age_in_days,
    load_vintages,
    newest,
    read_in_use,
    read_manifest,
    shipped,
)
from simulation.data.reading import CHANNEL, FRONTEX, ORIGINS, PREVENTED, YEARLY
from simulation.data.tables import ENTRIES

#: table, series and its name for a reader; of series that are published together one is listed
_NAMES: tuple[tuple[str, str, str], ...] = (
    (CHANNEL, "", "Small-boat arrivals and boats, by month"),
    (PREVENTED, "", "Share of attempts prevented, by month"),
    (YEARLY, "channel_prevented", "People prevented, by year"),
    (ORIGINS, "", "Small-boat arrivals by origin, by year"),
    (YEARLY, "irregular_air", "Arrivals by method of entry, by year"),
    (YEARLY, "channel_deaths", "Deaths in the Channel, by year"),
    (YEARLY, "corridor_deaths", "Deaths in the Western Balkans, by year"),
    (FRONTEX, "", "Detections at the borders of the EU, by month"),
    ("entry_anchors.csv", "", "People who enter the Balkan route, by year"),
    (ENTRIES, "balkan", "People who enter the Balkan route, by month"),
    (ENTRIES, "air", "Indicators of the other routes, by month"),
    ("origin_mix.csv", "balkan", "Origins on the Balkan route, by year"),
    ("origin_mix.csv", "air", "Origins on the other routes, by year"),
)


@dataclass(frozen=True)
class SeriesStatus:
    """One kind of figures in use.

    Attributes:
        what: What it is, in words.
        table: File name of its table.
        first: Its first period.
        last: Its last period.
        published: When the last figures were published; empty if it was not recorded.
        age_days: Days since then; None if it is not known.
        label: How far the last figures can be trusted.
        yours: Whether the last figures are a user's.
        source: Where the last figures are from.
    """

    what: str
    table: str
    first: str
    last: str
    published: str
    age_days: int | None
    label: str
    yours: bool
    source: str


@dataclass(frozen=True)
class DataStatus:
    """All that is in use.

    Attributes:
        folder: The folder of a user's tables, whether or not there is one.
        rows: What is in use.
        files: The files that a user has taken in, each update a list, the first one first.
        hash: Hash of the tables.
    """

    folder: Path
    rows: tuple[SeriesStatus, ...]
    files: tuple[tuple[dict[str, Any], ...], ...]
    hash: str


def status(folder: Path, today: date) -> DataStatus:
    """What is in use with a folder of a user's tables.

    Args:
        folder: The folder, whether or not it exists.
        today: The day, from which ages are counted.

    Raises:
        InputError: The folder's tables cannot be used.
    """
    tables = read_in_use(folder)
    manifest = read_manifest(folder)
    updates = [] if manifest is None else manifest["updates"]
    files = tuple(
        tuple(dict(one) for one in update.get("files", ()) if isinstance(one, dict))
        for update in updates
    )
    vintages, own = load_vintages(tables), load_vintages(shipped())
    rows = []
    for table, series, what in _NAMES:
        last = newest(vintages, table, series)
        if last is not None:
            first = min(v.first for v in vintages if v.table == table and series in ("", v.series))
            age, yours = age_in_days(last.published, today), last not in own
            held = what, table, first, last.last, last.published, age
            rows.append(SeriesStatus(*held, last.label, yours, last.source))
    return DataStatus(folder, tuple(rows), files, tables.hash())
