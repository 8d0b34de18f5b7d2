"""Differences between runs of the same seeds: their mean, its interval, and the pairs' spread.

The intervals of the mean are Student t intervals of paired differences (`scipy.stats.ttest_rel`).
Percentages are those of a ratio of two means, and its interval is that of Fieller (1954, "Some
problems in interval estimation", J. R. Stat. Soc. B 16): every percentage that the same t test of
the pairs does not reject. It leaves out zero exactly where the t interval of the difference does.
It is stated only where both means can themselves be told from nothing: else its end would lie below
-100%, or it has no end at all.

The interval of the mean narrows with every pair. The spread of the single pairs does not: it holds
chance and, where each pair draws a set of assumptions, how far the sets lie apart.
"""

from __future__ import annotations

import math
import warnings
from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy  # its part `stats` is slow to load, and one run does not need it

#: probability that an interval is meant to cover
COVERAGE = 0.90
#: pairs below which no interval is stated: with three, Student's t still reaches 2.9 standard
#: errors, and the standard error itself is uncertain by half of its value
FEWEST_PAIRS = 4
#: pairs below which no direction is stated, neither a probability of it nor a verdict. If all n
#: pairs agree, the next disagrees with probability 1 / (n + 2) by the rule of succession. With
#: eight that is 10%, as much as a `COVERAGE` interval leaves out. The t distribution alone is surer
#: with fewer, but only if differences are normal, which so few pairs cannot show
DIRECTION_PAIRS = 8
#: pairs from which a share of them lies beyond the 5% and the 95% quantile: 1 / 20 is 5%
SPREAD_PAIRS = 20
#: the quantiles of the spread, in percent
SPREAD = (5, 95)
#: what a spread goes between: quantiles, or for fewer than `SPREAD_PAIRS` all pairs there are
QUANTILES, EXTREMES = f"{SPREAD[0]}-{SPREAD[1]}%", "lowest to highest"
#: the ends of a spread in `Differences`, and in files
SPREAD_ENDS = ("spread_low", "spread_high", "spread_percent_low", "spread_percent_high")
#: probability with which the pairs that are asked for would show an effect; in words 4 in 5
POWER = 0.80
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
        low: Lower end of its interval; NaN for fewer than `FEWEST_PAIRS` pairs.
        high: Upper end.
        sd: Standard deviation of the differences; NaN for fewer than two pairs.
        percent: Difference in percent of the baseline; NaN where that is nothing or below.
        percent_low: Lower end of its interval; NaN where one of the two means cannot be told from
            nothing.
        percent_high: Upper end.
        sign_probability: Probability that the true average difference has the sign of the mean,
            from the t distribution of the mean (no prior opinion), and never above `most_sure`;
            0.5 where there is no difference at all; NaN for fewer than `DIRECTION_PAIRS` pairs.
        spread_low: Lower end of the single pairs' differences; see `spread_kind`.
        spread_high: Upper end.
        spread_percent_low: Lower end of the single pairs' differences in percent, each of its own
            baseline; NaN where the baseline of a pair is nothing or below.
        spread_percent_high: Upper end.
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
    sign_probability: Array
    spread_low: Array
    spread_high: Array
    spread_percent_low: Array
    spread_percent_high: Array


def most_sure(pairs: npt.ArrayLike) -> Array:
    """The highest probability of a direction that so many pairs can support, of their shape.

    If all n pairs have one sign, the next has it too with probability (n + 1) / (n + 2): Laplace's
    rule of succession, which assumes no distribution of the differences.
    """
    n = np.asarray(pairs, dtype=float)
    return (n + 1.0) / (n + 2.0)


def has_direction(low: float, high: float, pairs: int) -> bool:
    """Whether a difference may be called a rise or a fall.

    Args:
        low: Lower end of its interval; NaN for none.
        high: Upper end.
        pairs: Pairs behind it.

    Returns:
        Whether the interval leaves out zero and there are `DIRECTION_PAIRS` pairs.
    """
    return pairs >= DIRECTION_PAIRS and bool(low > 0.0 or high < 0.0)


