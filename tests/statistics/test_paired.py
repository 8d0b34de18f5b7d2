"""Paired differences: what must hold for any numbers, and whether the intervals are honest."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from simulation.engine.run_store import OUTCOME_NAMES, measure
from simulation.statistics.paired import (
    COVERAGE,
    DIRECTION_PAIRS,
    FALSE_SHARE,
    FEWEST_PAIRS,
    SPREAD_PAIRS,
    clear,
    false_discovery,
    has_direction,
    most_sure,
    p_value,
    paired_differences,
)
from tests import synthetic
from tests.runs import scenario_from

SPREADS = ("base", "other", "mean", "low", "high", "sd", "percent", "percent_low", "percent_high")
#: the properties are of plain arithmetic without rare branches
fewer = settings(max_examples=40)
#: whole numbers, as counts of people are, so that sums are exact
counts = st.integers(-1000, 1000).map(float)


def tables_of(fewest: int, most: int) -> st.SearchStrategy:
    """Both sides of so many pairs of three quantities."""
    return st.integers(fewest, most).flatmap(
        lambda pairs: st.tuples(
            arrays(np.float64, (pairs, 3), elements=counts),
            arrays(np.float64, (pairs, 3), elements=counts),
        )
    )


tables = tables_of(FEWEST_PAIRS, 12)


def close(one: object, other: object) -> None:
    np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-7)


# -- against the libraries ------------------------------------------------------------------------


@pytest.mark.parametrize("comparisons", [1, 4, 200])
@pytest.mark.parametrize(("of_base", "noise"), [(0.0, 103.0), (0.8, 0.0)])
def test_intervals_are_students_of_differences_and_of_each_pairs_percentage_and_widen_as_bonferroni(
    comparisons, of_base, noise
):
    rng = np.random.default_rng(1)
    base = rng.normal(100, 10, 12)
    other = of_base * base + rng.normal(noise, 10, 12)
    differences = paired_differences(base, other, comparisons=comparisons)
    for own, *names in (
        (other - base, "mean", "low", "high", "sign_probability"),
        (100.0 * (other / base - 1.0),
         "percent", "percent_low", "percent_high", "percent_probability"),
    ):  # fmt: skip
        error = own.std(ddof=1) / math.sqrt(12)
        ends = stats.t.interval(1.0 - 0.1 / comparisons, 11, own.mean(), error)
        sure = min(1 - stats.ttest_1samp(own, 0.0).pvalue / 2, most_sure(12))
        close([getattr(differences, name) for name in names], [own.mean(), *ends, sure])


def test_one_pair_with_a_high_baseline_does_not_decide():
    base = np.array([*[100.0] * 11, 1_000.0])
    differences = paired_differences(base, base * np.array([*[1.1] * 11, 0.8]))
    assert differences.percent > 0.0 > differences.mean


@pytest.mark.parametrize(("base", "other"), [
    ([1.0, 0.0, 3.0, 0.0, 2.0], [0.0, 0.0, 1.0, 0.0, 0.0]),  # some baselines are nothing
    ([0.0, 0.0, 1.0, 0.0, 0.0], [4.0, 5.0, 6.0, 5.0, 4.0]),  # the mean baseline may be nothing
    ([0.0, 0.0], [1.0, 3.0]),
    ([100.0, 1.0, 90.0, 110.0], [90.0, 9.0, 80.0, 100.0]),  # one is tiny
    ([5.0, 6.0, 5.0, 6.0], [0.0, 0.0, 20.0, 0.0]),  # an interval that would go below -100%
    ([5.0, 6.0, 5.0, 6.0], [-9.0, -9.0, -9.0, -9.0]),  # a profit that becomes a loss
])  # fmt: skip
def test_a_rare_count_has_no_percentage_rather_than_an_impossible_one(base, other):
    differences = paired_differences(base, other)
    assert np.isfinite(differences.mean)
    assert np.isnan([differences.percent, differences.percent_low, differences.percent_high]).all()


def test_what_falls_to_nothing_in_every_pair_falls_by_a_hundred_percent():
    differences = paired_differences([50.0, 60.0, 55.0, 65.0], [0.0, 0.0, 0.0, 0.0])
    assert differences.percent == differences.percent_low == differences.percent_high == -100.0


def test_intervals_in_percent_cover_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(3)
    base = rng.lognormal(5.0, 0.5, (12, 4000))
    differences = paired_differences(base, base * rng.normal(0.75, 0.2, base.shape))
    inside = (differences.percent_low <= -25.0) & (differences.percent_high >= -25.0)
    stated = ~np.isnan(differences.percent_low)
    assert stated.mean() > 0.9
    assert 0.88 < inside[stated].mean() < 0.92


# -- for any numbers ------------------------------------------------------------------------------


@fewer
@given(tables)
def test_identical_sides_differ_by_exactly_nothing(pair):
    differences = paired_differences(pair[0], pair[0])
    for name in ("mean", "low", "high", "sd"):
        assert (getattr(differences, name) == 0.0).all()
    assert (differences.sign_probability[differences.pairs >= DIRECTION_PAIRS] == 0.5).all()
    for name in ("percent", "percent_low", "percent_high"):
        values = getattr(differences, name)
        assert (values[~np.isnan(values)] == 0.0).all()


@fewer
@given(tables)
def test_no_percentage_is_impossible_and_each_lies_inside_its_interval(pair):
    for base, other in (pair, (np.abs(pair[0]) + 1.0, np.abs(pair[1]))):
        differences = paired_differences(base, other)
        stated = ~np.isnan(differences.percent)
        assert (stated == ~np.isnan(differences.percent_low)).all()
        assert (stated <= (base > 0.0).all(axis=0)).all()
        ends = np.array([differences.percent_low, differences.percent, differences.percent_high])[
            :, stated
        ]
        assert (ends >= -100.0).all()
        assert (np.diff(ends, axis=0) >= 0.0).all()


@fewer
@given(tables, st.integers(-4, 8).map(lambda power: 2.0**power), st.integers(-500, 500), st.data())
def test_other_units_shifts_swaps_and_orders_give_what_they_must(pair, factor, shift, data):
    """The units by a power of two, so that not even rounding may differ."""
    base, other = pair
    one = paired_differences(base, other)
    order = data.draw(st.permutations(range(len(base))))
    spread, moved = ("low", "high", "mean"), ("sd", "sign_probability")
    for differences, scaled, shifted, same in (
        (
            paired_differences(factor * base, factor * other),
            ("base", "other", "sd", *spread),
            (),
            ("percent", "percent_low", "percent_high", "sign_probability", "pairs"),
        ),
        (paired_differences(base + shift, other + shift), (), ("base",), (*spread, *moved)),
        (paired_differences(base, other + shift), (), spread, ("sd",)),
        (paired_differences(base[order], other[order]), (), (), (*SPREADS, "sign_probability")),
    ):
        for name in scaled:
            close(factor * getattr(one, name), getattr(differences, name))
        for name in shifted:
            close(getattr(one, name) + shift, getattr(differences, name))
        for name in same:
            close(getattr(one, name), getattr(differences, name))
    swapped = paired_differences(other, base)
    close((one.mean, one.low, one.high), (-swapped.mean, -swapped.high, -swapped.low))
    close(one.sign_probability, swapped.sign_probability)


@fewer
@given(tables)
def test_the_interval_holds_the_mean_and_is_wider_for_more_looks(pair):
    one, other = paired_differences(*pair), paired_differences(*pair, comparisons=10)
    ends = np.array([other.low, one.low, one.mean, one.high, other.high])
    assert (np.diff(ends, axis=0) >= -1e-9).all()
    enough = one.pairs >= DIRECTION_PAIRS
    sure = (one.sign_probability >= 0.5) & (one.sign_probability <= most_sure(one.pairs))
    assert sure[enough].all()
    assert np.isnan(one.sign_probability[~enough]).all()


@fewer
@given(tables, st.data())
def test_a_pair_without_a_value_counts_on_neither_side(pair, data):
    base, other = pair[0].copy(), pair[1].copy()
    rows = len(base)
    hit = data.draw(st.lists(st.tuples(st.integers(0, rows - 1), st.booleans()), max_size=rows))
    for row, side in hit:
        (base if side else other)[row, 1] = np.nan
    differences = paired_differences(base, other)
    complete = sorted(set(range(rows)) - {row for row, _ in hit})
    assert differences.pairs.tolist() == [rows, len(complete), rows]
    without = paired_differences(pair[0][complete, 1], pair[1][complete, 1]) if complete else None
    whole = paired_differences(*pair)
    for name in (*SPREADS, "sign_probability"):
        values = getattr(differences, name)
        close(values[[0, 2]], getattr(whole, name)[[0, 2]])
        if without is None:
            assert np.isnan(values[1])
        else:
            close(values[1], getattr(without, name))


def test_pairs_that_all_differ_alike_are_as_sure_as_so_many_can_be():
    base = np.arange(8.0)
    differences = paired_differences(base, base + 2.0)
    assert (differences.low, differences.mean, differences.high) == (2.0, 2.0, 2.0)
    close(differences.sign_probability, 0.9)
    assert np.isnan(paired_differences(base[:7], base[:7] + 2.0).sign_probability)


# -- directions ------------------------------------------------------------------------------------


def test_fewer_pairs_are_less_sure_of_a_direction_however_clear_they_are():
    most = most_sure(np.arange(2, 1_000))
    assert (np.diff(most) > 0.0).all()
    assert (most < 1.0).all()
    # the least number is the first whose agreement is as much as an interval covers
    assert most_sure(DIRECTION_PAIRS) >= COVERAGE > most_sure(DIRECTION_PAIRS - 1)


@pytest.mark.parametrize(("low", "high", "pairs", "stated"), [
    (1.0, 2.0, DIRECTION_PAIRS, True), (-2.0, -1.0, DIRECTION_PAIRS, True),
    (1.0, 2.0, DIRECTION_PAIRS - 1, False), (-1.0, 2.0, 1_000, False),
    (math.nan, math.nan, 1_000, False),
])  # fmt: skip
def test_a_direction_needs_its_pairs_and_an_interval_on_one_side_of_zero(low, high, pairs, stated):
    assert has_direction(low, high, pairs) == stated


@fewer
@given(tables)
def test_the_p_value_is_that_of_the_t_test_and_knows_no_bound(pair):
    differences = paired_differences(*pair)
    for k in range(3):
        gaps = pair[1][:, k] - pair[0][:, k]
        assume(gaps.std() > 0.0 and gaps.mean() != 0.0)
        mine = p_value(
            differences.mean[k], differences.low[k], differences.high[k], int(differences.pairs[k])
        )
        assert mine == pytest.approx(stats.ttest_1samp(gaps, 0.0).pvalue, rel=1e-6, abs=1e-12)


#: how single pairs may lie about their average: normally, with wide tails, or to one side
_DRAWS = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "heavy": lambda rng, shape: rng.standard_t(2.5, size=shape),
    "skewed": lambda rng, shape: rng.lognormal(0.0, 1.0, size=shape) - math.exp(0.5),
}


@pytest.mark.parametrize("draw", _DRAWS)
@pytest.mark.parametrize("pairs", [DIRECTION_PAIRS, 12, 24])
def test_a_direction_that_is_stated_is_right_as_often_as_it_says(draw, pairs):
    """Effects of many experiments, about as large as the spread of single pairs, whatever its form.

    Of those whose interval leaves out zero, which alone are told a direction, at least as many go
    that way as are said to on average.
    """
    rng = np.random.default_rng(11)
    shape = (pairs, 20_000)
    effects = rng.normal(0.0, 1.0, shape[1])
    differences = paired_differences(np.zeros(shape), effects + _DRAWS[draw](rng, shape))
    right = np.sign(differences.mean) == np.sign(effects)
    stated = (differences.low > 0.0) | (differences.high < 0.0)
    assert stated.mean() > 0.3
    assert right[stated].mean() > differences.sign_probability[stated].mean() - 0.01


# -- too few pairs, and how far they lie apart -----------------------------------------------------


@fewer
@given(tables_of(1, FEWEST_PAIRS - 1))
def test_too_few_pairs_have_a_mean_and_nothing_more(pair):
    differences = paired_differences(*pair)
    np.testing.assert_array_equal(differences.mean, (pair[1] - pair[0]).mean(axis=0))
    for name in ("low", "high", "percent_low", "percent_high", "sign_probability"):
        assert np.isnan(getattr(differences, name)).all(), name
    assert (np.isnan(differences.sd) == (len(pair[0]) == 1)).all()


@fewer
@given(tables_of(FEWEST_PAIRS, 30))
def test_the_range_of_a_side_holds_its_middle_and_needs_enough_of_them(pair):
    base, other = pair
    differences = paired_differences(base, other)
    ends = ("base_low", "base_high", "other_low", "other_high")
    if len(base) < SPREAD_PAIRS:
        assert all(np.isnan(getattr(differences, end)).all() for end in ends)
        return
    close(differences.base, np.median(base, axis=0))
    for low, high, values in (
        (differences.base_low, differences.base_high, base),
        (differences.other_low, differences.other_high, other),
    ):
        middle = np.median(values, axis=0)
        assert (low <= middle).all() and (middle <= high).all()  # noqa: PT018
        assert (((values < low) | (values > high)).mean(axis=0) <= 0.10).all()


def test_shapes_that_differ_are_an_error():
    with pytest.raises(ValueError, match="shapes differ"):
        paired_differences([1.0, 2.0], [1.0, 2.0, 3.0])


# -- how many pairs -------------------------------------------------------------------------------


# -- honesty --------------------------------------------------------------------------------------

EXPERIMENTS = 200


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize("real", [False, pytest.param(True, marks=pytest.mark.full)])
def test_the_intervals_of_no_effect_hold_zero_as_often_as_they_say(
    small, tmp_path, real_corridor, real
):
    """Two sides of one scenario that never share a seed, of a stand-in and of the model itself."""
    simulate, scenario, how = synthetic.simulate, small, {"corridor": real_corridor}
    pairs, names = 5, ("channel_arrivals", "corridor_deaths")
    if real:
        from simulation.model.corridor_model import simulate

        pairs, names = 4, ("channel_arrivals", "in_transit")
        scenario = scenario_from(tmp_path, days=30, warm_up=30)
        how["scale"] = 0.05

    seeds = range(1, 2 * EXPERIMENTS * pairs + 1)
    totals = [measure(simulate(scenario, seed=seed, **how)).totals[0] for seed in seeds]
    columns = [OUTCOME_NAMES.index(name) for name in names]
    sides = np.array(totals)[:, columns].reshape(2, EXPERIMENTS, pairs, -1).swapaxes(1, 2)
    gaps = paired_differences(*sides)
    assert (gaps.sd > 0.0).all()
    share = ((gaps.low <= 0.0) & (gaps.high >= 0.0)).mean(axis=0)
    assert ((share >= 0.85) & (share <= 0.95)).all(), dict(zip(names, share, strict=True))


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_shares_of_false_findings_are_those_of_scipy(p):
    assert false_discovery(p).tolist() == stats.false_discovery_control(p).tolist()


def test_of_many_differences_few_that_are_called_clear_are_chance():
    chance = np.random.default_rng(5)
    shares, sure = [], 0
    for _ in range(60):
        base = chance.normal(size=(8, 300))
        other = chance.normal(size=(8, 300))
        other[:, :60] += 4.0
        base[:, -20:] = other[:, -20:] = 0.0  # nothing there in either
        differences = paired_differences(base, other)
        is_clear = clear(differences.mean, differences.low, differences.high, differences.groups)
        assert not is_clear[-20:].any()
        assert not (is_clear & (differences.low <= 0.0) & (differences.high >= 0.0)).any()
        shares.append(is_clear[60:].sum() / max(is_clear.sum(), 1))
        sure += is_clear[:60].sum()
    assert np.mean(shares) <= FALSE_SHARE
    assert sure > 0.9 * 60 * 60


def test_no_difference_is_clear_with_fewer_pairs_than_a_direction_needs():
    base = np.arange(7.0)[:, None] * np.ones(4)
    differences = paired_differences(base, base + 100.0 + np.arange(7.0)[:, None])
    assert not clear(differences.mean, differences.low, differences.high, differences.groups).any()
    assert clear([], [], [], []).size == 0
