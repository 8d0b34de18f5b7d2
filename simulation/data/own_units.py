"""Which series a user may give, in which units, and how a wrong unit shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simulation.corridor import load_observed
from simulation.errors import InputError


@dataclass(frozen=True)
class SeriesSpec:
    """What one column may hold.

    Args:
        unit: What it counts or measures.
        whole: Whether only whole numbers are possible.
        low: Smallest value.
        high: Largest value; above every month ever published, so that it shows a wrong unit.
    """

    unit: str
    whole: bool = True
    low: float = 0.0
    high: float = 1_000_000.0


#: The series that can be given, by the names of the outcomes and of the observed tables.
OWN_SERIES: dict[str, SeriesSpec] = {
    "channel_arrivals": SeriesSpec("people"),
    "channel_boats": SeriesSpec("boats"),
    "people_per_boat": SeriesSpec("people per boat", whole=False, low=1.0, high=250.0),
    "days_with_arrivals": SeriesSpec("days", high=31.0),
    "busiest_day": SeriesSpec("people"),
    "channel_prevented": SeriesSpec("attempts"),
    "channel_attempts": SeriesSpec("attempts"),
    "prevented_share": SeriesSpec("share of attempts", whole=False, high=1.0),
    "channel_deaths": SeriesSpec("people"),
    "corridor_deaths": SeriesSpec("people"),
    "lorry_arrivals": SeriesSpec("people"),
    "wb_detections": SeriesSpec("detections"),
}
#: How far a ratio may stand from its terms: it is published in rounded figures.
ROUNDING = {"people_per_boat": 0.51, "channel_attempts": 1.0, "prevented_share": 0.006}
RELATIVE = 0.01
# A total is in another unit if it differs from the published one by more than this factor.
OTHER_UNIT = 50.0
# Published totals smaller than this say nothing about the unit.
FEW = 100.0


def with_ratios(
    file: Path, months: Sequence[str], places: Sequence[str], given: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """The series with the ratios their terms give, after checking those that were given.

    Args:
        file: Where they were read, for messages.
        months: Months as "2021-01".
        places: Where each month stands in the file.
        given: Name to values, float (n_months,), NaN where not known.

    Raises:
        InputError: If two columns contradict each other, as columns in different units do.
    """
    series = dict(given)

    def check(name: str, wrong: np.ndarray, problem: str) -> None:
        if wrong.any():
            at = int(np.argmax(wrong))
            raise InputError(
                problem,
                file=file,
                key=f"{places[at]}: {name}",
                value=f"{series[name][at]:g}",
                allowed=f"{OWN_SERIES[name].unit}, not thousands or percent, in every column of "
                f"{months[at]}",
            )

    def ratio(name: str, over: np.ndarray, under: np.ndarray) -> None:
        found = np.divide(over, under, out=np.full_like(over, np.nan), where=under > 0)
        if name in series:
            far = np.abs(series[name] - found) > ROUNDING[name] + RELATIVE * found
            check(name, far, "does not follow from the other columns")
        elif np.isfinite(found).any():
            series[name] = found

    arrivals, boats = series.get("channel_arrivals"), series.get("channel_boats")
    prevented, busiest = series.get("channel_prevented"), series.get("busiest_day")
    if arrivals is not None and boats is not None:
        check("channel_arrivals", arrivals < boats, "fewer people than boats")
        ratio("people_per_boat", arrivals, boats)
    if arrivals is not None and busiest is not None:
        check("busiest_day", busiest > arrivals, "more than in the whole month")
    if arrivals is not None and prevented is not None:
        attempts = arrivals + prevented
        ratio("channel_attempts", attempts, np.ones_like(attempts))
        ratio("prevented_share", prevented, attempts)
    return series


def check_against_published(
    file: Path, months: Sequence[str], places: Sequence[str], series: Mapping[str, np.ndarray]
) -> None:
    """Refuse a series whose total differs so much from the published one that the unit does.

    Args:
        file: Where they were read, for messages.
        months: Months as "2021-01".
        places: Where each month stands in the file.
        series: Name to values, float (n_months,), NaN where not known.

    Raises:
        InputError: If a series is in another unit.
    """
    published = load_observed().monthly_series
    for name in ("channel_arrivals", "channel_boats", "wb_detections"):
        if name not in series:
            continue
        known = dict(zip(*published[name], strict=True))
        mine, theirs, first = 0.0, 0.0, None
        for month, value in zip(months, series[name], strict=True):
            if np.isfinite(value) and month in known:
                mine, theirs = mine + float(value), theirs + float(known[month])
                first = first or month
        if theirs >= FEW and not theirs / OTHER_UNIT <= mine <= theirs * OTHER_UNIT:
            at = list(months).index(first or "")
            unit = OWN_SERIES[name].unit
            raise InputError(
                f"looks like another unit: {mine:,.0f} in all, where {theirs:,.0f} were published "
                "for these months",
                file=file,
                key=f"{places[at]} and on: {name}",
                allowed=f"{unit}; multiply figures in thousands by 1000",
            )
