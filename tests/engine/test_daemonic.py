"""`run` and `compare` in a worker of `multiprocessing.Pool`, which may have no children."""

from __future__ import annotations

import multiprocessing

import pandas as pd
import pytest

import simulation.model.corridor_model
from simulation import compare, run
from tests.comparing import stand_in
from tests.machines import NONE

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def pool(monkeypatch):
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", stand_in)
    with multiprocessing.get_context("fork").Pool(1) as processes:
        yield processes


def run_few(file, workers):
    result = run(file, replications=3, workers=workers)
    return result.daily, result.failed


def compare_few(file, other, workers):
    comparison = compare(
        file, other, replications=4, days=20, assumptions="records", workers=workers
    )
    return comparison.differences


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_and_a_comparison_give_the_same_as_elsewhere(pool, tmp_path, scenario_file, workers):
    other = tmp_path / "other.toml"
    other.write_text(f'title = "Other"\nextends = "small.toml"\n{NONE}')
    daily, failed = pool.apply(run_few, (scenario_file, workers))
    assert not failed
    pd.testing.assert_frame_equal(daily, run_few(scenario_file, 2)[0])
    differences = pool.apply(compare_few, (scenario_file, other, workers))
    pd.testing.assert_frame_equal(differences, compare_few(scenario_file, other, 2))
