"""Faults of `benchmarks/faults.py` that need no moment; `.ci/full` tries all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the faults are Linux's")
@pytest.mark.parametrize("fault", ["spoilt", "read_only"])
def test_a_fault_is_survived(fault):
    done = subprocess.run(
        [sys.executable, "benchmarks/faults.py", "--quick", "--seed", "7", "--only", fault],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert " of " in done.stdout
