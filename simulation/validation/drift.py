"""A sequential test of whether figures that come month by month still agree with a forecast.

Each observed figure has a place in its predictive distribution, the share of the distribution below
it (probability integral transform; Dawid 1984, J. R. Stat. Soc. A 147:278-292). If the model holds,
the normal score z(t) of this place is standard normal in every month. Scores of neighbouring months
are correlated, for assumptions and discrepancy are common to them; their correlation is that of the
predictive paths.

A cumulative sum to each side (CUSUM; Page 1954, Biometrika 41:100-115) gathers small departures::

    up(t) = max(0, up(t-1) + z(t) - k),   down(t) = max(0, down(t-1) - z(t) - k)

An alarm is given in the first month in which the larger of the two exceeds the boundary of the
month. Boundaries spend a false-alarm rate evenly over a period of months that is fixed beforehand
(alpha spending; Lan and DeMets 1983, Biometrika 70:659-663): the boundary of a month is the value
that a month's part of all paths under which the model holds exceeds in this month for the first
time. It depends on this month and those before alone, so looking again each month raises no false
alarm that one look at the end would not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from simulation.validation.series import Array

#: k: departures of less than half a standard deviation a month are let pass (Page's choice for a
#: shift of one standard deviation)
ALLOWANCE = 0.5
#: paths from which boundaries are found
_PATHS = 100_000


@dataclass(frozen=True)
class Alarm:
    """The first month in which a test gave an alarm.

    Attributes:
        month: Its place among the months.
        since: Where the run to one side that led to it began.
        above: Whether figures lay above what was foretold; below otherwise.
    """

    month: int
    since: int
    above: bool


def scores_of(seen: Array, paths: Array, weights: Array | None = None) -> Array:
    """The normal score of the place of each figure in its distribution, (months,).

    Half of what equals the figure counts as below it. No score is further from 0 than the number
    of paths can tell.

    Args:
        seen: Observed figures, (months,), NaN where nothing was.
        paths: Predictive paths, (paths, months).
        weights: Weight of each path; equal if None.

    Returns:
        NaN where nothing was observed.
    """
    share = np.full(len(paths), 1.0 / len(paths)) if weights is None else weights / weights.sum()
    known = np.isfinite(paths)
    total = share @ known
    with np.errstate(invalid="ignore", divide="ignore"):
        below = share @ ((paths < seen) & known) + 0.5 * (share @ ((paths == seen) & known))
        place = below / total
    least = 0.5 / len(paths)
    found = stats.norm.ppf(np.clip(place, least, 1.0 - least))
    return np.where(np.isfinite(seen) & (total > 0), found, np.nan)


def correlation_of(paths: Array) -> Array:
    """Correlation of the normal scores of predictive paths between months, (months, months).

    Args:
        paths: (paths, months); a path that has no value in a month counts there as the middle.
    """
    count, months = paths.shape
    known = np.isfinite(paths)
    middles = [
        float(np.median(column[there])) if there.any() else 0.0
        for column, there in zip(paths.T, known.T, strict=True)
    ]
    ranks = stats.rankdata(np.where(known, paths, middles), axis=0) / (count + 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):  # a month that is the same in all
        found = np.atleast_2d(np.corrcoef(stats.norm.ppf(ranks), rowvar=False))
    found = np.where(np.isfinite(found), found, 0.0)
    np.fill_diagonal(found, 1.0)
    # a little towards none, so that it has a root whatever rounding does to it
    return np.asarray((1.0 - 1e-6) * found + 1e-6 * np.eye(months))


def sums(scores: Array) -> tuple[Array, Array]:
    """The cumulative sums to either side after each month, each (..., months).

    Args:
        scores: (..., months); a month without a score (NaN) leaves both as they were.
    """
    up, down = np.zeros(scores.shape), np.zeros(scores.shape)
    high = low = np.zeros(scores.shape[:-1])
    for month in range(scores.shape[-1]):
        score = scores[..., month]
        known = np.isfinite(score)
        step = np.where(known, score, 0.0)
        high = np.where(known, np.maximum(0.0, high + step - ALLOWANCE), high)
        low = np.where(known, np.maximum(0.0, low - step - ALLOWANCE), low)
        up[..., month], down[..., month] = high, low
    return up, down


def boundaries(
    correlation: Array,
    known: Array,
    rates: Sequence[float],
    period: int,
    seed: int,
    paths: int = _PATHS,
) -> list[Array]:
    """The boundary of each month, (months,), for each of several rates of false alarms.

    Args:
        correlation: Of the scores, (months, months).
        known: Whether a month was observed, (months,): a month that was not spends nothing.
        rates: False alarms over the whole period, as shares.
        period: Months over which they are spent evenly.
        seed: Which paths.
        paths: How many.

    Returns:
        Infinite where nothing was observed, and in months beyond the period.
    """
    months = len(correlation)
    rng = np.random.default_rng(seed)
    drawn = rng.standard_normal((paths, months)) @ np.linalg.cholesky(correlation).T
    up, down = sums(np.where(known, drawn, np.nan))
    larger = np.maximum(up, down)
    return [_boundary(larger, known, rate, period) for rate in rates]


def _boundary(larger: Array, known: Array, rate: float, period: int) -> Array:
    """The boundary of each month from the larger sum of each path, (paths, months)."""
    paths, months = larger.shape
    silent = np.ones(paths, dtype=bool)
    found = np.full(months, np.inf)
    wanted = round(paths * rate / period)
    for month in np.flatnonzero(known[: min(months, period)]):
        values = larger[silent, month]
        if wanted < len(values):
            place = len(values) - 1 - wanted
            found[month] = np.partition(values, place)[place]
        silent &= larger[:, month] <= found[month]
    return found


def first_alarm(scores: Array, bounds: Array) -> Alarm | None:
    """The first month in which a sum exceeds its boundary; None if none does.

    Args:
        scores: (months,), NaN where nothing was observed.
        bounds: (months,).
    """
    up, down = sums(scores)
    crossed = np.flatnonzero((np.maximum(up, down) > bounds) & np.isfinite(scores))
    if not crossed.size:
        return None
    month = int(crossed[0])
    above = bool(up[month] >= down[month])
    side = up if above else down
    at_rest = np.flatnonzero(side[:month] == 0.0)
    since = int(at_rest[-1]) + 1 if at_rest.size else 0
    first = np.flatnonzero(np.isfinite(scores[since:]))
    return Alarm(month, since + int(first[0]), above)


def first_outlier(scores: Array, rate: float, period: int) -> Alarm | None:
    """The first single month so far out that a model which holds hardly ever has one.

    Args:
        scores: (months,), NaN where nothing was observed.
        rate: False alarms over the whole period, as a share.
        period: Months over which they are spent evenly; later months are not looked at.
    """
    bound = stats.norm.isf(rate / period / 2.0)
    there = np.nan_to_num(np.abs(scores[:period]), nan=0.0) > bound
    if not there.any():
        return None
    month = int(np.flatnonzero(there)[0])
    return Alarm(month, month, bool(scores[month] > 0.0))
