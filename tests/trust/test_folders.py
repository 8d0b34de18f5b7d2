"""No file of a user makes the program read or write outside the folders it was given."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simulation.model.corridor_model
from simulation.errors import InputError
from simulation.scenario import load_scenario, parse_scenario
from tests import synthetic
from tests.refusals import succeeded

PARENT = synthetic.SCENARIO.replace("A small test", "SECRET")


@pytest.fixture
def given_folder(tmp_path: Path) -> Path:
    """A folder of scenarios, beside one that is nobody's business."""
    for name in ("given", "given/below", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside" / "secret.toml").write_text(PARENT, encoding="utf-8")
    (tmp_path / "given" / "below" / "parent.toml").write_text(PARENT, encoding="utf-8")
    (tmp_path / "secret.toml").write_text(PARENT, encoding="utf-8")
    return tmp_path / "given"


def extending(folder: Path, parent: str) -> Path:
    file = folder / "mine.toml"
    file.write_text(f'title = "x"\nextends = """\\\n{parent}"""\n', encoding="utf-8")
    return file


def test_what_lies_below_can_be_extended(given_folder):
    child = load_scenario(extending(given_folder, "below/parent.toml"))
    assert child.parent is not None
    assert child.parent.title == "SECRET"


@pytest.mark.parametrize("parent", [
    "../secret.toml", "below/../../secret.toml", "./../outside/secret.toml", "../outside/secret",
    "{outside}/secret.toml", "{outside}/secret", "file://{outside}/secret.toml", "~/secret.toml",
    "below//../../secret.toml", "..", ".", "/", "below", "/dev/stdin", "$HOME/x.toml", "secret",
    "..\\\\secret.toml", "below/..\\\\..\\\\secret.toml",
])  # fmt: skip
def test_nothing_outside_can_be_extended(given_folder, parent):
    parent = parent.format(outside=given_folder.parent / "outside")
    with pytest.raises(InputError, match="extends") as caught:
        load_scenario(extending(given_folder, parent))
    assert "SECRET" not in str(caught.value)
    assert caught.value.key == "extends"


PARTS = st.sampled_from(
    (
        "..",
        ".",
        "/",
        "\\\\",
        "below",
        "parent",
        "secret",
        ".toml",
        "outside",
        " ",
        "~",
        "%2e",
    )
)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(PARTS, min_size=1, max_size=7))
def test_no_spelling_leads_outside(given_folder, parts):
    try:
        child = load_scenario(extending(given_folder, "".join(parts)))
    except InputError as error:
        assert "SECRET" not in str(error)  # noqa: PT017 (it may be used as well)
        return
    opened = (given_folder / "".join(parts)).resolve()
    assert opened.with_suffix(".toml").is_relative_to(given_folder), child.parent


def test_a_scenario_from_a_browser_extends_no_file(given_folder, monkeypatch):
    monkeypatch.chdir(given_folder / "below")
    with pytest.raises(InputError, match="extends"):
        parse_scenario('title = "x"\nextends = "parent"')


@pytest.mark.slow
@pytest.mark.parametrize("name", [
    "...toml", "..toml", "-rf.toml", "$(touch injected) a\nb\x1b[2J<b>.toml", "con.toml",
    "x" * 200 + ".toml",
])  # fmt: skip
def test_results_lie_in_the_folder_of_results_whatever_a_file_is_called(
    crossings, tmp_path, monkeypatch, name
):
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", synthetic.simulate)
    (tmp_path / name).write_text(synthetic.SCENARIO, encoding="utf-8")
    other = f'{synthetic.SCENARIO}[sharing_default]\nlevel = "full"\n'
    (tmp_path / "other.toml").write_text(other, encoding="utf-8")
    # a comparison is named by the same code
    commands = [("run",), ("compare", "other.toml")][: 2 if name == "...toml" else 1]
    for command in commands:
        succeeded(crossings(*command, f"./{name}", "--replications", "2", "--workers", "1"))
    assert {path.name for path in tmp_path.iterdir()} == {name, "other.toml", "results"}
    root = tmp_path / "results"
    folders = [path.parent.relative_to(root) for path in root.rglob("manifest.json")]
    assert len(folders) == len(commands)
    assert all(len(path.parts) == 2 and str(path).isprintable() for path in folders)
