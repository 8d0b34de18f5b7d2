"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simulation.errors import InputError


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
