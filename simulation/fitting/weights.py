"""Every run of a fit counts, by what it gave: weights of all members of all generations.

The emulator says where the assumptions are that agree with what was observed; it does not say all,
as the model is not linear. The runs themselves do. A member of any generation was drawn from the
mixture of the distributions from which the generations were drawn, so prior times likelihood over
the density of that mixture is its importance weight (adaptive multiple importance sampling; Cornuet
and others 2012). The likelihood of what was observed, given one run, has the chance of that run in
it, in hundreds of figures; so the weights are raised to a power at which they are still worth a
certain share of the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from simulation.fitting.emulation import Generation, Posterior

Array = npt.NDArray[np.float64]
#: share of all runs that the weights are worth at least: in a narrower ensemble chance would decide
#: (an assumption)
LEAST_EFFECTIVE = 0.15
_HALVINGS = 40


class Weights(NamedTuple):
    """Weights of members.

    Attributes:
        values: They sum to 1, (members,).
        power: To which the importance weights were raised.
        effective: Members of equal weight that they are worth.
    """

    values: Array
    power: float
    effective: float


def importance(generations: Sequence[Generation], drawn_from: Sequence[Posterior]) -> Weights:
    """Weigh the members of all generations.

    Args:
        generations: Scores of assumptions, and figures as distances from what was observed in
            standard deviations of what the model leaves out.
        drawn_from: The distribution from which each was drawn.
    """
    scores = np.hstack([one.scores for one in generations])
    figures = np.vstack([one.figures for one in generations])
    shares = np.array([len(one.figures) for one in generations]) / len(figures)
    parts = zip(shares, drawn_from, strict=True)
    mixture = logsumexp([np.log(share) + log_density(one, scores) for share, one in parts], axis=0)
    size = len(scores)
    prior = log_density(Posterior(np.zeros(size), np.eye(size)), scores)
    return tempered(prior - 0.5 * (figures**2).sum(axis=1) - mixture)


def log_density(of: Posterior, scores: Array) -> Array:
    """The logarithm of a normal density, up to what all normal densities share, (members,)."""
    root = np.linalg.cholesky(of.covariance)
    away = solve_triangular(root, scores - of.mean[:, None], lower=True)
    found: Array = -0.5 * (away**2).sum(axis=0) - np.log(np.diag(root)).sum()
    return found


def tempered(logs: Array) -> Weights:
    """Weights from their logarithms, raised to the largest power up to 1 that leaves enough."""
    least = LEAST_EFFECTIVE * logs.size
    low, high = 0.0, 1.0
    if effective(_normalised(logs)) >= least:
        low = 1.0
    else:
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            if effective(_normalised(middle * logs)) < least:
                high = middle
            else:
                low = middle
    values = _normalised(low * logs)
    return Weights(values, low, effective(values))


def effective(weights: Array) -> float:
    """Members of equal weight that some weights, which sum to 1, are worth."""
    return float(1.0 / np.sum(weights**2))


def systematic(weights: Array, count: int, seed: int) -> npt.NDArray[np.int64]:
    """How often each member is drawn in so many draws, in proportion to the weights, (members,).

    As evenly as can be: a member of a weight of k in `count` is drawn k times, or once more.

    Args:
        weights: They sum to 1, (members,).
        count: Draws.
        seed: Of the one draw that this takes.
    """
    start = np.random.default_rng(seed).random()
    marks = (np.arange(count) + start) / count
    found = np.minimum(np.searchsorted(np.cumsum(weights), marks, side="right"), weights.size - 1)
    return np.bincount(found, minlength=weights.size).astype(np.int64)


def _normalised(logs: Array) -> Array:
    raised = np.exp(logs - logs.max())
    found: Array = raised / raised.sum()
    return found
