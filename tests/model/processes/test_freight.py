"""Freight searched less: fewer stops in lorries to the UK, and nothing left once that is over."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.corridor.stages import LORRY
from tests.runs import Steps, scenario_from

DROPPED = 'drop = ["freight-security"]\n'
OVER = "[[freight]]\nsearch = 0.2\nfrom = 2023-01-01\nramp_days = 131\n"  # to 12 May 2023
BEFORE = "[[freight]]\nsearch = 0.2\nfrom = 2023-08-01\nramp_days = 30\n"  # after the run


@pytest.fixture(scope="module")
def without(folder):
    """A run of June and July 2023, warmed up from 12 May."""
    return Steps(scenario_from(folder, DROPPED, name="without", warm_up=20)).to_the_end()


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
