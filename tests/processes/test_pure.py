"""The small functions under the processes, each against what is known of it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.agents.migrant import State
from simulation.parameters import load_parameters
from simulation.processes.allocation import hand_out, stop_chance
from simulation.processes.choice import expected_flows, leg_costs, look_ahead, values_to_go
from simulation.processes.conditions import base_stays, compare_crowds
from simulation.processes.movement import give_up_chance, move, waiting_days
from simulation.processes.risk import risk_estimate
from simulation.processes.sailing import SeaRules, deaths_in_disaster
from simulation.processes.sea import make_sea, monthly_fair_shares, transition_chances
from simulation.processes.setup import make_rules
from simulation.processes.sharing import (
    chained_fidelity,
    fuse_activity,
    spread_fact,
    through_channel,
)
from tests.processes.small_worlds import random_world
from tests.runs import Steps, scenario_from

SHARE = st.floats(0, 1)
EFFORT = st.floats(0, 50)
KM = st.floats(0.1, 500)
NEVER = 1 << 30


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


# -- choice ---------------------------------------------------------------------------------------


def brute_force(edges, costs, start, goals):
    """Log of the sum over all paths of exp(-cost), each path counted by its legs."""
    graph = nx.MultiDiGraph()
    for number, (a, b) in enumerate(edges):
        graph.add_edge(a, b, key=number)
    if start in goals:
        return 0.0
    if start not in graph:
        return -np.inf
    total = 0.0
    for path in nx.all_simple_edge_paths(graph, start, goals & set(graph)):
        # a path ends at the first goal it meets
        if all(b not in goals for _, b, _ in path[:-1]):
            total += np.exp(-sum(costs[number] for _, _, number in path))
    return np.log(total) if total > 0 else -np.inf


@given(
    edges=st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 5)).filter(lambda e: e[0] < e[1]),
        min_size=1, max_size=12,
    ),
    data=st.data(),
)  # fmt: skip
def test_values_to_go_are_sums_over_all_paths(edges, data):
    costs = np.array(
        data.draw(
            st.lists(
                st.one_of(st.floats(0.05, 6), st.just(np.inf)),
                min_size=len(edges), max_size=len(edges),
            )
        )
    )  # fmt: skip
    destination = np.array([-1, -1, 1, -1, 0, 0], dtype=np.int16)
    origin = np.array([a for a, _ in edges])
    order = np.argsort(origin, kind="stable").astype(np.int32)
    start = np.searchsorted(origin[order], np.arange(7)).astype(np.int32)
    stays = np.array(data.draw(st.lists(st.floats(0, 2), min_size=6, max_size=6)))
    out = np.empty((3, 6))
    values_to_go(
        start, order, np.array([b for _, b in edges], dtype=np.int16), costs, stays, destination,
        out,
    )  # fmt: skip
    # a stay is paid for by every leg that leaves after it
    costs = costs + stays[origin]
    open_edges = [(e, c) for e, c in zip(edges, costs, strict=True) if np.isfinite(c)]
    for d in range(2):
        goals = set(np.flatnonzero(destination == d).tolist())
        for place in range(6):
            expected = brute_force(
                [e for e, _ in open_edges], [c for _, c in open_edges], place, goals
            )
            assert out[d, place] == pytest.approx(expected, abs=1e-7)
    assert np.isneginf(out[2]).all()  # a destination that no place serves


def test_values_to_go_on_a_circuit():
    """Two places that lead to each other: the value solves its own equation."""
    out = np.empty((1, 3))
    values_to_go(
        np.array([0, 2, 3, 3], dtype=np.int32), np.array([0, 1, 2], dtype=np.int32),
        np.array([1, 2, 0], dtype=np.int16), np.array([1.0, 3.0, 0.5]),
        np.zeros(3), np.array([-1, -1, 0], dtype=np.int16), out,
    )  # fmt: skip
    way_out, circuit = np.exp(-3.0), np.exp(-1.0 - 0.5)
    assert out[0, 0] == pytest.approx(np.log(way_out / (1 - circuit)), abs=1e-7)
    assert out[0, 1] == pytest.approx(out[0, 0] - 0.5, abs=1e-7)


def test_people_choose_by_the_stay_at_the_end_of_a_leg():
    """Two ways that differ in the stay half way alone, and then in where the journey ends."""
    world = random_world(1, people=4000, places=4, legs=4, smugglers=1)
    legs, places, m = world.legs, world.places, world.m
    legs.target[:] = [1, 2, 3, 3]
    places.leg_start[:], places.legs[:] = [0, 2, 3, 4, 4], [0, 1, 2, 3]
    places.destination[:], places.stay_mean[:] = [-1, -1, -1, 0], [9.0, 20.0, 5.0, 50.0]
    for name in ("smuggled", "boat", "sideways", "final_state", "fee", "other_cost"):
        getattr(legs, name)[:] = 0
    legs.offered[:], legs.duration[:] = True, 2
    legs.belief[:] = legs.stop_chance[:] = legs.death_chance[:] = 0.0
    m.destination[:], m.place[:], m.state[:], m.due[:] = 0, 0, State.WAITING, 0
    m.escrow[:], m.stopped_leg[:], m.tries[:], m.detours[:] = 0, -1, 0, 0
    world.rules = world.rules._replace(choice_scale=400.0, day_value=20.0)
    ground = SimpleNamespace(origin=np.array([0, 0, 1, 2]))
    seen = SimpleNamespace(**vars(world), ground=ground)
    look_ahead(seen)
    flows = expected_flows(seen, np.array([[4000.0, 0.0, 0.0, 0.0]] * 3), np.zeros(4))
    share = 1 / (1 + np.exp(15 * 20.0 / 400.0))
    np.testing.assert_allclose(flows, 4000 * np.array([share, 1 - share, share, 1 - share]))
    facts = np.empty((2 * world.live.size + 2, 4), dtype=np.int64)
    move(*world.arguments(), facts)
    np.testing.assert_allclose(world.counts.departures[:2], flows[:2], rtol=0.1)
    assert world.places.to_go[0].max() == 0.0  # nobody stays who has come to the end


def test_expected_flows_lose_nobody(tmp_path):
    """At each place who comes in goes on, until everybody is where they wanted to be."""
    world = Steps(scenario_from(tmp_path, days=60, warm_up=0)).world
    look_ahead(world)
    places, ground = world.places, world.ground
    count = places.destination.size
    rng = np.random.default_rng(2)
    none = np.zeros(ground.origin.size)
    for d in range(places.to_go.shape[0]):
        entries = np.zeros((places.to_go.shape[0], count))
        entries[d] = np.where(
            np.isfinite(places.to_go[d]) & (places.destination != d), rng.random(count), 0.0
        )
        flows = expected_flows(world, entries, none)
        came = np.bincount(ground.target, weights=flows, minlength=count)
        left = np.bincount(ground.origin, weights=flows, minlength=count)
        goal = places.destination == d
        np.testing.assert_allclose((came + entries[d])[~goal], left[~goal], atol=1e-9)
        assert came[goal].sum() == pytest.approx(entries[d].sum())
        assert not left[goal].any()
        # a stop is one more attempt at the same leg
        np.testing.assert_allclose(expected_flows(world, entries, none + 0.5), flows * 1.5)
    # on a circuit a gain would be taken again and again
    assert (leg_costs(world)[world.legs.offered & world.legs.sideways] > 0).all()


def test_expected_flows_are_never_negative(tmp_path):
    world = Steps(scenario_from(tmp_path, days=60, warm_up=0)).world
    look_ahead(world)
    shape = world.places.to_go.shape
    for place in range(shape[1]):
        entries = np.zeros(shape)
        entries[:, place] = 1.0
        assert expected_flows(world, entries, np.zeros(world.legs.fee.size)).min() >= 0


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
    assert stays["paris"] == stays["vienna"] == 3 * stays["belgrade"]
    assert stays["basel"] == stays["szeged"] == world.parameters.stays.transit_days


def test_stays_are_longest_on_the_coldest_day(tmp_path):
    text = '[parameters]\n"stays.coldest_day" = 40\n"stays.crowd_effect" = 0.0\n'
    scenario = scenario_from(tmp_path, text, start=date(2023, 1, 1), days=80, warm_up=0)
    model = Steps(scenario).model
    means = []
    for day in range(80):
        model.world.begin_day(day)
        model._conditions.step(model.world)
        means.append(float(model.world.places.stay_mean.sum()))
    assert int(np.argmax(means)) + 1 == 40


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


def test_a_short_wait_is_a_day():
    assert {waiting_days(0.2, u) for u in (1e-9, 0.5, 1 - 1e-9)} == {1}


def test_giving_up_grows_with_every_stop():
    rules = make_rules(load_parameters(), 0)
    chances = [give_up_chance(rules, tries) for tries in range(1, 400)]
    assert chances[0] == rules.give_up
    assert (np.diff(chances) >= 0).all()
    assert chances[-1] <= 1.0


# -- sea ------------------------------------------------------------------------------------------


@given(share=SHARE, persistence=st.floats(0, 0.99))
def test_transitions_keep_the_share_of_fair_days(share, persistence):
    after_fair, after_rough = transition_chances(share, persistence)
    assert 0 <= after_rough <= after_fair <= 1
    assert share * after_fair + (1 - share) * after_rough == pytest.approx(share)
    assert after_fair - after_rough == pytest.approx(persistence)


def test_fair_days_by_month_are_as_many_as_assumed():
    parameters = load_parameters()
    years = 400
    first = date(1600, 1, 1)
    days = (date(1600 + years, 1, 1) - first).days
    sea = make_sea(first, days, parameters, seed=4)
    month = (np.datetime64(first) + np.arange(days)).astype("datetime64[M]").astype(int) % 12
    share = np.bincount(month, weights=sea.fair) / np.bincount(month)
    np.testing.assert_allclose(share, monthly_fair_shares(parameters), atol=0.03)
    # fair days come in spells: neighbours are alike as much as assumed
    july = (month[1:] == 6) & (month[:-1] == 6)
    alike = np.corrcoef(sea.fair[1:][july], sea.fair[:-1][july])[0, 1]
    assert alike == pytest.approx(parameters.sea.persistence, abs=0.04)
    assert not sea.quality[~sea.fair].any()
    assert ((sea.quality >= 0) & (sea.quality < 1)).all()


def test_the_sea_is_keyed_by_date():
    """A run that starts later meets the same sea, once the first days are over."""
    parameters = load_parameters()
    early = make_sea(date(2023, 1, 1), 200, parameters, seed=4)
    late = make_sea(date(2023, 3, 2), 140, parameters, seed=4)
    assert (early.fair[90:] == late.fair[30:]).all()
    other = make_sea(date(2023, 1, 1), 200, parameters, seed=5)
    assert (early.fair != other.fair).any()


def sea_rules(scale=1.0, tail=1.2, cap=0.6):
    nobody = np.zeros(1, dtype=np.int16)
    return SeaRules(0.5, 0.5, tail, cap, scale, 0, nobody)


@given(
    u=st.floats(1e-12, 1 - 1e-12), rounding=st.floats(0, 1, exclude_max=True),
    load=st.integers(1, 90), scale=st.sampled_from([0.02, 0.1, 1.0, 3.0]), cap=SHARE,
)  # fmt: skip
def test_deaths_stay_within_the_boat(u, rounding, load, scale, cap):
    dead = deaths_in_disaster(u, sea_rules(scale, cap=cap), load, rounding)
    assert 0 <= dead <= load
    assert dead <= max(cap * load, scale) + 1
    if scale >= 1.0:
        assert dead >= 1


def test_deaths_have_the_tail_assumed():
    u = (np.arange(100_000) + 0.5) / 100_000
    dead = np.array([deaths_in_disaster(x, sea_rules(tail=1.5, cap=1.0), 10_000, 0.0) for x in u])
    for size in (2, 5, 20, 100):
        assert np.mean(dead >= size) == pytest.approx(size**-1.5, rel=0.05)


def test_rounding_to_agents_loses_nobody():
    rounding = (np.arange(5000) + 0.5) / 5000
    rules = sea_rules(scale=0.1, cap=1.0)
    dead = [deaths_in_disaster(4.5**-rules.death_tail, rules, 50, r) for r in rounding]
    assert np.mean(dead) == pytest.approx(0.4, abs=0.001)  # four people are 0.4 agents


# -- sharing --------------------------------------------------------------------------------------


@given(weight=st.floats(-6, 6), better=st.floats(0.5, 1), worse=st.floats(0.5, 1))
def test_a_channel_takes_from_a_fact_what_it_garbles(weight, better, worse):
    assert through_channel(weight, 1.0) == pytest.approx(weight, abs=1e-9)
    assert through_channel(weight, 0.5) == 0.0
    worse, better = sorted((worse, better))
    left = float(through_channel(weight, better))
    assert abs(float(through_channel(weight, worse))) <= abs(left) + 1e-12
    assert left * weight >= 0
    assert through_channel(-weight, better) == pytest.approx(-left, abs=1e-9)


@given(first=st.floats(0.5, 1), second=st.floats(0.5, 1))
def test_two_channels_keep_less_than_one(first, second):
    both = chained_fidelity(first, second)
    assert both == pytest.approx(chained_fidelity(second, first))
    assert 0.5 - 1e-12 <= both <= min(first, second) + 1e-12
    assert chained_fidelity(first, 1.0) == pytest.approx(first)
    assert chained_fidelity(first, 0.5) == pytest.approx(0.5)


def spread(count=4, key=9, **changed):
    """A fact learnt by authority 0 on day 10; everybody shares all unless said otherwise."""
    full = {
        "coverage": np.ones((count, count)), "delay": np.zeros((count, count)),
        "fidelity": np.ones((count, count)), "onward": np.ones((count, count), dtype=bool),
        "leak": np.zeros((count, count)), "concerned": np.ones(count, dtype=bool),
    }  # fmt: skip
    arrival, quality = np.empty(count, dtype=np.int64), np.empty(count)
    leaked = spread_fact(np.uint64(key), 0, 10, 1, *(full | changed).values(), arrival, quality)
    return arrival, quality, leaked


def chain(*pairs, count=4):
    """Coverage along some ordered pairs only."""
    coverage = np.zeros((count, count))
    for one, other in pairs:
        coverage[one, other] = 1.0
    return coverage


def test_a_fact_arrives_once_and_by_the_quicker_way():
    """Straight to 3 through a bad channel and late; by 1 at once, through a better one."""
    delay, fidelity = np.zeros((4, 4)), np.full((4, 4), 0.9)
    delay[0, 3], fidelity[0, 3] = 10**6, 0.6
    ways = chain((0, 3), (0, 1), (1, 3))
    arrival, quality, _ = spread(coverage=ways, delay=delay, fidelity=fidelity)
    assert arrival.tolist() == [10, 10, NEVER, 10]
    assert quality[3] == pytest.approx(chained_fidelity(0.9, 0.9))
    delay[0, 3], delay[0, 1] = 0, 10**6
    arrival, quality, _ = spread(coverage=ways, delay=delay, fidelity=fidelity)
    assert arrival[3] == 10
    assert quality[3] == pytest.approx(0.6)


def test_the_third_party_rule_ends_a_facts_way():
    onward = np.ones((4, 4), dtype=bool)
    onward[0, 1] = False
    ways = chain((0, 1), (1, 2))
    assert spread(coverage=ways)[0].tolist() == [10, 10, 10, NEVER]
    assert spread(coverage=ways, onward=onward)[0].tolist() == [10, 10, NEVER, NEVER]


def test_a_fact_goes_only_to_whom_it_concerns():
    concerned = np.array([True, False, True, True])
    arrival, _, _ = spread(coverage=chain((0, 1), (1, 2), (0, 3)), concerned=concerned)
    assert arrival.tolist() == [10, NEVER, NEVER, 10]


def test_coverage_delay_and_leaks_are_as_asked():
    some = np.full((2, 2), 0.3)
    arrived = [spread(2, key, coverage=some)[0][1] == 10 for key in range(4000)]
    assert np.mean(arrived) == pytest.approx(0.3, abs=0.03)
    days = [spread(2, key, delay=np.full((2, 2), 20.0))[0][1] - 10 for key in range(4000)]
    assert min(days) >= 1
    assert np.mean(days) == pytest.approx(20.5, rel=0.06)  # whole days, rounded up
    leaks = [spread(2, key, leak=np.full((2, 2), 0.2))[2] for key in range(4000)]
    assert np.mean(leaks) == pytest.approx(0.2, abs=0.03)
    assert not any(
        spread(2, key, coverage=np.zeros((2, 2)), leak=np.ones((2, 2)))[2] for key in range(50)
    )


def fused(precision, coverage=1.0, delay=0.0, fidelity=1.0, ground=(True, True)):
    """What authority 1 believes of a leg; 0 has seen 10, 20, 30 (newest) and 1 always 4."""
    history = np.array([[[10.0], [4.0]], [[20.0], [4.0]], [[30.0], [4.0]]])
    out = np.empty((2, 1))
    full = np.ones((2, 2))
    fuse_activity(
        history, np.array(precision, dtype=float)[:, None], 2, full * coverage, full * delay,
        full * fidelity, 2.0, np.array(ground)[:, None], out,
    )  # fmt: skip
    return out[1, 0]


def test_fused_activity_is_a_mean_by_worth():
    assert fused([1, 1]) == pytest.approx((30 + 4) / 2)
    assert fused([3, 1]) == pytest.approx((3 * 30 + 4) / 4)
    assert fused([0, 1]) == 4.0
    assert fused([1, 1], coverage=0.5) == pytest.approx((0.5 * 30 + 4) / 1.5)
    assert fused([1, 1], fidelity=0.75) == pytest.approx((0.5 * 30 + 4) / 1.5)
    # two days late, and half as much worth after a half-life of two days
    assert fused([1, 1], delay=2.0) == pytest.approx((0.5 * 10 + 4) / 1.5)
    assert fused([1, 1], ground=(True, False)) == 0.0


@pytest.mark.parametrize("lost", [{"coverage": 0.0}, {"fidelity": 0.5}, {"delay": 4000.0}])
@pytest.mark.parametrize("own", [0.0, 1.0])
def test_what_is_lost_on_the_way_tells_nothing(lost, own):
    assert fused([1, own], **lost) == pytest.approx(4.0 * own, abs=1e-12)
