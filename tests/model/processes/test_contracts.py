"""Choosing an operator, paying a fee, telling an authority."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from simulation.compiled import with_room
from simulation.model.agents.authority import DEBRIEF
from simulation.model.processes.contracts import (
    Clients,
    PairDraws,
    choose_smuggler,
    enter_client,
    fill_pair_draws,
    guarantee_chance,
    pay,
    people_today,
    release_escrow,
)
from simulation.model.processes.launching import Launches, sail
from simulation.model.processes.movement import after_stop
from simulation.model.processes.tables import make_pairs
from tests.model.processes.small_worlds import SmallWorld, plain_world, random_boats

ONE_TRY = {"migrants.give_up": 0.0, "migrants.give_up_growth": 0.0, "migrants.hold_days": 1}


def one_leg(people: int, operators: int, assumed: Mapping[str, float] | None = None) -> SmallWorld:
    """People with money at place 0, and a leg to place 1 that operators serve alike."""
    world = plain_world(people, smugglers=operators)
    legs, pairs = world.legs, make_pairs(operators, 1)
    legs.smuggled[:], legs.fee[:], legs.single_fee[:] = True, 100, 100
    world.places.to_go[:] = -1.0
    pairs.start[1], pairs.smuggler[:] = operators, np.arange(operators)
    pairs.room[:], pairs.weight[:], pairs.fee[:], pairs.single_fee[:] = 10**6, 1.0, 100, 100
    world.pairs = pairs
    world.smugglers.uid = (np.uint64(3 << 20) + np.arange(operators)).astype(np.uint64)
    world.assume(assumed or {})
    return world


def choices(world: SmallWorld, tries: int) -> np.ndarray:
    world.m.tries[:] = tries
    people = world.m.uid.size
    clients, draws = with_room(Clients, people), with_room(PairDraws, world.pairs.room.size)
    fill_pair_draws(world.pairs, world.smugglers.uid, draws)
    for row in range(people):
        enter_client(row, 0, people_today(world), row, clients)
    return np.array([choose_smuggler(at, clients, world.pairs, draws) for at in range(people)])


def test_operators_are_chosen_by_their_weights():
    world = one_leg(8000, 4)
    world.pairs.weight[:] = [1.0, 2.0, 3.0, 0.0]
    share = np.bincount(choices(world, 0), minlength=4) / 8000
    np.testing.assert_allclose(share, [1 / 6, 2 / 6, 3 / 6, 0], atol=0.03)
    assert share[3] == 0


def test_a_second_try_is_a_new_draw():
    """Operators are numbered on; the try must not add up with their numbers."""
    world = one_leg(4000, 10)
    first, second = choices(world, 0), choices(world, 1)
    for shift in range(-3, 4):
        share = np.mean(second - first == shift)
        chance = (10 - abs(shift)) / 100
        assert abs(share - chance) < 0.03, shift


def liking(single: float, belief: float, aversion: float, share: float = 0.6) -> float:
    assumed = {"migrants.contract_scale": 500.0, "beliefs.ceiling": 0.95}
    world = one_leg(1, 1, assumed | {"migrants.escrow_share": share})
    return guarantee_chance(2000.0, single, belief, aversion, world.parameters)


def test_a_guarantee_is_for_those_who_fear_stops_and_where_single_tries_are_dear():
    usual = liking(1000.0, 0.5, 1.0)
    assert liking(1000.0, 0.5, 2.0) > usual > liking(1000.0, 0.5, 0.5)
    assert liking(1000.0, 0.7, 1.0) > usual > liking(1000.0, 0.3, 1.0)
    assert liking(1200.0, 0.5, 1.0) > usual > liking(800.0, 0.5, 1.0)


@pytest.mark.parametrize("guarantee", [True, False])
def test_a_failed_try_costs_the_one_who_bears_it(guarantee):
    """Two tries on land of which the first fails: paid once with a guarantee, twice without."""
    world = one_leg(1, 1, ONE_TRY | {"migrants.escrow_share": float(guarantee)})
    m, money = world.m, world.money
    world.pairs.single_fee[:] = 60
    for _ in range(2):
        pay(0, 0, 0, 0.3, False, world.pairs, people_today(world))
        m.smuggler[0], m.leg[0] = 0, 0
        if not m.tries[0]:
            assert world.revenue[0] == (0 if guarantee else 60)
            after_stop(0, people_today(world))
            assert m.tries[0] == 1
    release_escrow(0, people_today(world))
    assert world.revenue[0] == m.paid[0] == (100 if guarantee else 120)
    assert money.tolist() == [m.paid[0], m.paid[0], 0]


@pytest.mark.parametrize("guarantee", [True, False])
@pytest.mark.parametrize("fate", ["stopped", "brought back", "lost", "landed"])
def test_a_launch_is_paid_by_the_try_or_by_the_arrival(guarantee, fate):
    """The fee is held till the launch, and a guarantee till the landing."""
    world = one_leg(1, 1, ONE_TRY | {"migrants.escrow_share": float(guarantee)})
    m, money = world.m, world.money
    world.pairs.single_fee[:] = 60
    pay(0, 0, 0, 0.3, True, world.pairs, people_today(world))
    fee = 100 if guarantee else 60
    assert (m.escrow[0], bool(m.single_try[0]), world.revenue[0]) == (fee, not guarantee, 0)
    riders, boats, coast = random_boats(1, world)
    boats = Launches(*(column[:1].copy() for column in boats))
    boats.first[:], boats.load[:], boats.leg[:], boats.launcher[:] = 0, 1, 0, 0
    boats.taxi[:] = False
    boats.stop_chance[:] = fate == "stopped"
    boats.return_chance[:] = fate == "brought back"
    boats.death_chance[:] = fate == "lost"
    world.assume({"channel.found_share": 1.0, "channel.death_cap": 1.0})
    coast = coast._replace(scale=1.0)
    m.smuggler[0] = 0
    sail(riders, boats, world.counts, coast, people_today(world, 3))
    paid = fate == "landed" or not guarantee
    assert world.revenue[0] == (fee if paid else 0)
    assert m.escrow[0] == (fee if guarantee and fate in ("stopped", "brought back") else 0)
    assert m.funds[0] == 1000 - (0 if guarantee and fate == "lost" else fee)
    assert money[0] == money[1] + money[2] + m.escrow[0]


@pytest.mark.parametrize("previous_yield", [0.0, 0.3])
def test_stopped_without_a_smuggler_people_name_only_those_before(previous_yield):
    """Nobody is at hand, so an account is worth no more than on any earlier operator."""
    world = one_leg(4000, 3, ONE_TRY | {"intelligence.previous_yield": previous_yield})
    world.legs.smuggled[:], world.legs.stop_chance[:], world.legs.fee[:] = False, 1.0, 0
    world.legs.stop_authority[:], world.account_yield[:] = 2, 1.0
    world.m.recalled_smuggler[:] = 1
    facts = world.move()
    assert world.counts.stops.tolist() == [4000]
    assert len(facts) == pytest.approx(4000 * previous_yield, rel=0.1)
    assert (facts[:, 1] == 1).all()
    assert (facts[:, 2] == DEBRIEF).all()
