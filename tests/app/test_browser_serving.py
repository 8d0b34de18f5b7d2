"""The server and its visitors: apart from each other, gone when they are gone, on any screen."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.app import browsing as web
from tests.app.browser_fixtures import held, served
from tests.app.reading import until
from tests.app.results_folders import broken, compared

pytestmark = pytest.mark.slow
SCREENSHOTS = Path(__file__).parents[2] / ".ci" / "screenshots"


@pytest.mark.full
def test_visitors_do_not_see_each_others_runs(visit):
    one, other = visit().page, visit().page
    web.ready(one)
    web.ready(other)
    web.step_to(one, "Step a week", 7)
    web.entitle(one, "Mine alone")
    web.set_level(one)
    web.until(one, lambda: "sharing" in web.whatif(one).data, "the link does not follow")
    assert web.bar(other)["over"] == web.WARM_UP
    assert web.whatif(other).title == "A short run"
    assert "sharing" not in web.whatif(other).data
    web.write(other, "Seed", "5", so=lambda: "seed=5" in other.url)
    web.anew(other, lambda: web.press(other, "Reset"))
    assert web.bar(one)["over"] == web.WARM_UP + 7
    web.step_to(other, "Step a week", 7)
    assert web.map_state(one) != web.map_state(other)
    # two tabs of one visitor are apart as well
    third = visit(beside=one).page
    web.ready(third)
    assert web.whatif(third).title == "A short run"
    assert web.bar(third)["over"] == web.WARM_UP


def test_a_page_that_is_closed_stops_computing(page, server):
    days = [held(server).days]
    web.speed(page, "2 days a second")  # slow, for a busy server to see the end in time
    web.play(page)
    page.close()

    def still():
        days.append(held(server).days)
        return len(days) > 8 and len(set(days[-8:])) == 1

    until(still)
    # it would else come to a stop at the end of the run
    assert days[-1] - days[0] < web.DAYS - web.WARM_UP


@pytest.mark.full
def test_a_page_says_so_when_its_server_is_gone(browser, tmp_path):
    context = browser.new_context(locale="en-GB")
    with served(tmp_path) as gone:
        page = context.new_page()
        watch = web.Watch(page, gone.url)
        page.goto(gone.entry())
        web.ready(page)
        web.play(page)
        gone.process.kill()
        gone.process.wait()
        began = time.monotonic()
        lost = page.get_by_text("disconnected", exact=False)
        web.until(page, lambda: lost.count() > 0 and lost.first.is_visible(), "it says nothing")
        web.settled(page)
    # asking the server that is gone again is no fault, but nothing of the page may break over it
    assert [fault for fault in watch.faults if fault.startswith("page error")] == []
    assert len(watch.faults) < 30 + 3 * (time.monotonic() - began)
    context.close()


WIDTHS = {"wide": (1280, 900), "narrow": (400, 800)}


@pytest.mark.full
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_and_every_page_is_pictured(visit, server, width):
    across, down = WIDTHS[width]
    if not (server.results / "pair").exists():
        compared(server.results / "pair", "A comparison with a title that goes on for a while")
        broken(server.results)
    page = visit(viewport={"width": across, "height": down}).page
    web.ready(page)
    web.step_to(page, "Step a week", 7)
    web.step_to(page, "Step a week", 7)
    look(page, f"explore-{width}", across)
    page.locator(f".sharing-matrix [aria-label^='{web.UK_SERBIA}']").click()
    look(page, f"levels-{width}", across)
    web.set_level(page, "full")
    web.until(page, lambda: "sharing" in web.whatif(page).data, "the link does not follow")
    web.anew(page, lambda: web.press(page, "Reset"), two=True)
    web.show_layer(page)
    web.to_the_end(page)
    web.find(page, "Click one on a map, or type its name", "Calais", item="Calais")
    web.until(page, lambda: page.locator(".crossings-figures").count() == 1, "there are no figures")
    heads = page.locator(".crossings-figures th").all_inner_texts()
    assert heads[:3] == ["Its own figures", "Baseline", "What-if"]
    look(page, f"side-by-side-{width}", across)
    web.open_tab(page, "Results", ".crossings-results")
    rows = page.locator(".crossings-result")
    web.until(page, lambda: rows.count() == 5, "not all results are listed")
    look(page, f"results-{width}", across)
    page.get_by_role("button", name="Read", exact=True).click()
    report = page.frame_locator("iframe").locator("svg").first
    web.until(page, report.is_visible, "the report has no figure")
    look(page, f"report-{width}", across)
    web.open_tab(page, "What it can tell you", ".crossings-limits")
    look(page, f"limits-{width}", across)
    web.open_tab(page, "Answer", "h1")
    look(page, f"answer-{width}", across)


def look(page, name, across):
    """Keep a picture of the whole page; nothing may stand out to the side."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.mouse.move(0, 0)
    # Solara's page scrolls in a part of it, so its whole height is only seen in a high window
    height = page.evaluate("document.querySelector('.crossings-page').scrollHeight")
    size = page.viewport_size
    page.set_viewport_size({"width": across, "height": min(int(height) + 80, 8_000)})
    # a page in which nothing moves may never be called idle
    page.evaluate("() => new Promise(done => requestIdleCallback(done, {timeout: 2000}))")
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
    page.set_viewport_size(size)
    # what stands out of a part that scrolls by itself, such as the matrix, can be reached there
    out = (
        "across => [...document.querySelectorAll('.crossings-page *')].filter(one => {"
        " const box = one.getBoundingClientRect();"
        " return box.width && box.right > across + 1 && !one.closest('.wide, svg, .v-tabs');"
        "}).length + (document.documentElement.scrollWidth > across)"
    )
    web.until(page, lambda: page.evaluate(out, across) == 0, f"{name}: something stands out")
    # an element that was made anew as another one would still be the old one here
    other = page.evaluate(
        "() => [...document.querySelectorAll('.crossings-page [tag]')].filter(one =>"
        " one.tagName.toLowerCase() !== one.getAttribute('tag')).map(one => one.outerHTML)"
    )
    assert other == []
