"""The sequential test: false alarms as rare as stated, drifts found, nothing seen beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulation.validation.drift import (
    ALLOWANCE,
    boundaries,
    correlation_of,
    first_alarm,
    first_outlier,
    scores_of,
    sums,
)

PERIOD = 24
WORLDS = 2000


def correlation(rho: float, common: float, months: int = PERIOD) -> np.ndarray:
    """Of a part that is common to all months and of one that fades."""
    gaps = np.abs(np.subtract.outer(np.arange(months), np.arange(months)))
    return (1.0 - common) * rho**gaps + common * np.ones((months, months))


def worlds(matrix: np.ndarray, seed: int, count: int = WORLDS) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((count, len(matrix))) @ np.linalg.cholesky(matrix).T


@pytest.mark.parametrize(("rho", "common"), [(0.0, 0.0), (0.6, 0.0), (0.5, 0.4)])
def test_false_alarms_over_the_whole_period_are_as_rare_as_stated(rho, common):
    matrix = correlation(rho, common)
    (bounds,) = boundaries(matrix, np.ones(PERIOD, bool), (0.05,), PERIOD, 1)
    alarms = [first_alarm(one, bounds) for one in worlds(matrix, 2)]
    share = np.mean([alarm is not None for alarm in alarms])
    assert share == pytest.approx(0.05, abs=0.015)
    # spent evenly: about half of them in the first half
    early = np.mean([alarm.month < PERIOD // 2 for alarm in alarms if alarm is not None])
    assert early == pytest.approx(0.5, abs=0.15)


def test_correlation_that_is_not_taken_into_account_would_give_far_more():
    (bounds,) = boundaries(correlation(0.0, 0.0), np.ones(PERIOD, bool), (0.05,), PERIOD, 1)
    share = np.mean([first_alarm(o, bounds) is not None for o in worlds(correlation(0.6, 0.2), 3)])
    assert share > 0.2


@pytest.mark.parametrize(("shift", "found"), [(1.0, 0.6), (2.0, 0.95)])
def test_a_lasting_shift_is_found_and_dated(shift, found):
    matrix = correlation(0.3, 0.0)
    (bounds,) = boundaries(matrix, np.ones(PERIOD, bool), (0.05,), PERIOD, 1)
    begins = 6
    moved = worlds(matrix, 4, 600)
    moved[:, begins:] -= shift
    alarms = [first_alarm(one, bounds) for one in moved]
    late = [alarm for alarm in alarms if alarm is not None and alarm.month >= begins]
    assert len(late) / len(alarms) >= found
    assert np.mean([not alarm.above for alarm in late]) > 0.9
    assert abs(np.median([alarm.since for alarm in late]) - begins) <= 2


def test_looking_again_with_a_month_more_moves_no_earlier_boundary():
    matrix = correlation(0.5, 0.2)
    known = np.ones(PERIOD, bool)
    (long,) = boundaries(matrix, known, (0.05,), PERIOD, 1, 50_000)
    for months in (1, 5, 12):
        (short,) = boundaries(matrix[:months, :months], known[:months], (0.05,), PERIOD, 1, 50_000)
        assert short == pytest.approx(long[:months], rel=0.12)


def test_a_month_that_was_not_observed_spends_nothing_and_gives_no_alarm():
    known = np.ones(PERIOD, bool)
    known[3:9] = False
    (bounds,) = boundaries(correlation(0.3, 0.0), known, (0.05,), PERIOD, 1, 20_000)
    assert np.isinf(bounds[~known]).all()
    assert np.isfinite(bounds[known]).all()
    scores = np.full(PERIOD, np.nan)
    scores[[0, 9, 10, 11, 12]] = [0.0, 4.0, 4.0, 4.0, 4.0]
    alarm = first_alarm(scores, bounds)
    assert alarm.since == 9
    assert first_alarm(np.full(PERIOD, np.nan), bounds) is None


def test_beyond_the_period_nothing_is_tested():
    months = PERIOD + 6
    (bounds,) = boundaries(
        correlation(0.2, 0.0, months), np.ones(months, bool), (0.05,), PERIOD, 1, 9000
    )
    assert np.isinf(bounds[PERIOD:]).all()


def test_single_months_far_out_are_as_rare_as_stated():
    share = np.mean([first_outlier(o, 0.05, PERIOD) is not None for o in worlds(np.eye(24), 5)])
    assert share == pytest.approx(0.05, abs=0.012)
    scores = np.zeros(PERIOD)
    scores[4] = -6.0
    alarm = first_outlier(scores, 0.01, PERIOD)
    assert (alarm.month, alarm.above) == (4, False)


def test_places_of_a_model_that_holds_are_even():
    rng = np.random.default_rng(1)
    paths = rng.gamma(3.0, 100.0, (2000, 400))
    found = scores_of(rng.gamma(3.0, 100.0, 400), paths)
    assert stats.kstest(found, "norm").pvalue > 0.01


def test_a_score_is_no_larger_than_the_paths_can_tell():
    paths = np.random.default_rng(2).random((500, 2))
    found = scores_of(np.array([99.0, np.nan]), paths)
    assert found[0] == pytest.approx(stats.norm.isf(0.5 / 500))
    assert np.isnan(found[1])


def test_weights_count():
    paths = np.array([[1.0], [3.0]])
    assert scores_of(np.array([2.0]), paths, np.array([3.0, 1.0]))[0] == pytest.approx(
        stats.norm.ppf(0.75)
    )


def test_the_correlation_is_that_of_the_paths_whatever_their_law():
    matrix = correlation(0.6, 0.2, 6)
    paths = np.exp(worlds(matrix, 6, 20_000))
    assert correlation_of(paths) == pytest.approx(matrix, abs=0.03)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_sums_are_never_negative_and_mirror_each_other(values):
    scores = np.array(values)
    up, down = sums(scores)
    assert (up >= 0.0).all()
    mirrored = sums(-scores)
    assert mirrored[0] == pytest.approx(down)
    assert mirrored[1] == pytest.approx(up)
    assert up[0] == pytest.approx(max(0.0, values[0] - ALLOWANCE))


def test_a_month_without_a_value_or_without_a_difference_is_tied_to_no_other():
    paths = np.random.default_rng(7).random((300, 4))
    paths[:, 1], paths[:, 2] = np.nan, 5.0
    found = correlation_of(paths)
    assert np.diag(found) == pytest.approx(np.ones(4))
    assert found[1, [0, 2, 3]] == pytest.approx(np.zeros(3))
    assert found[2, [0, 3]] == pytest.approx(np.zeros(2))
    np.linalg.cholesky(found)
    scores = scores_of(np.array([0.5, 1.0, 5.0, 0.1]), paths)
    assert np.isnan(scores[1])
    assert scores[2] == pytest.approx(0.0)
