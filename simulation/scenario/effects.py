"""Levers that would do nothing are refused, with what would do something.

Each check raises the error a user reads; it returns nothing if the lever has an effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulation.scenario.names import Names
from simulation.scenario.problems import problem

if TYPE_CHECKING:
    from simulation.scenario.lever_models import Funding, Operation, Staff


def places_on_ground(places: Sequence[str] | None, authority: str, names: Names) -> None:
    """Refuse places that lie on nobody's ground of those who act."""
    members = names.members(authority)
    for index, place in enumerate(places or ()):
        if names.places[place] not in members:
            raise problem(
                f"not on the ground of {authority}",
                at=("places", index),
                allowed=f"authority {names.places[place]} there",
            )


def money_has_work(funding: Funding, names: Names) -> None:
    """Refuse money for staff that would have nothing to do."""
    who = funding.beneficiary or funding.authority
    for kind, share in funding.spend_on.items():
        if kind != "boat_supply" and share and names.idle(names.paid(who, kind), kind):
            raise problem(
                f"{kind} of {who} has no effect",
                at=("spend_on", kind),
                allowed=f"money for {', '.join(names.workplaces[kind])}",
            )


def staff_has_work(staff: Staff, names: Names) -> None:
    """Refuse staff that would have nothing to do, and a change of staff that is not there."""
    members = names.members(staff.authority)
    if names.idle(members, staff.kind):
        raise problem(
            f"{staff.kind} has no effect here",
            at=("authority",),
            allowed=", ".join(names.workplaces[staff.kind]),
        )
    if set(members) & set(names.staffed[staff.kind]):
        return
    some = ", ".join(names.staffed[staff.kind])
    if staff.change is not None:
        raise problem(
            f"{staff.authority} has no {staff.kind} to multiply",
            at=("change",),
            allowed=f"add, or authority {some}",
        )
    if staff.add is not None and staff.add < 0:
        raise problem(
            f"{staff.authority} has no {staff.kind} to take away",
            at=("add",),
            allowed=f"above 0, or authority {some}",
        )


def operation_has_means(operation: Operation, names: Names) -> None:
    """Refuse arrests by those without investigators, and work on boats nobody brings there.

    An agency without ground of its own has the investigators of its hosts, whose places it names.
    """
    who = set(names.members(operation.authority))
    if operation.kind == "arrests":
        hubs = who & names.hubs
        if hubs:
            who |= {names.places[place] for place in operation.places or ()}
        able = names.staffed["investigation"]
        if not who & set(able):
            raise problem(
                "has no investigators to make arrests",
                at=("authority",),
                allowed=", ".join(able) + (", or places of a host" if hubs else ""),
            )
    elif operation.kind == "boat_supply" and not who & names.supply:
        raise problem(
            "no boats are supplied through this authority",
            at=("authority",),
            allowed=", ".join(sorted(names.supply)),
        )
