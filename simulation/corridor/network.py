"""The network: places, legs between them, the authorities in charge of them, and their staff.

The tables lie in `data/` beside this file and are checked when they are read: a typing error gives
a message with file, line and value.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.corridor.stages import PATROLS, STAGES
from simulation.corridor.tables import (
    DATA,
    SHARES_TOLERANCE,
    TableRow,
    frozen,
    read_table,
    read_toml,
)
from simulation.errors import InputError, closest

if TYPE_CHECKING:
    import networkx

PLACE_KINDS = ("entry", "transit", "hub", "coast", "landing")
BALKAN = "balkan"
ROUTES = (BALKAN, "central_med", "eastern_land", "iberia", "air", "resident")
#: how a sentence names each route, after the word "people"
BY_ROUTE = {
    BALKAN: "on the Western Balkan route",
    "central_med": "on the Central Mediterranean",
    "eastern_land": "over the eastern land border",
    "iberia": "by Spain and the Canaries",
    "air": "by air",
    "resident": "who were in the EU before",
}
DESTINATIONS = ("germany", "austria", "italy", "france", "benelux", "uk")
MODES = ("foot", "road", "rail", "lorry", "ferry", "boat")
AUTHORITY_KINDS = ("country", "uk", "hub")
STAFF_KINDS = (*PATROLS, "investigation", "analysis")
CONFIDENCES = ("measured", "reported", "expert", "assumption")
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
SHORTEST_DETOUR, LONGEST_DETOUR = 0.98, 2.5
# States crossed on the way from an entry that have no authority of their own in the model.
OUTSIDE = ("PL", "ES")

STAFF_COLUMNS = ("authority", *STAFF_KINDS, "source", "confidence")
SUPPLY_COLUMNS = ("id", "name", "share", "places", "days", "source", "confidence")


@dataclass(frozen=True)
class Place:
    """A node of the corridor.

    Args:
        id: Short name in kebab-case ("velika-kladusa").
        name: Name in words.
        authority: Code of the authority whose ground it is.
        kind: One of `PLACE_KINDS`.
        longitude: Degrees east.
        latitude: Degrees north.
        route: For an entry the route it stands for, one of `ROUTES`; "" otherwise.
        destination: Where someone has arrived who wanted to go there, one of `DESTINATIONS`;
            "" for a place of passage.
    """

    id: str
    name: str
    authority: str
    kind: str
    longitude: float
    latitude: float
    route: str
    destination: str


@dataclass(frozen=True)
class Leg:
    """A directed way from one place to another by one mode.

    Args:
        id: `from>to:mode`.
        origin: Id of the place it leaves.
        target: Id of the place it reaches.
        distance_km: Length of the way, km.
        mode: One of `MODES`.
        border: The border crossed ("RS-HU"), or "" inside one country.
        authority_from: Code of the authority at the near side.
        authority_to: Code of the authority at the far side (the same inside one country).
        width_km: Width in km that a patrol has to search: the part of the border or coast the
            leg stands for or, at a crossing point or inside a country, an equivalent width.
        duration_days: Usual days on the way, waiting for a guide included.
        stage: Market stage whose smugglers serve it, one of `STAGES`.
        counted: Whether a stop is a detection at the EU's external border on Frontex's Western
            Balkan route.
        smuggled: Whether people normally pay a smuggler for it.
    """

    id: str
    origin: str
    target: str
    distance_km: float
    mode: str
    border: str
    authority_from: str
    authority_to: str
    width_km: float
    duration_days: float
    stage: str
    counted: bool
    smuggled: bool


PLACE_COLUMNS = tuple(field.name for field in fields(Place))
LEG_COLUMNS = tuple(
    {"origin": "from", "target": "to"}.get(field.name, field.name) for field in fields(Leg)
)


@dataclass(frozen=True)
class AuthorityRecord:
    """An authority: a country, one of the UK's three, or a hub without territory."""

    code: str
    name: str
    kind: str


@dataclass(frozen=True)
class SupplyChain:
    """A route by which inflatable boats and engines reach the launch coast.

    Args:
        id: Short name.
        name: Name in words.
        share: Share of all boats that come this way, 0 to 1.
        places: Ids of the places passed, in order, ending at a launch area.
        authorities: Codes of the authorities on whose ground they lie, in order, each once.
        days: Usual days from the first place to the last.
    """

    id: str
    name: str
    share: float
    places: tuple[str, ...]
    authorities: tuple[str, ...]
    days: float


