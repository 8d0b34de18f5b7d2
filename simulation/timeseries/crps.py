"""The continuous ranked probability score of an ensemble (CRPS)."""

from __future__ import annotations

import numpy as np

from simulation.timeseries.model import Array


def crps(observed: Array, ensemble: Array, weights: Array | None = None) -> Array:
    """Score ensembles against what was observed, by quantiles: 0 is perfect.

    The mean absolute error of the members less half their mean difference (Gneiting and Raftery
    2007, doi:10.1198/016214506000001437), written as a sum over the sorted members (Laio and
    Tamea 2007, doi:10.5194/hess-11-1267-2007, equation 6).

    Args:
        observed: What was observed, (values,).
        ensemble: Members, (values, members).
        weights: Weight of each member, (values, members), not all 0; equal if None.

    Returns:
        A score of each value, (values,), in the unit of the values.
    """
    order = np.argsort(ensemble, axis=-1)
    above = np.take_along_axis(ensemble, order, axis=-1) - observed[:, None]
    shares = _shares(np.ones_like(ensemble) if weights is None else weights)
    # again, as in earlier versions: the sum in sorted order can differ from 1 in its last bits
    shares = _shares(np.take_along_axis(shares, order, axis=-1))
    below = np.cumsum(shares, axis=-1) - 0.5 * shares
    scores = shares * np.where(above > 0, 1 - below, -below) * above
    return np.asarray(2 * scores.sum(axis=-1))


def _shares(weights: Array) -> Array:
    return weights / weights.sum(axis=-1, keepdims=True)
