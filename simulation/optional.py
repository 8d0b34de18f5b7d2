"""Import libraries of an extra, or say in one line how to install them."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from contextlib import suppress
from importlib import import_module, metadata
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit
from urllib.request import url2pathname

from simulation.errors import InputError
from simulation.safe_json import parse_json
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
    """The command that adds an extra to this installation, from the folder or wheel it came from.

    It never names a distribution on an index: nobody guarantees that one called crossings is ours.
    """
    source, editable = _source()
    if source is not None and source.is_dir() and editable and _installer() == "uv":
        project = "" if Path.cwd() == source else f" --project {_quoted(str(source))}"
        return f"uv sync{project} --extra {extra}"
    wanted = source or f"crossings-{__version__}-py3-none-any.whl"
    install = f"uv pip install --python {_quoted(sys.prefix)}"
    if _installer() != "uv":
        install = f"{_quoted(sys.executable)} -m pip install"
    return f"{install} {'-e ' if editable else ''}{_quoted(f'{wanted}[{extra}]')}"


def _source() -> tuple[Path | None, bool]:
    """The folder or wheel crossings was installed from, if known; whether the folder is used."""
    text = _recorded("direct_url.json")
    if text is None:
        return (_PROJECT, True) if (_PROJECT / "pyproject.toml").is_file() else (None, False)
    origin = parse_json(text.encode())
    path = Path(url2pathname(urlsplit(origin["url"]).path))
    return path, bool(origin.get("dir_info", {}).get("editable"))


def _installer() -> str:
    """The program that installed crossings: `uv`, `pip`, or nothing if that is not known."""
    return (_recorded("INSTALLER") or "").strip()


def _recorded(name: str) -> str | None:
    """What the installer wrote into a file about this installation; None where it did not."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.distribution("crossings").read_text(name)
    return None


def _quoted(word: str) -> str:
    """A word as the shell of this system reads it."""
    return subprocess.list2cmdline([word]) if os.name == "nt" else shlex.quote(word)
