"""Import libraries of an extra, or say in one line how to install them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

from simulation.errors import InputError
from simulation.version import __version__

_PROJECT = Path(__file__).resolve().parents[1]


def optional_library(module: str, extra: str, key: str) -> ModuleType:
    """Import a library that only an extra installs.

    Args:
        module: Name under which the library is imported.
        extra: The extra of crossings that installs it.
        key: The option or command that needs it, named in the error.

    Raises:
        InputError: The library is not installed; the line says how to install the extra.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        problem = f'needs the extra "{extra}", which is not installed; to install it, type: '
        raise InputError(problem + install_command(extra), key=key) from error


def install_command(extra: str) -> str:
    """The command that adds an extra: to this checkout, or to an installation from a wheel.

    It never names a distribution on an index: nobody guarantees that one called crossings is ours.
    """
    if (_PROJECT / "pyproject.toml").is_file():
        return f'uv sync --project "{_PROJECT}" --extra {extra}'
    return f'pip install "crossings-{__version__}-py3-none-any.whl[{extra}]"'
