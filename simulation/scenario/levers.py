"""The calendar of levers: what policy is in force on a day, in the corridor's order.

`Levers(scenario, corridor, parameters).on(day)` gives a `PolicyDay` of read-only arrays. Days on
which nothing changes share one object, so that `policy is yesterday` says that nothing has changed;
the same holds for each part (`policy.sharing is yesterday.sharing`).

Levers apply in the order in which they are written. A sharing lever replaces what earlier ones say
about the pairs it names; all others multiply or add. When a lever ends, what it changed is what it
would have been without it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulation.parameters import Parameters
from simulation.scenario import staffing, surges
from simulation.scenario.levels import quality_of
from simulation.scenario.lever_models import SECTIONS, Lever
from simulation.scenario.lever_models import Sharing as SharingLever
from simulation.scenario.names import pairs_of
from simulation.scenario.schema import Scenario
from simulation.scenario.timeline import Timeline

if TYPE_CHECKING:
    from simulation.corridor import Corridor

_ROWS = ("coverage", "delay_days", "fidelity", "leak")


class Adaptation(NamedTuple):
    """Which responses smugglers are capable of."""

    route: bool
    price: bool
    load: bool
    recruitment: bool
    going_dark: bool
    beliefs: bool


@dataclass(frozen=True, eq=False)
class Sharing:
    """How reports pass between authorities, each array (source, receiver).

    Attributes:
        coverage: Share of the source's reports passed on; 1 on the diagonal. Float (A, A).
        delay_days: Mean days a report takes; 0 on the diagonal. Float (A, A).
        fidelity: Chance that it survives as information; 1 on the diagonal. Float (A, A).
        leak: Chance that a shared report leaks; 0 on the diagonal. Float (A, A).
        third_party: May the receiver pass it on? True on the diagonal. Bool (A, A).
    """

    coverage: np.ndarray
    delay_days: np.ndarray
    fidelity: np.ndarray
    leak: np.ndarray
    third_party: np.ndarray


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
    """

    sharing: Sharing
    staff: Mapping[str, np.ndarray]
    patrol_surge: np.ndarray
    arrest_surge: np.ndarray
    raids: tuple[surges.RaidOrder, ...]
    supply_surge: np.ndarray
    entry_factor: np.ndarray
    legal_route_people: np.ndarray
    returns_factor: np.ndarray
    boat_size: float
    freight_search: float
    adaptation: Adaptation


class _Part[T]:
    """One part of the policy, computed anew only when one of its levers moves.

    Args:
        levers: The levers that act on it, in order.
        make: From the progress of each lever to the part.
    """

    def __init__(self, levers: Sequence[Lever], make: Callable[[list[float]], T]) -> None:
        self.timeline = Timeline(lever.span for lever in levers)
        self._make = make
        self._cache: dict[tuple[int, int], T] = {}
        #: the last answer, and the days from the first to before the last for which it holds
        self._last: tuple[T, int, float] | None = None

    def on(self, day: int) -> T:
        if self._last is not None:
            value, first, end = self._last
            if first <= day < end:
                return value
        key = self.timeline.key(day)
        if key not in self._cache:
            self._cache[key] = self._make(self.timeline.progress(day))
        until = self.timeline.until(day)
        self._last = self._cache[key], day, inf if until is None else until
        return self._cache[key]


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
        self._adaptation = Adaptation(**scenario.adaptation.model_dump())
        s = scenario
        by_day: set[str] = set()

        def part[T](make: Callable[[list[float]], T], *sections: str) -> _Part[T]:
            by_day.update(sections)
            return _Part([lever for name in sections for lever in getattr(s, name)], make)

        self._sharing = part(_SharingTable(s, corridor, parameters), "sharing")
        self._staff = part(staffing.StaffTable(s, corridor, parameters), "staff", "funding")
        self._supply = part(surges.SupplyTable(s, corridor, parameters), "operation", "funding")
        self._ground = part(surges.GroundTable(s, corridor), "operation")
        self._raids = part(partial(surges.raids, s, corridor), "raid")
        self._entries = part(partial(surges.entries, s, corridor, parameters, self.origins), "visa")
        self._legal = part(partial(surges.legal_routes, s, self.origins), "legal_route")
        self._returns = part(partial(surges.returns, s, parameters, self.origins), "returns")
        self._boats = part(partial(surges.boat_size, s, parameters), "boats")
        self._freight = part(partial(surges.freight_search, s, parameters), "freight")
        self._all = Timeline(lever.span for name in SECTIONS for lever in getattr(s, name))
        self._days: dict[tuple[int, int], PolicyDay] = {}
        #: the scenario without the levers whose effect `on` gives, which is all a model sees of it
        self.background = s.model_copy(update=dict.fromkeys(by_day, ()))

    @cached_property
    def background_key(self) -> str:
        """The same for two scenarios if they have the same background but for words."""
        content = self.background.model_dump(exclude={"title", "description"})
        return repr(sorted(content.items()))

    def on(self, day: date) -> PolicyDay:
        """The policy in force on a day; the same object for days that do not differ."""
        ordinal = day.toordinal()
        key = self._all.key(ordinal)
        policy = self._days.get(key)
        if policy is None:
            patrol, arrests = self._ground.on(ordinal)
            policy = self._days[key] = PolicyDay(
                sharing=self._sharing.on(ordinal),
                staff=self._staff.on(ordinal),
                patrol_surge=patrol,
                arrest_surge=arrests,
                raids=self._raids.on(ordinal),
                supply_surge=self._supply.on(ordinal),
                entry_factor=self._entries.on(ordinal),
                legal_route_people=self._legal.on(ordinal),
                returns_factor=self._returns.on(ordinal),
                boat_size=self._boats.on(ordinal),
                freight_search=self._freight.on(ordinal),
                adaptation=self._adaptation,
            )
        return policy


