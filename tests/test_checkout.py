"""The README's command in a copy of the project: a folder of any name, read-only, another user.

What is compiled is that of this machine, for it is the same code; anew in the full checks alone.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installing import (
    ODD_NAME,
    PATIENCE,
    caches,
    copy_of_project,
    megabytes,
    plain_environment,
    uv_command,
)
from tests.patience import run
from tests.test_readme import README

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="users and rights are those of Unix"),
]

SMALL = ("--scale", "0.02", "--days", "10")
#: what makes the README's command short
SHORT = ("--scale", "0.02", "--refine-replications", "2")
#: of its eight agreements one
ONE = ("--between", "UK:RS")
NOBODY = 65534
#: the README's command, from `uv run` on
COMMAND = next(line for line in README.splitlines() if "&& uv run" in line).partition(" && ")[2]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that other users can look into, unlike that of pytest."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        yield place
        for path in [place, *(path for path in place.rglob("*") if path.is_dir())]:
            path.chmod(0o755)


@pytest.fixture(scope="module")
def checkout(folder) -> Path:
    place = folder / ODD_NAME
    copy_of_project(place)
    return place


def written(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def reports(checkout: Path) -> Iterator[Path]:
    return (checkout / "results").glob("agreements-*/*/report.html")


def type_the_command(checkout: Path, *more: str, **variables: str) -> Path:
    """Type the README's command in a copy of the project: the report that it writes."""
    program, *words = COMMAND.split()
    assert program == "uv"
    environment = plain_environment() | caches() | variables
    before = set(reports(checkout))
    done = run([uv_command(), *words, *SHORT, *more], PATIENCE, cwd=checkout, env=environment)
    assert done.returncode == 0, done.stderr
    (report,) = set(reports(checkout)) - before
    return report


@pytest.mark.full
def test_the_command_of_the_readme_works_in_a_folder_of_any_name(checkout):
    before = written(checkout)
    assert type_the_command(checkout, *ONE).stat().st_size > 100_000
    new = written(checkout) - before
    assert {name.partition("/")[0] for name in new} <= {
        ".venv", "__pycache__", "results", "scenarios", "simulation", "uv.lock",
    }  # fmt: skip
    assert all("__pycache__" in name for name in new
               if name.startswith(("scenarios/", "simulation/")))  # fmt: skip
    # no development tools, and the room that is told
    packages = next((checkout / ".venv").glob("lib/python3*/site-packages"))
    names = {path.name.partition("-")[0].lower() for path in packages.glob("*.dist-info")}
    assert {"crossings", "numba", "plotly"} <= names
    assert names & {"pytest", "mypy", "ruff", "sphinx", "playwright", "hypothesis", "distributed",
                    "ema_workbench", "solara", "solara_assets"} == set()  # fmt: skip
    gigabytes = re.search(r"`\.venv` with ([\d.]+) GB", README)
    assert gigabytes is not None
    room = megabytes(checkout / ".venv") / 1000
    assert room < 1.0
    assert room == pytest.approx(float(gigabytes[1]), rel=0.1)


@pytest.mark.full
def test_the_command_compiles_the_model_where_nobody_has(checkout, folder):
    cache = folder / "cache"
    type_the_command(checkout, XDG_CACHE_HOME=str(cache))
    assert any(cache.rglob("*.nbc"))
