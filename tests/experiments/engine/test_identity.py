"""What code and commit a result names: by what the code does, and by its own checkout."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.experiments.engine import identity
from simulation.experiments.engine.identity import commit_of, hash_of, parts

# -- a hash that stays when only words change -----------------------------------------------------

SOURCE = '''
"""What it is about."""
LIMIT = 3  # people


class Boat:
    """A boat."""

    seats: int = 5

    def full(self, people: int) -> bool:
        """Whether it is full."""
        return people >= self.seats
'''


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def hashed(source: str) -> str:
    return hash_of([("boat.py", source.encode())])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # people", ""),
        ("  # people", "  # who can board"),
        ('"""What it is about."""\n', ""),
        ('    """A boat."""\n', '    """A boat\n\n    of rubber.\n    """\n'),
        ('        """Whether it is full."""\n', ""),
        ("\n\n\nclass", "\nclass"),
        ("people >= self.seats", "(\n            people\n            >= self.seats\n        )"),
    ],
)
def test_words_and_layout_change_nothing(old, new):
    assert old in SOURCE
    assert hashed(SOURCE.replace(old, new, 1)) == hashed(SOURCE)


@pytest.mark.parametrize(("old", "new"), [
    ("LIMIT = 3", "LIMIT = 4"), ("LIMIT = 3", "LIMIT = 3.0"), ("LIMIT = 3", 'LIMIT = "3"'),
    ("LIMIT", "BOUND"), (">=", ">"), ("seats: int = 5", "seats: float = 5"),
    ("seats: int = 5", 'seats: int = 5\n    "words that are no docstring"'),
    ("-> bool", "-> int"),
])  # fmt: skip
def test_what_is_done_changes_it(old, new):
    assert hashed(SOURCE.replace(old, new, 1)) != hashed(SOURCE)


def test_data_count_to_the_byte():
    assert hash_of([("a.toml", b"x = 1\n")]) != hash_of([("a.toml", b"x = 1 # words\n")])


def test_names_and_order_count():
    one, two = ("a.py", b"x = 1"), ("b.py", b"x = 1")
    found = {hash_of(files) for files in ([one], [two], [one, two], [two, one], [])}
    assert len(found) == 5


def test_it_is_kept_and_a_damaged_one_is_made_again(tmp_path, monkeypatch):
    files = [("boat.py", SOURCE.encode())]
    found = hash_of(files)
    (kept,) = (tmp_path / "crossings" / "syntax").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(ast, "parse", None)  # nothing is parsed again
        assert hash_of(files) == found
    for damage in ("", "0" * 15, "XX" * 8, found + "0"):
        kept.write_text(damage, encoding="ascii")
        assert hash_of(files) == found
        assert kept.read_text(encoding="ascii") == found


def test_where_nothing_can_be_kept_it_is_the_same(tmp_path, monkeypatch):
    found = hashed(SOURCE)
    (tmp_path / "file").write_text("", encoding="ascii")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert hashed(SOURCE) == found


def test_every_file_of_the_package_is_told_from_one_that_does_something_else():
    for path in sorted(identity.PACKAGE.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        same = text + "\n# a comment\n"
        other = text + "\n_ANOTHER = 1\n"
        assert list(parts(text)) == list(parts(same)), path
        assert list(parts(text)) != list(parts(other)), path


@given(st.text(alphabet="abc #\"'\n", max_size=40))
def test_a_comment_line_anywhere_between_statements_changes_nothing(words):
    comment = "".join(f"# {line}\n" for line in words.splitlines())
    assert hashed(f"{comment}{SOURCE}{comment}") == hashed(SOURCE)


# -- the commit of its own checkout, or none ------------------------------------------------------

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
    there = commit_of(tmp_path / "tree" / "simulation")
    assert there == git(tmp_path / "tree", "rev-parse", "HEAD")
    assert there != commit_of(package)


def test_a_package_installed_below_another_repository_records_none(package, tmp_path):
    repository(tmp_path / "planner", '[project]\nname = "budget"\n')
    packages = tmp_path / "planner" / ".venv" / "lib" / "site-packages"
    assert commit_of(copy(package, packages)) is None
    # below a checkout of this project, it may be another version of it
    inside = package.parent / ".venv" / "lib" / "site-packages"
    assert commit_of(copy(package, inside)) is None


def test_a_package_copied_to_the_top_of_a_repository_records_none(package, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "--quiet")
    (other / "pyproject.toml").write_text(PROJECT)
    commit_all(other, "One")
    here = copy(package, other)
    assert commit_of(here) is None  # nobody tracks it
    (other / "pyproject.toml").write_text('[project]\nname = "budget"\n')
    commit_all(other, "Two")
    assert commit_of(here) is None  # it is part of another project
    (other / "pyproject.toml").write_text("no TOML")
    assert commit_of(here) is None


def test_variables_of_a_hook_do_not_lead_to_another_repository(package, tmp_path, monkeypatch):
    commit = git(package, "rev-parse", "HEAD")
    other = repository(tmp_path / "other")
    git(other, "commit", "--quiet", "--allow-empty", "--message", "Two")
    monkeypatch.setenv("GIT_DIR", str(other.parent / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other.parent))
    assert commit_of(package) == commit
    plain = copy(package, tmp_path / "plain")
    (tmp_path / "plain" / "pyproject.toml").write_text(PROJECT)
    assert commit_of(plain) is None


def test_without_git_or_a_repository_there_is_none(package, tmp_path, monkeypatch):
    plain = copy(package, tmp_path / "plain")
    (tmp_path / "plain" / "pyproject.toml").write_text(PROJECT)
    assert commit_of(plain) is None
    monkeypatch.setenv("PATH", os.devnull)
    assert commit_of(package) is None
