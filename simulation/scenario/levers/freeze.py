"""The lever `freeze`: known operators are put on a sanctions list, and their money is frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from pydantic import Field

from simulation.scenario.field_types import Authority, NotNegative, Share
from simulation.scenario.levers.base import Timed, amount, optional, percent
from simulation.scenario.levers.declaration import (
    OPERATIONS,
    Form,
    Inputs,
    PolicyPart,
    SweepTarget,
    adds_lever,
    checked_name,
    rows_of,
)
from simulation.scenario.names import Names
from simulation.scenario.timeline import DAYS_PER_YEAR

if TYPE_CHECKING:
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


def _orders(inputs: Inputs, day: int) -> tuple[FreezeOrder, ...]:
    """Who lists how many operators a day, in the order in which it is written."""
    usual: float = inputs.parameters.policy.frozen_share
    return tuple(
        FreezeOrder(
            rows_of(inputs.corridor, lever.authority),
            part * lever.per_year / DAYS_PER_YEAR,
            usual if lever.frozen_share is None else lever.frozen_share,
        )
        for lever, part in inputs.of(Freeze, day)
        if part * lever.per_year > 0.0
    )


FREEZES: PolicyPart[tuple[FreezeOrder, ...]] = PolicyPart(
    name="freezes",
    does="who lists known operators, how many a day, and which share of their cash is frozen",
    value=_orders,
)


def _vary(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    authority = checked_name(rest, "authority or group", tuple(names.authorities))
    lay = adds_lever("freeze", "per_year", authority=authority)
    label = f"More operators put on a sanctions list by {authority}"
    return SweepTarget(f"freeze.{authority}", label, "operators a year", "number", lay)


class Freeze(Timed):
    """Known operators are put on a sanctions list: money is frozen, and it is harder to be paid.

    Until they have a new name or a proxy, they have fewer clients and it costs more to move their
    money. Suppliers of boats can be paid on some days only.
    """

    group: ClassVar = OPERATIONS
    assumes: ClassVar = (
        "policy.frozen_share",
        "market.listed_channel",
        "market.listed_money_cost",
        "market.proxy_days",
    )
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
    vary: ClassVar = _vary

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
        share = (
            "" if self.frozen_share is None else f" ({percent(self.frozen_share)} of their cash)"
        )
        many = f"{amount(self.per_year)} known operators a year"
        return f"{self.authority} puts {many} on a sanctions list and freezes their money{share}"
