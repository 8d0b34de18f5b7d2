"""What must hold of the corridor's tables before anything is simulated on them."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.corridor.tables import SHARES_TOLERANCE, TableRow
from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.corridor.network import Corridor, Leg, Place

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
SHORTEST_DETOUR, LONGEST_DETOUR = 0.98, 2.5
# States crossed on the way from an entry that have no authority of their own in the model.
OUTSIDE = ("PL", "ES")


def great_circle_km(a: Place, b: Place) -> float:
    """Distance over the sphere between two places, km (haversine formula)."""
    lon_a, lat_a, lon_b, lat_b = (
        math.radians(angle) for angle in (a.longitude, a.latitude, b.longitude, b.latitude)
    )
    half = (
        math.sin((lat_b - lat_a) / 2) ** 2
        + math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def country(authority: str) -> str:
    """The country of an authority ("UK-BI" is in "UK")."""
    return authority.split("-")[0]


def check_place(place: Place, row: TableRow) -> None:
    """Check that a place's kind, route and destination go together.

    Raises:
        InputError: If an entry has no route, another place has one, or a landing is not in the UK.
    """
    if place.kind == "entry" and not place.route:
        raise row.error("route", "an entry needs a route")
    if place.kind != "entry" and place.route:
        raise row.error("route", "only an entry has a route")
    if (place.kind == "landing") != (place.destination == "uk"):
        raise row.error("destination", "landings, and only they, are in the UK")


def check_entries(places: Sequence[Place], rows: Sequence[TableRow]) -> None:
    """Check that each route but the Balkan one has a single entry, at which all its people set out.

    Only the Balkan route has a table (`entry_places.csv`) that says who sets out where.

    Raises:
        InputError: Naming the line of a second entry.
    """
    entered: dict[str, tuple[str, int]] = {}
    for place, row in zip(places, rows, strict=True):
        if place.kind != "entry" or place.route == "balkan":
            continue
        if place.route in entered:
            first, line = entered[place.route]
            raise row.error(
                "route",
                f"already entered at {first} on line {line}",
                allowed="one entry a route, more only for balkan",
            )
        entered[place.route] = (place.id, row.line)


def check_leg(leg: Leg, row: TableRow, places: dict[str, Place]) -> None:
    """Check one leg against the places it joins.

    Raises:
        InputError: If its id, authorities, border, stage, width or length do not fit them.
    """
    origin, target = places[leg.origin], places[leg.target]
    if leg.origin == leg.target:
        raise row.error("to", "a leg joins two places")
    if leg.id != f"{leg.origin}>{leg.target}:{leg.mode}":
        raise row.error("id", "id does not match", allowed=f"{leg.origin}>{leg.target}:{leg.mode}")
    for column, place in (("authority_from", origin), ("authority_to", target)):
        if row.cells[column] != place.authority:
            raise row.error(column, f"not the authority of {place.id}", allowed=place.authority)
    sides = [country(origin.authority), country(target.authority)]
    crossed = leg.border.split("-") if leg.border else []
    allowed = f"{sides[0]}-{sides[1]}" if sides[0] != sides[1] else "nothing inside one country"
    if sides[0] != sides[1] and crossed != sides:
        raise row.error("border", "border does not match the authorities", allowed=allowed)
    if sides[0] == sides[1] and crossed and crossed != [_outside(crossed), sides[0]]:
        raise row.error("border", "border does not match the authorities", allowed=allowed)
    if leg.counted and not crossed:
        raise row.error("counted", "only a leg across a border is counted", allowed="false")
    if (leg.stage == "channel") != (target.kind == "landing"):
        raise row.error("stage", "legs to a landing, and only they, are of stage channel")
    if leg.width_km <= 0:
        raise row.error("width_km", "number out of range", allowed="more than 0")
    direct = great_circle_km(origin, target)
    shortest, longest = SHORTEST_DETOUR * direct, LONGEST_DETOUR * direct
    if not shortest <= leg.distance_km <= longest:
        raise row.error(
            "distance_km",
            f"not believable over a great circle of {direct:.1f} km",
            allowed=f"{shortest:.1f} to {longest:.1f}",
        )


def _outside(crossed: Sequence[str]) -> str | None:
    return crossed[0] if crossed[0] in OUTSIDE else None


def check_total(shares: Iterable[float], file: Path, key: str) -> None:
    """Check that shares on different lines sum to 1.

    Raises:
        InputError: If they do not.
    """
    total = sum(shares)
    if abs(total - 1.0) > SHARES_TOLERANCE:
        raise InputError(
            "shares do not sum to 1", file=file, key=key, value=f"{total:.6g}", allowed="1 in all"
        )


def onward_from(corridor: Corridor) -> dict[str, list[str]]:
    """Where legs lead from each place that has any."""
    onward: dict[str, list[str]] = {}
    for leg in corridor.legs:
        onward.setdefault(leg.origin, []).append(leg.target)
    return onward


def reachable(onward: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Ids of all places that can be reached from `start`, itself included.

    Args:
        onward: Where legs lead from each place.
        start: Where from.
    """
    seen, queue = {start}, deque([start])
    while queue:
        for place in onward.get(queue.popleft(), ()):
            if place not in seen:
                seen.add(place)
                queue.append(place)
    return seen


def check_reach(
    corridor: Corridor, place_rows: Sequence[TableRow], leg_rows: Sequence[TableRow]
) -> None:
    """Check that people can get where they want to go.

    Every place lies on a way from an entry to a landing; from a Balkan entry every destination
    can be reached; every launch area has a boat leg; landings lead nowhere.

    Raises:
        InputError: Naming the line of the place or leg in the way.
    """
    onward = onward_from(corridor)
    reach = {place.id: reachable(onward, place.id) for place in corridor.places}
    by_id = {place.id: place for place in corridor.places}
    entered = set().union(*(reach[place.id] for place in corridor.places if place.kind == "entry"))
    boats = {leg.origin for leg in corridor.legs if leg.mode == "boat" and leg.stage == "channel"}
    destinations = {place.destination for place in corridor.places if place.destination}
    for place, row in zip(corridor.places, place_rows, strict=True):
        if place.id not in entered:
            raise row.error("id", "cannot be reached from any entry")
        if not any(by_id[there].kind == "landing" for there in reach[place.id]):
            raise row.error("id", "no way leads from it to the UK")
        if place.kind == "coast" and place.id not in boats:
            raise row.error("id", "a launch area without a boat leg")
        if place.route == "balkan":
            missing = destinations - {by_id[there].destination for there in reach[place.id]}
            if missing:
                raise row.error("id", f"no way leads from it to {sorted(missing)[0]}")
    for leg, row in zip(corridor.legs, leg_rows, strict=True):
        if by_id[leg.origin].kind == "landing":
            raise row.error("from", "nobody travels on from a landing")
        if by_id[leg.target].kind == "entry":
            raise row.error("to", "an entry is only entered from outside")
