"""Wide bands of the baseline: that a run at central values is near the world of 2023 and 2024."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np

from simulation.outcomes import RunRecord

_FILE = Path(__file__).with_name("bands.toml")
Daily = dict[str, np.ndarray]


@dataclass(frozen=True)
class Target:
    """A figure of one year and the band its mean over seeds must lie in.

    Attributes:
        name: What is measured (`MEASURES`).
        year: Calendar year.
        low: Lower end of the band.
        high: Upper end of the band.
        observed: What was observed, if it is known.
        weakness: Why the model of today fails the band; empty where it does not.
    """

    name: str
    year: int
    low: float
    high: float
    observed: float | None = None
    weakness: str = ""


@cache
def targets() -> tuple[Target, ...]:
    """The targets of the baseline."""
    with _FILE.open("rb") as file:
        return tuple(Target(**row) for row in tomllib.load(file)["target"])


def _total(name: str) -> Callable[[Daily], float]:
    return lambda daily: float(daily[name].sum())


def _ratio(name: str, *over: str, per: float = 1.0) -> Callable[[Daily], float]:
    """A series for each unit of the sum of others, which counts as one at least."""
    return lambda daily: float(
        per * daily[name].sum() / max(sum(daily[each].sum() for each in over), 1.0)
    )


def _busiest_tenth(daily: Daily) -> float:
    """Share of arrivals on the busiest tenth of calendar days."""
    arrivals = daily["channel_arrivals"]
    days = max(1, round(arrivals.size / 10))
    return float(np.sort(arrivals)[-days:].sum() / max(arrivals.sum(), 1.0))


#: each measure of a year, from the daily series of that year
MEASURES: dict[str, Callable[[Daily], float]] = {
    "arrivals": _total("channel_arrivals"),
    "arrivals_to_4_november": _total("channel_arrivals"),
    "boats": _total("channel_boats"),
    "people_per_boat": _ratio("channel_arrivals", "channel_boats"),
    "days_with_arrivals": lambda daily: float(np.count_nonzero(daily["channel_arrivals"])),
    "share_of_busiest_tenth": _busiest_tenth,
    "prevented_share": _ratio("channel_prevented", "channel_prevented", "channel_arrivals"),
    "wb_detections": _total("wb_detections"),
    "lorry_arrivals": _total("lorry_arrivals"),
    "sea_deaths_per_1000_arrivals": _ratio("channel_deaths", "channel_arrivals", per=1000.0),
    "seat_price_eur": lambda daily: float(np.nanmean(daily["seat_price_eur"])),
}


def measure(record: RunRecord) -> np.ndarray:
    """Every target's figure in one run, (targets,)."""
    values = []
    for target in targets():
        to_november = target.name == "arrivals_to_4_november"
        last = date(target.year, 11, 4) if to_november else date(target.year, 12, 31)
        first = np.datetime64(date(target.year, 1, 1), "D")
        inside = (record.dates >= first) & (record.dates <= np.datetime64(last, "D"))
        daily = {name: series[inside] for name, series in record.daily.items()}
        values.append(MEASURES[target.name](daily))
    return np.array(values)
