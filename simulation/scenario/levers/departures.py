"""The lever `departures`: fewer people of some origins set out, whatever their destination."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from simulation.scenario.field_types import Effect, Origins
from simulation.scenario.levers.base import Timed, by_record, origin_words, percent
from simulation.scenario.levers.declaration import ENTRY, Form, Inputs


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
