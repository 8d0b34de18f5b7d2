"""Forecasts of a year that know its past only, as distributions.

A forecast from a model is a distribution; what it is compared with must be one too, or it would
win merely for being one. Each naive forecast is therefore made again at the turn of each of the
five years before (a rolling origin, never with anything observed later), and what it was wrong by
is laid around its new point. Errors go both ways alike, so the point remains the median. Those of
counts are taken on the scale of square roots, because a busy month is missed by more than a quiet
one. The held-out year is never looked at.

One of them is a distribution by itself: the stochastic volatility of `simulation.timeseries`, whose
errors have a size that changes, with paths of whole years in place of single months.
"""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulation.timeseries.model import DRAWS_PER_MONTH, MonthlyModel, central_path, paths
from simulation.timeseries.months import MONTHS_OF_YEAR, month_at, number_of
from simulation.validation.series import Array, Series

#: years before the held-out one from which errors are taken
ERROR_YEARS = 5
#: years whose mean of the same month is the seasonal naive
SEASON_YEARS = 3
#: at least so many errors are drawn from as they are; fewer set the width of a Student t
MANY_ERRORS = 20
#: a single error gives no width
FEWEST_ERRORS = 2
#: months without which no season can be smoothed
_FEWEST_MONTHS = 2 * MONTHS_OF_YEAR
DRAWS = 2000
_TINY = 1e-9

#: method -> what a reader calls it
METHODS: dict[str, str] = {
    "seasonal_naive": "Seasonal naive (mean of the same month in the three years before)",
    "last_year": "Last year's same month",
    "exponential_smoothing": "Exponential smoothing (level and season)",
    "stochastic_volatility": "Stochastic volatility (level, damped trend, season, and errors whose "
    "size changes)",
}
SHORT: dict[str, str] = {
    "seasonal_naive": "three years' mean",
    "last_year": "last year",
    "exponential_smoothing": "exponential smoothing",
    "stochastic_volatility": "stochastic volatility",
}
VOLATILITY = "stochastic_volatility"
#: months of the past from which it is estimated, at most: ten years
MOST_MONTHS = 120


@dataclass(frozen=True)
class Naive:
    """A naive forecast of one series in one year.

    Months are drawn one by one but with stochastic volatility: else only the draws of `total` may
    be read as draws of the year.

    Attributes:
        method: One of `METHODS`.
        points: The point forecast by month, (12,), NaN where there is none.
        total_point: The point forecast of the whole year, NaN where there is none.
        months: (draws, 12), or None where there is no forecast or its errors are unknown.
        total: (draws,), or None likewise.
        month_errors: Past errors the draws of months are made of; None where they are made of none.
        total_errors: Past errors the draws of the year are made of; likewise.
        first: First month or year of the past that it was given; empty where it was given none.
        last: The last.
    """

    method: str
    points: Array
    total_point: float
    months: Array | None
    total: Array | None
    month_errors: int | None
    total_errors: int | None
    first: str = ""
    last: str = ""


def forecast(series: Series, year: int, method: str, seed: int, draws: int = DRAWS) -> Naive:
    """A naive forecast of a year as a distribution, from what was known on its first day.

    Args:
        series: The series; what it holds of the year and later is not looked at.
        year: The year.
        method: One of `METHODS`.
        seed: Which draws.
        draws: How many.
    """
    known = series.before(year)
    if method == VOLATILITY:
        return _volatile(known, year, seed, draws)
    points, total = _points(known, year, method)
    month_errors: list[float] = []
    total_errors: list[float] = []
    for past in range(year - ERROR_YEARS, year):
        then, then_total = _points(known.before(past), past, method)
        month_errors += _errors(series, then, known.of_year(past))
        total_errors += _errors(series, np.array([then_total]), np.array([known.total(past)]))
    rng = np.random.default_rng([seed, zlib.crc32(f"{series.name} {year} {method}".encode())])
    months = _draw(series, points, month_errors, draws, rng)
    whole = _draw(series, np.array([total]), total_errors, draws, rng)
    counts = len(month_errors), len(total_errors)
    draws_of_year = None if whole is None else whole[:, 0]
    return Naive(method, points, total, months, draws_of_year, *counts, *known.span())


def forecasts(series: Series, year: int, seed: int) -> tuple[Naive, ...]:
    """Every naive forecast of a year."""
    return tuple(forecast(series, year, method, seed) for method in METHODS)


