"""The progress of a command, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulation.experiments.engine.progress import Progress

#: what to say before a run that compiles
COMPILING = "Compiling the model: some twenty seconds, once after an installation or update."


def progress_bar(
    show: bool, announce: bool
) -> AbstractContextManager[Callable[[Progress], None] | None]:
    """A progress bar on stderr, or nothing.

    Args:
        show: Whether to show it at all.
        announce: Whether to say that a first run compiles.
    """
    if not show:
        return nullcontext(None)
    from simulation.commands.progress import ProgressBar
    from simulation.compiled import is_compiled

    return ProgressBar(COMPILING if announce and not is_compiled() else None)
