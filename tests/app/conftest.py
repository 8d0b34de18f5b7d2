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

from tests.app.browser_fixtures import browser, page, server, visit  # noqa: E402, F401
