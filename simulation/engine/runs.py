"""The runs of one experiment: a finished run is not run again, a missing run is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.engine.findings import Damage, Failure
from simulation.engine.progress import Progress
from simulation.engine.result_folder import RunCounts
from simulation.engine.run_store import Measures, RunStore, StoredRun
from simulation.engine.trials import (
    Case,
    Setting,
    Trial,
    whole_runs,
)
from simulation.engine.worker_pool import Executor, LocalExecutor, Stop
from simulation.engine.world_design import Worlds


def run_trials(
    setting: Setting, trials: Iterable[Trial], workers: int, file: Path
) -> ExperimentRuns:
    """Run trials that are part of no experiment's folder.

    Args:
        setting: What they share.
        trials: In the order in which they start; those that the file holds are not run again.
        workers: Processes.
        file: Where the finished runs are kept; its folder is made if need be.

    Raises:
        FatalError: The file cannot be written.
        OSError: Its folder cannot be made.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with LocalExecutor(setting, workers) as executor:
        runs = ExperimentRuns(RunStore(file), setting, executor)
        runs.add(trials)
    return runs


class ExperimentRuns:
    """The finished runs of an experiment, and the means to add to them.

    Memory holds the place of each run on disk, not its content.

    Args:
        store: Where the finished runs are; it is made if need be.
        setting: What all runs share.
        executor: Runs what is missing.
        progress: Called as runs go on.

    Raises:
        FatalError: The store cannot be written.
    """

    def __init__(
        self,
        store: RunStore,
        setting: Setting,
        executor: Executor,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._store = store
        self._setting = setting
        self._executor = executor
        self._progress = progress
        self._rows: dict[tuple[str, int], int] = {}
        self._failed: dict[tuple[str, int], str] = {}
        self._planned = 0
        #: runs of this attempt that are finished or have failed
        self.ended = 0
        #: what could not be read of an earlier attempt
        self.damage: list[Damage] = []
        self._read()
        #: runs taken over from an earlier attempt, and run by this one
        self.taken_over, self.ran = len(self._rows), 0
        #: sum of the run times of this attempt, s
        self.run_seconds = 0.0

    def add(self, trials: Iterable[Trial], stop: Stop | None = None) -> None:
        """Run the trials that are missing; afterwards each is finished or has failed.

        Args:
            trials: In the order in which they start.
            stop: Asked before each run; once it returns true, the runs not started are left out.

        Raises:
            FatalError: Nothing more can be run or written; what is finished is kept.
        """
        missing = self._missing(trials)
        self._planned += len(missing)
        if missing:
            self._show()
            self._executor.run(missing, self._end, stop)
            self._planned = self.ended  # fewer than planned where it stopped

    def plan(self, trials: Iterable[Trial]) -> int:
        """How many of these trials are still to be run."""
        return len(self._missing(trials))

    def whole_runs(self, trials: Iterable[Trial]) -> float:
        """How many whole runs those of these trials amount to that are still to be run."""
        return whole_runs(self._setting.plan(self._missing(trials)), self._setting.days)

    @property
    def planned(self) -> int:
        """How many runs are finished or were asked for."""
        return self.taken_over + self._planned

    @property
    def finished_count(self) -> int:
        """How many runs are finished, those of an earlier attempt included."""
        return len(self._rows)

    @property
    def counts(self) -> RunCounts:
        """How many runs of all cases were taken over, ran and failed."""
        return RunCounts(
            taken_over=self.taken_over,
            ran=self.ran,
            failed=len(self._failed),
            seconds=round(self.run_seconds, 1),
        )

    def seeds(self, cases: Sequence[Case], seeds: Iterable[int]) -> list[int]:
        """The seeds for which every one of the cases is finished."""
        keys = {case.key for case in cases}
        return [seed for seed in seeds if all((key, seed) in self._rows for key in keys)]

    def tried(self, cases: Sequence[Case], seeds: Sequence[int]) -> int:
        """How many of these seeds, from the first on, every case was run with or failed with."""
        keys = {case.key for case in cases}
        ended = self._rows.keys() | self._failed.keys()
        whole = takewhile(lambda seed: all((key, seed) in ended for key in keys), seeds)
        return len([*whole])

    def measures(self, case: Case, seed: int) -> Measures:
        """The measures of one finished run.

        Raises:
            FatalError: The store has been damaged meanwhile.
        """
        return next(self.each(case, [seed]))

    def reduced(self, runs: Iterable[tuple[Case, int]]) -> Iterator[dict[str, Any]]:
        """The results of `Setting.reduce` for finished runs, each a case with its seed.

        Raises:
            FatalError: The store has been damaged meanwhile.
        """
        rows = (self._rows[case.key, seed] for case, seed in runs)
        return (run.measures or {} for run in self._store.read(rows))

    def has(self, case: Case, seed: int) -> bool:
        """Whether a run is finished."""
        return (case.key, seed) in self._rows

    def each(self, case: Case, seeds: Iterable[int]) -> Iterator[Measures]:
        """The measures of a case, seed by seed."""
        return map(Measures.from_json, self.reduced((case, seed) for seed in seeds))

    def values(
        self, case: Case, seeds: Iterable[int], of: str = "totals"
    ) -> npt.NDArray[np.float64]:
        """One array of `Measures` seed by seed: of `totals` (seeds, periods, outcomes)."""
        return np.array([getattr(measures, of) for measures in self.each(case, seeds)])

    def worlds(self, seeds: Sequence[int]) -> Worlds:
        """The world of each pair; without a design each has a set of its own."""
        design = self._setting.worlds
        return Worlds(seeds, [None] * len(seeds)) if design is None else design.worlds(seeds)

    def failures(self, cases: Iterable[Case]) -> list[Failure]:
        """The runs of these cases that failed, in the order of cases and seeds."""
        names: dict[str, str] = {}
        for case in cases:
            names.setdefault(case.key, case.name)  # equal cases: the first is what was asked for
        return [
            Failure(case=name, seed=seed, error=error)
            for key, name in names.items()
            for (of, seed), error in sorted(self._failed.items())
            if of == key
        ]

    def first_error(self, cases: Iterable[Case]) -> str:
        """The first error of these cases, to end a message with; empty if none failed."""
        failures = self.failures(cases)
        return f"; the first error: {failures[0].error}" if failures else ""

    def _end(self, trial: Trial, run: StoredRun) -> None:
        """Store a run that has ended."""
        row = self._store.add(run)
        if run.error is None:
            self._rows[trial.key] = row
            self.ran += 1
            self.run_seconds += run.seconds
        else:
            self._failed[trial.key] = run.error
        self.ended += 1
        self._show()

    def _missing(self, trials: Iterable[Trial]) -> list[Trial]:
        ended = self._rows.keys() | self._failed.keys()
        return [
            trial
            for key, trial in {trial.key: trial for trial in trials}.items()
            if key not in ended
        ]

    def _read(self) -> None:
        """Find the finished runs of an earlier attempt; what failed in it is tried again."""
        unusable = 0
        for item in self._store.scan():
            if isinstance(item, Damage):
                self.damage.append(item)
            elif (run := item[1]).measures is not None:
                try:
                    self._setting.check(run.measures)
                    self._rows[run.case, run.seed] = item[0]
                except ValueError:
                    unusable += 1
        if unusable:
            self.damage.append(Damage(file=self._store.path.name, runs=unusable))
        if not self._store.path.exists() or self.damage:
            self._rows = self._store.replace_with(self._rows)

    def _show(self) -> None:
        if self._progress is not None:
            failed = len(self._failed)
            self._progress(Progress(self.ended - failed, failed, self._planned))
