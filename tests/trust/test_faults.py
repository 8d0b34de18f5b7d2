"""The parts of `benchmarks/faults.py`, a few times each."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: faults that come when a command has ended, or before it begins
AT_REST = ("spoilt", "changed", "read_only")
#: faults at a moment of a command
AT_A_MOMENT = (
    "worker", "parent", "group", "disk_full", "spoilt_part", "store", "clock", "twice",
    "interruptions",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the faults are Linux's")
@pytest.mark.parametrize(
    "fault", [*AT_REST, *(pytest.param(name, marks=pytest.mark.alone) for name in AT_A_MOMENT)]
)
def test_a_fault_is_survived(fault):
    done = subprocess.run(
        [sys.executable, "benchmarks/faults.py", "--quick", "--seed", "7", "--only", fault],
        capture_output=True, text=True, cwd=ROOT, timeout=900, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " of " in done.stdout
