"""The lever `taxi_boats`: launches that pick their people up from the water."""

from __future__ import annotations

from typing import ClassVar

from simulation.scenario.field_types import Share
from simulation.scenario.levers.base import Timed, by_record, percent
from simulation.scenario.levers.declaration import TIMES, Form, Inputs, PolicyPart


def _share(inputs: Inputs, day: int) -> float:
    """Share of launches that pick their people up from the water.

    Each lever moves the share from what it would be without it to its own.
    """
    channel = inputs.parameters.channel
    share: float = channel.taxi_share
    for lever, part in inputs.of(TaxiBoats, day):
        goal = channel.taxi_share_now if lever.share is None else lever.share
        share += part * (goal - share)
    return share


TAXI_SHARE: PolicyPart[float] = PolicyPart(
    name="taxi_share",
    does="share of launches that pick their people up from the water; without it "
    "`channel.taxi_share`",
    value=_share,
)


class TaxiBoats(Timed):
    """Launches that pick their people up from the water, out of reach of patrols on the beach.

    Only units at sea can stop such a boat, before people board.
    """

    group: ClassVar = TIMES
    assumes: ClassVar = ("channel.taxi_share", "channel.taxi_share_now", "channel.taxi_intercept")
    template: ClassVar = """\
# [[taxi_boats]]              # launches that pick their people up from the water
# share = 0.35                # of all launches
# from = 2027-01-01
# ramp_days = 180
"""
    form: ClassVar = Form(button="Add boats that pick people up", noun="rises of such boats")
    parts: ClassVar = (TAXI_SHARE,)

    share: Share | None = by_record(
        "channel.taxi_share_now", "Share of launches", "Share of launches."
    )

    def sentence(self) -> str:
        size = "More" if self.share is None else f"{percent(self.share)}"
        return f"{size} of the launches pick their people up from the water"
