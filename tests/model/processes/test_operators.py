"""Operators who enter a market, take over or move, and whom they know."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.migrant import State
from simulation.model.agents.smuggler import ORGANISERS, SmugglerColumns, Status
from simulation.model.processes.adaptation import relocate
from simulation.model.processes.operators import (
    draw_chains,
    inherit,
    jurisdictions,
    stratified,
)
from simulation.model.processes.world import World
from tests.model.processes.small_worlds import assuming
from tests.runs import Steps, scenario_from


def rows_of(world: World, stage: int) -> list[int]:
    return np.flatnonzero(world.smugglers.stage == stage).tolist()


# -- founders -------------------------------------------------------------------------------------


def test_stratified_draws_have_the_middles_of_equal_parts_in_every_group():
    draws = np.random.default_rng(4).random(40)
    group, other = np.repeat([0, 1], [30, 10]), np.tile([5, 6], 20)
    spread = stratified(draws, group, other)
    for one, two in itertools.product((0, 1), (5, 6)):
        here = (group == one) & (other == two)
        expected = (np.arange(here.sum()) + 0.5) / here.sum()
        # whoever draws less has less
        np.testing.assert_allclose(spread[here][np.argsort(draws[here])], expected)
    assert stratified(np.empty(0), np.empty(0)).size == 0


def test_founders_are_alike_in_every_replication_but_for_who_is_who(tmp_path):
    """Markets of few operators differ between seeds by what happens, not by who was there first."""
    scenario = scenario_from(tmp_path, days=1, warm_up=0)
    one, other = (Steps(scenario, seed=seed).world for seed in (1, 2))
    compared = 0
    for stage in set(one.smugglers.stage.tolist()) - {SUPPLY}:  # whose chains are drawn one by one
        for place in np.unique(one.smugglers.place):
            rows, other_rows = (
                np.flatnonzero((s.stage == stage) & (s.place == place))
                for s in (one.smugglers, other.smugglers)
            )
            assert abs(rows.size - other_rows.size) <= 1  # flows of the first day differ a little
            if rows.size != other_rows.size:
                continue
            for name in ("level", "skill"):
                first, second = getattr(one.smugglers, name), getattr(other.smugglers, name)
                np.testing.assert_allclose(np.sort(first[rows]), np.sort(second[other_rows]))
            compared += rows.size
    assert compared > 0.5 * one.smugglers.count
    assert (one.smugglers.level != other.smugglers.level).any()
    founders = one.smugglers, other.smugglers
    np.testing.assert_array_equal(
        *(np.bincount(s.stage[np.isin(s.role, ORGANISERS)]) for s in founders)
    )


def test_founders_carry_what_is_expected_at_their_place(world):
    """However sizes are spread, all together they are as large as their market asks."""
    s = world.smugglers
    for stage, place in {*zip(s.stage.tolist(), s.place.tolist(), strict=True)}:
        here = (s.stage == stage) & (s.place == place)
        assert s.capacity[here].mean() == pytest.approx(world.typical_capacity[stage, place])


# -- successors -----------------------------------------------------------------------------------


def test_a_successor_brings_boats_by_the_chain_of_the_arrested(world):
    """A cell does not change its way through five countries with its head."""
    parents = rows_of(world, SUPPLY)
    heirs = [inherit(world, parent, world.ordinal) for parent in parents]
    s = world.smugglers
    np.testing.assert_array_equal(s.chain[heirs], s.chain[parents])
    assert (draw_chains(world, s.uid[heirs]) != s.chain[heirs]).any()  # its own draw is another
    np.testing.assert_array_equal(
        jurisdictions(world, np.array(heirs)), jurisdictions(world, np.array(parents))
    )


# -- roles ----------------------------------------------------------------------------------------


# -- ties -----------------------------------------------------------------------------------------


def test_who_sells_boats_knows_who_launches_them(world):
    """So that telephones of launchers arrested can name them."""
    s = world.smugglers
    stages = s.stage[world.ties]
    trade = np.sort(stages, axis=1).tolist()
    launchers, way = (s.stage == BOAT).sum(), (s.stage < BOAT).sum()
    others = sum(trade.count([stage, SUPPLY]) for stage in range(BOAT))
    assert trade.count([BOAT, SUPPLY]) / launchers > 3 * others / way
    buyers = world.ties[(stages == SUPPLY) & (stages[:, ::-1] == BOAT)]
    assert np.unique(buyers).size > 0.8 * (s.stage == SUPPLY).sum()


# -- relocation ------------------------------------------------------------------------------------


RESTLESS = '[parameters]\n"market.relocation_rate" = 0.2\n"market.relocation_scale" = 0.1\n'


def test_seats_stay_where_they_were_promised(tmp_path):
    """Nobody is carried from Dunkirk to Boulogne by a launcher who moves."""
    world = (steps := Steps(scenario_from(tmp_path, RESTLESS, days=75, warm_up=0))).world
    moves, left, s, m = 0, 0, world.smugglers, world.migrants
    for _ in range(75):
        place, count = s.place.copy(), s.count
        steps.model.step()
        moves += np.sum((s.place[:count] != place) & (s.stage[:count] == BOAT))
        queued = world.live[m.state[world.live] == State.QUEUED]
        active = s.status[m.smuggler[queued]] == Status.ACTIVE
        np.testing.assert_array_equal(m.place[queued][active], s.place[m.smuggler[queued]][active])
        left += queued.size
    assert moves > 3
    assert left > 100


# -- order ----------------------------------------------------------------------------------------


def moves(order: np.ndarray) -> dict[int, int]:
    """Where operators of one segment go, by identifier, when they stand in some order."""
    rng = np.random.default_rng(4)
    size = order.size
    place = rng.integers(0, 6, size)[order]
    s = SmugglerColumns()
    s.append(uid=order, place=place, profit_rate=2.0 * place)  # all want to the same place
    now = assuming({"market.relocation_rate": 1.0, "market.relocation_scale": 1.0})
    now["seed"], now["ordinal"] = 7, 738_000
    lookers, moved = np.empty((2, size), dtype=np.int64)
    stalls = np.empty((1, 6), dtype=np.int64), np.empty((1, 6))
    relocate(now, s.rows, np.ones(size, dtype=bool), *stalls, lookers, np.empty(size), moved)
    return dict(zip(s.uid.tolist(), s.place.tolist(), strict=True))


def test_who_moves_first_is_no_matter_of_birth():
    usual = moves(np.arange(24))
    for number in range(5):
        assert moves(np.random.default_rng(number).permutation(24)) == usual
    assert len(set(usual.values())) > 1
