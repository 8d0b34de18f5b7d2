"""A limit of waiting that a busy machine does not bring nearer: only what hangs reaches it."""

from __future__ import annotations

import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

#: most seconds in which nothing moves
IDLE = 240.0
#: most seconds of CPU that one wait may cost; more than that is a loop
WORK = 1_200.0
#: seconds between two looks at the processes
_LOOK_EVERY = 1.0
_PROC = Path("/proc")

#: nanoseconds that a thread has run and has waited for a core, by process and thread
Times = dict[tuple[int, int], tuple[int, int]]


class Patience:
    """How long one wait may go on.

    Seconds in which this process or one below it runs, or is ready to run and gets no core, are not
    idle. Where the system does not say so (it is Linux that does), every second is idle.
    """

    def __init__(self, idle: float = IDLE, work: float = WORK) -> None:
        self.most_idle, self.most_work = idle, work
        #: seconds so far
        self.idle, self.work = 0.0, 0.0
        self._looked, self._times = time.monotonic(), thread_times()

    def check(self, missing: str | Callable[[], str]) -> None:
        """Raise an `AssertionError` that says what is missing if nothing moves or all is a loop."""
        now = time.monotonic()
        passed = now - self._looked
        if passed < _LOOK_EVERY:
            return
        times = thread_times()
        # a thread that is new began after the last look
        pairs = [(new, self._times.get(key, (0, 0))) for key, new in times.items()]
        ran, waited = (sum(max(0, new[n] - old[n]) for new, old in pairs) / 1e9 for n in range(2))
        self.work += ran
        self.idle += max(0.0, passed - ran - waited)
        self._looked, self._times = now, times
        if self.idle < self.most_idle and self.work < self.most_work:
            return
        what = missing if isinstance(missing, str) else missing()
        raise AssertionError(
            f"idle for {self.idle:.0f} seconds, busy for {self.work:.0f} seconds of CPU: {what}"
        )


def communicate(process: subprocess.Popen[str], idle: float = IDLE) -> tuple[str, str]:
    """Wait for the end of a process: its stdout and stderr. One that hangs is killed."""
    patience = Patience(idle)
    while True:
        try:
            return process.communicate(timeout=_LOOK_EVERY)
        except subprocess.TimeoutExpired:
            try:
                patience.check(f"the end of {process.args!r}")
            except AssertionError:
                process.kill()
                raise


def run(words: list[str], idle: float = IDLE, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, as `subprocess.run` does that captures its output as text."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, **pipes, **options) as process:
        stdout, stderr = communicate(process, idle)
    return subprocess.CompletedProcess(words, process.returncode, stdout, stderr)


def thread_times() -> Times:
    """Times of the threads of this process and of all below it; empty where none are counted."""
    times: Times = {}
    for process in _family():
        try:
            for thread in (_PROC / str(process) / "task").iterdir():
                ran, waited, _ = (thread / "schedstat").read_text().split()
                times[process, int(thread.name)] = int(ran), int(waited)
        except (OSError, ValueError):  # it has ended meanwhile, or nothing is counted
            continue
    return times


def _family() -> list[int]:
    """This process and all below it."""
    below = defaultdict(list)
    for folder in _PROC.glob("[0-9]*"):
        try:
            # after the name, which may hold anything
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            continue
        below[parent].append(int(folder.name))
    family = [os.getpid()]
    for process in family:
        family += below[process]
    return family
