"""Chance beside assumptions: how much of what differs between points is chance alone."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, Self

import numpy as np
import scipy

from simulation.outcomes import OUTCOMES
from simulation.serialization import json_number
from simulation.statistics.finding import Finding
from simulation.statistics.paired import COVERAGE, FEWEST_PAIRS, Array

#: variance over a design, as a multiple of what chance alone gives, below which a warning is due
SIGNAL = 4.0


def sample_variance(values: Array) -> float:
    """Variance of values, (values,); NaN for fewer than two."""
    return float(np.var(values, ddof=1)) if len(values) > 1 else math.nan


def chance_variance(differences: Array, outcome: str, scale: float) -> float:
    """Variance of a difference by chance alone, from runs that differ in their seed only.

    A count that is equal in all seeds still has chance in it: it is assumed to change by one
    simulated person in the next seed.

    Args:
        differences: (seeds,) differences.
        outcome: The outcome they are of.
        scale: Share of the people simulated.
    """
    finite = differences[~np.isnan(differences)]
    return max(sample_variance(finite), least_variance(len(finite), outcome, scale))


def least_variance(seeds: int, outcome: str, scale: float) -> float:
    """The least variance by chance that is assumed: one more simulated person in one seed."""
    spec = OUTCOMES[outcome]
    if spec.kind != "flow" or spec.unit == "EUR":
        return 0.0
    return float((1.0 / scale) ** 2 / (seeds + 1))


class DesignNoise(Finding):
    """Chance beside a design: whether the design stands out, and what it would take.

    Attributes:
        sd: Standard deviation of one pair's difference by chance alone, in the outcome's unit.
        sd_point: That of a design point, which is a mean over its pairs.
        design_sd: Standard deviation of the differences over the points; None where unknown.
        ratio: Variance over the points as a multiple of that of chance; None if infinite.
        enough: Whether that is `SIGNAL` or more.
        replications_needed: Pairs at each point with which it would be; None where no number does.
    """

    sd: float | None = None
    sd_point: float | None = None
    design_sd: float | None = None
    ratio: float | None = None
    enough: bool
    replications_needed: int | None = None

    def ranges_only(self) -> Self:
        """The ratio of variances, which has no unit."""
        return super().ranges_only().model_copy(update={"ratio": self.ratio})

    @classmethod
    def measured_from(
        cls, pair_variance: float, point_variance: float, replications: int, **more: Any
    ) -> Self:
        """Chance and design from their variances.

        Args:
            pair_variance: Variance of one pair's difference by chance alone.
            point_variance: Variance of the differences over the points of the design.
            replications: Pairs whose mean a point is.
            more: Fields of a subclass.
        """
        chance = pair_variance / replications
        ratio = point_variance / chance if chance > 0.0 else math.inf
        enough = bool(ratio >= SIGNAL or pair_variance == 0.0)
        needed, real = None, point_variance - chance
        if not enough and real > 0.0:
            needed = math.ceil((SIGNAL - 1.0) * pair_variance / real)
        return cls(
            sd=json_number(math.sqrt(pair_variance)),
            sd_point=json_number(math.sqrt(chance)),
            design_sd=json_number(math.sqrt(point_variance)),
            ratio=json_number(ratio),
            enough=enough,
            replications_needed=needed,
            **more,
        )


class NoiseShare(NamedTuple):
    """A share of a variance, 0 to 1, with the ends of its interval; None where unknown."""

    share: float | None
    low: float | None
    high: float | None


def noise_share(
    pair_variance: float, point_variance: float, replications: int, freedom: int, points: int
) -> NoiseShare:
    """Share of the variance between points that chance alone would give, with its interval.

    The interval is that of a ratio of two variances (F); there is none for a variance of fewer than
    `FEWEST_PAIRS` pairs, and no share where there is nothing to divide. A share is at most 1.

    Args:
        pair_variance: Variance of one pair's difference by chance alone.
        point_variance: Variance of the differences between the points.
        replications: Pairs whose mean a point is.
        freedom: Degrees of freedom of the first.
        points: Points.
    """
    if freedom < 1 or points < 2 or not point_variance > 0.0:
        return NoiseShare(None, None, None)
    share = pair_variance / replications / point_variance
    low = high = math.nan
    if freedom + 1 >= FEWEST_PAIRS:
        tail = (1.0 - COVERAGE) / 2.0
        low, high = share / scipy.stats.f.ppf((1.0 - tail, tail), freedom, points - 1)
    return NoiseShare(*(json_number(min(value, 1.0)) for value in (share, low, high)))
