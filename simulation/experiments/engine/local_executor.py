"""Trials on this machine, in a pool of forked workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol

from simulation.experiments.engine.run_store import StoredRun
from simulation.experiments.engine.trials import Setting, Trial, group_of
from simulation.experiments.engine.worker_pool import Listener, Pending, WorkerPool

#: receives the progress, the result or the error of each trial
RunListener = Listener[Trial, date, StoredRun]


class Executor(Protocol):
    """Runs trials."""

    def __enter__(self) -> Executor: ...

    def __exit__(self, *_: object) -> None: ...

    def run(
        self,
        trials: Sequence[Trial],
        listener: RunListener,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        """Run all trials; return when the last has ended.

        Args:
            trials: In the order in which they start.
            listener: Receives what happens, in this process.
            stop: Asked before each trial; once it returns true, no other starts.

        Raises:
            FatalError: Nothing more can be run or written.
        """


class LocalExecutor:
    """Runs trials on the cores of this machine.

    Args:
        setting: What all trials share.
        workers: Processes.
    """

    def __init__(self, setting: Setting, workers: int) -> None:
        self._setting = setting
        self._workers = workers
        self._pool: WorkerPool[Trial, date, StoredRun] = WorkerPool(setting.run, workers)
        self._compiled = False

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close()

    def run(
        self,
        trials: Sequence[Trial],
        listener: RunListener,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        """Run all trials; return when the last has ended."""
        if not self._compiled and self._workers > 1 and len(trials) > 1:
            self._setting.prepare(trials[0])  # once here, and not once in each worker
            self._compiled = True
        self._pool.run(Pending(self._setting.plan(trials), group_of, stop), listener)
