"""The models of the months after the tables: read, refused, and true to the tables."""

from __future__ import annotations

import csv
from dataclasses import astuple

import numpy as np
import pytest

from simulation.corridor import ROUTES, load_futures, load_indicators
from simulation.corridor.build_futures import (
    BACKTEST_COLUMNS,
    BACKTEST_FILE,
    HORIZONS,
    document,
    series_of,
)
from simulation.corridor.futures import SERIES
from simulation.corridor.tables import DATA
from simulation.timeseries.estimation import LEVELS, correlation, estimate
from simulation.timeseries.model import central_path
from simulation.timeseries.months import number_of
from tests.docs.blocks import ROOT

FUTURES = load_futures()


def shipped_rows():
    with (DATA / BACKTEST_FILE).open(encoding="utf-8") as file:
        return list(csv.reader(file))


def test_the_models_begin_where_the_tables_end():
    for route, entries in load_indicators().items():
        assert FUTURES.last_month(route) == entries.months[-1]
    series = series_of()
    assert tuple(FUTURES.models) == tuple(series) == SERIES
    for name, model in FUTURES.models.items():
        assert (model.first_month, model.last_month) == (series[name].months[0],
                                                         series[name].months[-1])  # fmt: skip


@pytest.mark.slow
@pytest.mark.full
def test_a_shipped_model_is_what_its_series_gives():
    name = "balkan"  # the shortest
    model = estimate(*series_of()[name])
    assert central_path(model, 24) == pytest.approx(
        central_path(FUTURES.models[name], 24), rel=0.02
    )


def test_the_correlation_is_that_of_the_tables():
    series = series_of()
    (follows,) = FUTURES.follows.values()
    coefficient = correlation(series[follows.series], series["eastern_med"])
    # the last digits of an estimate are those of the processor that found it
    assert follows.correlation == pytest.approx(coefficient, abs=1e-5)


def test_a_mean_moves_as_its_series_do():
    until = number_of("2027-12")

    def flat(name, months, factor=1.0):
        return np.full(months, factor * FUTURES.means["resident"].past[-1])

    def doubled(name, months):
        return flat(name, months, 2.0)

    usual, more = FUTURES.continued(until, flat), FUTURES.continued(until, doubled)
    assert set(usual) == set(ROUTES)
    # of 36 months only those to come are doubled, one more each month
    first = FUTURES.means["resident"]
    step = first.past[-1] / len(first.past)
    growth = (more["resident"] - usual["resident"])[:12]
    np.testing.assert_allclose(growth, step * np.arange(1, 13))


def test_paths_can_be_drawn_from_every_model():
    for name, model in FUTURES.models.items():
        numbers = (model.alpha, model.beta, model.gamma, model.damping, model.level, model.trend,
                   *model.season, *model.stretch, *astuple(model.volatility))  # fmt: skip
        assert np.isfinite(numbers).all(), name
        assert len(model.season) == 12
        assert min(*model.stretch, model.offset, model.highest) > 0.0
        assert 0.0 <= model.volatility.persistence < 1.0
    assert {*FUTURES.models, *FUTURES.means} >= set(ROUTES)
    for name, other in FUTURES.follows.items():
        assert {name, other.series} <= set(SERIES) - (FUTURES.follows.keys() - {name})
        assert abs(other.correlation) < 1.0


def test_the_page_holds_the_tables_of_the_files():
    header, *rows = shipped_rows()
    assert tuple(header) == BACKTEST_COLUMNS
    assert {row[0] for row in rows} == set(SERIES)
    assert {int(row[1]) for row in rows} == set(HORIZONS)
    assert document(FUTURES) in (ROOT / "docs" / "futures.md").read_text(encoding="utf-8")


def test_the_spread_holds_what_it_says_in_the_past():
    """Over all series and horizons, in terms of forecasts that do not overlap."""
    header, *rows = shipped_rows()
    for level in LEVELS:
        column = header.index(f"inside_{level * 100:g}")
        share = apart = 0.0
        for row in rows:
            months = number_of(row[4]) - number_of(row[3]) + int(row[1])
            weight = min(float(row[2]), months / int(row[1]))
            share, apart = share + weight * float(row[column]), apart + weight
        error = np.sqrt(level * (1.0 - level) / apart)
        assert share / apart > level - 3.0 * error, level
