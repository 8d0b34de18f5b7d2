"""The Channel: launches, who goes aboard first, and boats stopped before people board."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.chain import link
from simulation.compiled import with_room
from simulation.corridor.stages import BOAT
from simulation.model.agents.migrant import State
from simulation.model.agents.smuggler import Role, Status
from simulation.model.corridor_model import CorridorModel
from simulation.model.processes import channel
from simulation.model.processes.channel import (
    AtSea,
    chance_before_boarding,
    intercepted,
    monthly_fair_shares,
    spread_units,
    usual_risk,
)
from simulation.model.processes.contracts import Clients, enter_client, people_today
from simulation.model.processes.launching import (
    LaunchPlan,
    give_turns,
    launch_key,
    teams_able,
)
from simulation.scenario.levers.borders import SeaPatrol
from tests.model.processes.small_worlds import random_world
from tests.runs import Steps, differences, scenario_from

TRIED, STOPPED = link("launches_tried"), link("launches_stopped")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return Steps(scenario_from(tmp_path_factory.mktemp("a"), days=30, warm_up=0)).model


def many_days(world, leg: int, flow: float, rng: np.random.Generator) -> tuple[float, float]:
    """Shares of those aboard who do not land, and who are found or brought back, day by day.

    Many small launchers, as many as are needed for the flow.
    """
    channel, sea = world.parameters.channel, world.parameters.sea
    fair = monthly_fair_shares(world.parameters).mean()
    quality = rng.random(200_000) ** sea.quality_shape
    daring = quality**channel.launch_caution
    boats = flow / (channel.load_start * world.policy.boat_size) / fair * daring / daring.mean()
    relief = 1.0 + boats / (channel.handled_launches * world.effort[leg])
    alone = np.log1p(-world.legs.stop_chance[leg])
    stopped = 1.0 - np.exp(alone / relief)
    back = channel.return_base + channel.return_wave * (1.0 - quality)
    lost = stopped + (1.0 - stopped) * back
    met = stopped * channel.found_share + (1.0 - stopped) * back
    return (boats * lost).sum() / boats.sum(), (boats * met).sum() / boats.sum()


@pytest.mark.parametrize("flow", [0.0, 5.0, 60.0])
def test_usual_risk_of_boats_is_the_mean_over_launches(model, flow):
    world = model.world
    risk = usual_risk(world, np.full(world.legs.fee.size, flow))
    rng = np.random.default_rng(8)
    for leg in np.flatnonzero(world.ground.segment == BOAT):
        lost, met = many_days(world, int(leg), max(flow, 1e-9), rng)
        assert risk.operators[leg] == pytest.approx(lost, rel=0.03)
        assert risk.people[leg] == pytest.approx(met, rel=0.03)
        assert risk.people[leg] < risk.operators[leg]


def test_on_land_usual_risk_is_the_chance_of_a_stop(model):
    world = model.world
    risk = usual_risk(world, np.ones(world.legs.fee.size))
    land = world.ground.segment != BOAT
    for seen in risk:
        np.testing.assert_array_equal(seen[land], world.legs.stop_chance[land])


def test_operators_and_people_compare_with_what_each_keeps_count_of():
    model = CorridorModel("history", scale=0.02, days=1)  # begins with the policies that are usual
    risk = usual_risk(model.world, model.processes.market.flows)
    np.testing.assert_array_equal(model.processes.market.usual_risk, risk.operators)
    np.testing.assert_array_equal(model.processes.conditions.memory.usual_risk, risk.people)


def taxi_steps(folder, share: float, intercept: float, days: int = 90) -> Steps:
    text = f'[parameters]\n"channel.taxi_share" = {share}\n"channel.taxi_intercept" = {intercept}\n'
    return Steps(scenario_from(folder, text, days=days, warm_up=0), scale=0.1)


def usually_back(world) -> float:
    """Usual chance that a boat is rescued or turns back, by the sea on which boats leave."""
    channel, shape = world.parameters.channel, world.parameters.sea.quality_shape
    daring = channel.launch_caution * shape + 1.0
    quality = daring / (daring + shape)
    return channel.return_base + channel.return_wave * (1.0 - quality)


def test_boats_that_pick_people_up_from_the_water_are_not_stopped_on_the_beach(tmp_path):
    """And those intercepted in the water do not arrive."""
    worlds = [
        taxi_steps(tmp_path, *way).to_the_end().world
        for way in ((0.0, 0.0), (0.7, 0.0), (0.7, 0.9))
    ]
    beach, water, intercepted = (world.ledger.chain.sum(axis=(0, 2)) for world in worlds)
    taxi = link("launches_taxi")
    assert beach[taxi] == 0
    assert water[taxi] / water[TRIED] == pytest.approx(0.7, abs=0.07)
    assert water[STOPPED] / water[TRIED] < 0.6 * beach[STOPPED] / beach[TRIED]
    _, landed, fewer = (world.ledger.boats_landed.sum() for world in worlds)
    assert fewer / intercepted[TRIED] < 0.6 * landed / water[TRIED]


@pytest.mark.parametrize(("share", "intercept"), [(0.0, 0.9), (0.4, 0.0), (0.4, 0.5)])
def test_usual_risk_counts_boats_that_pick_people_up_from_the_water(tmp_path, share, intercept):
    world = taxi_steps(tmp_path, share, intercept, days=1).world
    flows = np.zeros(world.legs.fee.size)
    boat, back = np.flatnonzero(world.ground.segment == BOAT), usually_back(world)
    stopped = world.legs.stop_chance[boat]
    landed = (1 - share) * (1 - stopped) * (1 - back) + share * (1 - back) * (1 - intercept)
    np.testing.assert_allclose(usual_risk(world, flows).operators[boat], 1.0 - landed)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_boats_stopped_on_the_beach_are_those_that_were(tmp_path, monkeypatch, chance):
    """Where nobody is stopped none is counted, and where all are each launch is."""
    kernel = channel.set_sail

    def certain(packed, riders, risk, *others):
        risk.of_boats[0] = 1.0 - chance
        return kernel(packed, riders, risk, *others)

    monkeypatch.setattr(channel, "set_sail", certain)
    ledger = Steps(scenario_from(tmp_path, days=40, warm_up=0)).to_the_end().world.ledger
    assert ledger.launches.sum() > 5
    stopped = ledger.launches if chance else np.zeros_like(ledger.launches)
    np.testing.assert_array_equal(ledger.launches_stopped, stopped)


# -- launching -------------------------------------------------------------------------------------


PEOPLE, SEED = 400, 5


def turns(day: int, ordinal: int, waited: int) -> np.ndarray:
    """Draws that order the clients of one launcher who joined so many days ago."""
    world = random_world(1, people=PEOPLE, smugglers=1)
    world.day, world.ordinal, world.seed = day, ordinal, SEED
    m = world.m
    m.state[:], m.smuggler[:], m.joined[:] = State.QUEUED, 0, day - waited
    plan = LaunchPlan.with_room(1, PEOPLE)
    plan.clients[:], plan.launchers[:], plan.waiting[:] = np.arange(PEOPLE), 0, PEOPLE
    assert give_turns(world.now[0], PEOPLE, 1, m, plan) == PEOPLE
    return plan.turn


def test_who_finds_an_operator_first_need_not_board_first():
    """Two decisions of one day and person are two draws."""
    day = 10
    world, clients = random_world(1, people=PEOPLE), with_room(Clients, PEOPLE)
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


def test_a_launcher_without_its_organiser_sends_fewer_boats(world):
    s, loss = world.smugglers, world.parameters.market.orphan_loss
    led = np.flatnonzero((s.stage == BOAT) & (s.organiser >= 0) & (s.status == Status.ACTIVE))

    def able() -> np.ndarray:
        return np.array([teams_able(row, world.day, s.rows, loss) for row in range(s.count)])

    seen = [able()]
    s.status[s.organiser[led[0]]] = Status.HELD
    seen.append(able())
    orphans = led[s.organiser[led] == s.organiser[led[0]]]
    others = np.setdiff1d(led, orphans)
    np.testing.assert_allclose(seen[1][orphans], (1.0 - loss) * seen[0][orphans])
    np.testing.assert_allclose(seen[1][others], seen[0][others])
    assert seen[0][orphans].all()


# -- interception ----------------------------------------------------------------------------------


TAXIS = "[[taxi_boats]]\nshare = 0.6\n"
AT_SEA = '[[interception_at_sea]]\nauthority = "FR"\nunits = 40\nsafe = 1.0\n'


def run(folder, text: str, name: str):
    return Steps(scenario_from(folder, text, name=name, days=70), scale=0.1).to_the_end()


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


@pytest.mark.parametrize("text", [AT_SEA, TAXIS.replace("0.6", "0.0")])
def test_without_boats_from_the_water_there_is_nothing_to_stop_at_sea(folder, text):
    """And a share of nothing is the model as it was."""
    assert differences(run(folder, "", "beach"), run(folder, text, "idle")) == []


def test_what_is_usual_knows_units_at_sea(folder):
    world = Steps(scenario_from(folder, TAXIS + AT_SEA, name="usual", days=1, warm_up=0)).world
    boat = np.flatnonzero(world.ground.segment == BOAT)
    flows = np.zeros(world.legs.fee.size)
    risk = usual_risk(world, flows)
    met = intercepted(world, flows)[boat]
    french = world.ground.authority_from[boat] == world.corridor.authority_index["FR"]
    assert (met[french] > 0.0).all()
    assert (met[~french] == 0.0).all()
    beach = world.legs.stop_chance[boat]
    landed = (0.4 * (1.0 - beach) + 0.6 * (1.0 - met)) * (1.0 - usually_back(world))
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
    boat_legs = np.array([0, 1, 2]), np.array([0, 1, 2])
    seen = spread_units([SeaPatrol(0, 8.0, 0.5)], activity, boat_legs)
    np.testing.assert_allclose(seen.effort, [0.0, 6.0, 2.0, 0.0])
    np.testing.assert_allclose(seen.safe, [0.0, 0.5, 0.5, 0.0])
    blind = spread_units([SeaPatrol(1, 6.0, 1.0)], activity, boat_legs)
    np.testing.assert_allclose(blind.effort, [2.0, 2.0, 2.0, 0.0])
