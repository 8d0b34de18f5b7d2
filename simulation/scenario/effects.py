"""Levers that would do nothing are refused, with what would do something.

Each check raises the error a user reads; it returns nothing if the lever has an effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulation.errors import InputError
from simulation.scenario.names import Names
from simulation.scenario.problems import problem

if TYPE_CHECKING:
    from simulation.scenario.lever_models import Funding, Operation, Staff
    from simulation.scenario.schema import Scenario


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
    """Refuse staff that would have nothing to do."""
    members = names.members(staff.authority)
    if names.idle(members, staff.kind):
        raise problem(
            f"{staff.kind} has no effect here",
            at=("authority",),
            allowed=", ".join(names.workplaces[staff.kind]),
        )


def staff_is_there(scenario: Scenario, names: Names) -> None:
    """Refuse to multiply or take away staff of which there is none, nor added by a lever before.

    Args:
        scenario: Resolved; its staff levers apply in order.
        names: Who has staff of a kind.

    Raises:
        InputError: For the first such lever, in the file in which it is written.
    """
    for index, lever in enumerate(scenario.staff):
        who, some = set(names.members(lever.authority)), names.staffed[lever.kind]
        if who & set(some) or (lever.add is not None and lever.add >= 0):
            continue
        if any(_gives(before, lever, who, names) for before in scenario.staff[:index]):
            continue
        key, verb, other = ("add", "take away", "above 0")
        if lever.change is not None:
            key, verb, other = ("change", "multiply", "add")
        value = getattr(lever, key)
        file, place = scenario.source_of("staff", index)
        raise InputError(
            f"{lever.authority} has no {lever.kind} to {verb}",
            file=file,
            key=f"staff[{place}].{key}",
            value=int(value) if value == int(value) else value,
            allowed=f"{other}, or authority {', '.join(some)}",
        )


def _gives(before: Staff, lever: Staff, who: set[str], names: Names) -> bool:
    """Whether a lever adds some of the staff that another changes, on some day of both."""
    if before.kind != lever.kind or not before.add or before.add < 0:
        return False
    there, here = before.span, lever.span
    if there.last is not None and there.last < here.first:
        return False
    if here.last is not None and here.last < there.first:
        return False
    return not who.isdisjoint(names.members(before.authority))


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
