"""The functions of the studies: the numbers, folders and commands of the command line."""

from __future__ import annotations

import inspect
import json
import shlex
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import simulation
from simulation import InputError, Scenario
from simulation.engine.arguments import DECLARED
from simulation.parameters import load_parameters
from tests import every_kind
from tests.answering import few_shuffles
from tests.every_kind import results_of, stood_in

FEW = {"only": ["sea.persistence", "market.ties"], "noise": 3, "yes": True}
RECORDS = {"assumptions": "records"}
#: command -> what its function is called with, as `COMMANDS` calls the command; the frames it gives
CALLS = {
    "compare": (["base.toml", "policy.toml"], {"replications": 3, "ladder": True, **RECORDS},
                ("differences", "ladder", "runs")),
    "sweep": (["base.toml", {"sharing.UK-FR": ["none", "high"]}], {"replications": 2, **RECORDS},
              ("points", "runs")),
    "agreements": (["policy.toml"], {
        "among": ["UK", "FR", "BE"], "replications": 2, "refine": 2, "refine_replications": 2,
        **RECORDS,
    }, ("agreements", "runs")),
    "sensitivity": (["policy.toml"], {**FEW, "trajectories": 2, "survivors": 1, "samples": 8},
                    ("screening", "variance", "points", "runs")),
    "discover": (["policy.toml"], {**FEW, "samples": 20}, ("regions", "points", "runs")),
    "backtest": ([], {"scenario": "year.toml", "replications": 5, **RECORDS}, ("scores", "runs")),
    "monitor": ([], {
        "scenario": "after.toml", "first": f"{every_kind.NEXT}-05", "last": f"{every_kind.NEXT}-05",
        "ensemble": every_kind.window_name(*every_kind.WINDOW), "members": 3, "replications": 1,
    }, ("months", "runs")),
}  # fmt: skip
LABELS = ["scenario", "set", "path", "seed"]


@pytest.fixture
def folder(tmp_path) -> Path:
    """The scenarios that the commands name."""
    every_kind.write_scenarios(tmp_path)
    return tmp_path


def typed_again(folder: Path) -> list[str]:
    """Give the command that a folder names, which must find everything done."""
    before = results_of(folder)
    program, *words = shlex.split(json.loads((folder / "manifest.json").read_text())["command"])
    assert program == "crossings"
    with stood_in():
        every_kind.call(*words, "--workers", "1", "--quiet")
    assert results_of(folder) == before
    return words


@pytest.mark.parametrize("command", every_kind.each(CALLS))
def test_a_function_gives_the_files_and_the_identity_of_its_command(
    command, finished_study, folder, monkeypatch
):
    monkeypatch.chdir(folder)
    words, arguments, frames = CALLS[command]
    with stood_in():
        results = getattr(simulation, command)(*words, **arguments, workers=1, out=f"my-{command}")
    mine, typed = folder / f"my-{command}", finished_study(command)
    assert results_of(mine) == results_of(typed)
    assert [*mine.glob(every_kind.PAGES[command][0])]
    manifests = [json.loads((each / "manifest.json").read_text()) for each in (mine, typed)]
    assert manifests[0]["identity"] == manifests[1]["identity"]
    for name in frames:
        assert len(getattr(results, name).columns)
    assert set(LABELS) <= set(results.runs.columns)
    assert results.runs[LABELS].notna().all().all()
    assert command in repr(results)
    words = typed_again(mine)
    assert words[0] == command
    assert json.loads((mine / "manifest.json").read_text())["runs"] == manifests[0]["runs"]


def test_a_scenario_that_is_no_file_can_be_asked_about_again(folder, monkeypatch):
    monkeypatch.chdir(folder)
    base = Scenario.load("base.toml")
    policy = base.with_("Mine", sharing=[{"between": ["UK", "FR"], "level": "none"}])
    asked = {**FEW, "samples": 20, "workers": 1, "out": "mine"}
    few_shuffles(monkeypatch)
    with stood_in():
        assert simulation.discover(policy, **asked).ran
        assert simulation.discover(policy, **asked).ran == 0
    assert typed_again(folder / "mine")[1] == "mine/scenarios/1-mine.toml"


def test_a_fit_gives_frames_and_a_file_to_draw_from(folder, monkeypatch, tmp_path):
    monkeypatch.chdir(folder)
    with stood_in():
        results = simulation.fit("spring.toml", budget=50, workers=1, out=tmp_path / "fit")
    assert results.ensemble.is_file()
    assert results.parameters["name"].is_unique
    assert len(results.predictive)
    assert "fit" in repr(results)


