"""Decisions of agents that a user of the model can replace by rules of their own.

`Crossings(..., rules=Rules(allocation=rule))` replaces where authorities send their patrols; all of
them are in `Rules`. A rule is asked for all agents together and gets arrays. Nothing is prepared
for a rule that is not given.
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


@dataclass(frozen=True)
class LaunchInputs:
    """What launchers know on a fair morning: those at work who have a boat and waiting clients.

    The arrays are copies, indexed by launcher.

    Attributes:
        day: Days since the first simulated day.
        quality: How good the day is at sea, 0 to 1.
        wave: Hazard level of the sea, 0 (calm) to 1.
        operator: (launchers,) row of the launcher in `model.smugglers`.
        leg: (launchers,) index of the leg by which its boats leave in `model.corridor.legs`.
        clients: (launchers,) people who wait for a seat.
        boats: (launchers,) boats at hand.
        teams: (launchers,) boats a day that its teams can launch; some are lost while the
            organiser is not at work (`market.orphan_loss`).
        load: (launchers,) people in a boat, as it plans.
    """

    day: int
    quality: float
    wave: float
    operator: Ints
    leg: Ints
    clients: Floats
    boats: Ints
    teams: Floats
    load: Floats


class LaunchRule(Protocol):
    """Which launchers send boats, asked on every fair day on which one of them could.

    The built-in rule is `quality ** channel.launch_caution` for all.
    """

    def __call__(self, morning: LaunchInputs) -> npt.ArrayLike:
        """The chance that a launcher sends boats today.

        Args:
            morning: What launchers know.

        Returns:
            (launchers,) chances from 0 to 1. Who sends boats sends as many as teams, boats and
            clients allow.
        """


@dataclass(frozen=True)
class RouteChoiceInputs:
    """What people know of the legs in the evening, for the choices of the next day.

    The arrays are copies, indexed like `model.corridor.legs`.

    Attributes:
        day: Days since the first simulated day.
        fee: (legs,) EUR that operators ask.
        duration: (legs,) whole days on the way.
        belief: (legs,) chance of a stop that people believe in.
        death_chance: (legs,) chance of dying on the leg.
        departures: (legs,) people who set out today.
        other_cost: (legs,) EUR beside fee, time, stops and deaths: waiting, evading, detours and
            the risk of being returned.
    """

    day: int
    fee: Floats
    duration: npt.NDArray[np.int32]
    belief: Floats
    death_chance: Floats
    departures: Floats
    other_cost: Floats


class RouteChoiceRule(Protocol):
    """What people hold against each leg beside all that the model counts, asked every evening.

    The built-in rule is nothing, on every leg.
    """

    def __call__(self, evening: RouteChoiceInputs) -> npt.ArrayLike:
        """What a leg costs people on top.

        Args:
            evening: What people know.

        Returns:
            (legs,) EUR, 0 or more. Each person chooses by it and by what is their own: belief,
            aversion to risk, money and luck.
        """


@dataclass(frozen=True)
class PricingInputs:
    """What operators at work know when they set their fees.

    The arrays are copies, indexed by operator.

    Attributes:
        day: Days since the first simulated day.
        operator: (operators,) its row in `model.smugglers`.
        fee: (operators,) EUR that it asks now.
        usual_fee: (operators,) EUR that an operator of its stage and level usually asks.
        cost: (operators,) EUR that a client costs it.
        use: (operators,) share of its capacity that clients ask for.
        usual_use: (operators,) the same, as it usually is.
        failure: (operators,) chance of a failed attempt that it expects on its legs.
    """

    day: int
    operator: Ints
    fee: Floats
    usual_fee: Floats
    cost: Floats
    use: Floats
    usual_use: Floats
    failure: Floats


class PricingRule(Protocol):
    """What operators would ask of a client, asked every Monday unless prices are held.

    The built-in rule passes on risk and demand: equation in `docs/ODD.md`.
    """

    def __call__(self, inputs: PricingInputs) -> npt.ArrayLike:
        """The fee that an operator has in mind.

        Args:
            inputs: What the operators know.

        Returns:
            (operators,) EUR, 0 or more. Fees approach it by `market.price_speed` a week.
        """


@dataclass(frozen=True)
class Rules:
    """Rules of a user's own; the built-in one where there is None.

    Attributes:
        allocation: Where authorities send patrols.
        learning: What operators believe of risks.
        pricing: What operators ask of a client.
        launching: Which launchers send boats.
        route_choice: What else people hold against each leg.
    """

    allocation: AllocationRule | None = None
    learning: LearningRule | None = None
    pricing: PricingRule | None = None
    launching: LaunchRule | None = None
    route_choice: RouteChoiceRule | None = None


#: no rule of a user's own
BUILT_IN = Rules()


def checked(
    name: str, answer: npt.ArrayLike, shape: tuple[int, ...], most: float = np.inf
) -> Floats:
    """The answer of a rule as an array.

    Args:
        name: Name of the rule in `Rules`.
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
