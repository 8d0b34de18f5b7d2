"""Operations, raids, visas, legal ways and returns: what they do on a day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulation.parameters import Parameters
from simulation.scenario.lever_models import Operation
from simulation.scenario.schema import Scenario
from simulation.scenario.staffing import DAYS_PER_YEAR, cost_of, eur_per_year

if TYPE_CHECKING:
    from simulation.corridor import Corridor


class RaidOrder(NamedTuple):
    """A raid of today.

    Attributes:
        authorities: Rows of those who take part.
        arrests: Persons to be arrested.
        boats: Boats to be taken.
        share: Share of what each of the stages carries that those arrested did; None where persons
            tell it.
        places: Rows of the places where they work; empty for any.
        stages: Stages they work; empty for any.
    """

    authorities: tuple[int, ...]
    arrests: int
    boats: int
    places: tuple[int, ...]
    stages: tuple[str, ...]
    share: float | None = None


def ground(
    scenario: Scenario, corridor: Corridor, progress: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Multipliers of patrols and arrests from operations.

    A patrol operation at a place covers the legs that leave or reach it and touch the ground of
    the authority; one by a hub (Frontex, Europol) covers the ground of its host, whose place it is.
    An operation of arrests is of the authority alone, whoever else works cases at the place; one
    by a hub is of its host.

    Args:
        scenario: Its operations.
        corridor: Places and legs.
        progress: Of each operation, 0 to 1.

    Returns:
        Patrol effort by authority and leg, float (A, L); arrests by authority and place, float
        (A, P). Read-only.
    """
    return GroundTable(scenario, corridor)(progress)


class GroundTable:
    """`ground` for many days; what an operation covers is looked up once.

    Args:
        scenario: Its operations.
        corridor: Places and legs.
    """

    def __init__(self, scenario: Scenario, corridor: Corridor) -> None:
        self._operations, self._corridor = scenario.operation, corridor
        #: by number of the operation: authorities, and the legs or places it covers for each
        self._reach: dict[int, dict[int, list[int]]] = {}

    def __call__(self, progress: list[float]) -> tuple[np.ndarray, np.ndarray]:
        """See `ground`."""
        corridor = self._corridor
        patrols = np.ones((len(corridor.authorities), len(corridor.legs)))
        arrests = np.ones((len(corridor.authorities), len(corridor.places)))
        for number, part in enumerate(progress):
            operation = self._operations[number]
            if part == 0.0 or operation.kind == "boat_supply":
                continue
            factor, on_patrol = _factor(operation, part), operation.kind == "patrol"
            if number not in self._reach:
                find = _covered if on_patrol else _searched
                self._reach[number] = find(operation, corridor)
            for row, where in self._reach[number].items():
                (patrols if on_patrol else arrests)[row, where] *= factor
        return _frozen(patrols), _frozen(arrests)


def raids(scenario: Scenario, corridor: Corridor, progress: list[float]) -> tuple[RaidOrder, ...]:
    """The raids of today, in the order in which they are written.

    Args:
        scenario: Its raids.
        corridor: Authorities and places.
        progress: Of each raid, 1 on its day and else 0.
    """
    return tuple(
        RaidOrder(
            tuple(corridor.authority_index[code] for code in corridor.members(raid.authority)),
            raid.arrests,
            raid.boats,
            tuple(corridor.place_index[place] for place in raid.places or ()),
            raid.stages or (),
            raid.share,
        )
        for raid, part in zip(scenario.raid, progress, strict=True)
        if part > 0.0
    )


