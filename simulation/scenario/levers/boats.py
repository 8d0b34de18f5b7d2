"""The lever `boats`: boats on the market were smaller, and grew to those of today."""

from __future__ import annotations

from typing import ClassVar

from simulation.scenario.field_types import Positive
from simulation.scenario.levers.base import PhasedIn, by_record
from simulation.scenario.levers.declaration import TIMES, Form, Inputs, PolicyPart


def _size(inputs: Inputs, day: int) -> float:
    """People a boat is built for, against today's, from the boats on the market."""
    size, usual = 1.0, inputs.parameters.channel.boat_size_before
    for lever, part in inputs.of(Boats, day):
        before = usual if lever.size is None else lever.size
        size *= before + part * (1.0 - before)
    return size


class Boats(PhasedIn):
    """Smaller boats on the market until a day, growing to those of today over the ramp.

    The load that launchers aim at and the load that is safe both go with this size.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("channel.boat_size_before", "channel.safe_load_growth")
    template: ClassVar = """\
# [[boats]]                   # smaller boats at first, growing over the ramp
# size = 0.8                  # against today's
# from = 2027-01-01
# ramp_days = 180
"""
    form: ClassVar = Form(button="Add smaller boats", noun="changes of boats")
    parts: ClassVar = (
        PolicyPart(
            name="boat_size",
            does="people a boat is built for, against today's; before growth, "
            "`channel.boat_size_before`",
            value=_size,
        ),
    )

    size: Positive | None = by_record(
        "channel.boat_size_before",
        "Size before, against today's",
        "Size before the first day, against today's.",
    )

    def sentence(self) -> str:
        before = "smaller" if self.size is None else f"{self.size:g} times today's size"
        return f"Boats are {before} at first and grow to those of today"