@pytest.mark.parametrize("command", DECLARED)
def test_a_misspelt_argument_is_the_error_of_any_function(command):
    function = getattr(simulation, every_kind.FUNCTIONS.get(command, command))
    needed = {
        one.name: "baseline"
        for one in inspect.signature(function).parameters.values()
        if one.default is one.empty and one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    }
    with pytest.raises(TypeError, match="sead"):
        function(**needed, sead=1)


@pytest.mark.parametrize(("call", "key", "allowed"), [
    (lambda: simulation.run("baselin"), None, ""),
    (lambda: simulation.compare("baseline"), "scenarios", ""),
    *((partial(simulation.run, "baseline", **{key: value}), key, "") for key, value in (
        ("days", 1.5), ("days", 0), ("scale", 99), ("scale", "all"), ("seed", -1),
        ("replications", 0), ("workers", 0), ("assumptions", "guesses"), ("out", ""),
        ("out", every_kind.__file__),
    )),
    *((partial(simulation.compare, "baseline", "no-sharing", **arguments), key, "")
      for key, arguments in (
        ("replications", {"replications": 1}), ("replications", {"replications": "some"}),
        ("precision", {"precision": 2}), ("limit", {"limit": 1}),
        ("workers", {"scheduler": "tcp://127.0.0.1:1", "workers": 1}),
        ("ensemble", {"ensemble": "2019-2020"}),
        ("ensemble", {"ensemble": "2021-2024", "assumptions": "records"}),
    )),
    (lambda: simulation.sweep("baseline", "entries.balkan=1", replications=1), "replications",
     "2 to"),
    (lambda: simulation.sweep("baseline", "entries.balkan=0.5:1.5:300"), "vary", "yes=True"),
    (lambda: simulation.sensitivity("full-sharing", samples=9), "samples", "16"),
    (lambda: simulation.sensitivity("full-sharing", assumptions="fitted"), "assumptions",
     "records"),
    (lambda: simulation.monitor(first="May"), "first", "2024-01"),
    (lambda: simulation.backtest(holdout=1900), "holdout", "2024"),
    (lambda: simulation.fit(budget=1), "budget", "50 to"),
    (lambda: simulation.compare("baseline", "full-sharing", tls_ca="x"), "tls_ca", "scheduler"),
    (lambda: simulation.list_results("nothing"), "folder", "results"),
    (lambda: simulation.parameters("market.fee"), None, "market"),
])  # fmt: skip
def test_what_cannot_be_asked_names_the_argument_and_writes_nothing(
    tmp_path, monkeypatch, call, key, allowed
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as refused:
        call()
    assert refused.value.key == key
    assert allowed in (refused.value.allowed or "")
    assert "--" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


# -- tables that run nothing ----------------------------------------------------------------------


def test_every_assumption_is_a_row_with_its_range():
    records = simulation.parameters()
    assert len(records) == len(list(load_parameters()))
    assert records["name"].is_unique
    assert (records["low"] <= records["value"]).all()
    assert (records["value"] <= records["high"]).all()
    assert set(records["kind"]) == {"number", "whole", "switch"}
    market = simulation.parameters("market", "sea.persistence")
    assert set(market["name"].str.split(".").str[0]) == {"market", "sea"}


def test_figures_are_taken_in_shown_and_taken_back(tmp_path):
    (tmp_path / "mine.csv").write_text("month,channel_arrivals\n2026-01,4321\n", encoding="utf-8")
    folder = tmp_path / "data"
    before = simulation.data_status(folder)
    asked = {"folder": folder, "published": date(2026, 2, 10)}
    shown = simulation.update_data(tmp_path / "mine.csv", dry_run=True, **asked)
    assert not folder.exists()
    changed = simulation.update_data(tmp_path / "mine.csv", **asked)
    pd.testing.assert_frame_equal(shown, changed)
    assert list(changed["new"]) == [4321]
    assert simulation.data_status(folder)["yours"].any()
    assert simulation.undo_update(folder) == ["mine.csv"]
    pd.testing.assert_frame_equal(simulation.data_status(folder), before)


def test_results_are_listed_and_their_page_is_written_again(compared):
    assert list(simulation.list_results(compared.parent)["kind"]) == ["compare"]
    page = compared / "report.html"
    before = page.read_bytes()
    page.unlink()
    assert simulation.write_report(compared) == page
    assert page.read_bytes() == before
