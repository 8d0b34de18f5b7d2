"""The fitted ensemble held against what it was fitted to: weights, replicates and distances."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.fitting.predictive import check, misfit
from simulation.fitting.series import Data, Window, observed_data


@pytest.fixture(scope="module")
def data() -> Data:
    return observed_data(Window("2022-01", "2022-12"))


def by_year(found: dict, series: str) -> dict:
    (row,) = (row for row in found["predictive"] if row["series"] == series)
    return row


def test_every_replicate_of_a_member_has_its_share_of_the_members_weight(data):
    """A member of hardly any weight changes nothing, however often it was run."""
    observed = np.array(data.observed)
    runs = np.stack([np.stack([observed, observed]), np.stack([3.0 * observed, 3.0 * observed])])
    nearly = 1.0 - 1e-9
    right, wrong = (
        by_year(check(data, runs, np.array(weights)), "channel_arrivals")
        for weights in ([nearly, 1.0 - nearly], [1.0 - nearly, nearly])
    )
    for quantile in ("q5", "q25", "q50", "q75"):
        assert right[quantile] == pytest.approx(right["observed"])
    for quantile in ("q50", "q75", "q95"):
        assert wrong[quantile] == pytest.approx(3.0 * wrong["observed"])


def test_a_misfit_is_counted_in_standard_deviations(data):
    """Of the scale on which the fit works, so twice the deviation is half the distance."""
    runs = np.array(data.observed)[None, None, :] * 1.1
    one, four = (misfit(data, runs, np.ones(1), np.full(data.size, v)) for v in (1.0, 4.0))
    assert one["channel_arrivals"] > 0.0
    for series, distance in one.items():
        assert four[series] == pytest.approx(distance / 2.0), series


def test_a_perfect_ensemble_has_no_misfit(data):
    runs = np.array(data.observed)[None, None, :]
    found = misfit(data, runs, np.ones(1), data.discrepancy)
    assert found == {series: pytest.approx(0.0) for series in found}
