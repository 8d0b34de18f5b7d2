"""What the numbers of a run depend on, so that the same command finds its own folder again."""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.corridor.in_use import in_use
from simulation.experiments.engine.result_folder import write_text

if TYPE_CHECKING:
    from simulation.experiments.engine.trials import Assumptions

_PACKAGE = Path(__file__).resolve().parents[2]
#: parts of the package that cannot change what a run computes; a fitted ensemble changes only those
#: that draw from it, and these name its hash beside that of the model. Shipped scenarios, which lie
#: elsewhere in a checkout, count where they are asked for.
NOT_MODEL = frozenset(
    {
        "app", "report", "wording", "commands", "data", "fitting", "validation", "doctor",
        "cli.py", "door.py", "__main__.py", "errors.py", "safe_json.py", "regular_files.py",
        "api.py", "frames.py",
        "parameters/fitted", "scenarios_shipped",
    }
)  # fmt: skip
#: what a run is made with, but not what it computes from its scenario and its parameters
_NOT_SIMULATOR = NOT_MODEL | {"experiments", "parameters/fitted.py"}
#: variables that point git to another repository, as git itself sets them for a hook
_REPOSITORY = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"}
)
_LIBRARIES = (
    "crossings", "mesa", "networkx", "numba", "numpy", "pandas", "plotly", "pyarrow", "pydantic",
    "salib", "scipy",
)  # fmt: skip


_DIGITS = 16
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
#: part of the name under which a hash is kept: a change of this file must not find older ones
_SELF = Path(__file__).read_bytes()


@dataclass(frozen=True)
class Identity:
    """Everything the numbers of a run or an experiment depend on.

    Two runs of one identity have the same results to the last bit, however many workers ran them.
    How many runs an experiment has is not part of it; of `crossings run` it is.

    Attributes:
        kind: `run`, `compare`, `sweep`, ...
        cases: Title and hash of each scenario it starts from.
        settings: What else it was asked, as JSON.
        seed: Seed of the first run.
        scale: Share of the people simulated.
        days: Days counted.
        assumptions: `records`, `ranges` or `fitted`.
        fitted_hash: Hash of the fitted ensemble that is drawn from; None where none is.
        model_hash: Hash of the package's code and data files.
        seeds: The seed of each replication of a run; None of an experiment.
    """

    kind: str
    cases: list[list[str]]
    settings: dict[str, Any]
    seed: int
    scale: float
    days: int
    assumptions: Assumptions
    fitted_hash: str | None
    model_hash: str
    seeds: tuple[int, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """The identity as `manifest.json` holds it; `docs/results.md` has the keys of a run."""
        content: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        seeds = content.pop("seeds")
        if seeds is None:
            return content
        (title, scenario_hash), settings = content["cases"][0], content["settings"]
        shared = ("scale", "days", "assumptions", "fitted_hash", "model_hash")
        return {
            "title": title,
            "scenario_hash": scenario_hash,
            **settings,
            "seeds": seeds,
            **{key: content[key] for key in shared},
        }

    @property
    def id(self) -> str:
        """Name of the folder: `s1-r8-3f2a9c1d` of a run, `s1-3f2a9c1d` of an experiment."""
        content = json.dumps(self.as_json(), sort_keys=True).encode()
        count = "" if self.seeds is None else f"r{len(self.seeds)}-"
        return f"s{self.seed}-{count}{hashlib.sha256(content).hexdigest()[:8]}"


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
def simulator_hash() -> str:
    """Hash of the model alone: what one run computes from a scenario, parameters and a seed.

    A fitted ensemble belongs to it; neither the ensemble nor the machinery of experiments is in it.
    """
    return package_hash(_NOT_SIMULATOR)


def package_hash(left_out: Collection[str]) -> str:
    """Hash of what the code and data files of the package do.

    Python files count by their syntax trees: comments, docstrings and layout change no hash.

    Args:
        left_out: Folders at its top, and files by their path in it, that do not count.
    """
    files = []
    for path in sorted(_PACKAGE.rglob("*")):
        relative = path.relative_to(_PACKAGE)
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
    return commit_of(_PACKAGE)


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
