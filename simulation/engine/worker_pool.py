"""Worker processes that outlive any one of their number.

A worker that dies fails the task it had and is replaced. Five libraries were tried with a worker
that dies during the fourth of twelve tasks (Python 3.11, November 2026). `concurrent.futures` lost
10 tasks, `loky` 9, `joblib` and `mpire` all. `pebble` lost one, but is under the LGPL, carries no
progress from a task, and cannot keep the tasks of a group with the worker that holds its snapshot.
"""

from __future__ import annotations

import contextlib
import functools
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
from typing import Any, Protocol

from simulation.errors import NO_MEMORY

#: seconds between two reports of progress from one worker, and between checks of the parent
REPORT_EVERY = 0.2
_CHECK_EVERY = 1.0
#: seconds a worker may take to end before it is killed
_END_WITHIN = 5.0


#: asked before each task; once it returns true, no other starts
type Stop = Callable[[], bool]


class FatalError(Exception):
    """Raised by a task when no other task can succeed either, such as on a full disk."""


class Listener[Task, Details, Result](Protocol):
    """Receives what happens to tasks."""

    def progressed(self, task: Task, details: Details) -> None:
        """A task under way reports how far it is."""

    def finished(self, task: Task, result: Result) -> None:
        """A task has returned."""

    def failed(self, task: Task, error: str) -> None:
        """A task has raised, or its worker has died; the error is one line."""


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


