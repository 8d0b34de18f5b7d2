"""Forecasts of a series from earlier months, scored by months ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.timeseries.estimation import (
    FEWEST_MONTHS,
    REFIT_EVERY,
    checked,
    fitted,
    past_errors,
    stretched_by,
)
from simulation.timeseries.model import DRAWS_PER_MONTH, Array
from simulation.timeseries.months import MONTHS_OF_YEAR, number_of
from simulation.timeseries.paths import central_path, paths

#: nominal coverage of the central prediction intervals that are scored
LEVELS = (0.5, 0.8, 0.9, 0.95)
_PATHS = 2000
_SEED = 0


@dataclass(frozen=True)
class HorizonScore:
    """Scores of the forecasts some months ahead.

    Attributes:
        horizon: Months ahead.
        count: Number of forecasts whose month is in the data.
        mean_error: Mean of the central forecast less the observed count.
        mean_size: Mean absolute error of the central forecast, in counts.
        crps: Mean continuous ranked probability score (Gneiting and Raftery 2007,
            doi:10.1198/016214506000001437), in counts; the lower the better.
        naive_size: Mean absolute error of the seasonal naive forecast: the count in the same
            calendar month of the last year known.
        coverage: Nominal coverage (`LEVELS`) to the share of observed counts inside that central
            prediction interval.
    """

    horizon: int
    count: int
    mean_error: float
    mean_size: float
    crps: float
    naive_size: float
    coverage: dict[float, float]


@dataclass(frozen=True)
class BacktestErrors:
    """Scores of forecasts from earlier months, each made from the months up to it.

    Attributes:
        origins: The last month known of each forecast.
        scores: One for each number of months ahead that has a forecast, in order.
    """

    origins: tuple[str, ...]
    scores: tuple[HorizonScore, ...]


def backtest(
    months: Sequence[str],
    values: Sequence[float] | Array,
    origins: Sequence[str],
    horizons: Sequence[int],
) -> BacktestErrors:
    """Forecast a series from earlier months and score the forecasts.

    At each origin the model, and the past errors that scale its spread, use only the months up to
    it.

    Args:
        months: Months as "2023-01", without gaps.
        values: The counts, not negative, (months,).
        origins: Last months known, each with at least `FEWEST_MONTHS` months up to it.
        horizons: Months ahead to score.

    Raises:
        ValueError: The series cannot be used, an origin lies outside it or too early in it, or
            there is no month ahead to score.
    """
    counts = checked(months, values)
    if not horizons or min(horizons) < 1:
        raise ValueError("a horizon is a whole number of months, 1 or more")
    ends = [_known(origin, months) for origin in origins]
    past = past_errors(months, counts, _earlier(ends))
    longest = max(horizons)
    draws = np.random.default_rng(_SEED).random((_PATHS, longest, DRAWS_PER_MONTH))
    found: dict[int, list[_Forecast]] = {horizon: [] for horizon in horizons}
    for end in ends:
        model = stretched_by(fitted(months[:end], counts[:end]), past, end)
        drawn, centre = paths(model, longest, draws), central_path(model, longest)
        for horizon in horizons:
            at = end + horizon - 1
            if at >= len(counts):
                continue
            naive = counts[end - MONTHS_OF_YEAR + (horizon - 1) % MONTHS_OF_YEAR]
            found[horizon].append(
                _Forecast(counts[at], centre[horizon - 1], naive, drawn[:, horizon - 1])
            )
    scores = [_score(horizon, of) for horizon, of in sorted(found.items()) if of]
    return BacktestErrors(tuple(origins), tuple(scores))


@dataclass(frozen=True)
class _Forecast:
    """One forecast of one month: counts, and paths drawn of it, (paths,)."""

    observed: float
    centre: float
    naive: float
    drawn: Array


def _score(horizon: int, forecasts: Sequence[_Forecast]) -> HorizonScore:
    import scoringrules  # which takes seconds to load

    observed = np.array([forecast.observed for forecast in forecasts])
    drawn = np.array([forecast.drawn for forecast in forecasts])
    centre = np.array([forecast.centre for forecast in forecasts])
    naive = np.array([forecast.naive for forecast in forecasts])
    coverage = {}
    for level in LEVELS:
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
        coverage[level] = float(np.mean((low <= observed) & (observed <= high)))
    return HorizonScore(
        horizon=horizon,
        count=len(forecasts),
        mean_error=float(np.mean(centre - observed)),
        mean_size=float(np.mean(np.abs(centre - observed))),
        crps=float(np.mean(scoringrules.crps_ensemble(observed, drawn))),
        naive_size=float(np.mean(np.abs(naive - observed))),
        coverage=coverage,
    )


def _known(origin: str, months: Sequence[str]) -> int:
    """How many months are known at an origin.

    Raises:
        ValueError: It lies outside the series, or too early in it.
    """
    known = number_of(origin) - number_of(months[0]) + 1
    if not FEWEST_MONTHS <= known <= len(months):
        raise ValueError(
            f"{origin} cannot be an origin: it must lie within {months[0]} to {months[-1]}, with "
            f"at least {FEWEST_MONTHS} months up to it"
        )
    return known


def _earlier(ends: Sequence[int]) -> list[int]:
    """Numbers of months after which the model is fitted again, up to the latest origin."""
    return list(range(FEWEST_MONTHS, max(ends, default=FEWEST_MONTHS), REFIT_EVERY))
