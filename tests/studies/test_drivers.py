"""Which assumptions decide an effect, read from made-up effects of the sets that are shipped."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.engine.run_store import OUTCOME_NAMES
from simulation.engine.world_design import WorldDesign
from simulation.outcomes import HEADLINE
from simulation.parameters.fitted import load_fitted
from simulation.studies.drivers import FEWEST_SETS, drivers
from simulation.studies.world_effects import WorldEffects

DECIDES = "sharing.high_fidelity"


@pytest.fixture(scope="module")
def ensemble():
    return load_fitted()


def worlds(ensemble, pairs: int) -> WorldEffects:
    """Arrivals fall the more, the larger one assumption is."""
    design, seeds = WorldDesign(1, "fitted", None), range(1, pairs + 1)
    values = np.array([design.set_of(seed, ensemble).values(ensemble)[DECIDES] for seed in seeds])
    base = np.full((pairs, len(OUTCOME_NAMES)), 1000.0)
    other = base.copy()
    other[:, OUTCOME_NAMES.index(HEADLINE)] -= 100.0 * values
    return WorldEffects("Made up", design, seeds, base, other)


def test_the_assumption_that_decides_comes_first_unless_a_scenario_sets_it(ensemble):
    result, other = (drivers(worlds(ensemble, 48), ensemble, of) for of in ({}, {DECIDES}))
    first = result.strongest[0]
    assert first.name == DECIDES
    assert first.correlation == pytest.approx(-1.0)
    assert first.high < first.low < 0.0
    assert result.needed < 1.0
    assert result.unit == "%"
    assert DECIDES not in {driver.name for driver in other.strongest}


def test_few_sets_have_no_drivers(ensemble):
    assert drivers(worlds(ensemble, FEWEST_SETS - 1), ensemble, {}) is None