class _SharingTable:
    """Sharing between all pairs, from the progress of each sharing lever.

    The table as it stands before the first lever whose ramp is under way is kept, so that a day
    within a ramp costs the moving levers only.
    """

    def __init__(self, scenario: Scenario, corridor: Corridor, parameters: Parameters) -> None:
        count = len(corridor.authorities)
        default = quality_of(scenario.sharing_default.level, parameters)
        self._count = count
        self._numbers = np.repeat(np.array(default[:4])[:, None], count * count, axis=1)
        self._allowed = np.full(count * count, default.third_party)
        own = np.arange(count) * (count + 1)
        self._numbers[:, own] = np.array([1.0, 0.0, 1.0, 0.0])[:, None]
        self._allowed[own] = True
        self._levers = [_compiled(lever, corridor, parameters) for lever in scenario.sharing]
        self._kept: tuple[list[float], np.ndarray, np.ndarray] | None = None

    def __call__(self, progress: list[float]) -> Sharing:
        moving = [index for index, part in enumerate(progress) if 0.0 < part < 1.0]
        steady = moving[0] if moving else len(progress)
        prefix = progress[:steady]
        if self._kept is None or self._kept[0] != prefix:
            numbers, allowed = self._numbers.copy(), self._allowed.copy()
            self._apply(numbers, allowed, progress, 0, steady)
            self._kept = (prefix, numbers, allowed)
        numbers, allowed = self._kept[1].copy(), self._kept[2].copy()
        self._apply(numbers, allowed, progress, steady, len(progress))
        numbers.setflags(write=False)
        allowed.setflags(write=False)
        shape = (self._count, self._count)
        named = {name: numbers[row].reshape(shape) for row, name in enumerate(_ROWS)}
        return Sharing(third_party=allowed.reshape(shape), **named)

    def _apply(
        self,
        numbers: np.ndarray,
        allowed: np.ndarray,
        progress: list[float],
        first: int,
        last: int,
    ) -> None:
        for lever, part in zip(self._levers[first:last], progress[first:last], strict=True):
            if part == 0.0:
                continue
            for row, target in lever.targets:
                if part == 1.0:
                    numbers[row, lever.pairs] = target
                else:
                    before = numbers[row, lever.pairs]
                    numbers[row, lever.pairs] = before + part * (target - before)
            if lever.third_party is not None and part == 1.0:
                allowed[lever.pairs] = lever.third_party


class _Compiled(NamedTuple):
    """A sharing lever as indices.

    Attributes:
        pairs: Flat indices into (source, receiver), int (n,).
        targets: The rows of the table it sets, and to what.
        third_party: The permission it sets once its ramp is over, if any.
    """

    pairs: np.ndarray
    targets: list[tuple[int, float]]
    third_party: bool | None


def _compiled(lever: SharingLever, corridor: Corridor, parameters: Parameters) -> _Compiled:
    first, second = (corridor.members(name) for name in lever.between)
    count, index = len(corridor.authorities), corridor.authority_index
    pairs = [index[a] * count + index[b] for a, b in pairs_of(first, second, lever.one_way)]
    level = None if lever.level is None else quality_of(lever.level, parameters)
    targets = []
    for row, name in enumerate(_ROWS):
        own = getattr(lever, name)
        if own is not None or level is not None:
            targets.append((row, float(own if own is not None else getattr(level, name))))
    third_party = lever.third_party
    if third_party is None and level is not None:
        third_party = level.third_party
    return _Compiled(np.array(pairs, dtype=np.intp), targets, third_party)
