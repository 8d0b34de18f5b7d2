"""Trials on a Dask cluster; what they give comes here and is written into the journal here.

Needs the library `distributed`, which the extra `cluster` installs.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import re
import threading
import time
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import CancelledError
from pathlib import Path
from types import TracebackType
from typing import Any

from simulation.errors import InputError
from simulation.experiments.crew import FatalError, describe
from simulation.experiments.identity import model_hash, package_versions
from simulation.experiments.journal import JournalWriter
from simulation.experiments.local import OnTrial
from simulation.experiments.trials import (
    Setting,
    Trial,
    default_assumptions,
    fitted_hash,
)
from simulation.optional import optional_library

#: seconds in which a scheduler must answer, and in which it must have a worker
CONNECT_WITHIN = 5.0
WORKERS_WITHIN = 10.0
#: seconds without any worker after which an experiment under way stops
PATIENCE = 120.0
#: runs handed to the cluster for each worker: one in hand, one that waits for it
_EACH = 2
#: seconds between two looks at the workers
_LOOK_EVERY = 2.0
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d+|(tcp|tls)://\[[0-9a-fA-F:]+\]:\d+")
#: what a run's last digit depends on beside the model
_LIBRARIES = ("numba", "numpy")
#: a worker runs one trial at a time, however many threads it has
_ONE = threading.Lock()


class DaskExecutor:
    """Runs trials on the workers of a Dask scheduler.

    A run that raises is a failed run, as on this machine. A worker that dies has its run given to
    another by Dask, which gives up after some attempts; then the run has failed.

    Args:
        setting: What all trials share.
        journal: Folder of the journal.
        address: Of the scheduler: `tcp://host:port`.

    Raises:
        InputError: That is no address.
    """

    def __init__(self, setting: Setting, journal: Path, address: str) -> None:
        if not _ADDRESS.fullmatch(address):
            raise InputError(
                "not the address of a Dask scheduler",
                key="--scheduler",
                value=address,
                allowed="tcp://host:port or tls://host:port",
            )
        self._setting = setting
        self._address = address
        self._writer = JournalWriter(journal)
        self._client: Any = None
        self._fingerprint = fingerprint()
        self._workers, self._looked = 0, float("-inf")
        self._seen = time.monotonic()

    def __enter__(self) -> DaskExecutor:
        self._connect(_library())
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_WITHIN)
            self._check_workers()
        except TimeoutError:
            self._close()
            raise self._unusable("the scheduler has no workers") from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def run(self, trials: Sequence[Trial], on_trial: OnTrial) -> None:
        """Run all trials; return when the last has ended.

        Raises:
            FatalError: The scheduler or all of its workers are gone, a worker has another model,
                or the disk here is full.
        """
        waiting = deque(trials)
        under_way: dict[Any, Trial] = {}
        self._seen = time.monotonic()
        try:
            while waiting or under_way:
                # no more than this is anywhere at a time, so memory stays flat
                while waiting and len(under_way) < self._room():
                    trial = waiting.popleft()
                    future = self._client.submit(
                        run_trial, self._setting, trial, self._fingerprint, pure=False
                    )
                    under_way[future] = trial
                for future in self._ended(under_way):
                    self._take(under_way.pop(future), future, on_trial)
                    future.release()
        except (CancelledError, OSError) as error:
            # a connection that breaks is seen before the client calls itself closed
            if self._client.status == "running" and not isinstance(error, _lost_connection()):
                raise
            raise FatalError(f"the scheduler {self._address} is gone") from error

    def _connect(self, library: Any) -> None:
        """Find the scheduler.

        Raises:
            InputError: None answers.
        """
        try:
            security = library.Security().get_connection_args("client")
        except (OSError, ValueError) as error:
            raise self._unusable(f"the certificates of Dask cannot be used: {error}") from error
        if self._address.startswith("tls:") and security.get("ssl_context") is None:
            problem = "tls needs certificates, and distributed.comm.tls names none to Dask"
            raise self._unusable(problem)
        # asked first by us: its client waits for ever for something that listens and says nothing
        try:
            kind = asyncio.run(_who_answers(library, self._address, CONNECT_WITHIN, security))
        except Exception as error:  # another service may answer with anything
            problem = f"no Dask scheduler answers there within {CONNECT_WITHIN:g} s"
            raise self._unusable(problem) from error
        if kind != "Scheduler":
            raise self._unusable(f"no Dask scheduler answers there but a {kind}")
        try:
            self._client = library.Client(
                self._address, timeout=CONNECT_WITHIN, set_as_default=False
            )
        except (OSError, ImportError) as error:
            raise self._unusable(f"the scheduler takes no clients: {error}") from error

    def _ended(self, under_way: Collection[Any]) -> Collection[Any]:
        """The runs that have ended by now, some seconds from now at the latest."""
        from distributed import wait

        try:
            with self._client.as_current():
                found = wait(list(under_way), timeout=_LOOK_EVERY, return_when="FIRST_COMPLETED")
        except TimeoutError:
            self._room()
            return ()
        return list(found.done)

    def _take(self, trial: Trial, future: Any, on_trial: OnTrial) -> None:
        """Write down what a run gave, or that it failed."""
        from distributed import KilledWorker

        try:
            entry: dict[str, Any] = future.result()
        except KilledWorker:
            on_trial(trial, "failed", "every worker process that ran it ended unexpectedly")
            return
        except (CancelledError, OSError):
            raise
        except Exception as error:
            on_trial(trial, "failed", describe(error))
            return
        if "unlike" in entry:
            raise FatalError(f"a worker that has joined is of no use: {entry['unlike']}")
        if "error" in entry:
            on_trial(trial, "failed", entry["error"])
        else:
            on_trial(trial, "done", (self._writer.write(entry), entry["seconds"]))

    def _room(self) -> int:
        """How many runs the cluster may have in hand.

        Raises:
            FatalError: There has been no worker for long.
        """
        now = time.monotonic()
        if now - self._looked >= _LOOK_EVERY:
            self._looked, self._workers = now, len(self._client.nthreads())
        if self._workers:
            self._seen = now
        elif now - self._seen > PATIENCE:
            raise FatalError(f"the scheduler {self._address} has had no workers for {PATIENCE:g} s")
        return max(1, _EACH * self._workers)

    def _check_workers(self) -> None:
        """Refuse workers that would give other numbers.

        Raises:
            InputError: Names the worker and what differs.
        """
        for worker, found in sorted(self._client.run(fingerprint, on_error="return").items()):
            if isinstance(found, BaseException):
                raise self._unusable(f"the worker {worker} cannot load crossings: {found}")
            if found != self._fingerprint:
                unlike = difference(self._fingerprint, found)
                raise self._unusable(f"the worker {worker} would give other numbers: {unlike}")

    def _unusable(self, problem: str) -> InputError:
        return InputError(
            problem,
            key="--scheduler",
            value=self._address,
            allowed="a running Dask scheduler whose workers have this version of crossings",
        )

    def _close(self) -> None:
        if self._client is not None:
            # runs nobody waits for any more are dropped by the scheduler
            with contextlib.suppress(Exception):
                self._client.close(timeout=CONNECT_WITHIN)
            self._client = None


@functools.cache
def fingerprint() -> dict[str, str]:
    """What the numbers of a run depend on beside what is asked; the same here and on a worker."""
    versions = package_versions()
    return {
        "model hash": model_hash(),
        # as it has been read: what a worker draws from is what it tells of
        "fitted ensemble": fitted_hash(default_assumptions()) or "none",
        **{name: versions[name] for name in _LIBRARIES},
    }


def difference(mine: dict[str, str], other: dict[str, str]) -> str:
    """What differs between two fingerprints, in words."""
    return ", ".join(
        f"{name} {other.get(name)}, here {value}"
        for name, value in mine.items()
        if other.get(name) != value
    )


def run_trial(setting: Setting, trial: Trial, expected: dict[str, str]) -> dict[str, Any]:
    """Run a trial on a worker.

    Returns:
        The journal's entry; or `error`, why it failed; or `unlike`, what differs on this worker.
    """
    found = fingerprint()
    if found != expected:
        return {"unlike": difference(expected, found)}
    try:
        with _ONE:
            return setting.run(trial)
    except BaseException as error:  # a worker outlives whatever a run raises
        return {"error": describe(error)}


async def _who_answers(library: Any, address: str, within: float, security: dict[str, Any]) -> str:
    """What kind of Dask server there is at an address.

    Raises:
        Exception: Of any kind, when there is none.
    """
    async with asyncio.timeout(within):
        comm = await library.comm.connect(address, timeout=within, **security)
        try:
            await comm.write({"op": "identity", "reply": True})
            found = await comm.read()
            return str(found["type"])
        finally:
            comm.abort()


def _lost_connection() -> tuple[type[BaseException], ...]:
    """What is raised where a scheduler is gone."""
    from distributed.comm import CommClosedError

    return CancelledError, CommClosedError, ConnectionError


def _library() -> Any:
    """The library, told to leave the telling to us.

    Raises:
        InputError: It is not installed.
    """
    distributed = optional_library("distributed", extra="cluster", key="--scheduler")
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed
