"""Levers at borders and at sea: `border_control` and `interception_at_sea`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import Field

from simulation.corridor import Corridor
from simulation.corridor.jurisdiction import crossed_by_vehicle, launching
from simulation.scenario.field_types import Authority, Borders, Share
from simulation.scenario.levers.base import (
    Timed,
    by_record,
    no_boats_leave,
    only_of,
    optional,
    percent,
)
from simulation.scenario.levers.declaration import AT_BORDERS, Form, Inputs, PolicyPart, read_only
from simulation.scenario.names import Names
from simulation.scenario.validation_errors import field_error

# -- border_control --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class BorderChecks:
    """Checks at borders today; arrays (legs,), read-only.

    Attributes:
        rate: Rate at which checks find somebody who crosses, to be added to that of patrols.
        authority: Row of the authority that checks, -1 where nobody does.
        days: Days that checks cost; below 0 where they were lifted.
        patrols: Share of patrols that is left; below 1 where checks were lifted.
        idle: Whether there are no checks and none were lifted.
    """

    rate: np.ndarray
    authority: np.ndarray
    days: np.ndarray
    patrols: np.ndarray
    idle: bool = False


def check_rate(checked: float, found_share: float) -> float:
    """Rate at which checks find people: those not found are `1 - checked x found_share`.

    As a rate it adds to that of patrols, by which people are found independently.

    Args:
        checked: Share of vehicles that are checked.
        found_share: Chance that people in a checked vehicle are found.
    """
    return float(-np.log1p(-min(checked * found_share, 1.0 - 1e-12)))


def controlled_legs(lever: BorderControl, corridor: Corridor) -> list[int]:
    """The legs of a lever: over its borders by vehicle, into its ground or, if lifted, either way.

    Args:
        lever: The lever.
        corridor: The legs.
    """
    members = set(corridor.members(lever.authority))
    return [
        index
        for index, leg in enumerate(corridor.legs)
        if crossed_by_vehicle(leg)
        and (lever.borders is None or leg.border in lever.borders)
        and (leg.authority_to in members or (lever.lifted and leg.authority_from in members))
    ]


def _checks(inputs: Inputs, day: int) -> BorderChecks:
    """Checks in force at borders."""
    corridor, border = inputs.corridor, inputs.parameters.border
    entered = np.array([corridor.authority_index[leg.authority_to] for leg in corridor.legs])
    rate, days = np.zeros((2, len(corridor.legs)))
    patrols = np.ones(len(corridor.legs))
    authority = np.full(len(corridor.legs), -1, dtype=np.int16)
    for lever, part in inputs.of(BorderControl, day):
        if part == 0.0:
            continue
        here = controlled_legs(lever, corridor)
        if lever.lifted:
            days[here] -= part * border.check_days
            patrols[here] *= 1.0 - part * (1.0 - border.lifted_effort)
            continue
        checked = part * (border.checked_share if lever.share is None else lever.share)
        rate[here] += check_rate(checked, border.found_share)
        days[here] += checked * border.check_days
        authority[here] = entered[here]
    return BorderChecks(
        rate=read_only(rate),
        authority=read_only(authority),
        days=read_only(days),
        patrols=read_only(patrols),
        idle=not (rate.any() or days.any() or (patrols < 1.0).any()),
    )


BORDER_CHECKS: PolicyPart[BorderChecks] = PolicyPart(
    name="border_checks",
    does="rate at which checks find people in vehicles and trains, the days they cost, and the "
    "share of patrols left where they were lifted",
    value=_checks,
)


class BorderControl(Timed):
    """Checks of vehicles and trains at land borders: begun, or lifted.

    Checks find people besides those that patrols find, turn them back, and cost all others
    time. Where checks are lifted, patrols go down and time is saved.
    """

    group: ClassVar = AT_BORDERS
    assumes: ClassVar = ("border",)
    template: ClassVar = """\
# [[border_control]]          # checks of vehicles and trains
# authority = "DE"            # who checks those who enter, or lifts its checks
# borders = ["AT-DE"]         # all its land borders if not said
# checks = "begun"            # or "lifted", without a share
# share = 0.1                 # of vehicles and trains
# from = 2027-04-01
"""
    form: ClassVar = Form(
        button="Add checks at borders",
        noun="checks at borders",
        unused={("checks", "lifted"): ("share",)},
    )
    parts: ClassVar = (BORDER_CHECKS,)

    authority: Authority = Field(
        title="Who checks", description="Who checks those who enter, or lifts its checks."
    )
    borders: Borders | None = optional(
        "Borders",
        'Names such as "AT-DE". Default: all borders of the authority that people '
        "cross by road or rail.",
    )
    checks: Literal["begun", "lifted"] = Field(
        default="begun",
        title="Checks are",
        description='"begun" adds checks of those who enter; "lifted" takes away a part of the '
        "patrols of vehicles that there are, in both directions.",
    )
    share: Share | None = optional(
        "Share of vehicles",
        "Share of vehicles and trains that are checked. Default: the parameter "
        "border.checked_share. Checks that are lifted have none.",
    )

    @property
    def lifted(self) -> bool:
        """Whether it takes checks away."""
        return self.checks == "lifted"

    def check(self) -> None:
        if self.lifted and self.share is not None:
            raise field_error(
                "checks that are lifted have no share",
                "share",
                allowed="none; what is left is the parameter border.lifted_effort",
            )

    def check_names(self, names: Names) -> None:
        members = set(names.members(self.authority))
        crossed = {
            border
            for border, left, entered in names.vehicle_borders
            if entered in members or (left in members and self.lifted)
        }
        verb = "enters or leaves" if self.lifted else "enters"
        if not crossed:
            raise field_error(
                f"nobody {verb} here by road or rail over a border",
                "authority",
                allowed=sorted({entered for _, _, entered in names.vehicle_borders}),
            )
        wrong = f"nobody {verb} the ground of {self.authority} here by road or rail"
        only_of(sorted(crossed), "borders", self.borders, wrong)

    def sentence(self) -> str:
        where = ", ".join(self.borders) if self.borders else "all its land borders"
        if self.lifted:
            return f"{self.authority} lifts checks of vehicles and trains at {where}"
        size = "" if self.share is None else f"{percent(self.share)} of "
        return f"{self.authority} checks {size}vehicles and trains at {where}"


# -- interception_at_sea ---------------------------------------------------------------------------


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


def _units_at_sea(inputs: Inputs, day: int) -> tuple[SeaPatrol, ...]:
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
    value=_units_at_sea,
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
