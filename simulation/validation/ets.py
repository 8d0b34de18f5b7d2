"""Exponential smoothing (ETS) in several forms, each as a distribution of the next twelve months.

A form is an error, a trend and a season (Hyndman, Koehler, Ord and Snyder 2008, Forecasting with
Exponential Smoothing), fitted by maximum likelihood (statsmodels) to the series itself, to its
square roots or to logarithms of one more than it. Its paths are drawn from its own errors.

The best form of a year is asked in two ways. *Before the year* it is the one with the lowest mean
CRPS in the years before, each of which is forecast from what was known on its first day. In
*hindsight* it is the one with the lowest CRPS in the year itself, which nobody could have chosen:
a yardstick, and no forecast.
"""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from simulation.timeseries.crps import crps
from simulation.timeseries.months import MONTHS_OF_YEAR
from simulation.validation.series import Array, Series

#: years before the forecast one on which a form is chosen, where the series is so long
CHOICE_YEARS = 3
#: months without which no season can be smoothed
FEWEST_MONTHS = 2 * MONTHS_OF_YEAR
DRAWS = 2000
#: a path that runs away is held at so many times the highest value that was observed
_HIGHEST = 10.0

Scale = Literal["", "square root", "logarithm"]
_SCALES: dict[Scale, tuple[Callable[[Array], Array], Callable[[Array], Array]]] = {
    "": (np.asarray, np.asarray),
    "square root": (np.sqrt, np.square),
    "logarithm": (np.log1p, np.expm1),
}


class Form(NamedTuple):
    """A form of exponential smoothing.

    Attributes:
        error: `add` or `mul`.
        damped: Whether it has a damped trend; it has none otherwise.
        season: `add` or `mul`.
        scale: What is smoothed.
    """

    error: Literal["add", "mul"]
    damped: bool
    season: Literal["add", "mul"]
    scale: Scale = ""

    def __str__(self) -> str:
        trend = "Ad" if self.damped else "N"
        text = f"ETS({self.error[0].upper()},{trend},{self.season[0].upper()})"
        return f"{text} of {self.scale}s" if self.scale else text


FORMS: tuple[Form, ...] = (
    *(Form(e, d, s) for e in ("add", "mul") for d in (False, True) for s in ("add", "mul")),
    *(
        Form("add", d, "add", scale)
        for scale in ("square root", "logarithm")
        for d in (False, True)
    ),
)


def chosen_before(series: Series, year: int, seed: int) -> Form | None:
    """The form with the lowest mean CRPS in the years before; None where the series is too short.

    Args:
        series: The series; what it holds of the year and later is not looked at.
        year: The year that is forecast.
        seed: Which draws.
    """
    past = series.before(year)
    return _best(past, range(year - CHOICE_YEARS, year), seed)


def chosen_in_hindsight(series: Series, year: int, seed: int) -> Form | None:
    """The form with the lowest CRPS in the year itself; None where nothing can be forecast."""
    return _best(series, [year], seed)


def smoothed(series: Series, year: int, form: Form, seed: int) -> Array | None:
    """Paths of the months of a year from what was known on its first day, (draws, 12).

    Args:
        series: The series; what it holds of the year and later is not looked at.
        year: The year.
        form: The form.
        seed: Which draws.

    Returns:
        The paths; None where the series is short or ends early, or the form cannot be fitted to it.
    """
    past = series.before(year)
    values = past.unbroken()
    ends = f"{year - 1}-{MONTHS_OF_YEAR:02d}"
    if len(values) < FEWEST_MONTHS or max(past.months) != ends:
        return None
    drawn = _paths(tuple(values.tolist()), form, zlib.crc32(f"{seed} {series.name}".encode()))
    if drawn is None:
        return None
    return np.minimum(drawn, 1.0) if series.kind == "share" else drawn


def _best(series: Series, years: Sequence[int], seed: int) -> Form | None:
    """The form with the lowest mean CRPS over those of the years that can be forecast."""
    scores: dict[Form, list[float]] = {form: [] for form in FORMS}
    for year in years:
        seen = series.of_year(year)
        for form, year_scores in scores.items():
            drawn = smoothed(series, year, form, seed)
            if drawn is not None and np.isfinite(seen).all():
                year_scores.append(float(crps(seen, drawn.T).mean()))
    most = max(map(len, scores.values()))
    # a form that cannot be fitted in some year is not held against the others
    means = {
        form: np.mean(year_scores)
        for form, year_scores in scores.items()
        if most and len(year_scores) == most
    }
    return min(means, key=lambda form: means[form]) if means else None


# the years of a back-test share most of their past
@lru_cache(maxsize=1024)
def _paths(values: tuple[float, ...], form: Form, seed: int) -> Array | None:
    """Paths of the twelve months after a series, (draws, 12); None where the fit fails."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    forward, back = _SCALES[form.scale]
    past = np.array(values)
    # what multiplies needs numbers above zero
    above = 1.0 if "mul" in (form.error, form.season) and past.min() <= 0.0 else 0.0
    normal = np.random.default_rng(seed).standard_normal((MONTHS_OF_YEAR, DRAWS))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        # on a flat series the optimiser stops short of its tolerance; the forecast is as good
        warnings.simplefilter("ignore")
        try:
            fit = ETSModel(
                forward(past) + above,
                error=form.error,
                trend="add" if form.damped else None,
                damped_trend=form.damped,
                seasonal=form.season,
                seasonal_periods=MONTHS_OF_YEAR,
            ).fit(disp=False)
            errors = np.sqrt(fit.sse / len(past)) * normal
            drawn = fit.simulate(
                MONTHS_OF_YEAR, anchor="end", repetitions=DRAWS, random_errors=errors
            )
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return None
        highest = _HIGHEST * max(past.max(), 1.0)
        paths = np.clip(np.asarray(drawn, dtype=float).T - above, 0.0, forward(np.array(highest)))
    return back(paths) if np.isfinite(paths).all() else None
