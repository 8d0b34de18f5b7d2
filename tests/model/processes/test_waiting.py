"""How waiting in vain ends: the chance, and what people do then."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.model.agents.migrant import State
from simulation.model.processes.conditions import evade
from simulation.model.processes.contracts import people_today
from simulation.model.processes.movement import alone_chance, best_alone, wait_ends_chance
from simulation.model.processes.route_choice import fill_options, route_room
from tests.model.processes.small_worlds import assuming, plain_world

PEOPLE = 20_000
UK, OTHER = 0, 1


@pytest.fixture
def parameters():
    return assuming({})[0]


@pytest.fixture
def leaving(parameters):
    """How many are expected to stop waiting at once of those who find no operator."""
    return PEOPLE * wait_ends_chance(parameters, 0, parameters.migrants.wait_days, False)


def stuck(*, walk=True, elsewhere=False, funds=10_000):
    """People before a leg with an operator who has no room, and beyond it the end of the way.

    Args:
        walk: Whether the leg can be walked.
        elsewhere: Whether another destination can be reached from there.
        funds: EUR of each.
    """
    world = plain_world(PEOPLE)
    legs, places = world.legs, world.places
    legs.duration[:], legs.fee[:], legs.single_fee[:], legs.stop_chance[:] = 2, 1000, 1000, 0.4
    legs.smuggled[:], legs.alone[:] = True, walk
    places.destination[1], places.to_go[:] = UK, -np.inf
    places.to_go[UK] = [-3.0, 0.0]
    if elsewhere:
        places.to_go[OTHER] = [-5.0, -1.0]
    world.pairs.room[:] = 0
    world.m.due[:], world.m.destination[:], world.m.funds[:] = world.day, UK, funds
    world.packed = assuming({})
    return world


def one_day(world):
    world.move()
    return world.m


def close_to(count, expected):
    return abs(count - expected) < 4 * np.sqrt(max(expected, 1.0))


def test_the_chance_rises_with_days_waited_and_for_want_of_money(parameters):
    chances = [wait_ends_chance(parameters, waited, 4, False) for waited in (0, 20, 200)]
    assert 0 < chances[0] < chances[1] < chances[2] < 1
    assert wait_ends_chance(parameters, 20, 4, True) > chances[1]
    # the same days in one wait or in two, while the hazard is the same
    level = assuming({"migrants.wait_growth_days": 1e12})[0]
    twice = 1 - (1 - wait_ends_chance(level, 0, 4, False)) ** 2
    assert wait_ends_chance(level, 0, 8, False) == pytest.approx(twice)
    assert wait_ends_chance(assuming({"migrants.wait_hazard": 0.0})[0], 200, 4, True) == 0.0


def test_who_finds_nobody_waits_or_ends_the_wait(parameters, leaving):
    world = stuck(walk=False)
    m = one_day(world)
    gone, returned = np.isin(m.state, (State.SETTLED, State.RETURNED)), m.state == State.RETURNED
    assert close_to(gone.sum(), leaving)
    assert close_to(returned.sum(), leaving * parameters.migrants.returned_share)
    waiting = m.state == State.WAITING
    assert (gone | waiting).all()


def test_some_walk_where_a_leg_can_be_walked_and_are_stopped_more_often(parameters, leaving):
    world = stuck()
    m = one_day(world)
    set_out = world.counts.departures[0]
    assert close_to(set_out, leaving * parameters.migrants.alone_share)
    chance = alone_chance(world.legs.stop_chance[0], parameters)
    assert chance > world.legs.stop_chance[0]
    assert close_to(world.counts.stops[0], set_out * chance)
    on_the_way = m.state == State.TRAVELLING
    assert on_the_way.any()
    assert (m.smuggler[on_the_way] == -1).all()
    assert not world.money.any()  # nobody is paid
    # who comes through has no operator to name
    served = m.legs_served[on_the_way].copy()
    world.day += 2
    one_day(world)
    assert (m.state[on_the_way] == State.SETTLED).all()
    np.testing.assert_array_equal(m.legs_served[on_the_way], served)


def test_some_turn_to_another_destination_if_there_is_one(parameters, leaving):
    world = stuck(walk=False, elsewhere=True)
    m = one_day(world)
    turned = m.destination == OTHER
    assert close_to(turned.sum(), leaving * parameters.migrants.turn_share)
    assert (m.state[turned] == State.WAITING).all()
    assert (m.waited[turned] == 0).all()
    assert (one_day(stuck(walk=False)).destination == UK).all()


def test_who_cannot_pay_earns_or_ends_the_wait(parameters):
    world = stuck(walk=False, funds=100)
    chance = wait_ends_chance(parameters, 0, parameters.migrants.work_days, True)
    m = one_day(world)
    gone = np.isin(m.state, (State.SETTLED, State.RETURNED))
    assert close_to(gone.sum(), PEOPLE * chance)
    waiting = m.state == State.WAITING
    # the spell is paid when it is over, and not to those who stopped waiting on its first day
    assert (m.funds[waiting] == 100).all()
    world.day += parameters.migrants.work_days
    one_day(world)
    at_work = waiting & np.isin(m.state, (State.WAITING, State.TRAVELLING))
    assert at_work.any()
    assert (m.funds[waiting] + m.paid[waiting] == 100 + parameters.migrants.work_income).all()


def test_who_walks_alone_minds_that_more_are_stopped(parameters):
    """A shorter leg is left where walking it alone would nearly always end in a stop."""
    world = stuck()
    legs, m = world.legs, world.m
    two = {name: np.repeat(getattr(legs, name), 2) for name in legs._fields}
    legs = type(legs)(**two)
    legs.belief[:] = 0.6, 0.0
    legs.duration[:] = 1, 9
    places = world.places._replace(
        leg_start=np.array([0, 2, 2], dtype=np.int32), legs=np.array([0, 1], dtype=np.int32)
    )
    route = route_room(places)
    m.risk_aversion[:] = 1.0
    world.assume({
        "beliefs.error": 0.0, "migrants.stop_cost": 100.0, "migrants.day_value": 35.0,
    })  # fmt: skip
    for risk, best in ((1.0, 0), (4.0, 1)):
        world.assume({"migrants.alone_risk": risk})
        world.seed = 1
        fill_options(legs, places, world.parameters, route)
        with np.errstate(over="ignore"):  # words of 64 bits, in plain Python
            assert best_alone(0, legs, places, route, people_today(world)) == best


# -- patrols that people avoid ---------------------------------------------------------------------


def evaded_chance(rates, *, avoidable=True, least=0.1):
    """Chance of a stop after days with such rates, where the usual one is 0.7."""
    evaded, chance, usual = np.zeros(1), np.zeros(1), np.array([0.7])
    for rate in rates:
        evade(np.array([rate]), usual, np.array([avoidable]), 0.6, least, 0.02, evaded, chance)
    return chance[0]


def test_patrols_as_usual_are_not_avoided():
    assert evaded_chance([0.7] * 400) == pytest.approx(1 - np.exp(-0.7), rel=1e-12)


def test_more_patrols_stop_fewer_once_people_cross_elsewhere():
    first, later = evaded_chance([2.1]), evaded_chance([2.1] * 2000, least=1e-9)
    assert first > later > 1 - np.exp(-0.7)
    assert later == pytest.approx(1 - np.exp(-0.7 * 3.0 ** (1 - 0.6)))
    assert evaded_chance([2.1] * 2000, avoidable=False) == pytest.approx(1 - np.exp(-2.1))
    # fewer patrols: people come back to the places that are nearer
    assert 1 - np.exp(-0.2) < evaded_chance([0.2] * 2000) < 1 - np.exp(-0.7)
