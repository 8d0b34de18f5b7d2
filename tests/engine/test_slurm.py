"""The recipe for SLURM, with stand-ins for its commands that run jobs on this machine."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulation.cli import cli
from tests.comparing import numbers
from tests.docs.blocks import ROOT
from tests.patience import Patience
from tests.refusals import succeeded
from tests.runs import scenario_from

pytest.importorskip("dask_jobqueue")
#: a copy of the job runs at once, in a session of its own; its number is that of its process
SBATCH = """#!/bin/sh
copy="$STAND_IN/job-$$"
cp "$1" "$copy"
cat "$1" >> "$STAND_IN/submitted"
setsid sh "$copy" >> "$STAND_IN/output" 2>&1 &
echo "Submitted batch job $!"
"""
SCANCEL = """#!/bin/sh
echo "$@" >> "$STAND_IN/cancelled"
for job in "$@"; do kill -- "-$job" 2>/dev/null; done
exit 0
"""


@pytest.fixture
def stand_in(tmp_path) -> Path:
    """A folder with the commands, and what they were told."""
    folder = tmp_path / "slurm"
    folder.mkdir()
    for name, text in (("sbatch", SBATCH), ("scancel", SCANCEL)):
        (folder / name).write_text(text)
        (folder / name).chmod(stat.S_IRWXU)
    return folder


@pytest.mark.slow
def test_a_comparison_in_jobs_gives_the_same_bits_and_leaves_none_behind(
    stand_in, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("base", ""),
        ("other", '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "full"\n'),
    ):
        scenario_from(tmp_path, text, name=name, title=name, days=5, warm_up=30)
    question = ["compare", "base.toml", "other.toml", "--scale", "0.02", "--replications", "2"]
    paths = f"{stand_in}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / "on_slurm.py"), "--jobs", "2", "--cores", "1",
         "--gb", "4", "--interface", "lo", *question, "--out", "there"],
        env={**os.environ, "PATH": paths, "STAND_IN": str(stand_in), "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    succeeded(CliRunner().invoke(cli, [*question, "--out", "here", "--workers", "1"]))
    assert numbers(tmp_path / "there") == numbers(tmp_path / "here")
    submitted = (stand_in / "submitted").read_text()
    assert submitted.count("#SBATCH --cpus-per-task=1") == 2
    assert "#SBATCH -t 12:00:00" in submitted
    cancelled = (stand_in / "cancelled").read_text().split()
    assert len(set(cancelled)) == 2
    patience = Patience()
    while any(map(runs, cancelled)):  # each was sent a signal
        patience.check("the end of a job that was cancelled")
        time.sleep(0.05)


def runs(job: str) -> bool:
    """Whether the process of a job runs; one that ended may wait for its parent to take note."""
    try:
        state = Path(f"/proc/{job}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"
