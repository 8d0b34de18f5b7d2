"""Whether two policies differ on some day of a run, and whether that can have an effect.

A difference has no effect where no authority and no person can act on it (`capability`). Both runs
are then the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from simulation.corridor import Corridor, Origins
from simulation.parameters import Parameters
from simulation.scenario.capability import Capability, People
from simulation.scenario.levers.base import Lever, PhasedIn
from simulation.scenario.levers.declaration import PartPair, PolicyDifference, PolicyPart
from simulation.scenario.levers.freeze import Freeze
from simulation.scenario.levers.raid import Raid
from simulation.scenario.levers.registry import LEVERS, PARTS, SECTIONS
from simulation.scenario.levers.sharing import Sharing, SharingDay
from simulation.scenario.levers.staff import UNITS, UnitsByKind
from simulation.scenario.policy import Levers, PolicyDay
from simulation.scenario.scenario import Scenario
from simulation.scenario.sharing_over_days import SharingOverDays


class PolicyContext:
    """The context that both compared policies share.

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

    def levers(self, scenario: Scenario, sections: Iterable[str] = SECTIONS) -> Levers:
        """The calendar of a scenario's levers, or of those of some sections alone."""
        some = scenario.model_copy(update=dict.fromkeys(set(SECTIONS).difference(sections), ()))
        return Levers(some, self.corridor, self.parameters, self.origins.origins)

    def people(self, scenario: Scenario) -> People:
        """Who can set out in a scenario."""
        return People(scenario, self.corridor, self.origins)

    def capability(
        self, scenarios: Iterable[Scenario], sharing: Iterable[SharingDay]
    ) -> Capability:
        """The capability of each authority under any of some scenarios.

        Args:
            scenarios: The scenarios.
            sharing: How authorities share in them on their `turning_days`.
        """
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
        return Capability(self.corridor, self.parameters, raiding, sharing, listing)

    def turning_days(self, scenario: Scenario) -> list[date]:
        """Days on which sharing is at its most: before and where levers begin, are grown, end."""
        days = {self.first, self.last}
        for lever in scenario.of(Sharing):
            span = lever.span
            days |= {span.first - 1, span.first, span.first + span.ramp_days}
            days |= set() if span.last is None else {span.last}
        return [date.fromordinal(day) for day in sorted(days) if self.first <= day <= self.last]

    def sharing(self, scenario: Scenario, days: Sequence[date]) -> SharingOverDays:
        """How authorities share on some days of a scenario."""
        ordinals = [day.toordinal() for day in days]
        return SharingOverDays(scenario, self.corridor, self.parameters, ordinals)


class TooMuchWorkError(Exception):
    """To compare all levers of a scenario takes more work than they are allowed."""


@dataclass
class Work:
    """How much work may still be done: one is to apply one lever on one day.

    Attributes:
        left: What is left.
    """

    left: int = 500_000

    def spend(self, amount: int) -> None:
        """Use some of it.

        Raises:
            TooMuchWorkError: So much is not left.
        """
        self.left -= amount
        if self.left < 0:
            raise TooMuchWorkError


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
    sharing = [
        day
        for scenario in both
        for day in context.sharing(scenario, context.turning_days(scenario)).all_days()
    ]
    people = context.people(one), context.people(other)
    difference = PolicyDifference(context.capability(both, sharing), context.corridor, people)
    if _otherwise_different(one, other):
        difference.differs = difference.reaches = True
        return difference
    for kind in LEVERS:
        kind.compare_start(one, other, context, difference)
    sections = {name for name in SECTIONS if getattr(one, name) != getattr(other, name)}
    if one.sharing_default != other.sharing_default:
        sections.add(Sharing.section)
    parts = _parts_of(sections)
    mine, theirs = (context.levers(scenario, _read_by(parts)) for scenario in both)
    first, last = date.fromordinal(context.first), date.fromordinal(context.last)
    days = sorted({*mine.samples(first, last), *theirs.samples(first, last)})
    _compare_days(difference, parts, _day_by_day(mine, theirs, days))
    return difference


