"""The lever `returns`: an agreement to take people back, so that fewer set out for the UK."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from simulation.scenario.field_types import Effect, Origin
from simulation.scenario.levers.base import Timed, by_record, origin_words, percent
from simulation.scenario.levers.declaration import (
    ENTRY,
    Form,
    Inputs,
    PolicyPart,
    read_only,
)


def _factor(inputs: Inputs, day: int) -> np.ndarray:
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
            value=_factor,
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
