"""Write `entries_monthly.csv`: who enters on each route, month by month.

    python -m simulation.corridor.build_entries

On the Balkan route the figures are people upstream, not detections. The year's people come from
anchors (`entry_anchors.csv`), their spread over the year from a shape: detections on the Eastern
Mediterranean route in the same month, blended with the season of registrations in Serbia
(`serbia_registered.csv`), brought forward by the time it takes to get there. Detections on the
Western Balkan route and arrivals over the Channel are never used, for they are what the model is
scored against.

The past does not move when a month is added. Years whose column `spread_to` holds the same year
are spread together. A later year is spread on its own, from the last month before it on.

On the other routes, which in the model carry only people bound for the UK, the figure is an
indicator; a fitted share turns it into people: detections on the route itself, for air arrivals
the last twelve months on all routes but the Western Balkan, for people already in the EU the last
three years on the Eastern Mediterranean route.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from simulation.corridor.futures import trailing_mean
from simulation.corridor.observed import ENTRY_COLUMNS, FRONTEX_SERIES, read_months
from simulation.corridor.tables import DATA, read_table
from simulation.serialization import as_csv
from simulation.timeseries.months import number_of

SEASON_WEIGHT = 0.5  # of the season against the Eastern Mediterranean (assumption)
ANCHOR_COLUMNS = ("year", "spread_to", "people", "low", "high", "source", "label")
# The level of the shape is that of these last months of the years that were spread first.
BASE_MONTHS = 48
# People are registered in Serbia two to four weeks after they came over the Turkish border
# (assumption).
SEASON_LEAD = 1
SEASON_FILE = "serbia_registered.csv"
SEASON_COLUMNS = ("first", "last", "people", "source")
TRAILING_MONTHS = 12
# The Red Cross at Calais (June 2021) puts the journey from home at about four years on average:
# those who set out for the UK after years in the EU came in over the three years before.
RESIDENT_MONTHS = 36


def registered_season(file: Path) -> np.ndarray:
    """Season of registrations in Serbia: what a calendar month is against the year around it.

    Months published only as a sum have equal shares of it. The year grows by a constant factor a
    month, that from the December before it to its own.

    Args:
        file: Registrations of a December and of the twelve months after it.

    Returns:
        Factors, float (12,), January first, mean 1.
    """
    people: list[float] = []
    for row in read_table(file, SEASON_COLUMNS):
        first, last = (number_of(row.cells[column]) for column in ("first", "last"))
        people += [float(row.cells["people"]) / (last + 1 - first)] * (last + 1 - first)
    growth = (people[12] / people[0]) ** (np.arange(1, 13) / 12)
    season = np.array(people[1:]) / growth
    return np.asarray(season / season.mean())


def spread_years(totals: np.ndarray, shape: np.ndarray, before: float | None = None) -> np.ndarray:
    """Spread yearly totals over months along a shape, without steps at the turn of the year.

    Proportional Denton method (F. T. Denton, J. Am. Stat. Assoc. 66:99-102, 1971): of all
    monthly series x with these totals, the one that minimises the sum of squared changes of
    x / shape from month to month.

    Args:
        totals: Yearly totals, float (n_years,).
        shape: Positive monthly shape, float (12 * n_years,).
        before: Value of x / shape in the month before the first; the change from it counts too.

    Returns:
        Monthly values, float (12 * n_years,).
    """
    n, years = len(shape), len(totals)
    steps, start = np.diff(np.eye(n), axis=0), np.zeros(n)
    if before is not None:
        steps = np.vstack([np.eye(1, n), steps])
        start[0] = before
    adding = np.kron(np.eye(years), np.ones(12)) * shape
    system = np.block([[steps.T @ steps, adding.T], [adding, np.zeros((years, years))]])
    ratio = np.linalg.solve(system, np.concatenate([start, totals]))[:n]
    return np.asarray(ratio * shape)


def spread_in_turn(totals: np.ndarray, blocks: Sequence[int], shape: np.ndarray) -> np.ndarray:
    """Spread the years of each block together, each block from the last month of the one before.

    Args:
        totals: Yearly totals, float (n_years,).
        blocks: The block of each year, in order.
        shape: Positive monthly shape, float (12 * n_years,).

    Returns:
        Monthly values, float (12 * n_years,). Those of a block do not depend on later ones.
    """
    spread: list[np.ndarray] = []
    before: float | None = None
    first = 0
    for _, years in groupby(blocks):
        last = first + len(list(years))
        months = slice(12 * first, 12 * last)
        spread.append(spread_years(totals[first:last], shape[months], before))
        before = float(spread[-1][-1] / shape[months][-1])
        first = last
    return np.concatenate(spread)


def detections_by_route(file: Path) -> tuple[list[str], dict[str, np.ndarray]]:
    """The months of `frontex_monthly.csv`, and detections by route and in all but the Balkan one.

    Those on the routes to Spain, by the Western Mediterranean and West Africa, are added up.
    """
    table = read_months(file, FRONTEX_SERIES)
    months = table["wb_detections"][0]
    of = {name.removesuffix("_detections"): values for name, (_, values) in table.items()}
    iberia, elsewhere = of["western_med"] + of["western_african"], of["all_routes"] - of["wb"]
    return months, {**of, "iberia": iberia, "elsewhere": elsewhere}


def _balkan_shape(
    months: list[str], eastern: np.ndarray, season: np.ndarray, last: str
) -> np.ndarray:
    """Shape of entries on the Balkan route, float (n_months,).

    The geometric mean, weighted by `SEASON_WEIGHT`, of the season of registrations in Serbia
    `SEASON_LEAD` months later and the month's detections on the Eastern Mediterranean route. The
    latter are taken against their mean over `BASE_MONTHS` months to the last, so that later months
    move nothing.
    """
    end = months.index(last) + 1
    seasonal = np.array([season[(int(month[5:]) - 1 + SEASON_LEAD) % 12] for month in months])
    upstream = eastern / np.nanmean(eastern[end - BASE_MONTHS : end])
    return np.asarray(seasonal**SEASON_WEIGHT * upstream ** (1 - SEASON_WEIGHT))


def build(folder: Path = DATA, detections: Path | None = None) -> str:
    """The text of `entries_monthly.csv` from the observed tables.

    The Balkan route ends with the last year that has an anchor and all its months of detections,
    the other routes with the last month of detections.

    Args:
        folder: Where `entry_anchors.csv`, `serbia_registered.csv` and `frontex_monthly.csv` are.
        detections: Another `frontex_monthly.csv` in place of the one in `folder`.
    """
    file = folder / "frontex_monthly.csv" if detections is None else detections
    months, series = detections_by_route(file)
    anchors = [
        row.cells
        for row in read_table(folder / "entry_anchors.csv", ANCHOR_COLUMNS)
        if f"{row.cells['year']}-12" in months
    ]
    years, blocks = ([int(cells[name]) for cells in anchors] for name in ("year", "spread_to"))
    first = months.index(f"{years[0]}-01")
    season = registered_season(folder / SEASON_FILE)
    shape = _balkan_shape(months, series["eastern_med"], season, f"{blocks[0]}-12")
    shape = shape[first : first + 12 * len(years)]
    balkan = {
        name: spread_in_turn(np.array([float(cells[name]) for cells in anchors]), blocks, shape)
        for name in ("people", "low", "high")
    }
    indicators = {
        **{route: series[route] for route in ("central_med", "eastern_land", "iberia")},
        "air": trailing_mean(series["elsewhere"], TRAILING_MONTHS),
        "resident": trailing_mean(series["eastern_med"], RESIDENT_MONTHS),
    }
    rows = [
        ["balkan", month, *(f"{balkan[name][i]:.0f}" for name in balkan), "people"]
        for i, month in enumerate(months[first : first + 12 * len(years)])
    ]
    rows += [
        [route, month, *[f"{value:.0f}"] * 3, "indicator"]
        for route, values in indicators.items()
        for month, value in zip(months[first:], values[first:], strict=True)
    ]
    return as_csv(ENTRY_COLUMNS, rows)


if __name__ == "__main__":
    (DATA / "entries_monthly.csv").write_text(build(), encoding="utf-8", newline="\n")
