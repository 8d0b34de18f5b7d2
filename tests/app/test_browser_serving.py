"""The server and its visitors: apart from each other, gone when they are gone, on any screen."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.app.browser_fixtures import served
from tests.app.browsing import (
    WARM_UP,
    Watch,
    anew,
    bar,
    made,
    map_state,
    play,
    press,
    ready,
    speed,
    step_to,
    to_the_end,
    until,
    write,
)
from tests.app.results_folders import broken, compared

pytestmark = pytest.mark.slow
SCREENSHOTS = Path(__file__).parents[2] / ".ci" / "screenshots"
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


def computing(process, seconds=1.0):
    """The share of a core that a process uses."""

    def used():
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    before, began = used(), time.monotonic()
    time.sleep(seconds)
    return (used() - before) / (time.monotonic() - began)


def test_visitors_do_not_see_each_others_runs(visit):
    one, other = visit().page, visit().page
    ready(one)
    ready(other)
    step_to(one, "Step a week", 7)
    write(one, "Title of the what-if", "Mine alone")
    one.locator(".sharing-matrix [aria-label^='Sharing between Serbia and UK']").click()
    one.locator("[data-level=high]").click()
    until(one, lambda: "sharing" in made(one).data, "the level is not taken")
    assert bar(other)["over"] == WARM_UP
    assert made(other).title == "A short run"
    assert "sharing" not in made(other).data
    write(other, "Seed", "5")
    anew(other, lambda: press(other, "Reset"))
    assert bar(one)["over"] == WARM_UP + 7
    step_to(other, "Step a week", 7)
    assert map_state(one) != map_state(other)
    # two tabs of one visitor are apart as well
    third = visit(beside=one).page
    ready(third)
    assert made(third).title == "A short run"
    assert bar(third)["over"] == WARM_UP


@pytest.mark.parametrize("how", ["closed", "left for another page"])
def test_a_page_that_is_gone_stops_computing(visit, server, how):
    page = visit().page
    ready(page)
    # the run would go on for more than six seconds: longer than this looks at it
    speed(page, "10 days a second")
    play(page)
    until(page, lambda: bar(page)["over"] > WARM_UP, "no day goes by")
    busy = computing(server.process)
    assert busy > 0.02
    if how == "closed":
        page.close()
    else:
        page.goto("about:blank")
    time.sleep(1.5)
    assert computing(server.process, 2) < busy / 3


def test_a_page_says_so_when_its_server_is_gone(browser, tmp_path):
    context = browser.new_context(locale="en-GB")
    with served(tmp_path) as gone:
        page = context.new_page()
        watch = Watch(page, gone.url)
        page.goto(gone.entry())
        ready(page)
        play(page)
        gone.process.kill()
        gone.process.wait(20)
        lost = page.get_by_text("disconnected", exact=False)
        until(page, lambda: lost.count() > 0 and lost.first.is_visible(), "it says nothing")
        page.wait_for_timeout(4_000)
    # asking the server that is gone again is no fault, but nothing of the page may break over it
    assert [fault for fault in watch.faults if fault.startswith("page error")] == []
    assert len(watch.faults) < 30
    context.close()


WIDTHS = {"wide": (1280, 900), "narrow": (400, 800)}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_and_every_page_is_pictured(visit, server, width):
    across, down = WIDTHS[width]
    if not (server.results / "pair").exists():
        compared(server.results / "pair", "A comparison with a title that goes on for a while")
        broken(server.results)
    page = visit(viewport={"width": across, "height": down}).page
    ready(page)
    step_to(page, "Step a week", 7)
    step_to(page, "Step a week", 7)
    look(page, f"explore-{width}", across)
    page.locator(".sharing-matrix [aria-label^='Sharing between Serbia and UK']").click()
    look(page, f"levels-{width}", across)
    page.locator("[data-level=full]").click()
    until(page, lambda: "sharing" in made(page).data, "the level is not taken")
    anew(page, lambda: press(page, "Reset"), two=True)
    page.get_by_label("Patrols and smugglers").check()
    to_the_end(page)
    choose_place(page)
    page.wait_for_timeout(1_000)
    look(page, f"side-by-side-{width}", across)
    page.get_by_role("tab", name="Results").click()
    rows = page.locator(".crossings-result")
    until(page, lambda: rows.count() == 5, "not all results are listed")
    look(page, f"results-{width}", across)
    page.get_by_role("button", name="Read", exact=True).click()
    report = page.frame_locator("iframe").locator("svg").first
    until(page, report.is_visible, "the report has no figure")
    look(page, f"report-{width}", across)
    page.get_by_role("tab", name="What it can tell you").click()
    until(page, lambda: page.locator(".crossings-limits").count() == 1, "no limits")
    look(page, f"limits-{width}", across)


def choose_place(page):
    """Look at the figures of a place."""
    page.get_by_label("A place or a way").focus()
    page.keyboard.type("Calais")
    page.locator(".menuable__content__active .v-list-item").first.click()
    until(page, lambda: page.locator(".crossings-figures").count() == 1, "there are no figures")


def look(page, name, across):
    """Keep a picture of the whole page; nothing may stand out to the side."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    # Solara's page scrolls in a part of it, so its whole height is only seen in a high window
    height = page.evaluate("document.querySelector('.crossings-page').scrollHeight")
    size = page.viewport_size
    page.set_viewport_size({"width": across, "height": min(int(height) + 80, 8_000)})
    page.wait_for_timeout(400)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    page.set_viewport_size(size)
    assert page.evaluate("document.documentElement.scrollWidth") <= across
    # what stands out of a part that scrolls by itself, such as the matrix, can be reached there
    out = page.evaluate(
        "across => [...document.querySelectorAll('.crossings-page *')].filter(one => {"
        " const box = one.getBoundingClientRect();"
        " return box.width && box.right > across + 1 && !one.closest('.wide, svg, .v-tabs');"
        "}).map(one => one.outerHTML.slice(0, 120))",
        across,
    )
    assert out == []
    # an element that was made anew as another one would still be the old one here
    other = page.evaluate(
        "() => [...document.querySelectorAll('.crossings-page [tag]')].filter(one =>"
        " one.tagName.toLowerCase() !== one.getAttribute('tag')).map(one => one.outerHTML)"
    )
    assert other == []
