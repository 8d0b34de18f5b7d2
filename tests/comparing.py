"""`crossings compare` in a folder with two scenarios, with a model that is done at once."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simulation.model.corridor_model
from simulation.cli import cli
from simulation.corridor import load_corridor
from simulation.engine import trials
from simulation.engine.findings import Damage
from simulation.engine.run_store import STORE, RunStore
from tests import synthetic

ROOT = Path(__file__).parents[1]
OTHER = """
title = "Nothing shared"
extends = "small.toml"
[[sharing]]
between = ["UK", "FR"]
level = "none"
"""

corridor = cache(load_corridor)


def stand_in(scenario, *, seed, **options):
    """Fewer arrive where France and the UK share nothing; smugglers' responses take some back."""
    options["corridor"] = corridor()
    record = synthetic.simulate(scenario, seed=seed, **options)
    if not scenario.sharing:
        return record
    rng = np.random.default_rng(seed + 10_000)
    responses = sum(dict(scenario.adaptation).values())
    share = 0.6 + 0.04 * responses + 0.02 * rng.normal()
    arrivals = np.round(record.daily["channel_arrivals"] * share)
    return replace(record, daily={**record.daily, "channel_arrivals": arrivals})


@pytest.fixture
def door(monkeypatch, tmp_path, scenario_file):
    """`crossings compare`, in a folder with two scenarios, with a model that is done at once."""
    (tmp_path / "other.toml").write_text(OTHER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", stand_in)
    # runs that share their first days would be of the model itself
    monkeypatch.setattr(trials, "LEAST_DAYS", 10**9)

    def call(*arguments, command="compare", scenarios=("small.toml", "other.toml")):
        return CliRunner().invoke(cli, [command, *scenarios, *map(str, arguments)])

    return call


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def numbers(folder: Path) -> dict[str, bytes]:
    """Everything in a folder that holds results and no times."""
    names = ["summary.json", "runs.parquet", "months.parquet", "legs.parquet"]
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name in names} | {
        path.name: path.read_bytes() for path in folder.glob("*.csv")
    }


def manifest(folder: Path) -> dict:
    return json.loads((folder / "manifest.json").read_text())


def stored_runs(folder: Path) -> int:
    """Runs that are in the store of an experiment, damaged ones included."""
    entries = list(RunStore(folder / STORE).scan())
    return sum(item.runs or 1 if isinstance(item, Damage) else 1 for item in entries)
