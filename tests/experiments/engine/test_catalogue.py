"""One bad folder of results is listed with its reason, and hides no other."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation.app.results import listed as shown_in_the_app
from simulation.errors import InputError
from simulation.experiments.engine.catalogue import catalogue
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.replications import run_replications
from simulation.experiments.engine.run_store import RunStore, StoredRun
from simulation.experiments.studies.compare import Precision
from simulation.scenario import load_scenario
from tests import synthetic
from tests.conducting import compare
from tests.trust.json_cases import USELESS, json_case

some = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A folder with one run and one comparison, both finished."""
    root = tmp_path_factory.mktemp("made")
    file = root / "small.toml"
    file.write_text(synthetic.SCENARIO, encoding="utf-8")
    scenario = load_scenario(file)
    other = scenario.with_(sharing_default={"level": "full"})
    run_replications(scenario, [1, 2], simulate=synthetic.simulate, out=root / "all" / "run")
    compare(
        scenario, [other], Options(out=root / "all" / "compare", workers=1), Precision(2),
        simulate=synthetic.simulate,
    )  # fmt: skip
    return root / "all"


@pytest.fixture
def here(made, tmp_path) -> Path:
    """A copy of it, beside which bad folders may be put."""
    return Path(shutil.copytree(made, tmp_path / "results"))


def add(root: Path, name: str, manifest: bytes) -> None:
    (root / name).mkdir(parents=True, exist_ok=True)
    (root / name / "manifest.json").write_bytes(manifest)


def listing(crossings, root: Path) -> dict[str, dict]:
    result = crossings("results", "list", str(root), "--json")
    assert result.exit_code == 0, result.output
    return {Path(entry["folder"]).name: entry for entry in json.loads(result.stdout)}


def test_useless_manifests_hide_no_other_folder(crossings, here):
    names = [f"bad {number}" for number in range(len(USELESS))]
    for name, content in zip(names, USELESS.values(), strict=True):
        add(here, name, content)
    found = listing(crossings, here)
    assert sorted(found) == sorted(["run", "compare", *names])
    assert found["run"]["status"] == found["compare"]["status"] == "complete"
    for name in names:
        assert found[name]["status"] == "unreadable"
        assert found[name]["problem"].startswith("manifest.json is ")
        assert len(found[name]["problem"]) < 200
    assert crossings("results", "list", str(here)).exit_code == 0
    in_app = {one.name: one for one in shown_in_the_app(here)}
    assert in_app["run"].status == "Complete"
    assert all(in_app[name].problem for name in names)


@pytest.mark.parametrize(("where", "old", "new"), [
    ("compare", '"taken_over": 0', '"taken_over": Infinity'),
    ("compare", '"failed": 0', '"failed": 1e999'),
    ("compare", '"taken_over": 0', '"taken_over": ' + "[" * 5_000 + "]" * 5_000),
    ("compare", '"title": "', '"title": 3, "was": "'),
    ("compare", '"status": "complete"', '"status": {}'),
    ("run", '"seeds": {', '"seeds": [], "other": {'),
    ("run", '"title": "', '"title": 3, "was": "'),
    ("run", '"started": "', '"started": 7, "was": "'),
    ("run", '"start": "2023-01-01"', '"start": "0001-01-01"'),
    ("run", '"end": "2023-02-28"', '"end": "2022-02-28"'),
    ("run", '"seeds": [', '"seeds": ' + "9" * 10_000 + ', "was": ['),
])  # fmt: skip
def test_a_manifest_with_one_bad_value_is_told(crossings, here, where, old, new):
    """What was a traceback that hid every folder: Infinity, nesting, other types."""
    file = here / where / "manifest.json"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = listing(crossings, here)
    assert found[where]["status"] == "unreadable"
    assert "manifest.json is damaged" in found[where]["problem"]
    assert found[{"run": "compare", "compare": "run"}[where]]["status"] == "complete"
    told = crossings("report", str(here / where))
    assert told.exit_code == 2
    (line,) = told.stderr.splitlines()
    assert "manifest.json" in line


