"""Ctrl-C ends `crossings` in one line, whenever it comes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation import errors
from tests.patience import communicate

ROOT = Path(__file__).parents[1]
#: the command, sent Ctrl-C when it first opens or imports what is named, and a little later again
INTERRUPTED = """
import os, signal, sys

begun, named, count = os.getpid(), sys.argv.pop(1), 0

def look(event, arguments):
    global count
    if os.getpid() == begun and event in ("import", "open"):
        count += count > 0 or named in str(arguments[0])
        if count in (1, 10):
            os.killpg(begun, signal.SIGINT)  # to its workers as well, as a terminal does

sys.addaudithook(look)
from simulation import entrypoint
entrypoint._ONE_PRESS = 3600.0  # however busy the machine is, both belong to one press
entrypoint.main()
"""
#: what is named: from the first import to the page; a scrap is a file that is half written
USUAL = [("simulation.cli", "1"), ("scipy.special", "4"), ("scrap", "4")]
SELDOM = [
    ("click", "1"), ("pyarrow", "1"), ("scrap", "1"), ("simulation.model.corridor_model", "4"),
    ("simulation.report.run", "1"), ("simulation.report.run", "4"), ("legs.parquet", "4"),
]  # fmt: skip
#: what the command line does in its place
LOST = """
import signal, time

class Dying:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0)

def cli(prog_name):
    Dying()
    signal.pause()
"""
HALF_BUILT = """
import gc, signal, sys, time

class HalfMade:
    def __init__(self):
        signal.raise_signal(signal.SIGINT)
        time.sleep(0)
        self.closed = False
    def __del__(self):
        del self.closed

class Faulty:
    def __del__(self):
        raise ValueError("told")

def cli(prog_name):
    if "first" in sys.argv:
        Faulty()
        gc.collect()
    HalfMade()
"""
TOO_LATE = """
import atexit, signal, time

def late():
    signal.setitimer(signal.ITIMER_REAL, 0.01)  # as for an interrupt that got lost
    time.sleep(0.1)

def cli(prog_name):
    atexit.register(late)
"""
NO_MEMORY = """
def cli(prog_name):
    raise MemoryError
"""
IN_ITS_PLACE = """
import simulation.cli

simulation.cli.cli = cli
from simulation.entrypoint import main
main()
"""


def start(code: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("moment", "replications"),
    [*USUAL, *(pytest.param(*moment, marks=pytest.mark.full) for moment in SELDOM)],
)
def test_ctrl_c_twice_at_any_moment_is_told_in_words(tmp_path, replications, moment):
    options = ("--days", "9", "--replications", replications, "--workers", "2", "--out", "out")
    process = start(INTERRUPTED, tmp_path, moment, "run", "baseline", *options)
    _, stderr = communicate(process)
    assert process.returncode == 130
    assert stderr.startswith("Interrupted") or "\nInterrupted" in stderr
    assert "Traceback" not in stderr
    assert "KeyboardInterrupt" not in stderr
    assert not list(tmp_path.rglob("*scrap*"))


@pytest.mark.parametrize(("code", "status", "message"), [
    pytest.param(LOST, 130, "Interrupted.\n", id="in a finaliser it is not lost"),
    pytest.param(HALF_BUILT, 130, "Interrupted.\n", id="what is half made is not reported"),
    pytest.param(TOO_LATE, 0, "", id="raised again too late it spoils nothing"),
])  # fmt: skip
def test_ctrl_c_where_nothing_can_be_raised(tmp_path, code, status, message):
    process = start(code + IN_ITS_PLACE, tmp_path)
    _, stderr = communicate(process)
    assert (process.returncode, stderr) == (status, message)


def test_a_fault_in_a_finaliser_before_any_interrupt_is_reported(tmp_path):
    process = start(HALF_BUILT + IN_ITS_PLACE, tmp_path, "first")
    _, stderr = communicate(process)
    assert process.returncode == 130
    assert "ValueError: told" in stderr
    assert "AttributeError" not in stderr


def test_memory_that_runs_short_outside_a_command_is_told_in_one_line(tmp_path):
    process = start(NO_MEMORY + IN_ITS_PLACE, tmp_path)
    _, stderr = communicate(process)
    assert (process.returncode, stderr) == (2, f"{errors.NO_MEMORY}\n")
