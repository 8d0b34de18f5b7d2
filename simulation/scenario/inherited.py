"""What to ask of a new lever: whether the scenario holds the like already, and of an odd amount.

Each answer is a remark for `notes`, and stops no run.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from itertools import product
from typing import Literal

import numpy as np

from simulation.corridor import Corridor
from simulation.parameters import Parameters
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.funding import Funding, cost_of
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.levers.staff import Staff
from simulation.scenario.resources import officers_per_unit
from simulation.scenario.scenario import Scenario
from simulation.scenario.shipped import BASES, is_shipped

#: a lever of a scenario by its section and its number there
Place = tuple[str, int]
Remark = tuple[Literal["beside", "amount"], str]


def remarks(
    scenario: Scenario,
    place: Place,
    new: Collection[Place],
    corridor: Corridor,
    parameters: Parameters,
) -> Iterator[Remark]:
    """Remarks on a new lever before it is run.

    Args:
        scenario: The scenario that has it, resolved.
        place: The lever.
        new: The levers that are new in the scenario; the others are inherited.
        corridor: Tells which authorities a group has, and the staff there is.
        parameters: What staff costs.

    Yields:
        The kind of remark, and its words after the name of the lever.
    """
    section, number = place
    levers = getattr(scenario, section)
    lever = levers[number]
    if isinstance(lever, Funding) and (text := _odd_amount(lever, corridor, parameters)):
        yield "amount", text
    if scenario.slug in BASES and is_shipped(scenario.file):
        return
    like = [
        other
        for at, other in enumerate(levers)
        if (section, at) not in new
        and _alike(lever, other, corridor)
        and _at_once(lever, other, scenario)
    ]
    if not like:
        return
    # of many the narrowest is the one that is meant, and of these the latest
    first = min(reversed(like), key=lambda one: _breadth(one, corridor))
    rest = f", and {len(like) - 1} more" if len(like) > 1 else ""
    words = f"{_holder(scenario)} already holds: {first.sentence()}{first.when()}{rest}"
    if isinstance(lever, Sharing):
        yield "beside", f"takes the place of what {words}."
        return
    change = f'replaces = "{first.name}"' if first.name else "drop or clear"
    yield "beside", f"comes on top of what {words}. To change that instead, use {change}."


def _holder(scenario: Scenario) -> str:
    """The parent of a scenario, by name if it is shipped and otherwise by title."""
    parent = scenario.parent
    if parent is None:
        return "the scenario"
    return parent.slug if is_shipped(parent.file) else f"“{parent.title}”"


def overriding(scenario: Scenario, place: Place, corridor: Corridor) -> str:
    """A later sharing lever for some of the same pairs on all days of one; empty without any."""
    section, number = place
    lever = getattr(scenario, section)[number]
    if not isinstance(lever, Sharing):
        return ""
    for at, other in enumerate(getattr(scenario, section)[number + 1 :], start=number + 1):
        ends = other.span.last is None or other.span.last >= (lever.span.last or math.inf)
        if other.span.first <= lever.span.first and ends and _alike(lever, other, corridor):
            name = f'"{other.name}"' if other.name else f"[{scenario.source_of(section, at)[1]}]"
            return f"{section} {name} is written later and sets the same pairs."
    return ""


def _at_once(lever: Lever, other: Lever, scenario: Scenario) -> bool:
    """Whether two levers are both in force on some day of a run."""
    first, last = scenario.run.first_simulated.toordinal(), scenario.run.end.toordinal()
    first = max(first, lever.span.first, other.span.first)
    last = min(last, *(one.span.last for one in (lever, other) if one.span.last is not None), last)
    return first <= last


def _alike(lever: Lever, other: Lever, corridor: Corridor) -> bool:
    """Whether two levers concern the same: payer and beneficiary, staff of a kind, or a pair."""
    if isinstance(lever, Funding) and isinstance(other, Funding):
        return all(
            not _members(mine, corridor).isdisjoint(_members(theirs, corridor))
            for mine, theirs in (
                (lever.authority, other.authority),
                (lever.beneficiary or lever.authority, other.beneficiary or other.authority),
            )
        )
    if isinstance(lever, Staff) and isinstance(other, Staff):
        mine, theirs = (_members(one.authority, corridor) for one in (lever, other))
        return lever.kind == other.kind and not mine.isdisjoint(theirs)
    if isinstance(lever, Sharing) and isinstance(other, Sharing):
        return any(
            len(sources) > 1 or len(receivers) > 1 or sources != receivers
            for mine, theirs in product(_directions(lever, corridor), _directions(other, corridor))
            if (sources := mine[0] & theirs[0]) and (receivers := mine[1] & theirs[1])
        )
    return False


def _members(name: str, corridor: Corridor) -> frozenset[str]:
    """The authorities that a name stands for."""
    return frozenset(corridor.members(name))


def _directions(lever: Sharing, corridor: Corridor) -> list[tuple[frozenset[str], frozenset[str]]]:
    """The sources and the receivers of a sharing lever, one way or both."""
    first, second = (_members(name, corridor) for name in lever.between)
    return [(first, second)] if lever.one_way else [(first, second), (second, first)]


def _breadth(lever: Lever, corridor: Corridor) -> int:
    """How many pairs a sharing lever names; the same for all other levers."""
    if not isinstance(lever, Sharing):
        return 0
    first, second = _directions(lever, corridor)[0]
    return len(first) * len(second)


def _odd_amount(lever: Funding, corridor: Corridor, parameters: Parameters) -> str:
    """The question about an amount that is far from what staff costs; empty for others.

    Far is less than the cheapest officer or analyst costs a year, or more than all staff of the
    kinds that it pays for costs on the whole corridor.
    """
    yearly = lever.eur_per_year(parameters)
    if yearly == 0.0:
        return ""
    one = min(
        cost_of(kind, parameters) / officers
        for kind in corridor.staff
        if kind != "checkpoint" and (officers := officers_per_unit(kind, parameters))
    )
    everybody = sum(
        cost_of(kind, parameters) * _units(str(kind), corridor)
        for kind, share in lever.spend_on.items()
        if share
    )
    spent = f"({lever.amount.in_words()}) {{}}. Is the amount right? 75 million is 75_000_000."
    if yearly < one:
        return spent.format(f"pays for less than one officer, who costs some EUR {one:,.0f} a year")
    if yearly > everybody:
        than = (
            f"all staff of these kinds on the corridor together, some EUR {everybody:,.0f} a year"
        )
        return spent.format(f"costs more than {than}")
    return ""


def _units(kind: str, corridor: Corridor) -> float:
    """Units of a kind on the corridor; of work against boats, the authorities that do it."""
    if kind == "boat_supply":
        return float(len({code for chain in corridor.supply_chains for code in chain.authorities}))
    return float(np.sum(corridor.staff[kind]))
