"""The series that a forecast is scored on: what was observed, and only what was known before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
import numpy.typing as npt

from simulation.corridor import Observed, load_observed
from simulation.statistics.finding import Finding
from simulation.timeseries.months import month_after, months_of

Array = npt.NDArray[np.float64]
Kind = Literal["count", "ratio", "share"]


@dataclass(frozen=True)
class Series:
    """One observed series.

    Attributes:
        name: The outcome's name where it is the same quantity.
        label: What a reader calls it.
        unit: Unit of its values.
        kind: `count` is summed over the months of a year; a `ratio` and a `share` are not.
        decimals: Decimals worth showing.
        note: What a reader must know of the figures; may be empty.
        months: Month ("2023-01") to value, in order; a month without a value is not in it. Empty
            for a series that is known by year only.
        years: Year to value.
    """

    name: str
    label: str
    unit: str
    kind: Kind
    decimals: int
    note: str
    months: Mapping[str, float]
    years: Mapping[int, float]

    def of_year(self, year: int) -> Array:
        """The twelve months of a year, NaN where nothing was observed."""
        return np.array([self.months.get(name, np.nan) for name in months_of(year)])

    def total(self, year: int) -> float:
        """The value of a whole year, NaN where it was not observed."""
        return self.years.get(year, np.nan)

    def before(self, year: int) -> Series:
        """The series as it was known on the first day of a year; nothing later is in it."""
        months = {name: value for name, value in self.months.items() if int(name[:4]) < year}
        years = {number: value for number, value in self.years.items() if number < year}
        return replace(self, months=months, years=years)

    def span(self) -> tuple[str, str]:
        """First and last month that is known, or year where no month is; empty if nothing is."""
        periods = sorted(self.months) or [str(year) for year in sorted(self.years)]
        return (periods[0], periods[-1]) if periods else ("", "")

    def unbroken(self) -> Array:
        """The latest run of months without a gap, the longest that ends with the series."""
        names = sorted(self.months)
        breaks = [at for at, (a, b) in enumerate(pairwise(names), 1) if b != month_after(a)]
        return np.array([self.months[name] for name in names[max(breaks, default=0) :]])


#: name -> label, unit, kind, decimals, note; the order of every table
SCORED: dict[str, tuple[str, str, Kind, int, str]] = {
    "channel_arrivals": ("Small-boat arrivals in the UK", "people", "count", 0, ""),
    "channel_boats": ("Boats that arrived", "boats", "count", 0, ""),
    "people_per_boat": ("People per boat", "people per boat", "ratio", 1, ""),
    "prevented_share": (
        "Share of attempts prevented", "share", "share", 3,
        "People prevented over people prevented and arrived. Known by year since 2021, from "
        "answers in parliament and press reports of official figures, and by month since May "
        "2024, from the weekly series.",
    ),
    "wb_detections": (
        "Detections on the Western Balkan route", "detections", "count", 0,
        "Detections are not persons: a person stopped three times is three detections.",
    ),
    "channel_deaths": (
        "Deaths in the Channel", "people", "count", 0,
        "Dead and missing at sea or on the coast, known by year (IOM, told apart by our own "
        "reading). Single disasters decide a year: 27 of the 39 of 2021 died in one.",
    ),
}  # fmt: skip


class Observations(Finding):
    """The observations of some months; None where there is none."""

    months: list[str]
    observed: list[float | None]


class SeriesSummary(Finding):
    """A `Series` as a summary holds it.

    Attributes:
        months: The months that are forecast.
        observed: What was observed in each; None where nothing was.
        before: The months before that are shown with them.
    """

    label: str
    unit: str
    kind: Kind
    decimals: int
    note: str
    months: list[str]
    observed: list[float | None]
    before: Observations

    def number(self, value: float | None) -> str:
        """A value or a difference of values in words: of a share in percent, without the sign."""
        if value is None:
            return ""
        return f"{100 * value:.1f}" if self.kind == "share" else f"{value:,.{self.decimals}f}"

    def shown(self, value: float | None) -> str:
        """A value in words: a share carries its %, a difference of shares does not."""
        return self.number(value) + ("%" if value is not None and self.kind == "share" else "")


def about(series: Series, months: Sequence[str], before: Sequence[str]) -> SeriesSummary:
    """What findings that extend `SeriesSummary` have in common with it."""
    seen, seen_before = ([series.months.get(name) for name in of] for of in (months, before))
    return SeriesSummary(
        label=series.label,
        unit=series.unit,
        kind=series.kind,
        decimals=series.decimals,
        note=series.note,
        months=list(months),
        observed=seen,
        before=Observations(months=list(before), observed=seen_before),
    )


def load_series(observed: Observed | None = None) -> tuple[Series, ...]:
    """The scored series, from the package's own tables unless others are given."""
    observed = load_observed() if observed is None else observed
    series = []
    for name, about in SCORED.items():
        months, values = observed.monthly(name) if name in observed.monthly_series else ((), ())
        by_month = {month: float(v) for month, v in zip(months, values, strict=True) if v == v}
        series.append(Series(name, *about, months=by_month, years=observed.yearly(name)))
    return tuple(series)
