"""The first simulated day on which two scenarios can differ.

A model sees two things of its scenario: its background, which is read once at the start
(`Levers.background`), and the policy of each day (`Levers.on`). Where the backgrounds, the
parameters and the policies of all days before some day are equal, so are the runs of one seed up to
that day. Nothing here lists what a scenario holds: a section that no `PolicyDay` carries is part of
the background, and any difference in the background is one from the first morning.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from simulation.scenario.policy import Levers, PolicyDay


def first_difference(one: Levers, other: Levers, first: date, days: int) -> int:
    """How many days two scenarios share, whatever the seed.

    Args:
        one: Levers of a scenario.
        other: Levers of another.
        first: First simulated day, warm-up included.
        days: Simulated days.

    Returns:
        Number of the first simulated day on which the policies differ. 0 where they differ on the
        first morning, or in anything but a dated lever; `days` where they never differ.
    """
    same_start = (
        one.origins == other.origins
        and (one.corridor is other.corridor or same(one.corridor, other.corridor))
        and one.parameters == other.parameters
        and one.background_key == other.background_key
    )
    if not same_start:
        return 0
    seen: tuple[PolicyDay, PolicyDay] | None = None
    for day in range(days):
        today = date.fromordinal(first.toordinal() + day)
        policies = one.on(today), other.on(today)
        if seen is not None and policies[0] is seen[0] and policies[1] is seen[1]:
            continue
        if not same(*policies):
            return day
        seen = policies
    return days


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal to the last bit; False where that is not known."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        alike = one.dtype == other.dtype and one.shape == other.shape and not one.dtype.hasobject
        return alike and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return one.hex() == other.hex()
    if dataclasses.is_dataclass(one):
        names = [field.name for field in dataclasses.fields(one)]
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (tuple, list)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
