"""The pages become a site without a warning.

Sphinx warns of a page that is not in the contents, and of a link or an anchor that leads nowhere.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT, all_blocks, commands

COMMAND = "uv run --group docs sphinx-build -W docs build/site"


def test_the_command_is_the_one_on_a_page():
    shells = [block for block in all_blocks() if block.language == "sh"]
    assert COMMAND in {command for block in shells for command in commands(block.body)}


@pytest.mark.slow
@pytest.mark.full
def test_the_site_is_built_without_a_warning(tmp_path):
    """From a copy of the pages, as the command on the page says."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    builder = Path(sys.executable).parent / "sphinx-build"
    done = subprocess.run(
        [str(builder), *COMMAND.partition(" sphinx-build ")[2].split()],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    site = tmp_path / "build" / "site"
    written = {path.stem for path in (ROOT / "docs").glob("*.md")}
    assert written <= {path.stem for path in site.glob("*.html")}
