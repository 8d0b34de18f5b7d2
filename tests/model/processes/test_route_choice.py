"""What the way ahead is worth, and where people are expected to go."""

from __future__ import annotations

from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.model.processes.route_choice import (
    expected_flows,
    leg_costs,
    look_ahead,
    values_to_go,
)
from tests.model.processes.small_worlds import plain_world


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
    freight = np.array(data.draw(st.lists(st.booleans(), min_size=len(edges), max_size=len(edges))))
    values_to_go(
        start, order, np.array([b for _, b in edges], dtype=np.int16), costs, freight, 1.0, stays,
        destination, out,
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


def test_people_choose_by_the_stay_at_the_end_of_a_leg():
    """Two ways that differ in the stay half way alone, and then in where the journey ends."""
    world = plain_world(4000, places=4, legs=4)
    places = world.places
    world.legs.target[:], world.legs.duration[:] = [1, 2, 3, 3], 2
    places.leg_start[:] = [0, 2, 3, 4, 4]
    places.destination[:], places.stay_mean[:] = [-1, -1, -1, 0], [9.0, 20.0, 5.0, 50.0]
    world.assume({"migrants.choice_scale": 400.0, "migrants.day_value": 20.0})
    ground = SimpleNamespace(origin=np.array([0, 0, 1, 2]))
    seen = SimpleNamespace(**vars(world), parameters=world.parameters, ground=ground)
    look_ahead(seen)
    flows = expected_flows(seen, np.array([[4000.0, 0.0, 0.0, 0.0]] * 3), np.zeros(4))
    share = 1 / (1 + np.exp(15 * 20.0 / 400.0))
    np.testing.assert_allclose(flows, 4000 * np.array([share, 1 - share, share, 1 - share]))
    world.move()
    np.testing.assert_allclose(world.counts.departures[:2], flows[:2], rtol=0.1)
    assert world.places.to_go[0].max() == 0.0  # nobody stays who has come to the end


def two_nests(nesting):
    """A place from where a boat and two lorries lead to the end, and 20,000 people there."""
    world = plain_world(20_000, legs=3)
    world.places.destination[1], world.places.stay_mean[:] = 0, 1.0
    world.legs.freight[:], world.legs.other_cost[:] = [False, True, True], [0.0, 600.0, 1000.0]
    world.assume({
        "migrants.choice_scale": 400.0, "migrants.day_value": 0.0,
        "migrants.freight_nesting": nesting,
    })  # fmt: skip
    world.ground = SimpleNamespace(origin=np.zeros(3, dtype=int))
    return world


def nested_shares(nesting, values):
    """Shares and value of a nested logit of the first against the others (Mai et al. 2015)."""
    boat, *lorries = np.exp(np.asarray(values))
    by_nest = np.array([boat, sum(lorries)]) ** nesting
    value = np.log(by_nest.sum()) / nesting
    hidden = by_nest[1] / by_nest.sum()
    return [1 - hidden, *(hidden * part / sum(lorries) for part in lorries)], value


@pytest.mark.parametrize("nesting", [1.0, 0.5, 0.15])
def test_freight_is_a_nest_of_the_choice(nesting):
    """Persons, expected flows and values follow one nested logit."""
    world = two_nests(nesting)
    values = -np.array([0.0, 600.0, 1000.0]) / 400.0
    shares, value = nested_shares(nesting, values)
    look_ahead(world)
    assert world.places.to_go[0, 0] == pytest.approx(value)
    people = world.live.size
    flows = expected_flows(world, np.array([[people, 0.0]] * 3), np.zeros(3))
    np.testing.assert_allclose(flows, people * np.array(shares))
    world.move()
    error = np.sqrt(people * np.array(shares) * (1 - np.array(shares)))
    assert (np.abs(world.counts.departures - flows) < 4 * error).all()


def test_expected_flows_lose_nobody(world):
    """At each place who comes in goes on, until everybody is where they wanted to be."""
    look_ahead(world)
    places, ground, rng = world.places, world.ground, np.random.default_rng(2)
    count, none = places.destination.size, np.zeros(ground.origin.size)
    for d, ahead in enumerate(places.to_go):
        goal, entries = places.destination == d, np.zeros(places.to_go.shape)
        entries[d] = np.where(np.isfinite(ahead) & ~goal, rng.random(count), 0.0)
        flows = expected_flows(world, entries, none)
        came = np.bincount(ground.target, weights=flows, minlength=count)
        left = np.bincount(ground.origin, weights=flows, minlength=count)
        np.testing.assert_allclose((came + entries[d])[~goal], left[~goal], atol=1e-9)
        assert came[goal].sum() == pytest.approx(entries[d].sum())
        assert not left[goal].any()
        # a stop is one more attempt at the same leg
        np.testing.assert_allclose(expected_flows(world, entries, none + 0.5), flows * 1.5)
    # on a circuit a gain would be taken again and again
    assert (leg_costs(world)[world.legs.offered & world.legs.sideways] > 0).all()
