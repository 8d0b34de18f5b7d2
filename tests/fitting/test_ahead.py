"""The years after the data: where they are run, and figures as on the central path."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.engine.assumption_sets import people_on_path
from simulation.fitting.ahead import ahead_of
from simulation.fitting.series import FitWindow
from simulation.parameters import load_records

SEEDS = range(1, 41)


def test_a_window_that_ends_with_the_data_goes_on_to_the_end_of_the_outlook():
    ahead = ahead_of(FitWindow("2021-01", "2025-12"))
    assert ahead.years == ("2026", "2027", "2028")
    assert ahead.scenario.run.end.year == 2028
    assert ahead.scenario.future.path == "spread"
    assert ahead.central.future.path == "central"
    assert ahead_of(FitWindow("2021-01", "2024-12")) is None


@pytest.mark.parametrize("slope", [0.0, 0.7, 1.3])
def test_what_paths_do_is_put_aside(slope):
    ahead = ahead_of(FitWindow("2021-01", "2025-12"))
    asked = "2026-01", "2028-12", load_records()
    people = np.array([people_on_path(*asked, "spread", seed) for seed in SEEDS])
    central = people_on_path(*asked, "central")
    own = np.random.default_rng(2).normal(0.0, 0.02, (len(SEEDS), ahead.data.size))
    usual = np.concatenate(
        [np.full(b.size, 0.5 if b.spec.kind == "share" else 30_000.0) for b in ahead.data.blocks]
    )
    on_paths = ahead.data.transformed(usual) + own + slope * np.log(people[:, None] / central)
    past = np.arange(len(SEEDS))[:, None] * np.ones(3)
    seen = ahead.on_central_path(np.hstack([past, ahead.data.restored(on_paths)]), SEEDS)
    assert (seen[:, :3] == past).all()
    assert np.median(seen[:, 3:], axis=0) == pytest.approx(usual, rel=0.03)
    assert np.log(seen[:, 3:]).std(axis=0).max() < 0.04
