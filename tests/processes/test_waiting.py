"""How waiting in vain ends: the chance, and what people do then."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.agents.migrant import State
from simulation.processes.conditions import evade
from simulation.processes.contracts import people_today
from simulation.processes.movement import alone_chance, best_alone, wait_ends_chance
from simulation.processes.route_choice import RouteOptions, fill_options
from tests.processes.small_worlds import assuming, random_world

PEOPLE = 20_000
UK, OTHER = 0, 1


@pytest.fixture
def parameters():
    return assuming({})[0]


def stuck(*, walk=True, elsewhere=False, funds=10_000):
    """People before a leg with an operator who has no room, and beyond it the end of the way.

    Args:
        walk: Whether the leg can be walked.
        elsewhere: Whether another destination can be reached from there.
        funds: EUR of each.
    """
    world = random_world(1, people=PEOPLE, places=2, legs=1, smugglers=1)
    legs, places, pairs, m = world.legs, world.places, world.pairs, world.m
    assert pairs.room.size <= 1
    legs.target[:], legs.duration[:], legs.fee[:], legs.single_fee[:] = 1, 2, 1000, 1000
    for name in ("boat", "sideways", "freight"):
        getattr(legs, name)[:] = False
    legs.smuggled[:], legs.offered[:], legs.alone[:] = True, True, walk
    legs.other_cost[:] = legs.death_chance[:] = legs.belief[:] = 0.0
    legs.stop_chance[:], legs.final_state[:] = 0.4, 0
    places.leg_start[:], places.legs[:] = [0, 1, 1], [0]
    places.destination[:] = [-1, UK]
    places.to_go[:] = -np.inf
    places.to_go[UK] = [-3.0, 0.0]
    if elsewhere:
        places.to_go[OTHER] = [-5.0, -1.0]
    pairs.room[:] = 0
    m.place[:], m.destination[:], m.state[:], m.due[:] = 0, UK, State.WAITING, world.day
    m.funds[:], m.escrow[:], m.escrow_leg[:] = funds, 0, -1
    for name in ("tries", "detours", "waited", "spells", "earning", "paid"):
        getattr(m, name)[:] = 0
    m.leg[:], m.smuggler[:], m.stopped_leg[:] = -1, -1, -1
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


def test_who_finds_nobody_waits_or_ends_the_wait(parameters):
    world = stuck(walk=False)
    chance = wait_ends_chance(parameters, 0, parameters.migrants.wait_days, False)
    m = one_day(world)
    gone = np.isin(m.state, (State.SETTLED, State.RETURNED))
    assert close_to(gone.sum(), PEOPLE * chance)
    assert close_to(
        (m.state == State.RETURNED).sum(), PEOPLE * chance * parameters.migrants.returned_share
    )
    waiting = m.state == State.WAITING
    assert (gone | waiting).all()
    assert (m.due[waiting] == world.day + parameters.migrants.wait_days).all()
    assert (m.waited[waiting] == parameters.migrants.wait_days).all()


def test_nobody_stays_for_ever(parameters):
    """The hazard grows, so half a year without anybody who has room ends nearly every wait."""
    world = stuck(walk=False)
    for _ in range(180):
        one_day(world)
        world.day += 1
    assert world.live.size < 0.05 * PEOPLE


def test_some_walk_where_a_leg_can_be_walked_and_are_stopped_more_often(parameters):
    world = stuck()
    leaving = PEOPLE * wait_ends_chance(parameters, 0, parameters.migrants.wait_days, False)
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


def test_some_turn_to_another_destination_if_there_is_one(parameters):
    world = stuck(walk=False, elsewhere=True)
    leaving = PEOPLE * wait_ends_chance(parameters, 0, parameters.migrants.wait_days, False)
    m = one_day(world)
    turned = m.destination == OTHER
    assert close_to(turned.sum(), leaving * parameters.migrants.turn_share)
    assert (m.state[turned] == State.WAITING).all()
    assert (m.waited[turned] == 0).all()
    nowhere = one_day(stuck(walk=False))
    assert (nowhere.destination == UK).all()


def test_who_turns_to_where_they_are_has_arrived(parameters):
    world = stuck(walk=False, elsewhere=True)
    world.places.destination[0], world.places.to_go[OTHER, 0] = OTHER, 0.0
    m = one_day(world)
    turned = m.destination == OTHER
    assert turned.any()
    assert (m.state[turned] == State.SETTLED).all()


def test_who_cannot_pay_earns_or_ends_the_wait(parameters):
    world = stuck(walk=False, funds=100)
    chance = wait_ends_chance(parameters, 0, parameters.migrants.work_days, True)
    m = one_day(world)
    gone = np.isin(m.state, (State.SETTLED, State.RETURNED))
    assert close_to(gone.sum(), PEOPLE * chance)
    waiting = m.state == State.WAITING
    assert (m.spells[waiting] == 1).all()
    assert (m.due[waiting] == world.day + parameters.migrants.work_days).all()
    # the spell is paid when it is over, and not to those who stopped waiting on its first day
    assert (m.funds[waiting] == 100).all()
    world.day += parameters.migrants.work_days
    one_day(world)
    at_work = waiting & np.isin(m.state, (State.WAITING, State.TRAVELLING))
    assert at_work.any()
    assert (m.funds[waiting] + m.paid[waiting] == 100 + parameters.migrants.work_income).all()


def test_who_leaves_before_a_spell_of_work_is_over_is_not_paid(parameters):
    world = stuck(funds=100)
    m = one_day(world)
    alone = m.state == State.TRAVELLING
    assert alone.any()
    world.day += parameters.migrants.work_days
    world.places.destination[1] = -1
    one_day(world)
    assert (m.funds[alone] == 100).all()


def test_who_cannot_get_there_from_here_makes_for_elsewhere_if_that_can_be_reached(parameters):
    world = stuck(elsewhere=True)
    world.places.to_go[UK] = -np.inf
    m = one_day(world)
    assert (m.destination == OTHER).all()
    assert (m.state == State.WAITING).all()
    assert (m.due > world.day).all()
    nowhere = stuck()
    nowhere.places.to_go[UK] = -np.inf
    assert (one_day(nowhere).state == State.SETTLED).all()


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
    route = RouteOptions.with_room(places)
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


def test_whoever_arrives_at_a_place_begins_to_wait_anew(parameters):
    world = stuck()
    m = world.m
    m.state[:], m.leg[:], m.waited[:] = State.TRAVELLING, 0, 50
    m.destination[:] = OTHER  # does not end there
    one_day(world)
    assert (m.waited == 0).all()
    assert (m.place == 1).all()


# -- patrols that people avoid ---------------------------------------------------------------------


def evaded_chance(rate, usual, days, *, avoidable=True, share=0.6, least=0.1, speed=0.02):
    rates, usuals = np.array([rate]), np.array([usual])
    evaded, chance = np.zeros(1), np.zeros(1)
    for _ in range(days):
        evade(rates, usuals, np.array([avoidable]), share, least, speed, evaded, chance)
    return chance[0], evaded


def test_patrols_as_usual_are_not_avoided():
    chance, evaded = evaded_chance(0.7, 0.7, 400)
    assert chance == pytest.approx(1 - np.exp(-0.7))
    assert evaded[0] == 0.0


def test_more_patrols_stop_fewer_once_people_cross_elsewhere():
    first, _ = evaded_chance(2.1, 0.7, 1)
    later, _ = evaded_chance(2.1, 0.7, 2000, least=1e-9)
    assert first > later > 1 - np.exp(-0.7)
    assert later == pytest.approx(1 - np.exp(-0.7 * 3.0 ** (1 - 0.6)))
    assert evaded_chance(2.1, 0.7, 2000, avoidable=False)[0] == pytest.approx(1 - np.exp(-2.1))
    # fewer patrols: people come back to the places that are nearer
    assert 1 - np.exp(-0.2) < evaded_chance(0.2, 0.7, 2000)[0] < 1 - np.exp(-0.7)


def test_what_was_avoided_is_forgotten_when_patrols_are_as_usual_again():
    evaded, chance = np.zeros(1), np.zeros(1)
    usual, avoidable = np.array([0.7]), np.array([True])
    for day in range(3000):
        rate = np.array([2.1 if day < 1500 else 0.7])
        evade(rate, usual, avoidable, 0.6, 0.1, 0.02, evaded, chance)
    assert chance[0] == pytest.approx(1 - np.exp(-0.7))
