"""Places that operators offer: whole ones each day, with fractions carried to the next."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.agents.smuggler import Status
from simulation.corridor.stages import BOAT
from tests.runs import Steps, scenario_from

SCALE = 0.02


@pytest.fixture
def model(tmp_path):
    """A market on its first day, with so few agents that most pairs have less than one a day."""
    return Steps(scenario_from(tmp_path, days=1, warm_up=0), scale=SCALE).model


def days_of_room(model, days, taken):
    """Room of every pair on each of some days, (days, pairs); a share of it is taken each day."""
    market, world = model.processes.market, model.world
    rooms = []
    for _ in range(days):
        market._set_room(world)
        rooms.append(world.pairs.room.copy())
        world.pairs.room[:] -= np.floor(taken * world.pairs.room).astype(np.int64)
        market.account(world)
    return np.array(rooms)


def on_land(model):
    """Which pairs are of operators on land, (pairs,)."""
    return model.world.smugglers.stage[model.processes.market.service.smuggler] != BOAT


def land_capacity(model):
    """Agents a day that each pair can carry, and which ones are of operators on land; (pairs,)."""
    service, s = model.processes.market.service, model.world.smugglers
    who = service.smuggler
    open_today = s.status[who] == Status.ACTIVE
    organiser = s.organiser[who]
    assert ((organiser < 0) | (s.status[organiser] == Status.ACTIVE)).all()
    return s.capacity[who] * service.share * SCALE, open_today & on_land(model)


def test_small_operators_carry_as_many_as_they_can_over_time(model):
    days = 400
    capacity, land = land_capacity(model)
    assert np.median(capacity[land]) < 1.0
    offered = days_of_room(model, days, taken=1.0).sum(axis=0)
    # all but the part of a place at either end
    assert (np.abs(offered - days * capacity)[land] <= 1.0 + 1e-6).all()


def test_a_place_that_nobody_took_is_there_the_next_day_but_does_not_pile_up(model):
    days = 300
    capacity, land = land_capacity(model)
    rooms = days_of_room(model, days, taken=0.0)
    settled = rooms[days // 2 :, land & (capacity * days / 2 > 1.0)]
    assert settled.min() >= 1
    # as many agents at once as persons in a whole run
    whole = 1.0 + capacity[land] / SCALE
    assert (rooms[:, land] <= whole).all()
    assert (rooms[-1, land] >= np.minimum(whole, capacity[land] * days) - 1.0 - 1e-6).all()


def test_operators_alike_do_not_all_offer_a_place_on_the_same_day(model):
    land = on_land(model)
    model.world.smugglers.capacity[:] = 0.1 / SCALE
    model.processes.market.service.share[:] = 1.0
    rooms = days_of_room(model, 10, taken=1.0)[:, land]
    assert rooms.sum() == pytest.approx(rooms.shape[1], rel=0.1)
    assert (rooms.sum(axis=1) > 0.04 * rooms.shape[1]).all()


def test_who_is_held_offers_nothing_and_loses_nothing(model):
    market, world = model.processes.market, model.world
    days_of_room(model, 50, taken=0.0)
    before = market.service.carried.copy()
    world.smugglers.status[:] = Status.DISRUPTED
    world.smugglers.until[:] = 10_000
    land = on_land(model)
    assert not days_of_room(model, 5, taken=0.0)[:, land].any()
    # but for places that had piled up: it begins with a part of one
    np.testing.assert_allclose(market.service.carried[land], np.minimum(before[land], 1.0))


def test_no_seat_is_promised_in_a_boat_that_is_neither_there_nor_on_its_way(model):
    s, service, world = model.world.smugglers, model.processes.market.service, model.world
    launchers = s.stage == BOAT
    s.teams[launchers], s.load[launchers] = 2.0, 50.0

    def seats(boats, ordered):
        s.boats[launchers], s.ordered[launchers] = boats, ordered
        model.processes.market._set_room(world)
        return world.pairs.room[~on_land(model)].sum()

    none, one, on_the_way = seats(0, 0), seats(1, 0), seats(0, 1)
    number = (~on_land(model)).sum()
    assert none == 0
    assert one == on_the_way == pytest.approx(50.0 * SCALE * number, abs=number / 2)
    depth = world.parameters.channel.queue_depth
    assert seats(100, 0) == pytest.approx(2.0 * depth * 50.0 * SCALE * number, rel=0.1)
    assert (service.smuggler[~on_land(model)] >= 0).all()


def test_seats_in_boats_are_rounded_alike_every_day(model):
    """Seats promised are a stock: a lucky day would hand out what a small launcher has not."""
    rooms = days_of_room(model, 40, taken=0.0)
    land = on_land(model)
    assert (~land).any()
    assert (rooms[:, ~land] == rooms[0, ~land]).all()
    s, service = model.world.smugglers, model.processes.market.service
    who = service.smuggler[~land]
    depth = model.world.parameters.channel.queue_depth
    launches = np.minimum(depth * s.teams[who], s.boats[who] + s.ordered[who])
    seats = launches * s.load[who] * SCALE
    assert (np.abs(rooms[0, ~land] - seats) < 1.0).all()
    assert rooms[0, ~land].sum() == pytest.approx(seats.sum(), rel=0.1)
