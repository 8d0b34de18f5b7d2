"""The lever `interception_at_sea`: units that stop boats before they pick people up."""

from __future__ import annotations

from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from simulation.corridor.jurisdiction import launching
from simulation.scenario.field_types import Authority, Share
from simulation.scenario.levers.base import Timed, by_record, no_boats_leave, percent
from simulation.scenario.levers.declaration import (
    AT_BORDERS,
    Form,
    Inputs,
    PolicyPart,
)
from simulation.scenario.names import Names


class SeaPatrol(NamedTuple):
    """Units of an authority that stop boats before people board.

    Attributes:
        authority: Its row.
        units: How many there are today.
        safe: Share of boats met that may be stopped.
    """

    authority: int
    units: float
    safe: float


def _units(inputs: Inputs, day: int) -> tuple[SeaPatrol, ...]:
    """The units at sea; those of a group are spread evenly over members boats leave from."""
    corridor, usual = inputs.corridor, inputs.parameters.channel.stop_is_safe
    leaving, patrols = launching(corridor), []
    for lever, part in inputs.of(InterceptionAtSea, day):
        members = [code for code in corridor.members(lever.authority) if code in leaving]
        safe = usual if lever.safe is None else lever.safe
        for code in members if part * lever.units > 0.0 else ():
            row, units = corridor.authority_index[code], part * lever.units / len(members)
            patrols.append(SeaPatrol(row, units, safe))
    return tuple(patrols)


SEA_PATROLS: PolicyPart[tuple[SeaPatrol, ...]] = PolicyPart(
    name="sea_patrols",
    does="units at sea that stop boats before they pick people up",
    value=_units,
)


class InterceptionAtSea(Timed):
    """Units at sea that stop boats before they pick people up from the water.

    The people stay on the beach and keep their seat. Without boats that pick people up from the
    water it has no effect, and many of them at once swamp the units.
    """

    group: ClassVar = AT_BORDERS
    assumes: ClassVar = (
        "patrol.sweep_at_sea",
        "channel.stop_is_safe",
        "channel.found_at_sea",
        "channel.seizure_at_sea",
    )
    template: ClassVar = """\
# [[interception_at_sea]]     # units that stop boats before they pick people up from the water
# authority = "FR"
# units = 6
# safe = 0.4                  # share of boats met that may be stopped
# from = 2027-04-01
"""
    form: ClassVar = Form(button="Add units at sea", noun="units at sea", start={"authority": "FR"})
    parts: ClassVar = (SEA_PATROLS,)

    authority: Authority = Field(
        title="Whose units", description="Whose units; boats leave from its ground."
    )
    units: Annotated[float, Field(ge=0, le=1000)] = Field(
        title="Units at sea", description="Units at sea on a day on which boats leave."
    )
    safe: Share | None = by_record(
        "channel.stop_is_safe",
        "Share that may be stopped",
        "Share of boats met that may be stopped.",
    )

    def check_names(self, names: Names) -> None:
        if not set(names.members(self.authority)) & names.launching:
            raise no_boats_leave(names, "authority")

    def sentence(self) -> str:
        safe = "" if self.safe is None else f" ({percent(self.safe)} of those met may be stopped)"
        units = "unit" if self.units == 1 else "units"
        verb = "stops" if self.units == 1 else "stop"
        return (
            f"{self.units:g} {units} of {self.authority} at sea {verb} boats before people "
            f"board{safe}"
        )