def p_value(mean: float, low: float, high: float, pairs: int) -> float:
    """Two-sided p-value of the t test with this `COVERAGE` interval; 1 where there is none."""
    if pairs < FEWEST_PAIRS or not math.isfinite(low) or mean == 0.0:
        return 1.0
    half = 0.5 * (high - low)
    if half == 0.0:
        return 0.0
    t = abs(mean) / half * scipy.stats.t.ppf(0.5 + COVERAGE / 2.0, pairs - 1)
    return float(2.0 * scipy.stats.t.sf(t, pairs - 1))


def spread_kind(pairs: int) -> str | None:
    """What the spread of so many pairs goes between: `QUANTILES`, `EXTREMES`, or None for none.

    The 5% quantile of fewer than `SPREAD_PAIRS` pairs would lie beyond the lowest of them, where
    nothing was seen. So their lowest and highest are given: of further pairs a share of
    (n - 1) / (n + 1) is expected between them.
    """
    if pairs < FEWEST_PAIRS:
        return None
    return QUANTILES if pairs >= SPREAD_PAIRS else EXTREMES


def paired_differences(
    base: npt.ArrayLike, other: npt.ArrayLike, *, comparisons: int = 1
) -> Differences:
    """Compare runs pair by pair.

    Args:
        base: (pairs, ...) values of the baseline.
        other: (pairs, ...) values of the other case with the same seeds, in the same order.
        comparisons: Intervals looked at together; each is widened so that all of them cover at
            once with the probability `COVERAGE` (Bonferroni).

    Returns:
        Arrays of shape (...). A pair with NaN on either side counts for neither.
    """
    a, b = np.asarray(base, dtype=float), np.asarray(other, dtype=float)
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
    missing = np.isnan(a) | np.isnan(b)
    a, b = np.where(missing, np.nan, a), np.where(missing, np.nan, b)
    level = 1.0 - (1.0 - COVERAGE) / comparisons
    pairs = np.count_nonzero(~missing, axis=0)
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are NaN, as they should
        base_mean, other_mean = np.nanmean(a, axis=0), np.nanmean(b, axis=0)
        mean, low, high, sd, sure = _interval(a, b, level)
        share_low, share_high = _relative(a, b - a, pairs, level)
        known = base_mean > 0.0  # of a loss there is no percentage
        share = np.where(known, mean / base_mean, np.nan)
        spread_low, spread_high = _spread(b - a, pairs)
        own = np.where(a > 0.0, (b - a) / a, np.nan)
        whole = np.count_nonzero(~np.isnan(own), axis=0) == pairs
        own_low, own_high = (np.where(whole, end, np.nan) for end in _spread(own, pairs))
    return Differences(
        pairs=np.asarray(pairs),
        base=base_mean,
        other=other_mean,
        mean=mean,
        low=low,
        high=high,
        sd=sd,
        percent=100.0 * share,
        percent_low=100.0 * share_low,
        percent_high=100.0 * share_high,
        sign_probability=sure,
        spread_low=spread_low,
        spread_high=spread_high,
        spread_percent_low=100.0 * own_low,
        spread_percent_high=100.0 * own_high,
    )


def _interval(a: Array, b: Array, level: float) -> tuple[Array, Array, Array, Array, Array]:
    """Mean of b - a, its t interval, the standard deviation, and the certainty of the sign."""
    gaps = b - a
    mean = np.nanmean(gaps, axis=0)
    pairs = np.count_nonzero(~np.isnan(gaps), axis=0)
    few = pairs < FEWEST_PAIRS
    sd = np.where(pairs < 2, np.nan, np.nanstd(gaps, axis=0, ddof=1))
    test = scipy.stats.ttest_rel(b, a, axis=0, nan_policy="omit")
    bounds = test.confidence_interval(level)
    # where all pairs differ alike there is no spread, and the test divides by nothing
    same = sd == 0.0
    low = np.where(few, np.nan, np.where(same, mean, bounds.low))
    high = np.where(few, np.nan, np.where(same, mean, bounds.high))
    chance = 1.0 - np.asarray(test.pvalue) / 2.0
    chance = np.where(same, np.where(mean == 0.0, 0.5, 1.0), chance)
    sure = np.where(pairs < DIRECTION_PAIRS, np.nan, np.minimum(chance, most_sure(pairs)))
    return mean, low, high, sd, sure


