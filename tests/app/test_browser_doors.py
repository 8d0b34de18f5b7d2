"""Servers on first use: whom they ask, how many they let in, and what a page keeps that sleeps."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.app import browsing as web
from tests.app.browser_fixtures import COUNTING, held, served
from tests.app.outside import asked, others, watched

SLEEPY = """
from simulation.app.session import Session
Session.__init__.__defaults__ = (1.0,)
"""


def test_a_request_to_another_machine_is_noticed(tmp_path):
    code = watched(tmp_path / "home") + (
        "import socket\nwith socket.socket() as s:\n    s.settimeout(0.01)\n"
        "    s.connect_ex((sys.argv[1], 9))\n"
    )
    for address, outside in (("192.0.2.1", {"192.0.2.1"}), ("127.0.0.1", set())):
        done = subprocess.run(
            [sys.executable, "-c", code, address], capture_output=True, text=True, check=True
        )
        assert asked(done.stderr) == {address}
        assert others(done.stderr) == outside


@pytest.mark.full
def test_the_app_asks_no_other_machine_on_first_use(browser, tmp_path):
    with served(tmp_path, start=watched(tmp_path / "home")) as server:
        page = browser.new_context().new_page()
        page.set_default_timeout(web.PATIENCE * 1_000)
        watch = web.Watch(page, server.url)
        page.goto(server.entry())
        web.ready(page)
        web.step_to(page, "Step a day", 1)
        page.context.close()
    assert asked(server.said()) >= {"127.0.0.1"}
    assert others(server.said()) == set()
    assert watch.faults == []


@pytest.mark.slow
def test_visits_build_nothing_and_the_next_one_is_told_politely(browser, tmp_path):
    with served(tmp_path, None, ["--most-visitors", "2"], COUNTING) as server:
        pages = [browser.new_context().new_page() for _ in range(3)]
        watches = [web.Watch(page, server.url) for page in pages]
        first, second, next_one = pages
        for page in (first, second):
            page.goto(server.entry())
            web.until(page, page.locator("h1").count, "there is no question")
        next_one.goto(server.entry())
        refusal = next_one.get_by_text("at most 2 pages at once")
        web.until(next_one, lambda: refusal.count() == 1, "the next visitor is told nothing")
        assert next_one.locator(".crossings-page").count() == 0
        assert (held(server).models, held(server).days) == (0, 0)
        web.press(next_one, "Try again")
        second.close(run_before_unload=True)
        web.again(
            next_one,
            lambda: web.press(next_one, "Try again"),
            lambda: next_one.locator(".crossings-page").count() == 1,
            "a place that is free is not given",
        )
        web.until(next_one, next_one.locator("h1").count, "there is no question")
        assert [fault for watch in watches for fault in watch.faults] == []
        assert "Traceback" not in server.said()
        for page in pages:
            page.context.close()


@pytest.mark.full
def test_a_page_that_sleeps_keeps_its_last_day_and_its_estimate(browser, tmp_path):
    with served(tmp_path, start=COUNTING + SLEEPY) as server:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(web.PATIENCE * 1_000)
        watch = web.Watch(page, server.url)
        page.goto(server.entry())
        web.opened(page)
        web.set_level(page)
        web.until(page, lambda: len(web.drawn(page)) == 2, "there are not two maps")
        estimate = page.get_by_role("button", name="Start the runs", exact=True)
        web.until(page, estimate.is_enabled, "it cannot be asked for")
        estimate.click()
        web.speed(page, "as fast as it goes")
        web.press(page, "Play")
        web.until(page, lambda: web.bar(page)["phase"] == "asleep", "it does not fall asleep")
        web.until(page, lambda: held(server).models == 0, "a model is held while it sleeps")
        web.settled(page)
        over = web.bar(page)["over"]
        assert over == web.DAYS
        assert web.map_state(page).legs
        assert page.get_by_text("This page sleeps").count() == 1
        said = page.locator(".crossings-estimate")
        report = page.get_by_role("link", name="Read the whole report (in a new tab)")
        web.until(page, lambda: report.count() == 1, f"no estimate: {said.inner_text()}")
        assert web.bar(page)["phase"] == "asleep"
        web.press(page, "Step a day")
        web.until(page, lambda: web.bar(page)["over"] == web.WARM_UP + 1, "it does not wake up")
        assert watch.faults == []
        page.context.close()
