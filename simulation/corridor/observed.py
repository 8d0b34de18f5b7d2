"""What was counted: monthly and yearly series, and the indicators of who enters.

Detections are not persons: a person stopped three times is three detections.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from simulation.corridor.in_use import table_file
from simulation.corridor.network import BALKAN, DESTINATIONS, PLACE_COLUMNS, ROUTES
from simulation.corridor.tables import DATA, frozen, read_table

CHANNEL_SERIES = (
    "channel_arrivals", "channel_boats", "people_per_boat", "days_with_arrivals", "busiest_day",
)  # fmt: skip
FRONTEX_SERIES = (
    "wb_detections", "eastern_med_detections", "central_med_detections", "western_med_detections",
    "western_african_detections", "eastern_land_detections", "all_routes_detections",
)  # fmt: skip
# People prevented over prevented and arrived: by month only since weekly figures are published.
PREVENTED_SERIES = ("prevented_share", "days")
ENTRY_COLUMNS = ("route", "month", "people", "low", "high", "kind")
YEARLY_COLUMNS = ("series", "year", "value", "label", "source")
# People whose nationality was not recorded: in no group, "other" included.
NOT_RECORDED = "not_recorded"
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])\Z")


@dataclass(frozen=True)
class RouteEntries:
    """How many enter on one route, month by month.

    Args:
        months: Months as "2023-01", without gaps.
        people: Central value, float (n_months,): people on the Balkan route, elsewhere an index
            that a fitted share turns into people bound for the UK; `low` and `high` likewise.
    """

    months: tuple[str, ...]
    people: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class InputRange:
    """The months and years for which the tables hold the inputs of a run.

    Attributes:
        people: First and last month of the number of people that every route has, as "2023-01".
        origins: First and last year of the shares of the groups of origin.
        by_route: Route to the first and last month of its number of people.
    """

    people: tuple[str, str]
    origins: tuple[int, int]
    by_route: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def last_months(self) -> dict[str, str]:
        """Input to its last observed month, as "2023-12": each route by its id, and `origins`."""
        months = {route: last for route, (_, last) in self.by_route.items()}
        return {**months, "origins": f"{self.origins[1]}-12"}

    @property
    def first(self) -> str:
        """First month that all these inputs cover, as "2023-01"."""
        return max(self.people[0], f"{self.origins[0]}-01")

    @property
    def last(self) -> str:
        """Last month that all these inputs cover, as "2023-12"."""
        return min(self.people[1], f"{self.origins[1]}-12")


@dataclass(frozen=True)
class Observed:
    """Observed series by name; the names of outcomes where they are the same quantity.

    Args:
        monthly_series: Name to (months, float (n_months,)); NaN where a ratio is undefined.
        yearly_series: Name to {year: value}.
        yearly_labels: Name to {year: label}: how far a figure can be trusted, one of
            `in_use.LABELS`.
    """

    monthly_series: dict[str, tuple[list[str], np.ndarray]]
    yearly_series: dict[str, dict[int, float]]
    yearly_labels: dict[str, dict[int, str]]

    def monthly(self, name: str) -> tuple[list[str], np.ndarray]:
        """Months ("2023-01") and values of a series.

        Raises:
            KeyError: If there is no such monthly series.
        """
        months, values = self.monthly_series[name]
        return list(months), values.copy()

    def yearly(self, name: str) -> dict[int, float]:
        """Values of a series by year.

        Raises:
            KeyError: If there is no such yearly series.
        """
        return dict(self.yearly_series[name])


def load_indicators(directory: Path | None = None) -> dict[str, RouteEntries]:
    """The content of `entries_monthly.csv`, which `build_entries` writes.

    Returns:
        Route to how many enter; all routes begin with the same month, the last differs by route.
    """
    rows = read_table(table_file("entries_monthly.csv", directory), ENTRY_COLUMNS)
    indicators = {}
    for route in ROUTES:
        mine = [row.cells for row in rows if row.cells["route"] == route]
        columns = (frozen([float(cells[name]) for cells in mine]) for name in ENTRY_COLUMNS[2:5])
        indicators[route] = RouteEntries(tuple(cells["month"] for cells in mine), *columns)
    return indicators


def input_range(directory: Path | None = None) -> InputRange:
    """Read which months and years the inputs of a run cover.

    Outside them a run takes the nearest year: see `simulation.model.processes.entries`.

    Args:
        directory: Folder of the tables; those in use when None.

    Raises:
        InputError: A table cannot be used.
    """
    indicators, years = load_indicators(directory), load_origins(directory or DATA).years
    ends = {route: (at.months[0], at.months[-1]) for route, at in indicators.items()}
    shortest = min(ends.values())  # all begin together
    return InputRange(shortest, (years[0], years[-1]), ends)


def load_observed(directory: Path | None = None) -> Observed:
    """The observed tables.

    Args:
        directory: Folder of the tables; those in use when None.
    """
    prevented = read_months(table_file("prevented_monthly.csv", directory), PREVENTED_SERIES)
    monthly = {
        **read_months(table_file("channel_monthly.csv", directory), CHANNEL_SERIES),
        **read_months(table_file("frontex_monthly.csv", directory), FRONTEX_SERIES),
        "prevented_share": prevented["prevented_share"],
    }
    values: dict[str, dict[int, float]] = {}
    labels: dict[str, dict[int, str]] = {}
    for row in read_table(table_file("observed_yearly.csv", directory), YEARLY_COLUMNS):
        name, year = row.cells["series"], int(row.cells["year"])
        values.setdefault(name, {})[year] = float(row.cells["value"])
        labels.setdefault(name, {})[year] = row.cells["label"]
    return Observed(monthly, values, labels)


def arrivals_by_origin(directory: Path | None = None) -> dict[int, dict[str, int]]:
    """Small-boat arrivals by year and group of origin, as published by nationality.

    Those whose nationality was not recorded (up to 4% of a year) are in no group, so a year sums
    to a little less than its arrivals. A year in which some group was not published apart, as its
    empty cell says, is left out.

    Returns:
        Year to group id to people, the groups in the order of `origins.csv`.
    """
    groups = load_origins().origins
    file = table_file("arrivals_by_origin_yearly.csv", directory)
    return {
        int(row.cells["year"]): {group: int(row.cells[group]) for group in groups}
        for row in read_table(file, ("year", *groups, NOT_RECORDED))
        if all(row.cells[group] for group in groups)
    }


def read_months(file: Path, series: tuple[str, ...]) -> dict[str, tuple[list[str], np.ndarray]]:
    """Read a table with a column `month` and one column per series.

    Returns:
        Series name to its months and values, float (n_months,), NaN where a cell is empty.
    """
    rows = read_table(file, ("month", *series))
    months = [row.cells["month"] for row in rows]
    return {
        name: (months, frozen([float(row.cells[name] or "nan") for row in rows])) for name in series
    }


# -- groups of origin by route and year ------------------------------------------------------------

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
