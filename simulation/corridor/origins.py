"""Groups of origin by route and year: shares, places of entry and destinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from simulation.corridor.network import BALKAN, DESTINATIONS, PLACE_COLUMNS
from simulation.corridor.tables import DATA, read_table

#: groups whose name does not read well within a sentence
_IN_SENTENCES = {
    "horn_of_africa": "the Horn of Africa and Sudan",
    "visa_free_serbia": "countries with visa-free entry to Serbia until 2022",
    "other": "other countries",
}


@dataclass(frozen=True)
class Origins:
    """Groups of origin and their shares.

    Args:
        origins: Ids of the groups; their order is the order of every array over origins.
        names: Group id to its name in words.
        nationalities: Group id to the ISO codes counted in it ("other": none, the rest).
        destinations: Ids of the destinations, in the order of the arrays over destinations.
        years: Years for which a mix is given.
        mix: (route, year) to the shares of the groups among those entering, float (n_origins,).
        destination_mix: Group id to the shares of destinations among its people entering on the
            Balkan route, float (n_destinations,). Those on the other routes are all bound for
            the UK.
        entry_places: Ids of the places where the Balkan route is entered.
        entry_mix: Group id to the shares of `entry_places` among its people on the Balkan route,
            float (n_entry_places,). Every other route has one entry place.
    """

    origins: tuple[str, ...]
    names: dict[str, str]
    nationalities: dict[str, tuple[str, ...]]
    destinations: tuple[str, ...]
    years: tuple[int, ...]
    mix: dict[tuple[str, int], np.ndarray]
    destination_mix: dict[str, np.ndarray]
    entry_places: tuple[str, ...]
    entry_mix: dict[str, np.ndarray]

    def in_sentence(self, groups: Sequence[str]) -> list[str]:
        """Where the people of some groups come from, as it is said in a sentence."""
        return [_IN_SENTENCES.get(group, self.names[group]) for group in groups]

    def mix_in(self, route: str, year: int) -> np.ndarray:
        """Shares of the groups on a route, of the nearest year for which they are given."""
        nearest = min(self.years, key=lambda given: abs(given - year))
        return self.mix[route, nearest]


@cache
def load_origins(folder: Path = DATA) -> Origins:
    """The groups of origin, which cannot be changed: each folder of tables is read once."""
    rows = read_table(folder / "origins.csv", ("id", "name", "nationalities"))
    ids = tuple(row.cells["id"] for row in rows)
    mix_rows = read_table(folder / "origin_mix.csv", ("route", "year", *ids, "label"))
    mix = {(row.cells["route"], int(row.cells["year"])): row.numbers(ids) for row in mix_rows}
    places = read_table(folder / "places.csv", PLACE_COLUMNS)
    entries = tuple(row.cells["id"] for row in places if row.cells["route"] == BALKAN)

    def shares(table: str, columns: tuple[str, ...]) -> dict[str, np.ndarray]:
        rows = read_table(folder / table, ("origin", *columns))
        return {row.cells["origin"]: row.numbers(columns) for row in rows}

    return Origins(
        origins=ids,
        names={row.cells["id"]: row.cells["name"] for row in rows},
        nationalities={row.cells["id"]: tuple(row.cells["nationalities"].split()) for row in rows},
        destinations=DESTINATIONS,
        years=tuple(sorted({year for _, year in mix})),
        mix=mix,
        destination_mix=shares("destinations.csv", DESTINATIONS),
        entry_places=entries,
        entry_mix=shares("entry_places.csv", entries),
    )
