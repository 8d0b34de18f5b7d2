"""An experiment calls itself complete when its last file is written, and not before."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.experiments.engine.experiment import ExperimentFolder
from simulation.experiments.engine.options import Options
from simulation.experiments.engine.result_folder import MANIFEST
from simulation.experiments.studies.compare import Precision
from simulation.scenario import load_scenario
from tests import conducting, synthetic
from tests.experiments.answering import BASE, FIRST, SECOND, THIRD, Answering, sides_in

FEW = (FIRST, SECOND, THIRD)
YEAR = synthetic.SCENARIO.replace("2023-01-01", "2024-01-01").replace("2023-02-28", "2025-03-31")


def scenario(folder: Path, text: str):
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return load_scenario(path)


def compared(folder, options):
    base, policy = sides_in(folder)
    model = synthetic.simulate
    conducting.compare(base, [policy], options, Precision(2), ladder=True, simulate=model)


def swept(folder, options):
    told = {"replications": 2, "simulate": synthetic.simulate}
    conducting.sweep(scenario(folder, BASE), ["entries.balkan=0.5,1"], options, **told)


def analysed(folder, options):
    asked = {"only": FEW, "trajectories": 2, "survivors": 1, "samples": 8, "noise": 3}
    conducting.sensitivity(sides_in(folder), options, simulate=Answering(), **asked)


def discovered(folder, options):
    asked = {"only": FEW, "samples": 20, "noise": 3}
    conducting.discover(sides_in(folder), options, simulate=Answering(), **asked)


def forecast(folder, options):
    conducting.backtest(scenario(folder, YEAR), options, 2024, None, 2, simulate=synthetic.simulate)


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("command", [
    compared, swept, analysed, discovered, pytest.param(forecast, marks=pytest.mark.slow),
])  # fmt: skip
def test_every_table_is_there_before_an_experiment_is_complete(command, tmp_path, monkeypatch):
    out, seen = tmp_path / "out", []
    write = ExperimentFolder.write_json

    def look(self, name, content):
        if name == MANIFEST and content["status"] == "complete":
            seen.append(tables(out))
        write(self, name, content)

    monkeypatch.setattr(ExperimentFolder, "write_json", look)
    command(tmp_path, Options(out=out, workers=1, scale=0.5))
    (then,) = seen
    assert any(name.endswith(".csv") for name in then)
    assert {**then, MANIFEST: b""} == {**tables(out), MANIFEST: b""}
