"""The oldest versions of the libraries that `pyproject.toml` allows still do the work.

The default suite runs there, but for what concerns tools that no user installs, and what concerns
no library.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.installing import ROOT, build, plain_environment, uv, wheel_in

pytestmark = pytest.mark.full

#: what runs tests; in the versions of today, for no user installs them
TOOLS = (
    "axe-playwright-python", "hypothesis", "ipykernel", "nbclient", "nbformat", "packaging",
    "playwright", "pytest", "pytest-xdist",
)  # fmt: skip
#: tests of development tools: the pages that Sphinx makes, and the pins of today's versions; and
#: tests of our own files and rules, in which what libraries do is seen by the pinned runs as well
NOT_TRIED = (
    "tests/docs/test_site.py", "tests/docs/test_odd.py", "tests/test_pins.py",
    "tests/model/agents", "tests/model/processes", "tests/corridor", "tests/scenario",
    "tests/trust",
    "tests/wording", "tests/test_architecture.py", "tests/test_conservation.py",
    "tests/test_recording.py", "tests/test_third_party.py",
    "tests/test_entrypoint.py", "tests/commands/test_survival.py",  # signals at a moment
)  # fmt: skip


def test_the_oldest_versions_pass_the_tests(tmp_path):
    python = tmp_path / "venv" / "bin" / "python"
    uv("venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    # the pins must not apply, and a version without a wheel for this Python is not one it can have
    oldest = uv(
        "pip", "compile", "--no-config", "--quiet", "--python", python, "--no-header",
        "--resolution", "lowest-direct", "--only-binary", ":all:", "--all-extras",
        "--no-annotate", "--no-emit-index-url", "pyproject.toml",
    )  # fmt: skip
    (tmp_path / "oldest.txt").write_text(oldest, encoding="utf-8")
    tools = "\n".join(f"{name}=={metadata.version(name)}" for name in TOOLS)
    (tmp_path / "tools.txt").write_text(tools, encoding="utf-8")
    build(tmp_path)
    install = ("pip", "install", "--no-config", "--quiet", "--compile-bytecode", "--python", python)
    uv(*install, "--requirement", tmp_path / "oldest.txt")
    uv(*install, "--requirement", tmp_path / "tools.txt", "--constraint", tmp_path / "oldest.txt")
    uv(*install, "--no-deps", wheel_in(tmp_path))
    assert bounds_that_were_not_tried(python) == {}
    done = subprocess.run(
        [str(python), "-m", "pytest", "-p", "no:cacheprovider", *left_out()],
        cwd=ROOT, env=plain_environment() | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-10_000:]


def left_out() -> list[str]:
    assert all((ROOT / name).exists() for name in NOT_TRIED)
    return [f"--ignore={name}" for name in NOT_TRIED]


def bounds_that_were_not_tried(python: Path) -> dict[str, str]:
    """Lower bounds that are not the version installed for that Python."""
    listed = uv("pip", "freeze", "--python", python).splitlines()
    versions = {
        name.lower(): version for name, _, version in (one.partition("==") for one in listed)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    untried = {}
    for need in map(Requirement, asked):
        (bound,) = (one.version for one in need.specifier if one.operator == ">=")
        version = versions[need.name.lower()]
        if not version.startswith(bound):
            untried[str(need)] = version
    return untried
