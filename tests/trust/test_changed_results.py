"""Files of finished results that change afterwards are noticed by all who read them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import simulation.model.corridor_model
from simulation.api import run
from simulation.app.comparison import read_estimate
from simulation.app.results import listed as shown
from simulation.app.results import results_app
from simulation.cli import cli
from simulation.engine.result_folder import MANIFEST
from simulation.errors import InputError
from tests import every_kind, synthetic
from tests.app.asking import ask
from tests.reading import contents
from tests.refusals import refusal, succeeded

ROOT = Path(__file__).parents[2]
KINDS = tuple(every_kind.COMMANDS)


@pytest.fixture
def copied(finished_study, tmp_path):
    """A folder with a copy to change of some kinds of study."""

    def copies(*kinds: str) -> Path:
        folder = tmp_path / "here"
        folder.mkdir()
        every_kind.write_scenarios(folder)
        for kind in kinds:
            shutil.copytree(finished_study(kind), folder / kind)
        return folder

    return copies


@pytest.fixture
def here(request, copied) -> Path:
    """Copies of the kind that a test is about, or else of a run and a comparison."""
    asked = getattr(request.node, "callspec", None) and request.node.callspec.params.get("kind")
    return copied(asked) if asked else copied("run", "compare")


def flip(path: Path, at: int | None = None, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2 if at is None else at] ^= 1 << bit
    path.write_bytes(bytes(content))


def entries(folder: Path) -> dict[str, dict]:
    done = succeeded(CliRunner().invoke(cli, ["results", "list", str(folder), "--json"]))
    return {Path(entry["folder"]).name: entry for entry in json.loads(done.stdout)}


def standing(entry: dict) -> tuple[str, str | None]:
    return entry["status"], entry["problem"]


def report(folder: Path):
    return CliRunner().invoke(cli, ["results", "report", str(folder)])


# -- what is recorded -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", every_kind.each())
def test_every_result_file_has_its_checksum(finished_study, kind):
    folder = finished_study(kind)
    recorded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["checksums"]
    assert sorted(recorded) == sorted(every_kind.results_of(folder))
    assert standing(entries(folder)[kind]) == ("complete", None)


# -- who notices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", every_kind.each(("run", "compare", "agreements", "fit")))
def test_a_changed_bit_of_any_file_is_noticed(here, kind):
    folder, page = here / kind, every_kind.pages(here)
    for name, content in every_kind.results_of(folder).items():
        flip(folder / name)
        entry = entries(here)[kind]
        assert entry["status"] == "changed"
        assert name in entry["problem"]
        # and it says how to make it again
        refusal(report(folder), name, every_kind.COMMANDS[kind][1])
        (one,) = (one for one in shown(here) if one.name == kind)
        assert one.page == ""
        assert name in one.problem
        (folder / name).write_bytes(content)
    assert every_kind.pages(here) == page
    assert entries(here)[kind]["status"] == "complete"


@pytest.mark.slow
@pytest.mark.parametrize("kind", every_kind.each())
def test_a_resume_makes_changed_files_again(here, kind, monkeypatch):
    monkeypatch.chdir(here)
    whole, before = contents(here / kind), every_kind.results_of(here / kind)
    assert again(kind) == ""
    assert contents(here / kind) == whole  # the same command again changes no byte
    for number, (name, content) in enumerate(before.items()):
        flip(here / kind / name)
        if number % 2:
            (here / kind / name).write_bytes(content[:-9])
    (here / kind / "summary.json").unlink()
    message = again(kind)
    assert every_kind.results_of(here / kind) == before
    assert min(before) in message
    assert again(kind) == ""  # and says so once
    assert standing(entries(here)[kind]) == ("complete", None)
    assert report(here / kind).exit_code == 0


def again(kind: str) -> str:
    """Give the command of a kind again; what it says on stderr."""
    with every_kind.stood_in():
        words = (*every_kind.COMMANDS[kind], "--workers", "1", "--out", kind, "--quiet")
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    return done.stderr


def test_a_run_whose_tables_are_whole_is_not_run_again(here, monkeypatch):
    monkeypatch.chdir(here)
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", None)  # nothing to run it with
    before = every_kind.results_of(here / "run")
    words = (*every_kind.COMMANDS["run"], "--out", "run", "--quiet")
    for name in ("summary.csv", "summary.json", "scenario.toml"):
        flip(here / "run" / name)
        assert f"{name} has been made again" in succeeded(CliRunner().invoke(cli, words)).stderr
        assert every_kind.results_of(here / "run") == before
    assert CliRunner().invoke(cli, words).stderr == ""


def test_a_scenario_file_that_was_put_there_is_not_on_the_page(here):
    page = (here / "compare" / "report.html").read_bytes()
    (here / "compare" / "scenarios" / "2-other.toml").write_text("title = 'Put there'\n")
    assert report(here / "compare").exit_code == 0
    assert (here / "compare" / "report.html").read_bytes() == page


def test_folders_inside_are_none_of_the_files(here):
    shutil.copytree(here / "run", here / "compare" / "inside")
    assert entries(here)["compare"]["problem"] is None


def test_the_app_shows_no_page_of_changed_results(here):
    assert ask(results_app(here), "/compare/report.html").status == 200
    flip(here / "compare" / "months.parquet")
    answer = ask(results_app(here), "/compare/report.html")
    assert answer.status == 409
    assert "months.parquet" in answer.body.decode()
    with pytest.raises(InputError, match=r"months\.parquet"):
        read_estimate(here / "compare")


def test_python_reads_no_changed_table_and_tells_what_it_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", synthetic.simulate)
    every_kind.write_scenarios(tmp_path)
    arguments = {"scenario": tmp_path / "base.toml", "out": tmp_path / "out", "workers": 1}
    results = run(**arguments)
    flip(tmp_path / "out" / "daily.parquet")
    flip(tmp_path / "out" / "summary.csv")
    with pytest.raises(InputError, match=r"daily\.parquet"):
        _ = results.daily
    with pytest.raises(InputError, match=r"summary\.csv"):
        _ = results.summary
    assert len(results.legs)
    with pytest.warns(UserWarning, match=r"daily\.parquet and summary\.csv"):
        results = run(**arguments)
    assert len(results.daily)
    assert len(results.summary)


# -- pages made again -----------------------------------------------------------------------------

ELSEWHERE = (
    {"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "COLUMNS": "40"},
    {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles", "LC_ALL": "C.UTF-8", "LANG": "fr_FR"},
)


@pytest.mark.full
@pytest.mark.parametrize("variables", ELSEWHERE)
def test_pages_made_again_are_the_same_bytes(copied, tmp_path_factory, variables):
    here = copied(*KINDS)
    pages = every_kind.pages(here)
    assert {name.partition("/")[0] for name in pages} == set(KINDS)
    for name in pages:
        (here / name).unlink()
    done = subprocess.run(
        [sys.executable, "-m", "tests.every_kind", str(here)],
        cwd=tmp_path_factory.mktemp("elsewhere"),
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    again = every_kind.pages(here)
    assert again.keys() == pages.keys()
    assert [name for name in pages if again[name] != pages[name]] == []
