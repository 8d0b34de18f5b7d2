"""The notebooks run, one of them with fewer people and days than it says."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.docs.blocks import ROOT

NOTEBOOK = ROOT / "docs" / "notebook.ipynb"
OWN_RULES = ROOT / "examples" / "own_rules.ipynb"


@pytest.fixture
def notebook() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.mark.parametrize("file", [NOTEBOOK, OWN_RULES], ids=lambda file: file.name)
def test_a_notebook_is_kept_without_outputs(file):
    notebook = nbformat.read(file, as_version=4)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert cells
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


def outputs_of(
    notebook: nbformat.NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[nbformat.NotebookNode], set[str]]:
    """What the cells of a notebook give when it is run in a folder, and the kinds of it."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": folder}}
    )
    client.execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    return outputs, {kind for out in outputs for kind in out.get("data", ())}


@pytest.fixture(autouse=True)
def own_ipython(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))


@pytest.mark.slow
@pytest.mark.full
def test_the_notebook_runs(notebook, tmp_path, monkeypatch):
    settings = next(cell for cell in notebook.cells if "SETTINGS = " in cell.source)
    shorter = settings.source.replace('"scale": 0.05, "days": 90', '"scale": 0.02, "days": 14')
    assert shorter != settings.source
    settings.source = shorter
    outputs, kinds = outputs_of(notebook, tmp_path, monkeypatch)
    assert "text/html" in kinds  # the table
    assert "application/vnd.plotly.v1+json" in kinds
    assert any("against “Baseline" in out.get("text", "") for out in outputs)
    assert (tmp_path / "results" / "from-the-notebook" / "report.html").exists()


@pytest.mark.slow
def test_the_notebook_with_rules_of_ones_own_runs(monkeypatch):
    outputs, kinds = outputs_of(
        nbformat.read(OWN_RULES, as_version=4), OWN_RULES.parent, monkeypatch
    )
    assert "application/vnd.jupyter.widget-view+json" in kinds  # Mesa's viewer
    table = next(
        out for out in outputs if "cool-headed" in out.get("data", {}).get("text/plain", "")
    )
    head, *rows = table["data"]["text/plain"].splitlines()
    assert head.split()[0] == "channel_arrivals"
    assert len({tuple(row.split()[-3:]) for row in rows}) == 7, "each rule makes another run"
    assert "image/png" in kinds  # the arrivals of each
    said = "".join(out.get("text", "") for out in outputs if out.get("name") == "stderr")
    assert "Warning" not in said
