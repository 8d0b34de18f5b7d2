"""Tiny experiments in processes of their own, for `faults.py` to disturb.

The model is a stand-in that is done after some milliseconds, whose numbers hang on the seed; all
else is the program as a user starts it. Processes are forked from this one, so that none of them
takes the seconds in which Python imports what the program needs.
"""

# ruff: noqa: E402 (the folder of the project comes before what lies in it)
from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# workers share the cores among them
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# what the command imports, once for all that are forked

import simulation.commands.report

import simulation.commands.compare
import simulation.commands.run
import simulation.model.corridor_model
import simulation.report.comparison
import simulation.report.experiment
import simulation.studies.compare
from simulation.engine.run_store import STORE, Damage, RunStore
from tests import comparing, synthetic
from tests.forked import Forked

#: seconds in which whatever was started must have ended, on a busy machine as well
WITHIN = 300.0
SEEDS = 12
#: a clock that jumps: seconds it is set on or back, by call
JUMPS = (0.0, 3.2e7, -3.2e8, 86_400.0, -1e9)


def simulate(scenario: Any, *, seed: int, **options: Any) -> Any:
    """The stand-in; it tells which process it runs in, and takes its time in a worker."""
    if options.get("parameters") is not None:
        pids = Path(os.environ["STAGE"]) / "pids"
        pids.mkdir(exist_ok=True)
        (pids / str(os.getpid())).touch()
        time.sleep(float(os.environ.get("TAKES", "0.05")))
    return comparing.stand_in(scenario, seed=seed, **options)


def jumping_clock() -> None:
    """Set the clock of this process on or back each time it is read."""
    import datetime as module

    real, calls = time.time, [0]

    def now() -> float:
        calls[0] += 1
        return real() + JUMPS[calls[0] % len(JUMPS)]

    class Jumping(module.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return module.datetime.fromtimestamp(now(), tz)

    time.time = now
    module.datetime = Jumping  # type: ignore[misc]


class Command(Forked):
    """The command `crossings` with the stand-in, as another user or disturbed from within.

    Args:
        arguments: What it is told.
        folder: Where it is started.
        user: The user it is started as.
        variables: Further variables of its environment.
    """

    def __init__(
        self, arguments: tuple[str, ...], folder: Path, user: int | None, variables: dict[str, str]
    ) -> None:
        def first() -> None:
            signal.signal(signal.SIGINT, lambda *_: os._exit(130))  # until the command looks to it
            os.environ.update(variables)
            if user is not None:
                os.setgid(user)
                os.setuid(user)
            if "LIMIT" in variables:
                most = int(variables["LIMIT"])
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
            if "CLOCK" in variables:
                jumping_clock()
            simulation.model.corridor_model.simulate = simulate

        super().__init__(folder, arguments, first)

    def finish(self) -> tuple[int, str]:
        """Wait for it: its exit code, and what it said that was wrong; no traceback."""
        with self:
            try:
                _, stderr = self.communicate()
            except AssertionError as error:
                raise LostError("does not end") from error
        must("Traceback" not in stderr, f"a traceback: {stderr[-600:]}")
        assert self.returncode is not None
        return self.returncode, stderr


class Stage:
    """A folder with two scenarios, and what is done in it.

    Args:
        folder: An empty folder.
        takes: Seconds a run takes in a worker.
    """

    def __init__(self, folder: Path, takes: float = 0.05) -> None:
        self.folder = folder
        self.takes = takes
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "small.toml").write_text(synthetic.SCENARIO, encoding="utf-8")
        (folder / "other.toml").write_text(comparing.OTHER, encoding="utf-8")

    def start(self, *arguments: str, user: int | None = None, **variables: str) -> Command:
        """Start the command."""
        stage = {"STAGE": str(self.folder), "TAKES": str(self.takes)}
        return Command(arguments, self.folder, user, stage | variables)

    def compare(self, out: str, seeds: int = SEEDS, **options: Any) -> Command:
        """Start a comparison."""
        return self.start(
            "compare", "small.toml", "other.toml", "--replications", str(seeds),
            "--workers", "2", "--out", out, "--quiet", **options,
        )  # fmt: skip

    def run(self, out: str, seeds: int = 4, **options: Any) -> Command:
        """Start a run."""
        return self.start(
            "run", "other.toml", "--replications", str(seeds), "--workers", "2", "--out", out,
            "--quiet", **options,
        )  # fmt: skip

    def numbers(self, out: str) -> dict[str, bytes]:
        """Everything in a folder that holds results and no times."""
        return comparing.numbers(self.folder / out)

    def undisturbed(self) -> dict[str, bytes]:
        """What a comparison gives when nothing happens to it."""
        if not (self.folder / "undisturbed").exists():
            must(self.compare("undisturbed").finish()[0] == 0, "the undisturbed one failed")
        return self.numbers("undisturbed")

    def finished(self, out: str) -> set[tuple[str, int]]:
        """The runs an experiment has kept."""
        return {
            (item[1].case, item[1].seed)
            for item in RunStore(self.folder / out / STORE).scan()
            if not isinstance(item, Damage) and item[1].measures is not None
        }

    def wait_for(self, out: str, count: int, process: Any) -> None:
        """Wait until some runs are finished, or the process has ended."""
        self.until(lambda: len(self.finished(out)) >= count or process.poll() is not None)

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until something is true."""
        deadline = time.monotonic() + WITHIN
        while not true():
            must(time.monotonic() < deadline, "took too long")
            time.sleep(0.01)

    def workers(self) -> list[int]:
        """Processes at work here that are alive."""
        pids = [int(path.name) for path in (self.folder / "pids").glob("*")]
        return [pid for pid in pids if alive(pid)]

    def manifest(self, out: str) -> dict[str, Any]:
        """The manifest of a folder."""
        content: dict[str, Any] = json.loads((self.folder / out / "manifest.json").read_text())
        return content


class LostError(Exception):
    """A fault that was not survived."""


def must(true: bool, problem: str) -> None:
    """Say that a fault was not survived unless this is true."""
    if not true:
        raise LostError(problem)


def alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except OSError:
        return False
