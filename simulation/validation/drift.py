"""Tests of whether figures that come month by month still agree with a forecast.

Three quantities of a figure are scored after each month: the month itself, the mean of the period
to date, and the change of this mean on the same months of the year before, in which what a set of
assumptions gets wrong every year cancels. The score z of a quantity is its distance from the median
of its predictive distribution on a logarithmic scale: -1.645 and 1.645 are the ends of the central
90% interval. Five statistics follow::

    month     |z| of the last month
    to date   |z| of the mean to date
    change    |z| of the change on the year before
    outside   months outside the 90% interval so far; of equal counts, the mean |z| decides
    drift     the larger of two cumulative sums (CUSUM; Page 1954, Biometrika 41:100-115),
              up(t) = max(0, up(t-1) + z(t) - k) and down(t) = max(0, down(t-1) - z(t) - k)

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

from simulation.validation.series import Array

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]
#: k: departures of less than half a standard deviation a month are let pass (Page's choice for a
#: shift of one standard deviation)
ALLOWANCE = 0.5
#: the central interval whose months outside are counted, and the score of its ends
INTERVAL = 0.9
_ENDS = (0.5 - INTERVAL / 2.0, 0.5, 0.5 + INTERVAL / 2.0)
_END = float(stats.norm.ppf(_ENDS[-1]))
TESTS = ("month", "to date", "change", "outside", "drift")
#: a value counts as no smaller than this share of the median, so that 0 has a logarithm
_LEAST_SHARE = 0.01
#: distance from the median to an end of the interval, at least, as a logarithm
_LEAST_WIDTH = 1e-3
#: the quantiles of a statistic that give its scale
_TAIL = (0.9, 0.99)


@dataclass(frozen=True)
class Figure:
    """Values of one figure in one or more worlds.

    Attributes:
        months: (worlds, months), NaN where there is no value.
        before: The same month of the last year before them, (worlds, months), NaN where unknown.
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

    def quantities(self) -> Array:
        """Value, mean to date and change on the year before, (worlds, months, 3)."""
        observed = np.isfinite(self.months)
        both = observed & np.isfinite(self.before)
        to_date = _mean_to_date(self.months, observed, self.amounts)
        over = _mean_to_date(self.months, both, self.amounts)
        under = _mean_to_date(self.before, both, self.amounts)
        change = np.divide(over, under, out=np.full_like(over, np.nan), where=under > 0)
        values = np.stack([self.months, to_date, change], axis=-1)
        return np.where(observed[..., None], values, np.nan)


def _mean_to_date(values: Array, observed: Mask, amounts: Array) -> Array:
    weight = np.cumsum(observed * amounts, axis=-1)
    total = np.cumsum(np.where(observed, values, 0.0) * amounts, axis=-1)
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0)


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
class Scale:
    """The scale on which quantities are scored: quantiles of their predictive distribution.

    Attributes:
        floor: No quantity counts as smaller, so that it has a logarithm, (..., months, 3).
        low: Logarithm of the lower end of the 90% interval, of the same shape.
        middle: That of the median.
        high: That of the upper end.
    """

    floor: Array
    low: Array
    middle: Array
    high: Array

    def scores(self, quantities: Array) -> Array:
        """Scores of quantities, (worlds, months, 3), NaN where there is no value."""
        off = np.log(np.maximum(quantities, self.floor)) - self.middle
        above, below = self.high - self.middle, self.middle - self.low
        return np.asarray(_END * off / np.maximum(np.where(off > 0.0, above, below), _LEAST_WIDTH))


def scale_of(quantities: Array, worlds: Worlds) -> Scale:
    """The scale of some predictive paths, (paths, months, 3)."""
    return _scale(_quantiles(quantities, worlds, [None])[0])


def scores_left_out(quantities: Array, worlds: Worlds) -> Array:
    """Scores of predictive paths, (paths, months, 3), each by the other sets of assumptions.

    With one set alone, all are scored by all.
    """
    members = np.unique(worlds.members)
    if len(members) == 1:
        return scale_of(quantities, worlds).scores(quantities)
    scores = np.empty(quantities.shape)
    for member, ends in zip(members, _quantiles(quantities, worlds, members.tolist()), strict=True):
        own = worlds.members == member
        scores[own] = _scale(ends).scores(quantities[own])
    return scores


def _scale(ends: Array) -> Scale:
    """A scale from the 5%, 50% and 95% quantiles, (3, months, 3)."""
    floor = np.maximum(_LEAST_SHARE * ends[1], np.finfo(float).tiny)
    low, middle, high = np.log(np.maximum(ends, floor))
    return Scale(floor, low, middle, high)


