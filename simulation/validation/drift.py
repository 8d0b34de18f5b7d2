"""Tests of whether figures that come month by month still agree with a forecast.

Two statistics of a figure follow after each month::

    to date   |z| of the mean of the period to date
    drift     |z| of the mean of the last six months, given the mean of the year before the period

The score z of a mean is its distance from the median of its predictive distribution on a
logarithmic scale: -1.645 and 1.645 are the ends of the central 90% interval.

A set of assumptions that is wrong about the year before is mostly wrong about the period as well.
So the tests of a drift take from the logarithm of a mean x what the mean b of the year before
says of it, by a linear regression over the predictive paths::

    log x - slope (log b - mean of log b),   slope = cov(log x, log b) / var(log b), in [0, 1]

With a slope of 1 this is the change on the year before, with 0 the mean alone. The regression
leaves the least variance of all slopes (a control variate), and what was observed is treated as
each path is.

Months, figures and statistics depend on each other, so no table has their distribution. It is taken
from worlds in which the model holds: each predictive path is the world once, scored by the paths of
the other sets of assumptions (leave one out). To compare statistics, each is put on the scale

    s(t) = (x(t) - q90(t)) / (q99(t) - q90(t)),

where q90 and q99 are its quantiles in these worlds: with an exponential tail, 1 is exceeded once in
100 and 2 once in 1,000. The joint statistic is the largest s of all figures (after the smallest
p-value of Tippett 1931; calibrated as in Westfall and Young 1993, *Resampling-based multiple
testing*). An alarm is given in the first month in which it exceeds the bound of the month. Bounds
spend a rate of false alarms evenly over the months (alpha spending; Lan and DeMets 1983, Biometrika
70:659-663): the share of worlds with an alarm by a month is what is spent by then, whatever depends
on what. A bound depends on its month and those before alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.timeseries.months import MONTHS_OF_YEAR
from simulation.validation.series import Array

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]
#: months of the mean that is tested for a drift
RECENT = 6
#: departures of less than half a standard deviation do not begin a drift (Page's choice for a shift
#: of one standard deviation; Page 1954, Biometrika 41:100-115)
ALLOWANCE = 0.5
#: the central interval whose months outside are counted, and the score of its ends
INTERVAL = 0.9
_ENDS = (0.5 - INTERVAL / 2.0, 0.5, 0.5 + INTERVAL / 2.0)
_END = float(stats.norm.ppf(_ENDS[-1]))
TESTS = ("to date", "drift")
#: columns of the means of a figure; the last two are given the year before
_MONTH, _TO_DATE, _MONTH_GIVEN, _RECENT_GIVEN = range(4)
_GIVEN = slice(_MONTH_GIVEN, None)
#: a value counts as no smaller than this share of the median, so that 0 has a logarithm
_LEAST_SHARE = 0.01
#: distance from the median to an end of the interval, at least, as a logarithm
_LEAST_WIDTH = 1e-3
#: the quantiles of a statistic that give its scale
_TAIL = (0.9, 0.99)
_TINY = float(np.finfo(float).tiny)


@dataclass(frozen=True)
class Figure:
    """Values of one figure in one or more worlds.

    Attributes:
        months: (worlds, months), NaN where there is no value.
        before: Mean of the year before the first of them, (worlds,), NaN where unknown.
        amounts: Weight of each month in a mean over months, (months,).
    """

    months: Array
    before: Array
    amounts: Array

    def of(self, worlds: Mask | Index) -> Figure:
        """Some of the worlds, by index or mask."""
        return replace(self, months=self.months[worlds], before=self.before[worlds])

    def seen(self, observed: Mask) -> Figure:
        """The same without months that were not observed; `observed` is (months,)."""
        return replace(self, months=np.where(observed, self.months, np.nan))

    def changed(self, change: float) -> Figure:
        """The same with every month changed, relative to what it is; the year before stays."""
        return replace(self, months=self.months * (1.0 + change))

    def means(self) -> Array:
        """Month, mean to date, month and mean of the last six, (worlds, months, 4)."""
        to_date = mean_of_last(self.months, self.amounts, self.months.shape[-1])
        recent = mean_of_last(self.months, self.amounts, RECENT)
        means = np.stack([self.months, to_date, self.months, recent], axis=-1)
        return np.where(np.isfinite(self.months)[..., None], means, np.nan)


def mean_of_last(values: Array, amounts: Array, last: int) -> Array:
    """The mean of the last months up to each, (..., months), NaN where none has a value.

    Args:
        values: (..., months), NaN where there is no value.
        amounts: Weight of each month, (months,).
        last: How many months.
    """
    observed = np.isfinite(values)
    weights = [observed * amounts, np.where(observed, values, 0.0) * amounts]
    sums = np.cumsum(weights, axis=-1)
    weight, total = sums - np.concatenate([0 * sums[..., :last], sums[..., :-last]], axis=-1)
    return np.asarray(np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0))


@dataclass(frozen=True)
class Worlds:
    """The weights of predictive paths, and the set of assumptions of each.

    Attributes:
        weights: (paths,), summing to 1.
        members: Number of the set of assumptions of each path, (paths,).
    """

    weights: Array
    members: Index

    def of(self, paths: Mask) -> Worlds:
        """Some of the paths, by mask."""
        share = self.weights[paths]
        return Worlds(share / share.sum(), self.members[paths])


@dataclass(frozen=True)
class Regression:
    """What the year before says of the months after it, over some predictive paths.

    Attributes:
        floor: No mean counts as smaller, so that it has a logarithm, (months, 4).
        floor_before: The same of the year before.
        middle: Mean logarithm of the year before.
        slopes: How much the logarithm of each mean goes with it, 0 to 1, (months, 4).
    """

    floor: Array
    floor_before: Array
    middle: float
    slopes: Array

    @classmethod
    def of(cls, paths: Figure, worlds: Worlds) -> Self:
        """The regression over all paths; without a year before, the slopes are 0."""
        means = paths.means()
        floor, floor_before = (
            np.maximum(_LEAST_SHARE * _quantiles(one, worlds, [None])[0, 1], _TINY)
            for one in (means, paths.before[:, None])
        )
        logs = np.log(np.maximum(means, floor))
        before = np.log(np.maximum(paths.before, floor_before))
        slopes = np.zeros(floor.shape)
        for place in np.ndindex(slopes[:, _GIVEN].shape):
            month, column = place[0], _GIVEN.start + place[1]
            both = np.isfinite(logs[:, month, column]) & np.isfinite(before)
            if both.any() and np.ptp(before[both]) > 0.0:
                pair = logs[both, month, column], before[both]
                covariance = np.cov(*pair, aweights=worlds.weights[both])
                slopes[month, column] = np.clip(covariance[0, 1] / covariance[1, 1], 0.0, 1.0)
        (middle,) = _quantiles(before[:, None], worlds, [None])[0, 1]
        return cls(floor, floor_before, middle, slopes)

    def logs(self, figure: Figure) -> Array:
        """Logarithms of the means, the last two given the year before, (worlds, months, 4)."""
        return np.asarray(np.log(np.maximum(figure.means(), self.floor)) - self.explained(figure))

    def explained(self, figure: Figure) -> Array:
        """What the year before explains of the logarithms, (worlds, months, 4)."""
        before = np.log(np.maximum(figure.before, self.floor_before)) - self.middle
        return np.asarray(self.slopes * np.nan_to_num(before)[:, None, None])


@dataclass(frozen=True)
class Scale:
    """The scale on which logarithms are scored: the quantiles of their predictive distribution.

    Attributes:
        low: The lower end of the 90% interval, (..., months, 4).
        middle: The median, of the same shape.
        high: The upper end.
    """

    low: Array
    middle: Array
    high: Array

    @property
    def spread(self) -> Array:
        """Standard deviation of the logarithms, as the 90% interval has it, (..., months, 4)."""
        return np.asarray((self.high - self.low) / (2.0 * _END))

    def scores(self, logs: Array) -> Array:
        """Scores of logarithms, (worlds, months, 4), NaN where there is no value."""
        off = logs - self.middle
        above, below = self.high - self.middle, self.middle - self.low
        return np.asarray(_END * off / np.maximum(np.where(off > 0.0, above, below), _LEAST_WIDTH))


def scale_of(logs: Array, worlds: Worlds) -> Scale:
    """The scale of some predictive paths, (paths, months, 4)."""
    return Scale(*_quantiles(logs, worlds, [None])[0])


def scores_left_out(logs: Array, worlds: Worlds) -> Array:
    """Scores of predictive paths, (paths, months, 4), each by the other sets of assumptions.

    With one set alone, all are scored by all.
    """
    members = np.unique(worlds.members)
    if len(members) == 1:
        return scale_of(logs, worlds).scores(logs)
    scores = np.empty(logs.shape)
    for member, ends in zip(members, _quantiles(logs, worlds, members.tolist()), strict=True):
        own = worlds.members == member
        scores[own] = Scale(*ends).scores(logs[own])
    return scores


def _quantiles(
    values: Array, worlds: Worlds, left_out: Sequence[int | None], at: tuple[float, ...] = _ENDS
) -> Array:
    """Quantiles of each column of values without each of some sets, (sets, quantiles, ...)."""
    _, *shape = values.shape
    columns = values.reshape(len(values), -1)
    weights = np.array(
        [worlds.weights * (1.0 if out is None else worlds.members != out) for out in left_out]
    )
    quantiles = np.full((len(left_out), len(at), columns.shape[1]), np.nan)
    for place, column in enumerate(columns.T):
        finite = np.flatnonzero(np.isfinite(column))
        if not len(finite):
            continue
        order = finite[np.argsort(column[finite])]
        summed = np.cumsum(weights[:, order], axis=1)
        total = summed[:, -1:]
        ranks = (summed[:, None] < (total * at)[..., None]).sum(axis=-1)
        ordered = column[order[np.minimum(ranks, len(order) - 1)]]
        quantiles[..., place] = np.where(total > 0.0, ordered, np.nan)
    return quantiles.reshape(len(left_out), len(at), *shape)


def outside(scores: Array) -> Index:
    """Months outside the central interval so far, (..., months); `scores` is of single months."""
    return np.cumsum(np.abs(np.nan_to_num(scores)) > _END, axis=-1)


def statistics_of(scores: Array) -> Array:
    """The statistics of `TESTS` after each month, (worlds, months, 2), NaN where unknown.

    Args:
        scores: Scores of the means, (worlds, months, 4).
    """
    return np.abs(scores[..., [_TO_DATE, _RECENT_GIVEN]])


@dataclass(frozen=True)
class FigureTest:
    """The statistics of one figure, on one scale.

    Attributes:
        regression: What the year before says of its months.
        scale: What its means are scored by.
        observed: Whether each month was observed, (months,).
        tails: The 90% and the 99% quantile of each statistic in worlds in which the model holds,
            (2, months, 2).
        null: The largest statistic in these worlds, on the common scale, (worlds, months).
        weights: Weights of these worlds, (worlds,).
    """

    regression: Regression
    scale: Scale
    observed: Mask
    tails: Array
    null: Array
    weights: Array

    @classmethod
    def of(cls, paths: Figure, observed: Mask, worlds: Worlds) -> Self:
        """The test of a figure from its predictive paths."""
        seen = paths.seen(observed)
        regression = Regression.of(seen, worlds)
        logs = regression.logs(seen)
        statistics = statistics_of(scores_left_out(logs, worlds))
        (tails,) = _quantiles(statistics, worlds, [None], _TAIL)
        null = _on_scale(statistics, tails).max(axis=-1)
        return cls(regression, scale_of(logs, worlds), observed, tails, null, worlds.weights)

    def scores(self, figure: Figure) -> Array:
        """Scores of the means of a figure, (worlds, months, 4)."""
        return self.scale.scores(self.regression.logs(figure.seen(self.observed)))

    def departure(self, figure: Figure, month: int) -> float:
        """Mean of the period to a month over its median in the forecast, less 1; of one world."""
        logs = self.regression.logs(figure.seen(self.observed))
        return float(np.expm1((logs - self.scale.middle)[0, month, _TO_DATE]))

    def expected(self, figure: Figure, test: str) -> Array:
        """Median of each month in the forecast, of a drift given the year before, (worlds, months).

        Args:
            figure: Its year before is taken.
            test: Of `TESTS`.
        """
        column = _MONTH_GIVEN if test == "drift" else _MONTH
        logs = self.scale.middle + self.regression.explained(figure)
        return np.asarray(np.exp(logs[..., column]))

    def scaled(self, scores: Array) -> Array:
        """The statistics on the common scale, (worlds, months, 2); -inf where unknown."""
        return _on_scale(statistics_of(scores), self.tails)

    def p_value(self, largest: float, month: int) -> float:
        """Share of worlds in which the largest statistic of a month is at least as large."""
        return float(self.weights[self.null[:, month] >= largest].sum())


def _on_scale(statistics: Array, tails: Array) -> Array:
    q90, q99 = tails
    scaled = (statistics - q90) / np.where(q99 > q90, q99 - q90, np.nan)
    return np.where(np.isfinite(scaled), scaled, -np.inf)


@dataclass(frozen=True)
class JointTest:
    """The tests of all figures and the bounds of their largest statistic.

    Attributes:
        figures: Figure -> its tests.
        bounds: Bound of each month for each rate of false alarms, (months,) each; infinite where
            no alarm can be given.
    """

    figures: Mapping[str, FigureTest]
    bounds: tuple[Array, ...]

    @classmethod
    def of(
        cls,
        paths: Mapping[str, Figure],
        observed: Mapping[str, Mask],
        worlds: Worlds,
        rates: Sequence[float],
        period: int,
    ) -> Self:
        """Calibrate the tests on worlds in which the model holds.

        Args:
            paths: Figure -> its predictive paths.
            observed: Figure -> whether each month was observed, (months,).
            worlds: Weights and sets of the paths.
            rates: False alarms of all figures together a month that was observed, as shares.
            period: Months that are tested; none after them is.
        """
        tests = {name: FigureTest.of(one, observed[name], worlds) for name, one in paths.items()}
        joint = np.asarray(np.max([one.null for one in tests.values()], axis=0), dtype=float)
        seen = np.any(list(observed.values()), axis=0)
        seen = seen & (np.arange(len(seen)) < period)
        held = [_among_sets(rate, len(np.unique(worlds.members))) for rate in rates]
        return cls(tests, tuple(_bounds(joint, seen, worlds.weights, rate) for rate in held))


def _among_sets(rate: float, sets: int) -> float:
    """The rate among the sets themselves that holds a rate in worlds of another set.

    A bound that k of n sets exceed in a year is exceeded by one more set like them with
    (k + 1) / (n + 1) (Vovk, Gammerman and Shafer 2005, *Algorithmic Learning in a Random World*).
    At least half of the rate is left: with few sets a rare alarm can only be less rare.

    Args:
        rate: False alarms a month.
        sets: Number of sets, n.
    """
    a_year = rate * MONTHS_OF_YEAR
    return max(a_year - (1.0 - a_year) / sets, a_year / 2.0) / MONTHS_OF_YEAR


def _bounds(joint: Array, seen: Mask, weights: Array, rate: float) -> Array:
    """The bound of each month, (months,), from the joint statistic of worlds, (worlds, months)."""
    silent = np.ones(len(joint), dtype=bool)
    bounds = np.full(len(seen), np.inf)
    allowed = 0.0
    for month in np.flatnonzero(seen):
        allowed += rate
        left = allowed - (1.0 - weights[silent].sum())
        order = np.argsort(-joint[silent, month])
        values = joint[silent, month][order]
        crossing = np.cumsum(weights[silent][order])
        # the largest value that must not cross is the bound
        place = int(np.searchsorted(crossing, left + 1e-12, "right"))
        if place < len(values) and np.isfinite(values[place]):
            bounds[month] = values[place]
        silent &= joint[:, month] <= bounds[month]
    return bounds


def first_alarms(largest: Array, bounds: Array) -> Index:
    """The first month in which each world has an alarm, (worlds,); the number of months if none.

    Args:
        largest: The largest statistic on the common scale, (worlds, months).
        bounds: (months,).
    """
    crossed = largest > bounds
    return np.where(crossed.any(axis=1), crossed.argmax(axis=1), crossed.shape[1])


def side_of(scores: Array, month: int, test: str) -> bool:
    """Whether the departure that a test noticed in a month is to the upper side.

    Args:
        scores: Of the means of one world, (months, 4).
        month: The month of the alarm.
        test: Of `TESTS`.
    """
    return bool(scores[month, _RECENT_GIVEN if test == "drift" else _TO_DATE] > 0.0)


def began(scores: Array, month: int, test: str) -> int:
    """The month in which the departure most likely began that led to an alarm.

    The departures of the months, less what is let pass, have their largest sum from there on.

    Args:
        scores: Of the means of one world, (months, 4).
        month: The month of the alarm.
        test: Of `TESTS`.
    """
    side = 1.0 if side_of(scores, month, test) else -1.0
    single = scores[: month + 1, _MONTH_GIVEN if test == "drift" else _MONTH]
    backwards = np.nan_to_num(side * single - ALLOWANCE)[::-1]
    return month - int(np.argmax(np.cumsum(backwards)))
