"""Trials on a Dask cluster; their results are stored on this machine.

Needs the library `distributed`, which the extra `cluster` installs.

The cluster is the planner's own, and trusted as this machine is: it runs our code and may send us
Python objects (`docs/cluster.md`). What is guarded against is accidents: another program at the
address, workers of another version, and workers or a scheduler that are lost. Dask itself gives the
run of a lost worker to another one.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from typing import Any

from simulation.engine.cluster import Cluster
from simulation.engine.identity import package_versions
from simulation.engine.run_store import StoredRun
from simulation.engine.runs import RunListener
from simulation.engine.trials import (
    Setting,
    Trial,
    default_assumptions,
    fitted_hash,
    group_of,
)
from simulation.engine.worker_pool import FatalError, Pending, Stop, describe
from simulation.errors import InputError
from simulation.optional import optional_library
from simulation.source_hash import model_hash

#: seconds in which a scheduler must answer, and in which it must have a worker
CONNECT_WITHIN = 5.0
WORKERS_WITHIN = 10.0
#: seconds in which a worker must say which model it has, as it loads the libraries, and the seconds
#: that the others then have: one that says nothing is asked again with its first run
LOADED_WITHIN = 300.0
OTHERS_WITHIN = 10.0
#: seconds in which a scheduler under way must answer, and in which it must bring an answer here
ANSWER_WITHIN = 60.0
FETCH_WITHIN = 600.0
#: seconds without any worker after which an experiment under way stops
PATIENCE = 120.0
#: seconds between two looks at the workers
_LOOK_EVERY = 2.0
#: what a run's last digit depends on beside the model
_LIBRARIES = ("numba", "numpy")
_LOST = (
    "every worker process that ran it ended or fell silent, perhaps because memory ran short; "
    "fewer workers on each machine or a smaller --scale needs less"
)
_NO_MEMORY = (
    "memory ran short on a worker of the cluster; fewer workers on each machine or a smaller "
    "--scale needs less"
)
#: a worker runs one trial at a time, however many threads it has
_ONE = threading.Lock()


class DaskExecutor:
    """Runs trials on the workers of a Dask scheduler, one at a time on each.

    A run that raises is a failed run, as on this machine. A worker that ends or falls silent has
    its run given to another by the scheduler; a run that loses several workers so has failed.

    Args:
        setting: What all trials share.
        cluster: Where to run.

    Raises:
        InputError: The address or a certificate cannot be used.
    """

    def __init__(self, setting: Setting, cluster: Cluster) -> None:
        cluster.check()
        self._setting = setting
        self._cluster = cluster
        self._address = cluster.address
        self._library: Any = None
        self._client: Any = None
        self._fingerprint = fingerprint()
        self._workers: list[str] = []
        self._looked = float("-inf")
        self._alone_since: float | None = None

    def __enter__(self) -> DaskExecutor:
        self._library = _library()
        try:
            self._connect()
            self._client.wait_for_workers(1, timeout=WORKERS_WITHIN)
            self._check_workers()
        except BaseException as error:
            self._close()
            if isinstance(error, TimeoutError):
                raise self._unusable("the scheduler has no workers") from None
            if isinstance(error, (FatalError, OSError)):
                raise self._unusable(str(error) or "the scheduler is gone") from error
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def run(self, trials: Sequence[Trial], listener: RunListener, stop: Stop | None = None) -> None:
        """Run all trials; see `Executor`.

        Raises:
            FatalError: The scheduler or all of its workers are gone, a worker has another model or
                too little memory, or the disk here is full.
        """
        waiting = Pending(self._setting.plan(trials), group_of, stop)
        in_hand: dict[Any, tuple[str, Trial]] = {}  # future -> worker that was asked, and trial
        self._alone_since = None
        try:
            while waiting or in_hand:
                self._hand_out(waiting, in_hand)
                for future in self._ended(in_hand):
                    _, trial = in_hand.pop(future)
                    self._hand_out(waiting, in_hand)  # first: the worker need not wait for us
                    self._store(trial, future, listener)
        finally:
            for future in in_hand:  # the scheduler throws away what it gives
                future.release()

    # -- connecting -------------------------------------------------------------------------------

    def _connect(self) -> None:
        """Find the scheduler, or refuse with an `InputError`."""
        security = self._cluster.security(self._library)
        try:
            arguments = security.get_connection_args("client")
        except (OSError, ValueError) as error:
            raise self._unusable(f"the certificates cannot be used: {error}") from error
        if self._address.startswith("tls:") and arguments.get("ssl_context") is None:
            raise self._unusable("tls needs certificates: --tls-ca, --tls-cert and --tls-key")
        # asked first by us: its client waits for ever for something that listens and says nothing
        try:
            kind = asyncio.run(self._kind_of_server(arguments))
        except Exception as error:  # another service may answer with anything
            problem = f"no Dask scheduler answers there within {CONNECT_WITHIN:g} s"
            raise self._unusable(problem) from error
        if kind != "Scheduler":
            raise self._unusable(f"no Dask scheduler answers there but a {kind}")
        try:
            self._client = self._library.Client(
                self._address, timeout=CONNECT_WITHIN, set_as_default=False, security=security
            )
        except (OSError, ImportError) as error:
            raise self._unusable(f"the scheduler takes no clients: {error}") from error

    async def _kind_of_server(self, arguments: Mapping[str, object]) -> str:
        """What kind of Dask server there is; raises anything where there is none."""
        async with asyncio.timeout(CONNECT_WITHIN):
            comm = await self._library.comm.connect(
                self._address, timeout=CONNECT_WITHIN, **arguments
            )
            try:
                await comm.write({"op": "identity", "reply": True})
                return str((await comm.read())["type"])
            finally:
                comm.abort()

    def _check_workers(self) -> None:
        """Refuse workers that would give other numbers, and a scheduler of which none answers."""
        asked = {self._submit(worker, fingerprint): worker for worker in self._running_workers()}
        ends, one_answered = time.monotonic() + LOADED_WITHIN, False
        while asked and time.monotonic() < ends:
            for future in self._ended(asked):
                worker = asked.pop(future)
                if future.status == "error":
                    error = future.exception()
                    problem = describe(error.__cause__ or error)
                    raise self._unusable(f"the worker {worker} cannot load crossings: {problem}")
                if (theirs := future.result(timeout=ANSWER_WITHIN)) != self._fingerprint:
                    unlike = difference(self._fingerprint, theirs)
                    raise self._unusable(f"the worker {worker} would give other numbers: {unlike}")
                one_answered = True
                ends = min(ends, time.monotonic() + OTHERS_WITHIN)
            running = self._running_workers()
            asked = {future: worker for future, worker in asked.items() if worker in running}
        if not one_answered:
            raise self._unusable("no worker of the scheduler answers")

    # -- workers and tasks ------------------------------------------------------------------------

    def _running_workers(self) -> list[str]:
        """Addresses of the workers that take runs, by a look some seconds ago at most."""
        now = time.monotonic()
        if now - self._looked < _LOOK_EVERY:
            return self._workers
        with self._scheduler_needed():
            ask = self._client.scheduler.ncores_running
            self._workers = sorted(self._client.sync(ask, callback_timeout=ANSWER_WITHIN))
        self._looked = now = time.monotonic()
        if self._workers:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        elif now - self._alone_since > PATIENCE:
            raise FatalError(f"the scheduler {self._address} has had no workers for {PATIENCE:g} s")
        return self._workers

    def _hand_out(self, waiting: Pending[Trial], in_hand: dict[Any, tuple[str, Trial]]) -> None:
        """Give a run to each worker that has none; no other runs are at the scheduler."""
        busy = {worker for worker, _ in in_hand.values()}
        for worker in self._running_workers():
            if worker not in busy and waiting:
                trial = waiting.next_for(worker)
                future = self._submit(worker, run_trial, self._setting, trial, self._fingerprint)
                in_hand[future] = worker, trial

    def _submit(self, worker: str, function: Callable[..., str], *arguments: Any) -> Any:
        """Have a function called on a worker, or on another one if this one is lost."""
        with self._scheduler_needed():
            return self._client.submit(
                function, *arguments, pure=False, workers=[worker], allow_other_workers=True
            )

    def _ended(self, futures: Iterable[Any]) -> list[Any]:
        """The futures that have ended by now, some seconds from now at the latest."""
        waited_for = list(futures)
        if not waited_for:
            time.sleep(_LOOK_EVERY)
            return []
        quiet = contextlib.suppress(TimeoutError)
        with self._scheduler_needed(), quiet, self._client.as_current():
            self._library.wait(waited_for, timeout=_LOOK_EVERY, return_when="FIRST_COMPLETED")
        return [future for future in waited_for if future.status in ("finished", "error")]

    def _store(self, trial: Trial, future: Any, listener: RunListener) -> None:
        """Store what a run gave, or that it failed."""
        if future.status == "error":
            error = future.exception(timeout=ANSWER_WITHIN)
            if isinstance(error, FatalError):
                raise error
            if isinstance(error, MemoryError):
                raise FatalError(_NO_MEMORY)
            lost = isinstance(error, self._library.KilledWorker)
            listener.failed(trial, _LOST if lost else describe(error.__cause__ or error))
            return
        with self._scheduler_needed():
            run = StoredRun.model_validate_json(future.result(timeout=FETCH_WITHIN))
        future.release()
        if run.error is None:
            listener.finished(trial, run)
        else:
            listener.failed(trial, run.error)

    @contextlib.contextmanager
    def _scheduler_needed(self) -> Iterator[None]:
        """Within it, a scheduler that is gone or silent is a `FatalError`."""
        try:
            yield
        except TimeoutError as error:
            raise FatalError(f"the scheduler {self._address} does not answer") from error
        except Exception as error:
            # a client that has closed raises another type in each version of Dask
            lost = isinstance(error, (CancelledError, OSError))
            if not lost and self._client.status == "running":
                raise
            raise FatalError(f"the scheduler {self._address} is gone") from error

    # -- the end ----------------------------------------------------------------------------------

    def _unusable(self, problem: str) -> InputError:
        return InputError(
            problem,
            key="--scheduler",
            value=self._address,
            allowed="a running Dask scheduler whose workers have this version of crossings",
        )

    def _close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            # runs nobody waits for any more are dropped by the scheduler
            with contextlib.suppress(Exception):
                client.close(timeout=CONNECT_WITHIN)
            # or it tries again when it is collected, and its failure is printed
            client.status = "closed"


@functools.cache
def fingerprint() -> str:
    """Hashes of code, data and libraries, which must be equal here and on a worker.

    Returns:
        JSON text: the value of each thing by its name.
    """
    versions = package_versions()
    return json.dumps(
        {
            "model hash": model_hash(),
            # as it has been read: what a worker draws from is what it tells of
            "fitted ensemble": fitted_hash(default_assumptions()) or "none",
            **{name: versions[name] for name in _LIBRARIES},
        }
    )


def difference(mine: str, other: str) -> str:
    """The differences between two fingerprints, in words.

    Args:
        mine: That of this machine.
        other: That of a worker.
    """
    theirs = json.loads(other)
    return ", ".join(
        f"{name} {theirs.get(name)}, here {value}"
        for name, value in json.loads(mine).items()
        if theirs.get(name) != value
    )


def run_trial(setting: Setting, trial: Trial, expected: str) -> str:
    """Run a trial on a worker.

    Args:
        setting: What all trials share.
        trial: The trial.
        expected: The fingerprint of the machine that asks.

    Returns:
        The `StoredRun` as JSON, finished or failed.

    Raises:
        FatalError: The worker would give other numbers.
        MemoryError: Memory ran short.
    """
    if (mine := fingerprint()) != expected:
        unlike = difference(expected, mine)
        raise FatalError(f"a worker that has joined would give other numbers: {unlike}")
    try:
        with _ONE:
            run = setting.run(trial)
    except (FatalError, MemoryError):
        raise
    except BaseException as error:  # a worker outlives whatever a run raises
        case, seed = trial.key
        run = StoredRun(case=case, seed=seed, error=describe(error))
    return json.dumps(run.model_dump(), separators=(",", ":"))


def _library() -> Any:
    """The library, with its own messages turned off."""
    distributed = optional_library("distributed", extra="cluster", key="--scheduler")
    for name in ("distributed", "distributed.client", "distributed.protocol.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return distributed
