"""Trials run by processes of this machine, through the interface of `concurrent.futures`.

Each worker is an executor of one process, so that a process that dies costs the run it had and no
other, and so that runs which share their first days stay with the process that has the snapshot.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
import traceback
import warnings
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from typing import Any

from simulation.engine.run_store import StoredRun
from simulation.engine.trials import Setting, Trial, model_simulate
from simulation.errors import NO_MEMORY, FatalError

#: asked before each run; once it returns true, no other starts
type Stop = Callable[[], bool]
#: receives each trial that has ended with its result or its error
type OnEnd = Callable[[Trial, StoredRun], None]

#: why a run has failed whose process died twice
_LOST = f"the worker process ended unexpectedly, perhaps because {NO_MEMORY}"
#: seconds between two looks at which workers there are, and between checks of the parent
LOOK_EVERY = 2.0
_CHECK_EVERY = 1.0


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


def failed_run(trial: Trial, error: str) -> StoredRun:
    """A trial that failed, as the store keeps it."""
    case, seed = trial.key
    return StoredRun(case=case, seed=seed, error=error)


def run_trial(setting: Setting, trial: Trial) -> StoredRun:
    """Run a trial in a worker; whatever it raises is a failed run.

    Raises:
        FatalError: No other trial can succeed either.
        MemoryError: Memory ran short.
    """
    try:
        return setting.run(trial)
    except (FatalError, MemoryError):
        raise
    except BaseException as error:
        return failed_run(trial, describe(error))


class _Waiting:
    """Trials that have not started; a worker stays with the group it has begun."""

    def __init__(self, groups: Iterable[Iterable[Trial]]) -> None:
        self._groups = deque(deque(group) for group in groups)
        self._of_worker: dict[Hashable, deque[Trial]] = {}

    def __bool__(self) -> bool:
        return any(self._groups) or any(self._of_worker.values())

    def next_for(self, worker: Hashable) -> Trial:
        """Remove and return the next trial; one of another worker's group if nothing else is."""
        own = self._of_worker.get(worker)
        if not own:
            others = self._of_worker.values()
            own = self._groups.popleft() if self._groups else max(others, key=len)
            self._of_worker[worker] = own
        return own.popleft()

    def put_back(self, trial: Trial) -> None:
        """Let a trial be started again."""
        self._groups.appendleft(deque([trial]))


class Executor(ABC):
    """Runs trials, one at a time on each worker; use as a context manager.

    A trial whose process died is run once more; it has failed if that one dies too.

    Args:
        setting: What all trials share.
    """

    no_memory = NO_MEMORY

    def __init__(self, setting: Setting) -> None:
        self.setting = setting

    def __enter__(self) -> Executor:
        return self

    @abstractmethod
    def __exit__(self, *_: object) -> None: ...

    @abstractmethod
    def workers(self) -> Sequence[Hashable]:
        """The workers that there are now."""

    @abstractmethod
    def submit(self, worker: Any, trial: Trial) -> Future[StoredRun]:
        """Start a trial on a worker."""

    def run(self, trials: Sequence[Trial], on_end: OnEnd, stop: Stop | None = None) -> None:
        """Run all trials; return when the last has ended, or those under way after `stop`.

        Args:
            trials: In the order in which they start, as far as groups allow.
            on_end: Called in this process.
            stop: Asked before each trial; once it returns true, no other starts.

        Raises:
            FatalError: Nothing more can be run or written.
        """
        waiting = _Waiting(self.setting.groups(trials))
        in_hand: dict[Future[StoredRun], tuple[Hashable, Trial]] = {}
        again: set[tuple[str, int]] = set()
        try:
            while waiting or in_hand:
                busy = {worker for worker, _ in in_hand.values()}
                for worker in self.workers():
                    if waiting and stop is not None and stop():
                        waiting = _Waiting([])
                    if waiting and worker not in busy:
                        trial = waiting.next_for(worker)
                        in_hand[self.submit(worker, trial)] = worker, trial
                if waiting and not in_hand:  # a cluster without workers
                    time.sleep(LOOK_EVERY)
                done = wait(in_hand, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED).done
                for future in done:
                    _, trial = in_hand.pop(future)
                    run = self._result(future, trial)
                    if run is None and trial.key not in again:
                        again.add(trial.key)
                        waiting.put_back(trial)
                    else:
                        on_end(trial, run or failed_run(trial, _LOST))
        finally:
            for future in in_hand:
                future.cancel()

    def _result(self, future: Future[StoredRun], trial: Trial) -> StoredRun | None:
        """The result of a trial; None where its worker was lost."""
        try:
            return future.result()
        except BrokenExecutor:
            return None
        except MemoryError as error:
            raise FatalError(self.no_memory) from error
        except CancelledError as error:
            raise FatalError("the workers are gone") from error
        except FatalError:
            raise
        except Exception as error:  # what came back cannot be read
            return failed_run(trial, describe(error))


