"""Differences between runs of the same seeds: their mean and its interval.

Every interval is that of Student's t for the mean over the pairs. Pairs that share a set of
assumptions or a path are one *group*, and count once, with their mean. A percentage is the mean of
the pairs' own percentages, each of its pair's own baseline: a pair with a high baseline weighs as
much as any other, so that no outlier decides. It is stated only where every baseline is known well
enough, and never where its interval would end below -100%.

The interval of the mean narrows with every pair. How far worlds lie apart does not: see
`plausible_range`.
"""

from __future__ import annotations

import math
import warnings
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy

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
#: pairs below which no spread is stated: only from here on does a share of them lie beyond the 5%
#: and the 95% quantile, for 1 / 20 is 5%
SPREAD_PAIRS = 20
#: the quantiles of the spread, in percent
SPREAD = (5, 95)
#: what a spread goes between, in words
QUANTILES = f"{SPREAD[0]}-{SPREAD[1]}%"
#: a baseline below this share of the mean baseline is too small for a percentage of it
TINY = 0.05
#: a median count below this has no percentage: one more of it is a percent and more
SMALL_COUNT = 100.0
#: probability with which the pairs that are asked for would show an effect; in words 4 in 5
POWER = 0.80
#: share that chance may have of the differences that are called clear
FALSE_SHARE = 0.10
Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Differences:
    """Paired differences of many quantities; arrays of the shape of one run's quantities.

    Attributes:
        pairs: Pairs with a value on both sides.
        groups: Groups of these that are independent: as many as intervals and directions rest on.
        base: Median on the side of the baseline.
        base_low: 5% quantile there; NaN for fewer than `SPREAD_PAIRS` pairs.
        base_high: 95% quantile.
        other: Median on the other side.
        other_low: 5% quantile there.
        other_high: 95% quantile.
        mean: Mean difference, other less baseline.
        low: Lower end of its interval; NaN for fewer than `FEWEST_PAIRS` groups.
        high: Upper end.
        sd: Standard deviation of the groups' differences; NaN for fewer than two.
        sign_probability: Probability that the true average difference has the sign of the mean,
            from the t distribution of the mean (no prior opinion), and never above `most_sure`;
            0.5 where there is no difference at all; NaN for fewer than `DIRECTION_PAIRS` groups.
        percent: Mean of the pairs' differences in percent, each of its own baseline; NaN where a
            baseline is nothing, negative or `TINY`, where the mean baseline cannot be told from
            nothing, and where the percentage or its interval would end below -100.
        percent_low: Lower end of its interval.
        percent_high: Upper end.
        percent_sd: Standard deviation of the groups' percentages.
        percent_probability: As `sign_probability`, of the percentage.
    """

    pairs: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    base: Array
    base_low: Array
    base_high: Array
    other: Array
    other_low: Array
    other_high: Array
    mean: Array
    low: Array
    high: Array
    sd: Array
    sign_probability: Array
    percent: Array
    percent_low: Array
    percent_high: Array
    percent_sd: Array
    percent_probability: Array


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
        pairs: Pairs behind it, or groups of them.

    Returns:
        Whether the interval leaves out zero and there are `DIRECTION_PAIRS` of them.
    """
    return pairs >= DIRECTION_PAIRS and bool(low > 0.0 or high < 0.0)


def false_discovery(p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """P values as the least share of false findings at which each would be one, (tests,).

    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x. The same as
    `scipy.stats.false_discovery_control`, without the second that SciPy's statistics take to load.

    Args:
        p: (tests,) p values, 0 to 1.
    """
    values = np.asarray(p, dtype=float)
    order = np.argsort(values)
    adjusted = values[order] * (values.size / np.arange(1, values.size + 1))
    shares = np.empty_like(adjusted)
    shares[order] = np.minimum.accumulate(adjusted[::-1])[::-1]
    return np.clip(shares, 0.0, 1.0)


def p_value(mean: float, low: float, high: float, pairs: int) -> float:
    """Two-sided p-value of the t test with this `COVERAGE` interval; 1 where there is none."""
    if pairs < FEWEST_PAIRS or not math.isfinite(low) or mean == 0.0:
        return 1.0
    half = 0.5 * (high - low)
    if half == 0.0:
        return 0.0
    t = abs(mean) / half * scipy.special.stdtrit(pairs - 1, 0.5 + COVERAGE / 2.0)
    return float(2.0 * scipy.special.stdtr(pairs - 1, -t))


def clear(
    mean: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, pairs: npt.ArrayLike
) -> npt.NDArray[np.bool]:
    """Which of many differences are clearly a rise or a fall.

    Of many some have an interval that leaves out zero by chance alone. So as many are taken, the
    clearest first, as keep the expected share of chance among them at `FALSE_SHARE` (Benjamini and
    Hochberg 1995, "Controlling the false discovery rate", J. R. Stat. Soc. B 57). One whose
    interval holds zero is not clear, however many there are; where all pairs are the same on both
    sides, nothing is tested.

    Args:
        mean: (tests,) mean differences.
        low: Lower ends of their intervals; NaN for none.
        high: Upper ends.
        pairs: Pairs behind them, or groups of such.
    """
    rows = list(zip(*(np.ravel(part).tolist() for part in (mean, low, high, pairs)), strict=True))
    able = np.array([has_direction(*row[1:]) for row in rows], dtype=bool)
    moved = np.array([any(row[:3]) for row in rows], dtype=bool)
    p = np.array([p_value(*row) if can else 1.0 for row, can in zip(rows, able, strict=True)])
    able[moved] &= false_discovery(np.clip(p[moved], 0.0, 1.0)) <= FALSE_SHARE
    return able


def paired_differences(
    base: npt.ArrayLike,
    other: npt.ArrayLike,
    *,
    groups: Sequence[Hashable] | None = None,
    comparisons: int = 1,
) -> Differences:
    """Compare runs pair by pair.

    Args:
        base: (pairs, ...) values of the baseline.
        other: (pairs, ...) values of the other case with the same seeds, in the same order.
        groups: The group of each pair; each pair is one when None.
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
    pairs = np.asarray(np.count_nonzero(~missing, axis=0))
    members = _members(groups)
    median = np.nanmedian if missing.any() else np.median  # the first takes ten times as long
    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing are NaN, as they should
        gaps = _means(b - a, members)
        independent = np.asarray(np.count_nonzero(~np.isnan(gaps), axis=0))
        mean, low, high, sd, sure = _interval(gaps, independent, level)
        weak = _is_weak(_means(a, members), independent, level)
        tiny = (a <= 0.0) | (a < TINY * np.nanmean(a, axis=0)) | _vanishes(a, b)
        own = np.where(weak | tiny.any(axis=0), np.nan, own_percentages(a, b))
        shares = _means(own, members)
        share, share_low, share_high, share_sd, share_sure = _interval(shares, independent, level)
        impossible = (share < -100.0) | (share_low < -100.0)
        base_low, base_high = _spread(a, pairs)
        other_low, other_high = _spread(b, pairs)
        return Differences(
            pairs=pairs,
            groups=independent,
            base=median(a, axis=0),
            base_low=base_low,
            base_high=base_high,
            other=median(b, axis=0),
            other_low=other_low,
            other_high=other_high,
            mean=mean,
            low=low,
            high=high,
            sd=sd,
            sign_probability=sure,
            percent=np.where(impossible, np.nan, share),
            percent_low=np.where(impossible, np.nan, share_low),
            percent_high=np.where(impossible, np.nan, share_high),
            percent_sd=np.where(impossible, np.nan, share_sd),
            percent_probability=np.where(impossible, np.nan, share_sure),
        )


