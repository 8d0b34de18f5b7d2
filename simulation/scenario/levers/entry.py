"""Levers on who sets out and enters: `visa`, `departures`, `returns` and `legal_route`."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from simulation.scenario.field_types import Authority, Effect, NotNegative, Origin, Origins
from simulation.scenario.levers.base import Timed, amount, by_record, origin_words, percent
from simulation.scenario.levers.declaration import (
    ENTRY,
    Form,
    Inputs,
    PolicyPart,
    read_only,
)
from simulation.scenario.names import Names
from simulation.scenario.timeline import DAYS_PER_YEAR
from simulation.scenario.validation_errors import field_error

# -- departures ------------------------------------------------------------------------------------


def fewer_departures(inputs: Inputs, day: int, factor: np.ndarray) -> None:
    """Let fewer people of some origins set out.

    Args:
        inputs: The levers, the origins, and how many fewer where a lever does not say it.
        day: The day, as an ordinal.
        factor: Share who set out, by origin and place, (origins, P); lowered.
    """
    usual = inputs.parameters.policy.fewer_depart
    for lever, part in inputs.of(Departures, day):
        fewer = usual if lever.fewer is None else lever.fewer
        factor[inputs.origin_rows(lever.origins)] *= 1.0 - part * fewer


class Departures(Timed):
    """Fewer people of some origins set out, whatever their destination.

    It is a share of those who would set out in spite of visas.
    """

    group: ClassVar = ENTRY
    assumes: ClassVar = ("policy.fewer_depart",)
    template: ClassVar = """\
# [[departures]]              # fewer people set out, whatever their destination
# origins = ["syria"]
# fewer = 0.35                # share who no longer set out
# from = 2027-04-01
"""
    form: ClassVar = Form(button="Add fewer departures", noun="falls of departures")

    origins: Origins = Field(title="Of whom", description="Of whom.")
    fewer: Effect | None = by_record(
        "policy.fewer_depart", "Share who no longer set out", "Share who no longer set out."
    )

    def sentence(self) -> str:
        size = "Fewer people" if self.fewer is None else f"{percent(self.fewer)} fewer people"
        return f"{size} from {origin_words(self.origins)} set out"


# -- visa ------------------------------------------------------------------------------------------


def _entry_factor(inputs: Inputs, day: int) -> np.ndarray:
    """Multiplier of entries by origin and place, float (origins, P), 0 to 1.

    It holds visas, and that fewer of an origin set out at all.
    The scale of a route (`scenario.entries`) is not in it: more people can be asked for than
    there are, fewer are kept back by a visa.
    """
    places, usual = inputs.corridor.places, inputs.parameters.policy.visa_effect
    factor = np.ones((len(inputs.origins), len(places)))
    entered: dict[str, list[int]] = {}
    for visa, part in inputs.of(Visa, day):
        if part == 0.0:
            continue
        effect = usual if visa.effect is None else visa.effect
        if visa.authority not in entered:
            members = inputs.corridor.members(visa.authority)
            rows = [i for i, p in enumerate(places) if p.route and p.authority in members]
            entered[visa.authority] = rows
        here = np.ix_(inputs.origin_rows(visa.origins), entered[visa.authority])
        factor[here] *= 1.0 - part * effect
    fewer_departures(inputs, day, factor)
    return read_only(factor)


class Visa(Timed):
    """Origins that now need a visa and so stop entering at an authority's places.

    The share that stays away does not enter by another place instead.
    """

    group: ClassVar = ENTRY
    assumes: ClassVar = ("policy.visa_effect",)
    template: ClassVar = """\
