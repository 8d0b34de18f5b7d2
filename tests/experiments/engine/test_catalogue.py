"""One bad folder of results is listed with its reason, and hides no other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from simulation.app.results import listed as shown_in_the_app
from simulation.errors import InputError
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.replications import run_replications
from simulation.experiments.studies.compare import Precision
from simulation.scenario import load_scenario
from tests import synthetic
from tests.conducting import compare
from tests.trust.json_cases import USELESS


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


@pytest.mark.parametrize("name", ["cut off", "UTF-16"])
def test_a_run_does_not_go_on_in_a_folder_whose_manifest_cannot_be_used(tmp_path, small, name):
    add(tmp_path, "out", USELESS[name])
    with pytest.raises(InputError, match=r"holds a manifest\.json that cannot be used") as caught:
        run_replications(small, [1], simulate=synthetic.simulate, out=tmp_path / "out")
    assert str(caught.value).isprintable()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["manifest.json"]


def test_a_neighbour_that_is_damaged_hides_no_report(crossings, here):
    """A comparison's page looks for sensitivity analyses beside it."""
    for number, content in enumerate(USELESS.values()):
        add(here, f"sensitivity-{number}", content)
        (here / f"sensitivity-{number}" / "summary.json").write_bytes(content)
    assert crossings("report", str(here / "compare")).exit_code == 0
