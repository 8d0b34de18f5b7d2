"""An experiment calls itself complete when its last file is written, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.experiments.engine.experiment import ExperimentFolder
from simulation.experiments.engine.result_folder import MANIFEST
from tests import every_kind

#: the page and its charts are made from the finished folder
_PAGE = (".html", ".md", ".svg")


def tables(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if path.is_file() and path.name != MANIFEST and path.suffix not in _PAGE
    }


@pytest.mark.parametrize("kind", [
    "compare", "sweep", "agreements", "sensitivity", "discover",
    *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("backtest", "monitor", "fit")),
])  # fmt: skip
def test_every_table_is_there_before_an_experiment_is_complete(kind, tmp_path, monkeypatch):
    out, seen = tmp_path / kind, []
    write = ExperimentFolder.write_json

    def look(self, name, content):
        if name == MANIFEST and content["status"] == "complete":
            seen.append(tables(out))
        write(self, name, content)

    monkeypatch.setattr(ExperimentFolder, "write_json", look)
    every_kind.make(tmp_path, kind)
    (then,) = seen
    assert any(name.endswith(".csv") for name in then)
    assert then == tables(out)
