"""Sensitivity indices of a difference, and whether chance alone could give them.

Screening is by elementary effects (Morris 1991; Campolongo et al. 2007), shares of variance are
those of Sobol, both as SALib computes them. A design with failed points is never filled in: whole
trajectories, or all points of a base sample, are left out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
import scipy
from pydantic import ConfigDict, Field

from simulation.serialization import json_number
from simulation.statistics.finding import Count, Finding, Unitless
from simulation.statistics.noise import sample_variance
from simulation.statistics.paired import COVERAGE, FEWEST_PAIRS, Array, false_discovery

#: steps between the lowest and the highest assumption in a screening
LEVELS = 4
#: length of an elementary effect's step, as a share of the probability (SALib's choice)
STEP = LEVELS / (2.0 * (LEVELS - 1))
#: fewest trajectories and base samples from which anything is computed
FEWEST_TRAJECTORIES = 2
FEWEST_BLOCKS = 8
#: share of the effects called real that may be chance (Benjamini and Hochberg 1995)
FALSE_SHARE = 0.10
#: how SALib finds the intervals
_RESAMPLING = {"num_resamples": 1000, "conf_level": COVERAGE}
#: name of `significant` in files
_FILED = "told"
_BY_NAME = ConfigDict(validate_by_name=True, validate_by_alias=True, serialize_by_alias=True)
#: our names of indices -> those of SALib
_MORRIS = {"mu": "mu", "mu_star": "mu_star", "half_width": "mu_star_conf", "sigma": "sigma"}
_SOBOL = {"first": "S1", "first_half": "S1_conf", "total": "ST", "total_half": "ST_conf"}


def problem(names: Sequence[str]) -> dict[str, object]:
    """The unit cube of these records, as SALib wants it."""
    return {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}


def morris_design(names: Sequence[str], trajectories: int, seed: int) -> Array:
    """Trajectories one after another, (trajectories * (records + 1), records).

    With more trajectories the first ones stay the same, so that their runs serve again.
    """
    from SALib.sample import morris

    points: Array = morris.sample(problem(names), trajectories, num_levels=LEVELS, seed=seed)
    return points


def sobol_design(names: Sequence[str], samples: int, seed: int) -> Array:
    """Base samples one after another, (samples * (records + 2), records)."""
    from SALib.sample import sobol

    points: Array = sobol.sample(problem(names), samples, calc_second_order=False, seed=seed)
    return points


def whole_blocks(values: Array, size: int) -> npt.NDArray[np.bool_]:
    """Which points lie in blocks without a failed point.

    Args:
        values: (points,); NaN where the point failed.
        size: Points of a block.
    """
    whole = ~np.isnan(values).reshape(-1, size).any(axis=1)
    return np.repeat(whole, size)


class ElementaryEffect(Finding):
    """The elementary effect of one assumption on the difference, in the unit of the outcome.

    A step goes over `STEP` of the assumption's probability. Elementary effects as Morris defines
    them, divided by the length of the step, are larger by 1 / `STEP`.

    Attributes:
        record: The assumption.
        mu: Mean effect of a step; None, as all others, where too few trajectories are left.
        mu_star: Mean of its size.
        half_width: Half-width of the interval of `mu_star`; None for fewer than `FEWEST_PAIRS`
            trajectories.
        sigma: Standard deviation of the effects: the effect depends on other assumptions.
        p: Probability of effects this large if the assumption did nothing but stir chance.
        significant: Whether it stands out from chance, of all assumptions looked at together.
    """

    model_config = _BY_NAME
    record: str
    mu: float | None = None
    mu_star: float | None = None
    half_width: float | None = None
    sigma: float | None = None
    p: float | None = None
    significant: bool = Field(validation_alias=_FILED, serialization_alias=_FILED)


class Screening(Finding):
    """The result of a screening for one outcome.

    Attributes:
        used: Trajectories used.
        left_out: Trajectories with a failed point.
        effects: One for each assumption, the strongest first.
    """

    used: Count = 0
    left_out: Count = 0
    effects: list[ElementaryEffect]

    def ranges_only(self) -> Self:
        """The same with every effect as a share of the strongest one."""
        most = max((effect.mu_star or 0.0 for effect in self.effects), default=0.0)
        if not most:
            return self
        numbers = ("mu", "mu_star", "half_width", "sigma")
        effects = []
        for effect in self.effects:
            values = {name: getattr(effect, name) for name in numbers}
            scaled = {name: None if one is None else one / most for name, one in values.items()}
            effects.append(effect.model_copy(update=scaled))
        return self.model_copy(update={"effects": effects})


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
    whole = whole_blocks(values, size)
    total, used = len(values) // size, int(whole.sum()) // size
    columns = dict.fromkeys((*_MORRIS, "p"), np.full(len(names), np.nan))
    significant = np.zeros(len(names), dtype=bool)
    if used >= FEWEST_TRAJECTORIES:
        asked = {"num_levels": LEVELS, "seed": seed, **_RESAMPLING}
        indices = morris.analyze(problem(names), units[whole], values[whole], **asked)
        # SALib divides what a step does by the step's length; ours is what the step does
        columns |= {name: STEP * np.asarray(indices[of], float) for name, of in _MORRIS.items()}
        if used < FEWEST_PAIRS:  # too few to resample
            columns["half_width"] = np.full(len(names), np.nan)
        # an effect is the difference of two points: chance gives it twice a point's variance
        squares = columns["mu"] ** 2 + columns["sigma"] ** 2 * (used - 1) / used
        columns["p"] = _p_of(squares, 2.0 * noise, used, noise_runs - 1)
        significant = false_discovery(columns["p"]) <= FALSE_SHARE
    effects = _ranked(ElementaryEffect, names, columns, significant, by="mu_star")
    return Screening(used=used, left_out=total - used, effects=effects)


def _ranked[Index: (ElementaryEffect, VarianceShare)](
    kind: type[Index],
    names: Sequence[str],
    columns: Mapping[str, Array],
    significant: npt.NDArray[np.bool_],
    by: str,
) -> list[Index]:
    """The indices of each record, the largest first."""
    return [
        kind(
            record=names[k],
            significant=bool(significant[k]),
            **{name: json_number(values[k]) for name, values in columns.items()},
        )
        for k in np.argsort(-np.nan_to_num(columns[by]), kind="stable")
    ]


def _p_of(squares: Array, chance: float, effects: int, freedom: int) -> Array:
    """Probability of mean squares this large by chance (an F test of two variances)."""
    if chance == 0.0:
        return np.where(squares > 0.0, 0.0, 1.0)
    return np.asarray(scipy.stats.f.sf(squares / chance, effects, freedom), dtype=float)


def survivors(screening: Screening, count: int) -> list[str]:
    """The records that move the difference most, the strongest first; none that does nothing."""
    return [effect.record for effect in screening.effects[:count] if effect.mu_star]


class VarianceShare(Finding):
    """Share of the variance of the difference that goes with one assumption, mostly 0 to 1.

    Attributes:
        record: The assumption.
        first: Share that goes with it alone; None where it cannot be computed.
        first_half: Half-width of its bootstrap interval.
        total: Share that goes with it in whatever combination.
        total_half: Half-width of its bootstrap interval.
        significant: Whether the interval of the total share lies above the floor.
    """

    model_config = _BY_NAME
    record: str
    first: float | None = None
    first_half: float | None = None
    total: float | None = None
    total_half: float | None = None
    significant: bool = Field(validation_alias=_FILED, serialization_alias=_FILED)


class VarianceShares(Unitless):
    """Shares of the variance of the difference in one outcome.

    Attributes:
        used: Base samples used.
        left_out: Base samples with a failed point.
        floor: Total share that an assumption without any effect would show, from chance.
        shares: One for each assumption that was varied, the largest first.
    """

    used: Count = 0
    left_out: Count = 0
    floor: float | None = None
    shares: list[VarianceShare]


def shares(names: Sequence[str], values: Array, noise: float, seed: int) -> VarianceShares:
    """Sobol indices, without the base samples that hold a failed point.

    Args:
        names: The records.
        values: (points,) differences in the order of `sobol_design`; NaN where the point failed.
        noise: Variance of one point's difference by chance alone.
        seed: Of the bootstrap; above 0.
    """
    from SALib.analyze import sobol

    size = len(names) + 2
    whole = values[whole_blocks(values, size)]
    count, used = len(values) // size, len(whole) // size
    variance = design_variance(whole, size)
    columns = dict.fromkeys(_SOBOL, np.full(len(names), np.nan))
    floor, significant = math.nan, np.zeros(len(names), dtype=bool)
    if used >= FEWEST_BLOCKS and variance > 0.0:
        asked = {"calc_second_order": False, "seed": seed, **_RESAMPLING}
        indices = sobol.analyze(problem(names), whole, **asked)
        columns |= {name: np.asarray(indices[of], float) for name, of in _SOBOL.items()}
        floor = min(1.0, noise / variance)
        significant = columns["total"] - columns["total_half"] > floor
    ranked = _ranked(VarianceShare, names, columns, significant, by="total")
    return VarianceShares(used=used, left_out=count - used, floor=json_number(floor), shares=ranked)


def design_variance(values: Array, size: int) -> float:
    """Variance over a Sobol design: of the two independent points of each whole base sample.

    Args:
        values: (points,); NaN where the point failed.
        size: Points of a base sample.
    """
    whole = values[whole_blocks(values, size)]
    return sample_variance(np.concatenate([whole[::size], whole[size - 1 :: size]]))


def filed(names: Iterable[str]) -> list[str]:
    """The names of fields as files have them."""
    return [_FILED if name == "significant" else name for name in names]
