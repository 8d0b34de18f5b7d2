"""Assumptions of a run drawn from the fitted ensemble."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulation.experiments import trials
from simulation.experiments.trials import Case, Setting, Trial
from simulation.parameters.fitted import FittedEnsemble
from simulation.scenario import load_scenario
from tests.runs import scenario_from

NAMES = ("channel.launch_cost", "market.ties")


@pytest.fixture(autouse=True)
def ensemble(monkeypatch):
    found = FittedEnsemble(
        NAMES,
        np.array([[8000.0, 2], [9500.0, 4], [11000.0, 6]]),
        np.array([0.25, 0.75, 0.0]),
        {},
        "a hash",
    )
    monkeypatch.setattr(trials, "load_fitted", lambda: found)
    trials.fitted_ensemble.cache_clear()
    yield found
    trials.fitted_ensemble.cache_clear()


def test_a_whole_set_belongs_to_a_seed_and_comes_by_its_weight():
    drawn = [trials.draw_assumptions("fitted", seed) for seed in range(400)]
    assert drawn == [trials.draw_assumptions("fitted", seed) for seed in range(400)]
    sets = [(one["channel.launch_cost"], one["market.ties"]) for one in drawn]
    assert set(sets) == {(8000.0, 2), (9500.0, 4)}
    assert 60 < sets.count((8000.0, 2)) < 140


def test_a_run_has_the_set_of_its_seed_but_for_what_its_scenario_sets(tmp_path):
    seen = []

    def simulate(scenario, *, parameters, **_):
        seen.append([parameters.values()[name] for name in NAMES])
        raise RuntimeError("seen enough")

    mine = scenario_from(tmp_path, "[parameters]\nmarket.ties = 5")
    setting = Setting(scale=0.1, days=2, assumptions="fitted", simulate=simulate)
    for scenario in (load_scenario("baseline"), mine):
        with pytest.raises(RuntimeError):
            setting.run(Trial(Case("one", scenario), 7))
    (cost, ties), (same_cost, own_ties) = seen
    assert trials.draw_assumptions("fitted", 7) == {NAMES[0]: cost, NAMES[1]: ties}
    assert (same_cost, own_ties) == (cost, 5)


def test_assumptions_cannot_be_drawn_from_a_fit_that_was_not_made(crossings, monkeypatch):
    monkeypatch.setattr(trials, "load_fitted", lambda: None)
    trials.fitted_ensemble.cache_clear()
    told = crossings("compare", "baseline", "full-sharing", "--assumptions", "fitted")
    assert told.exit_code == 2
    assert told.stderr.startswith('--assumptions = "fitted": nothing has been fitted yet; allowed')
    assert not Path("results").exists()
