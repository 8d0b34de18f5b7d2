"""Which set and path each pair of runs has: spread evenly, twice each, and by its number alone."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.engine import world_design as module
from simulation.engine.assumption_sets import POOL
from simulation.engine.world_design import PARTS, SETS, WorldDesign, Worlds
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import load_scenario
from simulation.statistics.variance_components import variance_components

MONTHS = ("2026-07", "2026-12")
OUTLOOK = load_scenario("outlook")


@pytest.fixture(autouse=True)
def paths_in_order(monkeypatch):
    """Drawn paths whose number says where they lie, so that no path need be drawn."""
    monkeypatch.setattr(
        module,
        "ranked_draws",
        lambda first, last, seed, pool: range(pool * POOL, (pool + 1) * POOL),
    )


def ensemble(weights) -> FittedEnsemble:
    """Sets with these weights."""
    shares = np.array(weights, dtype=float) / np.sum(weights)
    return FittedEnsemble(("market.ties",), np.zeros((len(shares), 1)), shares, {}, "")


def test_every_set_has_two_seeds_and_half_of_them_two_paths():
    design, seeds = WorldDesign(7, "ranges", MONTHS), range(7, 7 + 4 * SETS)
    sets, paths = design.sets(seeds), design.paths(seeds)
    assert set(Counter(sets).values()) == {2}
    of_set = {one: {p for s, p in zip(sets, paths, strict=True) if s == one} for one in sets}
    assert Counter(map(len, of_set.values())) == {1: SETS, 2: SETS}
    assert len({*sets[:SETS]}) == SETS, "the first pairs are all of other sets"


def test_the_set_draws_neither_the_path_nor_the_seed():
    """Second pairs have the set of the first, every draw in it included, and another seed."""
    design = WorldDesign(1, "ranges", MONTHS)
    assert str(design.set_of(1 + SETS, None)) == str(design.set_of(1, None)) == "ranges:1"
    same, other = 1, 2  # the first set keeps its path, the next one does not
    path = {seed: design.scenario_of(OUTLOOK, seed).future.draw for seed in range(1, 2 * SETS + 1)}
    assert path[same] == path[same + SETS]
    assert path[other] != path[other + SETS]


@given(st.sampled_from(["ranges", "records"]), st.integers(3, 300), st.integers(0, 2**62))
def test_any_first_pairs_are_spread_over_the_paths(assumptions, count, seed):
    design = WorldDesign(seed, assumptions, MONTHS)
    counts = Counter(design.part(seed + k) for k in range(count))
    assert {*counts} <= {*PARTS}
    # two pairs of one path count once
    assert all(abs(counts[part] - count / 3) <= 4.0 + 0.06 * count for part in PARTS)


@given(st.lists(st.floats(0.1, 3.0), min_size=2, max_size=60), st.integers(0, 1000))
def test_sets_come_as_often_as_they_weigh(weights, seed):
    design, fit = WorldDesign(seed, "fitted"), ensemble(weights)
    pairs = 16 * SETS
    counts = Counter(design.set_of(seed + k, fit).fitted for k in range(pairs))
    for number, share in enumerate(fit.weights, start=1):
        assert abs(counts[number] / pairs - share) < 0.05


@given(st.integers(0, 500), st.integers(0, 500))
def test_what_a_pair_has_hangs_on_its_number_alone(more, first):
    """A run that is stopped, or gets more pairs later, has one design."""
    design = WorldDesign(1, "ranges", MONTHS)
    alone = [design.set_of(1 + first, None), design.position(1 + first)]
    among = [(design.set_of(s, None), design.position(s)) for s in range(1, 2 + first + more)]
    assert alone == [*among[first]]


def test_where_nothing_is_drawn_every_seed_is_on_its_own():
    design, seeds = WorldDesign(3, "records"), range(3, 40)
    assert design.worlds(seeds).groups == [*range(37)]
    assert design.scenario_of(OUTLOOK, 5) is OUTLOOK
    assert design.pairs_to_split() is None


@pytest.mark.parametrize("first", [0, 6])
@pytest.mark.parametrize(("assumptions", "months"), [("ranges", MONTHS), ("ranges", None),
                                                     ("records", MONTHS)])  # fmt: skip
def test_so_many_pairs_as_it_says_split_a_variance_and_no_fewer(assumptions, months, first):
    design = WorldDesign(5, assumptions, months)
    needed = design.pairs_to_split(first)
    for pairs in (needed - 1, needed):
        seeds = range(5 + first, 5 + first + pairs)
        values = np.random.default_rng(1).normal(size=pairs)
        split = variance_components(values, design.sets(seeds), design.paths(seeds))
        assert (split is not None) == (pairs == needed)


def test_a_scenario_that_names_its_path_keeps_it():
    design = WorldDesign(1, "ranges", MONTHS)
    for future in ({"path": "low"}, {"draw": 5}):
        named = OUTLOOK.with_(future=future)
        assert design.scenario_of(named, 9) is named


def test_pairs_of_one_set_are_one_group_and_of_one_path_where_all_have_one_set():
    assert Worlds([1, 1, 2], [5, 6, 6]).groups == [1, 1, 2]
    assert Worlds([1, 1, 1], [5, 6, 6]).groups == [5, 6, 6]
    assert Worlds([1, 1, 1], [5, 5, 5]).groups == [0, 1, 2]
