"""How a figure over the sets of an ensemble is judged."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.validation.published import Given, PublishedFigure
from simulation.validation.verdicts import Band, Estimate, Verdict, estimate_of

BAND, RISE, FALL = Band(10.0, 35.0), Band(low=0.0, strict=True), Band(high=-50.0, strict=True)
HOLDS, FAILS, UNDECIDED = Verdict.HOLDS, Verdict.FAILS, Verdict.UNDECIDED

numbers = st.floats(-1e6, 1e6)
samples = st.lists(numbers, min_size=5, max_size=60).map(np.array)


@st.composite
def bands(draw) -> Band:
    low, high = sorted(draw(st.lists(numbers, min_size=2, max_size=2, unique=True)))
    open_end = draw(st.sampled_from(["none", "low", "high"]))
    return Band(
        None if open_end == "low" else low,
        None if open_end == "high" else high,
        draw(st.booleans()),
    )


def estimate(low: float, high: float) -> Estimate:
    """An interval with sets spread evenly over it."""
    return Estimate(np.linspace(low, high, 9), (low + high) / 2.0, low, high)


@pytest.mark.parametrize(("band", "low", "high", "verdict"), [
    (BAND, 12.0, 30.0, HOLDS), (BAND, 10.0, 35.0, HOLDS), (BAND, 2.0, 9.0, FAILS),
    (BAND, 36.0, 50.0, FAILS), (BAND, 8.0, 12.0, UNDECIDED), (BAND, 0.0, 60.0, UNDECIDED),
    (BAND, math.nan, math.nan, UNDECIDED), (RISE, 0.1, 3.0, HOLDS), (RISE, 0.0, 0.0, FAILS),
    (RISE, -3.0, 0.0, FAILS), (RISE, -1.0, 1.0, UNDECIDED), (FALL, -130.0, -51.0, HOLDS),
    (FALL, -50.0, -20.0, FAILS), (FALL, -60.0, -40.0, UNDECIDED),
])  # fmt: skip
def test_a_result_is_held_to_its_band_with_its_whole_interval(band, low, high, verdict):
    assert band.judge(estimate(low, high)) is verdict


@given(bands(), samples)
def test_the_verdict_is_that_of_the_interval_and_of_half_of_the_sets(band, values):
    result = estimate_of(values)
    inside = band.has([result.low, result.high])
    verdict = band.judge(result)
    enough = band.has(values).sum() >= values.size / 2
    assert (verdict is HOLDS) == (inside.all() and enough)
    if verdict is FAILS:
        assert not inside.any()
        assert not band.has(result.median)


@given(samples, st.randoms())
def test_an_estimate_does_not_depend_on_the_order_of_the_sets(values, random):
    mixed = values.tolist()
    random.shuffle(mixed)
    one, other = estimate_of(values), estimate_of(mixed)
    assert (one.median, one.low, one.high) == (other.median, other.low, other.high)
    assert one.low <= one.median <= one.high
    assert {one.low, one.high} <= set(values.tolist())


def test_the_interval_covers_the_median_of_a_skewed_figure_nine_times_of_ten():
    drawn = np.random.default_rng(3).lognormal(0.0, 2.0, (2000, 24))
    intervals = [estimate_of(values) for values in drawn]
    covered = np.mean([one.low <= 1.0 <= one.high for one in intervals])
    assert 0.88 < covered < 0.97


def test_few_sets_have_no_interval_and_decide_nothing():
    assert math.isnan(estimate_of([20.0] * 4).low)
    assert BAND.judge(estimate_of([20.0] * 4)) is UNDECIDED
    assert BAND.judge(estimate_of([20.0] * 5)) is HOLDS


def test_a_band_that_most_sets_miss_on_both_sides_does_not_hold():
    values = np.r_[np.full(25, -100.0), np.full(19, 20.0), np.full(25, 100.0)]
    result = estimate_of(values)
    assert BAND.has([result.low, result.high]).all()
    assert BAND.judge(result) is UNDECIDED


def test_sets_without_a_value_lie_in_no_band_and_half_of_them_leave_no_estimate():
    some = estimate_of([20.0] * 6 + [math.nan] * 4)
    assert some.median == 20.0
    assert BAND.share(some) == pytest.approx(0.6)
    assert BAND.judge(some) is HOLDS
    most = estimate_of([20.0] * 6 + [math.inf] * 7)
    assert math.isnan(most.median)
    assert BAND.judge(most) is UNDECIDED


@pytest.mark.parametrize(("fields", "verdict"), [
    ({"low": 1.0, "line": "x", "given": Given(table="staff.csv"), "trust": "P"}, Verdict.GIVEN),
    ({}, Verdict.REPORTED),  # without a band
])  # fmt: skip
@given(values=samples)
def test_what_is_given_or_has_no_band_is_so_whatever_the_runs_say(fields, verdict, values):
    figure, result = PublishedFigure("a", "A", "boats", **fields), estimate_of(values)
    assert figure.judge(result) is verdict
    assert bool(figure.band) == bool(fields)
