"""The lever `visa`: people of some origins need a visa and stop entering at some places."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from pydantic import Field, ValidationInfo, model_validator

from simulation.scenario.capability import join_words
from simulation.scenario.field_types import Authority, Effect, Origins
from simulation.scenario.levers.base import Timed, by_record, percent
from simulation.scenario.levers.declaration import (
    ENTRY,
    Form,
    Inputs,
    PartPair,
    PolicyPart,
    read_only,
)
from simulation.scenario.levers.departures import fewer_departures
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error

if TYPE_CHECKING:
    from simulation.scenario.policy_difference import PolicyDifference


def _make(inputs: Inputs) -> Callable[[list[float]], np.ndarray]:
    """Multiplier of entries by origin and place, float (origins, P), 0 to 1.

    It holds visas, and that fewer of an origin set out at all. Progress is that of each visa, then
    of each lever on departures.
    The scale of a route (`scenario.entries`) is not in it: more people can be asked for than
    there are, fewer are kept back by a visa.
    """
    corridor, origins, visas = inputs.corridor, inputs.origins, inputs.scenario.of(Visa)
    usual = inputs.parameters.policy.visa_effect

    def today(progress: list[float]) -> np.ndarray:
        factor = np.ones((len(origins), len(corridor.places)))
        for visa, part in zip(visas, progress[: len(visas)], strict=True):
            effect = usual if visa.effect is None else visa.effect
            members = corridor.members(visa.authority)
            there = [i for i, p in enumerate(corridor.places) if p.route and p.authority in members]
            here = [origins.index(origin) for origin in visa.origins]
            factor[np.ix_(here, there)] *= 1.0 - part * effect
        fewer_departures(inputs, progress[len(visas) :], factor)
        return read_only(factor)

    return today


def _compare(found: PolicyDifference, both: PartPair[np.ndarray]) -> None:
    able = found.people[0].entering(both.year) | found.people[1].entering(both.year)
    found.note(both.one != both.other, able)


class Visa(Timed):
    """Origins that now need a visa and so stop entering at an authority's places."""

    group: ClassVar = ENTRY
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
            make=_make,
            sections=("visa", "departures"),
            compare=_compare,
            by_year=True,
        ),
    )

    authority: Authority = Field(title="Who requires it", description="Who requires it.")
    origins: Origins = Field(title="Of whom", description="Of whom.")
    effect: Effect | None = by_record(
        "policy.visa_effect", "Share who stay away", "Share who stay away."
    )

    @model_validator(mode="after")
    def _is_entered(self, info: ValidationInfo) -> Self:
        names: Names | None = info.context
        if names is not None and not names.entered & set(names.members(self.authority)):
            raise field_error(
                "nobody enters the corridor here",
                at=("authority",),
                allowed=", ".join(sorted(names.entered)),
            )
        return self

    def sentence(self) -> str:
        """See `Lever.sentence`."""
        size = "" if self.effect is None else f" ({percent(self.effect)} stay away)"
        return f"{self.authority} requires visas of {', '.join(self.origins)}{size}"

    def why(self, found: PolicyDifference) -> str:
        """See `Lever.why`."""
        return f"no people from {join_words(self.origins)} enter at the places of {self.authority}."
