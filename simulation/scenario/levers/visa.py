"""The lever `visa`: people of some origins need a visa and stop entering at some places."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from simulation.scenario.field_types import Authority, Effect, Origins
from simulation.scenario.levers.base import Timed, by_record, origin_words, percent
from simulation.scenario.levers.declaration import (
    ENTRY,
    Form,
    Inputs,
    PolicyPart,
    read_only,
)
from simulation.scenario.levers.departures import fewer_departures
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error


def _factor(inputs: Inputs, day: int) -> np.ndarray:
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
            value=_factor,
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
