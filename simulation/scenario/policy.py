"""The policy in force on each day, from the levers of a scenario.

`Levers(scenario, corridor, parameters).on(day)` gives a `PolicyDay` of read-only arrays. Days on
which nothing changes share one object, so that `policy is yesterday` says that nothing has changed;
the same holds for each part (`policy.sharing is yesterday.sharing`).

Levers apply in the order in which they are written. A sharing lever replaces what earlier ones say
about the pairs it names; all others multiply or add. When a lever ends, what it changed is what it
would have been without it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cache, cached_property, partial
from itertools import takewhile
from typing import TYPE_CHECKING, Any

import numpy as np

from simulation.errors import InputError
from simulation.parameters import Parameters
from simulation.scenario.levers.declaration import Inputs, equal
from simulation.scenario.levers.enforcement import RaidOrder
from simulation.scenario.levers.registry import PARTS, PHASED_IN, SECTIONS
from simulation.scenario.levers.sharing import SharingDay
from simulation.scenario.scenario import Scenario, load_scenario
from simulation.scenario.schema import Adaptation
from simulation.scenario.timeline import Timeline

if TYPE_CHECKING:
    from simulation.corridor import Corridor


@dataclass(frozen=True, eq=False)
class PolicyDay:
    """The policy in force on a day. Arrays are read-only.

    Attributes:
        sharing: How reports pass between authorities.
        staff: Units by kind after staff changes and funding, each float (A,).
        patrol_surge: Multiplier of an authority's patrol effort on a leg, float (A, L).
        arrest_surge: Multiplier of an authority's arrests of those who work at a place, float
            (A, P).
        raids: The raids of today.
        supply_surge: Multiplier of the effort against boat deliveries, float (A,).
        entry_factor: Share of people who enter in spite of visas, float (origins, P). The
            scenario's scale of a route is not in it (see `scenario.entries`).
        legal_route_people: People a day who take a legal way to the UK, float (origins,).
        returns_factor: Multiplier of people setting out for the UK, float (origins,).
        boat_size: People a boat is built for, against today's.
        freight_search: Effort of searching lorries and ferries to the UK, against today's.
        adaptation: Which responses smugglers are capable of.
        others: The parts that have no field of their own, by name; see `PolicyPart.of`.
    """

    sharing: SharingDay
    staff: Mapping[str, np.ndarray]
    patrol_surge: np.ndarray
    arrest_surge: np.ndarray
    raids: tuple[RaidOrder, ...]
    supply_surge: np.ndarray
    entry_factor: np.ndarray
    legal_route_people: np.ndarray
    returns_factor: np.ndarray
    boat_size: float
    freight_search: float
    adaptation: Adaptation
    others: Mapping[str, Any] = field(default_factory=dict)

    def part(self, name: str) -> Any:
        """A part by its name: a field, or one of the others."""
        return getattr(self, name) if name in _FIELDS else self.others[name]


_FIELDS = frozenset(one.name for one in fields(PolicyDay))


def timeline_of(scenario: Scenario, sections: Iterable[str]) -> Timeline:
    """The days on which any lever of some sections changes."""
    return Timeline(lever.span for name in sections for lever in getattr(scenario, name))


class _ByDay[T]:
    """Something that changes with levers, computed anew only when one of them moves.

    Args:
        timeline: The days on which a lever changes.
        value: From a day, as an ordinal, to what holds on it.
    """

    def __init__(self, timeline: Timeline, value: Callable[[int], T]) -> None:
        self._timeline, self._value = timeline, value
        #: by period: the day it is of while a ramp is under way, of which only the latest is kept
        self._by_period: dict[int, tuple[int, T]] = {}

    def on(self, day: int) -> T:
        """What holds on a day; the same object as on a day from which nothing changes."""
        period, moving = self._timeline.key(day)
        if period not in self._by_period or self._by_period[period][0] != moving:
            self._by_period[period] = moving, self._value(day)
        return self._by_period[period][1]


class Levers:
    """The policy of a scenario, day by day.

    Attributes:
        background: The scenario without the levers that act through `on`. A model reads its
            scenario from here, so what it does on a day cannot hang on a lever of a later day.
        corridor: Where it applies.
        parameters: What is assumed.
        origins: The origins of people, in order.

    Args:
        scenario: What is asked.
        corridor: Where it applies.
        parameters: What a level, a visa and a euro are assumed to do.
        origins: The origins of people, in order; the corridor package's own by default.
    """

    def __init__(
        self,
        scenario: Scenario,
        corridor: Corridor,
        parameters: Parameters,
        origins: Sequence[str] | None = None,
    ) -> None:
        if origins is None:
            from simulation.corridor import load_origins

            origins = load_origins().origins
        self.corridor, self.parameters = corridor, parameters
        self.origins = tuple(origins)
        self._asked = scenario

        inputs = Inputs(scenario, corridor, parameters, self.origins)
        self._parts = {
            part.name: _ByDay(timeline_of(scenario, part.sections), partial(part.value, inputs))
            for part in PARTS
        }
        self._days = _ByDay(timeline_of(scenario, SECTIONS), self._policy)
        #: the scenario without the levers whose effect `on` gives, which is all a model sees of it
        by_day = dict.fromkeys((name for part in PARTS for name in part.sections), ())
        self.background = scenario.model_copy(update=by_day)

    def days_in_common(self, other: Levers, first: date, days: int) -> int:
        """How many days begin before any lever that only one of two scenarios has.

        A lever does nothing before its first day, but for what was smaller until then and has
        grown. As levers apply in order, what stands in a section behind the first that differs
        counts as different.

        Args:
            other: Levers of another scenario.
            first: First of the days.
            days: Number of days, the most that is returned.
        """
        for section in SECTIONS:
            mine, theirs = (getattr(one._asked, section) for one in (self, other))
            alike = takewhile(lambda pair: pair[0] == pair[1], zip(mine, theirs, strict=False))
            common = sum(1 for _ in alike)
            for lever in (*mine[common:], *theirs[common:]):
                begins = 0 if section in PHASED_IN else lever.span.first - first.toordinal()
                days = min(days, max(0, begins))
        return days

    @cached_property
    def background_key(self) -> str:
        """The same for two scenarios if they have the same background but for words."""
        content = self.background.model_dump(exclude={"title", "description"})
        return repr(sorted(content.items()))

    def on(self, day: date) -> PolicyDay:
        """The policy in force on a day; the same object for days that do not differ."""
        return self._days.on(day.toordinal())

    def _policy(self, day: int) -> PolicyDay:
        parts = {name: part.on(day) for name, part in self._parts.items()}
        others = {name: parts.pop(name) for name in list(parts) if name not in _FIELDS}
        return PolicyDay(adaptation=self._asked.adaptation, others=others, **parts)


def first_difference(one: Levers, other: Levers, first: date, days: int) -> int:
    """How many days two scenarios share, whatever the seed.

    A model sees two things of its scenario: its background, which is read once at the start, and
    the policy of each day. Where both are equal up to some day, so are the runs of one seed. No
    section is named here: one that no `PolicyDay` carries is part of the background, and any
    difference in the background is one from the first morning.

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
        and (one.corridor is other.corridor or equal(one.corridor, other.corridor))
        and one.parameters == other.parameters
        and one.background_key == other.background_key
    )
    if not same_start:
        return 0
    seen: tuple[PolicyDay, PolicyDay] | None = None
    for day in range(one.days_in_common(other, first, days), days):
        today = date.fromordinal(first.toordinal() + day)
        policies = one.on(today), other.on(today)
        if policies != seen and not equal(*policies):  # the same objects were compared already
            return day
        seen = policies
    return days


