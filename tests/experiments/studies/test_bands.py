"""The bands of the baseline are measured by the engine of experiments."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.experiments.engine.worker_pool import FatalError
from simulation.experiments.studies import bands
from simulation.model import simulate
from simulation.scenario import load_scenario

RECORD = "supply.boats_per_supplier_week"


def test_the_figures_of_each_run_are_those_of_the_model():
    figures = bands.run_all([{}, {RECORD: 0.8}], [3], 0.02, 1)
    record = simulate(load_scenario("baseline"), seed=3, scale=0.02)
    assert figures.shape == (2, 1, len(bands.targets()))
    np.testing.assert_array_equal(figures[0, 0], bands.measure(record))
    assert (figures[1] != figures[0]).any()


def test_a_run_that_fails_ends_the_comparison():
    with pytest.raises(FatalError, match="a run failed"):
        bands.run_all([{RECORD: -1.0}], [3], 0.02, 1)
