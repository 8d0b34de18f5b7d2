"""How far a run or an experiment is, and how Ctrl-C ends it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Progress:
    """How far a command is; runs of an earlier attempt do not count.

    Attributes:
        days: Days simulated so far, all runs together.
        days_total: Days to simulate, all runs together.
        finished: Runs finished.
        failed: Runs that failed.
        replications: Runs to do.
        date: Latest simulated day; None once a run has ended.
    """

    days: int
    days_total: int
    finished: int
    failed: int
    replications: int
    date: date | None = None


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a run or an experiment; what was finished has been written.

    Attributes:
        folder: Its folder.
        finished: Runs finished, those of an earlier attempt included.
        replications: Runs asked for; of an experiment that goes by stages, so far.
    """

    def __init__(self, folder: Path, finished: int, replications: int) -> None:
        super().__init__(f"interrupted, {finished} of {replications} replications finished")
        self.folder = folder
        self.finished = finished
        self.replications = replications
