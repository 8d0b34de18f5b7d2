"""The command in a manifest, given to a shell, finds the same folder complete."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulation.cli import cli
from tests import every_kind
from tests.refusals import succeeded

#: names of files and folders that a shell or a parser of options could take for something else
NAMES = ("a b it's quo\"ted $HOME `id` ümläut;b&c*", "*", "-dash", "--out", "#1")


def given(words, monkeypatch):
    monkeypatch.setattr("sys.argv", ["crossings", *words])
    with every_kind.stood_in():
        return CliRunner().invoke(cli, words)


def shell_words(command: str) -> list[str]:
    """What a shell makes of a command."""
    script = f'crossings() {{ printf "%s\\0" "$@"; }}; {command}'
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout.split("\0")[:-1]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "name"), [
    *(("run", name) for name in NAMES), ("compare", NAMES[0]), ("compare", "--out"),
])  # fmt: skip
def test_a_recorded_command_makes_the_same_results(tmp_path, monkeypatch, kind, name):
    monkeypatch.chdir(tmp_path)
    every_kind.write_scenarios(tmp_path)
    Path("base.toml").rename(f"{name}.toml")
    file, other = f"{name}.toml", f"{name} more.toml"
    level = '[sharing_default]\nlevel = "full"\n'
    Path(other).write_text(every_kind.BASE + level, encoding="utf-8")
    words = {
        "run": ["run", "--replications", "2", "--out", name, "--", file],
        "compare": ["compare", "--replications", "2", "--out", name, "--", file, other],
    }[kind]
    succeeded(given(words, monkeypatch))
    command = json.loads((tmp_path / name / "manifest.json").read_text("utf-8"))["command"]
    before = every_kind.results_of(tmp_path / name)
    again = given(shell_words(command), monkeypatch)
    assert again.exit_code == 0, (command, again.output)
    assert "Nothing to run" in again.stdout
    assert every_kind.results_of(tmp_path / name) == before
