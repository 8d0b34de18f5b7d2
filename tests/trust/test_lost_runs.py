"""A run that fails is named on stderr, whatever a command was told to print."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

import simulation.model.corridor_model
from simulation.cli import cli
from tests import every_kind
from tests.comparing import files, stand_in
from tests.reading import summary_of
from tests.refusals import succeeded


class Failing:
    """Stands in for `simulate`, and fails when some of its calls come; the first is 1."""

    def __init__(self, calls) -> None:
        self.fails, self.calls = calls, 0

    def __call__(self, scenario, **options):
        self.calls += 1
        if self.calls in self.fails:
            raise RuntimeError("the sea was too rough")
        return stand_in(scenario, **options)


@pytest.fixture
def give(tmp_path, monkeypatch):
    """Gives the command of a kind, with a model of which a run fails."""
    every_kind.write_scenarios(tmp_path)
    monkeypatch.chdir(tmp_path)

    def call(kind, *more, fails=(4,)):
        few = ["--replications", "5"] if kind == "run" else []
        words = [*every_kind.COMMANDS[kind], *few, "--workers", "1", "--out", kind, *more]
        monkeypatch.setattr("sys.argv", ["crossings", *words])
        # taken back in the reverse order, or the stand-in would stay
        with every_kind.stood_in(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(simulation.model.corridor_model, "simulate", Failing(fails))
            return CliRunner().invoke(cli, words)

    return call


@pytest.mark.parametrize("kind", every_kind.each())
def test_a_lost_run_is_named_although_the_command_is_quiet(give, kind, tmp_path):
    verdicts = (0, 3) if kind == "monitor" else (0,)  # 3: a figure of these runs is not inside
    fails = (2, 4) if kind == "run" else (4,)
    done = give(kind, "--quiet", fails=fails)
    assert done.exit_code in verdicts
    assert done.stdout == ""
    assert "RuntimeError: the sea was too rough" in done.stderr
    how_many = "2 of 5 replications failed" if kind == "run" else "1 run failed"
    assert how_many in done.stderr.splitlines()[-1]
    if kind == "run":
        assert re.findall(r"^The run with seed (\d) failed: ", done.stderr, re.M) == ["2", "4"]
        assert summary_of(tmp_path / kind)["replications"] == 3
    assert f"crossings {kind}" in done.stderr  # how to try again
    again = give(kind, "--quiet", fails=())
    assert again.exit_code in verdicts
    assert "failed" not in again.stderr
    assert kind != "run" or summary_of(tmp_path / kind)["replications"] == 5


@pytest.mark.parametrize("kind", ["compare", "run"])
def test_it_is_named_beside_json(give, kind):
    done = succeeded(give(kind, "--json"))
    assert "the sea was too rough" in done.stderr
    assert len(json.loads(done.stdout)["failed"]) == 1


@pytest.mark.parametrize("kind", every_kind.each())
def test_where_every_run_failed_the_command_fails(give, tmp_path, kind):
    done = give(kind, "--quiet", fails=range(10_000))
    assert not {"summary.json", "report.html"} & files(tmp_path / kind)
    assert ("; what was run is kept in" in done.stderr) == (kind != "run")
    assert done.exit_code == (1 if kind == "run" else 2)
    assert ("5 of 5 replications failed" in done.stderr) == (kind == "run")
    assert done.stdout == ""
    assert "the sea was too rough" in done.stderr
