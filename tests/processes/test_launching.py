"""Who goes aboard first."""

from __future__ import annotations

import numpy as np

from simulation.agents.migrant import State
from simulation.agents.smuggler import Role, Status
from simulation.corridor.stages import BOAT
from simulation.processes.contracts import Clients, enter_client, people_today
from simulation.processes.launching import (
    Launchers,
    LaunchPlan,
    give_turns,
    launch_key,
    queue_of,
    teams_able,
)
from tests.processes.small_worlds import random_world
from tests.runs import Steps, scenario_from

PEOPLE, SEED = 400, 5


def turns(day: int, ordinal: int, waited: int) -> np.ndarray:
    """Draws that order the clients of one launcher who joined so many days ago."""
    m = random_world(1, people=PEOPLE, smugglers=1).m
    m.state[:], m.smuggler[:], m.joined[:] = State.QUEUED, 0, day - waited
    plan = LaunchPlan.with_room(1, PEOPLE)
    plan.clients[:], plan.launchers[:], plan.waiting[:] = np.arange(PEOPLE), 0, PEOPLE
    assert give_turns(day, ordinal, SEED, PEOPLE, 1, queue_of(m), plan) == PEOPLE
    return plan.turn


def test_who_finds_an_operator_first_need_not_board_first():
    """Two decisions of one day and person are two draws."""
    day = 10
    world, clients = random_world(1, people=PEOPLE), Clients.with_room(PEOPLE)
    world.ordinal, world.seed = day, SEED
    for row in range(PEOPLE):
        enter_client(row, 0, people_today(world), row, clients)
    for ordinal in (day, 738_000):
        boarding = turns(day, ordinal, 0).argsort().argsort()
        asking = clients.turn.argsort().argsort()
        assert abs(np.corrcoef(asking, boarding)[0, 1]) < 0.2


def test_the_order_aboard_goes_by_dates():
    np.testing.assert_array_equal(turns(10, 738_000, 4), turns(300, 738_000, 4))
    assert (turns(10, 738_000, 4) != turns(10, 738_001, 4)).any()


def test_those_who_joined_first_board_first():
    assert turns(10, 738_000, 4).max() < turns(10, 738_000, 3).min()


def test_two_launches_of_a_day_are_two_launches(tmp_path):
    """However many a launcher sends: neighbours in number share no draw."""
    s = Steps(scenario_from(tmp_path, days=1, warm_up=0)).world.smugglers
    launchers = s.uid[s.role == Role.LAUNCHER][:250]
    keys = {launch_key(uid, number) for uid in launchers for number in range(40)}
    assert len(keys) == 40 * launchers.size


def test_a_launcher_without_its_organiser_sends_fewer_boats(tmp_path):
    world = Steps(scenario_from(tmp_path, days=1, warm_up=0)).world
    s, loss = world.smugglers, world.parameters.market.orphan_loss
    led = np.flatnonzero((s.stage == BOAT) & (s.organiser >= 0) & (s.status == Status.ACTIVE))

    def able() -> np.ndarray:
        columns = s.table(Launchers)
        return np.array([teams_able(row, world.day, columns, loss) for row in range(s.count)])

    seen = [able()]
    s.status[s.organiser[led[0]]] = Status.HELD
    seen.append(able())
    orphans = led[s.organiser[led] == s.organiser[led[0]]]
    others = np.setdiff1d(led, orphans)
    np.testing.assert_allclose(seen[1][orphans], (1.0 - loss) * seen[0][orphans])
    np.testing.assert_allclose(seen[1][others], seen[0][others])
    assert seen[0][orphans].all()
