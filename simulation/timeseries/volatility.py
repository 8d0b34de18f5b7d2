"""The volatility of the errors of a series, from their squares.

The logarithm of a squared error is the log variance plus the logarithm of a chi-squared variable of
one degree of freedom, whose mean and variance are known: Harvey, Ruiz and Shephard 1994,
"Multivariate stochastic variance models", doi:10.2307/2297980. The small constant in the logarithm
is that of Fuller 1996, *Introduction to statistical time series*, p. 494. Its likelihood is that of
a linear state space model (statsmodels).

A hundred months hold little information on a volatility. Persistence and size of its changes are
therefore means over their posterior; the prior of the first is that of Kim, Shephard and Chib 1998
(doi:10.1111/1467-937X.00050), of the second that of Kastner 2016 ("Dealing with stochastic
volatility in time series using the R package stochvol", doi:10.18637/jss.v069.i05).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, digamma, ndtri
from statsmodels.tsa.statespace.mlemodel import MLEModel

from simulation.timeseries.model import Array, Volatility

#: mean and variance of the logarithm of a chi-squared variable of one degree of freedom
_MEAN = float(digamma(0.5) + np.log(2.0))
_VARIANCE = float(np.pi**2 / 2.0)
_FULLER = 0.02
#: (rho + 1) / 2 has this Beta distribution; tau that of the size of a standard normal variable
_BETA = (20.0, 1.5)
#: points of the prior of each, equally likely
_GRID = 24


class FoundVolatility(NamedTuple):
    """A volatility and its standard errors.

    Attributes:
        volatility: The estimate.
        mean_se: Standard error of its mean.
        persistence_se: Standard deviation of its persistence in the posterior.
        sd_se: Standard deviation of the size of its changes in the posterior.
    """

    volatility: Volatility
    mean_se: float
    persistence_se: float
    sd_se: float


class _LogSquares(MLEModel):
    """Log squared errors as an autoregression seen through known noise."""

    def __init__(self, logs: Array) -> None:
        super().__init__(logs, k_states=1, k_posdef=1, initialization="stationary")
        self["design", 0, 0] = 1.0
        self["selection", 0, 0] = 1.0
        self["obs_intercept", 0, 0] = _MEAN
        self["obs_cov", 0, 0] = _VARIANCE

    def put(self, mean: float, persistence: float, sd: float) -> None:
        self["transition", 0, 0] = persistence
        self["state_intercept", 0, 0] = mean * (1.0 - persistence)
        self["state_cov", 0, 0] = sd**2
        self.ssm.initialize_stationary()


def volatility_of(errors: Array) -> FoundVolatility:
    """The volatility of errors, (months,).

    Raises:
        ValueError: All errors are zero.
    """
    logs = _log_squares(errors)
    model, mean = _LogSquares(logs), float(np.mean(logs)) - _MEAN
    grid = (np.arange(_GRID) + 0.5) / _GRID
    persistences = 2.0 * betaincinv(*_BETA, grid) - 1.0
    persistences = persistences[persistences > 0.0]
    sds = ndtri((1.0 + grid) / 2.0)
    logged = np.empty((len(persistences), len(sds)))
    for row, persistence in enumerate(persistences):
        for column, sd in enumerate(sds):
            model.put(mean, float(persistence), float(sd))
            logged[row, column] = model.ssm.loglike()
    chance = np.exp(logged - logged.max())
    chance /= chance.sum()
    persistence, persistence_se = _moments(persistences, chance.sum(axis=1))
    sd, sd_se = _moments(sds, chance.sum(axis=0))
    model.put(mean, persistence, sd)
    found = _at_the_end(model, mean, persistence, sd)
    mean_se = float(np.std(logs) / np.sqrt(len(logs)))
    return FoundVolatility(found, mean_se, persistence_se, sd_se)


def volatility_after(known: Volatility, errors: Array) -> Volatility:
    """A volatility with known parameters at the end of errors, (months,).

    Raises:
        ValueError: All errors are zero.
    """
    model = _LogSquares(_log_squares(errors))
    model.put(known.mean, known.persistence, known.sd)
    return _at_the_end(model, known.mean, known.persistence, known.sd)


def _log_squares(errors: Array) -> Array:
    """Logarithms of squared errors, with the correction of Fuller for those near zero."""
    size = float(np.mean(errors**2))
    if not size > 0.0:
        raise ValueError("the season explains the whole series: no volatility can be estimated")
    # a single error near zero would weigh more than all others
    offset = _FULLER * size
    return np.asarray(np.log(errors**2 + offset) - offset / (errors**2 + offset))


def _at_the_end(model: _LogSquares, mean: float, persistence: float, sd: float) -> Volatility:
    filtered = model.ssm.filter()
    return Volatility(
        mean=mean,
        persistence=persistence,
        sd=sd,
        last=float(filtered.filtered_state[0, -1]),
        last_sd=float(np.sqrt(filtered.filtered_state_cov[0, 0, -1])),
    )


def _moments(values: Array, chance: Array) -> tuple[float, float]:
    """Mean and standard deviation of values with probabilities that sum to 1."""
    mean = float(values @ chance)
    return mean, float(np.sqrt((values - mean) ** 2 @ chance))
