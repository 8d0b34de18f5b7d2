"""`crossings report` and `crossings results list`, on folders whole, broken, foreign and empty."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from simulation.app.results import listed as shown_in_the_app
from simulation.cli import COMMANDS
from simulation.engine.options import Options
from simulation.engine.replications import run_replications
from simulation.engine.result_folder import ResultFolder
from simulation.errors import InputError
from simulation.report.experiment import KINDS
from simulation.scenario import load_scenario
from simulation.studies.compare import Precision
from tests import every_kind, synthetic
from tests.conducting import compare
from tests.reading import page_of
from tests.refusals import refusal, succeeded
from tests.trust.json_cases import USELESS

fcntl = pytest.importorskip("fcntl")


@pytest.fixture(scope="module")
def results_root(tmp_path_factory) -> Path:
    """A folder of results: one run of two replications, one comparison of two pairs."""
    root = tmp_path_factory.mktemp("made")
    file = root / "small.toml"
    file.write_text(synthetic.SCENARIO, encoding="utf-8")
    other = root / "other.toml"
    text = synthetic.SCENARIO.replace("A small test", "Another test")
    other.write_text(text + "[entries]\nbalkan = 0.5\n", encoding="utf-8")
    here = root / "results"
    run_replications(load_scenario(file), [1, 2], simulate=synthetic.simulate, results=here)
    compare(
        load_scenario(file),
        [load_scenario(other)],
        Options(results=here, workers=1),
        Precision(2),
        simulate=synthetic.simulate,
    )
    return here


@pytest.fixture
def run_folder(results_root, tmp_path) -> Path:
    """The run, in the folder the command line is called in."""
    (source,) = (results_root / "small").iterdir()
    shutil.copytree(source, tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture
def comparison(results_root, tmp_path) -> Path:
    (source,) = (results_root / "compare-other").iterdir()
    shutil.copytree(source, tmp_path / "comparison")
    return tmp_path / "comparison"


def change(folder: Path, **changes) -> None:
    results = ResultFolder(folder)
    content = {**json.loads((folder / "manifest.json").read_text(encoding="utf-8")), **changes}
    results.write_json("manifest.json", content)


# -- report ---------------------------------------------------------------------------------------


def test_the_page_of_a_run_is_made_again(crossings, run_folder):
    assert "run/report.html" in crossings("results", "report", "run").stdout
    assert "A small test" in page_of(run_folder)
    assert crossings("results", "report", "run", "--quiet").output == ""


def empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def cut(name: str):
    def spoil(folder: Path) -> None:
        (folder / name).write_bytes((folder / name).read_bytes()[:-20])

    return spoil


def remove(name: str):
    return lambda folder: (folder / name).unlink()


SPOILT = {
    "an empty folder": (empty, 'DIR = "run": holds no manifest.json, so neither a run nor'),
    "a manifest cut off": (cut("manifest.json"), "run/manifest.json: is damaged: not JSON (line"),
    "a manifest of something else": (
        lambda folder: (folder / "manifest.json").write_text('{"name": "web app"}'),
        "run/manifest.json: is of neither a run nor an experiment; allowed: the folder",
    ),
    "a list for a manifest": (
        lambda folder: (folder / "manifest.json").write_text("[]"),
        "run/manifest.json: is of neither",
    ),
    "no summary": (remove("summary.json"), 'DIR = "run": holds no finished results (complete)'),
    "a table missing": (remove("legs.parquet"), "run: legs.parquet is missing, so no page is made"),
    "a table cut off": (cut("daily.parquet"), "run: daily.parquet has changed since it was made"),
    "an experiment nobody knows": (
        lambda folder: change(
            folder,
            kind="divination",
            experiment_id="s1",
            identity={"cases": [], "seed": 1, "scale": 1.0, "days": 1},
        ),
        'run/manifest.json: kind = "divination": unknown kind of experiment; allowed: run,',
    ),
}


def test_every_study_has_a_command_and_a_folder_that_is_tried():
    assert set(KINDS) <= {name for name, entry in COMMANDS.items() if entry.runs}
    assert set(KINDS) <= set(every_kind.COMMANDS)


@pytest.mark.parametrize("name", SPOILT)
def test_a_folder_that_is_not_whole_is_one_line(crossings, run_folder, name):
    spoil, text = SPOILT[name]
    spoil(run_folder)
    assert refusal(crossings("results", "report", "run")).startswith(text)
    assert not (run_folder / "report.html").exists()


@pytest.mark.parametrize(("name", "text"), [
    ("nowhere", 'DIR = "nowhere": cannot be read (no such file or directory)'),
    ("small.toml", 'DIR = "small.toml": cannot be read (not a directory)'),
    ("", 'DIR = "": no name of a folder'),
    ("x" * 300, "cannot be read (file name too long)"),
])  # fmt: skip
@pytest.mark.parametrize("command", [["results", "report"], ["results", "list"]])
def test_what_is_no_folder_is_one_line(crossings, scenario_file, command, name, text):
    refusal(crossings(*command, name), text)


# -- results list ---------------------------------------------------------------------------------


def listed(crossings, *arguments) -> list[dict]:
    return json.loads(succeeded(crossings("results", "list", *arguments, "--json")).stdout)


def test_what_is_there_is_listed(crossings, results_root, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    shutil.copytree(results_root, tmp_path / "results")
    run, comparison = sorted(listed(crossings), key=lambda entry: entry["kind"], reverse=True)
    assert (run["kind"], run["title"]) == ("run", "A small test")
    assert run["folder"] == f"results/small/{run['id']}"
    assert (run["done"], run["asked"], run["failed"]) == (2, 2, 0)
    files = [path for path in (tmp_path / run["folder"]).rglob("*") if path.is_file()]
    assert run["bytes"] == sum(path.stat().st_size for path in files)
    assert (comparison["kind"], comparison["title"]) == ("compare", "Another test")
    assert (comparison["done"], comparison["asked"]) == (4, 4)
    assert {run["status"], comparison["status"]} == {"complete"}
    lines = crossings("results", "list").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    row = next(number for number, line in enumerate(lines) if f" {run['id']} " in line)
    assert lines[row].startswith(run["when"][:10])
    assert "2/2  complete" in lines[row]
    assert [line.strip() for line in lines[row + 1 : row + 3]] == ["A small test", run["folder"]]


def test_nothing_there_is_no_mistake(crossings, tmp_path):
    result = crossings("results", "list")
    assert (result.exit_code, result.stdout) == (0, "There are no results in results.\n")
    assert listed(crossings) == []
    assert list(tmp_path.iterdir()) == []


def add(folder: Path, manifest: bytes) -> None:
    """A folder that holds this for a manifest."""
    folder.mkdir()
    (folder / "manifest.json").write_bytes(manifest)


def test_useless_manifests_hide_no_other_folder(crossings, run_folder, comparison, tmp_path):
    for name, content in USELESS.items():
        add(tmp_path / name, content)
    entries = {Path(entry["folder"]).name: entry for entry in listed(crossings, ".")}
    in_app = {one.name: one for one in shown_in_the_app(tmp_path)}
    assert sorted(entries) == sorted(["run", "comparison", *USELESS])
    assert entries["run"]["status"] == entries["comparison"]["status"] == "complete"
    assert in_app["run"].status == "Complete"
    for name in USELESS:
        assert entries[name]["status"] == "unreadable"
        assert 0 < len(entries[name]["problem"]) < 200
        assert in_app[name].problem
    assert crossings("results", "list", ".").exit_code == 0


@pytest.mark.parametrize("name", ["cut off", "UTF-16"])
def test_a_run_does_not_go_on_in_a_folder_whose_manifest_cannot_be_used(tmp_path, small, name):
    add(tmp_path / "out", USELESS[name])
    with pytest.raises(InputError, match=r"holds a manifest\.json that cannot be used") as caught:
        run_replications(small, [1], simulate=synthetic.simulate, out=tmp_path / "out")
    assert str(caught.value).isprintable()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


def test_a_neighbour_that_is_damaged_hides_no_report(crossings, comparison, tmp_path):
    """A comparison's page looks for sensitivity analyses beside it."""
    for name, content in USELESS.items():
        add(tmp_path / f"sensitivity-{name}", content)
        (tmp_path / f"sensitivity-{name}" / "summary.json").write_bytes(content)
    assert crossings("results", "report", "comparison").exit_code == 0


