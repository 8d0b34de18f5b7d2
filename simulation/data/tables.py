"""The tables that an update can change: read, changed and written as cells of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from simulation.corridor.in_use import VINTAGE_COLUMNS, InUse, Vintage
from simulation.corridor.observed import CHANNEL_SERIES, FRONTEX_SERIES
from simulation.data.reading import CHANNEL, FRONTEX, ORIGINS, PREVENTED, YEARLY, Key
from simulation.timeseries.months import MONTHS_OF_YEAR, month_at, number_of

ENTRIES = "entries_monthly.csv"
FUTURES = "futures.toml"
VINTAGES = "vintages.csv"
#: tables of one line for each period, and the column that names it
PERIODS = {CHANNEL: "month", PREVENTED: "month", FRONTEX: "month", ORIGINS: "year"}
#: decimals of what is no count
DECIMALS = {"people_per_boat": 2, "prevented_share": 3, "share_top_tenth": 3}
#: how many units of their last decimal two figures may lie apart and be the same figure
_ROUNDED = 1.01


@dataclass(frozen=True)
class FigureChange:
    """One figure that an update adds or revises.

    Attributes:
        key: Which figure.
        old: Its text until now; empty if there was none.
        new: Its text from now on.
    """

    key: Key
    old: str
    new: str

    @property
    def revised(self) -> bool:
        """Whether there was another figure before."""
        return bool(self.old)


@dataclass(frozen=True)
class YearlyLine:
    """A line of the table of years: its label and source go with its value."""

    label: str
    source: str


class Tables:
    """The figures of all tables that can be changed.

    Args:
        texts: Table to its text.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._columns: dict[str, list[str]] = {}
        self.cells: dict[Key, str] = {}
        self._lines: dict[tuple[str, str], YearlyLine] = {}
        for table, period in PERIODS.items():
            header, *rows = csv.reader(io.StringIO(texts[table]))
            self._columns[table] = header[1:]
            assert header[0] == period
            for row in rows:
                for name, text in zip(header[1:], row[1:], strict=True):
                    self.cells[Key(table, row[0], name)] = text
        for year in csv.DictReader(io.StringIO(texts[YEARLY])):
            self.cells[Key(YEARLY, year["year"], year["series"])] = year["value"]
            self._lines[year["series"], year["year"]] = YearlyLine(year["label"], year["source"])
        self.vintages = [
            Vintage(*(row[name] for name in VINTAGE_COLUMNS))
            for row in csv.DictReader(io.StringIO(texts[VINTAGES]))
        ]

    def value(self, key: Key) -> float | None:
        """A figure; None where it is not known."""
        text = self.cells.get(key, "")
        return float(text) if text else None

    def put(self, key: Key, value: float, line: YearlyLine | None = None) -> bool:
        """Change a figure.

        Args:
            key: Which figure.
            value: Its value.
            line: Label and source, which only the table of years holds.

        Returns:
            Whether it differs from the figure before by more than rounding.
        """
        text = text_of(key.series, value)
        old = self.cells.get(key, "")
        # a ratio that was rounded the other way is no revision
        apart = _ROUNDED * 10 ** -DECIMALS[key.series] if key.series in DECIMALS else 0.0
        if old and abs(float(old) - float(text)) <= apart:
            return False
        self.cells[key] = text
        if key.table == YEARLY and line is not None:
            self._lines[key.series, key.period] = line
        return True

    def periods(self, table: str) -> list[str]:
        """The periods of a table, in order."""
        return sorted({key.period for key in self.cells if key.table == table})

    def columns(self, table: str) -> list[str]:
        """The series of a table of one line for each period."""
        return list(self._columns[table])

    def add_years(self, changed: Iterable[Key], line: YearlyLine) -> list[Key]:
        """Add up the whole years of which a month has changed, and what follows from them.

        Args:
            changed: The figures that have changed.
            line: Label and source of the sums.

        Returns:
            The figures of years that have changed too.
        """
        found: list[Key] = []
        touched = {(key.table, key.period[:4]) for key in changed}

        def put(year: str, name: str, value: float, label: str = "") -> None:
            key = Key(YEARLY, year, name)
            if self.put(key, value, YearlyLine(label or line.label, line.source)):
                found.append(key)

        for table, year in sorted(touched):
            if table not in (CHANNEL, FRONTEX):
                continue
            months = [f"{year}-{month:02d}" for month in range(1, MONTHS_OF_YEAR + 1)]
            of: dict[str, list[float]] = {}
            for name in CHANNEL_SERIES if table == CHANNEL else FRONTEX_SERIES:
                values = [self.value(Key(table, month, name)) for month in months]
                known = [value for value in values if value is not None]
                if len(known) < MONTHS_OF_YEAR:
                    continue
                of[name] = known
                if name != "people_per_boat":
                    put(year, name, max(known) if name == "busiest_day" else sum(known))
            if sum(of.get("channel_boats", [])) > 0 and "channel_arrivals" in of:
                boats = sum(of["channel_boats"])
                put(year, "people_per_boat", sum(of["channel_arrivals"]) / boats)
        years = {key.period for key in (*changed, *found) if key.table == YEARLY}
        for year in sorted(years):
            names = ("channel_arrivals", "channel_prevented")
            arrived, stopped = (self.value(Key(YEARLY, year, name)) for name in names)
            if arrived is not None and stopped is not None and arrived + stopped > 0:
                put(year, "channel_attempts", arrived + stopped, "derived")
                put(year, "prevented_share", stopped / (arrived + stopped), "derived")
        return found

    def add_vintage(self, new: Vintage) -> None:
        """Add a vintage, which replaces those of the same table and series in its periods."""
        left: list[Vintage] = []
        for old in self.vintages:
            same = old.table == new.table and new.series in ("", old.series)
            if not same or old.last < new.first or old.first > new.last:
                left.append(old)
                continue
            if old.first < new.first:
                left.append(replace(old, last=_step(new.first, -1)))
            if old.last > new.last:
                left.append(replace(old, first=_step(new.last, 1)))
        self.vintages = [*left, new]

    def texts(self) -> dict[str, str]:
        """Table to its text, without entries and futures, which are built from the others."""
        found = {}
        for table, period in PERIODS.items():
            rows = [[period, *self._columns[table]]]
            for one in self.periods(table):
                cells = [self.cells.get(Key(table, one, c), "") for c in self._columns[table]]
                rows.append([one, *cells])
            found[table] = _text(rows)
        yearly = [["series", "year", "value", "label", "source"]]
        for (name, year), line in self._lines.items():
            value = self.cells[Key(YEARLY, year, name)]
            yearly.append([name, year, value, line.label, line.source])
        found[YEARLY] = _text(yearly)
        vintages = [[getattr(one, name) for name in VINTAGE_COLUMNS] for one in self.vintages]
        found[VINTAGES] = _text([list(VINTAGE_COLUMNS), *vintages])
        return found


def read_texts(tables: InUse) -> dict[str, str]:
    """The texts of a set of tables.

    Raises:
        InputError: A user's table cannot be used.
    """
    names = (*PERIODS, YEARLY, ENTRIES, FUTURES, VINTAGES)
    return {name: tables.file(name).read_text(encoding="utf-8") for name in names}


def changes_between(old: Tables, new: Tables) -> list[FigureChange]:
    """The figures that differ, by table, period and series."""
    return [
        FigureChange(key, old.cells.get(key, ""), text)
        for key, text in sorted(new.cells.items())
        if text and text != old.cells.get(key, "")
    ]


def text_of(series: str, value: float) -> str:
    """A figure as the tables hold it."""
    text = f"{value:.{DECIMALS.get(series, 0)}f}"
    short = series in DECIMALS and series != "prevented_share"
    return f"{float(text):g}" if short else text


def _step(period: str, by: int) -> str:
    """The period a number of periods after one; before it where the number is negative."""
    if len(period) == len("2023"):
        return f"{int(period) + by}"
    return month_at(number_of(period) + by)


def _text(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def next_period(period: str) -> str:
    """The period after one."""
    return _step(period, 1)