class SupplyTable:
    """Multiplier of the effort against boat deliveries, by authority.

    Money for this work is spread evenly over the authorities on the supply chain (those of the
    beneficiary, if there is one); in each it adds amount / cost to the multiplier, the cost being
    that of as much effort as there is today.

    Args:
        scenario: Its operations of kind "boat_supply" and its funding.
        corridor: The supply chains.
        parameters: The cost of the work, and the rate of exchange.
    """

    def __init__(self, scenario: Scenario, corridor: Corridor, parameters: Parameters) -> None:
        self._authorities, self._operations = len(corridor.authorities), scenario.operation
        self._cost = cost_of("boat_supply", parameters)
        #: of each funding lever: share for this work, EUR a year, and the authorities it goes to
        self._money = [
            (
                funding.spend_on.get("boat_supply", 0.0),
                eur_per_year(funding, scenario, parameters),
                _on_supply_chain(corridor, funding.beneficiary),
            )
            for funding in scenario.funding
        ]
        #: which levers matter, of the operations and then of the funding levers
        self._matters = [operation.kind == "boat_supply" for operation in scenario.operation]
        self._matters += [share > 0.0 and bool(here) for share, _, here in self._money]
        self._kept: tuple[list[float], np.ndarray] | None = None
        #: of each operation: the authorities that take part
        self._members = [
            [corridor.authority_index[code] for code in corridor.members(operation.authority)]
            for operation in scenario.operation
        ]

    def __call__(self, progress: list[float]) -> np.ndarray:
        """The multiplier.

        Args:
            progress: Of each operation, then of each funding lever; 0 to 1.

        Returns:
            Float (A,), read-only; the same object as last time if nothing that matters moved.
        """
        moved = list(compress(progress, self._matters))
        if self._kept is None or self._kept[0] != moved:
            self._kept = moved, self._made(progress)
        return self._kept[1]

    def _made(self, progress: list[float]) -> np.ndarray:
        surge = np.ones(self._authorities)
        count = len(self._operations)
        for (share, yearly, here), part in zip(self._money, progress[count:], strict=True):
            if part > 0.0 and share > 0.0 and here:
                spent = part * share * yearly / len(here)
                surge[here] += spent / self._cost
        levers = zip(self._operations, self._members, progress[:count], strict=True)
        for operation, members, part in levers:
            if part > 0.0 and operation.kind == "boat_supply":
                surge[members] *= _factor(operation, part)
        return _frozen(surge)


def entries(
    scenario: Scenario,
    corridor: Corridor,
    parameters: Parameters,
    origins: Sequence[str],
    progress: list[float],
) -> np.ndarray:
    """Multiplier of entries by origin and place, from visas.

    The scale of a route (`scenario.entries`) is not in it: more people can be asked for than
    there are, fewer are kept back by a visa.

    Args:
        scenario: Its visa levers.
        corridor: The places; those with a route are where people enter.
        parameters: The usual effect of a visa requirement.
        origins: The origins of people, in order.
        progress: Of each visa lever, 0 to 1.

    Returns:
        Float (origins, P), 0 to 1, read-only.
    """
    factor = np.ones((len(origins), len(corridor.places)))
    for visa, part in zip(scenario.visa, progress, strict=True):
        effect = parameters.policy.visa_effect if visa.effect is None else visa.effect
        members = corridor.members(visa.authority)
        there = [i for i, p in enumerate(corridor.places) if p.route and p.authority in members]
        here = [origins.index(origin) for origin in visa.origins]
        factor[np.ix_(here, there)] *= 1.0 - part * effect
    return _frozen(factor)


def legal_routes(scenario: Scenario, origins: Sequence[str], progress: list[float]) -> np.ndarray:
    """People a day, by origin, who take a legal way to the UK instead.

    Args:
        scenario: Its legal routes; the people of each are spread evenly over its origins.
        origins: The origins of people, in order.
        progress: Of each legal route, 0 to 1.

    Returns:
        Float (origins,), read-only.
    """
    people = np.zeros(len(origins))
    for route, part in zip(scenario.legal_route, progress, strict=True):
        each = part * route.people_per_year / DAYS_PER_YEAR / len(route.origins)
        for origin in route.origins:
            people[origins.index(origin)] += each
    return _frozen(people)


def returns(
    scenario: Scenario, parameters: Parameters, origins: Sequence[str], progress: list[float]
) -> np.ndarray:
    """Multiplier of people setting out for the UK, by origin.

    Args:
        scenario: Its returns agreements.
        parameters: The usual effect of one.
        origins: The origins of people, in order.
        progress: Of each agreement, 0 to 1.

    Returns:
        Float (origins,), read-only.
    """
    factor = np.ones(len(origins))
    for agreement, part in zip(scenario.returns, progress, strict=True):
        usual = parameters.policy.returns_effect
        effect = usual if agreement.effect is None else agreement.effect
        factor[origins.index(agreement.partner)] *= 1.0 - part * effect
    return _frozen(factor)


