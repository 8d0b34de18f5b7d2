"""Names that a scenario may use: authorities, groups, places, legs, origins, routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulation.corridor import Corridor
from simulation.corridor.jurisdiction import (
    crossed_by_vehicle,
    launching,
    operators_on_ground,
    paid,
    workplaces,
)
from simulation.errors import closest
from simulation.parameters import Parameters

# What else people write for an authority or a group: the ISO code of three letters first, then
# names and abbreviations. Countries off the corridor have no entry.
_ALSO: dict[str, tuple[str, ...]] = {
    "UK": ("gbr", "gb", "united kingdom", "great britain", "britain", "england"),
    "EU": ("european union", "europe", "eu27"),
    "WB6": ("balkan", "balkans", "western balkan", "western balkans", "wb", "wb 6"),
    "CALAIS": ("calais group",),
    "EPC": ("european political community",),
    "TR": ("tur", "turkiye", "türkiye"),
    "GR": ("grc", "el", "hellas"),
    "BG": ("bgr", "bul"),
    "MK": ("mkd", "macedonia", "fyrom", "fyr macedonia", "n macedonia"),
    "XK": ("xkx", "kos", "kosova", "rks", "ks"),
    "AL": ("alb",),
    "ME": ("mne", "mtn"),
    "RS": ("srb", "ser", "srbija"),
    "BA": ("bih", "bosnia", "bosnia herzegovina", "bosnia hercegovina"),
    "RO": ("rou", "rom", "rumania", "roumania"),
    "HU": ("hun",),
    "HR": ("hrv", "cro", "hrvatska"),
    "SI": ("svn", "slo"),
    "IT": ("ita",),
    "AT": ("aut", "osterreich", "österreich"),
    "DE": ("deu", "ger", "deutschland"),
    "CH": ("che", "sui", "swiss"),
    "BE": ("bel",),
    "FR": ("fra",),
    "UK-CI": ("nca", "national crime agency"),
    "UK-BI": ("border force", "ukbf", "immigration enforcement"),
    "EUROPOL": ("euro pol",),
}
#: letters of the longest code of a country
_CODE = 3


@dataclass(frozen=True)
class Names:
    """The names in the corridor that a scenario can use.

    Attributes:
        authorities: Members by name: a group's authorities, or an authority alone.
        names_by_code: What an authority is called, by its code.
        hubs: Authorities without ground of their own (Europol, Frontex).
        uk: The authorities of the United Kingdom.
        places: The authority on whose ground a place lies, by place.
        legs: The two authorities of a leg, by leg.
        routes: The routes by which people enter.
        entered: The authorities on whose ground people enter.
        supply: The authorities on whose ground boats are brought to the coast.
        launching: The authorities from whose ground boats leave for the UK.
        vehicle_borders: Borders that people cross by road or rail before the Channel, each with
            the authorities left and entered.
        stages: The stages of the way whose operators an authority can arrest, by authority.
        workplaces: The authorities for which more staff of a kind has any effect, by kind.
        staffed: Those of them that have some of it, by kind.
        origins: The origins of people.
        parameters: The records an override may name.
    """

    authorities: dict[str, tuple[str, ...]]
    names_by_code: dict[str, str]
    hubs: frozenset[str]
    uk: frozenset[str]
    places: dict[str, str]
    legs: dict[str, tuple[str, str]]
    routes: tuple[str, ...]
    entered: frozenset[str]
    supply: frozenset[str]
    launching: frozenset[str]
    vehicle_borders: tuple[tuple[str, str, str], ...]
    stages: dict[str, frozenset[str]]
    workplaces: Mapping[str, tuple[str, ...]]
    staffed: dict[str, tuple[str, ...]]
    origins: tuple[str, ...]
    parameters: Parameters

    @classmethod
    def of(cls, corridor: Corridor, origins: Iterable[str], parameters: Parameters) -> Names:
        """Collect the names of a corridor."""
        members = {authority.code: (authority.code,) for authority in corridor.authorities}
        groups = {name: tuple(codes) for name, codes in corridor.groups.items()}
        useful, index = workplaces(corridor), corridor.authority_index
        return cls(
            authorities={**groups, **members},
            names_by_code={authority.code: authority.name for authority in corridor.authorities},
            hubs=frozenset(a.code for a in corridor.authorities if a.kind == "hub"),
            uk=frozenset(a.code for a in corridor.authorities if a.kind == "uk"),
            places={place.id: place.authority for place in corridor.places},
            legs={leg.id: (leg.authority_from, leg.authority_to) for leg in corridor.legs},
            routes=tuple(dict.fromkeys(p.route for p in corridor.places if p.route)),
            entered=frozenset(place.authority for place in corridor.places if place.route),
            supply=frozenset(
                code for chain in corridor.supply_chains for code in chain.authorities
            ),
            launching=launching(corridor),
            vehicle_borders=tuple(
                dict.fromkeys(
                    (leg.border, leg.authority_from, leg.authority_to)
                    for leg in corridor.legs
                    if crossed_by_vehicle(leg)
                )
            ),
            stages={
                code: frozenset(stage for stage, _ in pairs)
                for code, pairs in operators_on_ground(corridor).items()
            },
            workplaces=useful,
            staffed={
                kind: tuple(code for code in where if corridor.staff[kind][index[code]] > 0)
                for kind, where in useful.items()
            },
            origins=tuple(origins),
            parameters=parameters,
        )

    def of_kind(self, kind: str) -> tuple[str, ...]:
        """Every name of a kind: authority, place, leg, border, origin or route."""
        return {
            "authority": tuple(self.authorities),
            "place": tuple(self.places),
            "leg": tuple(self.legs),
            "border": tuple(dict.fromkeys(border for border, _, _ in self.vehicle_borders)),
            "origin": self.origins,
            "route": self.routes,
        }[kind]

    def closest_authority(self, authority: str) -> str | None:
        """The authority or group that a word most likely means, or None.

        Countries go by their English names, the beginnings of these, codes of two or three
        letters and a table of what else they are called.
        """
        codes = {code.lower(): code for code in self.authorities}
        also = {w: code for code, words in _ALSO.items() if code in self.authorities for w in words}
        meant = also | {name.lower(): code for code, name in self.names_by_code.items()} | codes
        word = authority.strip().lower()
        if word in meant or len(word) <= _CODE:  # one letter more or less is another country
            return meant.get(word)
        near = closest(word, meant)
        return None if near is None else meant[near]

    def members(self, name: str) -> tuple[str, ...]:
        """The authorities a name stands for."""
        return self.authorities[name]

    def paid(self, name: str, kind: str) -> tuple[str, ...]:
        """The authorities whose work of a kind money for an authority or a group pays for."""
        return paid(self.members(name), kind, self.uk)

    def has_no_work(self, authorities: Iterable[str], kind: str) -> bool:
        """Whether more staff of a kind has no effect for any of some authorities."""
        return not set(authorities) & set(self.workplaces[kind])


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
