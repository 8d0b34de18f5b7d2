"""The command that makes a result again, as text for a shell."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path


def command_text(
    command: str, arguments: Sequence[str | Path], options: Mapping[str, object]
) -> str:
    """A command of `crossings`, quoted for a shell.

    Args:
        command: Such as `run`.
        arguments: Files and names.
        options: Value by name, as Python names it (`tls_ca`) or as it is typed. None and
            False leave an option out, True gives it without a value, a tuple several times.
    """
    words = ["crossings", command, *map(argument, arguments)]
    return shlex.join(words + _option_words(options))


def to_type(command: str) -> str:
    """A command as it is typed here: after `uv run`, where uv runs this one and says so."""
    return f"uv run {command}" if "UV" in os.environ else command


def argument(file: str | Path) -> str:
    """The name of a file as an argument of a command that no parser reads as an option."""
    return f".{os.sep}{file}" if str(file).startswith("-") else str(file)


def with_options(command: str, options: Mapping[str, object]) -> str:
    """A command with other values of some options, which come last.

    Args:
        command: The command; nothing is added to an empty one.
        options: As in `command_text`; what is None is removed.
    """
    words = shlex.split(command)
    end = words.index("--") if "--" in words else len(words)  # no option can follow it
    names = [_name(name) for name in options]
    arguments: list[str] = []
    rest = iter(words[:end])
    for word in rest:
        if word in names:
            next(rest, None)  # its value
        elif not word.startswith(tuple(f"{name}=" for name in names)):
            arguments.append(word)
    if not arguments:
        return ""
    return shlex.join([*arguments, *_option_words(options), *words[end:]])


def _option_words(options: Mapping[str, object]) -> list[str]:
    words: list[str] = []
    for name, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            if one is not None and one is not False:
                words += [_name(name)] if one is True else [_name(name), str(one)]
    return words


def _name(option: str) -> str:
    return option if option.startswith("--") else f"--{option.replace('_', '-')}"
