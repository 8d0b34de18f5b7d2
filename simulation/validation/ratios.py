"""Ratios of two means over seeds, with the interval of Fieller."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from simulation.experiments.statistics.paired import COVERAGE, FEWEST_PAIRS

Array = npt.NDArray[np.float64]


def relative_change(base: npt.ArrayLike, other: npt.ArrayLike) -> tuple[float, float, float]:
    """Change of a mean in percent of another, with its interval.

    The interval is that of Fieller (1954, "Some problems in interval estimation", J. R. Stat. Soc.
    B 16): every percentage that the t test of the pairs does not reject. It is stated only where
    both means can themselves be told from nothing: else it has no end, or one below -100%.

    Args:
        base: (seeds,) values that the change is a percentage of.
        other: (seeds,) values with the change, same seeds.

    Returns:
        The change and the ends of its interval; NaN where they cannot be stated.
    """
    a, b = np.asarray(base, dtype=float), np.asarray(other, dtype=float)
    known = ~(np.isnan(a) | np.isnan(b))
    a, gaps = a[known], (b - a)[known]
    n, nothing = a.size, float("nan")
    if n == 0 or a.mean() <= 0.0:
        return nothing, nothing, nothing
    mean, gap = a.mean(), gaps.mean()
    share = 100.0 * float(gap / mean)
    if n < FEWEST_PAIRS:
        return share, nothing, nothing
    off, gap_off = a - mean, gaps - gap
    # the squared half-widths of the two means, and what they share
    scale = special.stdtrit(n - 1, 0.5 + COVERAGE / 2.0) ** 2 / (n * (n - 1.0))
    own, shared, gap_own = (
        scale * product.sum() for product in (off**2, off * gap_off, gap_off**2)
    )
    bottom, middle, top = mean**2 - own, mean * gap - shared, gap**2 - gap_own
    if bottom <= 0.0:
        return share, nothing, nothing
    root = np.sqrt(max(middle**2 - bottom * top, 0.0))
    low, high = (middle - root) / bottom, (middle + root) / bottom
    if low <= -1.0:
        return share, nothing, nothing
    return share, 100.0 * float(low), 100.0 * float(high)
