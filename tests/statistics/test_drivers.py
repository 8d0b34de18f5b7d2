"""Drivers of an effect: what made it is named, and what did not seldom is."""

from __future__ import annotations

import numpy as np
from scipy import stats

from simulation.statistics.drivers import FALSE_SHARE, rank_correlations


def test_correlations_are_those_of_spearman():
    rng = np.random.default_rng(1)
    inputs, effects = rng.integers(0, 6, (25, 4)).astype(float), rng.normal(size=25)
    correlations, _ = rank_correlations(inputs, effects)
    expected = [stats.spearmanr(column, effects).statistic for column in inputs.T]
    np.testing.assert_allclose(correlations, expected)


def test_what_makes_an_effect_is_told_from_three_hundred_that_do_not():
    rng = np.random.default_rng(2)
    inputs = rng.normal(size=(40, 300))
    effects = -3.0 * inputs[:, 7] + 2.0 * inputs[:, 30] + rng.normal(size=40)
    correlations, needed = rank_correlations(inputs, effects)
    assert np.abs(correlations).argmax() == 7
    assert -correlations[7] > needed


def test_nothing_is_named_in_most_studies_without_a_driver():
    rng = np.random.default_rng(3)
    false = 0
    for _ in range(100):
        correlations, needed = rank_correlations(rng.normal(size=(20, 50)), rng.normal(size=20))
        false += bool(np.abs(correlations).max() > needed)
    # 100 studies: 10 expected, and 19 or fewer with a probability of 99.8%
    assert false <= 100 * FALSE_SHARE + 9
