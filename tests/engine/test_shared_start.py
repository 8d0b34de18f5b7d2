"""Cases of a seed share their days, and nothing of it is seen in what they give."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest

import simulation.model.corridor_model
from simulation.engine import shared_start
from simulation.engine import trials as module
from simulation.engine.options import Options
from simulation.engine.run_store import RunStore
from simulation.engine.runs import ExperimentRuns
from simulation.engine.trials import Case, Setting, Shared, Trial, plan_sharing
from simulation.engine.worker_pool import LocalExecutor
from simulation.studies.compare import Precision
from tests import synthetic
from tests.comparing import numbers
from tests.conducting import compare
from tests.runs import START, scenario_from

WARM_UP, DAYS, SCALE = 70, 12, 0.02
#: by name: what acts from the first day counted, from the first morning, and one within the run
TEXTS = {
    "base": "",
    "dated": f'[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "full"\nfrom = {START}\n',
    "always": '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "none"\n',
    "later": "[[operation]]\nauthority = 'HU'\nplaces = ['szeged']\nstrength = 4.0\n"
    f"from = {START + timedelta(days=5)}\n",
}


@pytest.fixture
def scenarios(tmp_path):
    return {
        name: scenario_from(tmp_path, text, name=name, title=name, days=DAYS, warm_up=WARM_UP)
        for name, text in TEXTS.items()
    }


@pytest.fixture
def cases(scenarios) -> dict[str, Case]:
    return {name: Case(name, scenario) for name, scenario in scenarios.items()}


@pytest.fixture(autouse=True)
def no_snapshot():
    shared_start.forget_snapshot()


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """Titles of the scenarios whose runs of this process began at the beginning."""
    titles: list[str] = []

    really = simulation.model.corridor_model.CorridorModel.__init__

    def begin(self, scenario, **options):
        titles.append(scenario.title)
        really(self, scenario, **options)

    monkeypatch.setattr(simulation.model.corridor_model.CorridorModel, "__init__", begin)
    return titles


def measures(setting: Setting, trials: list[Trial]) -> list[str]:
    return [json.dumps(setting.run(trial).measures, sort_keys=True) for trial in trials]


# -- which share ----------------------------------------------------------------------------------


def test_those_that_begin_alike_share_the_days_before_the_first_differs(cases):
    trials = [Trial(case, seed) for seed in (1, 2) for case in cases.values()]
    planned = plan_sharing(trials, DAYS)
    assert [trial.key for trial in planned] == [trial.key for trial in trials]
    marks = {(trial.case.name, trial.seed): trial.shared for trial in planned}
    for seed in (1, 2):
        assert marks["always", seed] is None
        assert marks["base", seed].days == WARM_UP
        assert marks["base", seed] == marks["dated", seed] == marks["later", seed]
    assert marks["base", 1].group != marks["base", 2].group
    # of each seed three share the warm-up, which two of them need not simulate
    saved = 2 * 2 * WARM_UP / (WARM_UP + DAYS)
    assert module.whole_runs(planned, DAYS) == pytest.approx(len(trials) - saved)
    assert module.whole_runs(trials, DAYS) == len(trials)


def test_nobody_shares_alone_or_with_another_seed_assumptions_or_model(cases, monkeypatch):
    assumed = Case("assumed", cases["dated"].scenario, {"channel.load_start": 58.0})
    trials = [Trial(cases["base"], 1), Trial(cases["dated"], 2), Trial(assumed, 1)]
    assert plan_sharing(trials, DAYS) == trials
    trials = [Trial(case, 1) for case in cases.values()]
    assert Setting(SCALE, DAYS, simulate=synthetic.simulate).plan(trials) == trials
    # nor are few days worth it
    trials = trials[:2]
    assert plan_sharing(trials, DAYS) != trials
    monkeypatch.setattr(module, "LEAST_DAYS", WARM_UP + 1)
    assert plan_sharing(trials, DAYS) == trials


# -- the same bits --------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("assumptions", "names", "begin"), [
    ("records", tuple(TEXTS), ["always", "base"]),
    ("ranges", ("base", "dated"), ["base"]), ("fitted", ("base", "dated"), ["base"]),
])  # fmt: skip
def test_a_group_begins_once_and_gives_what_whole_runs_give(
    cases, started, assumptions, names, begin
):
    """Drawn assumptions are those of the seed."""
    setting = Setting(SCALE, DAYS, assumptions)
    trials = [Trial(cases[name], seed) for seed in (1, 2) for name in names]
    whole = measures(setting, trials)
    assert len(started) == len(trials)
    started.clear()
    assert measures(setting, setting.plan(trials)) == whole
    assert sorted(started) == sorted(begin * 2)


def test_a_snapshot_is_of_one_seed_scale_and_length(cases, started):
    mark = Shared("g", WARM_UP)
    for setting, seed in (
        (Setting(SCALE, DAYS), 1),
        (Setting(SCALE, DAYS), 2),
        (Setting(SCALE, DAYS - 1), 2),
        (Setting(2 * SCALE, DAYS - 1), 2),
    ):
        setting.run(Trial(cases["base"], seed, mark))
    assert len(started) == 4


@pytest.mark.slow
def test_a_comparison_writes_the_same_bytes_with_and_without(scenarios, tmp_path, monkeypatch):
    others = [scenarios[kind] for kind in ("dated", "always", "later")]

    def compared(out: str, workers: int) -> dict:
        options = Options(
            scale=SCALE, assumptions="records", workers=workers, out=tmp_path / out, seed=3
        )
        compare(scenarios["base"], others, options, Precision(2))
        return numbers(tmp_path / out)

    results = [compared(f"shared-{workers}", workers) for workers in (1, 2)]
    monkeypatch.setattr(module, "LEAST_DAYS", 10**9)
    results.append(compared("whole", 2))
    assert len(results[0]) > 3
    assert all(other == results[0] for other in results)


# -- what goes wrong ------------------------------------------------------------------------------


def test_a_worker_that_dies_between_two_cases_costs_its_own_run_only(cases, tmp_path, monkeypatch):
    """The case in hand is failed; the next one has no snapshot any more and begins anew."""
    setting, store = Setting(SCALE, DAYS), RunStore(tmp_path / "runs.sqlite")
    restore = simulation.model.corridor_model.CorridorModel.go_on_with

    def dies(self, scenario, levers):
        if scenario.title == "dated":
            os._exit(9)
        restore(self, scenario, levers)

    trials = [Trial(cases[name], 1) for name in ("base", "dated", "later")]
    whole = measures(setting, trials)
    monkeypatch.setattr(simulation.model.corridor_model.CorridorModel, "go_on_with", dies)
    with LocalExecutor(setting, 1) as executor:
        runs = ExperimentRuns(store, setting, executor)
        runs.add(trials)
        assert [failure.case for failure in runs.failures(cases.values())] == ["dated"]
        for name, text in (("base", whole[0]), ("later", whole[2])):
            (reduced,) = runs.reduced([(cases[name], 1)])
            assert json.dumps(reduced, sort_keys=True) == text
