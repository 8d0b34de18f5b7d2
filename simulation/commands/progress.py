"""The progress bar of a run: on stderr, and only where somebody can see it move."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from simulation.engine.progress import Progress


@contextmanager
def progress_bar(quiet: bool, as_json: bool) -> Iterator[Callable[[Progress], None] | None]:
    """What shows how many replications are finished.

    It is drawn when it is called and has no thread, so that workers may be forked meanwhile. Unless
    JSON is printed, compiling is logged.
    """
    log_compiling(not (quiet or as_json))
    if quiet:
        yield None
        return
    console = Console(file=sys.stderr)
    bar = RichProgress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(),
        console=console,
        auto_refresh=False,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task("", total=None)

    def draw(progress: Progress) -> None:
        bar.update(
            task,
            description=_how_far(progress),
            completed=progress.finished + progress.failed,
            total=progress.replications,
            refresh=True,
        )

    with nullcontext() if bar.disable else bar:  # or Rich before 15 prints an empty line
        yield draw


def log_compiling(wanted: bool) -> None:
    """Set whether it is logged that the model is compiled."""
    level = logging.WARNING if wanted else logging.ERROR
    logging.getLogger("simulation.compiled").setLevel(level)


def _how_far(progress: Progress) -> str:
    """How many runs have ended, in words."""
    text = f"{progress.finished} of {progress.replications} replications"
    return f"{text}, {progress.failed} failed" if progress.failed else text
