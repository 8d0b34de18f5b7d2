"""The lever `funding`: money an authority spends on staff, its own or somebody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, get_args

from pydantic import Field, model_validator

from simulation.corridor import Corridor
from simulation.corridor.jurisdiction import paid
from simulation.errors import InputError
from simulation.parameters import Parameters
from simulation.scenario.field_types import (
    TOLERANCE,
    Authority,
    Month,
    NotNegative,
    Share,
    Spending,
)
from simulation.scenario.levers.base import (
    Strict,
    Timed,
    amount,
    check_order,
    no_boats_supplied,
    optional,
    percent,
)
from simulation.scenario.levers.declaration import (
    MONEY,
    Form,
    Inputs,
    SweepTarget,
    add_lever,
    checked_name,
)
from simulation.scenario.levers.staff import Step, rows_with_work
from simulation.scenario.names import Names
from simulation.scenario.timeline import DAYS_PER_YEAR
from simulation.scenario.validation_errors import field_error
from simulation.timeseries.months import last_day

if TYPE_CHECKING:
    from simulation.scenario.scenario import Scenario

#: what money is spent on in a sweep unless it is said: the work that handles intelligence, in
#: even parts
_FUNDED = ("investigation", "analysis")


class Money(Strict):
    """An amount in pounds or euros."""

    GBP: NotNegative | None = Field(default=None, description="Pounds.")
    EUR: NotNegative | None = Field(default=None, description="Euros.")

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.GBP is None) == (self.EUR is None):
            raise field_error("needs one currency", allowed="{ GBP = ... } or { EUR = ... }")
        return self

    def in_eur(self, gbp_eur: float) -> float:
        """The amount in EUR at a rate in EUR per GBP."""
        return self.EUR if self.EUR is not None else (self.GBP or 0.0) * gbp_eur

    def in_words(self) -> str:
        """The amount with its currency."""
        if self.GBP is not None:
            return f"GBP {amount(self.GBP)}"
        return f"EUR {amount(self.EUR or 0.0)}"


def _vary(rest: str, names: Names, scenario: Scenario) -> SweepTarget:
    authority, _, on = rest.partition(".")
    checked_name(authority, "authority or group", tuple(names.authorities))
    kinds = tuple(on.split("+")) if on else _FUNDED
    for kind in kinds:
        checked_name(kind, "purpose", get_args(Spending))
    if len(set(kinds)) < len(kinds):
        raise InputError(f"{on} names a purpose twice")

    spend_on = {kind: 1.0 / len(kinds) for kind in kinds}
    others = {"authority": authority, "per": "year", "spend_on": spend_on}
    words = " and ".join(kind.replace("_", " ") for kind in kinds)
    return SweepTarget(
        f"funding.{authority}.{'+'.join(kinds)}",
        f"More money of {authority} for {words}",
        "GBP a year",
        "number",
        lambda data, value: add_lever(data, "funding", {**others, "amount": {"GBP": value}}),
        about="" if len(kinds) == 1 else "The money is spent in even parts.",
    )


class Funding(Timed):
    """Money an authority spends on staff, its own or somebody else's.

    It buys units at an assumed price, which work as any others. Money for the supply of boats
    buys a closer watch for deliveries.
    """

    group: ClassVar = MONEY
    assumes: ClassVar = (
        "policy.gbp_eur",
        "policy.cost_border_patrol_unit_year",
        "policy.cost_coast_patrol_unit_year",
        "policy.cost_investigation_unit_year",
        "policy.cost_analysis_unit_year",
        "policy.cost_boat_supply_unit_year",
    )
    template: ClassVar = """\
