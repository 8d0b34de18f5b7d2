"""The command in a process of its own that is forked, so that it need not import all anew.

A new interpreter takes two seconds to import the model; a fork of the tests' own has it already.
`tests/test_entrypoint.py` begins with new interpreters.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.patience import Patience


class Forked:
    """The command `crossings` in a folder, forked, as from a terminal: first of its process group.

    `first` is called in the new process before the command, to put something in the model's place
    or to set limits.
    """

    def __init__(
        self, folder: Path, arguments: Sequence[object], first: Callable[[], object]
    ) -> None:
        ends = [os.pipe() for _ in range(2)]
        with warnings.catch_warnings():
            # as in simulation.engine.worker_pool
            warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
            self.pid = os.fork()
        if not self.pid:
            _be_the_command([write for _, write in ends], folder, arguments, first)
        for _, write in ends:
            os.close(write)
        self.stdout, self.stderr = (os.fdopen(read, encoding="utf-8") for read, _ in ends)
        self.returncode: int | None = None

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        if self.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.stdout.close()
        self.stderr.close()

    def wait_for(self, *lines: str) -> None:
        """Read its stdout until it has printed these lines."""
        missing = set(lines)
        while missing:
            line = self.stdout.readline()
            assert line, f"crossings ended before it printed {missing}"
            missing.discard(line.strip())

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def send(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def send_to_all(self, number: int) -> None:
        """Send a signal to it and its workers, as a terminal does."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def interrupt(self) -> None:
        """Send Ctrl-C to it and its workers."""
        self.send_to_all(signal.SIGINT)

    def communicate(self) -> tuple[str, str]:
        """Wait for its end: what it wrote to stdout and stderr.

        It must fit into pipes.
        """
        patience = Patience()
        while self.poll() is None:
            patience.check("crossings has not ended")
            time.sleep(0.01)
        return self.stdout.read(), self.stderr.read()


def _be_the_command(
    ends: list[int], folder: Path, arguments: Sequence[object], first: Callable[[], object]
) -> None:
    """Run the command in a forked process, and end it."""
    code = 1
    try:
        os.setsid()
        os.chdir(folder)
        for end, number in zip(ends, (1, 2), strict=True):
            os.dup2(end, number)
        sys.stdin, sys.stdout, sys.stderr = (
            os.fdopen(number, mode, encoding="utf-8", closefd=False)
            for number, mode in ((os.open(os.devnull, os.O_RDONLY), "r"), (1, "w"), (2, "w"))
        )
        sys.argv = ["crossings", *map(str, arguments)]
        first()
        from simulation.entrypoint import main

        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
