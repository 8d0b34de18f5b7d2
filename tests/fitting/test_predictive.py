"""The fitted ensemble held against what it was fitted to: intervals and distances."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.fitting.predictive import CheckedFigure, FittedYear, check, misfit
from simulation.fitting.series import Data, FitWindow, observed_data


@pytest.fixture(scope="module")
def data() -> Data:
    return observed_data(FitWindow("2022-01", "2022-12"))


def by_year(found: CheckedFigure, series: str) -> FittedYear:
    (row,) = (row for row in found.predictive if row.series == series)
    return row


def test_a_year_is_seen_through_the_runs_of_all_members(data):
    observed = np.array(data.observed)
    runs = np.stack([factor * observed for factor in np.linspace(0.5, 1.5, 101)])
    even = np.full(101, 1.0 / 101)
    row = by_year(check(data, runs, even), "channel_arrivals")
    assert row.inside
    for key, factor in (("q5", 0.55), ("q50", 1.0), ("q95", 1.45)):
        assert getattr(row, key) == pytest.approx(factor * row.observed)
    high = np.where(np.arange(101) < 80, 0.0, 1.0 / 21)
    assert not by_year(check(data, runs, high), "channel_arrivals").inside


def test_a_misfit_is_counted_in_standard_deviations(data):
    """Of the scale on which the fit works, so twice the deviation is half the distance."""
    runs = np.array(data.observed)[None, :] * 1.1
    one, four = (misfit(data, runs, np.ones(1), np.full(data.size, v)) for v in (1.0, 4.0))
    assert one["channel_arrivals"] > 0.0
    for series, distance in one.items():
        assert four[series] == pytest.approx(distance / 2.0), series


def test_a_perfect_ensemble_has_no_misfit(data):
    runs = np.array(data.observed)[None, :]
    found = misfit(data, runs, np.ones(1), data.discrepancy)
    assert found == {series: pytest.approx(0.0) for series in found}
