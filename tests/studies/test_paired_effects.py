"""Effects of pairs of runs: how well they are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulation.engine.findings import Effect
from simulation.engine.world_design import Worlds
from simulation.studies.paired_effects import error_share, is_precise, measure


def ranged(low: float, high: float, error: float) -> Effect:
    return Effect(
        pairs=40, baseline=1000.0, scenario=1000.0,
        mean_difference=0.0, mean_low=-1.0, mean_high=1.0, mean_percent=0.0,
        mean_percent_low=-0.1, mean_percent_high=0.1,
        plausible_low=low, median=(low + high) / 2.0, plausible_high=high, plausible_unit="%",
        plausible_low_error=error / 2.0, plausible_high_error=error, detectable=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "error", "precise"),
    [
        (-20.0, 10.0, 2.9, True),  # a tenth of the range
        (-20.0, 10.0, 3.1, False),
        (-2.0, 1.0, 0.9, True),  # 1% of arrivals
        (-2.0, 1.0, 1.1, False),
    ],
)
def test_ends_are_known_to_a_tenth_of_the_range_or_to_the_share_asked_for(
    low, high, error, precise
):
    effect = ranged(low, high, error)
    assert error_share(effect) == pytest.approx(error / 100.0), "the end that is known worse"
    assert is_precise(effect, 0.01, ranged=True) == precise


def test_without_a_range_the_interval_of_the_mean_counts_where_there_can_be_none():
    effect = ranged(0.0, 0.0, 0.0).model_copy(
        update=dict.fromkeys(("plausible_low", "median", "plausible_high"))
    )
    assert error_share(effect) == pytest.approx(0.001)
    assert is_precise(effect, 0.01, ranged=False)
    assert not is_precise(effect, 0.01, ranged=True), "twenty pairs would have a range"
    unknown = effect.model_copy(
        update=dict.fromkeys(("mean_low", "mean_high", "mean_percent_low", "mean_percent_high"))
    )
    assert error_share(unknown) == math.inf


def test_effects_are_percentages_of_each_pairs_own_baseline_and_of_shares_and_deaths_none():
    outcomes = ("channel_arrivals", "mapped_share", "channel_deaths")
    base = np.array([[1000.0, 0.5, 20.0], [2000.0, 0.4, 30.0]] * 12)
    other = base * [0.9, 0.9, 1.1]
    worlds = Worlds([number // 2 for number in range(24)], ["low", "high"] * 12)
    middle = measure(base, other, worlds, outcomes, resamples=0).worlds.median
    assert middle == pytest.approx([-10.0, -0.045, 2.5])
