"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from simulation.errors import InputError


def assumptions_option(
    told: str, *, default: str | None, show_default: str | bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option that says where the assumptions of a run come from.

    Args:
        told: Its help.
        default: One of its choices; None for a command that settles it itself.
        show_default: How the help names the default, if not by its name.
    """
    return click.option(
        "--assumptions",
        type=click.Choice(["records", "ranges", "fitted"]),
        default=default,
        show_default=show_default,
        help=told,
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