def reference_day(corridor: Corridor, first: date) -> date:
    """The day whose world is usual: that on which `history` begins, whenever a run begins.

    Fees are records of prices, and what an operator's work costs follows from them and from the
    risk it runs while they are usual. If usual were what is in force when a run begins, costs would
    hang on the date: a run that begins after borders became harder would have cheaper lorries than
    one in which they become harder. On a corridor of a user's own there is no history: usual there
    is what the scenario begins with.

    Args:
        corridor: The corridor.
        first: First morning of the run, warm-up included.
    """
    return _history().run.first_simulated if corridor.shipped else first


def reference_policy(levers: Levers, first: date) -> PolicyDay:
    """The reference policy of a run: what is usual before a scenario changes anything.

    Usual risks, fees, costs, sizes of operators and places of patrols are those of the policies in
    force on the reference day, as the shipped scenario `history` records them. They are the same
    for every scenario, so a lever does the same whether it is in force from the first morning or
    from a later day, and a run that begins later goes on as one that began before.

    Args:
        levers: The policy of the scenario.
        first: First morning of the run, warm-up included.
    """
    day = reference_day(levers.corridor, first)
    if not levers.corridor.shipped:
        return levers.on(day)
    return Levers(_history(), levers.corridor, levers.parameters, levers.origins).on(day)


@cache
def _history() -> Scenario:
    return load_scenario("history")


# -- whether a model that is under way can go on with another scenario -----------------------------

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
