import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from simulation.engine.experiment import Experiment, ExperimentFolder, StudyResult
from simulation.engine.findings import ExperimentFindings
from simulation.engine.options import Options
from simulation.engine.result_folder import MANIFEST
from simulation.engine.run_store import RunStore, measure
from simulation.engine.runs import ExperimentRuns
from simulation.engine.trials import Case, Setting, Trial
from simulation.engine.worker_pool import run_trial
from simulation.errors import InputError
from simulation.statistics.finding import Finding
from tests import every_kind, synthetic
from tests.runs import scenario_from


class Here:
    """An executor without processes, which notes what it was asked for."""

    def __init__(self, setting: Setting) -> None:
        self.setting, self.asked = setting, []

    def run(self, trials, on_end, stop=None):
        for trial in trials:
            if stop is not None and stop():
                return
            self.asked.append((trial.case.name, trial.seed))
            on_end(trial, run_trial(self.setting, trial))


def fails(bad: set[int], scenario, *, seed, **options):
    if seed in bad:
        raise ValueError(f"a storm with seed {seed}")
    return synthetic.simulate(scenario, seed=seed, **options)


@pytest.fixture
def cases(tmp_path) -> list[Case]:
    cases = [Case("one", scenario_from(tmp_path, name="one", title="one", days=5))]
    text = '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "none"\n'
    cases.append(Case("two", scenario_from(tmp_path, text, name="two", title="two", days=5)))
    return cases


@pytest.fixture
def store(tmp_path) -> RunStore:
    return RunStore(tmp_path / "runs.sqlite")


def attempt(store, simulate=synthetic.simulate, progress=None) -> tuple[ExperimentRuns, Here]:
    here = Here(Setting(1.0, 5, simulate=simulate))
    return ExperimentRuns(store, here.setting, here, progress), here


def trials(cases, seeds) -> list[Trial]:
    return [Trial(case, seed) for seed in seeds for case in cases]


