"""How operators answer to the number of clients, and the places that they offer."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from simulation.corridor.stages import BOAT, SUPPLY
from simulation.model.agents.smuggler import NEVER_BACK, Status
from simulation.model.processes.adaptation import single_share
from simulation.model.processes.recovery import remove
from simulation.model.processes.world import World
from tests.runs import Steps, scenario_from


def capacity(world: World) -> float:
    """People a day that operators before the Channel can take on."""
    s = world.smugglers
    working = (s.status == Status.ACTIVE) & (s.stage < SUPPLY)
    return float(s.capacity[working].sum())


WAVE = """
[[wave]]
origins = ["syria", "afghanistan"]
route = "balkan"
people_per_year = 250_000
"""


def test_operators_take_on_helpers_with_their_clients(tmp_path):
    """Founded for the usual people, they grow when thrice as many come."""
    ends = []
    for text in ("", WAVE, WAVE + "[adaptation]\nrecruitment = false\n"):
        steps = Steps(scenario_from(tmp_path, text, days=70, warm_up=0)).to_the_end()
        ends.append(capacity(steps.world))
    usual, crowded, frozen = ends
    assert crowded > 1.2 * usual
    assert crowded > 1.2 * frozen


def test_nobody_shrinks_below_the_floor(tmp_path):
    routes = ("balkan", "central_med", "eastern_land", "iberia", "air", "resident")
    nobody = "[entries]\n" + "".join(f"{route} = 0\n" for route in routes)
    fast = '[parameters]\n"market.firing_speed" = 0.2\n"market.firing_most" = 0.3\n'
    steps = Steps(scenario_from(tmp_path, nobody + fast, days=200, warm_up=0))
    s = steps.world.smugglers
    first = s.capacity.copy()
    steps.to_the_end()
    world = steps.world
    least = world.parameters.market.hiring_floor * world.typical_capacity[s.stage, s.place]
    founders = slice(0, first.size)
    trading = (s.status[founders] == Status.ACTIVE) & (s.stage[founders] != SUPPLY)
    low = np.minimum(least[founders], first)[trading]
    assert trading.any()
    assert (s.capacity[founders][trading] >= low * (1 - 1e-9)).all()
    assert (s.capacity[founders][trading] <= first[trading] * (1 + 1e-9)).all()


def test_the_turned_away_count_in_people_at_any_scale(tmp_path):
    """Two in three who find no room ask for thrice the capacity, however few agents they are."""
    asked_of = []
    for scale in (0.02, 1.0):
        steps = Steps(scenario_from(tmp_path, days=1, warm_up=0), scale=scale)
        world, market = steps.world, steps.model.processes.market
        market.service.pairs.clients[:] = 1.0
        market._week_asked[:], market._week_unmet[:] = 9.0 * scale, 6.0 * scale
        everybody = np.ones(world.smugglers.count, dtype=bool)
        risk = market.usual_risk[market.service.pairs.leg]
        before = market.set_use(world, market.form_outlook(world, risk), everybody)
        market._week_unmet[:] = 0.0
        without = market.set_use(world, market.form_outlook(world, risk), everybody)
        np.testing.assert_allclose(before, (1 + 2.0) * without)
        asked_of.append(before)
    np.testing.assert_allclose(*asked_of)


# -- newcomers ------------------------------------------------------------------------------------


def newcomers(folder, elsewhere: bool) -> dict[tuple[int, int], list[int]]:
    """Identifiers of those who enter two markets that pay, and a third if told to."""
    certain = '[parameters]\n"market.entry_cap" = 1.0\n'
    steps = Steps(scenario_from(folder, certain, days=1, warm_up=0))
    world, market = steps.world, steps.model.processes.market
    s = world.smugglers
    busy = np.unique(np.stack([s.stage, s.place])[:, s.stage < SUPPLY], axis=1).T[:3].tolist()
    first = s.count
    s.profit_rate[:] = 0.0
    for segment, place in busy if elsewhere else busy[1:]:
        s.profit_rate[(s.stage == segment) & (s.place == place)] = 1e4
    assert market.enter(world)
    new = s.rows[first:]
    return {
        (segment, place): new["uid"][(new["stage"] == segment) & (new["place"] == place)].tolist()
        for segment, place in busy[1:]
    }


def test_a_newcomer_is_the_same_whoever_enters_elsewhere(tmp_path):
    alone, among_others = newcomers(tmp_path, False), newcomers(tmp_path, True)
    assert alone == among_others
    identifiers = [uid for entrants in alone.values() for uid in entrants]
    assert len(identifiers) == len(set(identifiers))
    assert all(alone.values())


# -- costs ----------------------------------------------------------------------------------------


# -- who is out -----------------------------------------------------------------------------------

LEARNT = ("capacity", "teams", "use", "fee", "load", "profit_rate", "level", "cost")


def learnt(steps: Steps, rows: list[int]) -> dict[str, np.ndarray]:
    """All that operators have made of what happened to them."""
    s, service = steps.world.smugglers, steps.model.processes.market.service
    seen = {name: getattr(s, name)[rows].copy() for name in LEARNT}
    for row in rows:
        mine = service.pairs.smuggler == row
        order = np.argsort(service.pairs.leg[mine])
        for name in ("leg", "share", "clients"):
            seen[f"{name} of {row}"] = getattr(service.pairs, name)[mine][order].copy()
    return seen


def some_of_every_stage(world: World) -> list[int]:
    return [int(np.flatnonzero(world.smugglers.stage == stage)[3]) for stage in range(SUPPLY)]


@pytest.mark.parametrize("why", ["held", "dark"])
def test_who_is_out_learns_nothing_from_seeing_no_clients(tmp_path, why):
    """It comes back with the helpers, fees and legs it had, and then goes on learning."""
    steps = Steps(scenario_from(tmp_path, days=60, warm_up=0))
    model, world = steps.model, steps.world
    model.run_for(20)
    rows = some_of_every_stage(world)
    for row in rows:
        s, until = world.smugglers, world.day + 25
        if why == "held":
            s.status[row], s.until[row] = Status.DISRUPTED, until
        else:
            s.go_dark(row, until)
    before = learnt(steps, rows)
    model.run_for(23)
    after = learnt(steps, rows)
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value, err_msg=name)
    model.run_for(16)
    assert (learnt(steps, rows)["use"] != before["use"]).all()


def test_a_successor_takes_on_what_the_arrested_had(tmp_path):
    """At a part of the size, and with a skill of its own on the way to that of the old."""
    steps = Steps(scenario_from(tmp_path, days=30, warm_up=0))
    model, world = steps.model, steps.world
    model.run_for(20)
    rows = some_of_every_stage(world)
    before = learnt(steps, rows)
    for row in rows:
        remove(world, row, 0, 1.0)
        world.smugglers.hold(row, NEVER_BACK)
    model.run_for(8)
    first = world.smugglers.count
    for row in rows:
        model.processes.market.succeed(world, row)
    s, share = world.smugglers, world.parameters.market.successor_capacity
    heirs = s.heir[rows].tolist()
    assert heirs == list(range(first, first + len(rows)))
    mine, left = learnt(steps, heirs), learnt(steps, rows)
    for name in ("use", "fee", "load", "level"):
        np.testing.assert_array_equal(mine[name], before[name])
    for name, missing in (("capacity", "missing"), ("teams", "missing_teams")):
        whole = mine[name] + getattr(s, missing)[heirs]  # rivals may have taken over a part
        np.testing.assert_allclose(mine[name], share * whole)
        assert (whole <= before[name] * (1 + 1e-9)).all()
    assert (s.skill[heirs] > s.able[heirs]).all()
    np.testing.assert_array_equal(s.able[heirs], s.able[rows])
    for (row, heir), name in product(zip(rows, heirs, strict=True), ("leg", "share", "clients")):
        np.testing.assert_array_equal(mine[f"{name} of {heir}"], before[f"{name} of {row}"])
        assert not left[f"{name} of {row}"].size


# -- contracts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", [0.0, 0.4, 0.9])
def test_both_contracts_earn_the_same_but_for_the_premium(steps, failure):
    """Tries go on until somebody is through; who scatters on a beach keeps the seat."""
    world, market = steps.world, steps.model.processes.market
    boat, land = int(np.argmax(world.legs.boat)), int(np.argmax(world.legs.smuggled))
    met = market.met[boat]
    assert market.met[land] == pytest.approx(1.0)
    assert 0.5 < met < 1.0
    premium = world.parameters.market.guarantee_premium
    share = [single_share(failure, chance, premium) for chance in (met, 1.0)]
    rng = np.random.default_rng(5)
    for single, chance in zip(share, (met, 1.0), strict=True):
        tries, paid, through, seat = 200_000, 0, 0, False
        u, caught = rng.random(tries), rng.random(tries) < chance
        for fails, seen in zip((u < failure).tolist(), caught.tolist(), strict=True):
            paid += not seat
            seat = fails and not seen
            through += not fails
        assert paid / through * single * (1 + premium) == pytest.approx(1.0, rel=0.02)


# -- room ------------------------------------------------------------------------------------------


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
        market.set_room(world)
        rooms.append(world.pairs.room.copy())
        world.pairs.room[:] -= np.floor(taken * world.pairs.room).astype(np.int64)
        market.account(world)
        world.today += timedelta(days=1)
    return np.array(rooms)


def on_land(model):
    """Which pairs are of operators on land, (pairs,)."""
    return model.world.smugglers.stage[model.processes.market.service.pairs.smuggler] != BOAT


def land_capacity(model):
    """Agents a day that each pair can carry, and which ones are of operators on land; (pairs,)."""
    service, s = model.processes.market.service, model.world.smugglers
    who = service.pairs.smuggler
    open_today = s.status[who] == Status.ACTIVE
    organiser = s.organiser[who]
    assert ((organiser < 0) | (s.status[organiser] == Status.ACTIVE)).all()
    return s.capacity[who] * service.pairs.share * SCALE, open_today & on_land(model)


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


def test_who_is_held_offers_nothing_and_loses_nothing(model):
    market, world = model.processes.market, model.world
    days_of_room(model, 50, taken=0.0)
    before = market.service.pairs.carried.copy()
    world.smugglers.status[:] = Status.DISRUPTED
    world.smugglers.until[:] = 10_000
    land = on_land(model)
    assert not days_of_room(model, 5, taken=0.0)[:, land].any()
    # but for places that had piled up: it begins with a part of one
    np.testing.assert_allclose(market.service.pairs.carried[land], np.minimum(before[land], 1.0))


def test_seats_are_of_boats_there_and_on_their_way_and_rounded_alike_every_day(model):
    """Seats promised are a stock: a lucky day would hand out what a small launcher has not."""
    s, launchers = model.world.smugglers, model.world.smugglers.stage == BOAT
    number = np.arange(launchers.sum())
    s.load[launchers], s.teams[launchers] = 37.0, 2.0 + number % 5
    s.boats[launchers], s.ordered[launchers] = number % 3 * 9, number % 2 * 9
    rooms = days_of_room(model, 40, taken=0.0)[:, ~on_land(model)]
    assert (rooms == rooms[0]).all()
    who = model.processes.market.service.pairs.smuggler[~on_land(model)]
    crews, boats = model.world.parameters.channel.queue_depth * s.teams, s.boats + s.ordered
    seats = np.minimum(crews, boats)[who] * 37.0 * SCALE
    assert (np.abs(rooms[0] - seats) < 1.0).all()
    assert rooms[0].sum() == pytest.approx(seats.sum(), rel=0.1)
    assert {0.0, 9.0, 18.0, 27.0} == set(boats[who].tolist())
    assert np.unique((boats > crews)[who]).size == 2
