"""A user's figures: taken in with their source, put in use, taken back, and what is in use."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, TypeAdapter

from simulation.corridor import (
    build_entries,
    load_futures,
)
from simulation.corridor.in_use import (
    LABELS,
    MANIFEST,
    PUBLISHED,
    UPDATED,
    InUse,
    Manifest,
    UpdateEntry,
    Vintage,
    age_in_days,
    comparable,
    forget,
    load_vintages,
    newest,
    read_in_use,
    read_manifest,
    shipped,
)
from simulation.corridor.tables import DATA
from simulation.data.reading import (
    CHANNEL,
    FRONTEX,
    ORIGINS,
    PREVENTED,
    YEARLY,
    FileReading,
    Key,
    bytes_of,
)
from simulation.data.recognise import ALLOWED, read_file
from simulation.data.tables import (
    ENTRIES,
    FUTURES,
    PERIODS,
    FigureChange,
    Tables,
    YearlyLine,
    changes_between,
    check_reading,
    read_texts,
)
from simulation.errors import InputError
from simulation.regular_files import renamed
from simulation.safe_json import read_json

_LETTERS = 12
_AS_WRITTEN = "the file as `crossings data update` wrote it"


class Source(BaseModel, frozen=True):
    """Figures of one file that a user has taken in; see `FileReading` for what is not said here.

    Attributes:
        file: Name of the file.
        sha256: Checksum of the file.
        published: When it was published.
        figures: Table, period, series and value of each.
    """

    file: str
    kind: str
    sha256: str
    published: str = Field(pattern=f"^({PUBLISHED.pattern})$")
    source: str
    whole: bool
    labels: Mapping[str, Literal[LABELS]]  # type: ignore[valid-type]
    figures: tuple[tuple[str, str, str, float], ...]


@dataclass(frozen=True)
class Prepared:
    """An update that is ready to be taken in.

    Attributes:
        readings: What was read from each file.
        changes: The figures that it adds or revises.
        sources: All that a user has taken in, with these files.
        texts: The tables as they will be.
        moved: Months in use for which another number of people would set out.
        added: Months for which the number of people who set out is projected now, and then known.
        before: The manifest on which it rests, as text; empty if there was none.
    """

    readings: tuple[FileReading, ...]
    changes: tuple[FigureChange, ...]
    sources: tuple[tuple[Source, ...], ...]
    texts: Mapping[str, str]
    moved: tuple[str, ...]
    added: tuple[str, ...]
    before: str


def prepare(folder: Path, files: Sequence[Path], published: date | None, today: date) -> Prepared:
    """Read and check files, and find what they would change; nothing is written.

    Args:
        folder: The folder of a user's tables.
        files: The files; none to add what was taken in before to the tables of this version.
        published: When they were published, where a user says so.
        today: The day.

    Raises:
        InputError: A file cannot be taken in; it says where and why.
    """
    before, updates = _read_updates(folder)
    try:
        in_use = read_texts(read_in_use(folder))
    except InputError:
        in_use = read_texts(shipped())
    by_digest = {source.sha256: source for update in updates for source in update}
    tables = _assemble(updates)
    old = tables
    readings: list[FileReading] = []
    new: list[Source] = []
    if not files and not updates:
        raise InputError("no figures of yours to add again", file=folder, key="FILE")
    for file in files:
        data = bytes_of(file, ALLOWED)
        digest = hashlib.sha256(data).hexdigest()
        if digest in by_digest:
            problem, allowed = "already taken in, byte for byte", by_digest[digest].file
            refuse = partial(InputError, file=file, allowed=f"another file than {allowed}")
            raise refuse(problem, key="SHA-256", value=digest[:_LETTERS])
        reading = read_file(file, data, published)
        when = _published(reading, published, today)
        check_reading(reading, tables, when)
        source = Source(
            file=file.name, kind=reading.kind, sha256=digest, published=when, source=reading.source,
            whole=reading.whole, labels=reading.labels,
            figures=tuple((*key, value) for key, value in reading.figures.items()),
        )  # fmt: skip
        by_digest[digest] = source
        new.append(source)
        readings.append(reading)
        tables = _assemble([*updates, tuple(new)])
    sources = (*updates, tuple(new)) if new else tuple(updates)
    texts = _with_entries(tables.texts())
    changes = tuple(changes_between(old if files else Tables(in_use), tables))
    moved = _moved(in_use[ENTRIES], texts[ENTRIES])
    return Prepared(tuple(readings), changes, sources, texts, *moved, before)


def take_in(folder: Path, prepared: Prepared) -> InUse:
    """Put prepared tables in use.

    Raises:
        InputError: The folder cannot be written to, or was changed meanwhile.
    """
    return _write(folder, prepared.sources, prepared.texts, prepared.before)


def undo(folder: Path) -> tuple[Source, ...]:
    """Take back the last update.

    Returns:
        What was taken back.

    Raises:
        InputError: There is none, or the folder cannot be written to.
    """
    before, updates = _read_updates(folder)
    if not updates:
        raise InputError("no update to take back", file=folder)
    left = updates[:-1]
    _write(folder, left, _with_entries(_assemble(left).texts()), before)
    return updates[-1]


def _published(reading: FileReading, given: date | None, today: date) -> str:
    """When a file was published, as "2026-08-04"; a user's own count is of the day."""
    refuse = partial(InputError, file=reading.file, key="--published")
    day = given or reading.modified or (None if reading.whole else today)
    if day is None:
        allowed = "the day of the publication or the download, such as 2026-08-04"
        raise refuse("the file does not say when it was published", allowed=allowed)
    if day > today:
        raise refuse("published in the future", value=f"{day}", allowed=f"a day up to {today}")
    return f"{day}"


