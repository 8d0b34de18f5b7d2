"""`crossings compare` as a process of its own, which tells a server how far it is, line by line.

It ends with the server: runs that are finished are kept, and asking again goes on from there. Each
line on standard output is a JSON object; the last says how it ended.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import threading
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.errors import EXIT_INPUT, EXIT_INTERRUPTED, InputError
from simulation.safe_json import parse_json

if TYPE_CHECKING:
    from simulation.engine.progress import Progress
    from simulation.engine.trials import Assumptions

#: seconds between two lines of progress, and between looks at the server
_EVERY = 0.5
_LOOK_EVERY = 1.0
#: seconds to wind up in once the server is gone
_LEAVE_WITHIN = 10.0
#: pages that people look at go first
_NICENESS = 10


@dataclass(frozen=True)
class EnsembleOrder:
    """The order to a process, as it travels on its command line.

    Attributes:
        baseline: File of the baseline.
        whatif: File of the what-if.
        out: Folder of the comparison.
        pairs: Pairs of runs; None to add them until the difference is known well enough.
        scale: Share of the people simulated.
        assumptions: `records`, `ranges` or `fitted`.
        workers: Processes to run in.
        years: Years that every figure is of; all days when None.
    """

    baseline: str
    whatif: str
    out: str
    pairs: int | None
    scale: float
    assumptions: Assumptions
    workers: int
    years: str | None = None

    def words(self) -> list[str]:
        """The command to start."""
        return [sys.executable, "-m", "simulation.app.ensemble_process", json.dumps(asdict(self))]

    def command(self) -> str:
        """The same for the command line, quoted for a shell."""
        from simulation.engine.command_text import command_text

        asked = {
            "replications": "auto" if self.pairs is None else self.pairs,
            "scale": f"{self.scale:g}",
            "assumptions": self.assumptions,
            "period": self.years,
            "out": self.out,
        }
        return command_text("compare", [self.baseline, self.whatif], asked)


def main() -> None:
    """Do what the command line asks for."""
    # a server that was started in the background would hand down that Ctrl-C is ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for watch in (_watch_pipe, partial(_watch_parent, os.getppid())):
        threading.Thread(target=watch, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    gc.set_threshold(50_000, 1, 1)  # a run makes few cycles, and each look for them costs time
    try:
        ended = _compare(EnsembleOrder(**parse_json(os.fsencode(sys.argv[1]))))
    except KeyboardInterrupt:
        ended = EXIT_INTERRUPTED
    except InputError as error:
        _say(problem=str(error))
        ended = EXIT_INPUT
    except OSError as error:
        _say(problem=f"{error.filename or 'the results'} cannot be written ({error.strerror})")
        ended = EXIT_INPUT
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.stdout.flush()
    os._exit(ended)  # a watcher may be waiting for the server in the middle of a read


def _compare(order: EnsembleOrder) -> int:
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from simulation.engine.options import Options
    from simulation.report.experiment import write_experiment_report
    from simulation.scenario import load_scenario
    from simulation.studies.compare import Compare, Precision
    from simulation.studies.study import conduct

    finished = conduct(
        Compare(
            load_scenario(Path(order.baseline)),
            [load_scenario(Path(order.whatif))],
            Precision(order.pairs),
            period=order.years,
        ),
        Options(
            scale=order.scale,
            workers=order.workers,
            out=Path(order.out),
            assumptions=order.assumptions,
        ),
        command=order.command(),
        progress=_Teller(),
    )
    write_experiment_report(finished.folder)
    _say(done=True)
    return 0


class _Teller:
    """Says how far the runs are, not too often."""

    def __init__(self) -> None:
        self._last_shown = float("-inf")

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._last_shown >= _EVERY or progress.share >= 1.0:
            self._last_shown = now
            _say(
                finished=progress.finished,
                failed=progress.failed,
                planned=progress.replications,
                share=progress.share,
            )


def _say(**words: bool | float | str) -> None:
    """One line for the server; if it is gone, nobody needs to know."""
    with contextlib.suppress(OSError):
        print(json.dumps(words), flush=True)


def _watch_pipe() -> None:
    """Leave when the server closes our standard input, as the system does for it when it dies."""
    with contextlib.suppress(OSError):
        # not through sys.stdin, whose lock a forked worker would inherit
        while os.read(0, 1):
            pass
    _leave()


def _watch_parent(server: int) -> None:
    """Leave when the server is gone; something it started may still hold our standard input."""
    while os.getppid() == server:
        time.sleep(_LOOK_EVERY)
    _leave()


def _leave() -> None:
    """End as after Ctrl-C, or else at once."""
    if hasattr(signal, "pthread_kill"):
        # to the main thread: the signal must end what it waits for
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()
    time.sleep(_LEAVE_WITHIN)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    main()
