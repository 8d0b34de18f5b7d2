"""Forecasts of a year that know its past only, as distributions.

A forecast from a model is a distribution; what it is compared with must be one too, or it would
win merely for being one. The same months of the last years are an ensemble as they are. Exponential
smoothing (`simulation.validation.ets`) and stochastic volatility (`simulation.timeseries`) draw
paths of whole years. The held-out year is looked at by `HINDSIGHT` alone, whose name says so.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulation.timeseries.model import DRAWS_PER_MONTH, MonthlyModel, paths
from simulation.timeseries.months import MONTHS_OF_YEAR, month_at, number_of
from simulation.validation import ets
from simulation.validation.series import Array, Series

DRAWS = 2000
_TINY = 1e-9
#: a single earlier year is no distribution
_FEWEST_YEARS = 2

ETS, HINDSIGHT, VOLATILITY = "ets", "ets_hindsight", "stochastic_volatility"
#: method -> the years whose same months are its ensemble
SAME_MONTHS = {f"last_{years}_years": years for years in (3, 4, 5)}
#: method -> what a reader calls it
METHODS: dict[str, str] = {
    ETS: "Exponential smoothing, the form that was best in the three years before",
    HINDSIGHT: "Exponential smoothing, the form that was best in this year (hindsight)",
    **{name: f"Same months of the last {years} years" for name, years in SAME_MONTHS.items()},
    VOLATILITY: "Stochastic volatility (level, damped trend, season, and errors whose size "
    "changes)",
}
SHORT: dict[str, str] = {
    ETS: "exponential smoothing",
    HINDSIGHT: "the best exponential smoothing in hindsight",
    **{name: f"the last {years} years" for name, years in SAME_MONTHS.items()},
    VOLATILITY: "stochastic volatility",
}
#: months of the past from which stochastic volatility is estimated, at most: ten years
MOST_MONTHS = 120


@dataclass(frozen=True)
class Naive:
    """A naive forecast of one series in one year.

    Attributes:
        method: One of `METHODS`.
        months: (draws, 12), or None where there is no forecast.
        total: The whole year, (draws,), or None likewise.
        form: The form that was chosen, where a method has several.
        first: First month or year of the past that it was given; empty where it was given none.
        last: The last.
    """

    method: str
    months: Array | None = None
    total: Array | None = None
    form: str = ""
    first: str = ""
    last: str = ""

    @property
    def points(self) -> Array:
        """The median of each month, (12,), NaN where there is none."""
        if self.months is None:
            return np.full(MONTHS_OF_YEAR, np.nan)
        return np.asarray(np.nanmedian(self.months, axis=0))


def forecast(series: Series, year: int, method: str, seed: int) -> Naive:
    """A naive forecast of a year as a distribution, from what was known on its first day.

    Args:
        series: The series; only `HINDSIGHT` looks at what it holds of the year.
        year: The year.
        method: One of `METHODS`.
        seed: Which draws.
    """
    past = series.before(year)
    if method == VOLATILITY:
        return _volatile(past, year, seed)
    if method in SAME_MONTHS:
        return _same_months(past, year, method)
    choose = ets.chosen_in_hindsight if method == HINDSIGHT else ets.chosen_before
    form = choose(series, year, seed)
    drawn = None if form is None else ets.smoothed(past, year, form, seed)
    if drawn is None:
        return Naive(method)
    last = f"{year - 1}-{MONTHS_OF_YEAR:02d}"
    first = month_at(number_of(last) - len(past.unbroken()) + 1)
    return Naive(method, drawn, of_year(series, drawn), str(form), first, last)


def forecasts(series: Series, year: int, seed: int) -> tuple[Naive, ...]:
    """Every naive forecast of a year."""
    return tuple(forecast(series, year, method, seed) for method in METHODS)


def of_year(series: Series, months: Array) -> Array:
    """The whole year of each path: the sum of a count, the mean of a ratio or a share."""
    return np.asarray((np.sum if series.kind == "count" else np.mean)(months, axis=1))


def _same_months(series: Series, year: int, method: str) -> Naive:
    """The last years as an ensemble, whose members weigh the same."""
    years = range(year - SAME_MONTHS[method], year)
    months = np.array([series.of_year(past) for past in years])
    total = np.array([series.total(past) for past in years])
    whole = total if np.isfinite(total).all() else None
    each = months if (np.isfinite(months).sum(axis=0) >= _FEWEST_YEARS).all() else None
    if whole is None and each is None:
        return Naive(method)
    return Naive(method, each, whole, "", *series.span())


def _volatile(series: Series, year: int, seed: int) -> Naive:
    """The forecast by stochastic volatility; none where the series is short or ends early."""
    from simulation.timeseries.estimation import FEWEST_MONTHS

    values = series.unbroken()[-MOST_MONTHS:]
    last = f"{year - 1}-{MONTHS_OF_YEAR:02d}"
    if not series.months or max(series.months) != last or len(values) < FEWEST_MONTHS:
        return Naive(VOLATILITY)
    rng = np.random.default_rng([seed, zlib.crc32(f"{series.name} {year}".encode())])
    shape = (DRAWS, MONTHS_OF_YEAR, DRAWS_PER_MONTH)
    model = volatility_model(last, tuple(values.tolist()))
    drawn = paths(model, MONTHS_OF_YEAR, np.clip(rng.random(shape), _TINY, 1.0 - _TINY))
    if series.kind == "share":
        drawn = np.minimum(drawn, 1.0)
    first = month_at(number_of(last) - len(values) + 1)
    return Naive(VOLATILITY, drawn, of_year(series, drawn), "", first, last)


# earlier months are fitted again to learn from past errors, which takes seconds
@lru_cache(maxsize=64)
def volatility_model(last: str, values: tuple[float, ...]) -> MonthlyModel:
    """The model of stochastic volatility of a series.

    Args:
        last: Its last month, as "2023-12".
        values: Its months without a gap, (months,).
    """
    from simulation.timeseries.estimation import estimate

    first = number_of(last) - len(values) + 1
    return estimate([month_at(first + number) for number in range(len(values))], values)
