"""How far a run or an experiment is, and how Ctrl-C ends it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Progress:
    """How far a command is; runs of an earlier attempt do not count.

    Attributes:
        finished: Runs finished.
        failed: Runs that failed.
        replications: Runs to do.
    """

    finished: int
    failed: int
    replications: int

    @property
    def share(self) -> float:
        """The share of the runs that have ended."""
        return (self.finished + self.failed) / max(1, self.replications)


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
