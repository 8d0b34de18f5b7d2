"""The network: places, legs between them, the authorities in charge of them, and their staff.

The tables lie in `data/` beside this file. `tests/corridor/test_network.py` says what must hold of
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from simulation.corridor.stages import PATROLS
from simulation.corridor.tables import DATA, frozen, read_table, read_toml

if TYPE_CHECKING:
    import networkx

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
STAFF_KINDS = (*PATROLS, "investigation", "analysis")

STAFF_COLUMNS = ("authority", *STAFF_KINDS, "source", "confidence")
SUPPLY_COLUMNS = ("id", "name", "share", "places", "days", "source", "confidence")


@dataclass(frozen=True)
class Place:
    """A node of the corridor.

    Args:
        id: Short name in kebab-case ("velika-kladusa").
        name: Name in words.
        authority: Code of the authority whose ground it is.
        kind: `entry`, `transit`, `hub`, `coast` or `landing`.
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


@dataclass(frozen=True, eq=False)
class Corridor:
    """The whole network, checked; equal to itself alone, so that what follows from it is kept.

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


@cache
def load_corridor(folder: Path = DATA) -> Corridor:
    """The corridor, which cannot be changed: each folder of tables is read once."""
    tables = read_toml(folder / "authorities.toml")
    places = _records(Place, folder / "places.csv", PLACE_COLUMNS)
    authorities = tuple(AuthorityRecord(**record) for record in tables["authority"])
    authority_index = {authority.code: i for i, authority in enumerate(authorities)}
    return Corridor(
        places=places,
        legs=_records(Leg, folder / "legs.csv", LEG_COLUMNS),
        authorities=authorities,
        groups={name: tuple(members) for name, members in tables["groups"].items()},
        place_index={place.id: i for i, place in enumerate(places)},
        authority_index=authority_index,
        staff=_read_staff(folder / "staff.csv", authority_index),
        supply_chains=_read_supply_chains(folder / "supply_chains.csv", places),
        shipped=folder == DATA,
    )


def _records[RecordT: (Place, Leg)](
    kind: type[RecordT], file: Path, columns: Sequence[str]
) -> tuple[RecordT, ...]:
    """The rows of a table, each column a field of the same place and type."""
    read = [_READ[str(field.type)] for field in fields(kind)]
    return tuple(
        kind(*(of(cell) for of, cell in zip(read, row.cells.values(), strict=True)))
        for row in read_table(file, columns)
    )


#: type of a field -> what reads it from a cell
_READ: dict[str, Callable[[str], Any]] = {"str": str, "float": float, "bool": "true".__eq__}


def _read_staff(file: Path, authority_index: Mapping[str, int]) -> dict[str, np.ndarray]:
    staff = {kind: np.zeros(len(authority_index)) for kind in STAFF_KINDS}
    for row in read_table(file, STAFF_COLUMNS):
        for kind in STAFF_KINDS:
            staff[kind][authority_index[row.cells["authority"]]] = float(row.cells[kind])
    return {kind: frozen(units) for kind, units in staff.items()}


def _read_supply_chains(file: Path, places: tuple[Place, ...]) -> tuple[SupplyChain, ...]:
    authority_of = {place.id: place.authority for place in places}
    return tuple(
        SupplyChain(
            id=row.cells["id"],
            name=row.cells["name"],
            share=float(row.cells["share"]),
            places=tuple(row.cells["places"].split()),
            authorities=tuple(
                dict.fromkeys(authority_of[place] for place in row.cells["places"].split())
            ),
            days=float(row.cells["days"]),
        )
        for row in read_table(file, SUPPLY_COLUMNS)
    )