class LocalExecutor(Executor):
    """Runs trials on the cores of this machine.

    Processes are forked where the system can, so that compiled kernels and loaded data are present
    at once. They ignore Ctrl-C, which this process handles, and end when it ends. A daemonic
    process (a worker of `multiprocessing.Pool`) may have no children: there a thread runs them.

    Args:
        setting: What all trials share.
        workers: Processes at most; they start as trials need them.
    """

    def __init__(self, setting: Setting, workers: int) -> None:
        super().__init__(setting)
        self._threads = multiprocessing.current_process().daemon
        self._workers = range(1 if self._threads else workers)
        self._pools: dict[int, ProcessPoolExecutor | ThreadPoolExecutor] = {}
        self._prepared = False

    def __exit__(self, *_: object) -> None:
        """End all workers at once, busy or idle."""
        for pool in self._pools.values():
            if isinstance(pool, ProcessPoolExecutor):
                for process in list((pool._processes or {}).values()):
                    process.terminate()
        for pool in self._pools.values():
            pool.shutdown()

    def workers(self) -> Sequence[int]:
        """Numbers of the processes."""
        return self._workers

    def run(self, trials: Sequence[Trial], on_end: OnEnd, stop: Stop | None = None) -> None:
        """Run all trials; see `Executor`."""
        if trials and not self._prepared:
            self._prepare(trials)
        super().run(trials, on_end, stop)

    def submit(self, worker: int, trial: Trial) -> Future[StoredRun]:
        """Start a trial in a process of its own number; one that has died is replaced."""
        with warnings.catch_warnings(), _without_interrupts():
            # Python warns of any thread alive at a fork; the child uses nothing they could hold
            warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
            for _ in range(2):
                pool = self._pools.get(worker) or self._new_pool()
                self._pools[worker] = pool
                with contextlib.suppress(BrokenExecutor):
                    return pool.submit(_run_here, trial)
                del self._pools[worker]
        raise FatalError("no worker process can be started")

    def _new_pool(self) -> ProcessPoolExecutor | ThreadPoolExecutor:
        if self._threads:
            return ThreadPoolExecutor(1, initializer=_hold, initargs=(self.setting,))
        forks = "fork" in multiprocessing.get_all_start_methods()
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("fork" if forks else "spawn"),
            initializer=_begin_process,
            initargs=(self.setting, os.getpid()),
        )

    def _prepare(self, trials: Sequence[Trial]) -> None:
        """Load and compile once, and not once in each worker; compiling is logged here alone."""
        model_simulate()
        from simulation.compiled_cache import is_compiled

        if (len(self._workers) > 1 and len(trials) > 1) or not is_compiled():
            self.setting.prepare(trials[0])
            self._prepared = True


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


# -- in a worker -----------------------------------------------------------------------------------

#: what all trials of this worker share
_setting: Setting


def _hold(setting: Setting) -> None:
    global _setting
    _setting = setting


def _begin_process(setting: Setting, parent: int) -> None:
    """Ignore Ctrl-C, and end when the parent does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):  # a fork inherits the mask
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    _hold(setting)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_CHECK_EVERY)
    os._exit(1)


def _run_here(trial: Trial) -> StoredRun:
    return run_trial(_setting, trial)
