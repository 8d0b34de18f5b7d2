"""Forecasts of a year that know its past only, as distributions.

A forecast from a model is a distribution; what it is compared with must be one too, or it would
win merely for being one. The same months of the last years are an ensemble as they are. Exponential
smoothing with a damped trend, additive errors and an additive season (ETS(A,Ad,A) of Hyndman,
Koehler, Ord and Snyder 2008, Forecasting with Exponential Smoothing) is fitted by maximum
likelihood (statsmodels) to square roots. Its paths are drawn from its own errors.
"""

from __future__ import annotations

import warnings
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simulation.timeseries.months import MONTHS_OF_YEAR, month_at, number_of
from simulation.validation.series import Array, Series

DRAWS = 2000
#: months without which no season can be smoothed
FEWEST_MONTHS = 2 * MONTHS_OF_YEAR
#: a path that runs away is held at so many times the highest value that was observed
_HIGHEST = 10.0
#: years of the ensemble of same months; a single earlier year is no distribution
_YEARS, _FEWEST_YEARS = 3, 2

ETS, SAME_MONTHS = "ets", "last_3_years"
#: method -> what a reader calls it
METHODS: dict[str, str] = {
    ETS: "Exponential smoothing: level, damped trend and season, of square roots",
    SAME_MONTHS: f"Same months of the last {_YEARS} years",
}
SHORT: dict[str, str] = {ETS: "exponential smoothing", SAME_MONTHS: f"the last {_YEARS} years"}


@dataclass(frozen=True)
class Naive:
    """A naive forecast of one series in one year.

    Attributes:
        method: One of `METHODS`.
        months: (draws, 12), or None where there is no forecast.
        total: The whole year, (draws,), or None likewise.
        first: First month or year of the past that it was given; empty where it was given none.
        last: The last.
    """

    method: str
    months: Array | None = None
    total: Array | None = None
    first: str = ""
    last: str = ""

    @property
    def points(self) -> Array:
        """The median of each month, (12,), NaN where there is none."""
        if self.months is None:
            return np.full(MONTHS_OF_YEAR, np.nan)
        return np.asarray(np.nanmedian(self.months, axis=0))


def forecasts(series: Series, year: int, seed: int) -> tuple[Naive, ...]:
    """Every naive forecast of a year as a distribution, from what was known on its first day.

    Args:
        series: The series; what it holds of the year and later is not looked at.
        year: The year.
        seed: Which draws.
    """
    past = series.before(year)
    return _smoothed(past, year, seed), _same_months(past, year)


def _same_months(past: Series, year: int) -> Naive:
    """The last years as an ensemble, whose members weigh the same."""
    years = range(year - _YEARS, year)
    months = np.array([past.of_year(one) for one in years])
    total = np.array([past.total(one) for one in years])
    whole = total if np.isfinite(total).all() else None
    each = months if (np.isfinite(months).sum(axis=0) >= _FEWEST_YEARS).all() else None
    if whole is None and each is None:
        return Naive(SAME_MONTHS)
    return Naive(SAME_MONTHS, each, whole, *past.span())


def _smoothed(past: Series, year: int, seed: int) -> Naive:
    """Exponential smoothing; no forecast where the series is short or ends early."""
    values, last = past.unbroken(), f"{year - 1}-{MONTHS_OF_YEAR:02d}"
    if len(values) < FEWEST_MONTHS or max(past.months) != last:
        return Naive(ETS)
    drawn = _paths(tuple(values.tolist()), zlib.crc32(f"{seed} {past.name}".encode()))
    if drawn is None:
        return Naive(ETS)
    drawn = np.minimum(drawn, 1.0) if past.kind == "share" else drawn
    whole = np.asarray((np.sum if past.kind == "count" else np.mean)(drawn, axis=1))
    first = month_at(number_of(last) - len(values) + 1)
    return Naive(ETS, drawn, whole, first, last)


@lru_cache(maxsize=64)
def _paths(values: tuple[float, ...], seed: int) -> Array | None:
    """Paths of the twelve months after a series, (draws, 12); None where the fit fails."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    past = np.array(values)
    normal = np.random.default_rng(seed).standard_normal((MONTHS_OF_YEAR, DRAWS))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # on a flat series the optimiser stops short of its tolerance; the forecast is as good
        warnings.simplefilter("ignore")
        try:
            fit = ETSModel(
                np.sqrt(past),
                trend="add",
                damped_trend=True,
                seasonal="add",
                seasonal_periods=MONTHS_OF_YEAR,
            ).fit(disp=False)
            errors = np.sqrt(fit.sse / len(past)) * normal
            drawn = fit.simulate(
                MONTHS_OF_YEAR, anchor="end", repetitions=DRAWS, random_errors=errors
            )
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None
    highest = np.sqrt(_HIGHEST * max(past.max(), 1.0))
    paths = np.clip(np.asarray(drawn, dtype=float).T, 0.0, highest)
    return np.square(paths) if np.isfinite(paths).all() else None
