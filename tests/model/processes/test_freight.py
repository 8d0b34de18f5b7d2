"""Freight searched less: fewer stops in lorries to the UK, and nothing left once that is over."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor.stages import LORRY
from tests.runs import Steps, differences, scenario_from

DROPPED = 'drop = ["freight-security"]\n'
OVER = "[[freight]]\nsearch = 0.2\nfrom = 2023-01-01\nramp_days = 131\n"  # to 12 May 2023
BEFORE = "[[freight]]\nsearch = 0.2\nfrom = 2023-08-01\nramp_days = 30\n"  # after the run


@pytest.fixture(scope="module")
def without(folder):
    """A run of June and July 2023, warmed up from 12 May."""
    return Steps(scenario_from(folder, DROPPED, name="without", warm_up=20)).to_the_end()


@pytest.mark.parametrize("text", ["", DROPPED + OVER], ids=["shipped", "own"])
def test_a_ramp_that_is_over_leaves_nothing_behind(folder, without, text):
    over = scenario_from(folder, text, name="over", warm_up=20)
    assert over.freight
    assert differences(without, Steps(over).to_the_end()) == []


def test_effort_falls_on_freight_to_the_uk_alone(folder):
    models = [
        Steps(scenario_from(folder, DROPPED + more, name="effort", days=1, warm_up=0)).model
        for more in ("", BEFORE)
    ]
    usual, less = (model.world for model in models)
    for world in (usual, less):  # the same units in the same places
        world.units.leg[:] = usual.units.leg
    for model in models:
        model.processes.allocation.deploy(model.world)
    freight = usual.ground.segment == LORRY
    assert set(usual.ground.mode[freight].tolist()) == {"lorry", "ferry"}
    np.testing.assert_array_equal(less.effort[~freight], usual.effort[~freight])
    np.testing.assert_array_equal(less.legs.stop_chance[~freight], usual.legs.stop_chance[~freight])
    np.testing.assert_allclose(less.effort[freight], 0.2 * usual.effort[freight])
    assert (less.legs.stop_chance[freight] < usual.legs.stop_chance[freight]).all()


def test_effort_follows_a_ramp_from_day_to_day(folder):
    text = DROPPED + "[[freight]]\nsearch = 0.2\nfrom = 2023-06-01\nramp_days = 10\n"
    model = Steps(scenario_from(folder, text, name="ramp", days=4, warm_up=0)).model
    freight = model.world.ground.segment == LORRY
    efforts = []
    for _ in range(4):  # Thursday to Sunday: no unit moves, and staff hardly changes
        model.step()
        efforts.append(model.world.effort[freight].sum())
    np.testing.assert_allclose(np.array(efforts) / efforts[0], [1.0, 1.4, 1.8, 2.2], rtol=0.01)


def test_more_come_by_lorry_where_fewer_are_stopped(folder):
    without, less = (
        Steps(
            scenario_from(folder, DROPPED + more, name="less", warm_up=20), scale=0.3
        ).to_the_end()
        for more in ("", BEFORE)
    )
    freight = without.world.ground.segment == LORRY

    def stopped(model):
        ledger = model.world.ledger
        return ledger.stops[:, freight].sum() / ledger.departures[:, freight].sum()

    def arrived(model):
        return model.world.ledger.arrivals[:, freight].sum()

    assert stopped(less) < stopped(without)
    assert arrived(less) > arrived(without)