def _members(groups: Sequence[Hashable] | None) -> list[list[int]] | None:
    """The pairs of each group, in order; None where each pair is a group."""
    if groups is None:
        return None
    members: dict[Hashable, list[int]] = {}
    for pair, group in enumerate(groups):
        members.setdefault(group, []).append(pair)
    return list(members.values()) if len(members) < len(groups) else None


def _means(values: Array, members: list[list[int]] | None) -> Array:
    """The mean of each group, (groups, ...), of its pairs that have a value."""
    if members is None:
        return values
    return np.array([np.nanmean(values[pairs], axis=0) for pairs in members])


def _interval(
    values: Array, pairs: npt.NDArray[np.int64], level: float
) -> tuple[Array, Array, Array, Array, Array]:
    """Mean, its t interval, the standard deviation, and the certainty of the mean's sign."""
    mean, sd = np.nanmean(values, axis=0), np.nanstd(values, axis=0, ddof=1)
    error, freedom = sd / np.sqrt(pairs), np.maximum(pairs - 1.0, 1.0)
    t = scipy.special.stdtrit(freedom, 0.5 + level / 2.0)
    half = np.where(pairs < FEWEST_PAIRS, np.nan, error * t)
    # where all pairs differ alike there is no error: sure of any mean but zero
    chance = np.where(mean == 0.0, 0.5, scipy.special.stdtr(freedom, np.abs(mean) / error))
    sure = np.where(pairs < DIRECTION_PAIRS, np.nan, np.minimum(chance, most_sure(pairs)))
    sure = np.where(np.isnan(mean), np.nan, sure)
    return mean, mean - half, mean + half, np.where(pairs < 2, np.nan, sd), sure


