"""Chance beside what a design varies: how much of a spread is chance alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulation.experiments.statistics.noise import (
    DesignNoise,
    NoiseShare,
    chance_variance,
    least_variance,
    noise_share,
    replications_needed,
)

measured = DesignNoise.measured_from


@pytest.mark.parametrize(
    ("noise", "point_variance", "replications", "needed"),
    [
        (4.0, 8.0, 1, 3),  # 4 of the variance are real; with 3 seeds chance gives a third of that
        (4.0, 3.0, 1, None),
        (0.01, 8.0, 1, 1),  # all but a trace is real: one would do
        (8.0, 8.0, 4, 4),  # 6.0 of 8.0 are real: three times a chance of 8.0 over that is 4
        (8.1, 8.025, 4, 5),
        (8.0, 2.0, 4, None),  # as much as chance alone gives: nothing is real
        (0.5, 1.0, 1, 3),
    ],
)
def test_replications_that_would_do(noise, point_variance, replications, needed):
    assert replications_needed(noise, point_variance, replications) == needed


def test_chance_stands_beside_the_design_as_standard_deviations():
    entry = measured(pair_variance=16.0, point_variance=20.0, replications=4)
    assert entry.as_json() == {
        "sd": 4.0,
        "sd_point": 2.0,
        "design_sd": pytest.approx(np.sqrt(20.0)),
        "ratio": 5.0,
        "enough": True,
        "replications_needed": None,
    }


def test_parts_of_a_run_are_not_rounded_away():
    entry = measured(pair_variance=5.0, point_variance=8.5, replications=2)
    assert entry.sd_point == pytest.approx(np.sqrt(2.5))
    assert entry.ratio == pytest.approx(3.4)
    # 6 of 8.5 are real, three times 5 over that is 2.5
    assert entry.replications_needed == 3
    assert measured(pair_variance=0.5, point_variance=1.5, replications=1).ratio == 3.0
    assert least_variance(2, "channel_arrivals", 0.5) == pytest.approx(4.0 / 3.0)


def test_four_times_what_chance_gives_is_enough_and_less_is_not():
    assert measured(pair_variance=4.0, point_variance=16.0, replications=1).enough
    below = measured(pair_variance=4.0, point_variance=15.0, replications=1)
    assert not below.enough
    # 11 of 15 are real; three times 4 over that is above 1
    assert below.replications_needed == 2
    hidden = measured(pair_variance=4.0, point_variance=3.0, replications=1)
    assert (hidden.enough, hidden.replications_needed) == (False, None)


def test_without_chance_any_design_is_enough():
    entry = measured(pair_variance=0.0, point_variance=0.0, replications=2)
    assert entry.enough
    assert entry.ratio is None  # infinite, which JSON cannot hold
    assert entry.replications_needed is None


def test_a_spread_that_is_not_known_is_not_enough():
    entry = measured(pair_variance=4.0, point_variance=np.nan, replications=2)
    assert (entry.enough, entry.ratio, entry.replications_needed) == (False, None, None)


def test_the_least_chance_of_a_count_is_one_person_in_one_seed_more():
    # 20 people an agent stands for, squared, over five seeds
    assert least_variance(4, "channel_arrivals", 0.05) == pytest.approx(80.0)
    # money is no count of people, and a share no count at all
    assert least_variance(4, "smuggler_revenue_eur", 0.05) == 0.0
    assert least_variance(4, "mapped_share", 0.05) == 0.0


def test_what_is_not_known_of_a_seed_is_left_out_of_chance():
    known = np.array([-90.0, 90.0, 0.0])
    holed = np.array([-90.0, np.nan, 90.0, np.nan, 0.0])
    assert chance_variance(known, "channel_arrivals", 1.0) == 8100.0
    assert chance_variance(holed, "channel_arrivals", 1.0) == 8100.0


def test_a_count_that_no_seed_has_moved_is_not_free_of_chance():
    still = np.zeros(4)
    assert chance_variance(still, "channel_deaths", 0.1) == pytest.approx(
        np.var([0] * 4 + [10], ddof=1)
    )
    assert chance_variance(still, "mapped_share", 0.1) == 0.0
    assert chance_variance(np.array([-90.0, 90.0]), "channel_deaths", 0.1) == 16200.0
    # of one seed, or none, nobody knows
    assert np.isnan(chance_variance(np.array([5.0]), "channel_deaths", 0.1))
    assert np.isnan(chance_variance(np.array([np.nan]), "channel_deaths", 0.1))


def test_the_share_of_chance_is_told_as_surely_as_it_is_known():
    """8 seeds at one point, 60 points: the interval covers the true share as often as it says."""
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(1000):
        pair, point = rng.normal(0, 0.5, 8).var(ddof=1), rng.normal(0, 1, 60).var(ddof=1)
        found = noise_share(pair, point, 1, 7, 60)
        inside += found.low < 0.25 < found.high
    assert 870 < inside < 930
    # the mean of four pairs moves half as much; never more than all; nothing where nothing differs
    assert noise_share(1.0, 1.0, 4, 3000, 1000).share == 0.25
    assert noise_share(9.0, 1.0, 4, 3000, 1000).share == 1.0
    assert noise_share(1.0, 0.0, 4, 3000, 1000).share is None


def test_of_a_share_of_chance_the_interval_is_that_of_two_variances():
    found = noise_share(1.0, 10.0, 2, 7, 60)
    assert found.share == pytest.approx(0.05)
    # 90% of F with 7 and 59 degrees of freedom
    low, high = stats.f.ppf([0.05, 0.95], 7, 59)
    assert found.low == pytest.approx(0.05 / high)
    assert found.high == pytest.approx(0.05 / low)


def test_one_seed_or_one_point_tells_no_share_of_chance():
    nothing = NoiseShare(None, None, None)
    assert noise_share(1.0, 2.0, 1, 0, 60) == nothing
    assert noise_share(1.0, 2.0, 1, 7, 1) == nothing
    assert noise_share(1.0, 2.0, 1, 1, 2).share == 0.5
