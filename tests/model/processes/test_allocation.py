"""Where units stand and what they find: sums, workplaces, and checks at borders."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.corridor.jurisdiction import workplaces
from simulation.model.processes.allocation import pairwise_sum
from tests.runs import Steps, differences, loses_nobody_and_no_money, scenario_from


@pytest.mark.parametrize("size", [*range(20), 127, 128, 129, 136, 255, 256, 257, 1000, 5001])
def test_a_sum_is_that_of_numpy_to_the_last_bit(size):
    rng = np.random.default_rng(size)
    values = rng.lognormal(0.0, 6.0, size) * rng.choice([-1.0, 1.0], size)

    assert pairwise_sum(values) == values.sum()


# -- workplaces ------------------------------------------------------------------------------------


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
