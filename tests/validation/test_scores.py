"""Scores against what they are by definition, and the comparison of two forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.validation.scores import duel, quantiles, score


@pytest.fixture
def rng() -> np.random.Generator:
    """Chance of its own for each test, whichever ran before it."""
    return np.random.default_rng(5)


def by_definition(seen: np.ndarray, runs: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """E|X - y| - E|X - X'| / 2."""
    shares = weights / weights.sum()
    first = (shares[:, None] * np.abs(runs - seen)).sum(axis=0)
    both = shares[:, None] * shares[None, :]
    spread = (both[:, :, None] * np.abs(runs[:, None] - runs[None, :])).sum(axis=(0, 1))
    return first - spread / 2.0


@pytest.mark.parametrize("weighted", [False, True])
def test_crps_is_what_its_definition_says(weighted: bool, rng: np.random.Generator) -> None:
    runs, seen = rng.normal(size=(40, 12)), rng.normal(size=12)
    weights = rng.random(40) if weighted else None
    scores = score(seen, runs, weights)
    expected = by_definition(seen, runs, np.ones(40) if weights is None else weights)
    assert scores.each == pytest.approx(expected, abs=1e-12)
    assert scores.crps == pytest.approx(expected.mean())


def test_a_weight_counts_as_so_many_runs(rng: np.random.Generator) -> None:
    runs, seen = rng.normal(size=(3, 12)), rng.normal(size=12)
    repeated = score(seen, np.repeat(runs, [1, 2, 3], axis=0))
    weighted = score(seen, runs, np.array([1.0, 2.0, 3.0]))
    assert weighted.each == pytest.approx(repeated.each)
    assert weighted.bias == pytest.approx(repeated.bias)


def test_a_point_scores_its_absolute_error() -> None:
    scores = score(np.array([3.0, 5.0]), np.array([[4.0, 2.0]]))
    assert scores.each == [1.0, 3.0]
    assert (scores.crps, scores.mae, scores.bias) == (2.0, 2.0, -1.0)
    assert set(scores.inside.values()) == {0}
    # a value on the edge of an interval lies in it
    assert set(score(np.array([4.0]), np.full((5, 1), 4.0)).inside.values()) == {1}


def test_coverage_of_an_honest_forecast(rng: np.random.Generator) -> None:
    runs, seen = rng.normal(size=(500, 2000)), rng.normal(size=2000)
    scores = score(seen, runs)
    assert scores.inside["0.5"] / 2000 == pytest.approx(0.5, abs=0.04)
    assert scores.inside["0.9"] / 2000 == pytest.approx(0.9, abs=0.03)


def test_what_nobody_observed_and_runs_without_a_value_are_left_out() -> None:
    runs = np.array([[1.0, 5.0], [np.nan, 6.0], [3.0, 7.0]])
    scores = score(np.array([2.0, np.nan]), runs, np.array([1.0, 100.0, 1.0]))
    assert scores.count == 1
    assert scores.crps == pytest.approx(0.5)  # of 1 and 3, half each
    assert scores.bias == pytest.approx(0.0)
    for seen, members in (([np.nan], [[1.0]]), ([1.0], [[np.nan]])):
        with pytest.raises(ValueError, match="nothing to score"):
            score(np.array(seen), np.array(members))


def test_quantiles_heed_weights_and_gaps() -> None:
    runs = np.array([[1.0], [2.0], [3.0]])
    assert quantiles(runs, [0.5]).item() == 2.0
    assert quantiles(runs, [0.5], np.array([5.0, 1.0, 1.0])).item() == 1.0
    assert np.isnan(quantiles(np.array([[np.nan]]), [0.5])).all()


def test_a_clear_difference_is_told_and_a_small_one_is_chance(rng: np.random.Generator) -> None:
    seen = np.zeros(12)
    noise = rng.normal(0, 1, (200, 12))
    good, bad = score(seen, noise), score(seen, noise + 5.0)
    clear = duel(good, bad, seed=1)
    assert (clear.better, clear.sure, clear.verdict) == (True, True, "better")
    assert 0.5 < clear.low < clear.skill < clear.high < 1.0
    assert duel(bad, good, seed=1).verdict == "worse"
    tossed = np.tile([0.0, 3.0, -3.0], 4)
    wobble = duel(score(tossed, noise), score(tossed, -noise), seed=1)
    assert not wobble.sure
    assert wobble.verdict.endswith("within chance")


def test_one_value_says_nothing_of_chance() -> None:
    year = duel(score(np.array([1.0]), np.ones((3, 1))), score(np.array([1.0]), np.eye(3, 1)), 1)
    assert (year.low, year.high, year.sure) == (None, None, False)
    assert "too few" in year.verdict


def test_months_that_follow_each_other_are_resampled_together(rng: np.random.Generator) -> None:
    """Alike neighbours tell less than as many months that go their own way."""
    noise = rng.normal(0, 0.1, (200, 12))
    runs, other = noise + 1.0, noise + 1.5
    wide, narrow = (
        duel(score(seen, runs), score(seen, other), seed=1)
        # six good months, then six bad ones; and in turn
        for seen in (np.repeat([0.0, 2.5], 6), np.tile([0.0, 2.5], 6))
    )
    assert wide.skill == pytest.approx(narrow.skill, abs=0.01)
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
