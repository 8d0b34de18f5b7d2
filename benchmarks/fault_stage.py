"""Tiny experiments in processes of their own, for `faults.py` to disturb.

The model is a stand-in that is done after some milliseconds, whose numbers hang on the seed; all
else is the program as a user starts it. Processes are forked from this one, so that none of them
takes the seconds in which Python imports what the program needs.
"""

# ruff: noqa: E402 (the folder of the project comes before what lies in it)
from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

# workers share the cores among them
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# what the command imports, once for all that are forked
import simulation.commands.compare
import simulation.commands.report
import simulation.commands.run
import simulation.experiments.studies.compare
import simulation.model
import simulation.report.comparison
import simulation.report.experiment
import simulation.report.run
from simulation.door import main as door
from simulation.experiments.engine.journal import Damage, read_journal
from tests import comparing, synthetic

#: seconds in which whatever was started must have ended, on a busy machine as well
WITHIN = 300.0
SEEDS = 12
#: a clock that jumps: seconds it is set on or back, by call
JUMPS = (0.0, 3.2e7, -3.2e8, 86_400.0, -1e9)


def simulate(scenario: Any, *, seed: int, **options: Any) -> Any:
    """The stand-in; it tells which process it runs in, and takes its time in a worker."""
    if options.get("on_day") is not None:
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


class Command:
    """The command `crossings` in a process group of its own.

    Args:
        arguments: What it is told.
        folder: Where it is started.
        user: The user it is started as.
        variables: Further variables of its environment.
    """

    def __init__(
        self, arguments: tuple[str, ...], folder: Path, user: int | None, variables: dict[str, str]
    ) -> None:
        self.returncode: int | None = None
        self._told = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 (kept)
        self.pid = os.fork()
        if self.pid == 0:
            self._become(arguments, folder, user, variables)
        with contextlib.suppress(OSError):
            os.setpgid(self.pid, self.pid)

    def _become(
        self, arguments: tuple[str, ...], folder: Path, user: int | None, variables: dict[str, str]
    ) -> NoReturn:
        status = 70
        try:
            with contextlib.suppress(OSError):
                os.setpgid(0, 0)
            os.chdir(folder)
            os.dup2(self._told.fileno(), 2)
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            sys.stdout, sys.stderr = open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
            os.environ.update(variables)
            sys.argv = ["crossings", *arguments]
            if user is not None:
                os.setgid(user)
                os.setuid(user)
            _be_the_command()
        except SystemExit as error:
            status = error.code if isinstance(error.code, int) else int(error.code is not None)
        except KeyboardInterrupt:  # before the command looks after it
            status = 130
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(BaseException):
                sys.stderr.flush()
            os._exit(status)

    def poll(self) -> int | None:
        """Its exit code, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def send_to_all(self, number: int) -> None:
        """Send a signal to it and all it started, as a terminal does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def finish(self) -> tuple[int, str]:
        """Wait for it: its exit code, and what it said that was wrong; no traceback."""
        deadline = time.monotonic() + WITHIN
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.send_to_all(signal.SIGKILL)
                raise LostError("does not end")
            time.sleep(0.005)
        self._told.seek(0)
        told = self._told.read()
        self._told.close()
        must("Traceback" not in told, f"a traceback: {told[-600:]}")
        assert self.returncode is not None
        return self.returncode, told


def _be_the_command() -> None:
    if "LIMIT" in os.environ:
        most = int(os.environ["LIMIT"])
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
    if "CLOCK" in os.environ:
        jumping_clock()
    simulation.model.simulate = simulate
    signal.signal(signal.SIGINT, signal.default_int_handler)
    door()


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

    def compare(self, out: str, seeds: int = SEEDS, **told: Any) -> Command:
        """Start a comparison."""
        return self.start(
            "compare", "small.toml", "other.toml", "--replications", str(seeds),
            "--workers", "2", "--out", out, "--quiet", **told,
        )  # fmt: skip

    def run(self, out: str, seeds: int = 4, **told: Any) -> Command:
        """Start a run."""
        return self.start(
            "run", "other.toml", "--replications", str(seeds), "--workers", "2", "--out", out,
            "--quiet", **told,
        )  # fmt: skip

    def numbers(self, out: str) -> dict[str, bytes]:
        """Everything in a folder that holds results and no times."""
        return comparing.numbers(self.folder / out)

    def tables(self, out: str) -> dict[str, bytes]:
        """The tables and the summary of a run."""
        return {
            path.name: path.read_bytes()
            for path in sorted((self.folder / out).iterdir())
            if path.suffix in (".parquet", ".csv") or path.name == "summary.json"
        }

    def undisturbed(self, out: str = "undisturbed", seeds: int = SEEDS) -> dict[str, bytes]:
        """What a comparison gives when nothing happens to it."""
        if not (self.folder / out).exists():
            must(self.compare(out, seeds).finish()[0] == 0, "the undisturbed one failed")
        return self.numbers(out)

    def finished(self, out: str) -> set[tuple[str, int]]:
        """The runs an experiment has kept."""
        return {
            (item[1]["case"], item[1]["seed"])
            for item in read_journal(self.folder / out / "runs")
            if not isinstance(item, Damage) and "measures" in item[1]
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
        found = [int(path.name) for path in (self.folder / "pids").glob("*")]
        return [pid for pid in found if alive(pid)]

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
