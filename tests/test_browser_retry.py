"""What is tried once more in a fresh browser, and what is printed of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest
from tests.app.browser_fixtures import Chromium

TRIED = []

@pytest.fixture(scope="module")
def started_chromium():
    return Chromium

def test_lucky(started_chromium):
    TRIED.append(started_chromium._latest)
    assert len(TRIED) == 2
    assert TRIED[1] == TRIED[0] + 1, "the same browser"

def test_wrong(started_chromium):
    assert False, "wrong twice"

def test_without_a_browser():
    assert False, "wrong once"

def test_good(started_chromium):
    pass
"""


def test_a_test_in_a_browser_that_fails_is_tried_once_more(tmp_path):
    (tmp_path / "test_luck.py").write_text(TESTS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.browser_retry", "-n", "0", "test_luck.py"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "2 failed, 2 passed" in done.stdout
    _, _, again = done.stdout.partition("tried again in a fresh browser")
    assert "test_luck.py::test_lucky: failed, then passed\ncall: " in again
    assert "assert 1 == 2" in again
    assert "test_luck.py::test_wrong: failed, then failed\ncall: " in again
    assert "test_without_a_browser: failed, then" not in again
    assert "test_good" not in again