class LeaveOneOut:
    """Compares the policy of a scenario with that without one of its levers.

    What does not depend on the lever is computed once. Days on which the lever is not in force are
    not looked at.

    Args:
        scenario: The scenario.
        context: Where, who and when.
        work: The work allowed; as much as it takes when None.
    """

    def __init__(
        self, scenario: Scenario, context: PolicyContext, work: Work | None = None
    ) -> None:
        self._scenario, self._context, self._work = scenario, context, work
        self._people = context.people(scenario)
        self._levers: dict[frozenset[str], Levers] = {}
        self._pair: tuple[tuple[str, int], tuple[Levers, Levers]] | None = None

    def compare(self, section: str, number: int) -> PolicyDifference:
        """How the policy differs without a lever.

        Args:
            section: Section of the lever.
            number: Its number there.

        Returns:
            As `compare_policies` of the scenario and the scenario without the lever.

        Raises:
            TooMuchWorkError: It takes more than is left.
        """
        scenario, context = self._scenario, self._context
        lever: Lever = getattr(scenario, section)[number]
        difference = self._difference(self._capability)
        if _days_in_force(lever, context) is None:
            return difference
        lever.compare_start(scenario, scenario.without(section, number), context, difference)
        if section == Sharing.section:
            return self._compare_sharing(number)
        parts = _parts_of({section})
        if difference.reaches or not parts:
            return difference
        can_reach = True
        if all(part.apart for part in parts):
            alone = self._compare_alone(lever, parts)
            if not alone.differs:
                return alone
            can_reach = alone.reaches
        mine, theirs = self._policies(section, number)
        policies = _day_by_day(mine, theirs, _samples(lever, mine, context), self._spend)
        _compare_days(difference, parts, policies, can_reach=can_reach)
        return difference

    def _compare_alone(self, lever: Lever, parts: Sequence[PolicyPart[Any]]) -> PolicyDifference:
        """How the policy would differ without a lever if there were no others of its section."""
        difference, section = self._difference(self._capability), lever.section
        only = self._scenario.model_copy(update={section: (lever,)})
        mine = self._context.levers(only, [section])
        days = _samples(lever, mine, self._context)
        _compare_days(
            difference, parts, _day_by_day(mine, mine.without(section, 0), days, self._spend)
        )
        return difference

    def _compare_sharing(self, number: int) -> PolicyDifference:
        """How the policy differs without a sharing lever."""
        difference = self._difference(self._capability)
        days, sharing = self._sharing
        matters = np.flatnonzero(sharing.matters[number])
        if not matters.size:
            return difference
        usual = self._policy(frozenset()).on(days[0])

        def policies() -> Iterator[tuple[date, PolicyDay, PolicyDay]]:
            start = 0
            while start < len(matters):
                some = matters[start : max(2 * start, start + 1)]
                start += len(some)
                self._spend(len(self._scenario.of(Sharing)))
                for day, without in zip(some.tolist(), sharing.without(number, some), strict=True):
                    both = (replace(usual, sharing=one) for one in (sharing.on(day), without))
                    yield days[day], *both

        parts = _parts_of({Sharing.section})
        _compare_days(difference, parts, policies())
        if difference.differs and not difference.reaches:
            # without it more may be shared, and so more authorities able to act
            turning = set(self._context.turning_days(self._scenario))
            more = [theirs.sharing for day, _, theirs in policies() if day in turning]
            able = self._context.capability([self._scenario], [*self._most_sharing, *more])
            difference = self._difference(able)
            _compare_days(difference, parts, policies())
        return difference

    def staff(self, section: str, number: int, day: date) -> tuple[UnitsByKind, UnitsByKind]:
        """Units on a day, with and without a lever."""
        mine, theirs = self._policies(section, number)
        return mine.on(day).staff, theirs.on(day).staff

    def _difference(self, capability: Capability) -> PolicyDifference:
        return PolicyDifference(capability, self._context.corridor, (self._people, self._people))

    @cached_property
    def _sharing(self) -> tuple[list[date], SharingOverDays]:
        """Some days that stand for all of the run, and how authorities share on them."""
        scenario, context = self._scenario, self._context
        samples = self._policy(frozenset([Sharing.section])).samples(
            date.fromordinal(context.first), date.fromordinal(context.last)
        )
        days = sorted({*samples, *context.turning_days(scenario)})
        self._spend(2 * len(scenario.of(Sharing)))
        return days, context.sharing(scenario, days)

    @cached_property
    def _most_sharing(self) -> list[SharingDay]:
        days, sharing = self._sharing
        turning = set(self._context.turning_days(self._scenario))
        return [sharing.on(number) for number, day in enumerate(days) if day in turning]

    @cached_property
    def _capability(self) -> Capability:
        return self._context.capability([self._scenario], self._most_sharing)

    def _spend(self, amount: int) -> None:
        if self._work is not None:
            self._work.spend(amount)

    def _policies(self, section: str, number: int) -> tuple[Levers, Levers]:
        """The policy with and without a lever; those of the last lever are at hand."""
        if self._pair is None or self._pair[0] != (section, number):
            mine = self._policy(_read_by(_parts_of({section})))
            self._pair = (section, number), (mine, mine.without(section, number))
        return self._pair[1]

    def _policy(self, sections: frozenset[str]) -> Levers:
        """The policy of the scenario with the levers of some sections alone."""
        if sections not in self._levers:
            self._levers[sections] = self._context.levers(self._scenario, sections)
        return self._levers[sections]


