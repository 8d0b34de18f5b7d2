"""The lever `adverts`: operators' adverts are taken down, so that fewer new clients find them."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from simulation.corridor.stages import SEGMENTS
from simulation.scenario.field_types import Share, Stages
from simulation.scenario.levers.base import Timed, optional, percent
from simulation.scenario.levers.declaration import OPERATIONS, Form, Inputs, PolicyPart, read_only

_BOATS = ("boat",)


def _taken_down(inputs: Inputs, day: int) -> np.ndarray:
    """Share of adverts that is taken down a week, float (segments,)."""
    left = np.ones(len(SEGMENTS))
    for lever, part in inputs.of(Adverts, day):
        for stage in lever.stages or _BOATS:
            left[SEGMENTS.index(stage)] *= 1.0 - part * lever.taken_down
    return read_only(1.0 - left)


TAKEN_DOWN: PolicyPart[np.ndarray] = PolicyPart(
    name="adverts_taken_down",
    does="share of operators' adverts that is taken down a week, by stage",
    value=_taken_down,
)


class Adverts(Timed):
    """Adverts of operators are taken down, and come back from new accounts.

    While its adverts are down, an operator gets only a part of its new clients, by word of
    mouth.
    """

    group: ClassVar = OPERATIONS
    assumes: ClassVar = ("market.advert_clients", "market.advert_half_life")
    template: ClassVar = """\
# [[adverts]]                 # online adverts of operators are taken down
# taken_down = 0.5            # share of them a week
# stages = ["boat"]           # whose adverts
# from = 2027-04-01
"""
    form: ClassVar = Form(
        button="Add adverts taken down",
        noun="adverts taken down",
        rarely=frozenset({"stages"}),
    )
    parts: ClassVar = (TAKEN_DOWN,)

    taken_down: Share = Field(
        title="Share taken down a week", description="Share of adverts taken down a week."
    )
    stages: Stages | None = optional(
        "Of which stages", "Stages whose operators advertise. Default: boats."
    )

    def sentence(self) -> str:
        stages = ", ".join(self.stages or _BOATS)
        share = percent(self.taken_down)
        return f"{share} of the adverts of operators ({stages}) are taken down a week"
