"""A Dask cluster: where it is, and trials run on its workers. Needs the extra `cluster`.

The cluster is the planner's own, and trusted as this machine is: Dask sends pickles both ways
(`docs/cluster.md`). What is guarded against is accidents: another program at the address, workers
of another version, and workers or a scheduler that are lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import logging
import re
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulation.engine.identity import package_versions
from simulation.engine.run_store import StoredRun
from simulation.engine.trials import Setting, Trial, default_assumptions, fitted_hash
from simulation.engine.worker_pool import Executor, describe, failed_run, run_trial
from simulation.errors import FatalError, InputError
from simulation.optional import optional_library
from simulation.source_hash import model_hash

#: seconds in which a scheduler must answer, and in which it must have a worker
CONNECT_WITHIN = 5.0
WORKERS_WITHIN = 10.0
#: seconds in which a scheduler under way must answer
ANSWER_WITHIN = 60.0
#: seconds without any worker after which an experiment under way stops
PATIENCE = 120.0
#: what a run's last digit depends on beside the model
_LIBRARIES = ("numba", "numpy")
_LOST = (
    "every worker process that ran it ended or fell silent, perhaps because memory ran short; "
    "fewer workers on each machine or a smaller --scale needs less"
)
#: a worker runs one trial at a time, however many threads it has
_ONE = threading.Lock()

_ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d+|(tcp|tls)://\[[0-9a-fA-F:]+\]:\d+")
_NAMES = ("--tls-ca", "--tls-cert", "--tls-key")
#: addresses of this machine, where nothing is sent over a network
_THIS_MACHINE = re.compile(r"tcp://(localhost|127\.[\d.]+|\[::1\]):\d+")


@dataclass(frozen=True)
class Tls:
    """Files for encryption, each in PEM form.

    Attributes:
        ca: Certificate of the authority that signed those of scheduler and workers.
        cert: Certificate of this client, signed by the same authority.
        key: Its private key.
    """

    ca: Path
    cert: Path
    key: Path


@dataclass(frozen=True)
class Cluster:
    """A Dask cluster.

    Attributes:
        address: Of its scheduler, `tcp://host:port` or `tls://host:port`.
        tls: Files for encryption; with `tls://` and None, those that Dask's configuration names.
    """

    address: str
    tls: Tls | None = None

    @property
    def warning(self) -> str | None:
        """A warning, in one line, for a connection that is not encrypted; None for any other.

        What is no address is refused, which is warning enough.
        """
        plain = self.address.startswith("tcp:") and _ADDRESS.fullmatch(self.address)
        if not plain or _THIS_MACHINE.fullmatch(self.address):
            return None
        return (
            f"{self.address} is not encrypted: whoever reaches it can read and change the runs, "
            "and run programs here and on the workers. On a network that is not your own, use "
            "tls:// with --tls-ca, --tls-cert and --tls-key (docs/cluster.md)."
        )

    def check(self) -> None:
        """Refuse what cannot be used; nothing is connected to.

        Raises:
            InputError: Names the option.
        """
        if not _ADDRESS.fullmatch(self.address):
            raise InputError(
                "not the address of a Dask scheduler",
                key="--scheduler",
                value=self.address,
                allowed="tcp://host:port or tls://host:port",
            )
        if self.tls is not None:
            if not self.address.startswith("tls://"):
                raise InputError(
                    "certificates are of use only with an encrypted connection",
                    key="--scheduler",
                    value=self.address,
                    allowed="tls://host:port where --tls-ca, --tls-cert and --tls-key are given",
                )
            for name, file in zip(_NAMES, (self.tls.ca, self.tls.cert, self.tls.key), strict=True):
                if not file.is_file():
                    raise InputError("file not found", key=name, value=str(file))

    def security(self, library: Any) -> Any:
        """The encryption settings for Dask.

        Args:
            library: The module `distributed`.
        """
        if self.tls is None:
            return library.Security()
        return library.Security(
            tls_ca_file=str(self.tls.ca),
            tls_client_cert=str(self.tls.cert),
            tls_client_key=str(self.tls.key),
            require_encryption=True,
        )


def cluster_from(
    scheduler: str | None,
    tls_ca: str | Path | None = None,
    tls_cert: str | Path | None = None,
    tls_key: str | Path | None = None,
) -> Cluster | None:
    """The cluster that options of these names stand for; None without a scheduler.

    Raises:
        InputError: One is missing that the others need.
    """
    files = dict(zip(_NAMES, (tls_ca, tls_cert, tls_key), strict=True))
    if scheduler is None:
        for name, value in files.items():
            if value is not None:
                raise InputError(
                    "is about a cluster, and none is named",
                    key=name,
                    value=str(value),
                    allowed="--scheduler with it",
                )
        return None
    paths = [Path(file) for file in files.values() if file is not None]
    tls = Tls(*paths) if len(paths) == len(files) else None
    if tls is None and paths:
        missing = next(name for name, file in files.items() if file is None)
        allowed = "--tls-ca, --tls-cert and --tls-key together"
        raise InputError("missing", key=missing, allowed=allowed)
    return Cluster(scheduler, tls)


class ClusterExecutor(Executor):
    """Runs trials on the workers of a Dask scheduler.

    Dask gives the run of a lost worker to another one; a run that loses several has failed.

    Args:
        setting: What all trials share.
        cluster: Where to run.

    Raises:
        InputError: The address or a certificate cannot be used.
    """

    no_memory = (
        "memory ran short on a worker of the cluster; fewer workers on each machine or a smaller "
        "--scale needs less"
    )

    def __init__(self, setting: Setting, cluster: Cluster) -> None:
        super().__init__(setting)
        cluster.check()
        self._cluster = cluster
        self._client: Any = None
        self._fingerprint = fingerprint()
        self._last_workers = time.monotonic()

    def __enter__(self) -> ClusterExecutor:
        library = _library()
        try:
            self._client = self._connect(library)
            self._client.wait_for_workers(1, timeout=WORKERS_WITHIN)
            answers = self._client.run(fingerprint, on_error="return")
        except TimeoutError:
            self.__exit__()
            raise self._unusable("the scheduler has no workers") from None
        except OSError as error:
            self.__exit__()
            raise self._unusable(f"the scheduler is gone: {error}") from error
        for worker, theirs in answers.items():
            if theirs != self._fingerprint:
                self.__exit__()
                if isinstance(theirs, str):
                    unlike = difference(self._fingerprint, theirs)
                    raise self._unusable(f"the worker {worker} would give other numbers: {unlike}")
                problem = f"the worker {worker} cannot load crossings: {describe(theirs)}"
                raise self._unusable(problem)
        self._last_workers = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            with contextlib.suppress(Exception):
                self._client.close(timeout=CONNECT_WITHIN)
            # or it tries again when it is collected, and its failure is printed
            self._client.status = "closed"

    def workers(self) -> Sequence[str]:
        """Addresses of the workers that take runs.

        Raises:
            FatalError: The scheduler does not answer, or has had no worker for some time.
        """
        address = self._cluster.address
        ask = self._client.scheduler.ncores_running
        try:
            running = sorted(self._client.sync(ask, callback_timeout=ANSWER_WITHIN))
        except TimeoutError as error:
            raise FatalError(f"the scheduler {address} does not answer") from error
        except Exception as error:  # a closed client raises another type in each version of Dask
            raise FatalError(f"the scheduler {address} is gone") from error
        if running:
            self._last_workers = time.monotonic()
        elif time.monotonic() - self._last_workers > PATIENCE:
            raise FatalError(f"the scheduler {address} has had no workers for {PATIENCE:g} s")
        return running

    def submit(self, worker: str, trial: Trial) -> Future[StoredRun]:
        """Start a trial on a worker, or on another one if this one is lost."""
        pool = self._client.get_executor(pure=False, workers=[worker], allow_other_workers=True)
        run: Future[StoredRun] = pool.submit(_run_on_worker, self.setting, trial, self._fingerprint)
        return run

    def _result(self, future: Future[StoredRun], trial: Trial) -> StoredRun | None:
        if type(future.exception()).__name__ == "KilledWorker":
            return failed_run(trial, _LOST)
        return super()._result(future, trial)

    def _connect(self, library: Any) -> Any:
        """A client of the scheduler."""
        address, security = self._cluster.address, self._cluster.security(library)
        try:
            arguments = security.get_connection_args("client")
        except (OSError, ValueError) as error:
            raise self._unusable(f"the certificates cannot be used: {error}") from error
        if address.startswith("tls:") and arguments.get("ssl_context") is None:
            raise self._unusable("tls needs certificates: --tls-ca, --tls-cert and --tls-key")
        # asked first by us: its client waits for ever for something that listens and says nothing
        try:
            kind = asyncio.run(_kind_of_server(library, address, arguments))
        except Exception as error:  # another service may answer with anything
            problem = f"no Dask scheduler answers there within {CONNECT_WITHIN:g} s"
            raise self._unusable(problem) from error
        if kind != "Scheduler":
            raise self._unusable(f"no Dask scheduler answers there but a {kind}")
        return library.Client(
            address, timeout=CONNECT_WITHIN, set_as_default=False, security=security
        )

    def _unusable(self, problem: str) -> InputError:
        return InputError(
            problem,
            key="--scheduler",
            value=self._cluster.address,
            allowed="a running Dask scheduler whose workers have this version of crossings",
        )


async def _kind_of_server(library: Any, address: str, arguments: Mapping[str, object]) -> str:
    """What kind of Dask server there is; raises anything where there is none."""
    async with asyncio.timeout(CONNECT_WITHIN):
        comm = await library.comm.connect(address, timeout=CONNECT_WITHIN, **arguments)
        try:
            await comm.write({"op": "identity", "reply": True})
            return str((await comm.read())["type"])
        finally:
            comm.abort()


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
    """The differences between the fingerprints of this machine and of a worker, in words."""
    theirs = json.loads(other)
    return ", ".join(
        f"{name} {theirs.get(name)}, here {value}"
        for name, value in json.loads(mine).items()
        if theirs.get(name) != value
    )


def _run_on_worker(setting: Setting, trial: Trial, expected: str) -> StoredRun:
    """Run a trial on a worker, which may have joined later and be of another version."""
    if (mine := fingerprint()) != expected:
        unlike = difference(expected, mine)
        raise FatalError(f"a worker that has joined would give other numbers: {unlike}")
    with _ONE:
        return run_trial(setting, trial)


def _library() -> Any:
    """The library, with its own messages turned off."""
    distributed = optional_library("distributed", extra="cluster", key="--scheduler")
    for name in ("distributed", "distributed.client", "distributed.protocol.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return distributed
