"""How likely what was observed is, given the runs of one member: one law for each kind of figure.

Nobody can write down the likelihood of the model. Each member is run several times instead; the
mean of its runs gives the centre of a law of the right kind for the figure, and the spread of runs
with the model's discrepancy its width: negative binomial for counts, beta for shares,
Dirichlet-multinomial for the mix of origins, log-normal for ratios.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.fitting.series import Block, Data

Array = npt.NDArray[np.float64]
#: smallest overdispersion of a count
_LEAST = 1e-3
#: closest to never and always that a chance is taken to be
_EDGE = 0.01
#: least people a group of a mix is expected to be, of all
_LEAST_SHARE = 1e-3


def log_likelihood(data: Data, runs: Array, variance: Array) -> float:
    """The logarithm of the likelihood of what was observed, up to what all members share.

    Args:
        data: What was observed.
        runs: Figures of the runs of a member, (runs, figures).
        variance: On the transformed scale: chance, with what is uncertain of the mean of so many
            runs, and discrepancy; (figures,).
    """
    observed = np.array(data.observed)
    total = 0.0
    for block, where in data.slices:
        part = _LAWS[block.spec.kind](block, observed[where], runs[:, where], variance[where])
        total += block.spec.weight * float(part)
    return total


def _count(block: Block, observed: Array, runs: Array, variance: Array) -> float:
    """Negative binomial: its variance is the mean, and its square over the dispersion."""
    # offset: the fit works on the logarithm of a figure with it, so that is what varies so much
    mean = np.maximum(runs.mean(axis=0), 0.5)
    wide = variance * ((mean + block.spec.offset) / mean) ** 2
    size = 1.0 / np.maximum(wide - 1.0 / mean, _LEAST)
    return float(stats.nbinom.logpmf(np.round(observed), size, size / (size + mean)).sum())


def _ratio(block: Block, observed: Array, runs: Array, variance: Array) -> float:
    centre = block.transformed(runs).mean(axis=0)
    return float(stats.norm.logpdf(block.transformed(observed), centre, np.sqrt(variance)).sum())


def _share(block: Block, observed: Array, runs: Array, variance: Array) -> float:
    """Beta; on the logit scale its variance is near 1 / (p (1 - p) (size + 1))."""
    centre = np.clip(runs.mean(axis=0), _EDGE, 1.0 - _EDGE)
    size = np.maximum(1.0 / (centre * (1.0 - centre) * variance) - 1.0, 2.0)
    seen = np.clip(observed, _EDGE, 1.0 - _EDGE)
    return float(stats.beta.logpdf(seen, centre * size, (1.0 - centre) * size).sum())


def _mix(block: Block, observed: Array, runs: Array, variance: Array) -> float:
    """Dirichlet-multinomial; the variance of a root is near (1 - p) / 4 (size + 1)."""
    shape = len(block.periods), len(block.groups)
    people, seen = runs.mean(axis=0).reshape(shape), np.round(observed).reshape(shape)
    total = 0.0
    for row, counts, wide in zip(people, seen, variance.reshape(shape), strict=True):
        share = np.maximum(row / max(row.sum(), 1.0), _LEAST_SHARE)
        share /= share.sum()
        size = max(float(np.mean(1.0 - share) / (4.0 * np.mean(wide))) - 1.0, 1.0)
        law = stats.dirichlet_multinomial(share * size, int(counts.sum()))
        total += float(law.logpmf(counts.astype(int)))
    return total


_LAWS = {"count": _count, "ratio": _ratio, "share": _share, "mix": _mix}
