"""Who goes aboard first."""

from __future__ import annotations

import numpy as np

from simulation.agents.migrant import State
from simulation.processes.deals import ask, make_clients
from simulation.processes.launching import give_turns
from tests.processes.small_worlds import random_world

PEOPLE, SEED = 400, 5


def turns(day: int, ordinal: int, waited: int) -> np.ndarray:
    """Draws that order the clients of one launcher who joined so many days ago."""
    m = random_world(1, people=PEOPLE, smugglers=1).m
    m.state[:], m.smuggler[:], m.joined[:] = State.QUEUED, 0, day - waited
    turn = np.empty(PEOPLE, dtype=np.uint64)
    one = np.zeros(1, dtype=np.int64)
    count = give_turns(
        day, ordinal, SEED, np.arange(PEOPLE), m, one, np.array([PEOPLE]), one.copy(), one.copy(),
        turn,
    )  # fmt: skip
    assert count == PEOPLE
    return turn


def test_who_finds_an_operator_first_need_not_board_first():
    """Two decisions of one day and person are two draws."""
    day = 10
    m, clients = random_world(1, people=PEOPLE).m, make_clients(PEOPLE)
    for row in range(PEOPLE):
        ask(row, 0, day, SEED, m, row, clients)
    for ordinal in (day, 738_000):
        boarding = turns(day, ordinal, 0).argsort().argsort()
        asking = clients.turn.argsort().argsort()
        assert abs(np.corrcoef(asking, boarding)[0, 1]) < 0.2


def test_the_order_aboard_goes_by_dates():
    np.testing.assert_array_equal(turns(10, 738_000, 4), turns(300, 738_000, 4))
    assert (turns(10, 738_000, 4) != turns(10, 738_001, 4)).any()


def test_those_who_joined_first_board_first():
    assert turns(10, 738_000, 4).max() < turns(10, 738_000, 3).min()
