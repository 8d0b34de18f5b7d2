"""Two decisions of agents that a user of the model can replace by a rule of their own.

`Crossings(..., allocation=rule)` replaces where authorities send their patrols, and
`Crossings(..., learning=rule)` what operators believe of the risk on their legs. A rule is asked
once a week for all agents together and gets arrays. Nothing is prepared for a rule that is not
given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from simulation.compiled import Floats, Ints
from simulation.errors import InputError


@dataclass(frozen=True)
class AllocationInputs:
    """What authorities know when they send their patrols.

    The arrays are copies, indexed like `model.corridor.authorities` and `model.corridor.legs`.

    Attributes:
        day: Days since the first simulated day. 0 also in the rounds before it, in which people
            and patrols come to where they usually are.
        activity: (authorities, legs) people a day whom each authority expects to cross, from what
            it has seen and what others have shared.
        own_activity: (authorities, legs) the same from what it has seen itself.
        precision: (authorities, legs) weight of its own estimate, 0 where it sees nothing.
        stop_chance: (legs,) chance that one unit there stops a crossing, 0 to 1.
        interest: (authorities, legs) what a stop there is worth to each authority, against one
            that is fully worth it: below 1 for people who leave its ground.
    """

    day: int
    activity: Floats
    own_activity: Floats
    precision: Floats
    stop_chance: Floats
    interest: Floats


class AllocationRule(Protocol):
    """Where authorities send their patrols, asked every Monday.

    The built-in rule is `(activity x stop_chance x interest) ** patrol.concentration`.
    """

    def __call__(self, inputs: AllocationInputs) -> npt.ArrayLike:
        """What a unit is worth on each leg.

        Args:
            inputs: What the authorities know.

        Returns:
            (authorities, legs) numbers of 0 or more. An authority spreads its units of each kind
            over the legs where they can stand, in proportion to these numbers, and evenly if all
            are 0. As with the built-in rule, some units stay where they are for another week
            (`patrol.inertia`), and each spends part of its time on routine presence
            (`patrol.routine_share`).
        """


@dataclass(frozen=True)
class LearningInputs:
    """What operators remember at the end of a week; a pair is an operator and a leg it serves.

    The arrays are copies.

    Attributes:
        day: Days since the first simulated day.
        operator: (pairs,) row of the operator in `model.smugglers`.
        leg: (pairs,) index of the leg in `model.corridor.legs`.
        trips: (pairs,) clients' trips that the operator remembers, in people. They fade by
            `market.risk_half_life_days`.
        stops: (pairs,) those of them that were stopped, in people.
        usual_risk: (legs,) chance of a stop believed before any trip, 0 to 1.
        ties: (ties, 2) rows of two operators who know each other.
    """

    day: int
    operator: Ints
    leg: Ints
    trips: Floats
    stops: Floats
    usual_risk: Floats
    ties: npt.NDArray[np.int32]


class LearningRule(Protocol):
    """What operators believe of the risk on their legs, asked every Monday.

    The built-in rule is a mean of own and partners' trips and of the usual risk, in which a stop
    counts more than a success: equation in `docs/ODD.md`.
    """

    def __call__(self, memory: LearningInputs) -> npt.ArrayLike:
        """The chance of a stop that operators believe in.

        Args:
            memory: What they remember.

        Returns:
            (pairs,) chances from 0 to 1; those above `beliefs.ceiling` count as that ceiling. By
            them operators move capacity between their legs and set fees.
        """


def checked(
    name: str, answer: npt.ArrayLike, shape: tuple[int, ...], most: float = np.inf
) -> Floats:
    """The answer of a rule as an array.

    Args:
        name: Name of the argument by which the rule was given.
        answer: What it has answered.
        shape: The shape it must have.
        most: The largest number that may be in it; the smallest is 0.

    Raises:
        InputError: It has another shape, or numbers that are not allowed.
    """
    values = np.asarray(answer, dtype=np.float64)
    if values.shape != shape:
        raise InputError(
            "the rule answers with an array of the wrong shape", key=name,
            value=values.shape, allowed=str(shape),
        )  # fmt: skip
    wrong = values[~((values >= 0.0) & (values <= most) & np.isfinite(values))]
    if wrong.size:
        allowed = "finite numbers of 0 or more" if np.isinf(most) else f"numbers from 0 to {most:g}"
        raise InputError(
            "the rule answers with a number that is not allowed", key=name,
            value=float(wrong[0]), allowed=allowed,
        )  # fmt: skip
    return values
