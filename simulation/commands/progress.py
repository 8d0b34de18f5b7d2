"""The progress bar of a run: on stderr, and only where somebody can see it move."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from simulation.compiled import is_compiled
from simulation.experiments.engine.progress import Progress

#: what to say before a run that compiles
COMPILING = "Compiling the model: some twenty seconds, once after an installation or update."
#: seconds between two drawings
_EVERY = 0.1


def progress_bar(
    quiet: bool, as_json: bool
) -> AbstractContextManager[Callable[[Progress], None] | None]:
    """A progress bar, or nothing; unless JSON is printed, it says that a first run compiles."""
    if quiet:
        return nullcontext(None)
    return ProgressBar(None if as_json or is_compiled() else COMPILING)


class ProgressBar:
    """Shows the simulated date of a single run, or the replications that are finished.

    It is drawn when it is called and has no thread, so that workers may be forked meanwhile.

    Args:
        notice: A line that is left above it once there is something to run.
    """

    def __init__(self, notice: str | None = None) -> None:
        console = Console(file=sys.stderr)
        self._bar = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
            console=console,
            auto_refresh=False,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)
        self._drawn = 0.0
        self._notice = notice

    def __enter__(self) -> ProgressBar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if not self._bar.disable:  # or versions of Rich before 15 print an empty line
            self._bar.stop()

    def __call__(self, progress: Progress) -> None:
        """Draw how far the run is, at most ten times a second."""
        if self._notice is not None:
            self._bar.console.print(self._notice)
            self._notice = None
        now = time.monotonic()
        if now - self._drawn < _EVERY and progress.days < progress.days_total:
            return
        self._drawn = now
        self._bar.update(
            self._task,
            description=describe(progress),
            completed=progress.days,
            total=progress.days_total,
        )
        self._bar.refresh()


def describe(progress: Progress) -> str:
    """How far a run is, in words."""
    if progress.replications == 1:
        return "" if progress.date is None else f"{progress.date:%d %b %Y}"
    text = f"{progress.finished} of {progress.replications} replications"
    return f"{text}, {progress.failed} failed" if progress.failed else text
