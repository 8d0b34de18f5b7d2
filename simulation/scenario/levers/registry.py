"""The levers there are: every lever of a module in this folder, group by group.

A new lever needs its module and nothing else. A scenario is written and described in this order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import simulation.scenario.levers as folder
from simulation.scenario.levers.base import Lever, PhasedIn
from simulation.scenario.levers.declaration import GROUP_ORDER, LeverGroup, PolicyPart

#: modules of this folder that hold no lever, but what all levers share or what is made from them
_SHARED = {"base", "controls", "declaration", "pages", "registry"}


def _lever_classes() -> Iterator[type[Lever]]:
    """The levers of all modules of this folder, in no order of their own."""
    for module in iter_modules(folder.__path__):
        if module.name in _SHARED:
            continue
        name = f"{folder.__name__}.{module.name}"
        for kind in vars(import_module(name)).values():
            if isinstance(kind, type) and issubclass(kind, Lever) and kind.__module__ == name:
                yield kind


def _order(kind: type[Lever]) -> tuple[int, str, int, str]:
    """Sort key of a lever: its group, and its place there."""
    group, section = kind.group, kind.section
    group_rank = GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)
    place = group.sections.index(section) if section in group.sections else len(group.sections)
    return group_rank, group.heading, place, section


LEVERS: tuple[type[Lever], ...] = tuple(sorted(_lever_classes(), key=_order))
SECTIONS = tuple(lever.section for lever in LEVERS)
LEVER_OF: dict[str, type[Lever]] = {lever.section: lever for lever in LEVERS}
#: sections of levers that say how things were before they grew to those of today
PHASED_IN = tuple(lever.section for lever in LEVERS if issubclass(lever, PhasedIn))
#: the parts of the policy of a day, each with its sections
PARTS: tuple[PolicyPart[Any], ...] = tuple(
    part if part.sections else replace(part, sections=(lever.section,))
    for lever in LEVERS
    for part in lever.parts
)
#: the groups, each with its levers, in the order of the levers
GROUPS: dict[LeverGroup, tuple[type[Lever], ...]] = {
    group: tuple(lever for lever in LEVERS if lever.group is group)
    for group in dict.fromkeys(lever.group for lever in LEVERS)
}
