"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from simulation.errors import InputError


def assumptions_option(
    text: str, *, default: str | None, show_default: str | bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option that says where the assumptions of a run come from.

    Args:
        text: Its help.
        default: One of its choices; None for a command that settles it itself.
        show_default: How the help names the default, if not by its name.
    """
    return click.option(
        "--assumptions",
        type=click.Choice(["records", "ranges", "fitted"]),
        default=default,
        show_default=show_default,
        help=text,
    )


class Folder(click.Path):
    """A folder by its name; an empty name is none, not the folder one happens to be in."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the name.

        Raises:
            InputError: It is empty.
        """
        if not str(value).strip():
            key = param.opts[0] if isinstance(param, click.Option) else "DIR"
            allowed = "the name of a folder; . is the one you are in"
            raise InputError("no name of a folder", key=key, value=str(value), allowed=allowed)
        return super().convert(value, param, ctx)


#: the options of `cluster_options`, as a command gets them
CLUSTER_NAMES = ("scheduler", "tls_ca", "tls_cert", "tls_key", "worker_timeout")


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate a command with the options of a Dask cluster."""
    path = click.Path(path_type=Path)
    options = (
        click.option(
            "--scheduler", help="Run on a Dask cluster instead: tcp://host:port or tls://host:port."
        ),
        click.option(
            "--tls-ca",
            "--tls-ca-file",
            "tls_ca",
            type=path,
            metavar="FILE",
            help="Certificate of the authority of the cluster (PEM), with tls://.",
        ),
        click.option(
            "--tls-cert",
            type=path,
            metavar="FILE",
            help="Certificate of this client, signed by that authority (PEM).",
        ),
        click.option(
            "--tls-key", type=path, metavar="FILE", help="Private key of that certificate (PEM)."
        ),
        click.option(
            "--worker-timeout",
            type=float,
            metavar="SECONDS",
            help="Time without a sign of life after which a worker of the cluster is given up "
            "[default: 120].",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
