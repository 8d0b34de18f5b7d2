"""Solara is imported once, before warnings are errors: what it leaves open is not ours to close."""

from __future__ import annotations

import gc
import warnings

from simulation.app import server

server.prepare()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import solara.server.starlette  # noqa: F401

    gc.collect()

import pytest  # noqa: E402

from tests.app.browser_fixtures import browser, page, server, visit  # noqa: E402, F401
from tests.app.controls_page import Page  # noqa: E402


@pytest.fixture(autouse=True)
def no_page_is_left_open():
    """A page left open would be drawn anew with every change that a later test makes."""
    yield
    Page.close_the_last()
