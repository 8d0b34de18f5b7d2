"""Where a Dask cluster is, and how it is reached.

Whoever can reach a scheduler can run code on its workers and on this machine, for Dask sends
pickles both ways. So a connection is encrypted and both ends have certificates, or the network is
trusted; a warning says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulation.errors import InputError

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
