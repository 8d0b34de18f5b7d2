import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.engine.worker_pool import (
    FatalError,
    Pending,
    WorkerPool,
)
from simulation.errors import NO_MEMORY


class Noted:
    """Notes what happens to tasks: task, what, and details."""

    def __init__(self):
        self.events = []

    def progressed(self, task, details):
        self.events.append((task, "progressed", details))

    def finished(self, task, result):
        self.events.append((task, "finished", result))

    def failed(self, task, error):
        self.events.append((task, "failed", error))

    def of(self, what):
        return {task: details for task, kind, details in self.events if kind == what}


def run(pool, tasks, stop=None):
    noted = Noted()
    pool.run(Pending(tasks, stop=stop and (lambda: stop(noted))), noted)
    return noted


def meeting(workers):
    """Work that ends once so many workers have begun theirs, so that each of them has some."""
    barrier = multiprocessing.Barrier(workers)

    def work(number, report):
        barrier.wait(timeout=600)
        report((number, os.getpid()))
        return number**2

    return work


def run_all(work, tasks, workers=2):
    with WorkerPool(work, workers) as pool:
        return run(pool, tasks)


def test_every_task_is_done_once_by_several_processes():
    noted = run_all(meeting(2), range(6))
    assert noted.of("finished") == {number: number**2 for number in range(6)}
    pids = {pid for _, pid in noted.of("progressed").values()}
    assert len(pids) == 2
    assert os.getpid() not in pids


@pytest.mark.parametrize("workers", [1, 2])
def test_no_task_starts_once_it_is_time_to_stop_and_those_under_way_are_finished(workers):
    with WorkerPool(lambda task, report: task, workers) as pool:
        done = list(run(pool, range(20), lambda noted: len(noted.events) >= 5).of("finished"))
        assert 5 <= len(done) <= 5 + workers
        assert sorted(done) == list(range(len(done))), "in their order, and none by halves"
        assert sorted(run(pool, range(100, 103)).of("finished")) == [100, 101, 102]


def short_of_memory(number, report):
    if number == 3:
        raise MemoryError


def in_a_daemonic_process(act):
    """What a function gives in a worker of `multiprocessing.Pool`, which may have no children."""
    global _act
    _act = act
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return pool.apply(_call)


def _call():
    return _act()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_in_a_daemonic_process_tasks_run_in_that_process():
    def act():
        noted = Noted()
        with WorkerPool(work, 2) as pool:
            pool.run(Pending(range(4), stop=lambda: len(noted.of("finished")) == 2), noted)
        return os.getpid(), noted.events

    def work(number, report):
        report(number)
        if number == 1:
            sys.exit("out of coffee")
        return number, os.getpid()

    process, events = in_a_daemonic_process(act)
    assert [event[:2] for event in events] == [
        (0, "progressed"), (0, "finished"),
        (1, "progressed"), (1, "failed"),
        (2, "progressed"), (2, "finished"),
    ]  # fmt: skip
    assert {details[1] for _, kind, details in events if kind == "finished"} == {process}


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("daemonic", [False, True])
def test_memory_that_runs_short_in_a_task_ends_the_round(daemonic):
    def act():
        noted = Noted()
        try:
            with WorkerPool(short_of_memory, 1) as pool:
                pool.run(Pending(range(10)), noted)
        except FatalError as error:
            return str(error), list(noted.of("finished"))

    error, finished = in_a_daemonic_process(act) if daemonic else act()
    assert error == NO_MEMORY
    assert finished == [0, 1, 2]


def test_a_worker_that_died_while_it_was_idle_fails_no_task():
    with WorkerPool(lambda number, report: number, 2) as pool:
        run(pool, range(4))
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        noted = run(pool, range(4))
    assert noted.of("finished") == {number: number for number in range(4)}
    assert noted.of("failed") == {}


INTERRUPTED = """
import gc, multiprocessing.connection, os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from simulation.engine.worker_pool import Pending, WorkerPool

def send(self, buffer, *rest):
    if os.getpid() == here:
        signal.raise_signal(signal.SIGINT)
    return really(self, buffer, *rest)

here = os.getpid()
really = multiprocessing.connection.Connection._send
multiprocessing.connection.Connection._send = send
pool = WorkerPool(lambda task, report: task, 1)
try:
    pool.run(Pending([1]), None)
except KeyboardInterrupt as error:
    cycle = [error]
    cycle.append(cycle)
pool.close()
del cycle
gc.collect()
print("alive")
"""


def test_ctrl_c_while_a_task_is_handed_over_crashes_nothing():
    """Python's own way to send leaves behind what some of its versions crash on."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
