"""A result folder read back as arrays for the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.engine.arrow_columns import array_of, codes_of
from simulation.engine.findings import RunFindings
from simulation.engine.result_folder import (
    RunManifest,
    read_findings,
    read_manifest,
)
from simulation.errors import InputError

_MONTH = np.timedelta64(1, "M")


@dataclass(frozen=True)
class Monthly:
    """A quantity by calendar month.

    Attributes:
        months: (months,) datetime64[M].
        values: (replications, months) float.
        whole: (months,) bool, False where the run covers only a part of the month.
    """

    months: np.ndarray
    values: np.ndarray
    whole: np.ndarray

    @property
    def labels(self) -> list[str]:
        """Months as `2023-01`."""
        return [str(month) for month in self.months]

    @property
    def drawn(self) -> np.ndarray:
        """Values without parts of months, which a line would show as a fall.

        (replications, months); a run without any whole month keeps its parts.
        """
        return np.where(self.whole | ~self.whole.any(), self.values, np.nan)


@dataclass(frozen=True)
class RunData:
    """The data of a run that its figures draw.

    Attributes:
        manifest: Content of `manifest.json`.
        findings: Content of `summary.json`.
        scenario: Text of `scenario.toml`.
        dates: (days,) datetime64[D].
        daily: Outcome -> (replications, days) float, NaN where undefined.
        legs: Leg id -> its mean a day over days and replications: departures, stops, arrivals.
        places: Place id -> (replications, days) people present.
        chain: Link -> authority, or nothing where it belongs to none -> (days,) count, mean over
            replications.
    """

    manifest: RunManifest
    findings: RunFindings
    scenario: str
    dates: np.ndarray
    daily: dict[str, np.ndarray]
    legs: dict[str, list[float]]
    places: dict[str, np.ndarray]
    chain: dict[str, dict[str, np.ndarray]]

    @property
    def first(self) -> date:
        """First day counted."""
        return date.fromisoformat(self.manifest.start)

    @property
    def last(self) -> date:
        """Last day counted."""
        return date.fromisoformat(self.manifest.end)

    def monthly(self, outcome: str) -> Monthly:
        """Sum of a daily flow by calendar month."""
        months, inverse = np.unique(self.dates.astype("datetime64[M]"), return_inverse=True)
        series = np.nan_to_num(self.daily[outcome])
        values = sums_of_days(inverse, series, len(months))
        begins, ends = (month.astype("datetime64[D]") for month in (months, months + _MONTH))
        return Monthly(months, values, np.bincount(inverse) == (ends - begins).astype(int))


def sums_of_days(index: np.ndarray, values: np.ndarray, count: int) -> np.ndarray:
    """Sums of (replications, days) values over the days of each of so many periods."""
    return np.stack([np.bincount(index, row, count) for row in values])


def periods_of(findings: RunFindings) -> tuple[dict[str, tuple[date, date]], list[str]]:
    """The periods of a run, and those that a table of it has columns for.

    Returns:
        First and last day of each period by its name; the names of the calendar years, with the
        whole run behind them where there are several.
    """
    windows = {name: window.days for name, window in findings.periods.items()}
    columns = [name for name in windows if name != "run"]
    if len(columns) > 1:
        columns.append("run")
    return windows, columns


def read_run(folder: Path) -> RunData:
    """Read the joined tables and `summary.json` of a result folder.

    Raises:
        InputError: A file is missing or damaged.
    """
    try:
        return _read(folder)
    except (OSError, ValueError, pa.ArrowException) as error:
        words = " ".join(str(error).split())
        raise InputError(f"cannot be read as a run ({words})", file=folder) from error


def _read(folder: Path) -> RunData:
    manifest = read_manifest(folder)
    if not isinstance(manifest, RunManifest):
        raise ValueError("its manifest is of an experiment")
    start, end = np.datetime64(manifest.start, "D"), np.datetime64(manifest.end, "D")
    dates = np.arange(start, end + np.timedelta64(1, "D"))
    legs = _means(folder / "legs.parquet", "leg", ("departures", "stops", "arrivals"), dates)
    places = _by_replication(folder / "places.parquet", "place", "present", dates)
    daily = _by_replication(folder / "daily.parquet", "outcome", "value", dates, np.nan)
    return RunData(
        manifest=manifest,
        findings=read_findings(folder, RunFindings),
        scenario=(folder / "scenario.toml").read_text(encoding="utf-8"),
        dates=dates,
        daily=daily,
        legs={leg: [float(days.mean()) for days in values] for leg, values in legs.items()},
        places=places,
        chain=_chain(folder / "chain.parquet", dates),
    )


def _grids(
    path: Path, keys: Sequence[str], columns: Sequence[str], dates: np.ndarray, missing: float = 0.0
) -> Iterator[tuple[list[list[str]], np.ndarray]]:
    """For each replication the words of each key, and a grid (columns, *words, days)."""
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            coded = [codes_of(table[key]) for key in keys]
            words = [vocabulary for _, vocabulary in coded]
            days = array_of(table["date"]) - dates[0].astype(int)
            at = (*(codes for codes, _ in coded), days)
            grid = np.full((len(columns), *map(len, words), len(dates)), missing)
            for number, column in enumerate(columns):
                grid[(number, *at)] = array_of(table[column])
            yield words, grid


def _by_replication(
    path: Path, key: str, column: str, dates: np.ndarray, missing: float = 0.0
) -> dict[str, np.ndarray]:
    """Identifier -> (replications, days) of a column."""
    grids = list(_grids(path, [key], [column], dates, missing))
    names = dict.fromkeys(name for (words,), _ in grids for name in words)
    return {
        name: np.stack([grid[words.index(name)] for (words,), (grid,) in grids]) for name in names
    }


def _means(
    path: Path, key: str, columns: Sequence[str], dates: np.ndarray
) -> dict[str, np.ndarray]:
    """Identifier -> (columns, days) means over replications."""
    sums: dict[str, np.ndarray] = {}
    for (names,), grid in _grids(path, [key], columns, dates):
        for index, name in enumerate(names):
            sums[name] = sums.get(name, 0.0) + grid[:, index]
    count = pq.read_metadata(path).num_row_groups
    return {name: total / count for name, total in sums.items()}


def _chain(path: Path, dates: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Link -> authority -> (days,) mean over replications; what is always zero is left out."""
    chain: dict[str, dict[str, np.ndarray]] = {}
    count = pq.read_metadata(path).num_row_groups
    for (links, authorities), (grid,) in _grids(path, ["link", "authority"], ["value"], dates):
        for row, column in np.argwhere(grid.any(axis=2)).tolist():
            series = chain.setdefault(links[row], {})
            total = series.setdefault(authorities[column], np.zeros(len(dates)))
            total += grid[row, column] / count
    return chain
