"""The runs of one experiment: what is there is not run again, what is missing is run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.experiments.engine.journal import (
    Damage,
    JournalWriter,
    Spot,
    read_entry,
    read_journal,
)
from simulation.experiments.engine.local_executor import Executor
from simulation.experiments.engine.measures import Measures
from simulation.experiments.engine.replications import Progress
from simulation.experiments.engine.trials import Case, Trial, failure, measures_of
from simulation.experiments.engine.worker_pool import FatalError


class Failure(NamedTuple):
    """A run that failed: its case and seed, and the error in one line."""

    case: str
    seed: int
    error: str


class Ensemble:
    """The finished runs of an experiment, and the means to add to them.

    What is kept in memory is where each run lies on disk, not what it holds.

    Args:
        journal: Folder of the journal.
        executor: Runs what is missing.
        days: Days of each run, for the progress.
        progress: Called as runs go on.
    """

    def __init__(
        self,
        journal: Path,
        executor: Executor,
        days: int,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._folder = journal
        self._executor = executor
        self._days = days
        self._progress = progress
        self._writer = JournalWriter(journal)
        self._found: dict[tuple[str, int], Spot] = {}
        self._failed: dict[tuple[str, int], str] = {}
        self._under_way: dict[tuple[str, int], int] = {}
        self._planned = 0
        self._ended = 0
        #: files of an earlier attempt in which something could not be read
        self.damage: list[Damage] = []
        #: runs taken over from an earlier attempt, and run by this one
        self.taken_over, self.ran = 0, 0
        #: sum of the run times of this attempt, s
        self.run_seconds = 0.0
        self._read()

    def add(self, trials: Iterable[Trial], stop: Callable[[], bool] | None = None) -> None:
        """See that all these trials are there, or have failed in this attempt.

        Args:
            trials: In the order in which they are begun.
            stop: Asked before each run; once it says yes, the runs not yet begun are left out.

        Raises:
            FatalError: Nothing more can be run or written; what is finished is kept.
        """
        missing = self._missing(trials)
        self._planned += len(missing)
        if missing:
            self._tell(None)
            self._executor.run(missing, self._event, stop)
            self._planned = self._ended  # fewer than was planned where it was time to stop

    def plan(self, trials: Iterable[Trial]) -> int:
        """How many of these trials are still to be run."""
        return len(self._missing(trials))

    @property
    def planned(self) -> int:
        """How many runs are there or were asked for."""
        return self.taken_over + self._planned

    @property
    def failed(self) -> int:
        """How many runs of this attempt failed, of whatever case."""
        return len(self._failed)

    def seeds(self, cases: Sequence[Case], seeds: Iterable[int]) -> list[int]:
        """The seeds for which every one of the cases is there."""
        keys = {case.key for case in cases}
        return [seed for seed in seeds if all((key, seed) in self._found for key in keys)]

    def tried(self, cases: Sequence[Case], seeds: Sequence[int]) -> int:
        """How many of these seeds, from the first on, every case was run with or failed with."""
        keys = {case.key for case in cases}
        known = self._found.keys() | self._failed.keys()
        return next(
            (
                number
                for number, seed in enumerate(seeds)
                if any((key, seed) not in known for key in keys)
            ),
            len(seeds),
        )

    def measures(self, case: Case, seed: int) -> Measures:
        """The measures of one finished run.

        Raises:
            FatalError: The journal holds something else.
        """
        try:
            return measures_of(self.entry(case, seed))
        except ValueError as error:
            file = self._found[case.key, seed].file
            raise FatalError(f"{file} holds no measures of seed {seed}; remove it") from error

    def entry(self, case: Case, seed: int) -> dict[str, Any]:
        """What the journal holds of one finished run."""
        return read_entry(self._folder, self._found[case.key, seed])

    def has(self, case: Case, seed: int) -> bool:
        """Whether a run is there."""
        return (case.key, seed) in self._found

    def each(self, case: Case, seeds: Iterable[int]) -> Iterator[Measures]:
        """The measures of a case, seed by seed."""
        return (self.measures(case, seed) for seed in seeds)

    def totals(self, case: Case, seeds: Iterable[int]) -> npt.NDArray[np.float64]:
        """Outcomes of a case by seed and period, (seeds, periods, outcomes)."""
        return np.array([measures.totals for measures in self.each(case, seeds)])

    def failures(self, cases: Iterable[Case]) -> list[Failure]:
        """The runs of these cases that failed, in the order of cases and seeds."""
        names: dict[str, str] = {}
        for case in cases:
            names.setdefault(case.key, case.name)  # cases alike: the first is what was asked for
        return [
            Failure(name, seed, error)
            for key, name in names.items()
            for (of, seed), error in sorted(self._failed.items())
            if of == key
        ]

    def _missing(self, trials: Iterable[Trial]) -> list[Trial]:
        wanted = {trial.key: trial for trial in trials}
        return [
            trial
            for key, trial in wanted.items()
            if key not in self._found and key not in self._failed
        ]

    def _read(self) -> None:
        """Find what an earlier attempt left; what failed in it is tried again."""
        for item in read_journal(self._folder):
            if isinstance(item, Damage):
                self.damage.append(item)
                continue
            spot, entry = item
            if "measures" in entry:
                self._found[entry["case"], entry["seed"]] = spot
        self.taken_over = len(self._found)

    def _event(self, trial: Trial, kind: str, details: Any) -> None:
        if kind == "progress":
            start = trial.case.scenario.run.start
            self._under_way[trial.key] = max(0, (details - start).days + 1)
            self._tell(details)
            return
        self._under_way.pop(trial.key, None)
        self._ended += 1
        if kind == "done":
            spot, seconds = details
            self._found[trial.key] = spot
            self.ran += 1
            self.run_seconds += seconds
        else:
            self._failed[trial.key] = str(details)
            self._writer.write(failure(trial, str(details)))
        self._tell(None)

    def _tell(self, day: date | None) -> None:
        if self._progress is None:
            return
        self._progress(
            Progress(
                days=self._ended * self._days + sum(self._under_way.values()),
                days_total=self._planned * self._days,
                finished=self._ended - len(self._failed),
                failed=len(self._failed),
                replications=self._planned,
                date=day,
            )
        )
