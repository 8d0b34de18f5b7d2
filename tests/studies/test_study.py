"""What an experiment says it will take, here and on a cluster."""

from __future__ import annotations

import pytest

from simulation.engine.experiment import Experiment
from simulation.engine.options import Options
from simulation.engine.run_store import RunStore
from simulation.engine.trials import Case
from simulation.studies.design_points import trials
from simulation.studies.study import Cost, check_cost
from tests import synthetic

DAYS = 59
CLUSTER = "tcp://127.0.0.1:1"


def timed(*_, **__):
    pytest.fail("a run was timed here")


def cost(small, tmp_path, simulate=synthetic.simulate, **more):
    options = Options(out=tmp_path / "out", **more)
    costs = []
    experiment = Experiment("cost", [small], options, simulate=simulate)
    pair = Case("one", small), Case("two", small)
    check_cost(experiment, trials([pair], range(1, 5)), 0, yes=False, announce=costs.append)
    return str(costs[0])


def test_a_machine_tells_how_long_it_takes(small, tmp_path):
    text = cost(small, tmp_path, workers=2)
    assert text.startswith("4 runs: about ")
    assert text.endswith(", 2 at a time)")


@pytest.mark.parametrize(("cost", "said"), [
    (Cost(1100, 1100, 3.6, 1), "1,100 runs: about 66 minutes (3.6 s a run, 1 after another)"),
    (Cost(500, 300, 2.0, 2),
     "500 runs, 200 of them already there: about 5 minutes (2.0 s a run, 2 at a time)"),
    (Cost(500, 300, None, 2), "500 runs, 200 of them already there"),
])  # fmt: skip
def test_the_time_is_that_of_the_runs_that_are_missing(cost, said):
    assert str(cost) == said


def test_runs_that_are_there_cost_nothing_and_stand_for_later_ones(small, tmp_path, monkeypatch):
    """Those that are not known yet hang on what the others give, so any run may be one of them."""
    options = Options(out=tmp_path / "out")
    experiment = Experiment("cost", [small], options, simulate=synthetic.simulate)
    planned = trials([(Case("one", small),)], range(1, 5))
    stored = {trial.key for trial in planned[:1]} | {("later", 1), ("later", 2)}
    monkeypatch.setattr(RunStore, "keys", lambda _: (stored, set()))
    costs = []
    check_cost(experiment, planned, 10, yes=False, announce=costs.append)
    (cost,) = costs
    assert cost.runs == 4 + 10
    assert cost.missing == 4 - 1 + 10 - 2
    planned, costs[:] = planned[:1], []
    check_cost(experiment, planned, 2, yes=False, announce=costs.append)
    assert costs == []