def _points(known: Series, year: int, method: str) -> tuple[Array, float]:
    """The point forecasts of a year's months and of the year, from a series that ends before it.

    That of the year is the sum of its months where they are counts; where they are not, or are not
    known, the same rule over whole years, and the mean of the months where a method knows only
    months.
    """
    if method == "exponential_smoothing":
        months = _smoothed(known, year)
        whole = float(months.mean())
    else:
        back = range(1, 2 if method == "last_year" else SEASON_YEARS + 1)
        months = np.mean([known.of_year(year - years) for years in back], axis=0)
        whole = float(np.mean([known.total(year - years) for years in back]))
    return months, float(months.sum()) if known.kind == "count" and known.months else whole


def _smoothed(known: Series, year: int) -> Array:
    """Twelve months by exponential smoothing, NaN where the series is too short or ends early."""
    values = known.unbroken()
    ends = f"{year - 1}-{MONTHS_OF_YEAR:02d}"
    if len(values) < _FEWEST_MONTHS or max(known.months) != ends:
        return np.full(MONTHS_OF_YEAR, np.nan)
    return np.array(_next_months(tuple(values.tolist())))


# a fit takes a good quarter of a second, and the same months are asked for again and again
@lru_cache(maxsize=128)
def _next_months(values: tuple[float, ...]) -> tuple[float, ...]:
    """Twelve months by additive level and season (ETS(A,N,A)), fitted by maximum likelihood."""
    from statsmodels.tools.sm_exceptions import ConvergenceWarning
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    with warnings.catch_warnings():
        # on a flat series the optimiser stops short of its tolerance; the forecast is as good
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = ETSModel(
            np.array(values), error="add", seasonal="add", seasonal_periods=MONTHS_OF_YEAR
        )
        found = model.fit(disp=False).forecast(MONTHS_OF_YEAR)
    return tuple(np.maximum(found, 0.0).tolist())


def _volatile(known: Series, year: int, seed: int, draws: int) -> Naive:
    """The forecast by stochastic volatility; none where the series is short or ends early."""
    from simulation.timeseries.estimation import FEWEST_MONTHS

    nothing = np.full(MONTHS_OF_YEAR, np.nan)
    values = known.unbroken()[-MOST_MONTHS:]
    last = f"{year - 1}-{MONTHS_OF_YEAR:02d}"
    if not known.months or max(known.months) != last or len(values) < FEWEST_MONTHS:
        return Naive(VOLATILITY, nothing, np.nan, None, None, None, None)
    rng = np.random.default_rng([seed, zlib.crc32(f"{known.name} {year}".encode())])
    shape = (draws, MONTHS_OF_YEAR, DRAWS_PER_MONTH)
    model = volatility_model(last, tuple(values.tolist()))
    drawn = paths(model, MONTHS_OF_YEAR, np.clip(rng.random(shape), _TINY, 1.0 - _TINY))
    points = central_path(model, MONTHS_OF_YEAR)
    if known.kind == "share":
        drawn, points = np.minimum(drawn, 1.0), np.minimum(points, 1.0)
    # of a ratio or a share the year is the mean of its months, as with exponential smoothing
    of_year = np.sum if known.kind == "count" else np.mean
    whole, middle = of_year(drawn, axis=1), float(of_year(points))
    first = month_at(number_of(last) - len(values) + 1)
    return Naive(VOLATILITY, points, middle, drawn, whole, None, None, first, last)


# earlier months are fitted again to learn from past errors, which takes seconds
@lru_cache(maxsize=64)
def volatility_model(last: str, values: tuple[float, ...]) -> MonthlyModel:
    """The model of stochastic volatility of a series.

    Args:
        last: Its last month, as "2023-12".
        values: Its months without a gap, (months,).
    """
    from simulation.timeseries.estimation import estimate

    end = number_of(last)
    return estimate([month_at(end - len(values) + 1 + k) for k in range(len(values))], values)


def _errors(series: Series, points: Array, seen: Array) -> list[float]:
    found = _scaled(series, seen) - _scaled(series, points)
    return [float(error) for error in found[np.isfinite(found)]]


def _draw(
    series: Series, points: Array, errors: list[float], draws: int, rng: np.random.Generator
) -> Array | None:
    """Draws around points, (draws, points); what is impossible becomes the nearest possible."""
    if len(errors) < FEWEST_ERRORS or not np.isfinite(points).any():
        return None
    shape = (draws // 2, len(points))
    sizes = np.abs(errors)
    if len(errors) >= MANY_ERRORS:
        drawn = rng.choice(sizes, shape)
    else:
        drawn = rng.standard_t(len(errors), shape) * np.sqrt(np.mean(sizes**2))
    drawn = np.concatenate([drawn, -drawn])
    found = np.maximum(_scaled(series, points) + drawn, 0.0)
    if series.kind == "count":
        return np.asarray(found**2)
    return np.asarray(np.minimum(found, 1.0)) if series.kind == "share" else np.asarray(found)


def _scaled(series: Series, values: Array) -> Array:
    return np.sqrt(values) if series.kind == "count" else values