def _read_updates(folder: Path) -> tuple[str, list[tuple[Source, ...]]]:
    """The manifest as text, and the sources of each update."""
    manifest = read_manifest(folder)
    if manifest is None:
        return "", []
    before = (folder / MANIFEST).read_text(encoding="utf-8")
    return before, [_read_update(folder, update) for update in manifest["updates"]]


def _read_update(folder: Path, update: UpdateEntry) -> tuple[Source, ...]:
    """The figures of one update."""
    file = folder / update["figures"]
    content = read_json(file)
    if hashlib.sha256(file.read_bytes()).hexdigest() != update["sha256"]:
        raise InputError("has changed since it was written", file=file, allowed=_AS_WRITTEN)
    return TypeAdapter(tuple[Source, ...]).validate_python(content)


def _assemble(updates: Sequence[Sequence[Source]]) -> Tables:
    """The package's tables with a user's figures over them, the later ones over the earlier."""
    tables = Tables(read_texts(shipped()))
    own = list(tables.vintages)
    for source in (source for update in updates for source in update):
        where = f"{source.source}, published {source.published}"
        changed: list[Key] = []
        used: set[Key] = set()
        for *names, value in source.figures:
            key = Key(*names)
            theirs = newest(own, key.table, key.series if key.table == YEARLY else "")
            if source.whole and theirs is not None and key.period <= theirs.last:
                mine, other = comparable(source.published, theirs.published)
                if theirs.published and mine < other:
                    continue  # this version of the package has later figures
            used.add(key)
            label = source.labels.get(key.series, "derived")
            if tables.put(key, value, YearlyLine(label, where)):
                changed.append(key)
        label = "official" if source.whole else "own"
        used |= set(tables.add_years(changed, YearlyLine(label, where)))
        _add_vintages(tables, source, used)
    return tables


def _add_vintages(tables: Tables, source: Source, used: set[Key]) -> None:
    where = f"{source.source}; file {source.file}"
    groups: dict[tuple[str, str], list[str]] = {}
    for key in used:
        series = "" if source.whole and key.table in PERIODS else key.series
        groups.setdefault((key.table, series), []).append(key.period)
    for (table, series), periods in sorted(groups.items()):
        names = {key.series for key in used if key.table == table}
        # a table as a whole has the label of the series that its file names first
        one = series or next((name for name in source.labels if name in names), "")
        of, label = (min(periods), max(periods)), source.labels.get(one, "derived")
        tables.add_vintage(Vintage(table, series, *of, source.published, label, where))
    months = [key.period for key in used if key.table == FRONTEX]
    for old in [v for v in tables.vintages if v.table == ENTRIES and months]:
        first = max(old.first, min(months))
        last = max(months) if old.series != "balkan" else old.last
        if min(months) <= last:
            published = source.published
            tables.add_vintage(
                replace(old, first=first, last=last, published=published, source=where)
            )