def test_broken_folders_are_shown_as_such(crossings, run_folder, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    for name in ("cut", "foreign", "none", "hollow", "stopped", "killed", "steering"):
        shutil.copytree(run_folder, tmp_path / "all" / name)
    (tmp_path / "all" / "empty").mkdir()
    cut("manifest.json")(tmp_path / "all" / "cut")
    (tmp_path / "all" / "foreign" / "manifest.json").write_text('{"run_id": "x", "seeds": 3}')
    remove("manifest.json")(tmp_path / "all" / "none")
    remove("summary.json")(tmp_path / "all" / "hollow")
    change(tmp_path / "all" / "stopped", status="interrupted", seeds={"done": [1], "failed": []})
    change(tmp_path / "all" / "killed", status="running", finished=None)
    change(tmp_path / "all" / "steering", title="\x1b[31m" + "long " * 40)
    entries = {Path(entry["folder"]).name: entry for entry in listed(crossings, "all")}
    assert {name: entry["status"] for name, entry in entries.items()} == {
        "cut": "unreadable",
        "foreign": "unreadable",
        "none": "unreadable",
        "hollow": "changed",
        "stopped": "interrupted",
        "killed": "killed",
        "steering": "complete",
    }
    for name, file in (("cut", "manifest"), ("none", "manifest"), ("hollow", "summary")):
        assert f"{file}.json" in entries[name]["problem"]
    assert (entries["stopped"]["done"], entries["stopped"]["asked"]) == (1, 2)
    text = crossings("results", "list", "all").stdout
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert "1/2  interrupted" in text


def test_a_run_under_way_is_told_from_one_that_was_killed(crossings, run_folder, tmp_path):
    change(run_folder, status="running", finished=None, seeds={"done": [], "failed": []})
    (run_folder / ".parts" / "replication-0000").mkdir(parents=True)
    lock = run_folder / ".parts" / "lock"
    code = (
        "import fcntl, sys\n"
        f"handle = open({str(lock)!r}, 'w')\n"
        "fcntl.lockf(handle, fcntl.LOCK_EX)\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout.readline() == "held\n"
        (entry,) = listed(crossings, "run")
        refusal(crossings("results", "report", "run"), "is being written by another process")
        writer.stdin.close()
    assert entry["status"] == "running"
    assert (entry["done"], entry["asked"]) == (1, 2)
    assert listed(crossings, "run")[0]["status"] == "killed"


def test_an_experiment_that_was_stopped_counts_what_is_kept(crossings, comparison):
    change(comparison, status="interrupted", runs=None)
    with sqlite3.connect(comparison / "runs.sqlite") as store:
        store.execute("DELETE FROM finished WHERE number = 2")
    store.close()
    (entry,) = listed(crossings, "comparison")
    assert entry["status"] == "interrupted"
    assert (entry["done"], entry["asked"]) == (3, None)
    assert " 3  interrupted" in crossings("results", "list", "comparison").stdout


def test_a_run_that_failed_is_listed_with_its_failures(crossings, small, tmp_path):
    def fail(*_, **__):
        raise RuntimeError("no")

    run_replications(small, [1], out=tmp_path / "out", simulate=fail)
    (entry,) = listed(crossings, "out")
    assert (entry["status"], entry["done"], entry["failed"]) == ("complete", 0, 1)
