"""What visitors leave behind in the memory of the server: no session and no model."""

from __future__ import annotations

import pytest

from tests.app.browser_fixtures import COUNTING, held, served
from tests.app.browsing import PATIENCE, opened, play, press, ready, set_level, speed, until

pytestmark = pytest.mark.full

#: visitors at once: each has a thread and two models of everybody
VISITORS = 2
SOON = """
from simulation.app import server
server.ENVIRONMENT["SOLARA_KERNEL_CULL_TIMEOUT"] = "2s"
"""


def test_sessions_that_are_gone_leave_no_model_behind(browser, tmp_path):
    with served(tmp_path, start=COUNTING + SOON) as server:
        contexts = [browser.new_context() for _ in range(VISITORS)]
        pages = [context.new_page() for context in contexts]
        for page in pages:
            page.set_default_timeout(PATIENCE * 1000)
            page.goto(server.entry())
        waiting = browser.new_context().new_page()
        for page in pages:
            opened(page)
            set_level(page)
            opened(page, two=True)
            press(page, "Reset")
            until(page, lambda page=page: page.locator("[data-phase=paused]").count() == 1,
                  "the runs are not ready")  # fmt: skip
            ready(page, two=True)
            speed(page, "as fast as it goes")
            play(page)
        assert held(server).models >= 2 * VISITORS
        # browsers that are gone without a word: the server waits for them, and then gives up
        for context in contexts:
            context.close()
        until(waiting, lambda: held(server).sessions == 0, "a session goes on")
        until(waiting, lambda: held(server).models == 0, "a model is held that nobody sees")
        waiting.context.close()
