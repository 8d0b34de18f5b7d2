"""A library that is missing is asked for in one line, from the folder or the wheel in use."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
from importlib import metadata
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulation import optional
from simulation.errors import InputError

ROOT = Path(__file__).parents[1]
WHEEL = "crossings-0.1.0-py3-none-any.whl"
#: a command that installs packages, and its words
INSTALLS = re.compile(
    r"\b(?:pip3? install|pipx (?:install|run)|uv add|uvx|uv tool (?:install|run))\b([^`\n&;|]*)"
)
#: kinds of files in which such a command may stand
TEXT = {"", ".cff", ".html", ".ipynb", ".md", ".py", ".toml", ".txt", ".vue"}
#: the name alone, with extras and bounds: what is taken from an index
OUR_NAME = re.compile(r"crossings(\[[^\]]*\])?([=<>~!].*)?")


def installed(monkeypatch, url: str | None, editable: bool, by: str) -> None:
    """Let crossings look as if it had been installed from there."""
    direct = {"url": url, "dir_info": {"editable": editable}}
    files = {"direct_url.json": url and json.dumps(direct), "INSTALLER": f"{by}\n"}
    monkeypatch.setattr(metadata, "distribution", lambda _: SimpleNamespace(read_text=files.get))


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


def test_a_checkout_of_uv_is_synchronised(monkeypatch, tmp_path):
    installed(monkeypatch, tmp_path.as_uri(), editable=True, by="uv")
    monkeypatch.chdir(tmp_path)
    assert optional.install_command("cluster") == "uv sync --extra cluster"
    monkeypatch.chdir("/")
    assert shlex.split(optional.install_command("cluster")) == [
        "uv", "sync", "--project", str(tmp_path), "--extra", "cluster",
    ]  # fmt: skip


@pytest.mark.parametrize("by", ["uv", "pip"])
@pytest.mark.parametrize("editable", [True, False])
def test_a_folder_or_wheel_is_named_with_all_its_letters(monkeypatch, tmp_path, by, editable):
    if by == "uv" and editable:
        pytest.skip("a checkout of uv is synchronised")
    source = tmp_path / "Größe und Maß" / ("" if editable else WHEEL)
    installed(monkeypatch, source.as_uri(), editable=editable, by=by)
    words = shlex.split(optional.install_command("cluster"))
    assert words[-1] == f"{source}[cluster]"
    assert ("-e" in words) is editable
    uv, pip = ["uv", "pip", "install", "--python", sys.prefix], [sys.executable, "-m", "pip"]
    assert words[: len(uv)] == uv if by == "uv" else words[: len(pip)] == pip


def test_an_installation_of_unknown_origin_is_told_to_take_the_wheel(monkeypatch, tmp_path):
    installed(monkeypatch, None, editable=False, by="pip")
    elsewhere = shutil.copy(optional.__file__, tmp_path)  # beside no project
    spec = spec_from_file_location("a_copy", elsewhere)
    copy = module_from_spec(spec)
    spec.loader.exec_module(copy)
    assert shlex.split(copy.install_command("cluster"))[-1].endswith(".whl[cluster]")


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
