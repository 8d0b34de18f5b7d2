"""Adverts taken down: fewer new clients find operators, and it passes when they are back."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor.stages import BOAT
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
