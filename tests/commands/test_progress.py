"""The progress bar: what it shows on a screen, and where it shows nothing."""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager, redirect_stderr

import pytest

from simulation.commands.progress import progress_bar
from simulation.engine.progress import Progress


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Screen()


@contextmanager
def bar_on(file, *, quiet=False, as_json=False):
    """A bar on a standard error of its own; what draws it."""
    with redirect_stderr(file), progress_bar(quiet, as_json) as draw:
        yield draw


def test_it_shows_how_many_runs_are_finished(screen):
    with bar_on(screen) as draw:
        draw(Progress(2, 1, 4))
        assert "2 of 4 replications, 1 failed" in screen.getvalue()
        assert "75%" in screen.getvalue()


def test_it_is_gone_when_all_is_done(screen):
    with bar_on(screen) as draw:
        draw(Progress(4, 0, 4))
    assert screen.getvalue().rstrip("\n").endswith("\x1b[2K")  # clears its line


def test_a_file_gets_no_bar():
    one = io.StringIO()
    with bar_on(one) as draw:
        draw(Progress(1, 0, 4))
        draw(Progress(4, 0, 4))
    assert one.getvalue() == ""


@pytest.mark.parametrize("options", [{}, {"quiet": True}, {"as_json": True}])
def test_compiling_is_logged_unless_all_is_to_be_quiet(options):
    with bar_on(io.StringIO(), **options):
        logs = logging.getLogger("simulation.compiled").isEnabledFor(logging.WARNING)
    assert logs == (not options)
