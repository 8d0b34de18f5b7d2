"""Only a wait in which nothing moves comes to an end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests import patience
from tests.patience import Patience


@pytest.fixture
def looks(monkeypatch):
    """Lets a `Patience` look once, some seconds later, at what threads have run and waited."""

    def look(one: Patience, seconds: float, times: patience.Times) -> None:
        monkeypatch.setattr(patience, "thread_times", lambda: times)
        one._looked = time.monotonic() - seconds
        one.check("the end")

    monkeypatch.setattr(patience, "thread_times", dict)
    return look


def seconds(ran: float, waited: float) -> tuple[int, int]:
    return int(ran * 1e9), int(waited * 1e9)


def test_work_and_waiting_for_a_core_are_not_idle(looks):
    one = Patience(idle=10.0, work=1_000.0)
    for n in range(1, 50):  # starved: it runs a twentieth of the time
        looks(one, 100.0, {(1, 1): seconds(5.0 * n, 95.0 * n)})
    assert one.idle < 1.0


def test_what_does_nothing_comes_to_an_end(looks):
    one = Patience(idle=10.0, work=1_000.0)
    looks(one, 6.0, {(1, 1): seconds(0.1, 0.1)})
    with pytest.raises(AssertionError, match=r"nothing moves for 1\d seconds: the end"):
        looks(one, 6.0, {(1, 1): seconds(0.2, 0.2)})


def test_a_loop_comes_to_an_end_by_its_work(looks):
    one = Patience(idle=10.0, work=8.0)
    with pytest.raises(AssertionError, match="after 9 seconds of CPU: the end"):
        looks(one, 9.0, {(1, 1): seconds(9.0, 0.0)})


def test_where_nothing_is_counted_every_second_is_idle(looks):
    with pytest.raises(AssertionError, match="nothing moves"):
        looks(Patience(idle=10.0), 11.0, {})


def wait(one: Patience) -> None:
    while True:
        time.sleep(0.05)
        one.check("the end")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how long a thread waits")
def test_the_work_of_a_process_below_another_counts():
    loop = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    one = Patience(idle=1e9, work=0.3)
    with subprocess.Popen([sys.executable, "-c", loop], start_new_session=True) as process:
        try:
            with pytest.raises(AssertionError, match="seconds of CPU"):
                wait(one)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
