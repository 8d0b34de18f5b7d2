"""What must hold of the tables of the corridor."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from simulation.corridor import BALKAN, DESTINATIONS, MODES, ROUTES, STAGES, Corridor, Leg, Place

KINDS = ("entry", "transit", "hub", "coast", "landing")
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
SHORTEST_DETOUR, LONGEST_DETOUR = 0.98, 2.5
#: states crossed on the way from an entry that have no authority of their own in the model
OUTSIDE = ("PL", "ES")


def problems(corridor: Corridor) -> list[str]:
    """What is wrong with the tables, a sentence each."""
    places = {place.id: place for place in corridor.places}
    return [
        *_of_authorities(corridor),
        *(problem for place in corridor.places for problem in _of_place(place, corridor)),
        *(problem for leg in corridor.legs for problem in _of_leg(leg, places)),
        *_of_chains(corridor, places),
        *_of_ways(corridor, places),
    ]


def _of_authorities(corridor: Corridor) -> Iterator[str]:
    kinds = {authority.code: authority.kind for authority in corridor.authorities}
    if not set(kinds.values()) <= {"country", "uk", "hub"} or len(kinds) < len(
        corridor.authorities
    ):
        yield "an authority has an unknown kind, or stands there twice"
    for name, members in corridor.groups.items():
        if name in kinds or not set(members) <= set(kinds) or len({*members}) < len(members):
            yield f"group {name} has the name of an authority, or members that are none or twice"
    for kind, units in corridor.staff.items():
        hubs = [i for i, one in enumerate(corridor.authorities) if one.kind == "hub"]
        if (units < 0).any() or (kind != "analysis" and units[hubs].any()):
            yield f"{kind}: staff below 0, or of a hub on the ground"


def _of_place(place: Place, corridor: Corridor) -> Iterator[str]:
    grounds = {one.code for one in corridor.authorities if one.kind != "hub"}
    if place.authority not in grounds or place.kind not in KINDS:
        yield f"{place.id} has an unknown authority or kind"
    if not (-180 <= place.longitude <= 180 and -90 <= place.latitude <= 90):
        yield f"{place.id} lies nowhere on the Earth"
    if place.route not in {*ROUTES, ""} or (place.kind == "entry") != bool(place.route):
        yield f"{place.id}: an entry, and nothing else, has a route"
    if place.destination not in {*DESTINATIONS, ""}:
        yield f"{place.id} has an unknown destination"
    if (place.kind == "landing") != (place.destination == "uk"):
        yield f"{place.id}: landings, and only they, are in the UK"
    others = [one for one in corridor.places if one.route == place.route and one.id != place.id]
    if place.route not in (BALKAN, "") and others:
        yield f"{place.id}: a route but the Balkan one has one entry"


def _of_leg(leg: Leg, places: Mapping[str, Place]) -> Iterator[str]:
    origin, target = places[leg.origin], places[leg.target]
    if leg.id != f"{leg.origin}>{leg.target}:{leg.mode}" or leg.origin == leg.target:
        yield f"{leg.id} does not join two places as its id says"
    if leg.mode not in MODES or leg.stage not in STAGES:
        yield f"{leg.id} has an unknown mode or stage"
    if (leg.authority_from, leg.authority_to) != (origin.authority, target.authority):
        yield f"{leg.id} has other authorities than its places"
    sides = [_country(origin), _country(target)]
    inside = [[], *([state, sides[0]] for state in OUTSIDE)]
    crossed = leg.border.split("-") if leg.border else []
    if crossed not in (inside if sides[0] == sides[1] else [sides]):
        yield f"{leg.id} has another border than its authorities"
    if leg.counted and not crossed:
        yield f"{leg.id}: only a leg across a border is counted"
    if (leg.stage == "channel") != (target.kind == "landing"):
        yield f"{leg.id}: legs to a landing, and only they, are of stage channel"
    if leg.width_km <= 0 or leg.duration_days < 1:
        yield f"{leg.id} has no width, or takes less than a day"
    direct = _great_circle_km(origin, target)
    if not SHORTEST_DETOUR * direct <= leg.distance_km <= LONGEST_DETOUR * direct:
        yield f"{leg.id} is not believable over a great circle of {direct:.1f} km"
    if origin.kind == "landing" or target.kind == "entry":
        yield f"{leg.id}: nobody leaves a landing, or enters from inside"


def _of_chains(corridor: Corridor, places: Mapping[str, Place]) -> Iterator[str]:
    for chain in corridor.supply_chains:
        if places[chain.places[-1]].kind != "coast" or chain.days < 1:
            yield f"{chain.id} does not end at a launch area, or takes less than a day"
    if not math.isclose(sum(chain.share for chain in corridor.supply_chains), 1.0):
        yield "the shares of the supply chains do not sum to 1"


def _of_ways(corridor: Corridor, places: Mapping[str, Place]) -> Iterator[str]:
    for name, count in Counter([one.id for one in (*corridor.places, *corridor.legs)]).items():
        if count > 1:
            yield f"{name} stands there twice"
    onward = onward_from(corridor)
    reach = {name: reachable(onward, name) for name in places}
    entered = set().union(*(reach[one.id] for one in corridor.places if one.kind == "entry"))
    boats = {leg.origin for leg in corridor.legs if leg.mode == "boat" and leg.stage == "channel"}
    destinations = {place.destination for place in corridor.places if place.destination}
    for place in corridor.places:
        if place.id not in entered:
            yield f"{place.id} cannot be reached from any entry"
        if not any(places[end].kind == "landing" for end in reach[place.id]):
            yield f"no way leads from {place.id} to the UK"
        if place.kind == "coast" and place.id not in boats:
            yield f"{place.id} is a launch area without a boat"
        missing = destinations - {places[end].destination for end in reach[place.id]}
        if place.route == BALKAN and missing:
            yield f"no way leads from {place.id} to {', '.join(sorted(missing))}"


def onward_from(corridor: Corridor) -> dict[str, list[str]]:
    """Where legs lead from each place that has any."""
    onward: dict[str, list[str]] = {}
    for leg in corridor.legs:
        onward.setdefault(leg.origin, []).append(leg.target)
    return onward


def reachable(onward: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Ids of all places that can be reached from one, itself included; see `onward_from`."""
    seen, new = {start}, {start}
    while new:
        new = {place for one in new for place in onward.get(one, ())} - seen
        seen |= new
    return seen


def _country(place: Place) -> str:
    """The country of a place ("UK-BI" is in "UK")."""
    return place.authority.split("-")[0]


def _great_circle_km(a: Place, b: Place) -> float:
    """Distance over the sphere between two places, km (haversine formula)."""
    lon_a, lat_a, lon_b, lat_b = (
        math.radians(angle) for angle in (a.longitude, a.latitude, b.longitude, b.latitude)
    )
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))
