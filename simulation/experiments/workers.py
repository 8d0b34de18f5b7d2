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

#: called with the number of a task and a callable that reports how far it is
Task = Callable[[int, Callable[[Any], None]], None]
#: called with the number of a task, what happened (progress, done, failed) and details
OnEvent = Callable[[int, str, Any], None]

#: seconds between two reports of progress from one worker, and between looks at the parent
REPORT_EVERY = 0.2
_LOOK_EVERY = 1.0


@dataclass
class _Member:
    process: BaseProcess
    task: int | None = None


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


def run_crew(task: Task, numbers: Iterable[int], workers: int, on_event: OnEvent) -> None:
    """Run a task for each number on several processes.

    The workers are forked where the system can, so that compiled kernels and loaded data are there
    at once. They ignore Ctrl-C, which this process handles, and end when it ends.

    Args:
        task: Called in a worker as `task(number, report)`.
        numbers: One task each.
        workers: Number of processes.
        on_event: Called here for progress, for a task that is done, and for one that failed
            (details: the error in one line). A worker that dies fails its task.

    Raises:
        KeyboardInterrupt: After the workers have been ended.
    """
    forks = "fork" in multiprocessing.get_all_start_methods()
    context: Any = multiprocessing.get_context("fork" if forks else "spawn")
    pending = deque(numbers)
    crew: dict[Connection, _Member] = {}

    def hire() -> None:
        here, there = context.Pipe()
        process = context.Process(target=_work, args=(there, task, os.getpid()), daemon=True)
        with warnings.catch_warnings():
            # Python warns of any thread alive at a fork; those of Arrow and OpenBLAS, the only
            # ones here, are made anew in the child by their libraries.
            warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
            with _uninterrupted():
                process.start()
                crew[here] = _Member(process)
        there.close()
        give(here)

    def give(connection: Connection) -> None:
        crew[connection].task = pending.popleft() if pending else None
        # a worker that died in between is noticed, with its task, at the next look
        with contextlib.suppress(OSError):
            connection.send(crew[connection].task)

    try:
        for _ in range(min(workers, len(pending))):
            hire()
        while busy := [here for here, member in crew.items() if member.task is not None]:
            for here in wait(busy):
                assert isinstance(here, Connection)
                member = crew[here]
                assert member.task is not None
                try:
                    kind, details = here.recv()
                except (EOFError, OSError):
                    member.process.join()
                    del crew[here]
                    on_event(
                        member.task,
                        "failed",
                        f"the worker process ended unexpectedly (exit {member.process.exitcode})",
                    )
                    if pending:
                        hire()
                    continue
                number = member.task
                if kind != "progress":
                    give(here)
                on_event(number, kind, details)
    finally:
        for here, member in crew.items():
            if member.task is not None:
                member.process.terminate()
            here.close()
        for member in crew.values():
            member.process.join(5)
            if member.process.is_alive():
                member.process.kill()
                member.process.join()


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


def _work(connection: Connection, task: Task, parent: int) -> None:
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
            number = connection.recv()
        except (EOFError, OSError):
            return
        if number is None:
            return
        try:
            task(number, report)
            outcome: tuple[str, str | None] = ("done", None)
        except BaseException as error:
            outcome = ("failed", describe(error))
        try:
            connection.send(outcome)
        except OSError:
            os._exit(1)
