"""`run` in a worker of `multiprocessing.Pool`, which may have no children."""

from __future__ import annotations

import multiprocessing

import pandas as pd
import pytest

import simulation.model.corridor_model
from simulation import run
from tests.comparing import stand_in

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", stand_in)
    with multiprocessing.get_context("fork").Pool(1) as processes:
        yield processes


def run_few(file, workers):
    result = run(file, replications=3, workers=workers)
    return result.daily, result.failed


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_gives_the_same_as_elsewhere(pool, scenario_file, workers):
    daily, failed = pool.apply(run_few, (scenario_file, workers))
    assert not failed
    pd.testing.assert_frame_equal(daily, run_few(scenario_file, 2)[0])