def _day_by_day(
    mine: Levers,
    theirs: Levers,
    days: Iterable[date],
    spend: Callable[[int], None] = lambda amount: None,
) -> Iterator[tuple[date, PolicyDay, PolicyDay]]:
    """Both policies on some days, but for days that are like the one before in the same year."""
    before: tuple[int, PolicyDay, PolicyDay] | None = None
    for day in days:
        spend(mine.count)
        today = day.year, mine.on(day), theirs.on(day)
        if today != before:  # policies are equal if they are the same object
            yield day, *today[1:]
        before = today


def _compare_days(
    difference: PolicyDifference,
    parts: Sequence[PolicyPart[Any]],
    policies: Iterable[tuple[date, PolicyDay, PolicyDay]],
    *,
    can_reach: bool = True,
) -> None:
    """Record how parts of two policies differ, until nothing can be added.

    Args:
        difference: Where it is recorded.
        parts: The parts.
        policies: Days with both policies.
        can_reach: Whether a difference can reach anybody; if not, one that differs is enough.
    """
    if difference.reaches:
        return
    for day, mine, theirs in policies:
        for part in parts:
            part.compare(
                difference, PartPair(part.of(mine), part.of(theirs), mine, theirs, day.year)
            )
        if difference.reaches or (difference.differs and not can_reach):
            return


def _days_in_force(lever: Lever, context: PolicyContext) -> tuple[date, date] | None:
    """The first and the last day of a run on which a lever can change anything; None if none."""
    first, last, span = context.first, context.last, lever.span
    if isinstance(lever, PhasedIn):
        last = min(last, span.first + span.ramp_days - 1)
    else:
        first, last = max(first, span.first), last if span.last is None else min(last, span.last)
    return None if last < first else (date.fromordinal(first), date.fromordinal(last))


def _samples(lever: Lever, levers: Levers, context: PolicyContext) -> list[date]:
    """Days that stand for all on which a lever changes anything.

    The last comes first, for many levers have it in common, and one day mostly settles it.
    """
    days = _days_in_force(lever, context)
    if days is None:
        return []
    idle = float(isinstance(lever, PhasedIn))
    samples = [day for day in levers.samples(*days) if lever.span.progress(day.toordinal()) != idle]
    return [*samples[-1:], *samples[:-1]]


def _parts_of(sections: Set[str]) -> list[PolicyPart[Any]]:
    """The parts of the policy that levers of some sections set."""
    return [part for part in PARTS if not sections.isdisjoint(part.sections)]


def _read_by(parts: Iterable[PolicyPart[Any]]) -> frozenset[str]:
    """The sections of all levers on which the comparison of some parts depends."""
    sections = {name for part in parts for name in part.sections}
    # whether there are units and teams to be more
    return frozenset(sections.union(*(UNITS.sections for part in parts if part.by_staff)))


def _otherwise_different(one: Scenario, other: Scenario) -> bool:
    """Whether two scenarios differ in what is no lever: days, responses, people, assumptions."""
    # a value that is set to what is recorded differs too, for a seed may draw another
    tables = "run", "adaptation", "future", "weather", "parameters"
    return any(getattr(one, table) != getattr(other, table) for table in tables) or any(
        one.entries.get(route, 1.0) != other.entries.get(route, 1.0)
        for route in {**one.entries, **other.entries}
    )