@dataclass(frozen=True)
class Corridor:
    """The whole network, checked.

    Args:
        places: All places; their order is the order of every array over places.
        legs: All legs; their order is the order of every array over legs.
        authorities: All authorities; their order is the order of every array over authorities.
        groups: Named sets of authorities.
        place_index: Place id to position in `places`.
        authority_index: Authority code to position in `authorities`.
        staff: Kind of staff (`STAFF_KINDS`) to units, float (n_authorities,); `analysis` is in
            reports a day.
        supply_chains: Routes of the boats; their shares sum to 1.
        shipped: Whether it was read from the package's own tables, so that the shipped history
            took place on it.
    """

    places: tuple[Place, ...]
    legs: tuple[Leg, ...]
    authorities: tuple[AuthorityRecord, ...]
    groups: dict[str, tuple[str, ...]]
    place_index: dict[str, int]
    authority_index: dict[str, int]
    staff: dict[str, np.ndarray]
    supply_chains: tuple[SupplyChain, ...]
    shipped: bool = False

    def members(self, name: str) -> tuple[str, ...]:
        """The authorities a name stands for: a group's members, or the authority itself.

        Raises:
            KeyError: If it is neither.
        """
        if name in self.groups:
            return self.groups[name]
        if name in self.authority_index:
            return (name,)
        raise KeyError(name)

    def hubs(self) -> npt.NDArray[np.bool_]:
        """Authorities that do nothing but analyse, for they have no other staff; (authorities,).

        Beside those of kind `hub` it is UK intelligence.
        """
        others = [units for kind, units in self.staff.items() if kind != "analysis"]
        analysts: npt.NDArray[np.bool_] = ~np.any(np.array(others) > 0.0, axis=0)
        return analysts

    def as_graph(self) -> networkx.MultiDiGraph:
        """The corridor as a graph: nodes with `lon`, `lat` and `kind`; edges keyed by leg id.

        Edges carry `distance_km`, `mode`, `border`, `stage` and `index` (position in `legs`).
        """
        import networkx

        graph = networkx.MultiDiGraph()
        for place in self.places:
            attributes = {"kind": place.kind, "authority": place.authority}
            graph.add_node(place.id, lon=place.longitude, lat=place.latitude, **attributes)
        for index, leg in enumerate(self.legs):
            attributes = {
                name: getattr(leg, name) for name in ("distance_km", "mode", "border", "stage")
            }
            graph.add_edge(leg.origin, leg.target, key=leg.id, index=index, **attributes)
        return graph


def load_corridor(directory: Path | None = None) -> Corridor:
    """Read and check the corridor.

    Args:
        directory: Folder that holds `places.csv`, `legs.csv`, `authorities.toml`, `staff.csv`
            and `supply_chains.csv`; the package's own when None.

    Raises:
        InputError: If anything in them cannot be used; it names file, line, column and value.
    """
    return _shipped() if directory is None else _read(Path(directory))


@cache
def _shipped() -> Corridor:
    """The package's own corridor, which cannot be changed: read once."""
    return replace(_read(DATA), shipped=True)


def _read(folder: Path) -> Corridor:
    authorities, groups = _read_authorities(folder / "authorities.toml")
    place_rows = read_table(folder / "places.csv", PLACE_COLUMNS, key=("id",))
    places = _read_places(place_rows, authorities)
    leg_rows = read_table(folder / "legs.csv", LEG_COLUMNS, key=("id",))
    legs = _read_legs(leg_rows, {place.id: place for place in places})
    corridor = Corridor(
        places=places,
        legs=legs,
        authorities=authorities,
        groups=groups,
        place_index={place.id: i for i, place in enumerate(places)},
        authority_index={authority.code: i for i, authority in enumerate(authorities)},
        staff=_read_staff(folder / "staff.csv", authorities),
        supply_chains=_read_supply_chains(folder / "supply_chains.csv", places),
    )
    _check_reach(corridor, place_rows, leg_rows)
    return corridor


