"""Compiled code on disk: where it is, how it is found again, and packs of it for other machines.

The compiled code of a function is a file for each signature, in a folder of the user's cache. The
folder is named after all that decides what is compiled: the code of the model, the versions of
Python and of the compiler, the platform and the processor. So clones, environments and moved
folders share it, and a comment compiles nothing anew. Numba alone names folders after paths, and
compares only the file that a function stands in.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import logging
import multiprocessing
import os
import pickle
import re
import shutil
import sysconfig
import zipfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.caching import NullCache
from numba.core.compiler import CompileResult
from numba.core.registry import cpu_target
from numba.core.serialize import dumps

from simulation.errors import InputError
from simulation.regular_files import renamed
from simulation.safe_json import parse_json
from simulation.source_hash import hash_of, user_cache

PACKAGE = Path(__file__).parent
#: the pack that a wheel for one platform holds, see `hatch_build.py`
_SHIPPED_PACK = PACKAGE / "compiled.zip"
#: folders that stay when a new one is made: those used last
_FOLDERS = 10
#: the entry of a pack that says what it is for, and the digest of each of its files
_ABOUT = "about.json"
_FILE_NAME = re.compile(r"[\w.]+-[0-9a-f]{16}\.nbc")
_LOG = logging.getLogger("simulation.compiled")

#: what to say before a run that compiles
COMPILING = "Compiling the model: about a minute, once after an installation or update."
#: why compiled code could not be written in this process; the first reason is logged
write_errors: list[str] = []


@cache
def fingerprint() -> dict[str, str]:
    """All that compiled code depends on, by name."""
    files = [(path.relative_to(PACKAGE).as_posix(), path.read_bytes()) for path in _sources()]
    platform, processor, features = cpu_target.target_context.codegen().magic_tuple()
    return {
        "code": hash_of(sorted(files)),
        "Python": sysconfig.get_config_var("EXT_SUFFIX").split(".")[1],
        "Numba": numba.__version__,
        "llvmlite": llvmlite.__version__,
        "NumPy": np.__version__,
        "platform": platform,
        "processor": f"{processor} ({_digest(features)})",
    }


def _sources() -> list[Path]:
    """The files that compiled code is made from; constants of others become part of it."""
    rooms = [
        (PACKAGE / room).rglob("*.py")
        for room in ("corridor", "model/agents", "model/processes", "timeseries")
    ]
    modules = ("chain", "compiled", "randomness")
    return [*itertools.chain(*rooms), *(PACKAGE / f"{name}.py" for name in modules)]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def cache_directory() -> Path:
    """The folder for compiled code of this code on this machine, made or not.

    It lies in `NUMBA_CACHE_DIR` if that is set, else in the user's cache folder.
    """
    asked = os.environ.get("NUMBA_CACHE_DIR")
    return (Path(asked) if asked else user_cache()) / _digest(json.dumps(fingerprint()))


def is_compiled() -> bool:
    """Whether compiled code is kept here; if not, the next run compiles the model."""
    _open_folder(cache_directory())
    return any(compiled_files())


def compiled_files() -> list[Path]:
    """The files of compiled code that are kept here."""
    files = sorted(cache_directory().glob("*.nbc"))
    return [file for file in files if _FILE_NAME.fullmatch(file.name)]


@cache
def _open_folder(folder: Path) -> None:
    """Mark a folder as used, or fill a new one from the pack of the wheel."""
    with contextlib.suppress(OSError):
        if folder.is_dir():
            os.utime(folder)
        elif _SHIPPED_PACK.is_file():
            try:
                unfit = install_pack(_SHIPPED_PACK)
            except InputError as error:
                unfit = str(error)
            if unfit:
                _LOG.warning("%s is not used: %s", _SHIPPED_PACK, unfit)


def _write(file: Path, content: bytes) -> None:
    """Write a file of compiled code whole or not at all; a new folder replaces the oldest.

    Raises:
        OSError: It cannot be written.
    """
    folder = file.parent
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        others = [
            path for path in folder.parent.iterdir() if re.fullmatch("[0-9a-f]{16}", path.name)
        ]
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for old in others[_FOLDERS:]:
            shutil.rmtree(old, ignore_errors=True)
    with renamed(file) as scrap:
        scrap.write_bytes(content)


@cache
def _announce() -> None:
    """Log that the model compiles, once and not in a worker, where nothing is compiled yet."""
    if not is_compiled() and multiprocessing.parent_process() is None:
        _LOG.warning(COMPILING)


class CompiledCode(NullCache):
    """Loads and saves the compiled code of a function for its dispatcher.

    Each file is whole and stands for itself, so processes that compile at once do not disturb each
    other. What cannot be read is compiled anew, what cannot be written is compiled by each process.

    Args:
        function: A function of this package, found by its name in its module.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        module = function.__module__.removeprefix("simulation.")
        self._name = f"{module}.{function.__qualname__}"

    def _file(self, signature: Any) -> Path:
        return cache_directory() / f"{self._name}-{_digest(str(signature))}.nbc"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled code for a signature; None if there is none, or none that can be read."""
        target_context.refresh()
        file = self._file(sig)
        _open_folder(file.parent)
        try:
            return CompileResult._rebuild(target_context, *pickle.loads(file.read_bytes()))
        except Exception:  # a damaged file can raise anything
            _announce()
            return None

    def save_overload(self, sig: Any, result: Any) -> None:
        """Save the compiled code for a signature, or log once why it cannot be saved."""
        if (
            result.lifted or result.library.has_dynamic_globals
        ):  # it points to what no other process has
            return
        file = self._file(sig)
        try:
            _write(file, dumps(result._reduce()))
        except OSError as error:
            if not write_errors:
                _LOG.warning(
                    "Compiled code cannot be written to %s (%s): each command compiles the model"
                    " anew. Set XDG_CACHE_HOME to a folder that can be written to.",
                    file.parent, (error.strerror or str(error)).lower(),
                )  # fmt: skip
            write_errors.append(str(error))


# -- packs ----------------------------------------------------------------------------------------


def write_pack(file: Path) -> None:
    """Write the compiled code of this machine into a pack.

    Raises:
        OSError: The pack cannot be written.
    """
    sums = {}
    with renamed(file) as scrap, zipfile.ZipFile(scrap, "w", zipfile.ZIP_DEFLATED) as pack:
        for path in compiled_files():
            content = path.read_bytes()
            sums[path.name] = hashlib.sha256(content).hexdigest()
            pack.writestr(path.name, content)
        pack.writestr(_ABOUT, json.dumps({"for": fingerprint(), "sha256": sums}))


def install_pack(file: Path) -> str:
    """Put the compiled code of a pack into the cache, if it is for this code and this machine.

    Compiled code is a program: install packs only from those whose programs you run.

    Args:
        file: What `write_pack` has written.

    Returns:
        Why the pack does not fit; empty if it does and is installed.

    Raises:
        InputError: It is no pack, or damaged; nothing is installed.
        OSError: The cache cannot be written.
    """
    try:
        with zipfile.ZipFile(file) as pack:
            about = parse_json(pack.read(_ABOUT))
            of_pack, sums = about["for"], about["sha256"]
            if differing := [
                f"{name} {of_pack[name]}, here {value}"
                for name, value in fingerprint().items()
                if of_pack[name] != value
            ]:
                return f"it is for {'; '.join(differing)}"
            contents = {name: pack.read(name) for name in sums}
    except FileNotFoundError:
        raise InputError("file not found", file=file) from None
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, TypeError):
        raise InputError("no pack of compiled code, or damaged", file=file, allowed=_PACK) from None
    for name, content in contents.items():
        if not _FILE_NAME.fullmatch(name) or hashlib.sha256(content).hexdigest() != sums[name]:
            raise InputError("damaged pack", file=file, key=name, allowed=_PACK)
    for name, content in contents.items():
        _write(cache_directory() / name, content)
    return ""


_PACK = "a file that crossings doctor --pack has written"
