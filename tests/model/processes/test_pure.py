"""The small functions under the processes, each against what is known of it."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr

from simulation.model.processes.adaptation import risk_estimate
from simulation.model.processes.allocation import hand_out, stop_chance
from simulation.model.processes.channel import (
    calm_rank,
    make_sea,
    month_levels,
    monthly_fair_shares,
)
from simulation.model.processes.conditions import base_stays, compare_crowds, winter_hubs
from simulation.model.processes.launching import deaths_in_disaster
from simulation.model.processes.movement import after_winter, give_up_chance, waiting_days
from simulation.parameters import load_parameters
from tests.model.processes.small_worlds import assuming
from tests.runs import Steps, scenario_from

SHARE = st.floats(0, 1)
EFFORT = st.floats(0, 50)
KM = st.floats(0.1, 500)


# -- search ---------------------------------------------------------------------------------------


@given(effort=EFFORT, more=EFFORT, sweep=KM, width=KM)
def test_stop_chance_adds_up_as_independent_searches(effort, more, sweep, width):
    one, other = (float(stop_chance(e, sweep, width)) for e in (effort, more))
    both = float(stop_chance(effort + more, sweep, width))
    assert both == pytest.approx(1 - (1 - one) * (1 - other), abs=1e-12)
    assert 0 <= one <= both <= 1


def test_stop_chance_at_its_ends():
    assert stop_chance(0.0, 5.0, 10.0) == 0.0
    assert stop_chance(1e6, 5.0, 10.0) == 1.0
    small = float(stop_chance(1e-6, 5.0, 10.0))
    assert small == pytest.approx(1e-6 * 5 / 10, rel=1e-5)  # little effort: the share swept
    assert stop_chance(1.0, 5.0, 20.0) < stop_chance(1.0, 5.0, 10.0) < stop_chance(1.0, 9.0, 10.0)


@given(weights=st.lists(st.floats(0.001, 10), min_size=1, max_size=12), units=st.integers(0, 500))
def test_largest_remainder_keeps_the_total_and_the_quota(weights, units):
    shares = np.array(weights) / np.sum(weights)
    whole = np.empty(shares.size, dtype=np.int64)
    hand_out(shares, units, np.empty(shares.size), whole)
    assert whole.sum() == units
    exact = shares * units
    assert (whole >= np.floor(exact - 1e-9)).all()
    assert (whole <= np.ceil(exact + 1e-9)).all()
    # nobody with a smaller remainder got the extra unit of somebody with a larger
    rest = exact - np.floor(exact)
    extra = whole > np.floor(exact)
    if extra.any() and not extra.all():
        assert rest[extra].min() >= rest[~extra].max() - 1e-9


# -- stays ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [0.02, 0.1, 3.0])
def test_crowding_is_the_same_at_every_scale(scale):
    people, usual = np.array([0.0, 3.0, 50.0]), np.array([2.0, 2.0, 90.0])
    seen = []
    for s in (1.0, scale):
        remembered, crowding = usual.copy(), np.empty(3)
        compare_crowds(people * s, s, 0.9, 3.0, remembered, crowding)
        seen.append((remembered, crowding))
    np.testing.assert_allclose(seen[0], seen[1])
    np.testing.assert_allclose(seen[0][1], [1 / (1 + 1.8), 4 / 3.1, 51 / 87])


def test_people_stay_longer_at_hubs_where_they_could_settle(tmp_path):
    world = Steps(scenario_from(tmp_path, days=30, warm_up=0)).world
    stays = dict(zip((p.id for p in world.corridor.places), base_stays(world), strict=True))
    factor = world.parameters.stays.west_factor
    assert factor > 1.0
    assert stays["paris"] == stays["vienna"] == factor * stays["belgrade"]
    assert stays["basel"] == stays["szeged"] == world.parameters.stays.transit_days


def test_stays_are_longest_on_the_coldest_day(tmp_path):
    text = '[parameters]\n"stays.coldest_day" = 40\n"stays.crowd_effect" = 0.0\n'
    model = Steps(scenario_from(tmp_path, text, start=date(2023, 1, 1), days=80, warm_up=0)).model
    means = []
    for day in range(80):
        model.world.begin_day(day)
        model.processes.conditions.step(model.world)
        means.append(float(model.world.places.stay_mean.sum()))
    assert int(np.argmax(means)) + 1 == 40


@given(
    day=st.integers(0, 400), stay=st.integers(1, 60), start=st.integers(-100, 500),
    length=st.integers(1, 90),
)  # fmt: skip
def test_a_stay_has_as_many_days_outside_winter_as_it_would_have_in_all(day, stay, start, length):
    due = after_winter(day, day + stay, start, start + length)
    winter = sum(start <= k < start + length for k in range(day, due))
    assert due - day - winter == stay
    assert not start <= due < start + length


def test_winter_is_that_of_today_or_the_next_and_at_hubs_alone(tmp_path):
    model = Steps(scenario_from(tmp_path, start=date(2023, 2, 1), days=365, warm_up=0)).model
    world, winters = model.world, {}
    hubs = winter_hubs(world.corridor)
    ids = {p.id for p, hub in zip(world.corridor.places, hubs, strict=True) if hub}
    assert {"belgrade", "bihac", "paris"} <= ids
    assert not ids & {"sofia", "thessaloniki", "lille"}
    for today in (date(2023, 2, 28), date(2023, 3, 1), date(2023, 12, 15), date(2024, 1, 15)):
        world.begin_day((today - date(2023, 2, 1)).days)
        model.processes.conditions.step(world)
        start, end = world.places.winter_start, world.places.winter_end
        assert not start[~hubs].any()
        assert not end[~hubs].any()
        winters[today] = [world.first + timedelta(days=int(x[hubs][0])) for x in (start, end)]
    assert winters[date(2023, 2, 28)] == [date(2022, 12, 1), date(2023, 3, 1)]
    later = [winters[today] for today in list(winters)[1:]]
    assert later == 3 * [[date(2023, 12, 1), date(2024, 2, 29)]]


# -- beliefs --------------------------------------------------------------------------------------


@given(
    trials=st.floats(0, 1000), lost=SHARE, prior=st.floats(0.01, 0.99),
    worth=st.floats(0.5, 100),
)  # fmt: skip
def test_risk_estimate_is_the_posterior_mean_at_salience_one(trials, lost, prior, worth):
    losses = trials * lost
    estimate = float(risk_estimate(losses, trials, prior, worth, 1.0))
    assert estimate == pytest.approx((losses + prior * worth) / (trials + worth))
    heavier = float(risk_estimate(losses, trials, prior, worth, 3.0))
    assert estimate <= heavier <= 1
    assert heavier / (1 - heavier + 1e-15) == pytest.approx(3 * estimate / (1 - estimate), rel=1e-6)


@given(mean=st.floats(2, 60))
def test_waiting_days_have_the_mean_asked_for(mean):
    u = (np.arange(4000) + 0.5) / 4000
    days = np.array([waiting_days(mean, x) for x in u])
    assert days.min() >= 1
    assert days.mean() == pytest.approx(mean, rel=0.03)
    assert (np.diff(days) <= 0).all()
    assert {waiting_days(0.2, x) for x in (1e-9, 0.5, 1 - 1e-9)} == {1}


def test_giving_up_grows_with_every_stop():
    parameters = assuming({})[0]
    chances = [give_up_chance(parameters, tries) for tries in range(1, 400)]
    assert chances[0] == parameters.migrants.give_up
    assert (np.diff(chances) >= 0).all()
    assert chances[-1] <= 1.0


# -- sea ------------------------------------------------------------------------------------------


@given(share=st.lists(st.floats(0.01, 1.0), min_size=12, max_size=12))
def test_over_a_year_the_rank_of_fair_days_is_uniform(share):
    """Half of the fair days are rougher than the middle one, a tenth than the first tenth."""
    levels, calm = month_levels(share), np.linspace(1e-6, 9.0, 4001)
    rank = calm_rank(calm, levels)
    assert (np.diff(rank) >= 0).all()
    assert rank[0] == pytest.approx(0.0, abs=1e-5)
    for part in (0.1, 0.5):
        rougher = ndtr(levels) - ndtr(levels - np.interp(part, rank, calm))
        assert rougher.sum() / ndtr(levels).sum() == pytest.approx(part, abs=0.01)


@pytest.fixture(scope="module")
def four_centuries():
    """What is assumed, the sea of 1600 to 1999, and the month of each day from 0 for January."""
    parameters, first = load_parameters(), date(1600, 1, 1)
    days = (date(2000, 1, 1) - first).days
    month = (np.datetime64(first) + np.arange(days)).astype("datetime64[M]").astype(int) % 12
    return parameters, make_sea(first, days, parameters, seed=4), month


def test_fair_days_by_month_are_as_many_as_assumed(four_centuries):
    parameters, sea, month = four_centuries
    share = np.bincount(month, weights=sea.fair) / np.bincount(month)
    np.testing.assert_allclose(share, monthly_fair_shares(parameters), atol=0.03)
    # fair days come in spells: neighbours are alike as much as assumed
    july = (month[1:] == 6) & (month[:-1] == 6)
    alike = np.corrcoef(sea.fair[1:][july], sea.fair[:-1][july])[0, 1]
    assert alike == pytest.approx(parameters.sea.persistence, abs=0.04)
    assert not sea.quality[~sea.fair].any()
    assert ((sea.quality >= 0) & (sea.quality < 1)).all()


def test_fair_days_of_winter_and_at_the_ends_of_a_spell_are_marginal(four_centuries):
    """Days likely to see boats (Home Office) against days with arrivals: fewer early in the year.

    77 and 113 in January to April 2022-24; some 79 and 98 in May to December 2023.
    """
    _, sea, month = four_centuries
    early = month < 4
    good = sea.quality > np.quantile(sea.quality[sea.fair], 0.25)
    shares = [good[sea.fair & part].mean() for part in (early, ~early)]
    assert shares[0] / shares[1] == pytest.approx((77 / 113) / (79 / 98), abs=0.05)
    begins = sea.fair[1:] & ~sea.fair[:-1]
    goes_on = sea.fair[1:] & sea.fair[:-1]
    assert sea.quality[1:][begins].mean() < 0.8 * sea.quality[1:][goes_on].mean()


def test_the_sea_is_keyed_by_date():
    """A run that starts later meets the same sea, once the first days are over."""
    parameters = load_parameters()
    early = make_sea(date(2023, 1, 1), 200, parameters, seed=4)
    late = make_sea(date(2023, 3, 2), 140, parameters, seed=4)
    assert (early.fair[90:] == late.fair[30:]).all()
    other = make_sea(date(2023, 1, 1), 200, parameters, seed=5)
    assert (early.fair != other.fair).any()


def disaster(tail=1.2, cap=0.6):
    return assuming({"channel.death_tail": tail, "channel.death_cap": cap})[0]


@given(
    u=st.floats(1e-12, 1 - 1e-12), rounding=st.floats(0, 1, exclude_max=True),
    load=st.integers(1, 90), scale=st.sampled_from([0.02, 0.1, 1.0, 3.0]), cap=SHARE,
)  # fmt: skip
def test_deaths_stay_within_the_boat(u, rounding, load, scale, cap):
    dead = deaths_in_disaster(u, disaster(cap=cap), scale, load, rounding)
    assert 0 <= dead <= load
    assert dead <= max(cap * load, scale) + 1
    if scale >= 1.0:
        assert dead >= 1


@pytest.mark.slow
def test_deaths_have_the_tail_assumed():
    u = (np.arange(100_000) + 0.5) / 100_000
    assumed = disaster(tail=1.5, cap=1.0)
    dead = np.array([deaths_in_disaster(x, assumed, 1.0, 10_000, 0.0) for x in u])
    for size in (2, 5, 20, 100):
        assert np.mean(dead >= size) == pytest.approx(size**-1.5, rel=0.05)


def test_rounding_to_agents_loses_nobody():
    rounding = (np.arange(5000) + 0.5) / 5000
    dead = [deaths_in_disaster(4.5**-1.2, disaster(cap=1.0), 0.1, 50, r) for r in rounding]
    assert np.mean(dead) == pytest.approx(0.4, abs=0.001)  # four people are 0.4 agents
