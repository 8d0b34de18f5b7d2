"""How much of the variance of an effect lies between sets, between future paths, and in chance.

A pair of runs has a set of assumptions, in it a path, and in that a seed. The effect of a pair is
modelled as the sum of a mean and three independent terms::

    y(set, path, seed) = mean + S(set) + P(set, path) + E(set, path, seed)

P holds how a path acts under its own set: the interaction of both. Half the mean squared difference
of two pairs is unbiased for

- var E, where the two share set and path;
- var P + var E, where they share the set only;
- var S + var P + var E, where they share neither.

The components are the steps between these three, each mean square over as many couples of pairs as
there are (method of moments, which for equal numbers is the nested analysis of variance: Searle,
Casella and McCulloch 1992, *Variance Components*, chapters 3 and 5). Where a later one is smaller
than an earlier one, both are pooled by their degrees of freedom (Thompson 1962, "The problem of
negative estimates of variance components", doi:10.1214/aoms/1177704731), so that no component is
negative.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.statistics.paired import Array

#: degrees of freedom below which a component is not stated: with eight, the standard error of a
#: variance is half of it
FEWEST_FREEDOM = 8


@dataclass(frozen=True)
class Components:
    """Variances of the effect, in the square of its unit; None where nothing differs by this.

    Attributes:
        sets: Between sets of assumptions.
        paths: Between future paths, under one set.
        chance: Between seeds, under one set and path.
    """

    sets: float | None
    paths: float | None
    chance: float

    @property
    def total(self) -> float:
        """Variance of a pair."""
        return (self.sets or 0.0) + (self.paths or 0.0) + self.chance


@dataclass(frozen=True)
class _Level:
    """Couples of pairs that share so much.

    Attributes:
        mean: Half their mean squared difference.
        freedom: Degrees of freedom.
    """

    mean: float
    freedom: int


def variance_components(
    values: npt.ArrayLike, sets: Sequence[Hashable], paths: Sequence[Hashable]
) -> Components | None:
    """The variance components of the effect of each pair.

    Args:
        values: (pairs,) the effects; a pair with NaN does not count.
        sets: Its set, pair by pair.
        paths: Its path.

    Returns:
        The components; None where one of them would have fewer than `FEWEST_FREEDOM` degrees of
        freedom, or where no two pairs share set and path.
    """
    y = np.asarray(values, dtype=float)
    present = np.isfinite(y)
    y, number = y[present], np.flatnonzero(present).tolist()
    by_set = numbered([sets[n] for n in number])
    by_cell = numbered([(sets[n], paths[n]) for n in number])
    levels = {
        "chance": _level(y, by_cell, np.arange(len(y))),
        "paths": _level(y, by_set, by_cell),
        "sets": _level(y, np.zeros(len(y), dtype=int), by_set),
    }
    # one set only, or one path in each
    drawn = {name: level for name, level in levels.items() if level.freedom > 0}
    if "chance" not in drawn or len(drawn) < 2:
        return None
    if min(level.freedom for level in drawn.values()) < FEWEST_FREEDOM:
        return None
    from scipy.optimize import isotonic_regression

    means, freedom = zip(*((level.mean, level.freedom) for level in drawn.values()), strict=True)
    # mean squares that never fall, pooled by their degrees of freedom
    pooled = isotonic_regression(means, weights=freedom).x
    steps = dict(zip(drawn, np.diff(pooled, prepend=0.0).tolist(), strict=True))
    return Components(steps.get("sets"), steps.get("paths"), steps["chance"])


def _level(y: Array, within: npt.NDArray[np.intp], apart: npt.NDArray[np.intp]) -> _Level:
    """Couples of pairs that are in one group of `within` and in two of `apart`, both numbered."""
    wide, wide_couples = _couples(y, within)
    narrow, narrow_couples = _couples(y, apart)
    couples = wide_couples - narrow_couples
    freedom = apart.max(initial=-1) - within.max(initial=-1)
    mean = max(wide - narrow, 0.0) / (2.0 * couples) if couples else 0.0
    return _Level(float(mean), int(freedom))


def _couples(y: Array, group: npt.NDArray[np.intp]) -> tuple[float, int]:
    """Sum of the squared differences of all couples within a group, and how many there are."""
    size = np.bincount(group)
    centred = y - (np.bincount(group, y) / size)[group]
    squares = np.bincount(group, centred**2)
    return float((size * squares).sum()), int((size * (size - 1) // 2).sum())


def numbered(labels: Sequence[Hashable]) -> npt.NDArray[np.intp]:
    """Labels as numbers from 0."""
    order = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return np.array([order[label] for label in labels], dtype=int)
