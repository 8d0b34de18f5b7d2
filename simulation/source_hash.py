"""Hashes of the code and data that a run's numbers depend on."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import os
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from simulation.corridor.in_use import in_use
from simulation.regular_files import write_text

PACKAGE = Path(__file__).resolve().parent
#: parts of the package that cannot change what a run computes; a fitted ensemble changes only those
#: that draw from it, and these name its hash beside that of the model. Shipped scenarios, which lie
#: elsewhere in a checkout, count where they are asked for.
NOT_MODEL = frozenset(
    {
        "answers", "app", "report", "wording", "commands", "data", "fitting", "validation",
        "doctor", "estimates", "cli.py", "entrypoint.py", "__main__.py", "errors.py",
        "safe_json.py", "regular_files.py",
        "api", "crates", "frames.py", "parameters/document.py", "crossings_alias",
        "parameters/fitted", "scenarios_shipped",
    }
)  # fmt: skip
#: what a run is made with, but not what it computes from its scenario and its parameters
NOT_SIMULATOR = NOT_MODEL | {
    "__init__.py", "engine", "margins.py", "margins.toml", "serialization.py", "statistics",
    "studies", "parameters/fitted.py", "source_hash.py",
}  # fmt: skip
#: what lies elsewhere in a wheel than in a checkout
_MOVED = frozenset({"scenarios_shipped", "crossings_alias"})
_DIGITS = 16
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
#: part of the name under which a hash is kept: a change of this file must not find older ones
_SELF = Path(__file__).read_bytes()


@functools.cache
def model_hash() -> str:
    """Hash of the code and data files a run's numbers depend on, tables of the user's included.

    A changed file gives another run folder, so results of an older version, or with other figures,
    are never taken for those of the present one.
    """
    tables = in_use()
    code = package_hash(NOT_MODEL)
    if not tables.users:
        return code
    return hashlib.sha256(f"{code} {tables.hash()}".encode()).hexdigest()[:16]


@functools.cache
def source_hash() -> str:
    """Hash of all code and data files of the package: what a wheel was built from.

    `python -m simulation.source_hash` prints that of a checkout.
    """
    return package_hash(_MOVED)


@functools.cache
def simulator_hash() -> str:
    """Hash of the model alone: what one run computes from a scenario, parameters and a seed.

    A fitted ensemble belongs to it; neither the ensemble nor the machinery of experiments is in it.
    """
    return package_hash(NOT_SIMULATOR)


def package_hash(left_out: Collection[str]) -> str:
    """Hash of what the code and data files of the package do.

    Python files count by their syntax trees: comments, docstrings and layout change no hash.

    Args:
        left_out: Folders at its top, and files by their path in it, that do not count.
    """
    files = []
    for path in sorted(PACKAGE.rglob("*")):
        relative = path.relative_to(PACKAGE)
        if (
            path.is_file()
            and relative.as_posix() not in left_out
            and not any(parent.as_posix() in left_out for parent in relative.parents)
            and "__pycache__" not in relative.parts
            and path.suffix in {".py", ".toml", ".csv", ".json"}
        ):
            files.append((relative.as_posix(), path.read_bytes()))
    return hash_of(files)


def hash_of(files: Sequence[tuple[str, bytes]]) -> str:
    """Hash of files that depends on what they do: of Python files by their syntax trees.

    To parse a package takes half a second. So the hash is kept in the user's cache folder, under
    the hash of the files as they are written. Where nothing can be kept it is computed anew.

    Args:
        files: Their names and contents, in order.

    Returns:
        16 hexadecimal digits.

    Raises:
        SyntaxError: A file ends in `.py` and is no Python.
    """
    written = hashlib.sha256(_SELF)
    for name, content in files:
        written.update(name.encode() + b"\0" + content + b"\0")
    cached = user_cache() / "syntax" / written.hexdigest()
    with contextlib.suppress(OSError, UnicodeError):
        result = cached.read_text(encoding="ascii")
        if re.fullmatch(rf"[0-9a-f]{{{_DIGITS}}}", result):
            return result
    digest = hashlib.sha256()
    for name, content in files:
        said = "\0".join(parts(content)).encode() if name.endswith(".py") else content
        digest.update(name.encode() + b"\0" + said + b"\0")
    result = digest.hexdigest()[:_DIGITS]
    with contextlib.suppress(OSError):
        cached.parent.mkdir(parents=True, exist_ok=True)
        write_text(cached, result)
    return result


def parts(source: str | bytes) -> Iterator[str]:
    """The parts of the syntax tree of Python source, without comments, docstrings and layout.

    They are the same in all versions of Python in which the source means the same: fields that are
    empty are left out, for newer versions add some.
    """
    yield from _of_node(ast.parse(source))


def _of_node(node: ast.AST) -> Iterator[str]:
    yield type(node).__name__
    for name in node._fields:
        value = getattr(node, name, None)
        if name == "body" and isinstance(node, _DOCUMENTED):
            documented = ast.get_docstring(node, clean=False) is not None
            value = value[1:] if documented and isinstance(value, list) else value
        if isinstance(node, ast.JoinedStr) and isinstance(value, list):
            # some versions put empty texts between the parts of a format
            value = [one for one in value if getattr(one, "value", None) != ""]
        if value is None or value == []:
            continue
        yield name
        if isinstance(value, list):
            yield str(len(value))
        for one in value if isinstance(value, list) else (value,):
            is_node = isinstance(one, ast.AST)
            yield from _of_node(one) if is_node else (f"{type(one).__name__} {one!r}",)


def user_cache() -> Path:
    """The folder for what can be computed anew, made or not."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "crossings"


if __name__ == "__main__":
    print(source_hash())
