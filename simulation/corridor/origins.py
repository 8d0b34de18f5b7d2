"""Groups of origin by route and year: shares, places of entry and destinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from simulation.corridor.network import BALKAN, DESTINATIONS, PLACE_COLUMNS, ROUTES
from simulation.corridor.tables import DATA, frozen, read_table
from simulation.errors import InputError

LABELS = ("derived", "assumption")
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


def load_origins(directory: Path | None = None) -> Origins:
    """Read and check the tables of origin.

    Args:
        directory: Folder that holds `origins.csv`, `origin_mix.csv`, `destinations.csv`,
            `entry_places.csv` and `places.csv`; the package's own when None.

    Raises:
        InputError: If anything in them cannot be used; it names file, line, column and value.
    """
    return _shipped() if directory is None else _read(Path(directory))


@cache
def _shipped() -> Origins:
    """The package's own tables, which cannot be changed: read once."""
    return _read(DATA)


def _read(folder: Path) -> Origins:
    rows = read_table(folder / "origins.csv", ("id", "name", "nationalities"), key=("id",))
    ids = tuple(row.text("id") for row in rows)
    years, mix = _read_mix(folder / "origin_mix.csv", ids)
    places = read_table(folder / "places.csv", PLACE_COLUMNS)
    entries = tuple(row.text("id") for row in places if row.cells["route"] == BALKAN)
    return Origins(
        origins=ids,
        names={row.text("id"): row.text("name") for row in rows},
        nationalities={
            row.text("id"): tuple(row.text("nationalities", required=False).split()) for row in rows
        },
        destinations=DESTINATIONS,
        years=years,
        mix=mix,
        destination_mix=_read_shares(folder / "destinations.csv", ids, DESTINATIONS),
        entry_places=entries,
        entry_mix=_read_shares(folder / "entry_places.csv", ids, entries),
    )


def _read_mix(
    file: Path, ids: tuple[str, ...]
) -> tuple[tuple[int, ...], dict[tuple[str, int], np.ndarray]]:
    rows = read_table(file, ("route", "year", *ids, "label"), key=("route", "year"))
    mix = {}
    for row in rows:
        row.choice("label", LABELS)
        key = (row.choice("route", ROUTES), int(row.number("year", low=2009, high=2100)))
        mix[key] = frozen(row.shares(ids))
    years = tuple(sorted({year for _, year in mix}))
    for route in ROUTES:
        for year in years:
            if (route, year) not in mix:
                problem = "no line for this route and year"
                raise InputError(problem, file=file, value=f"{route} {year}")
    return years, mix


def _read_shares(
    file: Path, ids: tuple[str, ...], columns: tuple[str, ...]
) -> dict[str, np.ndarray]:
    rows = read_table(file, ("origin", *columns), key=("origin",))
    shares = {row.choice("origin", ids): frozen(row.shares(columns)) for row in rows}
    for origin in ids:
        if origin not in shares:
            raise InputError("no line for this origin", file=file, key="origin", value=origin)
    return shares