def test_what_is_asked_for_is_run_once_and_read_back(cases, store):
    runs, here = attempt(store)
    runs.add(trials(cases, [1, 2]))
    runs.add(trials(cases, [1, 2, 3, 3]))
    assert here.asked == [(name, seed) for seed in (1, 2, 3) for name in ("one", "two")]
    assert runs.seeds(cases, range(1, 6)) == [1, 2, 3]
    assert (runs.ran, runs.taken_over) == (6, 0)
    assert runs.run_seconds >= 0
    record = synthetic.simulate(cases[0].scenario, seed=3, days=5)
    for mine, theirs in zip(runs.measures(cases[0], 3), measure(record), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    np.testing.assert_array_equal(runs.values(cases[0], [3, 1])[0], measure(record).totals)


def test_a_second_attempt_repeats_nothing(cases, store):
    first, _ = attempt(store)
    first.add(trials(cases, [1, 2]))
    second, here = attempt(store)
    assert (second.taken_over, second.plan(trials(cases, [1, 2, 3]))) == (4, 2)
    second.add(trials(cases, [1, 2, 3]))
    assert here.asked == [("one", 3), ("two", 3)]
    assert (second.ran, second.taken_over) == (2, 4)
    np.testing.assert_array_equal(first.values(cases[1], [1]), second.values(cases[1], [1]))


def test_a_failed_run_is_kept_with_seed_and_error_and_the_rest_go_on(cases, store):
    runs, here = attempt(store, partial(fails, {2}))
    runs.add(trials(cases, [1, 2, 3]))
    assert runs.seeds(cases, [1, 2, 3]) == [1, 3]
    failures = runs.failures(cases)
    assert [(failure.case, failure.seed) for failure in failures] == [("one", 2), ("two", 2)]
    assert "ValueError: a storm with seed 2 (test_runs.py:" in failures[0].error
    assert [run.seed for _, run in store.scan() if run.error is not None] == [2, 2]
    runs.add(trials(cases, [2]))
    assert here.asked.count(("one", 2)) == 1  # not tried again by the same attempt


def test_failures_are_told_of_the_cases_asked_for_and_under_their_first_name(cases, store):
    runs, _ = attempt(store, partial(fails, {4, 5}))
    runs.add(trials(cases, [5, 4]))
    again = replace(cases[0], name="one (all responses)")
    for name, asked in (("one", [cases[0], again]), ("two", [cases[1]])):
        failures = [(failure.case, failure.seed) for failure in runs.failures(asked)]
        assert failures == [(name, 4), (name, 5)]


def test_cases_alike_are_run_once(cases, store):
    runs, here = attempt(store)
    named = Case("another name", cases[0].scenario.model_copy(update={"title": "another name"}))
    runs.add(trials([cases[0], named], [1]))
    assert len(here.asked) == 1
    assert runs.seeds([cases[0], named], [1]) == [1]
    assert replace(cases[0], assumptions={"channel.load_start": 30.0}).key != cases[0].key


def test_progress_counts_the_runs_of_this_attempt(cases, store):
    attempt(store)[0].add(trials(cases, [1]))
    seen = []
    runs, _ = attempt(store, partial(fails, {2}), seen.append)
    runs.add(trials(cases, [1, 2, 3]))
    last = seen[-1]
    assert (last.finished, last.failed, last.replications) == (2, 2, 4)
    assert [step.share for step in seen] == [0.0, 0.25, 0.5, 0.75, 1.0]


# -- how an experiment ends -----------------------------------------------------------------------


@pytest.fixture
def experiment(cases, tmp_path):
    def make(simulate=synthetic.simulate, **options) -> Experiment:
        run_options = Options(out=tmp_path / "out", days=5, workers=1, **options)
        return Experiment(
            "compare", [case.scenario for case in cases], run_options, simulate=simulate
        )

    return make


def refused_elsewhere(experiment: Callable[[], Experiment]) -> bool:
    """Whether another process is kept out, for the lock is one between processes."""
    if (other := os.fork()) == 0:
        try:
            experiment().__enter__()
        except InputError as error:
            os._exit(7 if "is being written by another process" in str(error) else 1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(other, 0)[1]) == 7


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_folder_is_for_one_process_at_a_time_until_the_last_file_is_written(experiment, cases):
    with experiment() as under_way:
        assert refused_elsewhere(experiment)
        under_way.runs.add(trials(cases, [1]))
        under_way.finish(ExperimentFindings, StudyResult(Finding(), cases, [1]))
        assert refused_elsewhere(experiment)
    assert not under_way.folder.parts.exists()
    with experiment():
        pass


def test_the_manifest_counts_all_failed_runs_not_those_of_the_tables_only(experiment, cases):
    def simulate(scenario, *, seed, **options):
        if seed == 2 or scenario.title == "two":
            raise ValueError("a storm")
        return synthetic.simulate(scenario, seed=seed, **options)

    with experiment(simulate) as under_way:
        under_way.runs.add(trials(cases, [1, 2, 3]))
        findings = under_way.finish(ExperimentFindings, StudyResult(Finding(), cases[:1], [1, 3]))
        manifest = under_way.folder.manifest()
    assert manifest.runs.failed == 4
    assert manifest.runs.ran == 2
    assert [(one.case, one.seed) for one in findings.failed] == [("one", 2)]


# -- it calls itself complete when its last file is written, and not before ------------------------

#: the page and its charts are made from the finished folder
_PAGE = (".html", ".md", ".svg")


def tables(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name != MANIFEST and path.suffix not in _PAGE
    }


@pytest.mark.parametrize("kind", [
    "compare", "sweep", "agreements", "sensitivity", "discover",
    *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("backtest", "monitor", "fit")),
])  # fmt: skip
def test_every_table_is_there_before_an_experiment_is_complete(kind, tmp_path, monkeypatch):
    out, seen = tmp_path / kind, []
    write = ExperimentFolder.write_json

    def look(self, name, content):
        if name == MANIFEST and content["status"] == "complete":
            seen.append(tables(out))
        write(self, name, content)

    monkeypatch.setattr(ExperimentFolder, "write_json", look)
    every_kind.make(tmp_path, kind)
    (then,) = seen
    assert any(name.endswith(".csv") for name in then)
    assert then == tables(out)
