"""Where a Dask cluster is, how it is reached, and that nothing it sends is unpickled.

Unpickling can call any function of this machine. Dask unpickles in many places of its client: in
results, in exceptions, in the type of a result, in warnings, and in every message that says so.
Its option `deserializers` covers results only. Python raises the audit event `pickle.find_class`
before a pickle reaches any class or function, in the C code and wherever it is called. Refusing
the event refuses them all.
"""

from __future__ import annotations

import pickletools
import re
import ssl
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from simulation.errors import InputError

#: seconds without a sign of life after which a worker is given up
WORKER_TIMEOUT = 120.0
#: heartbeats come every second or so, less often from hundreds of workers
_LEAST_TIMEOUT, _MOST_TIMEOUT = 4.0, 86_400.0
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/:]+:\d+|(tcp|tls)://\[[0-9a-fA-F:]+\]:\d+")
_NAMES = ("--tls-ca", "--tls-cert", "--tls-key")
#: Dask sends bytes with their type, as a pickle of it
_HARMLESS = {("builtins", "bytes")}
#: bytes of a pickle that are read for its texts
_MOST_READ = 100_000


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
        worker_timeout: Seconds without a heartbeat after which a worker is given up.
    """

    address: str
    tls: Tls | None = None
    worker_timeout: float = WORKER_TIMEOUT

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
        if not _LEAST_TIMEOUT <= self.worker_timeout <= _MOST_TIMEOUT:
            raise InputError(
                "not a time after which a worker can be given up",
                key="--worker-timeout",
                value=self.worker_timeout,
                allowed=f"{_LEAST_TIMEOUT:g} to {_MOST_TIMEOUT:g} seconds",
            )
        if self.tls is not None:
            if not self.address.startswith("tls://"):
                raise InputError(
                    "certificates are of use only with an encrypted connection",
                    key="--scheduler",
                    value=self.address,
                    allowed="tls://host:port where --tls-ca, --tls-cert and --tls-key are given",
                )
            _check_files(self.tls)

    def security(self, library: Any) -> Any:
        """What Dask needs to know of the encryption.

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
    worker_timeout: float | None = None,
) -> Cluster | None:
    """The cluster that options of these names stand for; None without a scheduler.

    Raises:
        InputError: One is missing that the others need.
    """
    files = dict(zip(_NAMES, (tls_ca, tls_cert, tls_key), strict=True))
    if scheduler is None:
        for name, value in {**files, "--worker-timeout": worker_timeout}.items():
            if value is not None:
                raise InputError(
                    "is about a cluster, and none is named",
                    key=name,
                    value=str(value),
                    allowed="--scheduler with it",
                )
        return None
    given = [Path(file) for file in files.values() if file is not None]
    tls = Tls(*given) if len(given) == len(files) else None
    if tls is None and given:
        missing = next(name for name, file in files.items() if file is None)
        allowed = "--tls-ca, --tls-cert and --tls-key together"
        raise InputError("missing", key=missing, allowed=allowed)
    return Cluster(scheduler, tls, WORKER_TIMEOUT if worker_timeout is None else worker_timeout)


def _check_files(tls: Tls) -> None:
    """Refuse files that are not there or that are not what they are given for."""
    for name, file in zip(_NAMES, (tls.ca, tls.cert, tls.key), strict=True):
        try:
            if not file.is_file():
                raise InputError("file not found", key=name, value=str(file))
            file.read_bytes()
        except (OSError, ValueError) as error:
            reason = (getattr(error, "strerror", None) or str(error)).lower()
            raise InputError(f"cannot be read ({reason})", key=name, value=str(file)) from error
    context = ssl.create_default_context()
    try:
        context.load_verify_locations(cafile=tls.ca)
    except (ssl.SSLError, ValueError) as error:
        problem = "not a certificate in PEM form"
        raise InputError(problem, key="--tls-ca", value=str(tls.ca)) from error
    try:
        context.load_cert_chain(tls.cert, tls.key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise InputError(
            f"not the private key of {tls.cert}, or one of the two is not in PEM form",
            key="--tls-key",
            value=str(tls.key),
            allowed="files in PEM form that belong together, the key without a password",
        ) from error


def _no_password() -> NoReturn:
    """Called for a key with a password, in place of a question on the terminal."""
    raise ValueError("a key with a password")


# -- what a cluster sends --------------------------------------------------------------------------

_lock = threading.Lock()
_guards: list[UnpicklingGuard] = []
_hooked = False


class RefusedError(TypeError):
    """A pickle wanted a class or a function.

    It is a TypeError because Dask takes one for an object that cannot be read.
    """


class UnpicklingGuard:
    """Refuses pickles in Dask's code, from `hold` on, in every thread of this process.

    Attributes:
        refused: The first class or function that a message of the cluster wanted, or None. What
            Dask itself takes for unreadable, such as a pickled exception, is refused too, but is
            not noted.
    """

    def __init__(self) -> None:
        self.refused: str | None = None

    def hold(self) -> None:
        """Begin to refuse."""
        global _hooked
        with _lock:
            if not _hooked:
                sys.addaudithook(_hook)
                _hooked = True
            _guards.append(self)

    def release(self) -> None:
        """No longer refuse, unless another guard does."""
        with _lock:
            if self in _guards:
                _guards.remove(self)


def texts_of(pickled: bytes) -> list[str]:
    """The texts in a pickle, in their order; nothing of it is executed."""
    found = []
    try:
        for _, value, _ in pickletools.genops(pickled[:_MOST_READ]):
            if isinstance(value, str):
                found.append(value)
    except Exception:  # whatever a pickle that is none, or is cut off, leads to
        pass
    return found


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "pickle.find_class" and _guards:
        _judge(*arguments)


def _judge(module: object, name: object) -> None:
    """Refuse what a pickle wants, if Dask is among the callers."""
    callers = set()
    frame = sys._getframe()
    while frame is not None:
        callers.add(str(frame.f_globals.get("__name__")))
        frame = frame.f_back  # type: ignore[assignment]
    if not any(caller.split(".")[0] == "distributed" for caller in callers):
        return
    if (module, name) in _HARMLESS:
        return
    wanted = f"{module}.{name}"
    if "distributed.protocol.core" in callers:  # a message; its reader ends here
        for guard in _guards:
            guard.refused = guard.refused or wanted
    raise RefusedError(f"a pickle wants {wanted}")
