"""Whether two policies differ on some day of a run, and whether anybody is reached by that.

A difference reaches nobody where nothing in the model can act on it (`reach`). Both runs are then
the same to the last bit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.parameters import Parameters
from simulation.scenario.lever_models import SECTIONS, Funding, Staff
from simulation.scenario.levers import Levers, PolicyDay
from simulation.scenario.reach import People, Reach
from simulation.scenario.shocks import shock_factors
from simulation.scenario.surges import wave_people

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulation.corridor import Corridor, Origins
    from simulation.scenario.levers import Sharing
    from simulation.scenario.schema import Scenario

#: kinds of staff who stand on legs
_PATROLS = ("border_patrol", "checkpoint", "coast_patrol")
#: what of a pair's sharing matters to estimates of crossings, and what to facts besides
_ESTIMATES, _FACTS = ("coverage", "delay_days", "fidelity"), ("leak", "third_party")
#: parts of a `PolicyDay` that are arrays, numbers or tables computed from levers
_PARTS = (
    "sharing", "staff", "patrol_surge", "arrest_surge", "raids", "supply_surge", "entry_factor",
    "legal_route_people", "returns_factor", "boat_size", "freight_search",
)  # fmt: skip


@dataclass
class Contact:
    """How two policies differ within some days.

    Attributes:
        differs: Some day has another policy.
        reaches: Some of it can act.
        leaks: What is left of it can act by leaks alone.
        sources: (authorities,) who would tell more or less, but has nothing to tell.
        receivers: (authorities,) who would be told more or less, but can act on nothing.
    """

    differs: bool = False
    reaches: bool = False
    leaks: bool = False
    sources: set[int] = field(default_factory=set)
    receivers: set[int] = field(default_factory=set)

    @property
    def inert(self) -> bool:
        """Whether both runs are the same to the last bit."""
        return not self.reaches and not self.leaks


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

    def reach(self, scenarios: Iterable[Scenario]) -> Reach:
        """What each authority can act on where any of some scenarios is run."""
        scenarios = tuple(scenarios)
        raiding = {
            code
            for scenario in scenarios
            for raid in scenario.raid
            if self.first <= raid.on.toordinal() <= self.last
            for code in self.corridor.members(raid.authority)
        }
        policies = [policy for scenario in scenarios for policy in self._sharing(scenario)]
        return Reach(self.corridor, self.parameters, raiding, policies)

    def _sharing(self, scenario: Scenario) -> list[Sharing]:
        """How authorities share in a run at its most: where levers begin, are grown and end."""
        days = {self.first, self.last}
        for lever in scenario.sharing:
            span = lever.span
            days |= {span.first, span.first + span.ramp_days}
            days |= set() if span.last is None else {span.last}
        nothing_else: dict[str, Any] = dict.fromkeys(set(SECTIONS) - {"sharing"}, ())
        levers = self.levers(scenario.model_copy(update=nothing_else))
        within = sorted(day for day in days if self.first <= day <= self.last)
        return [levers.on(date.fromordinal(day)).sharing for day in within]


def contact(one: Scenario, other: Scenario, context: PolicyContext) -> Contact:
    """Compare the policies of two scenarios day by day.

    Args:
        one: A scenario.
        other: Another one with the same days.
        context: What both share.

    Returns:
        How they differ; days after the first that reaches somebody are not looked at.
    """
    found = Contact()
    if _otherwise_different(one, other):
        return Contact(differs=True, reaches=True)
    _compare_waves(one, other, context, found)
    _compare_shocks(one, other, context, found)
    scan = _Scan(one, other, context, found)
    mine, theirs = (context.levers(scenario) for scenario in _only_what_differs(one, other))
    for ordinal in range(context.first, context.last + 1):
        if found.reaches:
            break
        day = date.fromordinal(ordinal)
        scan.day(mine.on(day), theirs.on(day), day.year)
    return found


def _only_what_differs(one: Scenario, other: Scenario) -> tuple[Scenario, Scenario]:
    """Two scenarios without the levers that both have alike, so that fewer days differ."""
    alike = {name for name in SECTIONS if getattr(one, name) == getattr(other, name)}
    if "operation" not in alike:
        alike -= {Staff.section, Funding.section}  # whether there are units and teams to be more
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


def _compare_waves(one: Scenario, other: Scenario, context: PolicyContext, found: Contact) -> None:
    """Whether more or fewer people set out in a wave; the routes have the same multipliers."""
    days = context.last - context.first + 1
    mine, theirs = (
        wave_people(scenario, context.parameters, context.first, days) for scenario in (one, other)
    )
    for key in {**mine, **theirs}:
        nobody = np.zeros(days)
        if not np.array_equal(mine.get(key, nobody), theirs.get(key, nobody)):
            found.differs = True
            found.reaches |= one.entries.get(key[0], 1.0) > 0.0


def _compare_shocks(one: Scenario, other: Scenario, context: PolicyContext, found: Contact) -> None:
    """Whether shocks keep others away or bring others; the routes have the same multipliers."""
    from simulation.corridor import ROUTES

    routes = [route for route in ROUTES if one.entries.get(route, 1.0) > 0.0]
    days = context.last - context.first + 1
    mine, theirs = (
        shock_factors(scenario, ROUTES, context.origins.origins, context.first, days)
        for scenario in (one, other)
    )
    if mine is None and theirs is None:
        return
    same = np.ones((1, 1, 1))
    moved = np.not_equal(same if mine is None else mine, same if theirs is None else theirs)
    found.differs |= bool(moved.any())
    for route in routes:
        number = ROUTES.index(route)
        for origin in np.flatnonzero(moved[:, number].any(axis=0)).tolist():
            found.reaches |= _is_on_route(one, context.origins, route, origin)


def _is_on_route(scenario: Scenario, origins: Origins, route: str, origin: int) -> bool:
    """Whether anybody of an origin can set out on a route in some year."""
    waves = {name for wave in scenario.wave if wave.route == route for name in wave.origins}
    shares = [origins.mix_in(route, year)[origin] for year in origins.years]
    return max(shares) > 0.0 or origins.origins[origin] in waves


class _Scan:
    """Compares the policies of two scenarios, one day after the other."""

    def __init__(
        self, one: Scenario, other: Scenario, context: PolicyContext, found: Contact
    ) -> None:
        self.found = found
        self.reach = context.reach((one, other))
        self.people = [People(s, context.corridor, context.origins) for s in (one, other)]
        self._before: dict[str, tuple[object, object]] = {}

    def day(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        """Compare one day; parts that both have had on the day before are not compared again."""
        for part in _PARTS:
            both = getattr(mine, part), getattr(theirs, part)
            key = f"{part} {year}" if part in _BY_YEAR else part
            before = self._before.get(key)
            # an operation can be without units on one day and not on another
            same = before is not None and before[0] is both[0] and before[1] is both[1]
            if same and (part not in _BY_STAFF or self._same_staff(mine, theirs)):
                continue
            self._before[key] = both
            _COMPARE[part](self, mine, theirs, year)
        self._before["last staff"] = mine.staff, theirs.staff

    def _same_staff(self, mine: PolicyDay, theirs: PolicyDay) -> bool:
        before = self._before.get("last staff")
        return before is not None and before[0] is mine.staff and before[1] is theirs.staff

    def note(self, differs: npt.ArrayLike, can_act: npt.ArrayLike) -> None:
        """Note a difference, and whether what differs can act."""
        differs = np.asarray(differs)
        if differs.any():
            self.found.differs = True
            self.found.reaches |= bool((differs & can_act).any())

    def staff(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        for kind in mine.staff:
            self.note(mine.staff[kind] != theirs.staff[kind], self.reach.uses(kind))

    def supply(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        differs = mine.supply_surge != theirs.supply_surge
        self.note(differs, self.reach.uses("boat_supply"))

    def patrols(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        units = sum(policy.staff[kind] for policy in (mine, theirs) for kind in _PATROLS)
        self.note(mine.patrol_surge != theirs.patrol_surge, np.asarray(units > 0.0)[:, None])

    def arrests(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        officers = mine.staff["investigation"] + theirs.staff["investigation"] > 0.0
        able = officers & self.reach.uses("investigation")
        self.note(mine.arrest_surge != theirs.arrest_surge, able[:, None] & self.reach.operators)

    def raids(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        # in another order they may take others
        if mine.raids != theirs.raids:
            self.found.differs = True
            taking = [
                [raid for raid in policy.raids if self.reach.can_take(raid)]
                for policy in (mine, theirs)
            ]
            self.found.reaches |= taking[0] != taking[1]

    def visas(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        able = self.people[0].entering(year) | self.people[1].entering(year)
        self.note(mine.entry_factor != theirs.entry_factor, able)

    def legal(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        self.note(mine.legal_route_people != theirs.legal_route_people, self._bound(year))

    def returns(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        self.note(mine.returns_factor != theirs.returns_factor, self._bound(year))

    def boats(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        self.note(mine.boat_size != theirs.boat_size, True)

    def freight(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        self.note(mine.freight_search != theirs.freight_search, True)

    def sharing(self, mine: PolicyDay, theirs: PolicyDay, year: int) -> None:
        """Facts and estimates of crossings that pass between authorities."""
        one, other = mine.sharing, theirs.sharing
        both = (one, other)
        passed = (one.coverage > 0.0) | (other.coverage > 0.0)
        np.fill_diagonal(passed, False)
        estimates, facts = (
            np.any([getattr(one, name) != getattr(other, name) for name in names], axis=0)
            for names in (_ESTIMATES, _FACTS)
        )
        self.found.differs |= bool((estimates | facts).any())
        differs = (estimates | facts) & passed
        if not differs.any():
            return
        reach = self.reach
        self.found.reaches |= bool((estimates & passed & self._heard_of_crossings(both)).any())
        carried = reach.carries(both)
        told = differs & carried[:, None] & reach.concerned[None, :]
        self.found.reaches |= bool((told & reach.weighs[None, :]).any())
        leaking = passed & carried[:, None] & ((one.leak > 0.0) | (other.leak > 0.0))
        if mine.adaptation.going_dark or theirs.adaptation.going_dark:
            # who hears earlier is not told again, which spares others a leak
            self.found.leaks |= bool((told & leaking.any(axis=0)[None, :]).any())
        self.found.sources |= set(np.flatnonzero((differs & ~carried[:, None]).any(axis=1)))
        self.found.receivers |= set(np.flatnonzero(told.any(axis=0)))

    def _heard_of_crossings(self, both: tuple[Sharing, Sharing]) -> npt.NDArray[np.bool_]:
        """Pairs of which one sees legs of the other and is believed, (authorities, authorities)."""
        believed = np.any([policy.fidelity > 0.5 for policy in both], axis=0)
        seen: npt.NDArray[np.bool_] = self.reach.neighbours & believed
        return seen

    def _bound(self, year: int) -> npt.NDArray[np.bool_]:
        return self.people[0].bound_for_uk(year) | self.people[1].bound_for_uk(year)


#: parts whose effect depends on the year, or on staff
_BY_YEAR = frozenset({"entry_factor", "legal_route_people", "returns_factor"})
_BY_STAFF = frozenset({"patrol_surge", "arrest_surge"})
_COMPARE = {
    "sharing": _Scan.sharing,
    "staff": _Scan.staff,
    "patrol_surge": _Scan.patrols,
    "arrest_surge": _Scan.arrests,
    "raids": _Scan.raids,
    "supply_surge": _Scan.supply,
    "entry_factor": _Scan.visas,
    "legal_route_people": _Scan.legal,
    "returns_factor": _Scan.returns,
    "boat_size": _Scan.boats,
    "freight_search": _Scan.freight,
}
