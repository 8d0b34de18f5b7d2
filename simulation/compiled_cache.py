"""Compiled code on disk: where it is, and how it is found again.

The compiled code of a function is a file for each signature, in a folder of the user's cache. The
folder is named after all that decides what is compiled: the code of the model, the versions of
Python and of the compiler, the platform and the processor. So clones, environments and moved
folders share it, and a comment compiles nothing anew. Numba alone names folders after paths, and
compares only the file that a function stands in.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import multiprocessing
import os
import pickle
import sysconfig
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

from simulation.regular_files import renamed
from simulation.source_hash import hash_of, user_cache

PACKAGE = Path(__file__).parent
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
    return any(compiled_files())


def compiled_files() -> list[Path]:
    """The files of compiled code that are kept here."""
    return sorted(cache_directory().glob("*.nbc"))


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
        try:
            content = pickle.loads(self._file(sig).read_bytes())
            return CompileResult._rebuild(target_context, *content)
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
            file.parent.mkdir(parents=True, exist_ok=True)
            with renamed(file) as scrap:
                scrap.write_bytes(dumps(result._reduce()))
        except OSError as error:
            if not write_errors:
                _LOG.warning(
                    "Compiled code cannot be written to %s (%s): each command compiles the model"
                    " anew. Set XDG_CACHE_HOME to a folder that can be written to.",
                    file.parent, (error.strerror or str(error)).lower(),
                )  # fmt: skip
            write_errors.append(str(error))
