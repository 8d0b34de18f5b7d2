"""Differences between runs of the same seeds: their mean, its interval, and how sure its sign is.

The intervals are Student t intervals of paired differences (`scipy.stats.ttest_rel`). Percentages
are those of a ratio of two means; its interval comes from the residuals of the ratio (the
linearised ratio estimator: Cochran 1977, "Sampling Techniques", 3rd edition, chapter 6).
"""

from __future__ import annotations

import math
import warnings
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

#: probability that an interval is meant to cover
COVERAGE = 0.90
#: more pairs than this are not counted
_MOST = 10**9
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Differences:
    """Paired differences of many quantities; arrays of the shape of one run's quantities.

    Attributes:
        pairs: Pairs with a value on both sides.
        base: Mean on the side of the baseline.
        other: Mean on the other side.
        mean: Mean difference, other less baseline.
        low: Lower end of its interval; NaN for fewer than two pairs.
        high: Upper end.
        sd: Standard deviation of the differences; NaN for fewer than two pairs.
        percent: Difference in percent of the baseline; NaN where that is nothing.
        percent_low: Lower end of its interval.
        percent_high: Upper end.
        sure: Probability that the true difference has the sign of the mean, from the t
            distribution of the mean (no prior opinion); 1 where every pair differs by the same
            amount, 0.5 where there is no difference at all.
        coverage: Probability that each interval is meant to cover, corrected for looking at many.
    """

    pairs: npt.NDArray[np.int64]
    base: Array
    other: Array
    mean: Array
    low: Array
    high: Array
    sd: Array
    percent: Array
    percent_low: Array
    percent_high: Array
    sure: Array
    coverage: float


def paired_differences(
    base: npt.ArrayLike,
    other: npt.ArrayLike,
    *,
    coverage: float = COVERAGE,
    comparisons: int = 1,
) -> Differences:
    """Compare runs pair by pair.

    Args:
        base: (pairs, ...) values of the baseline.
        other: (pairs, ...) values of the other case with the same seeds, in the same order.
        coverage: Probability that an interval should cover.
        comparisons: Intervals looked at together; each is widened so that all of them cover at
            once with the probability asked for (Bonferroni).

    Returns:
        Arrays of shape (...). A pair with NaN on either side counts for neither.
    """
    a, b = np.asarray(base, dtype=float), np.asarray(other, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
    missing = np.isnan(a) | np.isnan(b)
    a, b = np.where(missing, np.nan, a), np.where(missing, np.nan, b)
    level = 1.0 - (1.0 - coverage) / comparisons
    pairs = np.count_nonzero(~missing, axis=0)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are NaN, as they should
        base_mean, other_mean = np.nanmean(a, axis=0), np.nanmean(b, axis=0)
        mean, low, high, sd, sure = _interval(a, b, level)
        ratio = other_mean / base_mean
        # b - ratio * a has mean nothing; its spread over the baseline's mean is the ratio's
        _, ratio_low, ratio_high, _, _ = _interval(ratio * a / base_mean, b / base_mean, level)
    known = base_mean != 0.0
    return Differences(
        pairs=np.asarray(pairs),
        base=base_mean,
        other=other_mean,
        mean=mean,
        low=low,
        high=high,
        sd=sd,
        percent=np.where(known, 100.0 * (ratio - 1.0), np.nan),
        percent_low=np.where(known, 100.0 * (ratio - 1.0 + ratio_low), np.nan),
        percent_high=np.where(known, 100.0 * (ratio - 1.0 + ratio_high), np.nan),
        sure=sure,
        coverage=coverage,
    )


def _interval(a: Array, b: Array, level: float) -> tuple[Array, Array, Array, Array, Array]:
    """Mean of b - a, its t interval, the standard deviation, and the certainty of the sign."""
    gaps = b - a
    mean = np.nanmean(gaps, axis=0)
    few = np.count_nonzero(~np.isnan(gaps), axis=0) < 2
    sd = np.where(few, np.nan, np.nanstd(gaps, axis=0, ddof=1))
    test = stats.ttest_rel(b, a, axis=0, nan_policy="omit")
    bounds = test.confidence_interval(level)
    # where all pairs differ alike there is no spread, and the test divides by nothing
    same = sd == 0.0
    low = np.where(few, np.nan, np.where(same, mean, bounds.low))
    high = np.where(few, np.nan, np.where(same, mean, bounds.high))
    chance = 1.0 - np.asarray(test.pvalue) / 2.0
    sure = np.where(few, np.nan, np.where(same, np.where(mean == 0.0, 0.5, 1.0), chance))
    return mean, low, high, sd, sure


def pairs_to_settle(mean: float, sd: float, coverage: float = COVERAGE) -> int | None:
    """Pairs with which an interval would leave out zero, if mean and spread stay as they are.

    Returns:
        The number of pairs; None where the mean is nothing or the spread is unknown.
    """
    if not (math.isfinite(sd) and math.isfinite(mean)) or mean == 0.0:
        return None
    return _smallest(abs(mean), sd, coverage)


def pairs_for_precision(half_width: float, sd: float, coverage: float = COVERAGE) -> int | None:
    """Pairs with which an interval would be this narrow, if the spread stays as it is."""
    if not math.isfinite(sd) or half_width <= 0.0:
        return None
    return _smallest(half_width, sd, coverage)


def _smallest(half_width: float, sd: float, coverage: float) -> int:
    """The least n >= 2 with t(n - 1) * sd / sqrt(n) below a half-width."""

    def narrow(n: int) -> bool:
        return bool(stats.t.ppf(0.5 + coverage / 2.0, n - 1) * sd / math.sqrt(n) < half_width)

    return bisect_left(range(_MOST), True, 2, key=narrow)
