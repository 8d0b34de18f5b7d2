"""A crew of long-lived worker processes that outlives any one of its members.

The standard pools give up every task when one worker dies. Here a worker that dies fails only the
task it had in hand; another is hired in its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import time
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

#: called with a task and a callable that reports how far it is; what it returns goes to the parent
Work = Callable[[Any, Callable[[Any], None]], Any]
#: called with a task, what happened (progress, done, failed) and details
OnEvent = Callable[[Any, str, Any], None]

#: seconds between two reports of progress from one worker, and between looks at the parent
REPORT_EVERY = 0.2
_LOOK_EVERY = 1.0
#: what a worker is sent when there is no more to do
_HOME = ()


class FatalError(Exception):
    """Raised by a work when no other task can succeed either, such as on a full disk."""


@dataclass
class _Member:
    process: BaseProcess
    task: Any = None
    busy: bool = False


def cores() -> int:
    """Cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def describe(error: BaseException) -> str:
    """An error in one line, with the place it was raised."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    frames = traceback.extract_tb(error.__traceback__)
    return (
        f"{text} ({os.path.basename(frames[-1].filename)}:{frames[-1].lineno})" if frames else text
    )


class Crew:
    """Worker processes that stay for many rounds of tasks.

    They are forked where the system can, so that compiled kernels and loaded data are there at
    once. They ignore Ctrl-C, which this process handles, and end when it ends. Use as a context
    manager.

    Args:
        work: Called in a worker as `work(task, report)`.
        workers: Number of processes at most; they are hired as tasks ask for them.
    """

    def __init__(self, work: Work, workers: int) -> None:
        forks = "fork" in multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        self._work = work
        self._workers = workers
        self._members: dict[Connection, _Member] = {}

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *_: object) -> None:
        self.dismiss()

    def run(self, tasks: Iterable[Any], on_event: OnEvent) -> None:
        """Do every task, and return when the last has ended.

        Args:
            tasks: Anything that can be pickled.
            on_event: Called here for progress, for a task that is done (details: what the work
                returned), and for one that failed (details: the error in one line). A worker that
                dies fails its task.

        Raises:
            FatalError: A worker said that no other task can succeed; the others have been stopped.
        """
        pending = deque(tasks)
        try:
            self._give_all(pending)
            while busy := [here for here, member in self._members.items() if member.busy]:
                for here in wait(busy):
                    assert isinstance(here, Connection)
                    self._hear(here, pending, on_event)
        except BaseException:
            self.dismiss()
            raise

    def dismiss(self) -> None:
        """End all workers at once, whether they are at work or not."""
        for here, member in self._members.items():
            if member.busy:
                member.process.terminate()
            else:
                # closing alone does not tell it: those hired later hold a copy of this end
                with contextlib.suppress(OSError):
                    here.send(_HOME)
            here.close()
        for member in self._members.values():
            member.process.join(5)
            if member.process.is_alive():
                member.process.kill()
                member.process.join()
        self._members.clear()

    def _give_all(self, pending: deque[Any]) -> None:
        for here in list(self._members):
            if pending:
                self._give(here, pending.popleft())
        while pending and len(self._members) < self._workers:
            self._give(self._hire(), pending.popleft())

    def _hear(self, here: Connection, pending: deque[Any], on_event: OnEvent) -> None:
        """Take in one message of a worker, or its death."""
        member = self._members[here]
        task = member.task
        try:
            kind, details = here.recv()
        except (EOFError, OSError):
            member.process.join()
            del self._members[here]
            kind, code = "failed", member.process.exitcode
            details = f"the worker process ended unexpectedly (exit {code})"
            if pending:
                self._give(self._hire(), pending.popleft())
        else:
            if kind == "fatal":
                raise FatalError(details)
            if kind != "progress":
                member.busy = False
                if pending:
                    self._give(here, pending.popleft())
        on_event(task, kind, details)

    def _hire(self) -> Connection:
        here, there = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(there, self._work, os.getpid()), daemon=True
        )
        with warnings.catch_warnings():
            # Python warns of any thread alive at a fork; those of Arrow and OpenBLAS, the only
            # ones here, are made anew in the child by their libraries.
            warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
            with _uninterrupted():
                process.start()
                self._members[here] = _Member(process)
        there.close()
        return here

    def _give(self, here: Connection, task: Any) -> None:
        member = self._members[here]
        member.task, member.busy = task, True
        # a worker that died in between is noticed, with its task, at the next look
        with contextlib.suppress(OSError):
            here.send((task,))


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Hold Ctrl-C back, here and in what is forked meanwhile, which else would end loudly."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    held = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _serve(connection: Connection, work: Work, parent: int) -> None:
    """The life of a worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # a fork inherits what is held back
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    last = 0.0

    def report(details: Any) -> None:
        nonlocal last
        if os.getppid() != parent:
            os._exit(1)
        now = time.monotonic()
        if now - last >= REPORT_EVERY:
            last = now
            connection.send(("progress", details))

    while True:
        while not connection.poll(_LOOK_EVERY):
            if os.getppid() != parent:
                os._exit(1)
        try:
            message = connection.recv()
        except (EOFError, OSError):
            return
        if message == _HOME:
            return
        (task,) = message
        outcome: tuple[str, Any]
        try:
            outcome = ("done", work(task, report))
        except FatalError as error:
            outcome = ("fatal", str(error))
        except BaseException as error:
            outcome = ("failed", describe(error))
        try:
            connection.send(outcome)
        except OSError:
            os._exit(1)
