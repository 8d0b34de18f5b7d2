"""A Dask scheduler and workers in processes of their own, and a stand-in for the model on them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests import synthetic

NONE = '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "none"\n'
ROOT = Path(__file__).parents[1]
#: seconds that a slow run takes
SLOW = 16.0


def model(scenario, *, seed, **options):
    """The stand-in, imported by the workers; what goes wrong stands in the scenario's title."""
    record = synthetic.simulate(scenario, seed=seed, **options)
    wrong = scenario.description
    if wrong == "storm" and seed == 3:
        raise ValueError("a storm")
    if wrong == "no memory" and seed == 3:
        raise MemoryError
    if wrong.startswith("slow:") and seed == 3:
        with open(wrong.removeprefix("slow:"), "a", encoding="utf-8") as file:
            file.write(f"{scenario.title}\n")
        time.sleep(SLOW)
    if wrong.startswith("/"):  # kills the worker that comes first, or each that comes
        flag = Path(wrong)
        if seed == 3 and not (flag.exists() and flag.suffix == ".once"):
            flag.touch()
            time.sleep(1.0)  # what it finished before is told by now, as after a run of the model
            os.kill(os.getpid(), signal.SIGKILL)
    share = 0.8 if scenario.title == "Other" else 1.0
    noise = np.random.default_rng(seed + 5000).normal(0, 5, len(record.dates))
    arrivals = record.daily["channel_arrivals"] * share + noise * (share < 1)
    return replace(record, daily={**record.daily, "channel_arrivals": arrivals})


class Machines:
    """A scheduler and workers in processes of their own.

    Args:
        folder: Where they write.
        workers: How many there are.
        scheduler: Further options of the scheduler.
        worker: Further options of each worker.
        security: What a client needs, where they are encrypted.
        variables: Of their environment.
    """

    def __init__(
        self,
        folder: Path,
        workers: int,
        scheduler: Sequence[str] = (),
        worker: Sequence[str] = (),
        security=None,
        **variables: str,
    ) -> None:
        from distributed import Client

        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
        # written by the scheduler once it listens; workers and clients wait for it
        file = str(folder / "scheduler.json")
        where = ["--scheduler-file", file]
        address = ["--host", f"{'tls' if security else 'tcp'}://127.0.0.1", "--port", "0"]
        self.scheduler = self.start("dask_scheduler", *where, *address, *scheduler)
        self.workers = [
            self.start("dask_worker", *where, "--nthreads", "1", "--no-nanny", *worker)
            for _ in range(workers)
        ]
        connection = {"scheduler_file": file, "timeout": 600, "set_as_default": False}
        with Client(**connection, security=security) as client:
            self.address: str = client.scheduler.address
            if workers:
                client.wait_for_workers(workers, timeout=600)

    def start(self, what: str, *options: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{what}", "--no-dashboard", *options],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self) -> None:
        for process in [*self.workers, self.scheduler]:
            process.kill()
            process.wait()