@some
@given(r=st.randoms(use_true_random=False))
def test_whatever_a_manifest_or_summary_holds_it_is_listed_or_told(made, tmp_path, r: Random):
    folder = tmp_path / "one"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(made / r.choice(("run", "compare")), folder)
    file = folder / r.choice(("manifest.json", "summary.json"))
    file.write_bytes(json_case(r, file.read_bytes())[1])
    (entry,) = catalogue(folder)
    assert entry.status in {"complete", "killed", "unreadable", "damaged", "changed",
                            "interrupted", "stopped"}  # fmt: skip
    assert entry.problem or entry.status not in {"unreadable", "damaged", "changed"}
    # content that is spelt in another way is the same content
    if entry.status == "complete" and not entry.problem:
        wanted = json.loads((made / entry.kind / file.name).read_text(encoding="utf-8"))
        assert json.loads(file.read_bytes()) == wanted
    (shown,) = shown_in_the_app(folder)
    shown.title.encode()


@pytest.mark.parametrize("earlier", [False, True])
def test_an_interrupted_experiment_counts_its_good_runs_or_none_of_an_earlier_version(
    crossings, here, monkeypatch, earlier
):
    folder = here / "compare"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest.update(status="interrupted", runs=None)
    bad = ("3", "[" * 5_000 + "]" * 5_000, '{"a": ' + "9" * 9_000 + "}", "[]")
    for text in bad:
        with monkeypatch.context() as patch:
            patch.setattr(json, "dumps", lambda *_, text=text, **__: text)
            RunStore(folder / "runs.sqlite").add(StoredRun(case="a", seed=1, measures={}))
    if earlier:
        manifest["damaged"] = [{"file": "a.jsonl", "lines": 1}]
        (folder / "runs.sqlite").rename(folder / "runs")
    add(here, "compare", json.dumps(manifest).encode())
    found = listing(crossings, here)["compare"]
    assert (found["status"], found["done"]) == ("interrupted", None if earlier else 4)


def test_pipes_in_a_folder_of_results_are_not_waited_for(crossings, here):
    (here / "pipes" / ".parts").mkdir(parents=True)
    os.mkfifo(here / "pipes" / "manifest.json")
    shutil.copy(here / "run" / "manifest.json", here / "compare" / "manifest.json")
    text = (here / "compare" / "manifest.json").read_text(encoding="utf-8")
    add(here, "compare", text.replace('"status": "complete"', '"status": "running"').encode())
    (here / "compare" / ".parts").mkdir(exist_ok=True)
    os.mkfifo(here / "compare" / ".parts" / "lock")
    found = listing(crossings, here)
    assert "not a file" in found["pipes"]["problem"]
    assert found["run"]["status"] == "complete"


@pytest.mark.parametrize("name", ["infinite", "nested", "twice", "UTF-16"])
def test_a_run_does_not_go_on_in_a_folder_whose_manifest_cannot_be_used(tmp_path, small, name):
    add(tmp_path, "out", USELESS[name])
    with pytest.raises(InputError, match=r"holds a manifest\.json that cannot be used") as caught:
        run_replications(small, [1], simulate=synthetic.simulate, out=tmp_path / "out")
    assert str(caught.value).isprintable()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


def test_a_run_whose_summary_is_wrong_makes_it_again(here, small):
    folder = here / "run"
    good = (folder / "summary.json").read_bytes()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    del manifest["checksums"]
    add(here, "run", json.dumps(manifest).encode())
    (folder / "summary.json").write_text('{"outcomes": 3}', encoding="utf-8")
    found = run_replications(small, [1, 2], simulate=synthetic.simulate, out=folder)
    assert found.ran == 2
    assert (folder / "summary.json").read_bytes() == good


def test_a_neighbour_that_is_damaged_hides_no_report(crossings, here):
    """A comparison's page looks for sensitivity analyses beside it."""
    for number, content in enumerate(USELESS.values()):
        add(here, f"sensitivity-{number}", content)
        (here / f"sensitivity-{number}" / "summary.json").write_bytes(content)
    assert crossings("report", str(here / "compare")).exit_code == 0
