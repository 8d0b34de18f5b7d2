"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial, reduce
from pathlib import Path
from typing import Any

import click

from simulation.engine import arguments
from simulation.engine.argument import Argument
from simulation.errors import InputError

#: what gives a command an option
Option = Callable[[Callable[..., Any]], Callable[..., Any]]


def together(*options: Option) -> Option:
    """Decorate a command with several options, in the order of its help."""
    return lambda command: reduce(
        lambda decorated, option: option(decorated), reversed(options), command
    )


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
#: the folder that results lie in
results_option = partial(
    click.option, "--results", type=Folder(), default=Path("results"), show_default=True
)
QUIET = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
DOCUMENT = click.option(
    "--document",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Page of text (docs/validation.md) to put tables and charts into as well.",
)


def option_of(argument: Argument) -> Option:
    """The option of a declared argument."""
    text = argument.help
    if argument.shown:
        text = f"{text.removesuffix('.')} [default: {argument.shown}]."
    more: dict[str, Any] = {"show_default": True}
    if argument.default not in (None, ()):
        more["default"] = argument.default
    if argument.kind is bool:
        more["is_flag"] = True
        more["show_default"] = any("/" in flag for flag in argument.flags)
    elif argument.name == "out":
        more["type"] = Folder()
    elif argument.name == "scale":
        more["type"] = ShareOfPeople()
    elif argument.kind is Path:
        more["type"] = click.Path(path_type=Path)
    elif argument.words:
        # one word beside numbers is read by the command
        more["type"] = click.Choice(argument.words) if argument.kind is str else str
    else:
        more["type"] = argument.kind
    if argument.commas:
        # the last alone would count otherwise, and nobody would be told
        more["callback"] = lambda ctx, param, typed: ",".join(typed) if typed else None
    return click.option(
        *(argument.flags or (argument.option,)),
        argument.name,
        help=text,
        metavar=argument.metavar,
        multiple=argument.several or argument.commas,
        required=argument.required,
        **more,
    )


def declared_options(command: str) -> Option:
    """The declared options of a command."""
    return together(*map(option_of, arguments.DECLARED[command]))


def options_of(command: str) -> Option:
    """The declared options of a command that runs the model, and how its results are printed."""
    summary = "Print the summary as JSON, nothing else."
    return together(declared_options(command), QUIET, json_option(summary))
