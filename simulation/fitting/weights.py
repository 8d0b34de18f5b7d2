"""Weights of the last generation, and how many equal members they are worth."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

Array = npt.NDArray[np.float64]
#: share of the members that the weights must be worth
LEAST_EFFECTIVE = 0.5
_HALVINGS = 40


class Weights(NamedTuple):
    """Weights of members.

    Attributes:
        values: They sum to 1, (members,).
        power: To which the importance weights were raised.
        effective: What they are worth, in members of equal weight.
        effective_raw: The same without the power.
    """

    values: Array
    power: float
    effective: float
    effective_raw: float


def importance(scores: Array, log_likelihoods: Array) -> Weights:
    """Weigh members by prior and likelihood over the density they were drawn from.

    The smoother leaves a sample of some density near the posterior. That density is taken to be
    normal, with its covariance drawn a little towards its diagonal, as members are few. Likelihoods
    from a few runs are noisy and so are such weights; they are raised to the largest power, at most
    1, at which they are still worth half of the members. A power near 0 leaves the sample as the
    smoother made it.

    Args:
        scores: (parameters, members), standard normal a priori; without those that were drawn
            from the prior, whose density is known to be that of the prior.
        log_likelihoods: (members,).
    """
    prior = stats.norm.logpdf(scores).sum(axis=0)
    return tempered(prior + log_likelihoods - _log_density(scores))


def tempered(logs: Array) -> Weights:
    """Weights from their logarithms, raised to a power that leaves enough members."""
    members = logs.size
    least = LEAST_EFFECTIVE * members
    raw = effective(_normalised(logs))
    low, high = 0.0, 1.0
    if raw < least:
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            if effective(_normalised(middle * logs)) < least:
                high = middle
            else:
                low = middle
        power = low
    else:
        power = 1.0
    values = _normalised(power * logs)
    return Weights(values, power, effective(values), raw)


def effective(weights: Array) -> float:
    """Members of equal weight that some weights, which sum to 1, are worth."""
    return float(1.0 / np.sum(weights**2))


def weighted_quantile(values: Array, weights: Array, at: float) -> float:
    """Quantile of values with weights that sum to 1."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - weights[order] / 2.0
    return float(np.interp(at, below, values[order]))


def systematic(weights: Array, count: int, seed: int) -> npt.NDArray[np.int64]:
    """Indices of members drawn in proportion to their weights, as evenly as can be."""
    start = np.random.default_rng(seed).random()
    marks = (np.arange(count) + start) / count
    found = np.searchsorted(np.cumsum(weights), marks, side="right")
    return np.minimum(found, weights.size - 1).astype(np.int64)


def _log_density(scores: Array) -> Array:
    """The normal density with the mean and covariance of members, at each, (members,)."""
    parameters, members = scores.shape
    if parameters == 0:
        return np.zeros(members)
    covariance = np.atleast_2d(np.cov(scores))
    share = parameters / (parameters + members)
    covariance = (1.0 - share) * covariance + share * np.diag(np.diag(covariance))
    law = stats.multivariate_normal(scores.mean(axis=1), covariance, allow_singular=True)
    found: Array = np.atleast_1d(law.logpdf(scores.T))
    return found


def _normalised(logs: Array) -> Array:
    raised = np.exp(logs - logs.max())
    found: Array = raised / raised.sum()
    return found
