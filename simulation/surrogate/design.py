"""The design of the surrogate: which policy is run in which world.

Policies are points of a scrambled Sobol sequence, so that any first few are spread evenly. Every
second one has about three levers, the others about eight. The world of each pair of runs is that of
`simulation.experiments.engine.world_design`, in whose blocks every set has two seeds. In some
places of a block a pair repeats the policy of an earlier one: a tenth with another seed under the
same set and path, a tenth with another set on the same path with the same seed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy

from simulation.experiments.engine.world_design import SETS
from simulation.scenario import Scenario
from simulation.surrogate.coordinates import (
    AXES,
    DEFAULT,
    LATEST_START,
    LONGEST_RAMP,
    MOST_LEVERS,
    Measure,
)

#: share of policies in force before the first day, and share whose levers begin apart
_ALWAYS, _APART = 0.1, 0.5
#: coordinates of a point: those of the policy, then three of each axis
_COUNT, _BEGIN, _RAMP, _WHEN, _OF_POLICY = range(5)
_DIGITS = 4
#: places of two blocks, of the pairs that repeat an earlier one: with another seed, or another set
_BLOCKS, _ANOTHER_SEED, _ANOTHER_SET = 2, (8, 12, 24), (2, 6, 18)

Repeat = Literal["", "seed", "set"]


class Row(NamedTuple):
    """A pair of runs of the design.

    Attributes:
        policy: Number of its policy.
        seed: Its seed, which draws set and path.
        set_of: Seed whose set it has instead of its own, if any.
        repeats: What differs from an earlier row of the same policy.
    """

    policy: int
    seed: int
    set_of: int | None = None
    repeats: Repeat = ""


def rows(count: int, seed: int) -> list[Row]:
    """The first rows of the design; those of fewer are the first of more.

    Args:
        count: How many.
        seed: Of the first pair.
    """
    design: list[Row] = []
    policies = 0
    for number in range(count):
        place = number % (_BLOCKS * 2 * SETS)
        if place in _ANOTHER_SEED:
            design.append(Row(design[number - SETS].policy, seed + number, None, "seed"))
        elif place in _ANOTHER_SET:
            like = design[number - 1]
            design.append(Row(like.policy, like.seed, seed + number, "set"))
        else:
            design.append(Row(policies, seed + number))
            policies += 1
    return design


def policies(count: int, seed: int, base: Scenario) -> Iterator[tuple[Measure, ...]]:
    """The policies of the design, one after another.

    Args:
        count: How many.
        seed: Of the scrambling.
        base: The scenario that they are laid over.
    """
    power = max(count - 1, 1).bit_length()
    size = _OF_POLICY + 3 * len(AXES)
    points = scipy.stats.qmc.Sobol(size, scramble=True, rng=seed).random_base2(power)[:count]
    for number, point in enumerate(points):
        yield _policy(point, base, many=number % 2 == 1)


def _policy(point: npt.NDArray[np.float64], base: Scenario, *, many: bool) -> tuple[Measure, ...]:
    """The policy of a point, in the order in which a scenario has its sections."""
    order, strengths, begins = point[_OF_POLICY:].reshape(3, -1)
    half = MOST_LEVERS // 2
    levers = 1 + int(point[_COUNT] * half) + (half if many else 0)
    ramp = round(point[_RAMP] * LONGEST_RAMP)
    always, apart = point[_WHEN] < _ALWAYS, point[_WHEN] > 1.0 - _APART
    measures = []
    for column in sorted(np.argsort(order)[:levers].tolist()):
        axis = list(AXES.values())[column]
        after = int((begins[column] if apart else point[_BEGIN]) * LATEST_START)
        start = date.fromordinal(base.run.start.toordinal() + after)
        if axis.log:
            span = np.log([axis.low, axis.high])
            strength = float(np.exp(span[0] + strengths[column] * (span[1] - span[0])))
        else:
            strength = float(axis.low + strengths[column] * (axis.high - axis.low))
        once = axis is DEFAULT or axis.section == "shock"
        undated = axis is DEFAULT or (always and not once)
        measures.append(
            Measure(
                axis.name,
                round(strength, _DIGITS),
                None if undated else start,
                0 if undated or once else ramp,
                column,
            )
        )
    return tuple(measures)


def design_hash(base: Scenario) -> str:
    """What identifies the design: its axes, its ranges and the days of its runs."""
    content = (*AXES.values(), LATEST_START, LONGEST_RAMP, MOST_LEVERS, base.run)
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def levers_of(policy: Sequence[Measure]) -> int:
    """The number of levers of a policy."""
    return len({one.lever for one in policy})
