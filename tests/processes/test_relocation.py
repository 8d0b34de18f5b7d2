"""Operators who move to another place, and what they leave behind."""

from __future__ import annotations

import numpy as np

from simulation.agents.migrant import State
from simulation.agents.smuggler import Status
from simulation.corridor.stages import BOAT
from simulation.processes.adaptation import relocate
from simulation.processes.operators import usual_cost
from tests.runs import Steps, scenario_from

RESTLESS = '[parameters]\n"market.relocation_rate" = 0.2\n"market.relocation_scale" = 0.1\n'


def test_seats_stay_where_they_were_promised(tmp_path):
    """Nobody is carried from Dunkirk to Boulogne by a launcher who moves."""
    steps = Steps(scenario_from(tmp_path, RESTLESS, days=75, warm_up=0))
    model, moves, left = steps.model, 0, 0
    for _ in range(75):
        s = model.world.smugglers
        place, count = s.place.copy(), s.count
        model.step()
        world = model.world
        s, m = world.smugglers, world.migrants
        moved = np.flatnonzero((s.place[:count] != place) & (s.stage[:count] == BOAT))
        moves += moved.size
        queued = world.live[m.state[world.live] == State.QUEUED]
        there = s.status[m.smuggler[queued]] == Status.ACTIVE
        np.testing.assert_array_equal(m.place[queued][there], s.place[m.smuggler[queued]][there])
        left += queued.size
    assert moves > 3
    assert left > 100


def test_costs_are_those_of_the_place(tmp_path):
    steps = Steps(scenario_from(tmp_path, RESTLESS, days=40, warm_up=0))
    first = steps.world.smugglers.place.copy()
    s = steps.to_the_end().world.smugglers
    np.testing.assert_array_equal(s.cost, usual_cost(steps.world, s.stage, s.place))
    assert (s.place[: first.size] != first).sum() > 5


# -- order ----------------------------------------------------------------------------------------


def moves(order: np.ndarray) -> dict[int, int]:
    """Where operators of one segment go, by identifier, when they stand in some order."""
    rng = np.random.default_rng(4)
    size = order.size
    uid = np.arange(size, dtype=np.uint64)
    place = rng.integers(0, 6, size).astype(np.int16)
    profit = 2.0 * place  # all want to the same place; the last one at each stays
    uid, place, profit = uid[order], place[order], profit[order]
    stalls = np.empty((1, 6), dtype=np.int64), np.empty((1, 6))
    relocate(
        7, 738_000, uid, np.zeros(size, dtype=np.int8), place, profit, np.ones(size, dtype=bool),
        1.0, 1.0, *stalls, np.empty(size, dtype=np.int64), np.empty(size),
        np.empty(size, dtype=np.int64),
    )  # fmt: skip
    return dict(zip(uid.tolist(), place.tolist(), strict=True))


def test_who_moves_first_is_no_matter_of_birth():
    usual = moves(np.arange(24))
    for number in range(5):
        assert moves(np.random.default_rng(number).permutation(24)) == usual
    assert len(set(usual.values())) > 1
