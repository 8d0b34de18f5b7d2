"""Trials on this machine: a crew of forked workers, each with a journal file of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from simulation.experiments.engine.journal import JournalWriter, Spot
from simulation.experiments.engine.trials import Setting, Trial, group_of
from simulation.experiments.engine.worker_pool import Crew

#: called with a trial, what happened (progress, done, failed) and details: the simulated date,
#: where the entry lies and the seconds the run took, or the error in one line
OnTrial = Callable[[Trial, str, Any], None]


class Executor(Protocol):
    """Runs trials and writes what they give into the journal."""

    def __enter__(self) -> Executor: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def run(
        self, trials: Sequence[Trial], on_trial: OnTrial, stop: Callable[[], bool] | None = None
    ) -> None:
        """Run all trials; return when the last has ended.

        Args:
            trials: In the order in which they are begun.
            on_trial: Called with what happens.
            stop: Asked before each trial; once it says yes, no other is begun.

        Raises:
            FatalError: Nothing more can be run or written.
        """


class LocalExecutor:
    """Runs trials on the cores of this machine.

    Args:
        setting: What all trials share.
        journal: Folder of the journal.
        workers: Processes.
    """

    def __init__(self, setting: Setting, journal: Path, workers: int) -> None:
        self._setting = setting
        self._crew = Crew(_Work(setting, JournalWriter(journal)), workers)
        self._warm = False

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._crew.dismiss()

    def run(
        self, trials: Sequence[Trial], on_trial: OnTrial, stop: Callable[[], bool] | None = None
    ) -> None:
        """Run all trials; return when the last has ended."""
        if trials and not self._warm:
            self._setting.warm(trials[0])
            self._warm = True
        self._crew.run(self._setting.plan(trials), on_trial, stop, group_of)


class _Work:
    """What a worker does with a trial."""

    def __init__(self, setting: Setting, journal: JournalWriter) -> None:
        self._setting = setting
        self._journal = journal

    def __call__(self, trial: Trial, report: Callable[[date], None]) -> tuple[Spot, float]:
        entry = self._setting.run(trial, report)
        return self._journal.write(entry), entry["seconds"]
