"""Usage errors of the command line, each as one line that says what is allowed."""

from __future__ import annotations

import re

import click

from simulation.errors import InputError, closest, unknown_word

#: click's words for a value that does not fit, and for arguments too many
_VALUE = re.compile(r"(['\"])(.*)\1 is not ", re.DOTALL)
_EXTRA = re.compile(r"extra arguments? \((.*)\)", re.DOTALL)
#: kind of a number in click -> what is wrong with a value that is none, and what would not be
_NUMBERS = {
    "integer": ("not a whole number", "digits only, such as 12"),
    "float": ("not a number", "a number such as 0.5"),
}
#: arguments that are scenarios
_SCENARIOS = ("scenario", "baseline")


def one_line_error(error: click.UsageError) -> InputError:
    """What click refused, in the words of this project.

    Args:
        error: What click raised.
    """
    if isinstance(error, click.NoSuchOption):
        options, name = _options(error.ctx), error.option_name
        suggestion = closest(name, options)
        return InputError(
            "unknown option", key=name, allowed=", ".join(options), suggestion=suggestion
        )
    if isinstance(error, click.MissingParameter):
        return InputError("missing", key=_name(error), allowed=_allowed(error.param, error.ctx))
    if isinstance(error, click.BadParameter):
        return _bad_value(error)
    if isinstance(error, click.BadOptionUsage):
        takes = "takes no value" in error.message or "does not take" in error.message
        problem = "is a switch and takes no value" if takes else "needs a value"
        return InputError(problem, key=error.option_name, allowed=_usage(error.ctx))
    extra = _EXTRA.search(error.message)
    if extra:
        return InputError("unexpected argument", value=extra[1], allowed=_usage(error.ctx))
    return InputError(error.message.rstrip("."), allowed=_usage(error.ctx))


class Commands(click.Group):
    """A group of commands that suggests one when there is none of the name given."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command.

        Raises:
            InputError: There is none of this name.
        """
        commands = self.list_commands(ctx)
        if args[0] not in commands and not args[0].startswith("-"):
            raise unknown_word("no such command", args[0], commands)
        return super().resolve_command(ctx, args)


def _bad_value(error: click.BadParameter) -> InputError:
    match = _VALUE.match(error.message)
    value = match[2] if match else None
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return unknown_word("unknown word", value or "", kind.choices, key=_name(error))
    if match and kind is not None and kind.name in _NUMBERS:
        problem, allowed = _NUMBERS[kind.name]
        return InputError(problem, key=_name(error), value=value, allowed=allowed)
    return InputError(error.message.rstrip("."), key=_name(error), allowed=_usage(error.ctx))


def _name(error: click.BadParameter) -> str | None:
    """The option as it is typed, or the argument as the help shows it."""
    param = error.param
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    if param is not None:
        return param.human_readable_name.rstrip(".")
    return error.param_hint if isinstance(error.param_hint, str) else None


def _allowed(param: click.Parameter | None, ctx: click.Context | None) -> str | None:
    if param is not None and param.name is not None and param.name.startswith(_SCENARIOS):
        return "a scenario file, or a name from crossings scenario list"
    return _usage(ctx)


def _options(ctx: click.Context | None) -> list[str]:
    """The long names of a command's options."""
    if ctx is None:
        return []
    return [
        name
        for param in ctx.command.get_params(ctx)
        if isinstance(param, click.Option) and not param.hidden
        for name in param.opts
        if name.startswith("--")
    ]


def _usage(ctx: click.Context | None) -> str | None:
    """How a command is called, in one line."""
    if ctx is None:
        return None
    return " ".join([ctx.command_path, *ctx.command.collect_usage_pieces(ctx)])
