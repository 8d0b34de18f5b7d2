"""What README.md tells a newcomer to type is there, CI does the same; one version, one licence."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import simulation

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = ROOT / ".ci"
TEST_COMMAND = "uv run --group dev pytest"
SLOW = "uv run --group dev pytest -m slow and not full --durations 30"


def test_the_two_commands_of_a_bare_machine_are_there():
    lines = README.splitlines()
    assert "pip install uv && uv run crossings agreements" in lines
    assert lines.count(TEST_COMMAND) == 1


class Ran(NamedTuple):
    """What a script did: its status, what it called, and what it printed."""

    status: int
    calls: list[str]
    stdout: str
    stderr: str


def stubbed(
    tmp_path: Path, readme: str = README, script: str = "run", slow_status: int = 5,
    browsers: tuple[str, ...] = ("chromium-headless-shell",), packages: str = "chromium*",
) -> Ran:  # fmt: skip
    """Run a script in a project with this README.

    Nothing is installed by it: what would do that is a stub that writes down what it is told, and
    knows the `packages` of this pattern.
    """
    folder = tmp_path / "bin"
    folder.mkdir()
    shutil.copytree(CI, tmp_path / ".ci")
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    log = tmp_path / "log"
    log.touch()
    stubs = {
        "uv": f'case "$*" in *slow*) exit {slow_status};; esac',
        "apt-get": f'case "$*" in "update -qq"|*" "{packages}) ;; *) exit 100;; esac',
        "sudo": 'shift; exec "$@"',
        **dict.fromkeys(browsers, ""),
    }
    for name, then in stubs.items():
        stub = folder / name
        stub.write_text(f'#!/bin/sh\necho "{name} $*" >>"{log}"\n{then}\n', encoding="utf-8")
        stub.chmod(0o755)
    # and nothing else that the machine has, a browser among them
    for name in ("bash", "sh", "env", "dirname", "sed", "grep", "id"):
        (folder / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        [str(folder / "bash"), str(tmp_path / ".ci" / script)],
        env={**os.environ, "PATH": str(folder), "CI": "true"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    calls = log.read_text(encoding="utf-8").splitlines()
    commands = [call for call in calls if "--version" not in call and not call.startswith("sudo ")]
    return Ran(done.returncode, commands, done.stdout, done.stderr)


def test_ci_runs_the_command_of_the_readme_then_lint_format_types_and_slow_tests(tmp_path):
    ran = stubbed(tmp_path)
    assert ran.calls == [
        TEST_COMMAND,
        "uv run --group dev ruff check .",
        "uv run --group dev ruff format --check .",
        "uv run --group dev mypy",
        SLOW,
    ]
    assert ran.status == 0  # that there are no slow tests is no failure


def test_ci_fails_when_a_slow_test_fails_and_its_table_names_it(tmp_path):
    ran = stubbed(tmp_path, slow_status=1)
    assert ran.status == 1
    *_, slow, everything = ran.stdout.splitlines()
    assert slow.startswith("FAILED")
    assert slow.endswith(SLOW)
    assert everything.startswith("FAILED")
    assert ran.stdout.count("good ") == 4


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CITATION = (ROOT / "CITATION.cff").read_text(encoding="utf-8")


def test_the_version_stands_in_one_place(crossings):
    assert re.fullmatch(r"\d+\.\d+\.\d+", simulation.__version__)
    assert metadata.version("crossings") == simulation.__version__
    assert f"\nversion: {simulation.__version__}\n" in CITATION
    assert crossings("--version").output == f"crossings, version {simulation.__version__}\n"
