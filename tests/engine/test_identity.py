"""The commit that a result names: that of its own checkout, or none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from simulation.engine.identity import commit_of

PROJECT = '[project]\nname = "crossings"\n'
AS_SOMEBODY = (
    "-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=0",
)  # fmt: skip


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *AS_SOMEBODY, *words],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


def commit_all(folder: Path, message: str) -> None:
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", message)


def repository(folder: Path, project: str = PROJECT) -> Path:
    """A repository with a package of one file, laid out as this project; returns the package."""
    package = folder / "simulation"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (folder / "pyproject.toml").write_text(project)
    git(folder, "init", "--quiet")
    commit_all(folder, "One")
    return package


def copy(package: Path, folder: Path) -> Path:
    """The package as it is copied by an installation."""
    shutil.copytree(package, folder / "simulation")
    return folder / "simulation"


@pytest.fixture
def package(tmp_path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    return repository(tmp_path / "a checkout")


def test_the_own_checkout_is_recorded_and_whether_it_was_changed(package):
    commit = git(package, "rev-parse", "HEAD")
    assert commit_of(package) == commit
    (package.parent / "notes.txt").write_text("not of the package")
    assert commit_of(package) == commit
    (package / "__init__.py").write_text("changed = True\n")
    assert commit_of(package) == f"{commit}-dirty"


def test_a_worktree_is_a_checkout(package, tmp_path):
    git(package, "worktree", "add", "--quiet", str(tmp_path / "tree"))
    git(package, "commit", "--quiet", "--allow-empty", "--message", "Two")
    commit = commit_of(tmp_path / "tree" / "simulation")
    assert commit == git(tmp_path / "tree", "rev-parse", "HEAD")
    assert commit != commit_of(package)


def test_a_package_installed_below_another_repository_records_none(package, tmp_path):
    repository(tmp_path / "planner", '[project]\nname = "budget"\n')
    packages = tmp_path / "planner" / ".venv" / "lib" / "site-packages"
    assert commit_of(copy(package, packages)) is None
    # below a checkout of this project, it may be another version of it
    inside = package.parent / ".venv" / "lib" / "site-packages"
    assert commit_of(copy(package, inside)) is None


def test_without_git_or_a_repository_there_is_none(package, tmp_path, monkeypatch):
    plain = copy(package, tmp_path / "plain")
    (tmp_path / "plain" / "pyproject.toml").write_text(PROJECT)
    assert commit_of(plain) is None
    monkeypatch.setenv("PATH", os.devnull)
    assert commit_of(package) is None
