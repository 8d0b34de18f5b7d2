"""Time of the command `crossings`, each time in a new process.

    python benchmarks/command_line.py [CHECKOUT]

prints what it takes to open each door (`opening_cpu`), beside another checkout of the project if
one is given, which must run with the same environment.
"""

from __future__ import annotations

import argparse
import os
import resource
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
    script = shutil.which("crossings", path=str(Path(sys.executable).parent))
    if script:
        return [script]
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
    from simulation.engine.experiment import notes_before
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


#: what is opened -> the code or the command that opens it, in a folder of its own; `compare` leaves
#: the results that the next two read
_SHORT = "baseline full-sharing --replications 2 --days 30 --scale 0.02 --workers 1"
_AGAIN = f"compare {_SHORT} --assumptions records --out pair"
OPENINGS = {
    "crossings --help": "--help",
    "import simulation": "import simulation",
    "import simulation.model.corridor_model": "import simulation.model.corridor_model",
    "from simulation import Crossings": "from simulation import Crossings",
    "crossings run, 30 days at scale 0.02": "run baseline --days 30 --scale 0.02 --out run",
    "crossings compare, finished, asked again": _AGAIN,
    "crossings results report": "results report pair",
    "crossings run, 2 days, nothing compiled yet": "run baseline --days 2 --scale 0.02 --out run",
}


def opening_cpu(root: Path = ROOT, repeats: int = 3) -> dict[str, float]:
    """CPU seconds of each of `OPENINGS`, the least of some calls, all caches filled before.

    Args:
        root: A checkout.
        repeats: Calls.
    """
    with tempfile.TemporaryDirectory() as folder:
        _cpu(root, folder, _AGAIN)
        return {
            name: _cpu(root, folder, what, NUMBA_CACHE_DIR=f"{folder}/new")
            if "nothing compiled" in name
            else min(_cpu(root, folder, what) for _ in range(1 + repeats))
            for name, what in OPENINGS.items()
        }


def _cpu(root: Path, folder: str, what: str, **variables: str) -> float:
    """CPU seconds of one call and its workers."""
    code = what if "import " in what else "from simulation.entrypoint import main; main()"
    environment = os.environ | {"PYTHONPATH": str(root)} | variables
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    shutil.rmtree(f"{folder}/run", ignore_errors=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", code, *what.split()],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="CPU seconds until each door is open.")
    parser.add_argument("checkout", nargs="?", type=Path, help="Another checkout, to compare with.")
    other = parser.parse_args().checkout
    here = opening_cpu()
    other_cpu = opening_cpu(other.resolve()) if other else {}
    for name, value in here.items():
        beside = (
            f"  {other_cpu[name]:5.2f} s there, ratio {value / other_cpu[name]:.2f}"
            if other_cpu
            else ""
        )
        print(f"{name:42} {value:5.2f} s{beside}")
