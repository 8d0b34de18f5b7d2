"""Which tables are in use, those of the package or those of a user, and how old their figures are.

A user's tables lie in a folder of their own, with a manifest that names the set in use. A set is
never changed once it is written: an update writes another one. A process, and every process that
it starts, reads one set from beginning to end, whatever is updated meanwhile.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, TypedDict

from simulation.corridor.tables import DATA, read_table
from simulation.errors import InputError
from simulation.safe_json import read_json

#: variable that names the folder of a user's tables
ENVIRONMENT = "CROSSINGS_DATA"
#: variable by which a process hands the set it reads to those that it starts
PINNED = "CROSSINGS_DATA_PINNED"
MANIFEST = "manifest.json"
#: tables that an update can change; all others are always those of the package
UPDATED = (
    "arrivals_by_origin_yearly.csv", "channel_monthly.csv", "entries_monthly.csv",
    "frontex_monthly.csv", "futures.toml", "observed_yearly.csv", "prevented_monthly.csv",
    "vintages.csv",
)  # fmt: skip
_SEPARATOR = "|"
_LETTERS = 16
_WRITE_AGAIN = "crossings data update (without a file), which writes it again"


@dataclass(frozen=True)
class InUse:
    """A set of tables.

    Attributes:
        folder: Where the tables that can be updated lie.
        files: Table to the SHA-256 it must have; empty for the package's own.
    """

    folder: Path
    files: Mapping[str, str]

    @property
    def users(self) -> bool:
        """Whether they are a user's."""
        return bool(self.files)

    def file(self, name: str) -> Path:
        """Where a table lies.

        Raises:
            InputError: A user's table is missing or is not as it was written.
        """
        if name not in self.files:
            return DATA / name
        path = self.folder / name
        if _sha256(path) != self.files[name]:
            raise InputError(
                "a table of yours has changed since it was written", file=path, allowed=_WRITE_AGAIN
            )
        return path

    def hash(self) -> str:
        """Hash of the tables that can be updated, whatever ends their lines."""
        digest = hashlib.sha256()
        for name in UPDATED:
            content = self.file(name).read_bytes().replace(b"\r\n", b"\n")
            digest.update(name.encode() + b"\0" + content + b"\0")
        return digest.hexdigest()[:_LETTERS]


class UpdateEntry(TypedDict):
    """An update in the manifest: what it was read from, and where its figures lie."""

    files: list[dict[str, object]]
    figures: str
    sha256: str


class TablesEntry(TypedDict):
    """The set in use in the manifest: its folder, and the SHA-256 of each table."""

    folder: str
    files: dict[str, str]


class Manifest(TypedDict, total=False):
    """The manifest of a user's folder; `base` is the hash of the package's own tables."""

    base: str
    written: str
    updates: list[UpdateEntry]
    tables: TablesEntry


def _sha256(table: Path) -> str:
    """Checksum of one of a user's tables."""
    try:
        return hashlib.sha256(table.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(
            f"a table of yours cannot be read ({error.strerror or error})",
            file=table,
            allowed=_WRITE_AGAIN,
        ) from None


def shipped() -> InUse:
    """The package's own tables."""
    return InUse(DATA, {})


def user_folder() -> Path:
    """The folder of a user's tables: that of the variable, or the system's place for data."""
    named = os.environ.get(ENVIRONMENT, "").strip()
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("crossings", appauthor=False)


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a user's folder; None if there is none.

    Raises:
        InputError: It cannot be used.
    """
    file = folder / MANIFEST
    if not os.path.lexists(file):
        return None
    content: Manifest = read_json(file)
    return content


def read_in_use(folder: Path) -> InUse:
    """The set of tables that a user's folder says is in use.

    Raises:
        InputError: The manifest cannot be used, or belongs to other tables of the package.
    """
    manifest = read_manifest(folder)
    if manifest is None or not manifest["updates"]:
        return shipped()
    if manifest["base"] != shipped().hash():
        raise InputError(
            "your figures were added to the tables of another version of crossings",
            file=folder / MANIFEST,
            allowed="crossings data update (without a file), which adds them to those of this one",
        )
    tables = manifest["tables"]
    return InUse(folder / tables["folder"], tables["files"])


@cache
def in_use() -> InUse:
    """The tables that this process reads: located once, and passed to the processes it starts.

    Raises:
        InputError: A user's tables cannot be used.
    """
    folder = user_folder()
    where, _, name = os.environ.get(PINNED, "").rpartition(_SEPARATOR)
    if where == str(folder):
        if not name:
            return shipped()
        # a table that is gone must not be replaced by the package's own without a word
        return InUse(folder / name, {table: _sha256(folder / name / table) for table in UPDATED})
    tables = read_in_use(folder)
    os.environ[PINNED] = f"{folder}{_SEPARATOR}{tables.folder.name if tables.users else ''}"
    return tables


def forget() -> None:
    """Let this process find the tables in use anew."""
    os.environ.pop(PINNED, None)
    in_use.cache_clear()


@contextmanager
def only_shipped() -> Iterator[None]:
    """Read the package's own tables, whatever a user has; so do processes that are started."""
    before = os.environ.get(PINNED)
    in_use.cache_clear()
    os.environ[PINNED] = f"{user_folder()}{_SEPARATOR}"
    try:
        yield
    finally:
        forget()
        if before is not None:
            os.environ[PINNED] = before


def table_file(name: str, directory: Path | None = None) -> Path:
    """Where a table is read from.

    Args:
        name: Its file name.
        directory: Folder of all tables; those in use when None.

    Raises:
        InputError: A user's table cannot be used.
    """
    return in_use().file(name) if directory is None else Path(directory) / name


# -- how old the figures are ----------------------------------------------------------------------

VINTAGE_COLUMNS = ("table", "series", "first", "last", "published", "label", "source")
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


def load_vintages(tables: InUse | None = None) -> list[Vintage]:
    """The vintages of the tables in use, or of others."""
    file = (in_use() if tables is None else tables).file("vintages.csv")
    return [Vintage(**row.cells) for row in read_table(file, VINTAGE_COLUMNS)]


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
    last = {v.table: newest(vintages, v.table) for v in vintages}
    published = {
        table.removesuffix(".csv"): v.published for table, v in last.items() if v and v.published
    }
    return {
        "tables": "yours" if tables.users else "shipped",
        "hash": tables.hash(),
        "published": published,
    }


def data_line(entry: Mapping[str, Any]) -> str:
    """The content of `data_entry` in a line."""
    dates = sorted({str(value) for value in entry.get("published", {}).values()})
    whose = "your tables" if entry.get("tables") == "yours" else "shipped with crossings"
    span = f", published {dates[0]} to {dates[-1]}" if dates else ""
    return f"{whose}{span} (tables {entry.get('hash', '')})"
