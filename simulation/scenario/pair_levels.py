"""Which level of sharing is agreed between two authorities on a day.

A level counts from the first day of its lever: how far a ramp has come is not in it. What is in
force in numbers, ramps included, is `policy.Levers`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from simulation.scenario.field_types import QUALITIES
from simulation.scenario.names import pairs_of

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.scenario.levers.sharing import Sharing
    from simulation.scenario.schema import Scenario

Pair = tuple[str, str]


class AgreedLevel(NamedTuple):
    """What one authority has agreed to tell another.

    Attributes:
        level: One of the five words, or a number from 0 to 1.
        own_numbers: Whether some lever sets coverage, delay and the like beside the level.
    """

    level: str | float
    own_numbers: bool = False


def lever_pairs(lever: Sharing, corridor: Corridor) -> list[Pair]:
    """Every (source, receiver) a lever names."""
    first, second = lever.between
    return pairs_of(corridor.members(first), corridor.members(second), lever.one_way)


def in_force(lever: Sharing, day: date) -> bool:
    """Whether a day lies within the days of a lever."""
    begun = lever.from_ is None or lever.from_ <= day
    return begun and (lever.to is None or day <= lever.to)


def agreed_levels(
    levers: Iterable[Sharing],
    default: str | float,
    wanted: Iterable[Pair],
    day: date,
    corridor: Corridor,
) -> dict[Pair, AgreedLevel]:
    """What some levers agree for some pairs on a day; later levers replace earlier ones.

    Args:
        levers: The levers, in the order in which they apply.
        default: The level of pairs that none of them names.
        wanted: The pairs asked for.
        day: The day.
        corridor: Tells which authorities a group has.
    """
    found = dict.fromkeys(wanted, AgreedLevel(default))
    for lever in levers:
        if not in_force(lever, day):
            continue
        own = any(getattr(lever, quality) is not None for quality in QUALITIES)
        for pair in lever_pairs(lever, corridor):
            if pair in found:
                level = found[pair].level if lever.level is None else lever.level
                found[pair] = AgreedLevel(level, own)
    return found


def levels_on_day(scenario: Scenario, day: date, corridor: Corridor) -> dict[Pair, AgreedLevel]:
    """What every authority has agreed with every other on a day."""
    from simulation.scenario.levers.sharing import Sharing

    codes = [authority.code for authority in corridor.authorities]
    everyone = pairs_of(codes, codes)
    return agreed_levels(
        scenario.of(Sharing), scenario.sharing_default.level, everyone, day, corridor
    )