def _read_authorities(
    file: Path,
) -> tuple[tuple[AuthorityRecord, ...], dict[str, tuple[str, ...]]]:
    refuse = partial(InputError, file=file)

    def check_word(noun: str, key: str, value: Any, allowed_values: Sequence[str]) -> None:
        if value not in allowed_values:
            near, allowed = closest(str(value), allowed_values), ", ".join(allowed_values)
            raise refuse(f"unknown {noun}", key=key, value=value, allowed=allowed, suggestion=near)

    tables = read_toml(file)
    for key in tables:
        if key not in ("authority", "groups"):
            raise refuse("unknown key", key=key, allowed="authority, groups")
    authorities: list[AuthorityRecord] = []
    for i, record in enumerate(tables.get("authority", [])):
        where = f"authority[{i}]"
        if set(record) != {"code", "name", "kind"}:
            raise refuse("keys missing or unknown", key=where, allowed="code, name, kind")
        check_word("kind", f"{where}.kind", record["kind"], AUTHORITY_KINDS)
        if any(record["code"] == earlier.code for earlier in authorities):
            raise refuse("given twice", key=f"{where}.code", value=record["code"])
        authorities.append(AuthorityRecord(**record))
    codes = [authority.code for authority in authorities]
    groups: dict[str, tuple[str, ...]] = {}
    for name, members in tables.get("groups", {}).items():
        key = f"groups.{name}"
        if name in codes:
            raise refuse("a group has the name of an authority", key=key)
        for member in members:
            check_word("authority", key, member, codes)
        if len(set(members)) != len(members):
            raise refuse("a member is named twice", key=key)
        groups[name] = tuple(members)
    return tuple(authorities), groups


def _read_places(
    rows: list[TableRow], authorities: tuple[AuthorityRecord, ...]
) -> tuple[Place, ...]:
    grounds = [authority.code for authority in authorities if authority.kind != "hub"]
    places = []
    for row in rows:
        place = Place(
            id=row.text("id"),
            name=row.text("name"),
            authority=row.choice("authority", grounds),
            kind=row.choice("kind", PLACE_KINDS),
            longitude=row.number("longitude", low=-180, high=180),
            latitude=row.number("latitude", low=-90, high=90),
            route=row.choice("route", ROUTES, required=False),
            destination=row.choice("destination", DESTINATIONS, required=False),
        )
        _check_place(place, row)
        places.append(place)
    _check_entries(places, rows)
    return tuple(places)


def _read_legs(rows: list[TableRow], places: dict[str, Place]) -> tuple[Leg, ...]:
    codes = {place.authority for place in places.values()}
    legs = []
    for row in rows:
        leg = Leg(
            id=row.text("id"),
            origin=row.choice("from", places),
            target=row.choice("to", places),
            distance_km=row.number("distance_km"),
            mode=row.choice("mode", MODES),
            border=row.text("border", required=False),
            authority_from=row.choice("authority_from", codes),
            authority_to=row.choice("authority_to", codes),
            width_km=row.number("width_km"),
            duration_days=row.number("duration_days", low=1),
            stage=row.choice("stage", STAGES),
            counted=row.truth("counted"),
            smuggled=row.truth("smuggled"),
        )
        _check_leg(leg, row, places)
        legs.append(leg)
    return tuple(legs)


def _read_staff(file: Path, authorities: tuple[AuthorityRecord, ...]) -> dict[str, np.ndarray]:
    rows = read_table(file, STAFF_COLUMNS, key=("authority",))
    index = {authority.code: i for i, authority in enumerate(authorities)}
    staff = {kind: np.zeros(len(authorities)) for kind in STAFF_KINDS}
    for row in rows:
        position = index[row.choice("authority", index)]
        for kind in STAFF_KINDS:
            units = row.number(kind)
            if authorities[position].kind == "hub" and kind != "analysis" and units > 0:
                raise row.error(kind, "a hub polices no ground", allowed="0")
            staff[kind][position] = units
        row.text("source")
        row.choice("confidence", CONFIDENCES)
    missing = set(index) - {row.cells["authority"] for row in rows}
    if missing:
        first = min(missing)
        raise InputError("an authority has no line", file=file, key="authority", value=first)
    return {kind: frozen(units) for kind, units in staff.items()}


