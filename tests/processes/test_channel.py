"""The usual risk of boats is that of which operators and people keep count."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.chain import link
from simulation.corridor.stages import BOAT
from simulation.processes import channel
from simulation.processes.channel import usual_risk
from simulation.processes.sea import monthly_fair_shares
from tests.runs import Steps, scenario_from


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
    boats = flow / channel.load_start / fair * daring / daring.mean()
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
    flows = np.full(world.legs.fee.size, flow)
    risk = usual_risk(world, flows)
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


def test_operators_and_people_compare_with_what_each_keeps_count_of(model):
    risk = usual_risk(model.world, model.processes.market._flows)
    np.testing.assert_array_equal(model.processes.market.usual_risk, risk.operators)
    np.testing.assert_array_equal(model.processes.conditions.memory.usual_risk, risk.people)


def taxi_run(folder, share: float, intercept: float):
    folder.mkdir()
    text = f'[parameters]\n"channel.taxi_share" = {share}\n"channel.taxi_intercept" = {intercept}\n'
    steps = Steps(scenario_from(folder, text, days=90, warm_up=0), scale=0.1)
    return steps.to_the_end().world


def test_a_stop_on_the_beach_does_not_reach_boats_that_pick_people_up_from_the_water(tmp_path):
    beach, water = (taxi_run(tmp_path / str(share), share, 0.0) for share in (0.0, 0.7))
    tried, stopped, taxi = (link(f"launches_{name}") for name in ("tried", "stopped", "taxi"))
    seen = [world.ledger.chain.sum(axis=(0, 2)) for world in (beach, water)]
    assert seen[0][taxi] == 0
    assert seen[1][taxi] / seen[1][tried] == pytest.approx(0.7, abs=0.07)
    assert seen[1][stopped] / seen[1][tried] < 0.6 * seen[0][stopped] / seen[0][tried]


def test_what_is_intercepted_in_the_water_does_not_arrive(tmp_path):
    free, watched = (taxi_run(tmp_path / str(chance), 0.7, chance) for chance in (0.0, 0.9))
    tried = link("launches_tried")
    per_launch = [
        world.ledger.boats_landed.sum() / world.ledger.chain[:, tried].sum()
        for world in (free, watched)
    ]
    assert per_launch[1] < 0.6 * per_launch[0]


@pytest.mark.parametrize(("share", "intercept"), [(0.0, 0.9), (0.4, 0.0), (0.4, 0.5)])
def test_usual_risk_counts_boats_that_pick_people_up_from_the_water(tmp_path, share, intercept):
    folder = tmp_path / "usual"
    folder.mkdir()
    text = f'[parameters]\n"channel.taxi_share" = {share}\n"channel.taxi_intercept" = {intercept}\n'
    world = Steps(scenario_from(folder, text, days=1, warm_up=0)).world
    numbers = world.parameters.channel
    flows = np.zeros(world.legs.fee.size)
    boat = np.flatnonzero(world.ground.segment == BOAT)
    quality = 1.0 / ((numbers.launch_caution + 1.0) * world.parameters.sea.quality_shape + 1.0)
    quality *= numbers.launch_caution * world.parameters.sea.quality_shape + 1.0
    back = numbers.return_base + numbers.return_wave * (1.0 - quality)
    stopped = world.legs.stop_chance[boat]
    landed = (1 - share) * (1 - stopped) * (1 - back) + share * (1 - back) * (1 - intercept)
    np.testing.assert_allclose(usual_risk(world, flows).operators[boat], 1.0 - landed)


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_boats_stopped_on_the_beach_are_those_that_were(tmp_path, monkeypatch, chance):
    """Where nobody is stopped none is counted, and where all are each launch is."""
    kernel = channel.set_sail

    def certain(day, ordinal, seed, count, riders, taxi, risk, *others):
        risk[0] = 1.0 - chance
        return kernel(day, ordinal, seed, count, riders, taxi, risk, *others)

    monkeypatch.setattr(channel, "set_sail", certain)
    ledger = Steps(scenario_from(tmp_path, days=40, warm_up=0)).to_the_end().world.ledger
    assert ledger.launches.sum() > 5
    stopped = ledger.launches if chance else np.zeros_like(ledger.launches)
    np.testing.assert_array_equal(ledger.launches_stopped, stopped)
