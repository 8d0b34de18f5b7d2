"""Checks at borders: found and turned back on legs over them; lifted, patrols there are fewer."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.processes.allocation import add_checks
from simulation.scenario.levers.border_control import BorderChecks, check_rate
from tests.runs import Steps, differences, scenario_from

CHECKS = '[[border_control]]\nauthority = "DE"\nshare = 0.5\nfrom = 2023-06-01\n'
LIFTED = '[[border_control]]\nauthority = "RO"\nchecks = "lifted"\nfrom = 2023-06-01\n'


def run(folder, text: str, name: str):
    return Steps(
        scenario_from(folder, text, name=name, days=70, warm_up=20), scale=0.2
    ).to_the_end()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("borders")


@pytest.fixture(scope="module")
def without(folder):
    return run(folder, "", "without")


@pytest.fixture(scope="module")
def checked(folder):
    return run(folder, CHECKS, "checked")


def legs_of(model, mode=("road", "rail", "lorry")) -> np.ndarray:
    """Legs into Germany over a border by some modes."""
    legs = model.world.corridor.legs
    return np.array([leg.authority_to == "DE" and bool(leg.border) and leg.mode in mode
                     for leg in legs])  # fmt: skip


def stopped(model, legs) -> float:
    ledger, days = model.world.ledger, slice(model.first_counted, None)
    return float(ledger.stops[days][:, legs].sum() / ledger.departures[days][:, legs].sum())


def test_more_are_turned_back_at_the_border(without, checked):
    legs = legs_of(without)
    assert stopped(checked, legs) > 1.5 * stopped(without, legs)


def test_checks_add_to_patrols_on_their_legs_alone(folder):
    models = [
        Steps(scenario_from(folder, text, name="effort", days=1, warm_up=0)).model
        for text in ("", CHECKS)
    ]
    for model in models:
        model.world.units.leg[:] = models[0].world.units.leg
        model.world.begin_day(0)
        model.processes.allocation.deploy(model.world)
    usual, more = (model.world for model in models)
    legs = legs_of(models[0])
    np.testing.assert_array_equal(usual.search_rate[~legs], more.search_rate[~legs])
    np.testing.assert_array_equal(usual.effort, more.effort)
    found = usual.parameters.border.found_share
    np.testing.assert_allclose(
        1.0 - more.legs.stop_chance[legs], (1.0 - usual.legs.stop_chance[legs]) * (1 - 0.5 * found)
    )
    assert (more.legs.stop_authority[more.search_rate > 0] >= 0).all()


def test_nobody_is_lost_and_no_money(checked):
    world, m = checked.world, checked.migrants
    assert world.ledger.states[world.day, 1:].sum() == (m.state > 0).sum()
    paid, received, given_back = world.money.tolist()
    assert paid == received + given_back + m.escrow.sum()


def test_before_its_first_day_and_without_a_share_nothing_differs(folder, without):
    late = run(folder, CHECKS.replace("2023-06-01", "2023-09-01"), "late")
    none = run(folder, CHECKS.replace("0.5", "0.0"), "none")
    assert differences(without, late) == []
    assert differences(without, none) == []


def test_lifted_checks_leave_fewer_patrols_and_save_time(folder):
    models = [
        Steps(scenario_from(folder, text, name="lifted", days=1, warm_up=0)).model
        for text in ("", LIFTED)
    ]
    for model in models:
        model.world.units.leg[:] = models[0].world.units.leg
        model.world.begin_day(0)
        model.processes.allocation.deploy(model.world)
    usual, fewer = (model.world for model in models)
    legs = np.array([
        bool(leg.border) and "RO" in (leg.authority_from, leg.authority_to)
        and leg.mode in ("road", "rail", "lorry") for leg in usual.corridor.legs
    ])  # fmt: skip
    assert legs.any()
    left = usual.parameters.border.lifted_effort
    np.testing.assert_allclose(fewer.effort[legs], left * usual.effort[legs])
    np.testing.assert_array_equal(fewer.effort[~legs], usual.effort[~legs])
    for model in models:
        model.processes.conditions.update_beliefs(model.world)
    saved = usual.legs.other_cost - fewer.legs.other_cost
    day = usual.parameters.migrants.day_value * usual.parameters.border.check_days
    np.testing.assert_allclose(saved[legs], day)
    np.testing.assert_array_equal(saved[~legs], 0.0)


def test_a_stop_by_a_check_is_reported_by_the_country_entered():
    world_legs = type("Legs", (), {})()
    world_legs.recorded_chance = np.array([0.2, 0.2, 0.0])
    world_legs.stop_authority = np.array([1, 1, -1], dtype=np.int16)
    rate = np.array([0.3, 0.3, 0.0])
    checks = BorderChecks(np.array([0.1, 0.6, 0.5]), np.array([7, 7, 7]), np.zeros(3),
                          np.ones(3))  # fmt: skip
    add_checks(checks, np.array([7, 7, 7]), np.array([0.8, 0.8, 0.0]), rate, world_legs)
    np.testing.assert_allclose(rate, [0.4, 0.9, 0.5])
    np.testing.assert_array_equal(world_legs.stop_authority, [1, 7, 7])
    np.testing.assert_allclose(world_legs.recorded_chance, [0.35, 0.6, 0.0])


def test_the_rate_of_a_check_is_its_chance():
    assert 1.0 - np.exp(-check_rate(0.4, 0.5)) == pytest.approx(0.2)
    assert check_rate(0.0, 0.5) == 0.0
    assert np.isfinite(check_rate(1.0, 1.0))
