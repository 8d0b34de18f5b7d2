"""The lever `freight`: lorries and ferries to the UK were searched less until a day."""

from __future__ import annotations

from typing import ClassVar

from simulation.scenario.field_types import Positive
from simulation.scenario.levers.base import PhasedIn, by_record
from simulation.scenario.levers.declaration import TIMES, Form, Inputs, PolicyPart


def _effort(inputs: Inputs, day: int) -> float:
    """Effort of searching freight to the UK, against today's.

    Exactly 1 once every ramp is over, so that today's world does not depend on what was before.
    """
    effort, usual = 1.0, inputs.parameters.patrol.freight_before
    for lever, part in inputs.of(Freight, day):
        before = usual if lever.search is None else lever.search
        effort *= part + (1.0 - part) * before
    return effort


class Freight(PhasedIn):
    """Freight to the UK searched less until a day, growing to today's searches over the ramp.

    Patrols and operations on every leg by lorry or ferry to the UK are multiplied. How many
    people then turn to boats, wait or settle is a result.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("patrol.freight_before", "migrants.freight_nesting")
    template: ClassVar = """\
# [[freight]]                 # lorries and ferries to the UK searched less at first
# search = 0.5                # effort against today's
# from = 2027-01-01
# ramp_days = 180
"""
    form: ClassVar = Form(button="Add fewer searches of freight", noun="changes of searches")
    parts: ClassVar = (
        PolicyPart(
            name="freight_search",
            does="multiplies effort on lorries and ferries to the UK; before growth, "
            "`patrol.freight_before`",
            value=_effort,
        ),
    )

    search: Positive | None = by_record(
        "patrol.freight_before",
        "Searches before, against today's",
        "Search effort before the first day, against today's.",
    )

    def sentence(self) -> str:
        before = "weaker" if self.search is None else f"{self.search:g} times today's"
        searches = "Searches of lorries and ferries to the UK"
        return f"{searches} are {before} at first and grow to those of today"
