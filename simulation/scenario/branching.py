"""Whether a model that is under way can go on with another scenario."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from simulation.errors import InputError
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.policy import Levers, first_difference
from simulation.scenario.scenario import Scenario

#: keys of a scenario that only describe it
_WORDS = ("title", "description")


def branch_levers(
    before: Scenario, levers: Levers, after: Scenario, first: date, days_over: int
) -> Levers:
    """The levers of another scenario, with which a run goes on from today.

    Args:
        before: The scenario of the run.
        levers: Its levers.
        after: The other scenario.
        first: First simulated day, warm-up included.
        days_over: Simulated days that are over.

    Raises:
        InputError: The scenarios differ on a day that is over, or in what no day changes.
    """
    other = _with(levers, after)
    mine, theirs = (one.background.model_dump() for one in (levers, other))
    fixed = [key for key in mine if key not in _WORDS and mine[key] != theirs[key]]
    if fixed:
        raise InputError(
            "a branch cannot change this, which holds for a whole run",
            key=", ".join(fixed),
            allowed=f"the levers of another policy, from {first + timedelta(days=days_over)} on",
        )
    # what is usual on another corridor is what its scenario begins with: see `reference_policy`
    over = days_over if levers.corridor.shipped else max(days_over, 1)
    day = first_difference(levers, other, first, over)
    if day == over:
        return other
    days = {
        section: first_difference(levers, _with(levers, part), first, over)
        for section, part in _changed_one_by_one(before, after)
    }
    raise InputError(
        "a branch into the past: the policy of this day is over",
        key=min(days, key=lambda section: days[section], default="what_if"),
        value=f"{first + timedelta(days=day)}",
        allowed=f"changes from {first + timedelta(days=over)} on",
    )


def _with(levers: Levers, scenario: Scenario) -> Levers:
    """Levers of another scenario, where the same is assumed."""
    return Levers(scenario, levers.corridor, levers.parameters, levers.origins)


def _changed_one_by_one(before: Scenario, after: Scenario) -> Iterator[tuple[str, Scenario]]:
    """Each section in which two scenarios differ, and the first scenario with it of the second."""
    for section in SECTIONS:
        if getattr(before, section) != getattr(after, section):
            yield section, before.model_copy(update={section: getattr(after, section)})
