"""What the numbers of a run depend on beside what is asked: code, data and libraries."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from importlib import metadata
from pathlib import Path

from simulation.corridor.in_use import in_use
from simulation.experiments.engine.result_folder import write_text

PACKAGE = Path(__file__).resolve().parents[2]
#: parts of the package that cannot change what a run computes; a fitted ensemble changes only those
#: that draw from it, and these name its hash beside that of the model. Shipped scenarios, which lie
#: elsewhere in a checkout, count where they are asked for.
NOT_MODEL = frozenset(
    {
        "app", "report", "wording", "commands", "data", "fitting", "validation", "doctor",
        "cli.py", "door.py", "__main__.py", "errors.py", "safe_json.py", "regular_files.py",
        "api", "frames.py", "parameters/frame.py", "crossings_alias",
        "parameters/fitted", "scenarios_shipped",
    }
)  # fmt: skip
#: what a run is made with, but not what it computes from its scenario and its parameters
NOT_SIMULATOR = NOT_MODEL | {"experiments", "parameters/fitted.py"}
#: variables that point git to another repository, as git itself sets them for a hook
_REPOSITORY = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"}
)
_LIBRARIES = (
    "crossings", "mesa", "networkx", "numba", "numpy", "pandas", "plotly", "pyarrow", "pydantic",
    "salib", "scipy",
)  # fmt: skip


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

    `python -m simulation.experiments.engine.identity` prints that of a checkout.
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
    kept = _cache_folder() / written.hexdigest()
    with contextlib.suppress(OSError, UnicodeError):
        found = kept.read_text(encoding="ascii")
        if re.fullmatch(rf"[0-9a-f]{{{_DIGITS}}}", found):
            return found
    digest = hashlib.sha256()
    for name, content in files:
        said = "\0".join(parts(content)).encode() if name.endswith(".py") else content
        digest.update(name.encode() + b"\0" + said + b"\0")
    found = digest.hexdigest()[:_DIGITS]
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_text(kept, found)
    return found


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
            known = isinstance(one, ast.AST)
            yield from _of_node(one) if known else (f"{type(one).__name__} {one!r}",)


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(base) / "crossings" / "syntax"


def package_versions() -> dict[str, str]:
    """Versions of the libraries a run's numbers and pictures come from."""
    versions = {"python": sys.version.split()[0], **dict.fromkeys(_LIBRARIES, "not installed")}
    for name in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions[name] = metadata.version(name)
    return versions


@functools.cache
def code_commit() -> str | None:
    """Commit of the package's own checkout; see `commit_of`.

    Asked once: the code that runs is that of the beginning, whatever is checked out meanwhile.
    """
    return commit_of(PACKAGE)


def commit_of(package: Path) -> str | None:
    """Commit of a package that runs from its own git checkout or worktree.

    A package that was installed into a folder of another repository has no commit of its own.

    Args:
        package: The folder of the package.

    Returns:
        The commit, with `-dirty` appended if files of the package were changed since; None if the
        package is not tracked at the top of a checkout of this project, or git cannot say.
    """
    try:
        project = tomllib.loads((package.parent / "pyproject.toml").read_text(encoding="utf-8"))
        top = Path(_git(package, "rev-parse", "--show-toplevel"))
        if project["project"]["name"] != "crossings" or not top.samefile(package.parent):
            return None
        _git(package, "ls-files", "--error-unmatch", "__init__.py")
        commit = _git(package, "rev-parse", "HEAD")
        return commit + ("-dirty" if _git(package, "status", "--porcelain", "--", ".") else "")
    except (OSError, ValueError, KeyError, TypeError, subprocess.SubprocessError):
        return None


def _git(folder: Path, *arguments: str) -> str:
    variables = {key: value for key, value in os.environ.items() if key not in _REPOSITORY}
    done = subprocess.run(
        ["git", "-C", str(folder), "--no-optional-locks", *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=5,
        env=variables,
    )
    return done.stdout.rstrip("\n")


if __name__ == "__main__":
    print(source_hash(), code_commit() or "")
