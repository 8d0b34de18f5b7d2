"""What README.md tells a newcomer to type is there, and CI runs the same tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CI = ROOT / ".ci" / "run"
TEST_COMMAND = "uv run --group dev pytest"
SLOW = [
    "uv run --group dev pytest -m slow and not alone -n 2 --dist loadfile --durations 30",
    "uv run --group dev pytest -m slow and alone -n 0",
]


def test_the_two_commands_of_a_bare_machine_are_there():
    lines = README.splitlines()
    assert "pip install uv && uv run crossings run scenarios/baseline.toml" in lines
    assert lines.count(TEST_COMMAND) == 1
    assert (ROOT / "scenarios" / "baseline.toml").exists()


def test_ci_can_be_run():
    assert os.access(CI, os.X_OK)
    subprocess.run(["bash", "-n", str(CI)], check=True)
    assert "set -euo pipefail" in CI.read_text(encoding="utf-8")


def stubbed(
    tmp_path: Path, readme: str, slow_status: int = 5, chromium: bool = True, apt_status: int = 0
) -> tuple[int, list[str], str]:
    """Run the script in a project with this README, with a uv that only writes what it is told.

    Nothing is installed by it: what would do that is a stub as well.
    """
    (tmp_path / ".ci").mkdir()
    script = tmp_path / ".ci" / "run"
    script.write_bytes(CI.read_bytes())
    (tmp_path / "README.md").write_text(readme, encoding="utf-8")
    log = tmp_path / "log"
    folder = tmp_path / "bin"
    folder.mkdir()
    stubs = {
        "uv": f'case "$*" in *slow*) exit {slow_status};; esac',
        "apt-get": f"exit {apt_status}",
        "sudo": 'shift; exec "$@"',
        **({"chromium": ""} if chromium else {}),
    }
    for name, then in stubs.items():
        stub = folder / name
        stub.write_text(f'#!/bin/sh\necho "{name} $*" >>"{log}"\n{then}\n', encoding="utf-8")
        stub.chmod(0o755)
    # and nothing else that the machine has, a browser among them
    for name in ("bash", "sh", "env", "dirname", "sed", "grep", "id"):
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    done = subprocess.run(
        [str(folder / "bash"), str(script)],
        env={**os.environ, "PATH": str(folder), "CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    calls = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    told = [call for call in calls if "--version" not in call and not call.startswith("sudo ")]
    return done.returncode, told, done.stderr


def test_ci_runs_the_command_of_the_readme_then_lint_format_types_and_slow_tests(tmp_path):
    status, calls, _ = stubbed(tmp_path, README)
    assert calls == [
        TEST_COMMAND,
        "uv run --group dev ruff check .",
        "uv run --group dev ruff format --check .",
        "uv run --group dev mypy",
        *SLOW,
    ]
    assert status == 0  # that there are no slow tests is no failure


def test_ci_follows_the_readme(tmp_path):
    _, calls, _ = stubbed(tmp_path, README.replace(TEST_COMMAND, f"{TEST_COMMAND} -x"))
    assert calls[0] == f"{TEST_COMMAND} -x"


def test_ci_installs_a_browser_that_is_missing_before_the_slow_tests(tmp_path):
    status, calls, _ = stubbed(tmp_path, README, chromium=False)
    assert calls[-4:] == [
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends chromium",
        *SLOW,
    ]
    assert status == 0


def test_ci_goes_on_when_no_browser_can_be_installed(tmp_path):
    _, calls, complaint = stubbed(tmp_path, README, chromium=False, apt_status=100)
    assert calls[-3:] == ["apt-get update -qq", *SLOW]
    assert complaint == "chromium cannot be installed: the tests in a browser will fail\n"


def test_ci_fails_when_a_slow_test_fails(tmp_path):
    status, _, _ = stubbed(tmp_path, README, slow_status=1)
    assert status == 1


def test_ci_fails_when_the_readme_gives_no_test_command(tmp_path):
    status, calls, complaint = stubbed(tmp_path, "# crossings\n")
    assert status == 1
    assert calls == []
    assert "README.md must hold its test command" in complaint


def test_the_licence_is_the_one_the_package_names():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert "license: Apache-2.0" in citation
