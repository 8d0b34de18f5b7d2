"""Jurisdiction: where units of an authority work, whom it can arrest, and which work money buys.

Both the processes of a run and the checks of a scenario use these functions, so they cannot differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from functools import cache, lru_cache
from types import MappingProxyType

from simulation.corridor.network import Corridor, Leg
from simulation.corridor.stages import BOAT, PATROLS, SEGMENTS, SUPPLY, segment_of

#: the three of the United Kingdom differ in their powers, which no table of the corridor says
UK_CRIME, UK_BORDER, UK_INTELLIGENCE = UK = ("UK-CI", "UK-BI", "UK-IN")
# Which of them does the work that UK money buys. Patrols of the launch coast stand on French
# ground, so money for them reaches France.
_UK_WORK = {
    "investigation": UK_CRIME,
    "analysis": UK_INTELLIGENCE,
    "border_patrol": UK_BORDER,
    "coast_patrol": "FR",
}

#: keeps an answer for each corridor: every policy and every set of names asks anew
_of_corridor = lru_cache(maxsize=16)


@cache  # asked of every leg for each calendar of a policy
def patrols_on(leg: Leg) -> Mapping[str, tuple[str, ...]]:
    """The authorities whose units can stand on a leg, by kind of patrol.

    Units stand where their kind suits the leg and the leg touches their ground. Launches of boats
    to the UK are stopped on the beach they leave from.
    """
    ends = tuple(dict.fromkeys((leg.authority_from, leg.authority_to)))
    if segment_of(leg.stage, leg.mode) == BOAT:
        patrols = {"coast_patrol": ends[:1]}
    elif leg.mode in ("boat", "ferry"):
        patrols = {"coast_patrol": ends}
    elif leg.mode == "foot":
        patrols = {"border_patrol": ends}
    else:
        patrols = {"checkpoint": ends, "border_patrol": ends if len(ends) > 1 else ()}
    return MappingProxyType(patrols)


@_of_corridor
def patrol_legs(corridor: Corridor, kind: str) -> Mapping[str, tuple[str, ...]]:
    """The legs on which units of a kind of patrol can stand, by authority.

    Args:
        corridor: The legs.
        kind: One of `PATROLS`.

    Returns:
        Ids of legs, in the order of the corridor, by code of an authority that has any.
    """
    legs_of: dict[str, list[str]] = {}
    for leg in corridor.legs:
        for code in patrols_on(leg).get(kind, ()):
            legs_of.setdefault(code, []).append(leg.id)
    return {code: tuple(legs) for code, legs in legs_of.items()}


def arresting(
    corridor: Corridor, segment: int, place: str, chain: int = 0, boats_money: bool = True
) -> frozenset[str]:
    """The authorities that can arrest operators of a segment who work at a place.

    Launchers of boats are arrested where boats leave, all others at both ends of a leg from the
    place where they work, suppliers of boats along their chain. Money for boats is mostly handled
    in the UK. The UK's border authority hands arrests to its criminal investigation.

    Args:
        corridor: Legs and supply chains.
        segment: Number in `SEGMENTS`.
        place: Id of the place where they work; not used for suppliers of boats.
        chain: Number of the supply chain, for suppliers of boats.
        boats_money: Whether launchers handle the money for boats.

    Returns:
        Codes of authorities.
    """
    if segment == SUPPLY:
        codes = set(corridor.supply_chains[chain].authorities)
    else:
        from_place = (leg for leg in corridor.legs if leg.origin == place and leg.smuggled)
        legs = [leg for leg in from_place if segment_of(leg.stage, leg.mode) == segment]
        codes = {leg.authority_from for leg in legs}
        if segment != BOAT:
            codes |= {leg.authority_to for leg in legs}
    if UK_BORDER in codes or (segment == BOAT and boats_money):
        codes.add(UK_CRIME)
    return frozenset(codes)


@_of_corridor
def operators_on_ground(corridor: Corridor) -> Mapping[str, frozenset[tuple[str, str]]]:
    """The stages and places at which an authority can arrest operators, by authority.

    Suppliers of boats stand at all places of their chain here.

    Returns:
        Authority to pairs of one of `SEGMENTS` and the id of a place.
    """
    ground: dict[str, set[tuple[str, str]]] = {a.code: set() for a in corridor.authorities}
    markets = {
        (segment_of(leg.stage, leg.mode), leg.origin) for leg in corridor.legs if leg.smuggled
    }
    for segment, place in markets:
        for code in arresting(corridor, segment, place):
            ground[code].add((SEGMENTS[segment], place))
    for number, chain in enumerate(corridor.supply_chains):
        for code in arresting(corridor, SUPPLY, "", number):
            ground[code] |= {(SEGMENTS[SUPPLY], place) for place in chain.places}
    return {code: frozenset(pairs) for code, pairs in ground.items()}


def launching(corridor: Corridor) -> frozenset[str]:
    """The authorities from whose ground boats leave for the UK."""
    return frozenset(
        leg.authority_from for leg in corridor.legs if segment_of(leg.stage, leg.mode) == BOAT
    )


def crossed_by_vehicle(leg: Leg) -> bool:
    """Whether a leg crosses a border by road or rail on the way to the Channel."""
    return bool(leg.border) and leg.stage != "channel" and leg.mode in ("road", "rail", "lorry")


@_of_corridor
def workplaces(corridor: Corridor) -> Mapping[str, tuple[str, ...]]:
    """The authorities for which more staff of a kind has any effect, by kind.

    Patrols need a leg to stand on. Investigators join the teams there are, so where there is none
    they have nobody to work with. Reports can be worked through everywhere.
    """
    codes = tuple(authority.code for authority in corridor.authorities)
    teams = zip(codes, corridor.staff["investigation"], strict=True)
    staffed: dict[str, set[str]] = {
        **{kind: set(patrol_legs(corridor, kind)) for kind in PATROLS},
        "investigation": {code for code, size in teams if round(float(size)) > 0},
        "analysis": set(codes),
    }
    return {kind: tuple(c for c in codes if c in where) for kind, where in staffed.items()}


def paid(members: tuple[str, ...], kind: str, uk: Set[str]) -> tuple[str, ...]:
    """The authorities whose work of a kind money for some authorities pays for.

    Within the United Kingdom it goes to the authority that does this work.

    Args:
        members: Who gets the money.
        kind: A kind of staff that money can buy.
        uk: The authorities of the United Kingdom.
    """
    if set(members) <= uk and (len(members) > 1 or kind == "coast_patrol"):
        return (_UK_WORK[kind],)
    return members
