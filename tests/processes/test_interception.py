"""Boats stopped before people board: how likely, what is lost, and who is left on the beach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.agents.migrant import State
from simulation.chain import link
from simulation.corridor.stages import BOAT
from simulation.processes.channel import (
    AtSea,
    chance_before_boarding,
    intercepted,
    spread_units,
    usual_risk,
)
from simulation.processes.contracts import people_today
from simulation.processes.sailing import sail
from simulation.scenario.levers.interception_at_sea import SeaPatrol
from tests.processes.small_worlds import random_boats, random_world
from tests.runs import Steps, differences, scenario_from

TAXIS = "[[taxi_boats]]\nshare = 0.6\n"
AT_SEA = '[[interception_at_sea]]\nauthority = "FR"\nunits = 40\nsafe = 1.0\n'
TRIED, STOPPED = link("launches_tried"), link("launches_stopped")


def run(folder, text: str, name: str):
    return Steps(scenario_from(folder, text, name=name, days=70), scale=0.1).to_the_end()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("at-sea")


@pytest.fixture(scope="module")
def taxis(folder):
    return run(folder, TAXIS, "taxis")


@pytest.fixture(scope="module")
def stopped(folder):
    return run(folder, TAXIS + AT_SEA, "stopped")


def share_stopped(model) -> float:
    chain = model.world.ledger.chain.sum(axis=(0, 2))
    return float(chain[STOPPED] / chain[TRIED])


def test_boats_are_stopped_and_lost(taxis, stopped):
    assert share_stopped(stopped) > 1.2 * share_stopped(taxis)
    assert stopped.world.ledger.boats_seized.sum() > taxis.world.ledger.boats_seized.sum()
    boats = [model.world.ledger.boats_landed.sum() for model in (taxis, stopped)]
    assert boats[1] < boats[0]


@pytest.mark.parametrize("taxi", [True, False])
def test_people_stay_on_the_beach_with_their_seat(taxi):
    """Nobody is found where nobody stops people on the beach, and nobody pays."""
    world = random_world(4, people=60)
    riders, boats, coast = random_boats(4, world)
    boats.taxi[:], boats.stop_chance[:] = taxi, 1.0
    world.assume({
        "channel.found_at_sea": 0.0, "channel.seizure_at_sea": 1.0, "channel.found_share": 1.0,
        "channel.seizure_chance": 0.0,
    })  # fmt: skip
    before = world.m.funds.copy(), world.m.escrow.copy(), world.m.smuggler.copy()
    sail(riders, boats, world.counts, coast, people_today(world, 2 * riders.size + 1))
    assert (boats.seized == taxi).all()
    if not taxi:
        assert boats.prevented.sum() == riders.size
        return
    assert boats.prevented.sum() == 0
    assert (world.m.state[riders] == State.QUEUED).all()
    for was, now in zip(before, (world.m.funds, world.m.escrow, world.m.smuggler), strict=True):
        np.testing.assert_array_equal(was, now)


def test_units_at_sea_do_not_touch_launches_from_the_beach(folder):
    """Without boats that pick people up from the water there is nothing to stop at sea."""
    without, units = run(folder, "", "beach"), run(folder, AT_SEA, "units")
    assert differences(without, units) == []


def test_a_share_of_nothing_is_the_model_as_it_was(folder):
    without, none = run(folder, "", "beach"), run(folder, TAXIS.replace("0.6", "0.0"), "none")
    assert differences(without, none) == []


def test_the_lever_is_the_parameter_with_a_date(folder):
    lever = run(folder, TAXIS, "lever")
    parameter = run(folder, '[parameters]\n"channel.taxi_share" = 0.6\n', "parameter")
    launches = [
        model.world.ledger.chain[model.first_counted :, link("launches_taxi")].sum()
        for model in (lever, parameter)
    ]
    assert launches[0] == pytest.approx(launches[1], rel=0.2)


def test_what_is_usual_knows_units_at_sea(folder):
    text = TAXIS + AT_SEA
    world = Steps(scenario_from(folder, text, name="usual", days=1, warm_up=0)).world
    boat = np.flatnonzero(world.ground.segment == BOAT)
    flows = np.zeros(world.legs.fee.size)
    risk = usual_risk(world, flows)
    met = intercepted(world, flows)[boat]
    french = world.ground.authority_from[boat] == world.corridor.authority_index["FR"]
    assert (met[french] > 0.0).all()
    assert (met[~french] == 0.0).all()
    beach = world.legs.stop_chance[boat]
    numbers = world.parameters.channel
    quality = 1.0 / ((numbers.launch_caution + 1.0) * world.parameters.sea.quality_shape + 1.0)
    quality *= numbers.launch_caution * world.parameters.sea.quality_shape + 1.0
    back = numbers.return_base + numbers.return_wave * (1.0 - quality)
    landed = (0.4 * (1.0 - beach) + 0.6 * (1.0 - met)) * (1.0 - back)
    np.testing.assert_allclose(risk.operators[boat], 1.0 - landed)


WIDTH = np.array([20.0, 20.0, 50.0])


@given(
    effort=st.floats(0.0, 50.0), taxis=st.integers(0, 60), safe=st.floats(0.0, 1.0),
    more=st.floats(0.1, 20.0),
)  # fmt: skip
def test_more_units_stop_more_and_more_boats_swamp_them(effort, taxis, safe, more):
    def chance(units: float, boats: int) -> np.ndarray:
        at_sea = AtSea(np.full(3, units), np.full(3, safe))
        return chance_before_boarding(at_sea, np.full(3, float(boats)), 4.4, WIDTH, 0.9)

    here = chance(effort, taxis)
    assert ((here >= 0.0) & (here <= safe)).all()
    assert (chance(effort + more, taxis) >= here).all()
    assert (chance(effort, taxis + 1) <= here).all()
    assert (chance(0.0, taxis) == 0.0).all()


def test_units_go_where_the_picture_shows_boats():
    activity = np.array([[0.0, 3.0, 1.0, 9.0], [0.0, 0.0, 0.0, 0.0]])
    launch = np.array([True, True, True, False])
    ground = np.array([0, 0, 0, 0], dtype=np.int16)
    seen = spread_units([SeaPatrol(0, 8.0, 0.5)], activity, launch, ground)
    np.testing.assert_allclose(seen.effort, [0.0, 6.0, 2.0, 0.0])
    np.testing.assert_allclose(seen.safe, [0.0, 0.5, 0.5, 0.0])
    blind = spread_units([SeaPatrol(1, 6.0, 1.0)], activity, launch, ground + 1)
    np.testing.assert_allclose(blind.effort, [2.0, 2.0, 2.0, 0.0])
