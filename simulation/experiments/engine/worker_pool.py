"""A crew of long-lived worker processes that outlives any one of its members.

The standard pools give up every task when one worker dies. Here a worker that dies fails only the
task it had in hand; another is hired in its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import time
import traceback
import warnings
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
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
#: seconds a worker may take to end before it is killed
_LEAVE_WITHIN = 5.0
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


class Pending:
    """Tasks that are not begun yet, and who is to begin which of them.

    Args:
        tasks: In the order in which they are begun, as far as groups allow.
        group_of: The group of a task; None for a task of no group. A worker that has begun with a
            group goes on with it, and begins one that others are at only if nothing else is left.
    """

    def __init__(
        self, tasks: Iterable[Any], group_of: Callable[[Any], str | None] | None = None
    ) -> None:
        self._tasks = deque(tasks)
        self._group_of = group_of or (lambda task: None)
        self._groups: dict[Hashable, str] = {}  # each worker's latest
        self._left = Counter(map(self._group_of, self._tasks))  # tasks by group

    def __len__(self) -> int:
        return len(self._tasks)

    def clear(self) -> None:
        """Begin no other."""
        self._tasks.clear()

    def put_back(self, task: Any) -> None:
        """Take back a task that is to be begun again, before all others."""
        self._tasks.appendleft(task)
        self._left[self._group_of(task)] += 1

    def take(self, worker: Hashable) -> Any:
        """Take the next task for a worker."""
        task = self._tasks[place := self._place(worker)]
        del self._tasks[place]
        group = self._group_of(task)
        self._left[group] -= 1
        if group is None:
            self._groups.pop(worker, None)
        else:
            self._groups[worker] = group
        return task

    def _place(self, worker: Hashable) -> int:
        own, begun = self._groups.get(worker), set(self._groups.values())
        goes_on = own is not None and self._left[own] > 0
        for place, task in enumerate(self._tasks):
            group = self._group_of(task)
            if group == own if goes_on else group not in begun:
                return place
        return 0


class _Stoppable:
    """Pending tasks, of which none is left once it is time to stop."""

    def __init__(self, tasks: Pending, stop: Callable[[], bool] | None) -> None:
        self._tasks = tasks
        self._stop = stop

    def __bool__(self) -> bool:
        if self._tasks and self._stop is not None and self._stop():
            self._tasks.clear()
        return bool(self._tasks)

    def take(self, worker: Hashable) -> Any:
        """Take the next task for a worker."""
        return self._tasks.take(worker)


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

    def run(
        self,
        tasks: Iterable[Any],
        on_event: OnEvent,
        stop: Callable[[], bool] | None = None,
        group_of: Callable[[Any], str | None] | None = None,
    ) -> None:
        """Do every task, and return when the last has ended.

        Args:
            tasks: Anything that can be pickled.
            on_event: Called here for progress, for a task that is done (details: what the work
                returned), and for one that failed (details: the error in one line). A worker that
                dies fails its task.
            stop: Asked before each task; once it says yes, no other task is begun and those under
                way are finished.
            group_of: The group of a task, see `Pending`.

        Raises:
            FatalError: A worker said that no other task can succeed; the others have been stopped.
        """
        pending = _Stoppable(Pending(tasks, group_of), stop)
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
                    _send(here, _HOME)
            here.close()
        for member in self._members.values():
            member.process.join(_LEAVE_WITHIN)
            if member.process.is_alive():
                member.process.kill()
                member.process.join()
        self._members.clear()

    def _give_all(self, pending: _Stoppable) -> None:
        for here in list(self._members):
            if pending:
                self._give(here, pending.take(here))
        while len(self._members) < self._workers and pending:
            here = self._hire()
            self._give(here, pending.take(here))

    def _hear(self, here: Connection, pending: _Stoppable, on_event: OnEvent) -> None:
        """Take in one message of a worker, or its death."""
        member = self._members[here]
        task = member.task
        try:
            kind, details = _receive(here)
        except (EOFError, OSError):
            kind = "failed"
            details = f"the worker process ended unexpectedly (exit {self._bury(here)})"
            if pending:
                hired = self._hire()
                self._give(hired, pending.take(hired))
        else:
            if kind == "fatal":
                raise FatalError(details)
            if kind != "progress":
                member.busy = False
                if pending:
                    self._give(here, pending.take(here))
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
            with there, _uninterrupted():
                process.start()
                self._members[here] = _Member(process)
        return here

    def _bury(self, here: Connection) -> int | None:
        """Strike a worker that has died off the list; its exit code."""
        process = self._members.pop(here).process
        here.close()
        process.join()
        return process.exitcode

    def _give(self, here: Connection, task: Any) -> None:
        self._members[here].task, self._members[here].busy = task, True
        try:
            _send(here, (task,))
        except OSError:
            # it died while it had nothing to do, which is no fault of this task
            self._bury(here)
            here = self._hire()
            self._members[here].task, self._members[here].busy = task, True
            with contextlib.suppress(OSError):  # if it dies too, that is heard of
                _send(here, (task,))


def _send(connection: Connection, message: Any) -> None:
    """Send anything that can be pickled.

    `Connection.send` would do it through a view of a `BytesIO`. An interrupt meanwhile leaves that
    view in a traceback, and where tracebacks lie in a cycle, which is common, Python 3.12.0 and
    3.12.1 crash as they collect it (python/cpython#111049), and later ones complain.
    """
    connection.send_bytes(pickle.dumps(message))


def _receive(connection: Connection) -> Any:
    """What `_send` sent at the other end."""
    return pickle.loads(connection.recv_bytes())


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
            _send(connection, ("progress", details))

    while True:
        while not connection.poll(_LOOK_EVERY):
            if os.getppid() != parent:
                os._exit(1)
        try:
            message = _receive(connection)
        except (EOFError, OSError):
            return
        if message == _HOME:
            return
        (task,) = message
        try:
            outcome = pickle.dumps(("done", work(task, report)))
        except FatalError as error:
            outcome = pickle.dumps(("fatal", str(error)))
        except BaseException as error:
            outcome = pickle.dumps(("failed", describe(error)))
        try:
            connection.send_bytes(outcome)
        except OSError:
            os._exit(1)
