"""The names a scenario may use: authorities, groups, places, legs, origins, routes."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulation.errors import closest

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.parameters import Parameters

# The three of the United Kingdom differ in their powers, which no table of the corridor says.
_UK_CRIME, _UK_BORDER, _UK_INTELLIGENCE = "UK-CI", "UK-BI", "UK-IN"
# Which of them does the work that UK money buys. Patrols of the launch coast stand on French
# ground, so money for them reaches France.
_UK_WORK = {
    "investigation": _UK_CRIME,
    "analysis": _UK_INTELLIGENCE,
    "border_patrol": _UK_BORDER,
    "coast_patrol": "FR",
}
#: kinds of staff that stand on legs
PATROLS = ("border_patrol", "checkpoint", "coast_patrol")
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
    """What the corridor knows, as far as a scenario can speak of it.

    Attributes:
        authorities: Members by name: a group's authorities, or an authority alone.
        called: What an authority is called, by its code.
        hubs: Authorities without ground of their own (Europol, Frontex).
        uk: The authorities of the United Kingdom.
        places: The authority on whose ground a place lies, by place.
        legs: The two authorities of a leg, by leg.
        routes: The routes by which people enter.
        entered: The authorities on whose ground people enter.
        supply: The authorities on whose ground boats are brought to the coast.
        stages: The stages of the way whose operators an authority can arrest, by authority.
        workplaces: The authorities for which more staff of a kind has any effect, by kind.
        staffed: Those of them that have some of it, by kind.
        origins: The origins of people.
        parameters: The records an override may name.
    """

    authorities: dict[str, tuple[str, ...]]
    called: dict[str, str]
    hubs: frozenset[str]
    uk: frozenset[str]
    places: dict[str, str]
    legs: dict[str, tuple[str, str]]
    routes: tuple[str, ...]
    entered: frozenset[str]
    supply: frozenset[str]
    stages: dict[str, frozenset[str]]
    workplaces: dict[str, tuple[str, ...]]
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
            called={authority.code: authority.name for authority in corridor.authorities},
            hubs=frozenset(a.code for a in corridor.authorities if a.kind == "hub"),
            uk=frozenset(a.code for a in corridor.authorities if a.kind == "uk"),
            places={place.id: place.authority for place in corridor.places},
            legs={leg.id: (leg.authority_from, leg.authority_to) for leg in corridor.legs},
            routes=tuple(dict.fromkeys(p.route for p in corridor.places if p.route)),
            entered=frozenset(place.authority for place in corridor.places if place.route),
            supply=frozenset(
                code for chain in corridor.supply_chains for code in chain.authorities
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

    def known(self, kind: str) -> tuple[str, ...]:
        """Every name of a kind: authority, place, leg, origin or route."""
        return {
            "authority": tuple(self.authorities),
            "place": tuple(self.places),
            "leg": tuple(self.legs),
            "origin": self.origins,
            "route": self.routes,
        }[kind]

    def meant(self, authority: str) -> str | None:
        """The authority or group that somebody who writes a word means, or None.

        Countries go by their English names, the beginnings of these, codes of two or three
        letters and a table of what else they are called.
        """
        codes = {code.lower(): code for code in self.authorities}
        also = {word: code for code, words in _ALSO.items() for word in words}
        meant = {
            word: code
            for word, code in (
                also | {n.lower(): c for c, n in self.called.items()} | codes
            ).items()
            if code in self.authorities
        }
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

    def idle(self, authorities: Iterable[str], kind: str) -> bool:
        """Whether more staff of a kind has no effect for any of some authorities."""
        return not set(authorities) & set(self.workplaces[kind])


def operators_on_ground(corridor: Corridor) -> dict[str, frozenset[tuple[str, str]]]:
    """The stages and places at which an authority can arrest operators, by authority.

    As in the model: launchers of boats are arrested where boats leave, all others at both ends of a
    leg from the place where they work, suppliers of boats along their chain (here they stand at all
    places of it). Money for boats is handled in the UK, and what UK border may do, UK criminal
    investigation may.

    Returns:
        Authority to pairs of a stage and the id of a place.
    """
    found: dict[str, set[tuple[str, str]]] = {a.code: set() for a in corridor.authorities}
    for leg in corridor.legs:
        if not leg.smuggled:
            continue
        stage = leg.stage
        if stage == "channel":
            stage = "boat" if leg.mode == "boat" else "lorry"
        found[leg.authority_from].add((stage, leg.origin))
        if stage == "boat":
            found[_UK_CRIME].add((stage, leg.origin))
        else:
            found[leg.authority_to].add((stage, leg.origin))
    for chain in corridor.supply_chains:
        for code in chain.authorities:
            found[code] |= {("supply", place) for place in chain.places}
    found[_UK_CRIME] |= found[_UK_BORDER]
    return {code: frozenset(pairs) for code, pairs in found.items()}


def workplaces(corridor: Corridor) -> dict[str, tuple[str, ...]]:
    """The authorities for which more staff of a kind has any effect, by kind.

    As in the model: patrols stand on legs that suit their kind and touch the authority's ground;
    investigators join the teams there are, so where there is none they have nobody to work with;
    reports can be worked through everywhere.
    """
    codes = tuple(authority.code for authority in corridor.authorities)
    teams = zip(codes, corridor.staff["investigation"], strict=True)
    found: dict[str, set[str]] = {
        **{kind: set(patrol_legs(corridor, kind)) for kind in PATROLS},
        "investigation": {code for code, size in teams if round(float(size)) > 0},
        "analysis": set(codes),
    }
    return {kind: tuple(c for c in codes if c in where) for kind, where in found.items()}


def patrol_legs(corridor: Corridor, kind: str) -> dict[str, tuple[str, ...]]:
    """The legs on which units of a kind of patrol can stand, by authority.

    As in the model: on legs that suit the kind and touch the authority's ground; launches of boats
    are stopped on the beach they leave from.

    Args:
        corridor: The legs.
        kind: `border_patrol`, `checkpoint` or `coast_patrol`.

    Returns:
        Ids of legs by code of an authority that has any.
    """
    found: dict[str, list[str]] = {}
    for leg in corridor.legs:
        ends = tuple(dict.fromkeys((leg.authority_from, leg.authority_to)))
        if leg.stage == "channel" and leg.mode == "boat":
            kinds, ends = {"coast_patrol"}, ends[:1]
        elif leg.mode in ("boat", "ferry"):
            kinds = {"coast_patrol"}
        elif leg.mode == "foot":
            kinds = {"border_patrol"}
        else:
            kinds = {"checkpoint", "border_patrol"} if len(ends) > 1 else {"checkpoint"}
        if kind in kinds:
            for code in ends:
                found.setdefault(code, []).append(leg.id)
    return {code: tuple(legs) for code, legs in found.items()}


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
