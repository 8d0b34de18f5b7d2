"""The joint test: false alarms as rare as stated, departures noticed, nothing seen beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.validation.drift import (
    ALLOWANCE,
    Figure,
    JointTest,
    Worlds,
    began,
    first_alarms,
    outside,
    scale_of,
    side_of,
    sums,
)
from simulation.validation.power import power_of

MONTHS = 12
RATE = 0.12 / MONTHS
ALL = np.ones(MONTHS, bool)
NEVER = MONTHS


def figure(seed, members, each, *, common=0.1, fading=0.1, memory=0.5, months=MONTHS) -> Figure:
    """Paths of sets that differ by a level of their own and by months that are alike."""
    rng = np.random.default_rng(seed)
    level = np.repeat(rng.normal(0.0, common, members), each)[:, None]
    off = rng.normal(0.0, 1.0, (members * each, months + 12))
    for month in range(1, months + 12):
        off[:, month] = memory * off[:, month - 1] + np.sqrt(1.0 - memory**2) * off[:, month]
    values = 1000.0 * np.exp(level + fading * off)
    return Figure(values[:, 12:], values[:, :12][:, np.arange(months) % 12], np.ones(months))


def of_sets(members, each) -> Worlds:
    count = members * each
    return Worlds(np.full(count, 1.0 / count), np.repeat(np.arange(members), each))


def joint_test(paths, members, each, rates=(RATE,), known=ALL, period=24) -> JointTest:
    return JointTest.of(paths, dict.fromkeys(paths, known), of_sets(members, each), rates, period)


def alarms(joint, worlds) -> np.ndarray:
    """First month in which any figure of each world has an alarm."""
    tests = joint.figures
    largest = [tests[n].scaled(tests[n].scores(one)).max(axis=-1) for n, one in worlds.items()]
    return first_alarms(np.max(largest, axis=0), joint.bounds[0])


@pytest.mark.parametrize("law", [
    {"common": 0.0, "memory": 0.0}, {"common": 0.1, "memory": 0.6}, {"common": 0.3},
])  # fmt: skip
@pytest.mark.parametrize("same", [False, True])
def test_false_alarms_are_as_rare_as_stated_whatever_depends_on_what(law, same):
    """Worlds of sets that the test has not seen; figures that are one and the same, or not."""
    names = "abc"
    joint = joint_test(
        {n: figure(same or at, 240, 20, **law) for at, n in enumerate(names)}, 240, 20
    )
    worlds = {n: figure(900 + (same or at), 600, 2, **law) for at, n in enumerate(names)}
    first = alarms(joint, worlds)
    assert np.mean(first < NEVER) == pytest.approx(0.12, abs=0.05)
    assert np.mean(first < NEVER / 2) == pytest.approx(0.06, abs=0.04)


@settings(max_examples=25)
@given(st.integers(0, 9999), st.integers(2, 6), st.floats(0.0, 0.4), st.floats(0.0, 0.5))
def test_no_more_of_its_own_worlds_have_an_alarm_than_the_rate_allows(seed, sets, common, rate):
    paths = figure(seed, sets, 40, common=common)
    joint = joint_test({"a": paths}, sets, 40, (rate / MONTHS,))
    first = first_alarms(joint.figures["a"].null, joint.bounds[0])
    spent = [np.mean(first < month) for month in range(1, MONTHS + 1)]
    assert all(share <= rate * n / MONTHS + 1e-9 for n, share in enumerate(spent, 1))


def test_a_bound_does_not_depend_on_months_after_it():
    paths = figure(1, 20, 50)
    (whole,) = joint_test({"a": paths}, 20, 50).bounds
    first = Figure(paths.months[:, :5], paths.before[:, :5], np.ones(5))
    (part,) = joint_test({"a": first}, 20, 50, known=ALL[:5]).bounds
    assert part == pytest.approx(whole[:5])


@pytest.mark.parametrize("change", [0.4, -0.3])
def test_a_lasting_change_is_noticed_dated_and_on_its_side(change):
    joint = joint_test({"a": figure(2, 40, 100)}, 40, 100)
    world = figure(902, 200, 1)
    begins = 4
    world.months[:, begins:] *= 1.0 + change
    first = alarms(joint, {"a": world})
    late = np.flatnonzero((first >= begins) & (first < NEVER))
    assert len(late) > 0.8 * len(first)
    test = joint.figures["a"]
    scores = test.scores(world)
    scaled = test.scaled(scores)
    sides = [side_of(scores[w], first[w], int(scaled[w, first[w]].argmax())) for w in late]
    assert np.mean(np.equal(sides, change > 0)) > 0.95
    since = [began(scores[w, :, 0], first[w], change > 0) for w in late]
    assert abs(np.median(since) - begins) <= 2


def test_what_every_set_gets_wrong_in_each_year_does_not_hide_a_change():
    """Levels that nobody knows: the change on the year before is what is noticed."""
    law = {"common": 0.5, "fading": 0.05}
    joint = joint_test({"a": figure(3, 40, 50, **law)}, 40, 50)
    world = figure(903, 200, 1, **law)
    first = alarms(joint, {"a": world.changed(0.3)})
    assert np.mean(first < 6) > 0.8
    alone = Figure(world.changed(0.3).months, np.full(world.before.shape, np.nan), world.amounts)
    assert np.mean(alarms(joint, {"a": alone}) < 6) < 0.4


def test_a_month_that_was_not_observed_gives_no_alarm():
    known = ALL.copy()
    known[3:9] = False
    joint = joint_test({"a": figure(4, 20, 50)}, 20, 50, known=known)
    assert np.isinf(joint.bounds[0][~known]).all()
    assert np.isfinite(joint.bounds[0][known]).all()
    world = figure(904, 1, 1)
    world.months[:, 3:9] *= 1000.0
    assert alarms(joint, {"a": world}) == alarms(joint, {"a": figure(904, 1, 1)})


def test_beyond_the_period_nothing_is_tested():
    joint = joint_test({"a": figure(5, 20, 50)}, 20, 50, period=8)
    assert np.isinf(joint.bounds[0][8:]).all()


def test_scores_are_distances_from_the_median_in_halves_of_the_interval():
    paths = figure(6, 50, 40)
    quantities = paths.quantities()
    scale = scale_of(quantities, of_sets(50, 40))
    for at, score in ((0.05, -1.645), (0.5, 0.0), (0.95, 1.645)):
        ends = np.quantile(quantities, at, axis=0, method="inverted_cdf")
        assert scale.scores(ends[None]) == pytest.approx(score, abs=0.001)
    assert np.isnan(scale.scores(np.full((1, MONTHS, 3), np.nan))).all()
    nothing = np.zeros((50, 2, 3))
    assert scale_of(nothing, of_sets(50, 1)).scores(nothing) == pytest.approx(0.0)


def test_a_set_without_weight_counts_for_nothing():
    paths = figure(7, 10, 20)
    more = Figure(*(np.vstack([one, 9.0 * one]) for one in (paths.months, paths.before)), ALL * 1.0)
    weights = np.repeat([1.0 / 200, 0.0], 200)
    members = np.concatenate([of_sets(10, 20).members, of_sets(10, 20).members + 10])
    both = scale_of(more.quantities(), Worlds(weights, members))
    assert both.middle == pytest.approx(scale_of(paths.quantities(), of_sets(10, 20)).middle)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_sums_are_never_negative_and_mirror_each_other(values):
    scores = np.array(values)
    up, down = sums(scores)
    assert (up >= 0.0).all()
    mirrored = sums(-scores)
    assert mirrored[0] == pytest.approx(down)
    assert mirrored[1] == pytest.approx(up)
    assert up[0] == pytest.approx(max(0.0, values[0] - ALLOWANCE))
    assert outside(scores)[-1] == np.sum(np.abs(scores) > 1.6448)


def test_power_grows_with_the_change_and_the_months_and_false_alarms_are_as_stated():
    paths = {"a": figure(8, 50, 40), "b": figure(9, 50, 40)}
    known = dict.fromkeys(paths, ALL)
    power = power_of(paths, known, of_sets(50, 40), (RATE, RATE / 5), 24)
    noticed = {(one.figure, one.change, one.months): one.share for one in power.noticed}
    for name in paths:
        for sign in (1, -1):
            by_size = [noticed[name, sign * size, 6] for size in (0.1, 0.2, 0.4)]
            by_month = [noticed[name, sign * 0.2, after] for after in (3, 6, 9)]
            assert by_size == sorted(by_size)
            assert by_month == sorted(by_month)
        assert noticed[name, 0.4, 9] > 0.8
    last = power.false_alarms[-1]
    assert last.months == 9
    assert last.drifting == pytest.approx(0.09, abs=0.05)
    assert last.out <= last.drifting
    assert 0.0 <= last.doubtful < 0.2
