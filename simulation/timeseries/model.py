"""The model of a monthly series, and the spread of the months that follow.

The logarithm of an offset plus the count, x, follows exponential smoothing with additive errors, a
damped trend and an additive season (ETS(A,Ad,A) of Hyndman, Koehler, Ord and Snyder 2008,
*Forecasting with exponential smoothing*, doi:10.1007/978-3-540-71918-2, chapter 2)::

    x(t) = l(t-1) + phi b(t-1) + s(t-12) + e(t)
    l(t) = l(t-1) + phi b(t-1) + alpha e(t)
    b(t) = phi b(t-1) + beta e(t)
    s(t) = s(t-12) + gamma e(t)

The errors have a volatility of their own (stochastic volatility: Kim, Shephard and Chib 1998,
doi:10.1111/1467-937X.00050; for crossings by boat: Zens and Bijak 2025, arXiv:2508.18716)::

    e(t) = exp(h(t) / 2) z(t)
    h(t) = mu + rho (h(t-1) - mu) + tau u(t)

with z and u standard normal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy

from simulation.timeseries.months import MONTHS_OF_YEAR, number_of

Array = npt.NDArray[np.float64]

#: uniform numbers that a month of a path takes: one for the error, one for the volatility
DRAWS_PER_MONTH = 2
#: paths from which quantiles are taken; half of them mirror the other half
_REFERENCE_PATHS, _REFERENCE_SEED = 4000, 0


@dataclass(frozen=True)
class Volatility:
    """How the size of the monthly errors changes.

    Attributes:
        mean: mu, mean of the log variance.
        persistence: rho, share of a departure from it that is left after a month; 0 to below 1.
        sd: tau, standard deviation of a month's change of the log variance.
        last: Log variance of the last month.
        last_sd: Its standard error.
    """

    mean: float
    persistence: float
    sd: float
    last: float
    last_sd: float

    def ahead(self, horizon: int) -> tuple[Array, Array]:
        """Mean and variance of the log variance in the months to come, each (horizon,)."""
        persisted = self.persistence ** np.arange(1, horizon + 1)
        mean = self.mean + persisted * (self.last - self.mean)
        own = self.sd**2 * (1.0 - persisted**2) / (1.0 - self.persistence**2)
        return np.asarray(mean), np.asarray(persisted**2 * self.last_sd**2 + own)


@dataclass(frozen=True)
class MonthlyModel:
    """The model of a monthly series at the end of its data.

    Attributes:
        first_month: First month of the data, as "2023-01".
        last_month: Last month of the data.
        alpha: Share of an error that stays in the level.
        beta: Share of it that stays in the trend.
        gamma: Share of it that stays in the season of its calendar month.
        damping: phi, share of the trend that is left after a month.
        level: Level at the end, in x.
        trend: Trend at the end, in x a month.
        season: Effects of the calendar months in x, January first, (12,).
        volatility: How the size of the errors changes.
        stretch: Factor on the standard deviation that the equations give, by months ahead; the last
            holds for all later months.
        offset: What is added to a count before its logarithm.
        highest: The largest count a path may reach.
        standard_errors: Standard errors of the estimates, by name; an estimate at a bound has none.
    """

    first_month: str
    last_month: str
    alpha: float
    beta: float
    gamma: float
    damping: float
    level: float
    trend: float
    season: tuple[float, ...]
    volatility: Volatility
    stretch: tuple[float, ...]
    offset: float
    highest: float
    standard_errors: Mapping[str, float] = field(default_factory=dict)

    def x_of(self, counts: Array) -> Array:
        """Counts as x, of the same shape."""
        return np.log(self.offset + counts)

    def counts_of(self, x: Array) -> Array:
        """Counts of x, of the same shape, between 0 and the largest a path may reach."""
        most = np.log(self.offset + self.highest)
        return np.clip(np.exp(np.minimum(x, most)) - self.offset, 0.0, self.highest)

    def weights(self, horizon: int) -> Array:
        """Effect on x of an error of 1, after 0, 1, ... months, (horizon,)."""
        after = np.arange(1, horizon)
        damped = np.cumsum(self.damping**after) if horizon > 1 else np.empty(0)
        left = self.alpha + self.beta * damped + self.gamma * (after % MONTHS_OF_YEAR == 0)
        return np.concatenate([[1.0], left])

    def centre(self, horizon: int) -> Array:
        """Value of x in the coming months if no error occurs, (horizon,)."""
        steps = np.arange(1, horizon + 1)
        calendar = (number_of(self.last_month) + steps) % MONTHS_OF_YEAR
        drift = np.cumsum(self.damping**steps) * self.trend
        return np.asarray(self.level + drift + np.array(self.season)[calendar])

    def equation_sd(self, horizon: int) -> Array:
        """Standard deviation of x by months ahead as the equations give it, (horizon,)."""
        mean, variance = self.volatility.ahead(horizon)
        errors = np.exp(mean + variance / 2.0)
        weights = self.weights(horizon) ** 2
        return np.sqrt(np.convolve(errors, weights)[:horizon])

    def stretched(self, horizon: int) -> Array:
        """The stretch of each month ahead, (horizon,)."""
        stretch = np.array(self.stretch[:horizon])
        return np.pad(stretch, (0, horizon - len(stretch)), mode="edge")


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
    """
    return _counts(model, model.stretched(horizon) * _departures(model, scipy.special.ndtri(draws)))


def central_path(model: MonthlyModel, horizon: int) -> Array:
    """The median of every coming month, (horizon,)."""
    return np.asarray(_counts(model, np.zeros((1, horizon)))[0])


def quantile_path(model: MonthlyModel, horizon: int, probability: float) -> Array:
    """The quantile of every coming month, (horizon,).

    It joins the quantiles of single months; a path that lies at this quantile in every month is
    rarer than the probability says.

    Args:
        model: The series at the end of its data.
        horizon: Months to come.
        probability: Between 0 and 1, both left out; 0.5 gives the central path.
    """
    if probability == 0.5:  # exact, without an error of sampling
        return central_path(model, horizon)
    departures = _departures(model, _reference(horizon))
    quantiles = np.quantile(departures, probability, axis=0)
    return np.asarray(_counts(model, (model.stretched(horizon) * quantiles)[None])[0])


def _departures(model: MonthlyModel, normal: Array) -> Array:
    """Effect of errors, from (paths, horizon, 2) normal numbers, on x before the stretch."""
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
