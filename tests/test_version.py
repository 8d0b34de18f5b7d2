"""The version stands in one place; what else tells it tells the same."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

import simulation

ROOT = Path(__file__).parents[1]


def test_the_package_and_its_metadata_agree():
    assert re.fullmatch(r"\d+\.\d+\.\d+", simulation.__version__)
    assert metadata.version("crossings") == simulation.__version__


def test_the_project_file_names_no_version_of_its_own():
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in content["project"]
    assert content["project"]["dynamic"] == ["version"]
    assert content["tool"]["hatch"]["version"]["path"] == "simulation/version.py"


def test_the_citation_names_this_version():
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {simulation.__version__}\n" in citation


def test_the_command_tells_it(crossings):
    assert crossings("--version").output == f"crossings, version {simulation.__version__}\n"