def _with_entries(texts: Mapping[str, str]) -> dict[str, str]:
    """The tables with what follows from detections: entries, and the models of what comes after."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / FRONTEX
        file.write_text(texts[FRONTEX], encoding="utf-8", newline="\n")
        entries = build_entries.build(DATA, file)
        if texts[FRONTEX] == (DATA / FRONTEX).read_text(encoding="utf-8"):
            futures = (DATA / FUTURES).read_text(encoding="utf-8")
        else:
            from simulation.corridor import build_futures  # which takes seconds to load

            (folder / ENTRIES).write_text(entries, encoding="utf-8", newline="\n")
            futures = build_futures.brought_forward_to(load_futures(DATA), folder).as_toml()
    return {**texts, ENTRIES: entries, FUTURES: futures}


def _moved(old: str, new: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The months of entries that are there before and after and not the same, and the new ones."""
    before, after = (
        {tuple(line.split(",")[:2]): line for line in text.splitlines()[1:]} for text in (old, new)
    )
    changed = {key[1] for key, line in before.items() if after.get(key, line) != line}
    added = {key[1] for key in after.keys() - before.keys()}
    return tuple(sorted(changed)), tuple(sorted(added))


def _write(
    folder: Path, sources: Sequence[Sequence[Source]], texts: Mapping[str, str], before: str
) -> InUse:
    """Write a set of tables beside the others, and then the manifest that names it."""
    when = datetime.now(UTC).replace(microsecond=0).isoformat()
    contents = {name: texts[name].encode() for name in UPDATED}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    name = "tables-" + hashlib.sha256("".join(digests.values()).encode()).hexdigest()[:_LETTERS]
    updates = [_update_of(update) for update in sources]
    manifest: Manifest = {
        "base": shipped().hash(),
        "written": when,
        "updates": [entry for entry, _ in updates],
        "tables": {"folder": name, "files": digests},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for entry, data in updates:
            _write_file(folder / entry["figures"], data)
        (folder / name).mkdir(exist_ok=True)
        for part, data in contents.items():
            _write_file(folder / name / part, data)
        file = folder / MANIFEST
        written = file.read_text(encoding="utf-8") if file.exists() else ""
        if written != before:
            problem = "changed by another process meanwhile"
            raise InputError(problem, file=file, allowed="the same command again")
        _write_file(file, (json.dumps(manifest, indent=1, ensure_ascii=False) + "\n").encode())
    except OSError as error:
        refuse = partial(InputError, file=folder, key="--data", allowed="a folder you may write to")
        raise refuse(f"cannot be written ({error.strerror or error})") from None
    forget()
    return read_in_use(folder)


def _update_of(update: Sequence[Source]) -> tuple[UpdateEntry, bytes]:
    """The entry of an update in the manifest, and the content of the file of its figures."""
    content = [source.model_dump() for source in update]
    data = json.dumps(content, ensure_ascii=False).encode()
    digest = hashlib.sha256(data).hexdigest()
    files = [{k: v for k, v in one.items() if k not in ("figures", "labels")} for one in content]
    figures = f"update-{digest[:_LETTERS]}.json"
    return {"files": files, "figures": figures, "sha256": digest}, data


def _write_file(file: Path, data: bytes) -> None:
    """Write a file whole or not at all, and onto the disk before it gets its name."""
    with renamed(file) as scrap, scrap.open("wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())


# -- what is in use -------------------------------------------------------------------------------

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
    """One kind of figures in use, its last ones as in their `Vintage`.

    Attributes:
        what: What it is, in words.
        first: Its first period.
        age_days: Days since the last figures were published; None if it is not known.
        yours: Whether the last figures are a user's.
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
    files: tuple[tuple[dict[str, object], ...], ...]
    hash: str


def status(folder: Path, today: date) -> DataStatus:
    """The tables in use with a folder of a user's tables.

    Args:
        folder: The folder, whether or not it exists.
        today: The day, from which ages are counted.

    Raises:
        InputError: The folder's tables cannot be used.
    """
    tables = read_in_use(folder)
    manifest = read_manifest(folder)
    updates = [] if manifest is None else manifest["updates"]
    files = tuple(tuple(update["files"]) for update in updates)
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
