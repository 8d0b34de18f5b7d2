"""What the baseline is held to, and how far a set of runs is from it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from simulation.outcomes import RunRecord

_FILE = Path(__file__).with_name("targets.toml")


@dataclass(frozen=True)
class Target:
    """A figure of one year and the band its mean over seeds must lie in.

    Attributes:
        name: What is measured (`MEASURES`).
        year: Calendar year.
        low: Lower end of the band.
        high: Upper end of the band.
        observed: What was observed, if it is known.
    """

    name: str
    year: int
    low: float
    high: float
    observed: float | None = None

    @property
    def aim(self) -> float:
        """Where a fit should aim: what was observed if it is known, else the middle."""
        return self.observed if self.observed is not None else (self.low + self.high) / 2.0

    def holds(self, value: float) -> bool:
        """Whether a value lies in the band."""
        return self.low <= value <= self.high


@cache
def targets() -> tuple[Target, ...]:
    """The targets of the baseline."""
    with _FILE.open("rb") as file:
        return tuple(Target(**row) for row in tomllib.load(file)["target"])


def _busiest_tenth(arrivals: np.ndarray) -> float:
    """Share of arrivals on the busiest tenth of calendar days."""
    days = max(1, round(arrivals.size / 10))
    return float(np.sort(arrivals)[-days:].sum() / max(arrivals.sum(), 1.0))


def _total(name: str) -> Callable[[dict[str, np.ndarray]], float]:
    return lambda daily: float(daily[name].sum())


#: each measure of a year, from the daily series of that year
MEASURES: dict[str, Callable[[dict[str, np.ndarray]], float]] = {
    "arrivals": _total("channel_arrivals"),
    "arrivals_to_4_november": _total("channel_arrivals"),
    "boats": _total("channel_boats"),
    "people_per_boat": lambda daily: float(
        daily["channel_arrivals"].sum() / max(daily["channel_boats"].sum(), 1.0)
    ),
    "days_with_arrivals": lambda daily: float(np.count_nonzero(daily["channel_arrivals"])),
    "share_of_busiest_tenth": lambda daily: _busiest_tenth(daily["channel_arrivals"]),
    "prevented_share": lambda daily: float(
        daily["channel_prevented"].sum()
        / max(daily["channel_prevented"].sum() + daily["channel_arrivals"].sum(), 1.0)
    ),
    "wb_detections": _total("wb_detections"),
    "lorry_arrivals": _total("lorry_arrivals"),
    "sea_deaths_per_1000_arrivals": lambda daily: float(
        1000.0 * daily["channel_deaths"].sum() / max(daily["channel_arrivals"].sum(), 1.0)
    ),
    "seat_price_eur": lambda daily: float(np.nanmean(daily["seat_price_eur"])),
}


def measure(record: RunRecord) -> np.ndarray:
    """Every target's figure in one run, (targets,)."""
    values = []
    for target in targets():
        last = date(target.year, 12, 31)
        if target.name == "arrivals_to_4_november":
            last = date(target.year, 11, 4)
        first = np.datetime64(date(target.year, 1, 1), "D")
        inside = (record.dates >= first) & (record.dates <= np.datetime64(last, "D"))
        daily = {name: series[inside] for name, series in record.daily.items()}
        values.append(MEASURES[target.name](daily))
    return np.array(values)


def table(runs: Sequence[np.ndarray]) -> list[tuple[Target, float, float, bool]]:
    """Each target with the mean of the runs, its standard error, and whether it holds.

    Args:
        runs: `measure` of each run.
    """
    matrix = np.array(runs)
    mean = matrix.mean(axis=0)
    error = matrix.std(axis=0, ddof=1) / np.sqrt(len(runs)) if len(runs) > 1 else 0.0 * mean
    return [
        (target, float(m), float(e), target.holds(float(m)))
        for target, m, e in zip(targets(), mean, error, strict=True)
    ]
