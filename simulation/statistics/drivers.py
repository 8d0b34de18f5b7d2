"""Which inputs an effect goes with: rank correlations, and how strong chance makes the strongest.

Many inputs are looked at with few draws, so the strongest correlation of all is large by chance. It
counts only above what shuffled effects reach: the largest correlation over all inputs, in all but
`FALSE_SHARE` of the shuffles (Westfall and Young 1993, Resampling-Based Multiple Testing, ch. 2).
"""

from __future__ import annotations

import numpy as np
import scipy

from simulation.statistics.paired import Array

#: share of studies without any driver in which one is named all the same
FALSE_SHARE = 0.1
#: shuffles of the effects
SHUFFLES = 999


def rank_correlations(inputs: Array, effects: Array) -> tuple[Array, float]:
    """Spearman's rank correlation of effects with each input.

    Args:
        inputs: (n, inputs) values; no input has one value only.
        effects: (n,) effects.

    Returns:
        (inputs,) correlations, and the size above which one is no chance.
    """
    x = _standardised(scipy.stats.rankdata(inputs, axis=0))
    y = _standardised(scipy.stats.rankdata(effects)[:, None])[:, 0]
    shuffled = np.random.default_rng(0).permuted(np.tile(y, (SHUFFLES, 1)), axis=1)
    largest = np.abs(shuffled @ x).max(axis=1)
    return y @ x, float(np.quantile(largest, 1.0 - FALSE_SHARE))


def _standardised(values: Array) -> Array:
    """Columns of mean 0 and length 1; one that never changes is 0."""
    centred = values - values.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    return np.divide(centred, length, out=np.zeros_like(centred), where=length > 0.0)
