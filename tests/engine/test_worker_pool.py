from __future__ import annotations

import multiprocessing
import os
import sys
import time

import pytest

from simulation.engine.trials import Case, Setting, Trial
from simulation.engine.worker_pool import LocalExecutor
from simulation.errors import NO_MEMORY, FatalError
from tests import synthetic
from tests.runs import scenario_from


class Ended(dict):
    """The result of each seed, in the order in which they came."""

    def __call__(self, trial, run):
        self[trial.seed] = run


@pytest.fixture
def run(tmp_path):
    """Run seeds with a stand-in for the model."""
    case = Case("one", scenario_from(tmp_path, days=5))

    def call(simulate, seeds, workers=2, stop=None):
        ended = Ended()
        with LocalExecutor(Setting(1.0, 5, simulate=simulate), workers) as executor:
            executor.run([Trial(case, seed) for seed in seeds], ended, stop and stop(ended))
        return ended

    return call


def in_a_worker(act):
    """A stand-in that does something with a seed in a worker, and not while it is compiled."""

    def simulate(scenario, *, seed, **options):
        if options.get("parameters") is not None:
            act(seed)
        return synthetic.simulate(scenario, seed=seed, **options)

    return simulate


def test_every_trial_is_run_once_by_several_processes(run, tmp_path):
    barrier = multiprocessing.Barrier(2)

    def act(seed):
        barrier.wait(timeout=600)
        (tmp_path / f"{seed}-{os.getpid()}").touch()

    ended = run(in_a_worker(act), range(1, 7))
    pids = [path.name.split("-")[1] for path in tmp_path.glob("[0-9]-*")]
    assert sorted(ended) == list(range(1, 7))
    assert (len(pids), len(set(pids))) == (6, 2)
    assert str(os.getpid()) not in pids
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("workers", [1, 2])
def test_no_trial_starts_once_it_is_time_to_stop_and_those_under_way_are_finished(run, workers):
    ended = run(synthetic.simulate, range(1, 21), workers, lambda done: lambda: len(done) >= 5)
    assert 5 <= len(ended) <= 5 + workers
    assert sorted(ended) == list(range(1, len(ended) + 1)), "in their order, and none by halves"


def test_a_run_that_raises_fails_and_the_others_go_on(run):
    ended = run(in_a_worker(lambda seed: seed == 2 and sys.exit("out of coffee")), [1, 2, 3])
    assert ended[2].error.startswith("SystemExit: out of coffee (test_worker_pool.py:")
    assert (ended[1].error, ended[3].error) == (None, None)


def test_a_run_whose_process_dies_is_run_again_and_fails_the_second_time(run, tmp_path):
    def act(seed):
        if seed == 2 or (seed == 3 and not (tmp_path / "once").exists()):
            (tmp_path / "once").touch()
            os._exit(9)

    ended = run(in_a_worker(act), range(1, 6))
    assert [seed for seed, one in sorted(ended.items()) if one.error is not None] == [2]
    assert NO_MEMORY in ended[2].error


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("daemonic", [False, True])
def test_memory_that_runs_short_in_a_run_ends_all(run, daemonic):
    def short_of_memory(seed):
        if seed == 3:
            raise MemoryError

    def act():
        try:
            run(in_a_worker(short_of_memory), range(1, 10), workers=1)
        except FatalError as error:
            return str(error)

    assert (in_a_daemonic_process(act) if daemonic else act()) == NO_MEMORY


def in_a_daemonic_process(act):
    """What a function gives in a worker of `multiprocessing.Pool`, which may have no children."""
    global _act
    _act = act
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_call)


def _call():
    return _act()


def test_all_processes_end_at_once_when_the_command_is_interrupted(run):
    def interrupt(ended):
        def stop():
            if ended:
                raise KeyboardInterrupt
            return False

        return stop

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(in_a_worker(lambda seed: time.sleep(0 if seed == 1 else 600)), [1, 2, 3], 2, interrupt)
    assert time.monotonic() - began < 300
    assert not multiprocessing.active_children()
