"""The joint test: false alarms as rare as stated, departures noticed, nothing seen beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.validation.drift import (
    TESTS,
    Figure,
    JointTest,
    Regression,
    Worlds,
    began,
    first_alarms,
    mean_of_last,
    outside,
    scale_of,
    side_of,
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
    return Figure(values[:, 12:], values[:, :12].mean(axis=1), np.ones(months))


def of_sets(members, each) -> Worlds:
    count = members * each
    return Worlds(np.full(count, 1.0 / count), np.repeat(np.arange(members), each))


def joint_test(paths, members, each, rates=(RATE,), observed=ALL, period=24) -> JointTest:
    return JointTest.of(
        paths, dict.fromkeys(paths, observed), of_sets(members, each), rates, period
    )


def alarms(joint, worlds) -> np.ndarray:
    """First month in which any figure of each world has an alarm."""
    tests = joint.figures
    largest = [tests[n].scaled(tests[n].scores(one)).max(axis=-1) for n, one in worlds.items()]
    return first_alarms(np.max(largest, axis=0), joint.bounds[0])


@pytest.mark.slow
@pytest.mark.parametrize(("law", "same"), [
    ({"common": 0.0, "memory": 0.0}, False), ({"common": 0.1, "memory": 0.6}, True),
    ({"common": 0.3}, False),
])  # fmt: skip
@pytest.mark.full
def test_false_alarms_are_as_rare_as_stated_whatever_depends_on_what(law, same):
    """Worlds of sets that the test has not seen; figures that are one and the same, or not."""
    paths, worlds = (
        {name: figure(seed + (same or at), *size, **law) for at, name in enumerate("abc")}
        for seed, size in ((0, (240, 20)), (900, (600, 2)))
    )
    first = alarms(joint_test(paths, 240, 20), worlds)
    assert np.mean(first < NEVER) == pytest.approx(0.12, abs=0.05)
    assert np.mean(first < NEVER / 2) == pytest.approx(0.06, abs=0.04)


@pytest.mark.full
def test_few_sets_give_no_more_false_alarms_in_worlds_of_another_set():
    """Sets differ in a level that nobody knows: of 40, one in 41 is more extreme than all."""

    def levels(seed, sets) -> Figure:
        one = figure(seed, sets, 4, common=0.5, fading=0.02)
        return replace(one, before=np.full(4 * sets, np.nan))

    shares = []
    for names in ("a", "abcd"):
        for seed in range(0, 1600, 100):
            paths = {name: levels(seed + at, 40) for at, name in enumerate(names)}
            worlds = {name: levels(5000 + seed + at, 200) for at, name in enumerate(names)}
            shares.append(np.mean(alarms(joint_test(paths, 40, 4), worlds) < NEVER))
    assert np.mean(shares) == pytest.approx(0.12, abs=0.02)


@settings(max_examples=25)
@given(st.integers(0, 9999), st.integers(2, 6), st.floats(0.0, 0.4), st.floats(0.0, 0.5))
def test_no_more_of_its_own_worlds_have_an_alarm_than_the_rate_allows(seed, sets, common, rate):
    joint = joint_test({"a": figure(seed, sets, 40, common=common)}, sets, 40, (rate / MONTHS,))
    first = first_alarms(joint.figures["a"].null, joint.bounds[0])
    spent = [np.mean(first < month) for month in range(1, MONTHS + 1)]
    assert all(share <= rate * n / MONTHS + 1e-9 for n, share in enumerate(spent, 1))


def test_a_bound_does_not_depend_on_months_after_it():
    paths = figure(1, 20, 50)
    (whole,) = joint_test({"a": paths}, 20, 50).bounds
    first = Figure(paths.months[:, :5], paths.before, np.ones(5))
    (part,) = joint_test({"a": first}, 20, 50, observed=ALL[:5]).bounds
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
    tests = [TESTS[scaled[w, first[w]].argmax()] for w in late]
    noticed = [(scores[w], first[w], test) for w, test in zip(late, tests, strict=True)]
    assert np.mean(np.equal([side_of(*one) for one in noticed], change > 0)) > 0.95
    assert abs(np.median([began(*one) for one in noticed]) - begins) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("change", [0.2, -0.2])
def test_what_a_set_gets_wrong_in_both_years_does_not_hide_a_change(change):
    """Levels that nobody knows to a tenth, months that differ by a twentieth."""
    law = {"common": 0.1, "fading": 0.05}
    paths = {name: figure(at, 100, 20, **law) for at, name in enumerate("abcd")}
    world = {"a": figure(903, 300, 1, **law).changed(change)}
    # without the year before, the level alone
    levels, level = (
        {name: replace(one, before=np.nan * one.before) for name, one in figures.items()}
        for figures in (paths, world)
    )
    noticed, missed = (
        np.mean(alarms(joint_test(of, 100, 20, (0.05 / MONTHS,)), seen) < 6)
        for of, seen in ((paths, world), (levels, level))
    )
    assert noticed > 0.8
    assert missed < 0.5


def test_a_change_that_begins_late_is_noticed_soon_after():
    law = {"common": 0.1, "fading": 0.05, "months": 24}
    joint = joint_test({"a": figure(3, 100, 20, **law)}, 100, 20, observed=np.ones(24, bool))
    world = figure(903, 300, 1, **law)
    world.months[:, 14:] *= 1.25
    first = alarms(joint, {"a": world})
    assert np.mean((first >= 14) & (first < 20)) > 0.7


@given(st.integers(0, 9999), st.floats(0.0, 0.5), st.floats(0.01, 0.5), st.floats(-0.9, 0.9))
@settings(max_examples=25)
def test_no_other_use_of_the_year_before_leaves_less_spread(seed, common, fading, memory):
    paths = figure(seed, 30, 5, common=common, fading=fading, memory=memory)
    regression = Regression.of(paths, of_sets(30, 5))
    assert ((regression.slopes >= 0.0) & (regression.slopes <= 1.0)).all()
    left = regression.logs(paths)[..., 2:].var(axis=0)
    means = np.log(paths.means()[..., 2:])
    change = means - np.log(paths.before)[:, None, None]
    assert (left <= np.minimum(means.var(axis=0), change.var(axis=0)) + 1e-9).all()


@given(st.integers(0, 9999), st.floats(0.1, 10.0))
@settings(max_examples=25)
def test_scores_do_not_depend_on_the_unit(seed, unit):
    usual = figure(seed, 20, 5), figure(seed + 1, 1, 1)
    scaled = (Figure(unit * one.months, unit * one.before, one.amounts) for one in usual)
    one, other = (
        joint_test({"a": paths}, 20, 5).figures["a"].scores(world)
        for paths, world in (usual, scaled)
    )
    assert one == pytest.approx(other, abs=1e-6)


def test_a_month_that_was_not_observed_gives_no_alarm():
    observed = ALL.copy()
    observed[3:9] = False
    joint = joint_test({"a": figure(4, 20, 50)}, 20, 50, observed=observed)
    assert np.isinf(joint.bounds[0][~observed]).all()
    assert np.isfinite(joint.bounds[0][observed]).all()
    world = figure(904, 1, 1)
    world.months[:, 3:9] *= 1000.0
    assert alarms(joint, {"a": world}) == alarms(joint, {"a": figure(904, 1, 1)})


def test_beyond_the_period_nothing_is_tested():
    assert np.isinf(joint_test({"a": figure(5, 20, 50)}, 20, 50, period=8).bounds[0][8:]).all()


def test_scores_are_distances_from_the_median_in_halves_of_the_interval():
    logs = np.log(figure(6, 50, 40).means())
    scale = scale_of(logs, of_sets(50, 40))
    for at, score in ((0.05, -1.645), (0.5, 0.0), (0.95, 1.645)):
        ends = np.quantile(logs, at, axis=0, method="inverted_cdf")
        assert scale.scores(ends[None]) == pytest.approx(score, abs=0.001)
    assert np.isnan(scale.scores(np.full((1, MONTHS, 4), np.nan))).all()


def test_a_figure_that_is_always_zero_has_no_departure():
    nothing = Figure(np.zeros((50, MONTHS)), np.zeros(50), np.ones(MONTHS))
    assert joint_test({"a": nothing}, 50, 1).figures["a"].scores(nothing) == pytest.approx(0.0)


def test_a_set_without_weight_counts_for_nothing():
    paths = figure(7, 10, 20)
    more = Figure(
        np.vstack([paths.months, 9.0 * paths.months]), np.append(paths.before, paths.before), ALL
    )
    weights = np.repeat([1.0 / 200, 0.0], 200)
    members = np.concatenate([of_sets(10, 20).members, of_sets(10, 20).members + 10])
    both = joint_test({"a": paths}, 10, 20).figures["a"]
    one = JointTest.of({"a": more}, {"a": ALL}, Worlds(weights, members), (RATE,), 24).figures["a"]
    assert one.scores(paths) == pytest.approx(both.scores(paths))


@given(st.lists(st.floats(0, 5) | st.just(np.nan), min_size=1, max_size=30), st.integers(1, 9))
def test_a_running_mean_is_that_of_the_months_seen(values, last):
    for month, mean in enumerate(mean_of_last(np.array(values), np.ones(len(values)), last)):
        seen = [one for one in values[max(0, month + 1 - last) : month + 1] if one == one]
        assert mean == pytest.approx(np.mean(seen) if seen else np.nan, abs=1e-9, nan_ok=True)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
def test_months_outside_are_those_beyond_the_ends(values):
    assert outside(np.array(values))[-1] == sum(abs(value) > 1.6448536 for value in values)


def test_power_grows_with_the_change_and_the_months_and_false_alarms_are_as_stated():
    paths = {"a": figure(8, 50, 40), "b": figure(9, 50, 40)}
    power = power_of(paths, dict.fromkeys(paths, ALL), of_sets(50, 40), (RATE, RATE / 5), 24)
    noticed = {(one.figure, one.change, one.months): one.share for one in power.noticed}
    for name in paths:
        for sign in (1, -1):
            by_size = [noticed[name, sign * size, 6] for size in (0.1, 0.2, 0.4)]
            by_month = [noticed[name, sign * 0.2, after] for after in (3, 6, 9)]
            assert [by_size, by_month] == [sorted(by_size), sorted(by_month)]
        assert noticed[name, 0.4, 9] > 0.8
    last = power.false_alarms[-1]
    assert (last.months, last.drifting) == (9, pytest.approx(0.09, abs=0.05))
    assert last.out <= last.drifting
    assert 0.0 <= last.doubtful < 0.2
