"""The entry point of the command `crossings`: Ctrl-C ends it with one line at any moment.

The handler of Ctrl-C is installed before anything else is imported, even the command line itself.
"""

from __future__ import annotations

import contextlib
import gc
import signal
import sys
import time
from types import FrameType
from typing import TYPE_CHECKING

from simulation.errors import EXIT_INPUT, EXIT_INTERRUPTED, NO_MEMORY

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

#: seconds in which further signals belong to one Ctrl-C: a launcher such as `uv run` passes on
#: what the terminal has sent already, and the second would hit the winding up after the first
_ONE_PRESS = 1.0
#: when to look for garbage: seldom, for a command makes few cycles and each look costs time, but
#: then among the old as well, for each finished run of the model is one large cycle
_COLLECT = (50_000, 1, 1)
#: seconds after which an interrupt that got lost is raised once more
_AGAIN = 0.05


class _Interrupts:
    """Raises KeyboardInterrupt once for each press of Ctrl-C, and again if it gets lost."""

    def __init__(self) -> None:
        self._last = float("-inf")

    def __call__(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if number == signal.SIGINT and now - self._last < _ONE_PRESS:
            return
        self._last = now
        raise KeyboardInterrupt

    def lost(self, report: UnraisableHookArgs) -> None:
        """Raise an interrupt again that came in a callback from which nothing can be raised.

        After an interrupt, errors in finalisers are not reported: they are of objects that the
        interrupt left half made, and say nothing of the command.
        """
        if not issubclass(report.exc_type, KeyboardInterrupt):
            if self._last == float("-inf"):
                sys.__unraisablehook__(report)
        elif hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)


def main() -> None:
    """Run the command line."""
    interrupts = _Interrupts()
    gc.set_threshold(*_COLLECT)
    try:
        signal.signal(signal.SIGINT, interrupts)
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, interrupts)
        sys.unraisablehook = interrupts.lost
        from simulation.cli import cli

        cli(prog_name="crossings")
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            print("Interrupted.", file=sys.stderr)
        sys.exit(EXIT_INTERRUPTED)
    except MemoryError:  # before or after a command, which reports its own
        with contextlib.suppress(OSError):
            print(NO_MEMORY, file=sys.stderr)
        sys.exit(EXIT_INPUT)
    finally:
        # all is written: an interrupt while the interpreter shuts down is of no use
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, signal.SIG_IGN)
        gc.freeze()  # the system frees the memory: no need to visit every agent first


if __name__ == "__main__":
    main()