# [[funding]]
# authority = "UK"
# amount = { GBP = 75_000_000 }       # or { EUR = ... }
# per = "year"                        # or over = ["2027-04", "2029-03"]: that much in all
# spend_on = { investigation = 0.6, coast_patrol = 0.2, analysis = 0.2 }   # sums to 1
# beneficiary = "FR"                  # who gets it, if not the payer
# from = 2027-04-01
"""
    form: ClassVar = Form(
        button="Add funding",
        noun="payments",
        start={"per": "year"},
        empty={"beneficiary": "the payer itself", "per": "that much in all, over some months"},
        unused={("per", "year"): ("over",), ("per", None): ("from", "to")},
    )
    vary: ClassVar = _vary

    authority: Authority = Field(title="Who pays", description="Who pays.")
    beneficiary: Authority | None = optional("Who gets it", "Who gets it, if not the payer.")
    amount: Money = Field(title="Amount", description="How much, in pounds or euros.")
    per: Literal["year"] | None = optional("How often", "The amount is that of every year.")
    over: Annotated[tuple[Month, Month], Field(strict=False)] | None = optional(
        "Over the months",
        "First and last month in which all of the amount is spent, evenly but for a ramp.",
    )
    spend_on: dict[Spending, Share] = Field(
        title="Spent on", description="Shares of the amount; sum to 1."
    )

    def check(self) -> None:
        total = sum(self.spend_on.values())
        if abs(total - 1) > TOLERANCE:
            raise field_error(f"shares sum to {total:g}", "spend_on", allowed="a sum of 1")
        either = 'per = "year", or over = ["2027-01", "2028-12"] for that much in all'
        if self.per is None and self.over is None:
            raise field_error(f"is the amount that of a year? Write {either}", "per")
        if self.per is not None and self.over is not None:
            raise field_error(f"goes with no per; write {either}", "over")
        if self.over is None:
            return
        for key, day in (("from", self.from_), ("to", self.to)):
            if day is not None:
                raise field_error("the months of over say when", key, allowed="over alone")
        check_order(self.first_day, self.last_day, "over")

    def check_names(self, names: Names) -> None:
        who = self.beneficiary or self.authority
        for kind, share in self.spend_on.items():
            if kind != "boat_supply" and share and names.has_no_work(names.paid(who, kind), kind):
                raise field_error(
                    f"{kind} of {who} has no effect",
                    "spend_on",
                    kind,
                    allowed=f"money for {', '.join(names.workplaces[kind])}",
                )
        to_supply = self.beneficiary and self.spend_on.get("boat_supply")
        if to_supply and not names.supply & set(names.members(who)):
            raise no_boats_supplied(names, "beneficiary")

    def sentence(self) -> str:
        spread = ", ".join(
            f"{percent(share)} {kind.replace('_', ' ')}" for kind, share in self.spend_on.items()
        )
        to = f" in {self.beneficiary}" if self.beneficiary else ""
        often = "a year" if self.over is None else "in all"
        return f"{self.authority} spends {self.amount.in_words()} {often}{to} ({spread})"

    @property
    def first_day(self) -> date | None:
        return self._months()[0] or self.from_

    @property
    def last_day(self) -> date | None:
        return self._months()[1] or self.to

    def _months(self) -> tuple[date, date] | tuple[None, None]:
        """The first and the last day of the months over which all is spent, if it has such."""
        if self.over is None:
            return None, None
        first, last = self.over
        return date.fromisoformat(f"{first}-01"), last_day(last)

    def steps(self, inputs: Inputs, useful: Mapping[str, tuple[str, ...]]) -> list[Step]:
        """What it adds to the units of each kind.

        Args:
            inputs: The scenario, the staff there is, and what a unit costs.
            useful: The authorities for which more staff of a kind has any effect.
        """
        corridor = inputs.corridor
        yearly = self.eur_per_year(inputs.parameters)
        return [
            Step(
                kind,
                rows_with_work(corridor, self.receivers(kind, corridor), useful[kind]),
                1.0,
                yearly * share / cost_of(kind, inputs.parameters),
            )
            for kind, share in self.spend_on.items()
            if kind != "boat_supply" and share > 0.0
        ]

    def eur_per_year(self, parameters: Parameters) -> float:
        """What it spends in a year, in EUR.

        An amount in all is spread evenly over its months but for the ramp, along which less is
        spent a day; the days after it make up for that, so that all of the amount is spent.
        """
        amount = self.amount.in_eur(parameters.policy.gbp_eur)
        first, last = self._months()
        if first is None or last is None:
            return amount
        return amount * DAYS_PER_YEAR / _full_days((last - first).days + 1, self.ramp_days)

    def receivers(self, kind: str, corridor: Corridor) -> tuple[str, ...]:
        """The authorities whose work of a kind it pays for.

        Those of the beneficiary if there is one, otherwise of the payer.
        """
        members = corridor.members(self.beneficiary or self.authority)
        uk = {authority.code for authority in corridor.authorities if authority.kind == "uk"}
        return paid(tuple(members), kind, uk)


def cost_of(kind: str, parameters: Parameters) -> float:
    """The cost of one unit of a kind for a year, in EUR."""
    policy = parameters.policy
    costs: dict[str, float] = {
        "border_patrol": policy.cost_border_patrol_unit_year,
        "coast_patrol": policy.cost_coast_patrol_unit_year,
        "investigation": policy.cost_investigation_unit_year,
        "analysis": policy.cost_analysis_unit_year,
        "boat_supply": policy.cost_boat_supply_unit_year,
    }
    return costs[kind]


def _full_days(days: int, ramp_days: int) -> float:
    """Days of full effect that a lever's first days come to: the sum of its progress on each."""
    rising = min(days, ramp_days)
    share = rising * (rising - 1) / 2 / ramp_days if ramp_days else 0.0
    return days - rising + share