def _is_weak(base: Array, pairs: npt.NDArray[np.int64], level: float) -> npt.NDArray[np.bool]:
    """Whether a mean baseline cannot be told from nothing."""
    mean, low, *_ = _interval(base, pairs, level)
    return np.asarray(np.where(pairs < FEWEST_PAIRS, mean <= 0.0, low <= 0.0))


def own_percentages(base: npt.ArrayLike, other: npt.ArrayLike) -> Array:
    """Differences in percent of their own baselines.

    NaN where a baseline is not above nothing, or is lost in the rounding of the difference.
    """
    a, b = np.asarray(base, dtype=float), np.asarray(other, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where((a > 0.0) & ~_vanishes(a, b), 100.0 * ((b - a) / a), np.nan)


def _vanishes(a: Array, b: Array) -> npt.NDArray[np.bool]:
    """Whether a baseline changes nothing when it is added to the size of its difference."""
    gap = np.abs(b - a)
    return np.asarray((gap > 0.0) & (a + gap == gap))


def _spread(values: Array, pairs: npt.NDArray[np.int64]) -> tuple[Array, Array]:
    """The quantiles of `SPREAD`; NaN for too few pairs."""
    ends = np.full((2, *values.shape[1:]), np.nan)
    if np.any(pairs >= SPREAD_PAIRS):
        ends = np.where(pairs >= SPREAD_PAIRS, quantiles(values), np.nan)
    return ends[0], ends[1]


def quantiles(values: Array) -> Array:
    """The quantiles of `SPREAD` over the first axis, (2, ...); NaN are left out."""
    shares = [share / 100.0 for share in SPREAD]
    # unbiased for the median whatever the distribution (Hyndman and Fan 1996, type 8)
    ends: Array = np.quantile(values, shares, axis=0, method="median_unbiased")
    missing = np.isnan(values)
    gaps = missing.any(axis=0) & ~missing.all(axis=0)
    if gaps.any():  # column by column, which takes a hundred times as long
        ends[:, gaps] = np.nanquantile(values[:, gaps], shares, axis=0, method="median_unbiased")
    return ends


# -- the verdict on a difference: clear, none in practice, too small to matter, or open ------------
# Every sentence, table, chart and file takes its verdict from here. It rests on the 90% interval of
# the average difference and on a margin, the largest difference that does not matter in practice.
# An interval within the margin is equivalence by two one-sided tests at 5% each (Schuirmann 1987,
# "A comparison of the two one-sided tests procedure and the power approach for assessing the
# equivalence of average bioavailability", J. Pharmacokinet. Biopharm. 15).

#: more pairs than this are not counted
_MOST = 10**6


#: independent differences from which on an interval within the margin is a verdict; a direction
#: needs `DIRECTION_PAIRS`
EQUIVALENCE_PAIRS = 6
#: what may be said of a difference: a clear fall or rise; none in practice; beyond zero, but too
#: small to matter; or that it cannot be told
Verdict = Literal["fall", "rise", "none", "small", "open"]
#: those with a direction that matters
CLEAR = frozenset({"fall", "rise"})


def verdict_of(low: float, high: float, independent: int, margin: float | None) -> Verdict:
    """The verdict on an average difference.

    Args:
        low: Lower end of its 90% interval.
        high: Upper end, in the same unit.
        independent: Independent differences that the interval rests on.
        margin: Largest difference that does not matter, in that unit; None where none is recorded:
            then a difference is clear or open.
    """
    within = margin is not None and max(-low, high) <= margin
    if has_direction(low, high, independent):
        if within:
            return "small"
        return "fall" if high < 0.0 else "rise"
    return "none" if within and independent >= EQUIVALENCE_PAIRS else "open"


def differences_to_settle(mean: float, sd: float, margin: float | None) -> int | None:
    """Independent differences with which an open verdict would probably be settled.

    That is if the true mean and spread are those seen: with probability `POWER` the interval then
    lies within the margin or leaves out zero, whichever takes fewer.

    Args:
        mean: Mean of the independent differences.
        sd: Their standard deviation, in the same unit.
        margin: As of `verdict_of`.

    Returns:
        The number; None where the spread is unknown or no number is enough.
    """
    if not (math.isfinite(mean) and math.isfinite(sd)):
        return None
    room = max(abs(mean), 0.0 if margin is None else margin - abs(mean))
    if room <= 0.0:
        return None
    more = float(scipy.special.ndtri(POWER))

    def settles(n: int) -> bool:
        t = scipy.special.stdtrit(n - 1, 0.5 + COVERAGE / 2.0)
        return bool((t + more) * sd / math.sqrt(n) < room)

    count = bisect_left(range(_MOST), True, 2, key=settles)
    return None if count >= _MOST else max(count, DIRECTION_PAIRS)
