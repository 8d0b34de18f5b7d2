"""Parts of the policy of a day: which levers set one, and how it is worked out.

A lever's module declares the parts that its levers set. `simulation.scenario.policy` works them out
day by day; `simulation.scenario.policy_difference` compares them between two scenarios.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.parameters import Parameters
    from simulation.scenario.policy import PolicyDay
    from simulation.scenario.policy_difference import DayComparison
    from simulation.scenario.schema import Scenario


class Inputs(NamedTuple):
    """What a part of the policy is worked out from.

    Attributes:
        scenario: What is asked.
        corridor: Where it applies.
        parameters: What is assumed.
        origins: The origins of people, in order.
    """

    scenario: Scenario
    corridor: Corridor
    parameters: Parameters
    origins: tuple[str, ...]


class PartPair[T](NamedTuple):
    """A part of the policy in two scenarios on a day.

    Attributes:
        one: The part in the first scenario.
        other: The part in the second scenario.
        mine: The whole policy in the first scenario.
        theirs: The whole policy in the second scenario.
        year: Year of the day.
    """

    one: T
    other: T
    mine: PolicyDay
    theirs: PolicyDay
    year: int


def reaches_everybody(comparison: DayComparison, both: PartPair[Any]) -> None:
    """Note any difference as one that can act."""
    comparison.note(both.one != both.other, True)


@dataclass(frozen=True, eq=False)
class PolicyPart[T]:
    """A part of the policy of a day.

    Attributes:
        name: Its name. Where `PolicyDay` has a field of this name it is that field; otherwise
            `of` reads it.
        does: What it does in the model, in a few words, for the table of the ODD.
        make: From the inputs to a function of the progress of each lever (0 to 1, in the order of
            `sections`) that gives the part. Without levers it must give what is usual.
        sections: The sections whose levers it is worked out from, in order.
        set_by: The levers in words for the ODD, where the sections alone do not say it.
        compare: Notes how the part differs between two scenarios, and whether that can act.
        by_year: Whether the same difference can act in one year and not in another.
        by_staff: Whether the same difference can act with some staff and not with other.
    """

    name: str
    does: str
    make: Callable[[Inputs], Callable[[list[float]], T]]
    sections: tuple[str, ...]
    set_by: str = ""
    compare: Callable[[DayComparison, PartPair[T]], None] = reaches_everybody
    by_year: bool = False
    by_staff: bool = False

    def of(self, policy: PolicyDay) -> T:
        """The part in the policy of a day."""
        found: T = policy.part(self.name)
        return found


def read_only(array: np.ndarray) -> np.ndarray:
    """The same array, which can no longer be written to."""
    array.setflags(write=False)
    return array
