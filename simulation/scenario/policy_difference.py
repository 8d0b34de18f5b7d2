"""Whether two policies differ on some day of a run, and whether that can have an effect.

A difference has no effect where no authority and no person can act on it (`capability`). Both runs
are then the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from simulation.corridor import Corridor, Origins
from simulation.parameters import Parameters
from simulation.scenario.capability import Capability, People
from simulation.scenario.levers.declaration import PartPair, PolicyDifference
from simulation.scenario.levers.freeze import Freeze
from simulation.scenario.levers.raid import Raid
from simulation.scenario.levers.registry import LEVERS, PARTS, SECTIONS
from simulation.scenario.levers.sharing import Sharing, SharingDay
from simulation.scenario.levers.staff import UNITS
from simulation.scenario.policy import Levers
from simulation.scenario.scenario import Scenario


class PolicyContext:
    """What is the same for both policies that are compared.

    Args:
        corridor: Where.
        origins: Who sets out.
        parameters: What is assumed.
        first: First simulated day, the warm-up included.
        last: Last day.
    """

    def __init__(
        self,
        corridor: Corridor,
        origins: Origins,
        parameters: Parameters,
        first: date,
        last: date,
    ) -> None:
        self.corridor, self.origins, self.parameters = corridor, origins, parameters
        self.first, self.last = first.toordinal(), last.toordinal()

    def levers(self, scenario: Scenario) -> Levers:
        """The calendar of a scenario's levers."""
        return Levers(scenario, self.corridor, self.parameters, self.origins.origins)

    def capability(self, scenarios: Iterable[Scenario]) -> Capability:
        """What each authority can act on where any of some scenarios is run."""
        scenarios = tuple(scenarios)
        raiding, listing = (
            {
                code
                for scenario in scenarios
                for lever in getattr(scenario, section)
                if lever.span.overlaps(self.first, self.last)
                for code in self.corridor.members(lever.authority)
            }
            for section in (Raid.section, Freeze.section)
        )
        policies = [policy for scenario in scenarios for policy in self._sharing(scenario)]
        return Capability(self.corridor, self.parameters, raiding, policies, listing)

    def _sharing(self, scenario: Scenario) -> list[SharingDay]:
        """How authorities share in a run at its most: where levers begin, are grown and end."""
        days = {self.first, self.last}
        for lever in scenario.of(Sharing):
            span = lever.span
            days |= {span.first, span.first + span.ramp_days}
            days |= set() if span.last is None else {span.last}
        nothing_else: dict[str, Any] = dict.fromkeys(set(SECTIONS) - {Sharing.section}, ())
        levers = self.levers(scenario.model_copy(update=nothing_else))
        within = sorted(day for day in days if self.first <= day <= self.last)
        return [levers.on(date.fromordinal(day)).sharing for day in within]


def compare_policies(one: Scenario, other: Scenario, context: PolicyContext) -> PolicyDifference:
    """Compare the policies of two scenarios day by day.

    Args:
        one: A scenario.
        other: Another one with the same days.
        context: What both share.

    Returns:
        How they differ; days after the first that reaches somebody are not looked at.
    """
    both = one, other
    one_people, other_people = (People(s, context.corridor, context.origins) for s in both)
    found = PolicyDifference(context.capability(both), context.corridor, (one_people, other_people))
    if _otherwise_different(one, other):
        found.differs = found.reaches = True
        return found
    for kind in LEVERS:
        kind.compare_start(one, other, context, found)
    mine, theirs = (context.levers(scenario) for scenario in _only_what_differs(one, other))
    before: dict[str, tuple[object, object]] = {}

    def is_known(key: str, both: tuple[object, object]) -> bool:
        """Whether these two were the last under a key; from now on they are."""
        last, before[key] = before.get(key), both
        return last is not None and last[0] is both[0] and last[1] is both[1]

    for ordinal in range(context.first, context.last + 1):
        if found.reaches:
            break
        day = date.fromordinal(ordinal)
        policies, year = (mine.on(day), theirs.on(day)), day.year
        if is_known(f"policies {year}", policies):
            continue  # of the same policies all parts are the same
        same_staff = is_known("last staff", (policies[0].staff, policies[1].staff))
        for part in PARTS:
            both = part.of(policies[0]), part.of(policies[1])
            known = is_known(f"{part.name} {year}" if part.by_year else part.name, both)
            # an operation can be without units on one day and not on another
            if not known or (part.by_staff and not same_staff):
                part.compare(found, PartPair(*both, *policies, year))
    return found


def _only_what_differs(one: Scenario, other: Scenario) -> tuple[Scenario, Scenario]:
    """Two scenarios without the levers that both have alike, so that fewer days differ."""
    alike = {name for name in SECTIONS if getattr(one, name) == getattr(other, name)}
    # what a part is worked out from together
    alike -= {name for part in PARTS if not set(part.sections) <= alike for name in part.sections}
    by_staff = {name for part in PARTS if part.by_staff for name in part.sections}
    if not by_staff <= alike:
        alike -= set(UNITS.sections)  # whether there are units and teams to be more
    gone: dict[str, Any] = dict.fromkeys(alike, ())
    return one.model_copy(update=gone), other.model_copy(update=gone)


def _otherwise_different(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios differ in what is no lever: days, responses, people, assumptions."""
    if one.run != other.run or one.adaptation != other.adaptation or one.future != other.future:
        return True
    # a value that is set to what is recorded differs too, for a seed may draw another
    if one.parameters != other.parameters:
        return True
    routes = {**one.entries, **other.entries}
    return any(one.entries.get(route, 1.0) != other.entries.get(route, 1.0) for route in routes)
