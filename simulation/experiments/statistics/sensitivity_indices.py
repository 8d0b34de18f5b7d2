"""Sensitivity indices of a difference, and whether chance alone could give them.

Screening is by elementary effects (Morris 1991; Campolongo et al. 2007), shares of variance are
those of Sobol, both as SALib computes them. A design with failed points is never filled in: whole
trajectories, or all points of a base sample, are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.experiments.statistics.paired import COVERAGE, FEWEST_PAIRS

#: steps between the lowest and the highest assumption in a screening
LEVELS = 4
#: length of an elementary effect's step, as a share of the probability (SALib's choice)
STEP = LEVELS / (2.0 * (LEVELS - 1))
#: fewest trajectories and base samples from which anything is computed
FEWEST_TRAJECTORIES = 2
FEWEST_BLOCKS = 8
#: share of the effects called real that may be chance (Benjamini and Hochberg 1995)
FALSE_SHARE = 0.10
_RESAMPLES = 1000
Array = npt.NDArray[np.float64]


def problem(names: Sequence[str]) -> dict[str, Any]:
    """The unit cube of these records, as SALib wants it."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def morris_design(names: Sequence[str], trajectories: int, seed: int) -> Array:
    """Trajectories one after another, (trajectories * (records + 1), records).

    With more trajectories the first ones stay the same, so that their runs serve again.
    """
    from SALib.sample import morris

    found: Array = morris.sample(problem(names), trajectories, num_levels=LEVELS, seed=seed)
    return found


def sobol_design(names: Sequence[str], samples: int, seed: int) -> Array:
    """Base samples one after another, (samples * (records + 2), records)."""
    from SALib.sample import sobol

    found: Array = sobol.sample(problem(names), samples, calc_second_order=False, seed=seed)
    return found


def whole_blocks(values: Array, size: int) -> npt.NDArray[np.bool_]:
    """Which points lie in blocks without a failed point.

    Args:
        values: (points,); NaN where the point failed.
        size: Points of a block.
    """
    whole = ~np.isnan(values).reshape(-1, size).any(axis=1)
    return np.repeat(whole, size)


@dataclass(frozen=True)
class Screening:
    """Effects of a step of each record, which goes over `STEP` of the record's probability.

    They are in the unit of the difference: elementary effects as Morris defines them, divided by
    the length of the step, are larger by 1 / `STEP`.

    Attributes:
        used: Trajectories used.
        left_out: Trajectories with a failed point.
        mu: Mean effect of a step.
        mu_star: Mean of its size.
        half_width: Half-width of the interval of `mu_star`; NaN for fewer than `FEWEST_PAIRS`
            trajectories.
        sigma: Standard deviation of the effects: the assumption's effect depends on the others.
        p: Probability of effects this large if the record did nothing but stir chance; NaN where
            too few trajectories are left.
        told: Effects that stand out from chance, of all records looked at together.
    """

    used: int
    left_out: int
    mu: Array
    mu_star: Array
    half_width: Array
    sigma: Array
    p: Array
    told: npt.NDArray[np.bool_]


def screen(
    names: Sequence[str], units: Array, values: Array, noise: float, noise_runs: int, seed: int
) -> Screening:
    """Elementary effects, without the trajectories that hold a failed point.

    Args:
        names: The records.
        units: (points, records) of `morris_design`.
        values: (points,) differences; NaN where the point failed.
        noise: Variance of one point's difference by chance alone.
        noise_runs: Pairs it was estimated from.
        seed: Of the resampling.
    """
    from SALib.analyze import morris

    size = len(names) + 1
    kept = whole_blocks(values, size)
    total, used = len(values) // size, int(kept.sum()) // size
    if used < FEWEST_TRAJECTORIES:
        nothing = np.full(len(names), np.nan)
        unknown = np.zeros(len(names), dtype=bool)
        return Screening(used, total - used, nothing, nothing, nothing, nothing, nothing, unknown)
    found = morris.analyze(
        problem(names),
        units[kept],
        values[kept],
        num_levels=LEVELS,
        num_resamples=_RESAMPLES,
        conf_level=COVERAGE,
        seed=seed,
    )
    # SALib divides what a step does by the step's length; what is told is what the step does
    mu, mu_star, half_width, sigma = (
        STEP * np.asarray(found[name], dtype=float)
        for name in ("mu", "mu_star", "mu_star_conf", "sigma")
    )
    if used < FEWEST_PAIRS:  # too few to resample
        half_width = np.full(len(names), np.nan)
    # an effect is the difference of two points, so chance alone gives it twice a point's variance
    chance = 2.0 * noise
    squares = mu**2 + sigma**2 * (used - 1) / used
    p = _p_of(squares, chance, used, noise_runs - 1)
    told = np.asarray(stats.false_discovery_control(p)) <= FALSE_SHARE
    return Screening(used, total - used, mu, mu_star, half_width, sigma, p, told)


def _p_of(squares: Array, chance: float, effects: int, freedom: int) -> Array:
    """Probability of mean squares this large by chance (an F test of two variances)."""
    if chance == 0.0:
        return np.where(squares > 0.0, 0.0, 1.0)
    return np.asarray(stats.f.sf(squares / chance, effects, freedom), dtype=float)


def survivors(screening: Screening, count: int) -> list[int]:
    """The records that move the difference most, the strongest first; none that does nothing."""
    strength = np.nan_to_num(screening.mu_star)
    order = np.argsort(-strength, kind="stable")
    return [int(column) for column in order[:count] if strength[column] > 0.0]


@dataclass(frozen=True)
class Shares:
    """Shares of the variance of the difference.

    Attributes:
        used: Base samples used.
        left_out: Base samples with a failed point.
        first: Share that goes with each record alone; NaN where it cannot be computed.
        first_half: Half-width of its bootstrap interval.
        total: Share that goes with it in whatever combination.
        total_half: Half-width of its bootstrap interval.
        floor: Total share that a record without any effect would show, from chance.
        told: Total shares whose interval lies above that.
    """

    used: int
    left_out: int
    first: Array
    first_half: Array
    total: Array
    total_half: Array
    floor: float
    told: npt.NDArray[np.bool_]


def shares(names: Sequence[str], values: Array, noise: float, seed: int) -> Shares:
    """Sobol indices, without the base samples that hold a failed point.

    Args:
        names: The records.
        values: (points,) differences in the order of `sobol_design`; NaN where the point failed.
        noise: Variance of one point's difference by chance alone.
        seed: Of the bootstrap; above 0.
    """
    from SALib.analyze import sobol

    size = len(names) + 2
    kept = values[whole_blocks(values, size)]
    count, used = len(values) // size, len(kept) // size
    spread = design_variance(kept, size)
    if used < FEWEST_BLOCKS or not spread > 0.0:
        nothing = np.full(len(names), np.nan)
        unknown = np.zeros(len(names), dtype=bool)
        return Shares(used, count - used, nothing, nothing, nothing, nothing, math.nan, unknown)
    found = sobol.analyze(
        problem(names),
        kept,
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        conf_level=COVERAGE,
        seed=seed,
    )
    first, first_half, total, total_half = (
        np.asarray(found[name], dtype=float) for name in ("S1", "S1_conf", "ST", "ST_conf")
    )
    floor = min(1.0, noise / spread)
    told = total - total_half > floor
    return Shares(used, count - used, first, first_half, total, total_half, floor, told)


def design_variance(values: Array, size: int) -> float:
    """Variance over a Sobol design: of the two independent points of each base sample."""
    independent = np.concatenate([values[::size], values[size - 1 :: size]])
    return float(np.var(independent, ddof=1)) if len(independent) > 1 else math.nan
