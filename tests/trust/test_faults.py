"""The parts of `benchmarks/faults.py`, a few times each; results that a disk has spoilt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import simulation.model
from tests import synthetic

ROOT = Path(__file__).parents[2]
FAULTS = (
    "worker", "parent", "group", "disk_full", "spoilt", "changed", "spoilt_part", "store",
    "read_only", "clock", "twice", "interruptions",
)  # fmt: skip


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the faults are Linux's")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_survived(fault):
    done = subprocess.run(
        [sys.executable, "benchmarks/faults.py", "--quick", "--seed", "7", "--only", fault],
        capture_output=True, text=True, cwd=ROOT, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " of " in done.stdout


@pytest.mark.parametrize(
    "name", ["legs.parquet", "summary.json", "summary.csv", "replications.parquet"]
)
@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-9], lambda b: b[:40] + bytes([b[40] ^ 1]) + b[41:]]
)
def test_results_that_were_spoilt_are_made_again(crossings, tmp_path, monkeypatch, name, spoil):
    monkeypatch.setattr(simulation.model, "simulate", synthetic.simulate)
    (tmp_path / "small.toml").write_text(synthetic.SCENARIO, encoding="utf-8")
    told = ("run", "small.toml", "--replications", "2", "--workers", "1", "--out", "out", "--quiet")
    assert crossings(*told).exit_code == 0
    file = tmp_path / "out" / name
    good = file.read_bytes()
    file.write_bytes(spoil(good))
    assert crossings(*told).exit_code == 0
    assert file.read_bytes() == good