class Pending[Task]:
    """Tasks that have not started; false when no other is to be started.

    Args:
        tasks: In the order in which they start, as far as groups allow.
        group_of: The group of a task; None for a task of no group. A worker stays with the group it
            has started, and takes a task of another worker's group only if nothing else is left.
        stop: Asked before each task; once it returns true, the remaining tasks are dropped.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        group_of: Callable[[Task], str | None] | None = None,
        stop: Stop | None = None,
    ) -> None:
        self._tasks = deque(tasks)
        self._group_of = group_of or (lambda task: None)
        self._stop = stop
        self._groups: dict[Hashable, str] = {}  # each worker's latest
        self._left = Counter(map(self._group_of, self._tasks))  # tasks by group

    def __bool__(self) -> bool:
        if self._tasks and self._stop is not None and self._stop():
            self._tasks.clear()
        return bool(self._tasks)

    def next_for(self, worker: Hashable) -> Task:
        """Remove and return the next task for a worker."""
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
        own, started = self._groups.get(worker), set(self._groups.values())
        stays = own is not None and self._left[own] > 0
        for place, task in enumerate(self._tasks):
            group = self._group_of(task)
            if group == own if stays else group not in started:
                return place
        return 0


@dataclass
class _Worker[Task]:
    """A worker process and its task; None while it is idle."""

    process: BaseProcess
    task: Task | None = None


class WorkerPool[Task, Details, Result]:
    """Worker processes that stay for many rounds of tasks.

    They are forked where the system can, so that compiled kernels and loaded data are present at
    once. They ignore Ctrl-C, which this process handles, and end when it ends. A daemonic process
    (a worker of `multiprocessing.Pool`) may have no children: there the tasks run in this process,
    one at a time. Use as a context manager.

    Args:
        work: Called in a worker as `work(task, report)`; what it returns is sent to this process.
        workers: Number of processes at most; they start as tasks need them.
    """

    def __init__(
        self, work: Callable[[Task, Callable[[Details], None]], Result], workers: int
    ) -> None:
        forks = "fork" in multiprocessing.get_all_start_methods()
        self._context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        self._work = work
        self._most = workers
        self._workers: dict[Connection, _Worker[Task]] = {}

    def __enter__(self) -> WorkerPool[Task, Details, Result]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(self, pending: Pending[Task], listener: Listener[Task, Details, Result]) -> None:
        """Run tasks until none is pending, and return when the last has ended.

        Args:
            pending: The tasks; anything that can be pickled, but not None.
            listener: Called in this process.

        Raises:
            FatalError: A task said that no other can succeed, or memory ran short; all workers have
                been stopped.
        """
        if multiprocessing.current_process().daemon:
            self._run_here(pending, listener)
            return
        try:
            for connection in list(self._workers):
                if pending:
                    self._assign(connection, pending)
            while len(self._workers) < self._most and pending:
                self._assign(self._spawn(), pending)
            while busy := [end for end, worker in self._workers.items() if worker.task is not None]:
                for ready in wait(busy):
                    assert isinstance(ready, Connection)
                    self._receive(ready, pending, listener)
        except BaseException:
            self.close()
            raise

    def _run_here(self, pending: Pending[Task], listener: Listener[Task, Details, Result]) -> None:
        """Run tasks in this process, one at a time."""
        while pending:
            task = pending.next_for(os.getpid())
            report = _seldom(functools.partial(listener.progressed, task))
            kind, details = _outcome(self._work, task, report)
            if kind == "fatal":
                raise FatalError(details)
            getattr(listener, kind)(task, details)

    def close(self) -> None:
        """End all workers at once, busy or idle."""
        for connection, worker in self._workers.items():
            if worker.task is not None:
                worker.process.terminate()
            else:
                # closing is not enough: workers that started later hold a copy of this end
                with contextlib.suppress(OSError):
                    _send(connection, None)
            connection.close()
        for worker in self._workers.values():
            worker.process.join(_END_WITHIN)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()
        self._workers.clear()

    def _receive(
        self,
        connection: Connection,
        pending: Pending[Task],
        listener: Listener[Task, Details, Result],
    ) -> None:
        """Handle one message of a worker, or its death."""
        worker = self._workers[connection]
        task = worker.task
        assert task is not None
        try:
            kind, details = pickle.loads(connection.recv_bytes())
        except (EOFError, OSError):
            kind = "failed"
            details = _cause_of_death(self._reap(connection))
            if pending:
                self._assign(self._spawn(), pending)
        else:
            if kind == "fatal":
                raise FatalError(details)
            if kind != "progressed":
                worker.task = None
                if pending:  # before the listener, so that the worker need not wait for it
                    self._assign(connection, pending)
        getattr(listener, kind)(task, details)

    def _spawn(self) -> Connection:
        """Start a worker."""
        own_end: Connection
        own_end, worker_end = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(worker_end, self._work, os.getpid()), daemon=True
        )
        with warnings.catch_warnings():
            # Python warns of any thread alive at a fork; those of Arrow and OpenBLAS, the only
            # ones here, are made anew in the child by their libraries.
            warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
            with worker_end, _without_interrupts():
                process.start()
                self._workers[own_end] = _Worker(process)
        return own_end

    def _reap(self, connection: Connection) -> int | None:
        """Remove a worker that has died; its exit code."""
        process = self._workers.pop(connection).process
        connection.close()
        process.join()
        return process.exitcode

    def _assign(self, connection: Connection, pending: Pending[Task]) -> None:
        task = pending.next_for(connection)
        self._workers[connection].task = task
        try:
            _send(connection, (task,))
        except OSError:
            # it died while it was idle, which is not the fault of this task
            self._reap(connection)
            connection = self._spawn()
            self._workers[connection].task = task
            with contextlib.suppress(OSError):  # if it dies too, that is received as its death
                _send(connection, (task,))


def _send(connection: Connection, message: Any) -> None:
    """Send anything that can be pickled."""
    # `Connection.send` would do it through a view of a `BytesIO`. An interrupt leaves that view in
    # a traceback, and Python 3.12.0 and 3.12.1 can crash as they collect it (python/cpython#111049)
    connection.send_bytes(pickle.dumps(message))


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Delay Ctrl-C, here and in what is forked meanwhile, which would print a traceback."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(
    connection: Connection, work: Callable[[Any, Callable[[Any], None]], Any], parent: int
) -> None:
    """Run tasks in a worker until the parent sends None or ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # a fork inherits the mask
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    send_seldom = _seldom(lambda details: _send(connection, ("progressed", details)))

    def report(details: Any) -> None:
        if os.getppid() != parent:
            os._exit(1)
        send_seldom(details)

    while True:
        while not connection.poll(_CHECK_EVERY):
            if os.getppid() != parent:
                os._exit(1)
        try:
            message = pickle.loads(connection.recv_bytes())
        except (EOFError, OSError):
            return
        if message is None:
            return
        (task,) = message
        outcome = _outcome(work, task, report)
        try:
            answer = pickle.dumps(outcome)
        except Exception as error:
            answer = pickle.dumps(_failure(error))
        del outcome
        try:
            connection.send_bytes(answer)
        except OSError:
            os._exit(1)


def _outcome(
    work: Callable[[Any, Callable[[Any], None]], Any], task: Any, report: Callable[[Any], None]
) -> tuple[str, Any]:
    """Do a task: `finished` and what it returned, or `failed` or `fatal` and why."""
    try:
        return "finished", work(task, report)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return _failure(error)


def _failure(error: BaseException) -> tuple[str, str]:
    """Classify an error: `failed` for one task or `fatal` for all, with the reason."""
    if isinstance(error, FatalError):
        return "fatal", str(error)
    if isinstance(error, MemoryError):
        return "fatal", NO_MEMORY
    return "failed", describe(error)


def _seldom(report: Callable[[Any], None]) -> Callable[[Any], None]:
    """A report that passes on what comes some time after the last that was passed on."""
    last = 0.0

    def limited(details: Any) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= REPORT_EVERY:
            last = now
            report(details)

    return limited


def _cause_of_death(exit_code: int | None) -> str:
    """Why a worker process has ended, as far as its exit code says."""
    if exit_code == -signal.SIGKILL:
        return f"the worker process was killed (signal 9), perhaps because {NO_MEMORY}"
    return f"the worker process ended unexpectedly (exit {exit_code})"
