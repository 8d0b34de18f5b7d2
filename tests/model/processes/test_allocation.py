"""Where units stand and what they find: sums, workplaces, and checks at borders."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.corridor.jurisdiction import workplaces
from simulation.model.agents.unit import PATROLS, UnitKind
from simulation.model.processes.allocation import add_checks, pairwise_sum
from simulation.scenario.levers.borders import BorderChecks, check_rate
from tests.runs import Steps, differences, loses_nobody_and_no_money, scenario_from


@pytest.mark.parametrize("size", [*range(20), 127, 128, 129, 136, 255, 256, 257, 1000, 5001])
def test_a_sum_is_that_of_numpy_to_the_last_bit(size):
    rng = np.random.default_rng(size)
    values = rng.lognormal(0.0, 6.0, size) * rng.choice([-1.0, 1.0], size)

    assert pairwise_sum(values) == values.sum()


# -- workplaces ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", PATROLS)
def test_patrols_have_an_effect_where_they_have_a_beat(steps, kind):
    world = steps.world
    codes = [authority.code for authority in world.corridor.authorities]
    beats = steps.model.processes.allocation.patrols.beats[kind].any(axis=1)
    expected = [code for code, some in zip(codes, beats, strict=True) if some]
    assert list(workplaces(world.corridor)[PATROLS[kind]]) == expected


def test_investigators_have_an_effect_where_there_are_teams(steps):
    world = steps.world
    teams = world.units.authority[world.units.kind == UnitKind.INVESTIGATION]
    codes = [world.corridor.authorities[row].code for row in np.unique(teams)]
    assert list(workplaces(world.corridor)["investigation"]) == codes


def test_the_ones_without_effect_are_few_and_known():
    corridor = load_corridor()
    by_kind = workplaces(corridor)
    everybody = {authority.code for authority in corridor.authorities}
    idle = {kind: everybody - set(where) for kind, where in by_kind.items()}
    assert idle["investigation"] == {"UK-IN", "EUROPOL", "FRONTEX"}
    assert idle["border_patrol"] == idle["checkpoint"] == idle["investigation"] | {"UK-CI"}
    assert "RS" in idle["coast_patrol"]
    assert not idle["analysis"]
    for kind, units in corridor.staff.items():
        staffed = {a.code for a, size in zip(corridor.authorities, units, strict=True) if size}
        assert not staffed & idle[kind], kind


# -- border checks ---------------------------------------------------------------------------------


CHECKS = '[[border_control]]\nauthority = "DE"\nshare = 0.5\nfrom = 2023-06-01\n'
LIFTED = '[[border_control]]\nauthority = "RO"\nchecks = "lifted"\nfrom = 2023-06-01\n'


def run(folder, text: str, name: str):
    return Steps(
        scenario_from(folder, text, name=name, days=70, warm_up=20), scale=0.2
    ).to_the_end()


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


def deployed(folder, lever):
    """Models without and with a lever, whose units stand in the same places, deployed."""
    models = [
        Steps(scenario_from(folder, text, name="effort", days=1, warm_up=0)).model
        for text in ("", lever)
    ]
    for model in models:
        model.world.units.leg[:] = models[0].world.units.leg
        model.world.begin_day(0)
        model.processes.allocation.deploy(model.world)
    return models


def test_checks_add_to_patrols_on_their_legs_alone(folder):
    models = deployed(folder, CHECKS)
    usual, more = (model.world for model in models)
    legs = legs_of(models[0])
    np.testing.assert_array_equal(usual.search_rate[~legs], more.search_rate[~legs])
    np.testing.assert_array_equal(usual.effort, more.effort)
    detected = usual.parameters.border.found_share
    np.testing.assert_allclose(
        1.0 - more.legs.stop_chance[legs],
        (1.0 - usual.legs.stop_chance[legs]) * (1 - 0.5 * detected),
    )
    assert (more.legs.stop_authority[more.search_rate > 0] >= 0).all()


def test_nobody_is_lost_and_no_money(checked):
    loses_nobody_and_no_money(checked)


@pytest.mark.parametrize("change", [("2023-06-01", "2023-09-01"), ("0.5", "0.0")])
def test_before_its_first_day_and_without_a_share_nothing_differs(folder, without, change):
    assert differences(without, run(folder, CHECKS.replace(*change), "idle")) == []


def test_lifted_checks_leave_fewer_patrols_and_save_time(folder):
    models = deployed(folder, LIFTED)
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
    legs = SimpleNamespace(
        recorded_chance=np.array([0.2, 0.2, 0.0]),
        stop_authority=np.array([1, 1, -1], dtype=np.int16),
    )
    rate = np.array([0.3, 0.3, 0.0])
    checks = BorderChecks(np.array([0.1, 0.6, 0.5]), np.array([7, 7, 7]), np.zeros(3),
                          np.ones(3))  # fmt: skip
    add_checks(checks, np.array([7, 7, 7]), np.array([0.8, 0.8, 0.0]), rate, legs)
    np.testing.assert_allclose(rate, [0.4, 0.9, 0.5])
    np.testing.assert_array_equal(legs.stop_authority, [1, 7, 7])
    np.testing.assert_allclose(legs.recorded_chance, [0.35, 0.6, 0.0])


def test_the_rate_of_a_check_is_its_chance():
    assert 1.0 - np.exp(-check_rate(0.4, 0.5)) == pytest.approx(0.2)
    assert check_rate(0.0, 0.5) == 0.0
    assert np.isfinite(check_rate(1.0, 1.0))