# [[visa]]
# authority = "RS"
# origins = ["turkey"]
# effect = 0.9                # share who stay away
# from = 2027-04-01
"""
    form: ClassVar = Form(button="Add a visa requirement", noun="visa requirements")
    parts: ClassVar = (
        PolicyPart(
            name="entry_factor",
            does="share who still enter, by origin and place",
            value=_entry_factor,
            sections=("visa", "departures"),
        ),
    )

    authority: Authority = Field(title="Who requires it", description="Who requires it.")
    origins: Origins = Field(title="Of whom", description="Of whom.")
    effect: Effect | None = by_record(
        "policy.visa_effect", "Share who stay away", "Share who stay away."
    )

    def check_names(self, names: Names) -> None:
        if not names.entered & set(names.members(self.authority)):
            entered = sorted(names.entered)
            raise field_error("nobody enters the corridor here", "authority", allowed=entered)

    def sentence(self) -> str:
        size = "" if self.effect is None else f" ({percent(self.effect)} stay away)"
        return f"{self.authority} requires visas of people from {origin_words(self.origins)}{size}"


# -- returns ---------------------------------------------------------------------------------------


def _returns_factor(inputs: Inputs, day: int) -> np.ndarray:
    """Multiplier of people setting out for the UK, by origin, float (origins,)."""
    factor, usual = np.ones(len(inputs.origins)), inputs.parameters.policy.returns_effect
    for agreement, part in inputs.of(Returns, day):
        effect = usual if agreement.effect is None else agreement.effect
        factor[inputs.origins.index(agreement.partner)] *= 1.0 - part * effect
    return read_only(factor)


class Returns(Timed):
    """An agreement to take people back, so that fewer of that origin set out for the UK.

    How many no longer set out is put in, and not a result: what such agreements do is disputed.
    """

    group: ClassVar = ENTRY
    assumes: ClassVar = ("policy.returns_effect",)
    template: ClassVar = """\
# [[returns]]
# partner = "vietnam"
# effect = 0.5                # share who no longer set out for the UK
# from = 2027-04-01
"""
    form: ClassVar = Form(button="Add a returns agreement", noun="returns agreements")
    parts: ClassVar = (
        PolicyPart(
            name="returns_factor",
            does="share who still set out for the UK, by origin",
            value=_returns_factor,
        ),
    )

    partner: Origin = Field(title="Origin", description="The origin of the people returned.")
    effect: Effect | None = by_record(
        "policy.returns_effect",
        "Share who no longer set out",
        "Share who no longer set out for the UK.",
    )

    def sentence(self) -> str:
        size = "" if self.effect is None else f" ({percent(self.effect)} fewer set out for the UK)"
        return f"The UK returns people to {origin_words([self.partner])}{size}"


# -- legal_route -----------------------------------------------------------------------------------


def _legal_people(inputs: Inputs, day: int) -> np.ndarray:
    """People a day, by origin, who take a legal way to the UK instead, float (origins,).

    The people of each route are spread evenly over its origins.
    """
    people = np.zeros(len(inputs.origins))
    for route, part in inputs.of(LegalRoute, day):
        each = part * route.people_per_year / DAYS_PER_YEAR / len(route.origins)
        people[inputs.origin_rows(route.origins)] += each
    return read_only(people)


class LegalRoute(Timed):
    """Places on a legal way to the UK, taken up by people who would have come irregularly.

    Whoever takes it is not on the corridor. Places stay empty on days on which fewer would set
    out for the UK.
    """

    group: ClassVar = ENTRY
    template: ClassVar = """\
# [[legal_route]]
# origins = ["afghanistan", "syria"]
# people_per_year = 5000
# from = 2027-04-01
"""
    form: ClassVar = Form(button="Add a legal route", noun="legal routes")
    parts: ClassVar = (
        PolicyPart(
            name="legal_route_people",
            does="people a day who take a legal way",
            value=_legal_people,
        ),
    )

    origins: Origins = Field(title="For whom", description="For whom.")
    people_per_year: NotNegative = Field(
        title="People a year", description="How many, over all the origins named, evenly."
    )

    def sentence(self) -> str:
        people = f"{amount(self.people_per_year)} people a year"
        return f"A legal way to the UK for {people} from {origin_words(self.origins)}"
