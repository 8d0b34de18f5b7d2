"""Possible futures of a series from uniform draws."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from simulation.timeseries.model import DRAWS_PER_MONTH, Array, MonthlyModel

#: paths from which quantiles are taken; half of them mirror the other half
_REFERENCE_PATHS = 4000
_REFERENCE_SEED = 0


def paths(model: MonthlyModel, horizon: int, draws: Array) -> Array:
    """Turn uniform draws into possible futures.

    A month of a path depends only on the draws of this month and of those before it.

    Args:
        model: The series at the end of its data.
        horizon: Months to come.
        draws: Numbers in the open interval (0, 1), (paths, horizon, 2): for the error of a month
            and for its volatility.

    Returns:
        Counts, (paths, horizon): not whole, never negative.

    Raises:
        ValueError: The draws have another shape or lie outside (0, 1).
    """
    wanted = (horizon, DRAWS_PER_MONTH)
    if draws.ndim != 3 or draws.shape[1:] != wanted:
        raise ValueError(f"draws have the shape (paths, {horizon}, 2), not {draws.shape}")
    if not np.all((draws > 0.0) & (draws < 1.0)):
        raise ValueError("draws lie between 0 and 1, both left out")
    return _counts(model, model.stretched(horizon) * _departures(model, ndtri(draws)))


def central_path(model: MonthlyModel, horizon: int) -> Array:
    """The median of every coming month, (horizon,)."""
    return _counts(model, np.zeros((1, horizon)))[0]


def quantile_path(model: MonthlyModel, horizon: int, probability: float) -> Array:
    """The quantile of every coming month, (horizon,).

    It joins the quantiles of single months; a path that lies at this quantile in every month is
    rarer than the probability says.

    Args:
        model: The series at the end of its data.
        horizon: Months to come.
        probability: Between 0 and 1, both left out; 0.5 gives the central path.

    Raises:
        ValueError: The probability lies outside (0, 1).
    """
    if probability == 0.5:  # exact, without an error of sampling
        return central_path(model, horizon)
    if not 0.0 < probability < 1.0:
        raise ValueError("a probability lies between 0 and 1, both left out")
    departures = _departures(model, _reference(horizon))
    found = np.quantile(departures, probability, axis=0)
    return _counts(model, (model.stretched(horizon) * found)[None])[0]


def _departures(model: MonthlyModel, normal: Array) -> Array:
    """Effect of the errors of all months so far on x, (paths, horizon), before the stretch.

    Args:
        model: The series at the end of its data.
        normal: Standard normal numbers, (paths, horizon, 2): for the error and for the volatility.
    """
    count, horizon, _ = normal.shape
    volatility, weights = model.volatility, model.weights(horizon)
    log_variance = np.full(count, volatility.last)
    errors = np.empty((count, horizon))
    for month in range(horizon):
        sd = volatility.sd
        if month == 0:  # the volatility of the last month is itself in doubt
            sd = float(np.hypot(sd, volatility.persistence * volatility.last_sd))
        change = log_variance - volatility.mean
        log_variance = volatility.mean + volatility.persistence * change + sd * normal[:, month, 1]
        errors[:, month] = np.exp(log_variance / 2.0) * normal[:, month, 0]
    left = np.zeros((count, horizon))
    for month in range(horizon):
        left[:, month:] += errors[:, [month]] * weights[: horizon - month]
    return left


def _counts(model: MonthlyModel, departures: Array) -> Array:
    return model.counts_of(model.centre(departures.shape[1]) + departures)


@lru_cache(maxsize=8)
def _reference(horizon: int) -> Array:
    """Normal draws for quantiles, month by month, so that a longer horizon changes no month."""
    rng = np.random.default_rng(_REFERENCE_SEED)
    drawn = rng.standard_normal((horizon, _REFERENCE_PATHS // 2, DRAWS_PER_MONTH))
    mirrored = drawn * np.array([-1.0, 1.0])
    both = np.concatenate([drawn, mirrored], axis=1).transpose(1, 0, 2)
    both.setflags(write=False)
    return both
