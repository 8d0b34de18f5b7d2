"""Wall time of the command `crossings`, each time in a new process."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def command() -> list[str]:
    """The command beside the Python that runs this, or that Python with the module."""
    found = shutil.which("crossings", path=str(Path(sys.executable).parent))
    if found:
        return [found]
    return [sys.executable, "-c", "from simulation.entrypoint import main; main()"]


def seconds(*arguments: str, **variables: str) -> float:
    """Wall seconds of one call, from the root of the project."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)} | variables
    # a machine may be set to keep no bytecode; every call would then compile SciPy and pandas anew
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    subprocess.run(
        [*command(), *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - started


def help_seconds() -> float:
    """`crossings --help`, the median of five calls."""
    return statistics.median(seconds("--help") for _ in range(5))


def run_seconds() -> float:
    """One replication of the baseline with its report, bytecode and compiled code in the cache."""
    with tempfile.TemporaryDirectory() as folder:
        seconds("run", "scenarios/baseline.toml", "--days", "2", "--out", f"{folder}/first")
        return seconds("run", "scenarios/baseline.toml", "--out", f"{folder}/run")


def notes_seconds(levers: int) -> float:
    """CPU seconds of the notes on a scenario with so many sharing levers of days of their own."""
    from simulation.experiments.engine.experiment import notes_before
    from simulation.scenario import load_scenario

    outlook = load_scenario("outlook")
    first, partners = outlook.run.start, ("RS", "MK", "HU", "BG", "FR", "WB6", "EU")
    sharing = [
        {
            "between": ("UK", partners[number % len(partners)]),
            "level": number % 11 / 10,
            "from": first + timedelta(days=number * 37 % 800),
            "ramp_days": 180,
        }
        for number in range(levers)
    ]
    scenario = outlook.with_("Many levers", sharing=sharing)
    started = time.process_time()
    notes_before([scenario], days=None, assumptions=None)
    return time.process_time() - started


def first_run() -> float:
    """Two days where nothing has been compiled yet: what the first run adds."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--days", "2", "--out", f"{folder}/run")
        return seconds("run", "benchmarks/year-2023.toml", *options, NUMBA_CACHE_DIR=f"{folder}/c")