def _quantiles(quantities: Array, worlds: Worlds, left_out: Sequence[int | None]) -> Array:
    """The 5%, 50% and 95% quantiles without each of some sets, (sets, 3, months, 3)."""
    _, *shape = quantities.shape
    columns = quantities.reshape(len(quantities), -1)
    quantiles = np.full((len(left_out), 3, columns.shape[1]), np.nan)
    for at, column in enumerate(columns.T):
        finite = np.flatnonzero(np.isfinite(column))
        order = finite[np.argsort(column[finite])]
        weights, members = worlds.weights[order], worlds.members[order]
        for number, member in enumerate(left_out):
            summed = np.cumsum(weights if member is None else weights * (members != member))
            if len(summed) and summed[-1] > 0.0:
                places = np.searchsorted(summed, np.array(_ENDS) * summed[-1])
                quantiles[number, :, at] = column[order[np.minimum(places, len(order) - 1)]]
    return quantiles.reshape(len(left_out), 3, *shape)


def sums(scores: Array) -> tuple[Array, Array]:
    """The cumulative sums to either side after each month, each (..., months).

    Args:
        scores: (..., months); a month without a score (NaN) leaves both as they were.
    """
    up, down = np.zeros(scores.shape), np.zeros(scores.shape)
    high = low = np.zeros(scores.shape[:-1])
    for month in range(scores.shape[-1]):
        score = scores[..., month]
        scored = np.isfinite(score)
        step = np.where(scored, score, 0.0)
        high = np.where(scored, np.maximum(0.0, high + step - ALLOWANCE), high)
        low = np.where(scored, np.maximum(0.0, low - step - ALLOWANCE), low)
        up[..., month], down[..., month] = high, low
    return up, down


def outside(scores: Array) -> Index:
    """Months outside the central interval so far, (..., months); `scores` is of single months."""
    return np.cumsum(np.abs(np.nan_to_num(scores)) > _END, axis=-1)


def statistics_of(scores: Array) -> Array:
    """The statistics of `TESTS` after each month, (worlds, months, 5), NaN where unknown.

    Args:
        scores: Normal scores of the quantities, (worlds, months, 3).
    """
    single = scores[..., 0]
    observed = np.isfinite(single)
    mean = _mean_to_date(np.abs(single), observed, np.ones(observed.shape[-1]))
    counted = outside(single) + mean / (1.0 + mean)
    statistics = [*np.moveaxis(np.abs(scores), -1, 0), counted, np.maximum(*sums(single))]
    return np.where(np.isfinite(single)[..., None], np.stack(statistics, axis=-1), np.nan)


@dataclass(frozen=True)
class FigureTest:
    """The statistics of one figure, on one scale.

    Attributes:
        scale: What its quantities are scored by.
        observed: Whether each month was observed, (months,).
        tails: The 90% and the 99% quantile of each statistic in worlds in which the model holds,
            (2, months, 5).
        null: The largest statistic in these worlds, on the common scale, (worlds, months).
        weights: Weights of these worlds, (worlds,).
    """

    scale: Scale
    observed: Mask
    tails: Array
    null: Array
    weights: Array

    @classmethod
    def of(cls, paths: Figure, observed: Mask, worlds: Worlds) -> Self:
        """The test of a figure from its predictive paths."""
        quantities = paths.seen(observed).quantities()
        statistics = statistics_of(scores_left_out(quantities, worlds))
        tails = np.full((2, *statistics.shape[1:]), np.nan)
        for month in np.flatnonzero(observed):
            for test in range(len(TESTS)):
                column = statistics[:, month, test]
                finite = np.isfinite(column)
                if finite.any():
                    tails[:, month, test] = np.quantile(
                        column[finite], _TAIL, weights=worlds.weights[finite], method="inverted_cdf"
                    )
        null = _on_scale(statistics, tails).max(axis=-1)
        return cls(scale_of(quantities, worlds), observed, tails, null, worlds.weights)

    def scores(self, figure: Figure) -> Array:
        """Scores of the quantities of a figure, (worlds, months, 3)."""
        return self.scale.scores(figure.seen(self.observed).quantities())

    def scaled(self, scores: Array) -> Array:
        """The statistics on the common scale, (worlds, months, 5); -inf where unknown."""
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
        return cls(tests, tuple(_bounds(joint, seen, worlds.weights, rate) for rate in rates))


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


def side_of(scores: Array, month: int, test: int) -> bool:
    """Whether the departure that a test noticed in a month is to the upper side.

    Args:
        scores: Of the quantities of one world, (months, 3).
        month: The month of the alarm.
        test: Its place in `TESTS`.
    """
    single = np.nan_to_num(scores[: month + 1, 0])
    if TESTS[test] == "outside":
        return bool(single[np.abs(single) > _END].sum() > 0.0)
    if TESTS[test] == "drift":
        up, down = sums(scores[: month + 1, 0])
        return bool(up[-1] >= down[-1])
    return bool(scores[month, test] > 0.0)


def began(scores: Array, month: int, above: bool) -> int:
    """The month in which the run to one side began that led to an alarm.

    Args:
        scores: Of single months, (months,), NaN where nothing was observed.
        month: The month of the alarm.
        above: The side.
    """
    side = sums(scores)[0 if above else 1]
    at_rest = np.flatnonzero(side[:month] == 0.0)
    since = int(at_rest[-1]) + 1 if at_rest.size else 0
    finite = np.flatnonzero(np.isfinite(scores[since:]))
    return since + int(finite[0]) if finite.size else month
