"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial, reduce
from pathlib import Path
from typing import Any

import click

from simulation.errors import InputError

#: what gives a command an option
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def together(*options: Option) -> Option:
    """Decorate a command with several options, in the order of its help."""
    return lambda command: reduce(lambda made, option: option(made), reversed(options), command)


def number_option(name: str, default: float, text: str) -> Option:
    """An option that is a number, whole where its default is, with what it says in the help."""
    return click.option(name, default=default, show_default=True, help=text)


def json_option(text: str = "Print only the summary, as JSON.") -> Option:
    """The switch that has JSON printed."""
    return click.option("--json", "as_json", is_flag=True, help=text)


class ShareOfPeople(click.types.FloatParamType):
    """A share as people write it: `0.1`, `10%` or `0,1`."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read the share."""
        if isinstance(value, (int, float)):
            return float(value)
        text = value.strip()
        number = text.removesuffix("%").rstrip()
        if text.endswith("%") or number.startswith("0,"):
            number = number.replace(",", ".", 1)
        try:
            return float(Decimal(number) / 100 if text.endswith("%") else Decimal(number))
        except (ArithmeticError, ValueError):
            self.fail(f"{value!r} is not a share", param, ctx)


def scale_option(default: float, text: str = "Share of the people to simulate.") -> Option:
    """The share of the people simulated."""
    return click.option(
        "--scale", type=ShareOfPeople(), default=default, show_default=True,
        help=f"{text.removesuffix('.')}: 0.1 or 10% is a tenth.",
    )  # fmt: skip


def seed_option(text: str = "Seed of the first run.") -> Option:
    """The seed that the others follow."""
    return number_option("--seed", 1, text)


def assumptions_option(
    text: str, *, default: str | None, show_default: str | bool = True
) -> Option:
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


#: the switch that starts a large job
yes_option = partial(click.option, "--yes", is_flag=True)
#: the folder to write to
out_option = partial(click.option, "--out", type=Folder())
#: the folder that results lie in
results_option = partial(
    click.option, "--results", type=Folder(), default=Path("results"), show_default=True
)
_file_option = partial(click.option, type=click.Path(path_type=Path), metavar="FILE")
#: a file with monthly series of the user's own
own_data_option = partial(_file_option, "--own-data")
QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
WORKERS = click.option("--workers", type=int, help="Processes [default: one per core].")
DOCUMENT = click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Page of text (docs/validation.md) to put tables and charts into as well.",
)

#: the options of a Dask cluster, as a command gets them
CLUSTER_NAMES = ("scheduler", "tls_ca", "tls_cert", "tls_key")
CLUSTER = together(
    click.option(
        "--scheduler", help="Run on a Dask cluster instead: tcp://host:port or tls://host:port."
    ),
    _file_option(
        "--tls-ca",
        "--tls-ca-file",
        "tls_ca",
        help="Certificate of the authority of the cluster (PEM), with tls://.",
    ),
    _file_option("--tls-cert", help="Certificate of this client, signed by that authority (PEM)."),
    _file_option("--tls-key", help="Private key of that certificate (PEM)."),
)


def fit_options(seed: str, out: str) -> Option:
    """Decorate a command with the options of a fit, and of a look at one.

    Args:
        seed: Help of the seed.
        out: Help of the folder.
    """
    return together(
        seed_option(seed),
        scale_option(0.3),
        WORKERS,
        CLUSTER,
        out_option(help=out),
        QUIET,
        json_option(),
    )