def _read_supply_chains(file: Path, places: tuple[Place, ...]) -> tuple[SupplyChain, ...]:
    rows = read_table(file, SUPPLY_COLUMNS, key=("id",))
    by_id = {place.id: place for place in places}
    chains = []
    for row in rows:
        ids = tuple(row.text("places").split())
        for place_id in ids:
            if place_id not in by_id:
                near = closest(place_id, by_id)
                raise row.error("places", f'unknown place "{place_id}"', suggestion=near)
        if by_id[ids[-1]].kind != "coast":
            raise row.error("places", "a supply chain ends at a launch area")
        row.text("source")
        row.choice("confidence", CONFIDENCES)
        chains.append(
            SupplyChain(
                id=row.text("id"),
                name=row.text("name"),
                share=row.number("share", high=1.0),
                places=ids,
                authorities=tuple(dict.fromkeys(by_id[i].authority for i in ids)),
                days=row.number("days", low=1),
            )
        )
    total = sum(chain.share for chain in chains)
    if abs(total - 1.0) > SHARES_TOLERANCE:
        problem, given = "shares do not sum to 1", f"{total:.6g}"
        raise InputError(problem, file=file, key="share", value=given, allowed="1 in all")
    return tuple(chains)


# -- what must hold of the tables -----------------------------------------------------------------


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


def _check_place(place: Place, row: TableRow) -> None:
    """Check that a place's kind, route and destination go together."""
    if place.kind == "entry" and not place.route:
        raise row.error("route", "an entry needs a route")
    if place.kind != "entry" and place.route:
        raise row.error("route", "only an entry has a route")
    if (place.kind == "landing") != (place.destination == "uk"):
        raise row.error("destination", "landings, and only they, are in the UK")


def _check_entries(places: Sequence[Place], rows: Sequence[TableRow]) -> None:
    """Check that each route has one entry, but the Balkan one, which has `entry_places.csv`."""
    entered: dict[str, tuple[str, int]] = {}
    for place, row in zip(places, rows, strict=True):
        if place.kind != "entry" or place.route == BALKAN:
            continue
        if place.route in entered:
            first, line = entered[place.route]
            problem = f"already entered at {first} on line {line}"
            raise row.error("route", problem, allowed="one entry a route, more only for balkan")
        entered[place.route] = (place.id, row.line)


def _check_leg(leg: Leg, row: TableRow, places: dict[str, Place]) -> None:
    """Check the id, authorities, border, stage, width and length of a leg."""
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
    possible, allowed = [sides], "-".join(sides)
    if sides[0] == sides[1]:
        possible = [[], *([state, sides[0]] for state in OUTSIDE)]
        allowed = "nothing inside one country"
    if crossed not in possible:
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
        problem = f"not believable over a great circle of {direct:.1f} km"
        raise row.error("distance_km", problem, allowed=f"{shortest:.1f} to {longest:.1f}")


def onward_from(corridor: Corridor) -> dict[str, list[str]]:
    """Where legs lead from each place that has any."""
    onward: dict[str, list[str]] = {}
    for leg in corridor.legs:
        onward.setdefault(leg.origin, []).append(leg.target)
    return onward


def reachable(onward: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Ids of all places that can be reached from `start`, itself included; see `onward_from`."""
    seen, new = {start}, {start}
    while new:
        new = {place for one in new for place in onward.get(one, ())} - seen
        seen |= new
    return seen


def _check_reach(
    corridor: Corridor, place_rows: Sequence[TableRow], leg_rows: Sequence[TableRow]
) -> None:
    """Check that people can get where they want to go, and that landings lead nowhere."""
    onward = onward_from(corridor)
    reach = {place.id: reachable(onward, place.id) for place in corridor.places}
    by_id = {place.id: place for place in corridor.places}
    entered = set().union(*(reach[place.id] for place in corridor.places if place.kind == "entry"))
    boats = {leg.origin for leg in corridor.legs if leg.mode == "boat" and leg.stage == "channel"}
    destinations = {place.destination for place in corridor.places if place.destination}
    for place, row in zip(corridor.places, place_rows, strict=True):
        if place.id not in entered:
            raise row.error("id", "cannot be reached from any entry")
        if not any(by_id[end].kind == "landing" for end in reach[place.id]):
            raise row.error("id", "no way leads from it to the UK")
        if place.kind == "coast" and place.id not in boats:
            raise row.error("id", "a launch area without a boat leg")
        if place.route == BALKAN:
            missing = destinations - {by_id[end].destination for end in reach[place.id]}
            if missing:
                raise row.error("id", f"no way leads from it to {sorted(missing)[0]}")
    for leg, row in zip(corridor.legs, leg_rows, strict=True):
        if by_id[leg.origin].kind == "landing":
            raise row.error("from", "nobody travels on from a landing")
        if by_id[leg.target].kind == "entry":
            raise row.error("to", "an entry is only entered from outside")
