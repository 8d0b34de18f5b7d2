"""A library that is missing is asked for in one line, from the folder or the wheel in use."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulation import optional
from simulation.errors import InputError

ROOT = Path(__file__).parents[1]
#: a command that installs packages, and its words
INSTALLS = re.compile(
    r"\b(?:pip3? install|pipx (?:install|run)|uv add|uvx|uv tool (?:install|run))\b([^`\n&;|]*)"
)
#: kinds of files in which such a command may stand
TEXT = {"", ".cff", ".html", ".ipynb", ".md", ".py", ".toml", ".txt", ".vue"}
#: the name alone, with extras and bounds: what is taken from an index
OUR_NAME = re.compile(r"crossings(\[[^\]]*\])?([=<>~!].*)?")


def test_what_is_installed_is_imported():
    assert optional.optional_library("json", extra="cluster", key="--scheduler") is json


def test_what_is_not_installed_is_asked_for_in_one_line():
    with pytest.raises(InputError) as refused:
        optional.optional_library("no_such_library", extra="cluster", key="--scheduler")
    assert refused.value.key == "--scheduler"
    text = str(refused.value)
    assert '"cluster"' in text
    assert text.endswith(optional.install_command("cluster"))
    assert "\n" not in text


def test_a_library_that_is_broken_is_not_called_missing(monkeypatch, tmp_path):
    (tmp_path / "broken_library.py").write_text("from json import no_such_name\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="no_such_name"):
        optional.optional_library("broken_library", extra="cluster", key="--scheduler")


def test_an_installation_without_a_checkout_is_told_to_take_the_wheel(monkeypatch, tmp_path):
    assert "--extra cluster" in optional.install_command("cluster")
    monkeypatch.setattr(optional, "_PROJECT", tmp_path)
    assert '.whl[cluster]"' in optional.install_command("cluster")


# -- no name on an index --------------------------------------------------------------------------


def by_name(text: str) -> list[str]:
    """The commands of a text that install crossings by its name, which others may register."""
    return [
        command[0]
        for command in INSTALLS.finditer(text)
        if any(OUR_NAME.fullmatch(word.strip("'\"().,")) for word in command[1].split())
    ]


@pytest.mark.parametrize(("text", "by_our_name"), [
    ("pip install 'crossings[cluster]'", True), ("pip install crossings", True),
    ("python -m pip install -U crossings==1.0", True),
    ("uvx crossings run baseline", True),
    ("pip install 'crossings-0.1.0-py3-none-any.whl[cluster]'", False),
    ("pip install '/home/me/crossings/crossings-0.1.0-py3-none-any.whl[cluster]'", False),
    ("pip install -e '.[cluster]'", False),
    ("pip install uv && uv run crossings agreements", False),
])  # fmt: skip
def test_such_a_command_is_seen(text, by_our_name):
    assert bool(by_name(text)) is by_our_name


def test_nobody_is_told_to_install_a_name_that_is_not_ours():
    folders = [ROOT / name for name in (".ci", "benchmarks", "docs", "simulation", "tests")]
    texts = [
        path
        for path in [*ROOT.glob("*.*"), *(path for folder in folders for path in folder.rglob("*"))]
        if path.is_file()
        and path.suffix in TEXT
        and path != Path(__file__)
        and path.name != "uv.lock"
    ]
    assert {"README.md", "cluster.md", "optional.py", "run"} <= {path.name for path in texts}
    commands = {str(path): by_name(path.read_text(encoding="utf-8")) for path in texts}
    assert {path: lines for path, lines in commands.items() if lines} == {}
