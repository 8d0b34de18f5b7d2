"""The lever `freeze`: known operators are put on a sanctions list, and their money is frozen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import Field

from simulation.scenario.field_types import Authority, NotNegative, Share
from simulation.scenario.levers.base import Timed, amount, optional, percent
from simulation.scenario.levers.declaration import (
    OPERATIONS,
    Form,
    Inputs,
    PartPair,
    PolicyPart,
    SweepTarget,
    Vary,
    adds_lever,
    known_name,
)
from simulation.scenario.names import Names
from simulation.scenario.timeline import DAYS_PER_YEAR

if TYPE_CHECKING:
    from simulation.scenario.policy_difference import PolicyDifference
    from simulation.scenario.scenario import Scenario


class FreezeOrder(NamedTuple):
    """A lever of today.

    Attributes:
        authorities: Rows of those whose knowledge the list is drawn from.
        per_day: Operators listed a day.
        frozen_share: Share of an operator's cash that is frozen on the day it is listed.
    """

    authorities: tuple[int, ...]
    per_day: float
    frozen_share: float


def _make(inputs: Inputs) -> Callable[[list[float]], tuple[FreezeOrder, ...]]:
    """Who lists how many operators a day, in the order in which it is written."""
    corridor, levers = inputs.corridor, inputs.scenario.of(Freeze)
    usual: float = inputs.parameters.policy.frozen_share
    shares = [usual if lever.frozen_share is None else lever.frozen_share for lever in levers]
    rows = [
        tuple(corridor.authority_index[code] for code in corridor.members(lever.authority))
        for lever in levers
    ]

    def today(progress: list[float]) -> tuple[FreezeOrder, ...]:
        return tuple(
            FreezeOrder(authorities, part * lever.per_year / DAYS_PER_YEAR, share)
            for lever, authorities, share, part in zip(levers, rows, shares, progress, strict=True)
            if part * lever.per_year > 0.0
        )

    return today


def _compare(found: PolicyDifference, both: PartPair[tuple[FreezeOrder, ...]]) -> None:
    if both.one != both.other:
        found.differs = True
        listing = [
            [order for order in orders if found.capability.can_know(order.authorities)]
            for orders in (both.one, both.other)
        ]
        found.reaches |= listing[0] != listing[1]


#: who lists operators, how many a day, and what is frozen
FREEZES: PolicyPart[tuple[FreezeOrder, ...]] = PolicyPart(
    name="freezes",
    does="who lists known operators, how many a day, and which share of their cash is frozen",
    make=_make,
    compare=_compare,
)


def _vary(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    authority = known_name(rest, "authority or group", tuple(names.authorities))
    lay = adds_lever("freeze", "per_year", authority=authority)
    label = f"More operators put on a sanctions list by {authority}"
    return SweepTarget(f"freeze.{authority}", label, "operators a year", "number", lay)


class Freeze(Timed):
    """Known operators are put on a sanctions list: money is frozen, and it is harder to be paid.

    Those listed find a new name or a proxy after a time.
    """

    group: ClassVar = OPERATIONS
    template: ClassVar = """\
# [[freeze]]                  # known operators are put on a sanctions list
# authority = "UK"            # by what this authority or group knows
# per_year = 38               # operators listed a year
# frozen_share = 0.1          # of the cash of an operator
# from = 2023-07-01
"""
    form: ClassVar = Form(
        button="Add a freeze of money",
        noun="freezes of money",
        rarely=frozenset({"frozen_share"}),
    )
    parts: ClassVar = (FREEZES,)
    vary: ClassVar = Vary(_vary)

    authority: Authority = Field(
        title="Who lists",
        description="Who lists: an authority or a group, by what any of its members knows. It "
        "needs no ground of its own.",
    )
    per_year: NotNegative = Field(
        title="Operators a year",
        description="Operators listed a year, as far as so many are known well enough.",
    )
    frozen_share: Share | None = optional(
        "Share of cash frozen",
        "Share of an operator's cash that is frozen on the day it is listed. Default: "
        "the parameter policy.frozen_share.",
    )

    def sentence(self) -> str:
        """See `Lever.sentence`."""
        share = (
            "" if self.frozen_share is None else f" ({percent(self.frozen_share)} of their cash)"
        )
        many = f"{amount(self.per_year)} known operators a year"
        return f"{self.authority} puts {many} on a sanctions list and freezes their money{share}"

    def why(self, found: PolicyDifference) -> str:
        """See `Lever.why`."""
        return f"{self.authority} learns nothing about operators, and no authority shares any."
