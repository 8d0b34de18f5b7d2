"""Write `entries_monthly.csv`: who enters on each route, month by month.

    python -m simulation.corridor.build_entries

On the Balkan route the figures are people upstream, not detections. The year's people come from
anchors (`entry_anchors.csv`), their spread over the year from a shape: detections on the Eastern
Mediterranean route in the same month, blended with the season of the Western Balkan route before
2020, brought forward by the time it takes to get there. Detections on the Western Balkan route in
the year itself and arrivals over the Channel are never used, for they are what the model is scored
against.

On the other routes, which in the model carry only people bound for the UK, the figure is an
indicator; a fitted share turns it into people: detections on the route itself, for air arrivals
the last twelve months on all routes but the Western Balkan, for people already in the EU the last
three years on the Eastern Mediterranean route.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulation.corridor.observed import ENTRY_COLUMNS, FRONTEX_SERIES, read_months
from simulation.corridor.tables import DATA, read_table

FIRST, LAST = "2020-01", "2024-12"
SEASON_YEARS = (*range(2010, 2015), *range(2017, 2020))  # 2015-16 was a wave of its own
SEASON_WEIGHT = 0.5  # of the season against the Eastern Mediterranean (assumption)
ANCHOR_COLUMNS = ("year", "people", "low", "high", "source", "label")
# People are detected on the Western Balkan route, whose season is known, this long after they came
# over the Turkish border: two to four weeks in Serbia alone (assumption).
SEASON_LEAD = 2
TRAILING_MONTHS = 12
# The Red Cross at Calais (June 2021) puts the journey from home at about four years on average:
# those who set out for the UK after years in the EU came in over the three years before.
RESIDENT_MONTHS = 36


def mean_season(months: list[str], detections: np.ndarray, years: tuple[int, ...]) -> np.ndarray:
    """Season of a monthly series: what a calendar month is against the year around it.

    Ratio to the centred twelve-month moving average, so that growth over a year is not taken
    for season; the median over years, so that one wave is not either.

    Args:
        months: Months ("2009-01") of the series.
        detections: Its values, float (n_months,).
        years: Years to take the median over.

    Returns:
        Factors, float (12,), January first, mean 1.
    """
    weights = np.array([0.5, *[1.0] * 11, 0.5]) / 12
    ratio = np.full(len(detections), np.nan)
    ratio[6:-6] = detections[6:-6] / np.convolve(detections, weights, mode="valid")
    chosen = np.array([[ratio[months.index(f"{y}-{m:02d}")] for m in range(1, 13)] for y in years])
    season = np.median(chosen, axis=0)
    return np.asarray(season / season.mean())


def spread_years(totals: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Spread yearly totals over months along a shape, without steps at the turn of the year.

    Proportional Denton method (F. T. Denton, J. Am. Stat. Assoc. 66:99-102, 1971): of all
    monthly series x with these totals, the one that minimises the sum of squared changes of
    x / shape from month to month.

    Args:
        totals: Yearly totals, float (n_years,).
        shape: Positive monthly shape, float (12 * n_years,).

    Returns:
        Monthly values, float (12 * n_years,).
    """
    n, years = len(shape), len(totals)
    steps = np.diff(np.eye(n), axis=0)
    adding = np.kron(np.eye(years), np.ones(12)) * shape
    system = np.block([[steps.T @ steps, adding.T], [adding, np.zeros((years, years))]])
    ratio = np.linalg.solve(system, np.concatenate([np.zeros(n), totals]))[:n]
    return ratio * shape


def trailing_mean(values: np.ndarray, length: int) -> np.ndarray:
    """Mean of each value and the `length - 1` before it, float (n,); NaN where too few."""
    total = np.cumsum(np.concatenate([[0.0], values]))
    mean = np.full(len(values), np.nan)
    mean[length - 1 :] = (total[length:] - total[:-length]) / length
    return mean


def balkan_shape(months: list[str], series: dict[str, np.ndarray]) -> np.ndarray:
    """Shape of entries on the Balkan route, one value per month of `months`, mean about 1.

    The geometric mean, weighted by `SEASON_WEIGHT`, of the pre-2020 season `SEASON_LEAD` months
    later and the month's detections on the Eastern Mediterranean route.
    """
    season = mean_season(months, series["wb_detections"], SEASON_YEARS)
    eastern = series["eastern_med_detections"]
    seasonal = np.array([season[(int(month[5:]) - 1 + SEASON_LEAD) % 12] for month in months])
    upstream = eastern / np.nanmean(eastern[-48:])
    return np.asarray(seasonal**SEASON_WEIGHT * upstream ** (1 - SEASON_WEIGHT))


def build(folder: Path = DATA) -> str:
    """The text of `entries_monthly.csv` from the observed tables in `folder`."""
    table = read_months(folder / "frontex_monthly.csv", FRONTEX_SERIES)
    months = table["wb_detections"][0]
    series = {name: values for name, (_, values) in table.items()}
    window = slice(months.index(FIRST), months.index(LAST) + 1)
    anchors = read_table(folder / "entry_anchors.csv", ANCHOR_COLUMNS)
    shape = balkan_shape(months, series)[window]
    balkan = {
        name: spread_years(np.array([row.number(name) for row in anchors]), shape)
        for name in ("people", "low", "high")
    }
    elsewhere = series["all_routes_detections"] - series["wb_detections"]
    indicators = {
        "central_med": series["central_med_detections"],
        "eastern_land": series["eastern_land_detections"],
        "iberia": series["western_med_detections"] + series["western_african_detections"],
        "air": trailing_mean(elsewhere, TRAILING_MONTHS),
        "resident": trailing_mean(series["eastern_med_detections"], RESIDENT_MONTHS),
    }
    lines = [",".join(ENTRY_COLUMNS)]
    for i, month in enumerate(months[window]):
        figures = (f"{balkan[name][i]:.0f}" for name in ("people", "low", "high"))
        lines.append(f"balkan,{month},{','.join(figures)},people")
    for route, values in indicators.items():
        for month, value in zip(months[window], values[window], strict=True):
            lines.append(f"{route},{month},{value:.0f},{value:.0f},{value:.0f},indicator")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (DATA / "entries_monthly.csv").write_text(build(), encoding="utf-8")
