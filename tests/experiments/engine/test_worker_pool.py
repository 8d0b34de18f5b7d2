import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simulation.experiments.engine.worker_pool import Crew, FatalError, describe


def crew(task, numbers, workers=2):
    events = []
    with Crew(task, workers) as hired:
        hired.run(numbers, lambda *event: events.append(event))
    return events


def test_every_task_is_done_once_by_several_processes():
    def task(number, report):
        time.sleep(0.05)
        report((number, os.getpid()))

    events = crew(task, range(6))
    assert sorted(number for number, kind, _ in events if kind == "done") == list(range(6))
    pids = {details[1] for _, kind, details in events if kind == "progress"}
    assert len(pids) == 2
    assert os.getpid() not in pids


@pytest.mark.parametrize("workers", [1, 2])
def test_no_task_begins_once_it_is_time_to_stop_and_those_under_way_are_finished(workers):
    done = []

    def note(task, kind, details):
        if kind == "done":
            done.append(task)

    with Crew(lambda task, report: task, workers) as hired:
        hired.run(range(20), note, lambda: len(done) >= 5)
        assert 5 <= len(done) <= 5 + workers
        assert sorted(done) == list(range(len(done))), "in their order, and none by halves"
        hired.run(range(100, 103), note)
        assert sorted(done[-3:]) == [100, 101, 102], "the crew is of use again"


def test_workers_without_work_leave_at_once():
    crew = Crew(lambda task, report: task, 2)
    crew.run(range(4), lambda *_: None)
    started = time.monotonic()
    crew.dismiss()
    assert time.monotonic() - started < 2.0


def test_a_task_that_raises_fails_alone():
    def task(number, report):
        if number == 1:
            raise ValueError("out of\ncoffee")

    events = crew(task, range(4))
    failed = {number: details for number, kind, details in events if kind == "failed"}
    assert list(failed) == [1]
    assert failed[1].startswith("ValueError: out of coffee (test_worker_pool.py:")
    assert sorted(n for n, kind, _ in events if kind == "done") == [0, 2, 3]


def test_a_worker_that_dies_fails_its_task_and_is_replaced():
    def task(number, report):
        if number in (0, 2):
            os._exit(9)

    events = crew(task, range(6))
    failed = {number: details for number, kind, details in events if kind == "failed"}
    assert sorted(failed) == [0, 2]
    assert "exit 9" in failed[0]
    assert sorted(n for n, kind, _ in events if kind == "done") == [1, 3, 4, 5]


def test_a_task_that_exits_fails_and_its_worker_goes_on():
    def task(number, report):
        raise SystemExit(3)

    assert [kind for _, kind, _ in crew(task, range(3), workers=1)] == ["failed"] * 3


def test_an_error_without_a_place_is_described():
    assert describe(RuntimeError("no")) == "RuntimeError: no"


def test_what_the_work_returns_reaches_the_parent():
    events = crew(lambda number, report: number**2, range(4))
    assert sorted(details for _, kind, details in events if kind == "done") == [0, 1, 4, 9]


def test_the_same_workers_serve_many_rounds():
    rounds = []
    with Crew(lambda number, report: os.getpid(), 2) as hired:
        for _ in range(3):
            found = []
            hired.run(range(6), lambda *event, found=found: found.append(event[2]))
            assert len(found) == 6
            rounds.append(set(found))
    assert len(set.union(*rounds)) <= 2


def test_idle_workers_go_home_at_once():
    with Crew(lambda number, report: time.sleep(0.02), 4) as hired:
        hired.run(range(8), lambda *event: None)
        processes = [member.process for member in hired._members.values()]
        started = time.monotonic()
    assert time.monotonic() - started < 3  # they are waited for, and killed after 5 s each
    assert [process.exitcode for process in processes] == [0] * 4


def test_a_fatal_error_ends_the_job():
    done = []

    def task(number, report):
        if number == 3:
            raise FatalError("no room")
        return number

    with pytest.raises(FatalError, match="no room"), Crew(task, 1) as hired:
        hired.run(range(10), lambda task, kind, details: done.append(details))
    assert done == [0, 1, 2]


def test_a_worker_that_died_with_nothing_to_do_fails_no_task():
    events = []
    with Crew(lambda number, report: number, 2) as hired:
        hired.run(range(4), lambda *event: None)
        for member in hired._members.values():
            member.process.kill()
            member.process.join()
        hired.run(range(4), lambda *event: events.append(event))
    assert sorted(events) == [(number, "done", number) for number in range(4)]


def test_a_result_that_cannot_be_sent_fails_its_task_alone():
    events = crew(lambda number, report: open if number else (lambda: None), range(3), workers=1)
    assert [kind for _, kind, _ in events] == ["failed", "done", "done"]
    assert "local object" in events[0][2]


INTERRUPTED = """
import gc, multiprocessing.connection, os, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from simulation.experiments.engine.worker_pool import Crew

def send(self, buffer, *rest):
    if os.getpid() == here:
        signal.raise_signal(signal.SIGINT)
    return really(self, buffer, *rest)

here = os.getpid()
really = multiprocessing.connection.Connection._send
multiprocessing.connection.Connection._send = send
crew = Crew(lambda task, report: task, 1)
try:
    crew.run([1], print)
except KeyboardInterrupt as error:
    cycle = [error]
    cycle.append(cycle)
crew.dismiss()
del cycle
gc.collect()
print("alive")
"""


def test_ctrl_c_while_a_task_is_handed_over_crashes_nothing():
    """Python's own way to send leaves behind what some of its versions crash on."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "alive\n", "")
