"""Write `futures.toml` and `futures_backtest.csv`: models of the months to come, and their scores.

    python -m simulation.corridor.build_futures [FOLDER] [--document docs/futures.md]

Run it when `entries_monthly.csv` or `frontex_monthly.csv` has new months; it takes a few minutes.
FOLDER holds these two tables and gets the new files; the package's own when it is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulation.corridor.build_entries import RESIDENT_MONTHS, TRAILING_MONTHS, detections_by_route
from simulation.corridor.futures import FILE, SERIES, Follows, Futures, TrailingMean
from simulation.corridor.network import BALKAN
from simulation.corridor.observed import load_indicators
from simulation.corridor.tables import DATA
from simulation.serialization import as_csv
from simulation.timeseries.estimation import (
    FEWEST_MONTHS,
    LEVELS,
    BacktestErrors,
    backtest,
    brought_forward,
    correlation,
    estimate,
)
from simulation.timeseries.model import Array

BACKTEST_FILE = "futures_backtest.csv"
BACKTEST_COLUMNS = (
    "series", "months_ahead", "forecasts", "first", "last", "mean_error", "mean_size", "crps",
    "naive_size", *(f"inside_{level * 100:g}" for level in LEVELS),
)  # fmt: skip
#: months ahead that the back-test scores
HORIZONS = (1, 3, 6, 12, 18, 24)
#: months from one origin of the back-test to the next
ORIGIN_EVERY = 3
BEGIN, END = "<!-- futures -->", "<!-- end of futures -->"
_NAMES = {
    "balkan": "Balkan route (people)",
    "central_med": "Central Mediterranean (detections)",
    "eastern_land": "Eastern land border (detections)",
    "iberia": "Western Mediterranean and West Africa (detections)",
    "eastern_med": "Eastern Mediterranean (detections)",
}


class RouteSeries(NamedTuple):
    """A monthly series and its months."""

    months: list[str]
    values: Array


def series_of(folder: Path = DATA) -> dict[str, RouteSeries]:
    """The series that have a model, each with all its months."""
    months, counted = detections_by_route(folder / "frontex_monthly.csv")
    people = load_indicators(folder)[BALKAN]
    series = {name: RouteSeries(months, counted[name]) for name in SERIES if name != BALKAN}
    return {BALKAN: RouteSeries(list(people.months), people.people), **series}


def means_of(folder: Path = DATA) -> dict[str, TrailingMean]:
    """The indicators that are means of earlier months.

    Those who come by air follow all routes but the Western Balkan one, of which the series with a
    model are nearly all; people already in the EU follow the Eastern Mediterranean route.
    """
    months, counted = detections_by_route(folder / "frontex_monthly.csv")
    parts = tuple(name for name in SERIES if name != BALKAN)
    modelled = sum(float(counted[name][-TRAILING_MONTHS:].sum()) for name in parts)
    past = tuple(counted["elsewhere"][-TRAILING_MONTHS:].tolist())
    eastern = tuple(counted["eastern_med"][-RESIDENT_MONTHS:].tolist())
    return {
        "air": TrailingMean(parts, sum(past) / modelled, months[-1], past),
        "resident": TrailingMean(("eastern_med",), 1.0, months[-1], eastern),
    }


def _futures_of(folder: Path) -> Futures:
    """The models of all series of the tables in a folder, estimated anew: a minute or two."""
    series = series_of(folder)
    models = {name: estimate(*one) for name, one in series.items()}
    # the months of the Balkan route are spread along those of the Eastern Mediterranean, so the
    # two are drawn together
    follows = Follows(BALKAN, correlation(series[BALKAN], series["eastern_med"]))
    return Futures(models, means_of(folder), {"eastern_med": follows})


def brought_forward_to(futures: Futures, folder: Path) -> Futures:
    """The models at the end of longer tables, without estimating them again; it takes a second.

    Args:
        futures: The models.
        folder: Folder with `entries_monthly.csv` and `frontex_monthly.csv`.
    """
    series = series_of(folder)
    models = {name: brought_forward(model, *series[name]) for name, model in futures.models.items()}
    return replace(futures, models=models, means=means_of(folder))


def backtest_rows(scores: Mapping[str, BacktestErrors]) -> list[list[str]]:
    """The back-tests as lines of a table, in `BACKTEST_COLUMNS`."""
    return [
        [
            name,
            str(score.horizon),
            str(score.count),
            tested.origins[0],
            tested.origins[-1],
            f"{score.mean_error:.0f}",
            f"{score.mean_size:.0f}",
            f"{score.crps:.0f}",
            f"{score.naive_size:.0f}",
            *(f"{score.coverage[level]:.3f}" for level in LEVELS),
        ]
        for name, tested in scores.items()
        for score in tested.scores
    ]


def document(futures: Futures) -> str:
    """The table of `docs/futures.md`: the estimates."""
    lines = ["| series | data | alpha | damping | sd of a month | rho | tau | sd of x after 1, 12, "
             "24 months |", "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, model in futures.models.items():
        volatility, ahead = model.volatility, np.array([1, 12, 24])
        errors = model.standard_errors
        spread = (model.equation_sd(24) * model.stretched(24))[ahead - 1]
        cells = [
            _NAMES[name],
            f"{model.first_month} to {model.last_month}",
            _with_error(model.alpha, errors.get("alpha")),
            _with_error(model.damping, errors.get("damping")),
            f"{np.exp(volatility.mean / 2):.2f}",
            _with_error(volatility.persistence, errors["volatility_persistence"]),
            _with_error(volatility.sd, errors["volatility_sd"]),
            ", ".join(f"{sd:.2f}" for sd in spread),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _with_error(value: float, error: float | None) -> str:
    return f"{value:.2f} (at a bound)" if error is None else f"{value:.2f} ± {error:.2f}"


def main(arguments: list[str] | None = None) -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=DATA)
    parser.add_argument("--document", type=Path, help="A page whose tables are written anew.")
    asked = parser.parse_args(arguments)
    futures = _futures_of(asked.folder)
    scores = {  # at earlier months, which takes some minutes
        name: backtest(*one, one.months[FEWEST_MONTHS - 1 : -1 : ORIGIN_EVERY], HORIZONS)
        for name, one in series_of(asked.folder).items()
    }
    rows = backtest_rows(scores)
    text = as_csv(BACKTEST_COLUMNS, rows)
    (asked.folder / FILE).write_text(futures.as_toml(), encoding="utf-8", newline="\n")
    (asked.folder / BACKTEST_FILE).write_text(text, encoding="utf-8", newline="\n")
    if asked.document is not None:
        page = asked.document.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        after = rest.split(END)[1]
        page = f"{before}{BEGIN}\n\n{document(futures)}\n\n{END}{after}"
        asked.document.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
