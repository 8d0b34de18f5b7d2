"""Solara is imported once, before warnings are errors: what it leaves open is not ours to close."""

from __future__ import annotations

import gc
import warnings

from simulation.app import server

server.prepare()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import solara.server.starlette

    gc.collect()

import pytest  # noqa: E402
import solara  # noqa: E402

from simulation.app import board, watch  # noqa: E402
from simulation.app.links import PageState  # noqa: E402
from simulation.app.player import PlayView  # noqa: E402
from tests.app.browser_fixtures import (  # noqa: E402, F401
    browser,
    server,
    started_chromium,
    visit,
)


@pytest.fixture(autouse=True)
def nothing_is_set():
    """The next test finds the page as a visitor does who has set nothing."""
    yield
    board.show(PageState())
    watch.view.set(PlayView())


@pytest.fixture
def render():
    """Renders components without a browser; they are closed when the test ends.

    A page left open would be drawn anew with every change that a later test makes.
    """
    rendered = []

    def one(element):
        _, context = solara.render(element, handle_error=False)
        rendered.append(context)
        return context

    yield one
    for context in rendered:
        context.close()
