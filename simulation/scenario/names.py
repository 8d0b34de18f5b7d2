"""The names a scenario may use: authorities, groups, places, legs, origins, routes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.parameters import Parameters


@dataclass(frozen=True)
class Names:
    """What the corridor knows, as far as a scenario can speak of it.

    Attributes:
        authorities: Members by name: a group's authorities, or an authority alone.
        hubs: Authorities without ground of their own (Europol, Frontex).
        uk: The authorities of the United Kingdom.
        places: The authority on whose ground a place lies, by place.
        legs: The two authorities of a leg, by leg.
        routes: The routes by which people enter.
        entered: The authorities on whose ground people enter.
        supply: The authorities on whose ground boats are brought to the coast.
        stages: The stages of the way whose operators an authority can arrest, by authority.
        origins: The origins of people.
        parameters: The records an override may name.
    """

    authorities: dict[str, tuple[str, ...]]
    hubs: frozenset[str]
    uk: frozenset[str]
    places: dict[str, str]
    legs: dict[str, tuple[str, str]]
    routes: tuple[str, ...]
    entered: frozenset[str]
    supply: frozenset[str]
    stages: dict[str, frozenset[str]]
    origins: tuple[str, ...]
    parameters: Parameters

    @classmethod
    def of(cls, corridor: Corridor, origins: Iterable[str], parameters: Parameters) -> Names:
        """Collect the names of a corridor."""
        members = {authority.code: (authority.code,) for authority in corridor.authorities}
        groups = {name: tuple(codes) for name, codes in corridor.groups.items()}
        return cls(
            authorities={**groups, **members},
            hubs=frozenset(a.code for a in corridor.authorities if a.kind == "hub"),
            uk=frozenset(a.code for a in corridor.authorities if a.kind == "uk"),
            places={place.id: place.authority for place in corridor.places},
            legs={leg.id: (leg.authority_from, leg.authority_to) for leg in corridor.legs},
            routes=tuple(dict.fromkeys(p.route for p in corridor.places if p.route)),
            entered=frozenset(place.authority for place in corridor.places if place.route),
            supply=frozenset(
                code for chain in corridor.supply_chains for code in chain.authorities
            ),
            stages=_stages_on_ground(corridor),
            origins=tuple(origins),
            parameters=parameters,
        )

    def known(self, kind: str) -> tuple[str, ...]:
        """Every name of a kind: authority, place, leg, origin or route."""
        return {
            "authority": tuple(self.authorities),
            "place": tuple(self.places),
            "leg": tuple(self.legs),
            "origin": self.origins,
            "route": self.routes,
        }[kind]

    def members(self, name: str) -> tuple[str, ...]:
        """The authorities a name stands for."""
        return self.authorities[name]


def _stages_on_ground(corridor: Corridor) -> dict[str, frozenset[str]]:
    """The stages whose operators work on an authority's ground, by authority.

    As in the model: launchers of boats work where boats leave, all others at both ends of a leg,
    suppliers of boats along their chain. Money for boats is handled in the UK, and what UK border
    may do, UK criminal investigation may.
    """
    found: dict[str, set[str]] = {authority.code: set() for authority in corridor.authorities}
    for leg in corridor.legs:
        if not leg.smuggled:
            continue
        stage = leg.stage
        if stage == "channel":
            stage = "boat" if leg.mode == "boat" else "lorry"
        found[leg.authority_from].add(stage)
        if stage != "boat":
            found[leg.authority_to].add(stage)
    for chain in corridor.supply_chains:
        for code in chain.authorities:
            found[code].add("supply")
    found["UK-CI"] |= {"boat", *found["UK-BI"]}
    return {code: frozenset(stages) for code, stages in found.items()}


def pairs_of(
    first: Iterable[str], second: Iterable[str], one_way: bool = False
) -> list[tuple[str, str]]:
    """Every (source, receiver) two sets of authorities make, without an authority and itself.

    Args:
        first: The authorities on one side, the sources if one-way.
        second: The authorities on the other side, the receivers if one-way.
        one_way: True to leave out the way back.
    """
    forth = [(a, b) for a in first for b in second if a != b]
    back = [] if one_way else [(b, a) for a, b in forth]
    return list(dict.fromkeys(forth + back))
