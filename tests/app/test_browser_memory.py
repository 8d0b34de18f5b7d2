"""What visitors leave behind in the memory of the server: next to nothing."""

from __future__ import annotations

import pytest

from tests.app.browser_fixtures import COUNTING, held, memory_mb, served
from tests.app.browsing import PATIENCE, opened, play, press, ready, speed, until

pytestmark = pytest.mark.slow

#: visitors at once: each has a thread and two models of everybody
VISITORS = 2
SOON = """
from simulation.app import server
server.ENVIRONMENT["SOLARA_KERNEL_CULL_TIMEOUT"] = "2s"
"""


def test_sessions_that_are_gone_give_their_memory_back(browser, tmp_path):
    with served(tmp_path, None, ["full-sharing"], COUNTING + SOON) as server:
        fresh = memory_mb(server)
        contexts = [browser.new_context() for _ in range(VISITORS)]
        pages = [context.new_page() for context in contexts]
        for page in pages:
            page.set_default_timeout(4 * PATIENCE * 1000)
            page.goto(server.entry())
        waiting = browser.new_context().new_page()
        for page in pages:
            opened(page, two=True)
            press(page, "Reset")
            until(page, lambda page=page: page.locator("[data-phase=paused]").count() == 1,
                  "the runs are not ready", 4 * PATIENCE)  # fmt: skip
            ready(page, two=True)
            speed(page, "as fast as it goes")
            play(page)
        most = memory_mb(server)
        assert most > 1.5 * fresh
        assert held(server).models >= 2 * VISITORS
        # browsers that are gone without a word: the server waits for them, and then gives up
        for context in contexts:
            context.close()
        until(waiting, lambda: held(server).sessions == 0, "a session goes on")
        until(waiting, lambda: held(server).models == 0, "a model is held that nobody sees")
        # the allocator keeps some of what was freed
        kept = fresh + 0.7 * (most - fresh)
        until(waiting, lambda: memory_mb(server) < kept,
              f"memory is not given back: {fresh:.0f} MB before, {most:.0f} at most")  # fmt: skip
        waiting.context.close()
