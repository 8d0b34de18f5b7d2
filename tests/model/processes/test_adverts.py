"""Adverts taken down: fewer new clients find operators, and it passes when they are back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.corridor.stages import BOAT
from simulation.model.processes.adverts import after_a_day, reachable_clients
from tests.runs import Steps, differences, loses_nobody_and_no_money, scenario_from

DOWN = "[[adverts]]\ntaken_down = 0.95\nfrom = 2023-06-01\n"
SLOW = '[parameters]\n"market.advert_half_life" = 60.0\n"market.advert_clients" = 0.9\n'


def run(folder, text: str, name: str, days: int = 90, after=None):
    scenario = scenario_from(folder, text, name=name, days=days)
    return Steps(scenario, scale=0.1).to_the_end(after=after)


@pytest.fixture(scope="module")
def without(folder):
    return run(folder, SLOW, "without")


@pytest.fixture(scope="module")
def down(folder):
    return run(folder, DOWN + SLOW, "down")


def crossed(model) -> int:
    boats = model.world.ground.segment == BOAT
    return int(model.world.ledger.departures[model.first_counted :, boats].sum())


def test_fewer_people_find_a_seat(without, down):
    assert crossed(down) < 0.9 * crossed(without)


def test_nobody_is_lost_and_no_money(down):
    loses_nobody_and_no_money(down)


@pytest.mark.parametrize("change", [("0.95", "0.0"), ("2023-06-01", "2023-12-01")])
def test_without_a_share_and_before_the_first_day_nothing_differs(folder, without, change):
    assert differences(without, run(folder, DOWN.replace(*change) + SLOW, "idle")) == []


def test_other_stages_have_their_room(folder):
    model = Steps(scenario_from(folder, DOWN + SLOW, name="room", days=40), scale=0.1).model
    model.run_for(60)
    model.world.begin_day(60)
    model.processes.market.set_room(model.world)
    before = model.world.pairs.room.copy()
    model.processes.market.adverts.step(model.world)
    room, boats = model.world.pairs.room, model.world.ground.segment[model.world.pairs.leg] == BOAT
    np.testing.assert_array_equal(room[~boats], before[~boats])
    assert (room <= before).all()
    assert room[boats].sum() < before[boats].sum()


def test_adverts_come_back_once_nobody_takes_them_down(folder):
    online = []
    text = DOWN + "to = 2023-06-20\n" + SLOW.replace("60.0", "2.0")
    look = lambda m: online.append(m.processes.market.adverts.online[BOAT])  # noqa: E731
    run(folder, text, "back", after=look)
    assert min(online) < 0.8
    assert online[-1] == 1.0


@given(
    online=st.floats(0.0, 1.0), taken=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0),
    half_life=st.floats(1.0, 90.0),
)  # fmt: skip
def test_more_taken_down_leaves_fewer_online(online, taken, more, half_life):
    share = np.array([online])
    here = after_a_day(share, np.array([taken]), half_life)
    fewer = after_a_day(share, np.array([taken + more * (1.0 - taken)]), half_life)
    assert 0.0 <= fewer[0] <= here[0] <= 1.0
    assert after_a_day(share, np.zeros(1), half_life)[0] >= online


@pytest.mark.parametrize(
    ("first", "taken", "half_life", "days", "last"),
    [(0.2, 0.0, 12.0, 12, 0.6), (1.0, 0.5, 1e12, 7, 0.5)],
    ids=["half is back after the half-life", "half is down after a week if none come back"],
)
def test_adverts_go_and_come_back_by_halves(first, taken, half_life, days, last):
    online = np.array([first])
    for _ in range(days):
        online = after_a_day(online, np.array([taken]), half_life)
    assert online[0] == pytest.approx(last)


@given(room=st.floats(0.0, 500.0), by_word=st.floats(0.0, 500.0), online=st.floats(0.0, 1.0))
def test_clients_lie_between_word_of_mouth_and_the_room(room, by_word, online):
    reached = reachable_clients(np.array([room]), np.array([by_word]), np.array([online]))[0]
    assert min(room, by_word) - 1e-9 <= reached <= room + 1e-9
