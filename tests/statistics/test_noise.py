"""Chance beside what a design varies: how much of a spread is chance alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from simulation.statistics.noise import (
    DesignNoise,
    chance_variance,
    least_variance,
    noise_share,
)

measured = DesignNoise.measured_from


@pytest.mark.parametrize(("pair", "point", "replications", "wanted"), [
    (4.0, 8.0, 1, (False, 2.0, 3)),  # 4 are real; with 3 seeds chance gives a third of that
    (8.1, 8.025, 4, (False, 8.025 / 2.025, 5)),  # 6 are real, three times 8.1 over that is 4.05
    (8.0, 2.0, 4, (False, 1.0, None)),  # as much as chance alone gives: nothing is real
    (0.5, 1.0, 1, (False, 2.0, 3)),
    (5.0, 8.5, 2, (False, 3.4, 3)),  # 6 of 8.5 are real, three times 5 over that is 2.5
    (4.0, 16.0, 1, (True, 4.0, None)),
    (4.0, 15.0, 1, (False, 3.75, 2)),  # 11 of 15 are real; three times 4 over that is above 1
    (4.0, 3.0, 1, (False, 0.75, None)), (0.5, 1.5, 1, (False, 3.0, 2)),
    (0.0, 0.0, 2, (True, None, None)),  # infinite, which JSON cannot hold
    (4.0, np.nan, 2, (False, None, None)),
])  # fmt: skip
def test_four_times_what_chance_gives_is_enough_and_less_is_not(pair, point, replications, wanted):
    entry = measured(pair_variance=pair, point_variance=point, replications=replications)
    assert entry.sd_point == pytest.approx(np.sqrt(pair / replications))
    enough, ratio, needed = wanted
    assert (entry.enough, entry.replications_needed) == (enough, needed)
    assert entry.ratio == (None if ratio is None else pytest.approx(ratio))


@pytest.mark.parametrize(("seeds", "outcome", "scale", "least"), [
    (4, "channel_arrivals", 0.05, 80.0),  # an agent stands for 20, squared, over five seeds
    (2, "channel_arrivals", 0.5, 4.0 / 3.0),
    (4, "smuggler_revenue_eur", 0.05, 0.0),  # money is no count of people
    (4, "mapped_share", 0.05, 0.0),  # a share is no count at all
])  # fmt: skip
def test_the_least_chance_of_a_count_is_one_person_in_one_seed_more(seeds, outcome, scale, least):
    assert least_variance(seeds, outcome, scale) == pytest.approx(least)


UNKNOWN = pytest.approx(np.nan, nan_ok=True)


@pytest.mark.parametrize(("of_seeds", "outcome", "scale", "variance"), [
    ([-90.0, 90.0, 0.0], "channel_arrivals", 1.0, 8100.0),
    # a seed of which nothing is known is left out
    ([-90.0, np.nan, 90.0, np.nan, 0.0], "channel_arrivals", 1.0, 8100.0),
    ([-90.0, 90.0], "channel_deaths", 0.1, 16200.0),
    # a count that no seed has moved is not free of chance
    ([0.0] * 4, "channel_deaths", 0.1, pytest.approx(np.var([0] * 4 + [10], ddof=1))),
    ([0.0] * 4, "mapped_share", 0.1, 0.0),
    # of one seed, or none, nobody knows
    ([5.0], "channel_deaths", 0.1, UNKNOWN), ([np.nan], "channel_deaths", 0.1, UNKNOWN),
])  # fmt: skip
def test_the_variance_of_chance_is_that_of_the_seeds_that_are_known(
    of_seeds, outcome, scale, variance
):
    assert chance_variance(np.array(of_seeds), outcome, scale) == variance


def test_the_share_of_chance_is_told_as_surely_as_it_is_known():
    """8 seeds at one point, 60 points: the interval covers the true share as often as it says."""
    rng = np.random.default_rng(4)
    shares = [
        noise_share(rng.normal(0, 0.5, 8).var(ddof=1), rng.normal(0, 1, 60).var(ddof=1), 1, 7, 60)
        for _ in range(1000)
    ]
    assert 870 < sum(one.low < 0.25 < one.high for one in shares) < 930


def test_of_a_share_of_chance_the_interval_is_that_of_two_variances():
    share = noise_share(1.0, 10.0, 2, 7, 60)
    assert share.share == pytest.approx(0.05)
    # 90% of F with 7 and 59 degrees of freedom
    low, high = stats.f.ppf([0.05, 0.95], 7, 59)
    assert share.low == pytest.approx(0.05 / high)
    assert share.high == pytest.approx(0.05 / low)
