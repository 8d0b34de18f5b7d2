"""Estimates in the background: their turn and their end, whose they are, and what they say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.app.ensemble import (
    CAREFUL,
    FOLDER,
    QUICK,
    Effort,
    Ensembles,
    EstimateText,
    estimate_of,
    read_estimate,
    start_process,
)
from simulation.engine.catalogue import catalogue
from simulation.engine.run_store import STORE, RunStore
from simulation.errors import InputError
from simulation.scenario import parse_scenario
from simulation.statistics.paired import SPREAD_PAIRS
from simulation.studies.compare import ComparisonFindings
from tests.app.reading import until
from tests.app.results_folders import compared

LONG = Effort("long", "Long", 5_000, 0.02)
RUN = "[run]\nstart = 2023-01-01\nend = 2023-01-21\nwarm_up_days = 0\n"
BASE = parse_scenario(f'title = "Base"\nextends = "baseline"\n{RUN}')
SHARING = '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "none"\n'


def whatif(title="Nothing shared <b>"):
    return parse_scenario(f'title = "{title}"\nextends = "baseline"\n{SHARING}{RUN}')


def process(code: str):
    """What starts a process that stands in for an estimate."""

    def start(order):
        return subprocess.Popen(
            [sys.executable, "-c", f"import json, os, signal, sys, time\n{code}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True,
        )  # fmt: skip

    return start


WAITS = "sys.stdin.read()"


@pytest.fixture
def ensembles(tmp_path):
    to_stop = []

    def make(code=None, leave_within=15.0, start=None):
        start = process(code) if code is not None else start
        one = Ensembles(tmp_path, 1, start, leave_within)
        to_stop.append(one)
        return one

    yield make
    for one in to_stop:
        one.stop_all()


def ended(ensembles, key):
    until(lambda: ensembles.state(key).ended)
    return ensembles.state(key)


# -- turns ----------------------------------------------------------------------------------------


def test_the_quick_estimate_has_pairs_enough_for_a_range():
    assert f"{QUICK.pairs} pairs" in QUICK.label
    assert QUICK.pairs >= SPREAD_PAIRS


def test_others_wait_and_are_told_their_place(ensembles, tmp_path):
    some = ensembles(WAITS)
    keys = [some.ask(whatif(f"W{n}"), BASE, QUICK, "me") for n in range(3)]
    states = [some.state(key) for key in keys]
    places = [("running", 0), ("waiting", 1), ("waiting", 2)]
    assert [(state.phase, state.place) for state in states] == places
    assert some.stop(keys[1], "me")
    assert some.state(keys[1]).phase == "stopped"
    assert some.state(keys[2]).place == 1
    assert some.stop(keys[0], "me")
    assert ended(some, keys[0]).phase == "stopped"
    until(lambda: some.state(keys[2]).phase == "running")
    # what was written can be run by hand
    for key in (keys[0], keys[2]):
        assert (Path(key).parent / "baseline.toml").is_file()
        assert (Path(key).parent / "what-if.toml").is_file()
        assert Path(key).is_relative_to(tmp_path / FOLDER)


def test_two_who_ask_for_the_same_share_it(ensembles):
    some = ensembles(WAITS)
    key = some.ask(whatif(), BASE, QUICK, "one")
    assert some.ask(whatif(), BASE, QUICK, "two") == key
    assert some.ask(whatif(), BASE, CAREFUL, "two") != key
    assert some.latest("one", "") == key
    assert some.latest("somebody else", "") == ""
    assert not some.stop(key, "one")
    assert some.latest("one", whatif().hash()) == ""
    assert some.state(key).phase == "running"
    assert some.stop(key, "two")
    assert ended(some, key).phase == "stopped"
    (change,) = some.state(key).changes
    assert change.startswith("Sharing between UK and FR falls from ")


def test_too_many_are_refused(ensembles):
    some = ensembles(WAITS)
    for n in range(21):
        some.ask(whatif(f"W{n}"), BASE, QUICK, "me")
    with pytest.raises(InputError, match="too many estimates wait"):
        some.ask(whatif("one more"), BASE, QUICK, "me")


# -- what a process says --------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "problem"), [
    ("print(json.dumps({'problem': 'the disk is full'})); sys.exit(2)", "the disk is full."),
    ("print('Traceback'); print('Boom: bang'); sys.exit(1)", "ended unexpectedly (Boom: bang)"),
    ("os.kill(os.getpid(), signal.SIGKILL)", "memory ran out"),
    ("sys.exit(3)", "ended unexpectedly (exit 3)"),
    ("", "holds no finished comparison"),
])  # fmt: skip
def test_a_process_that_fails_is_told_and_the_next_one_runs(ensembles, code, problem):
    some = ensembles(code)
    keys = [some.ask(whatif(f"W{n}"), BASE, QUICK, "me") for n in range(2)]
    for key in keys:
        state = ended(some, key)
        assert state.phase == "failed"
        assert problem in state.problem


def test_progress_is_heard_and_one_that_does_not_listen_is_killed(ensembles):
    say = "json.dumps(dict(finished=3, failed=0, planned=24, share=0.2))"
    deaf = "signal.signal(2, signal.SIG_IGN)"
    code = f"{deaf}; print('noise'); print({say}, flush=True); {WAITS}"
    some = ensembles(code, leave_within=0.5)
    key = some.ask(whatif(), BASE, QUICK, "me")
    until(lambda: some.state(key).finished == 3)
    state = some.state(key)
    assert (state.planned, state.share, state.phase) == (24, 0.2, "running")
    some.stop(key, "me")
    assert ended(some, key).phase == "stopped"


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    some = Ensembles(tmp_path / "file", 1)
    state = some.state(some.ask(whatif(), BASE, QUICK, "me"))
    assert state.phase == "failed"
    assert state.problem == "It cannot be started (not a directory)."


# -- the real process -----------------------------------------------------------------------------


class Started:
    """Starts the real process, and remembers its group."""

    def __call__(self, order):
        process = start_process(order)
        self.group = process.pid
        return process


def alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


SERVER = """
import signal, sys
from pathlib import Path
from tests.app.test_ensemble import BASE, LONG, Ensembles, Started, until, whatif
started = Started()
some = Ensembles(Path(sys.argv[1]), 1, started)
key = some.ask(whatif(), BASE, LONG, "me")
until(lambda: some.state(key).finished >= 2 or some.state(key).ended)
assert not some.state(key).ended, some.state(key)
print(started.group, key, flush=True)
signal.pause()
"""


@pytest.mark.slow
def test_it_ends_with_a_server_that_is_killed(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path)],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
    ) as server:  # fmt: skip
        group, key = server.stdout.readline().split(maxsplit=1)
        assert alive(int(group))
        server.send_signal(signal.SIGKILL)
        server.wait()
        until(lambda: not alive(int(group)))
    # it has some seconds to wind up in, and is killed where they are not enough
    (entry,) = catalogue(tmp_path)
    assert entry.status in ("interrupted", "killed")
    assert len(list(RunStore(Path(key.strip()) / STORE).scan())) >= 2


# -- what an estimate says -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return compared(tmp_path_factory.mktemp("made") / "one", report=False)


@pytest.fixture
def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def estimated(summary, *, arrivals=(), deaths=(), scenario=(), **more) -> EstimateText:
    """What an estimate says once some of what was found is something else."""
    effects = summary["scenarios"][0]
    for outcome, entries in (("channel_arrivals", arrivals), ("channel_deaths", deaths)):
        effects["outcomes"][outcome]["periods"]["run"].update(entries)
    effects.update(scenario)
    return estimate_of(ComparisonFindings.model_validate({**summary, **more}))


def test_arrivals_and_deaths_with_their_intervals(folder):
    estimate = read_estimate(folder)
    assert "Small-boat arrivals in the UK: too few pairs (4)" in estimate.arrivals
    assert estimate.deaths.startswith("Deaths in the Channel: ")
    assert estimate.basis.startswith("4 pairs of runs")


def test_the_range_of_worlds_stands_behind_the_average(summary):
    apart = {
        "mean_percent": -5.0, "mean_percent_low": -9.0, "mean_percent_high": -1.0,
        "plausible_low": -19.6, "median": -4.0, "plausible_high": 11.2, "plausible_unit": "%",
    }  # fmt: skip
    sets = {"hash": "00fa2140", "window": ["2021-01", "2025-12"], "sets": 211, "records": 98}
    arrivals = {**apart, "pairs": 79}
    text = estimated(summary, assumptions="fitted", fitted=sets, arrivals=arrivals).arrivals
    assert text.startswith("Small-boat arrivals in the UK: 1.0% to 9.0% fewer")
    assert "Range of worlds: -20% to +11% in nine of ten" in text


def test_fewer_arrivals_with_more_deaths_is_no_success(summary):
    fall = {
        "pairs": 9,
        "mean_difference": -50.0,
        "mean_low": -60.0,
        "mean_high": -40.0,
        "detectable": True,
    }
    rise = {
        "pairs": 9,
        "mean_difference": 5.0,
        "mean_low": 1.0,
        "mean_high": 9.0,
        "detectable": True,
    }
    assert "this is not a success" in estimated(summary, arrivals=fall, deaths=rise).warning
    unclear = {"mean_low": -1.0, "detectable": False}
    assert "success" not in estimated(summary, deaths=unclear).warning


def test_the_same_numbers_are_told_as_such(summary):
    estimate = estimated(summary, scenario={"identical": True})
    assert "no effect on anyone in the model" in estimate.arrivals
    assert "the same as in the baseline" in estimate.deaths
