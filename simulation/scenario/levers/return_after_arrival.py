"""The lever `return_after_arrival`: people who landed are returned, and others come legally."""

from __future__ import annotations

from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from simulation.corridor import Corridor
from simulation.scenario.field_types import Authority, Place, Share
from simulation.scenario.levers.base import (
    Timed,
    amount,
    by_record,
    no_boats_leave,
    optional,
)
from simulation.scenario.levers.declaration import ARRIVED, Form, Inputs, PolicyPart
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error

#: days of a referral or an answer; a year is more than any agreement allows
_Wait = Annotated[int, Field(ge=0, le=365)]


class ReturnOrder(NamedTuple):
    """Returns after arrival that are in force.

    Attributes:
        partner: Row of the authority that takes people back.
        places: People returned a week.
        admitted: People admitted for each one returned.
        referral_days: Days after landing within which people are referred.
        answer_days: Days from then to the return.
        eligible: Share of those who land who can be returned.
        retry: Share of those returned who try again.
        place: Row of the place to which people are returned.
        deterrence: Whether those who wait there hear of these returns and may give up.
    """

    partner: int
    places: float
    admitted: float
    referral_days: int
    answer_days: int
    eligible: float
    retry: float
    place: int
    deterrence: bool


def first_hub(corridor: Corridor, authority: str) -> str:
    """The first place of an authority where people stay for weeks; its first place without one."""
    own = [place for place in corridor.places if place.authority == authority]
    hubs = [place for place in own if place.kind == "hub"]
    return (hubs or own)[0].id


def _orders(inputs: Inputs, day: int) -> tuple[ReturnOrder, ...]:
    """The returns in force; a ramp is one of places."""
    corridor, usual = inputs.corridor, inputs.parameters.removal

    def said[T](value: T | None, otherwise: T) -> T:
        return otherwise if value is None else value

    return tuple(
        ReturnOrder(
            partner=corridor.authority_index[lever.partner],
            places=part * lever.places_per_week,
            admitted=said(lever.admitted, usual.admitted_ratio),
            referral_days=said(lever.referral_days, usual.referral_days),
            answer_days=said(lever.answer_days, usual.answer_days),
            eligible=said(lever.eligible, usual.eligible_share),
            retry=said(lever.retry, usual.retry_share),
            place=corridor.place_index[lever.place or first_hub(corridor, lever.partner)],
            deterrence=lever.deterrence,
        )
        for lever, part in inputs.of(ReturnAfterArrival, day)
        if part * lever.places_per_week > 0.0
    )


RETURN_ORDERS: PolicyPart[tuple[ReturnOrder, ...]] = PolicyPart(
    name="return_orders",
    does="people returned a week after they landed, and admitted for each one returned",
    value=_orders,
)


class ReturnAfterArrival(Timed):
    """People who landed by boat are returned to the country they left, and others come legally.

    Some of those returned try again, the others stay there or go back. Only with `deterrence`
    do those who wait there hear how many are returned: the boat is dearer to them, and some
    give up. There are no data on that.
    """

    group: ClassVar = ARRIVED
    assumes: ClassVar = ("removal",)
    template: ClassVar = """\
# [[return_after_arrival]]    # "one in, one out"
# partner = "FR"
# places_per_week = 50        # people returned, if so many can be
# from = 2027-04-01
# admitted = 1.0              # admitted legally for each one returned
# referral_days = 3           # after landing
# answer_days = 14            # from then to the return
# eligible = 0.8              # share of those who land who can be returned
# retry = 0.5                 # share of those returned who try again
# place = "paris"             # where they are returned to
# deterrence = true           # assume that people give up because of it; no data
"""
    form: ClassVar = Form(
        button="Add returns after arrival",
        noun="returns after arrival",
        start={"partner": "FR"},
        rarely=frozenset({"referral_days", "answer_days", "eligible", "retry", "place"}),
    )
    parts: ClassVar = (RETURN_ORDERS,)

    partner: Authority = Field(
        title="To which country", description="The country that takes people back."
    )
    places_per_week: Annotated[float, Field(ge=0, le=100_000)] = Field(
        title="People returned a week",
        description="People returned a week, if so many can be.",
    )
    admitted: Annotated[float, Field(ge=0, le=100)] | None = by_record(
        "removal.admitted_ratio",
        "Admitted for each one returned",
        "People admitted legally for each one returned.",
    )
    referral_days: _Wait | None = by_record(
        "removal.referral_days",
        "Days to refer",
        "Days after landing within which people are referred.",
    )
    answer_days: _Wait | None = by_record(
        "removal.answer_days", "Days to answer", "Days from then to the return."
    )
    eligible: Share | None = by_record(
        "removal.eligible_share",
        "Share who can be returned",
        "Share of those who land who can be returned.",
    )
    retry: Share | None = by_record(
        "removal.retry_share", "Share who try again", "Share of those returned who try again."
    )
    place: Place | None = optional(
        "Where", "Where people are returned to. Default: the partner's first hub."
    )
    deterrence: bool = Field(
        default=False,
        title="People give up because of it",
        description="Do people give up because of the risk? An assumption without data.",
    )

    def check_names(self, names: Names) -> None:
        if names.members(self.partner) != (self.partner,) or self.partner not in names.launching:
            raise no_boats_leave(names, "partner")
        if self.place is not None and names.places[self.place] != self.partner:
            own = [place for place, who in names.places.items() if who == self.partner]
            raise field_error(f"not on the ground of {self.partner}", "place", allowed=own)

    def sentence(self) -> str:
        where = self.place or self.partner
        people = f"{amount(self.places_per_week)} people a week who landed by boat"
        more = self.phrases(
            admitted="{value:g} admitted for each",
            eligible="{percent} of those who land can be returned",
            retry="{percent} try again",
            referral_days="referred within {value} days",
            answer_days="answered within {value} days",
        )
        more += ["and people are assumed to give up because of it"] if self.deterrence else []
        return ", ".join([f"{people} are returned to {where}", *more])