def boat_size(scenario: Scenario, parameters: Parameters, progress: list[float]) -> float:
    """People a boat is built for, against today's, from the boats on the market.

    Args:
        scenario: Its boats levers.
        parameters: The usual size before they grew.
        progress: Of each lever, 0 before it begins and 1 once its ramp is over.
    """
    size = 1.0
    for lever, part in zip(scenario.boats, progress, strict=True):
        before = parameters.channel.boat_size_before if lever.size is None else lever.size
        size *= before + part * (1.0 - before)
    return size


def freight_search(scenario: Scenario, parameters: Parameters, progress: list[float]) -> float:
    """Effort of searching freight to the UK, against today's.

    Exactly 1 once every ramp is over, so that today's world does not depend on what was before.

    Args:
        scenario: Its freight levers.
        parameters: The usual effort before it grew.
        progress: Of each lever, 0 before it begins and 1 once its ramp is over.
    """
    effort = 1.0
    for lever, part in zip(scenario.freight, progress, strict=True):
        before = parameters.patrol.freight_before if lever.search is None else lever.search
        effort *= part + (1.0 - part) * before
    return effort


def wave_people(
    scenario: Scenario, parameters: Parameters, first: int, days: int
) -> dict[tuple[str, str], np.ndarray]:
    """People a day who set out beyond those usual, by route and origin.

    Args:
        scenario: Its waves.
        parameters: The usual size of one.
        first: Ordinal of the first day.
        days: Number of days.

    Returns:
        (route, origin) -> float (days,).
    """
    people: dict[tuple[str, str], np.ndarray] = {}
    for wave in scenario.wave:
        usual = parameters.entries.wave_people
        size = usual if wave.people_per_year is None else wave.people_per_year
        part = np.array([wave.span.progress(first + day) for day in range(days)])
        for origin in wave.origins:
            key = (wave.route, origin)
            more = part * size / DAYS_PER_YEAR / len(wave.origins)
            people[key] = people.get(key, np.zeros(days)) + more
    return people


def _factor(operation: Operation, part: float) -> float:
    return 1.0 + part * (operation.strength - 1.0)


def _covered(operation: Operation, corridor: Corridor) -> dict[int, list[int]]:
    """Legs a patrol operation covers, by the authority on whose ground it works."""
    members = set(corridor.members(operation.authority))
    hubs = _hubs(corridor)
    covered: dict[int, set[int]] = {}
    for index, leg in enumerate(corridor.legs):
        ground = {leg.authority_from, leg.authority_to}
        owners = ground & members if leg.id in (operation.legs or ()) else set()
        if leg.id in (operation.legs or ()) and members & hubs:
            owners = ground
        for name in operation.places or ():
            if name in (leg.origin, leg.target):
                host = {corridor.places[corridor.place_index[name]].authority}
                owners |= ground & (host if members & hubs else members)
        for owner in owners:
            covered.setdefault(corridor.authority_index[owner], set()).add(index)
    return {row: sorted(legs) for row, legs in covered.items()}


def _searched(operation: Operation, corridor: Corridor) -> dict[int, list[int]]:
    """Places where an operation makes arrests likelier, by the authority that makes them."""
    members = set(corridor.members(operation.authority))
    hubs = _hubs(corridor)
    searched: dict[int, list[int]] = {}
    for index, place in enumerate(corridor.places):
        if operation.places and place.id not in operation.places:
            continue
        owners = members - hubs
        if operation.places and members & hubs:
            owners.add(place.authority)
        for owner in owners:
            searched.setdefault(corridor.authority_index[owner], []).append(index)
    return searched


def _hubs(corridor: Corridor) -> set[str]:
    return {authority.code for authority in corridor.authorities if authority.kind == "hub"}


def _on_supply_chain(corridor: Corridor, beneficiary: str | None) -> list[int]:
    chain = {code for supply_chain in corridor.supply_chains for code in supply_chain.authorities}
    if beneficiary is not None:
        chain &= set(corridor.members(beneficiary))
    else:
        chain -= {authority.code for authority in corridor.authorities if authority.kind == "uk"}
    return sorted(corridor.authority_index[code] for code in chain)


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array
