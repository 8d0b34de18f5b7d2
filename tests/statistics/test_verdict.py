"""Verdicts: exactly one for any interval, and equivalence as two one-sided tests have it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from simulation.statistics.paired import (
    DIRECTION_PAIRS,
    EQUIVALENCE_PAIRS,
    differences_to_settle,
    verdict_of,
)

ends = st.tuples(st.floats(-50.0, 50.0), st.floats(-50.0, 50.0)).map(sorted)
margins = st.floats(0.0, 20.0)


@given(ends, margins, st.integers(DIRECTION_PAIRS, 100))
def test_zero_and_the_margin_decide(interval, margin, pairs):
    low, high = interval
    inside, beyond = max(-low, high) <= margin, low > 0.0 or high < 0.0
    said = verdict_of(low, high, pairs, margin)
    assert (
        said
        == {
            (True, True): "small",
            (True, False): "none",
            (False, True): "fall" if high < 0.0 else "rise",
            (False, False): "open",
        }[inside, beyond]
    )
    # neither the unit nor the side matters
    assert verdict_of(3.0 * low, 3.0 * high, pairs, 3.0 * margin) == said or math.isclose(
        max(-low, high), margin
    )
    mirrored = {"fall": "rise", "rise": "fall"}.get(said, said)
    assert verdict_of(-high, -low, pairs, margin) == mirrored


@given(ends)
def test_without_a_margin_a_difference_is_clear_or_open(interval):
    assert verdict_of(*interval, 20, None) in ("fall", "rise", "open")


@pytest.mark.parametrize(
    ("pairs", "none", "fall"), [(5, "open", "open"), (6, "none", "open"), (8, "none", "fall")]
)
def test_few_pairs_show_no_direction_and_fewer_no_equivalence(pairs, none, fall):
    assert EQUIVALENCE_PAIRS == 6
    assert verdict_of(-1.0, 1.0, pairs, 3.0) == none
    assert verdict_of(-9.0, -4.0, pairs, 3.0) == fall


@given(st.integers(0, 2**32), st.floats(0.5, 6.0))
def test_equivalence_is_two_one_sided_tests(seed, margin):
    """Schuirmann 1987: both nulls are refused at 5% where the 90% interval lies within."""
    gaps = np.random.default_rng(seed).normal(0.5, 2.0, 12)
    low, high = stats.t.interval(0.9, 11, gaps.mean(), stats.sem(gaps))
    above = stats.ttest_1samp(gaps, -margin, alternative="greater").pvalue
    below = stats.ttest_1samp(gaps, margin, alternative="less").pvalue
    assume(abs(max(above, below) - 0.05) > 1e-9)
    equivalent = max(above, below) < 0.05
    assert (verdict_of(low, high, 12, margin) in ("none", "small")) == equivalent


def test_nothing_settles_an_unknown_spread_or_no_change_without_a_margin():
    assert differences_to_settle(0.0, 1.0, None) is None
    assert differences_to_settle(1.0, math.nan, 3.0) is None
    assert differences_to_settle(0.0, 1.0, 3.0) == DIRECTION_PAIRS
