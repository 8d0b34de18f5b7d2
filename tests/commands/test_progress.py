"""The progress bar: what it shows on a screen, and where it shows nothing."""

from __future__ import annotations

import io
import logging
from contextlib import contextmanager, redirect_stderr
from datetime import date

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


def so_far(days, finished=0, failed=0, replications=4, day=None):
    return Progress(days, 400, finished, failed, replications, day)


def test_one_run_shows_its_date_and_several_how_many_are_finished(screen):
    with bar_on(screen) as draw:
        draw(so_far(100, replications=1, day=date(2027, 3, 9)))
        assert "09 Mar 2027" in screen.getvalue()
        assert "25%" in screen.getvalue()
        draw(so_far(160, replications=1))  # one that has ended has no date
        assert "40%" in screen.getvalue()
        assert "replications" not in screen.getvalue()
        draw(so_far(300, finished=2, failed=1))
        assert "2 of 4 replications, 1 failed" in screen.getvalue()


def test_it_is_gone_when_all_is_done(screen):
    with bar_on(screen) as draw:
        draw(so_far(400))
    assert screen.getvalue().rstrip("\n").endswith("\x1b[2K")  # clears its line


def test_a_file_gets_no_bar():
    one = io.StringIO()
    with bar_on(one) as draw:
        draw(so_far(40))
        draw(so_far(400))
    assert one.getvalue() == ""


@pytest.mark.parametrize("options", [{}, {"quiet": True}, {"as_json": True}])
def test_compiling_is_logged_unless_all_is_to_be_quiet(options):
    with bar_on(io.StringIO(), **options):
        logs = logging.getLogger("simulation.compiled").isEnabledFor(logging.WARNING)
    assert logs == (not options)
