"""The full model behind the page: one comparison at a time, kept, stopped, and read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from simulation.app import comparison
from simulation.app.comparison import QUICK, Comparisons, read_estimate
from simulation.app.draft import Draft, shipped
from simulation.errors import InputError
from simulation.scenario import load_scenario
from tests.app.reading import until
from tests.app.results_folders import compared

WHATIF, BASE = Draft("no-sharing").scenario(), shipped("baseline")


@pytest.fixture
def started(monkeypatch, tmp_path):
    """Comparisons whose process is some Python; and the commands that were started."""
    commands, code = [], ["import time; time.sleep(60)"]

    class Process(subprocess.Popen):
        def __init__(self, words, **more):
            commands.append(words)
            super().__init__([sys.executable, "-c", code[0]], **more)

    monkeypatch.setattr(comparison.subprocess, "Popen", Process)
    one = Comparisons(tmp_path)
    yield one, commands, code
    one.stop()
    until(lambda: one.state() is None or one.state().phase != "running")


def test_one_runs_at_a_time_from_files_that_say_all(started, tmp_path):
    one, commands, _ = started
    assert one.state() is None
    state = one.start(WHATIF, BASE, QUICK, "2023")
    assert (state.phase, state.title) == ("running", WHATIF.title)
    assert state.question == (WHATIF.hash(), "2023")
    baseline, whatif, *_ = commands[0][commands[0].index("compare") + 1 :]
    assert load_scenario(whatif).hash() == WHATIF.hash()
    assert load_scenario(baseline).hash() == BASE.hash()
    assert commands[0][-3:-1] == ["--period", "2023"]
    with pytest.raises(InputError, match="another comparison runs"):
        one.start(WHATIF, BASE, QUICK, None)
    one.stop()
    until(lambda: one.state().phase == "stopped")
    # asked again it goes on in the same folder; another question has another
    assert one.start(WHATIF, BASE, QUICK, "2023").folder == state.folder
    one.stop()
    until(lambda: one.state().phase == "stopped")
    assert one.start(WHATIF, BASE, QUICK, None).folder != state.folder


def test_a_process_that_fails_is_told_by_its_last_words(started):
    one, _, code = started
    code[0] = "import sys; sys.exit('the disk is full')"
    one.start(WHATIF, BASE, QUICK, None)
    until(lambda: one.state().phase == "failed")
    assert one.state().problem == "the disk is full"


def test_a_comparison_that_has_changed_is_not_read(tmp_path):
    folder = compared(tmp_path / "one")
    text = read_estimate(folder)
    assert "arrivals" in text.arrivals
    assert "Deaths" in text.deaths
    (folder / "summary.json").write_text("{}")
    with pytest.raises(InputError, match="has changed"):
        read_estimate(folder)
    with pytest.raises(InputError, match="no finished comparison"):
        read_estimate(tmp_path)
