"""How a figure is judged: its median over the ensemble, the interval of that, and a band.

This is the one place with the rules of a verdict. A figure *holds* if the whole 90% interval of its
median lies in the band, and at least half of the sets do. It *does not hold* if the whole interval
lies outside the band. Otherwise the runs *cannot decide*. A figure that an input of its own
scenario fixes is *given* whatever the runs say.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy import special

from simulation.statistics.paired import COVERAGE
from simulation.validation.series import Array

#: share of the sets that must have a value, and that must lie in the band for a figure to hold
HALF = 0.5


class Verdict(StrEnum):
    """The verdict of the runs on a figure."""

    HOLDS = "holds"
    FAILS = "does not hold"
    UNDECIDED = "cannot be decided"
    GIVEN = "given"
    REPORTED = "reported"


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure over the sets of an ensemble.

    Attributes:
        values: The value of each set, (sets,); NaN for a set without one.
        median: Of the sets with a value; NaN where fewer than half have one.
        low: Lower end of the 90% interval of the median; NaN where none can be stated.
        high: Upper end.
    """

    values: Array
    median: float
    low: float
    high: float


def estimate_of(values: npt.ArrayLike) -> Estimate:
    """The median over sets with an interval that assumes no distribution.

    The ends are order statistics: the number of sets below the true median is binomial with
    probability 1/2 (Conover 1999, "Practical Nonparametric Statistics", section 3.2). Fewer than
    five sets have no 90% interval.

    Args:
        values: (sets,), each set drawn by its weight; NaN or infinite for a set without a value.
    """
    every = np.asarray(values, dtype=float)
    ordered = np.sort(every[np.isfinite(every)])
    n, nothing = ordered.size, math.nan
    if n == 0 or n < HALF * every.size:
        return Estimate(every, nothing, nothing, nothing)
    median = float(np.median(ordered))
    tail = (1.0 - COVERAGE) / 2.0
    rank = int(np.count_nonzero(special.bdtr(np.arange(n), n, 0.5) <= tail))
    if rank == 0:
        return Estimate(every, median, nothing, nothing)
    return Estimate(every, median, float(ordered[rank - 1]), float(ordered[n - rank]))


@dataclass(frozen=True)
class Band:
    """Where a figure must lie.

    Attributes:
        low: Lower end; None where there is none.
        high: Upper end.
        strict: Whether the ends lie outside the band.
    """

    low: float | None = None
    high: float | None = None
    strict: bool = False

    def has(self, values: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether each value lies in the band; NaN does not."""
        each = np.asarray(values, dtype=float)
        return np.isfinite(each) & ~self._below(each) & ~self._above(each)

    def share(self, estimate: Estimate) -> float:
        """Share of all sets that lie in the band, 0 to 1."""
        return float(self.has(estimate.values).mean())

    def judge(self, estimate: Estimate) -> Verdict:
        """The verdict on an estimate; see the head of this module."""
        ends = np.array([estimate.low, estimate.high])
        if not np.isfinite(ends).all():
            return Verdict.UNDECIDED
        if self._below(ends).all() or self._above(ends).all():
            return Verdict.FAILS
        if self.has(ends).all() and self.share(estimate) >= HALF:
            return Verdict.HOLDS
        return Verdict.UNDECIDED

    def _below(self, values: Array) -> npt.NDArray[np.bool_]:
        low = -math.inf if self.low is None else self.low
        return (values <= low) if self.strict else (values < low)

    def _above(self, values: Array) -> npt.NDArray[np.bool_]:
        high = math.inf if self.high is None else self.high
        return (values >= high) if self.strict else (values > high)
