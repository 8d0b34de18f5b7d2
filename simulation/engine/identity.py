"""The libraries that a result comes from, and the commit of the code."""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

from simulation.source_hash import PACKAGE

#: variables that point git to another repository, as git itself sets them for a hook
_REPOSITORY = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"}
)
_LIBRARIES = (
    "crossings", "mesa", "networkx", "numba", "numpy", "pandas", "plotly", "pyarrow", "pydantic",
    "salib", "scipy",
)  # fmt: skip


@functools.cache
def package_versions() -> dict[str, str]:
    """Versions of the libraries a run's numbers and pictures come from, read once."""
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