def _relative(a: Array, gaps: Array, pairs: npt.ArrayLike, level: float) -> tuple[Array, Array]:
    """Fieller's interval of the mean gap as a share of the mean of `a`."""
    # every share s for which the t test does not tell the mean of `gaps - s * a` from zero: the
    # values between the roots of a quadratic. It is not stated where it has no bound or reaches -1,
    # which is where a mean of either side cannot be told from nothing
    n = np.asarray(pairs, dtype=float)
    t = np.asarray(scipy.stats.t.ppf(0.5 + level / 2.0, np.maximum(n - 1.0, 1.0)))
    mean, gap = np.nanmean(a, axis=0), np.nanmean(gaps, axis=0)
    off, gap_off = a - mean, gaps - gap
    # squared half-widths of the two means, and what they share
    scale = t**2 / (n * (n - 1.0))
    own, shared, gap_own = (
        scale * np.nansum(product, axis=0) for product in (off**2, off * gap_off, gap_off**2)
    )
    bottom, middle, top = mean**2 - own, mean * gap - shared, gap**2 - gap_own
    root = np.sqrt(np.maximum(middle**2 - bottom * top, 0.0))
    low, high = (middle - root) / bottom, (middle + root) / bottom
    stated = (n >= FEWEST_PAIRS) & (mean > 0.0) & (bottom > 0.0) & (low > -1.0)
    return np.where(stated, low, np.nan), np.where(stated, high, np.nan)


def _spread(values: Array, pairs: npt.ArrayLike) -> tuple[Array, Array]:
    """The ends between which the single pairs lie; see `spread_kind`."""
    n = np.asarray(pairs)
    found = np.array([np.nanmin(values, axis=0), np.nanmax(values, axis=0)])
    if np.any(n >= SPREAD_PAIRS):
        found = np.where(n >= SPREAD_PAIRS, _quantiles(values), found)
    low, high = np.where(n < FEWEST_PAIRS, np.nan, found)
    return low, high


def _quantiles(values: Array) -> Array:
    """The quantiles of `SPREAD`, without the pairs that have no value, (2, ...)."""
    shares = [share / 100.0 for share in SPREAD]
    # unbiased for the median whatever the distribution (Hyndman and Fan 1996, type 8)
    found: Array = np.quantile(values, shares, axis=0, method="median_unbiased")
    gaps = np.isnan(values).any(axis=0)
    if gaps.any():  # column by column, which takes a hundred times as long
        found[:, gaps] = np.nanquantile(values[:, gaps], shares, axis=0, method="median_unbiased")
    return found


def pairs_to_settle(mean: float, sd: float, coverage: float = COVERAGE) -> int | None:
    """Pairs whose interval would leave out zero with probability `POWER`.

    That is if the true mean and spread are those seen. An interval just as wide as the mean would
    not do: the mean of new pairs falls short of the true one as often as not, so that every other
    experiment would show nothing. The mean must exceed the half-width by as much as chance takes
    from it in all but 1 - `POWER` of experiments (Cohen 1988, "Statistical Power Analysis for the
    Behavioral Sciences").

    Returns:
        The number of pairs, at least `DIRECTION_PAIRS`; None where the mean is nothing or the
        spread is unknown.
    """
    if not (math.isfinite(sd) and math.isfinite(mean)) or mean == 0.0:
        return None
    needed = _smallest(abs(mean), sd, coverage, float(scipy.stats.norm.ppf(POWER)))
    return max(needed, DIRECTION_PAIRS)


def pairs_for_precision(half_width: float, sd: float) -> int | None:
    """Pairs with which a `COVERAGE` interval would be this narrow, if the spread stays as it is."""
    if not math.isfinite(sd) or half_width <= 0.0:
        return None
    return _smallest(half_width, sd, COVERAGE)


def _smallest(size: float, sd: float, coverage: float, more: float = 0.0) -> int:
    """The least n >= 2 with (t(n - 1) + more) * sd / sqrt(n) below a size."""

    def narrow(n: int) -> bool:
        t = scipy.stats.t.ppf(0.5 + coverage / 2.0, n - 1)
        return bool((t + more) * sd / math.sqrt(n) < size)

    return bisect_left(range(_MOST), True, 2, key=narrow)
