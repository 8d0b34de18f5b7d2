"""What a planner comes for, on a narrow page; the first four in at most four clicks.

On a wide one in the full checks alone: all other tests in a browser see one.
"""

from __future__ import annotations

import re
from datetime import date

import pytest

from tests.app import browsing as web
from tests.app.test_browser_answer import figure, pick, pin, pinned

pytestmark = pytest.mark.slow
#: most clicks to what is asked most
MOST_CLICKS = 4


@pytest.fixture(scope="module")
def server(answering_server):
    """A server with a library in which policies act in 2028."""
    return answering_server


@pytest.fixture(params=[pytest.param(1440, marks=pytest.mark.full), 400])
def page(visit, request):
    """The page as it opens; a tenth of the people where one world is watched."""
    page = visit("/?people=0.1", viewport={"width": request.param, "height": 900}).page
    web.until(page, lambda: figure(page), "there is no figure")
    # what a hand presses; a label passes a click of its own on to its field
    page.evaluate("clicks = 0; addEventListener('pointerdown', () => { clicks += 1; }, true)")
    return page


def clicks(page):
    """How often the visitor has clicked."""
    return page.evaluate("clicks")


def is_seen(page, locator):
    """Whether all of it is on the page as it opens, without scrolling."""
    box, size = locator.bounding_box(), page.viewport_size
    return (
        box["x"] >= 0
        and box["x"] + box["width"] <= size["width"]
        and (box["y"] + box["height"] <= size["height"])
    )


def row(page, name):
    """The texts of a row of the figures."""
    return page.locator("tr", has_text=name).first.inner_text()


def test_the_answer_is_found_without_a_click_and_deaths_are_a_range(page):
    assert is_seen(page, page.locator("h1"))
    assert is_seen(page, page.locator(".answer-large"))
    years = page.get_by_role("group", name="Years").get_by_role("radio", name="2027 and 2028")
    assert years.is_checked()
    assert page.locator(".answer-figure").get_by_text("Reason").count() == 1
    *_, inside, middle = row(page, "Deaths in the Channel").split("\t")
    # of a library in which no policy changes them
    assert (inside.strip(), middle) == ("same in all 32 pairs", "same in all 32 pairs")
    sheets = re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))
    assert 1 <= len(sheets) <= 2
    assert clicks(page) == 0
    web.open_tab(page, "What it can tell you", ".crossings-limits")
    assert "cannot" in page.locator(".crossings-limits").inner_text()


def test_the_sharing_of_one_pair_is_raised(page):
    web.press(page, "All levers, files and links")

    def levels():
        return {tuple(one["between"]): one["level"] for one in web.whatif(page).data["sharing"]}

    assert {*levels().values()} == {"high"}
    web.set_level(page, "full")
    web.until(page, lambda: levels()["UK", "RS"] == "full", "the address does not follow")
    assert sorted(levels().values()) == ["full", "high", "high"]
    assert clicks(page) <= MOST_CLICKS


def test_75_million_are_spent_in_two_ways(page):
    shown = []
    for purpose in ("Investigation", "French patrols"):
        pick(page, "More British money", purpose)
        web.until(page, lambda: "75" in page.locator("h1").inner_text(), "no amount is asked")
        pick(page, "Western Balkan agreements", "As signed")
        web.until(page, lambda: figure(page) not in ("", *shown), "there is no figure")
        shown.append(figure(page))
    assert len(set(shown)) == 2
    assert clicks(page) <= MOST_CLICKS


@pytest.mark.full
def test_a_month_is_watched(page):
    web.opened(page, two=True)
    web.press(page, "Step a month")
    web.until(page, lambda: web.words(page).startswith("30 July 2026"), "a month is not over")
    assert page.get_by_text("This is one world").count() == 1


@pytest.mark.full
def test_three_are_compared_and_there_after_a_reload(page):
    pick(page, "Western Balkan agreements", "As signed")
    for count, option in enumerate(("Half", "Half more", "Twice"), start=1):
        pick(page, "Patrols on the French coast", option)
        pin(page, count)
    web.until(page, lambda: figure(page), "there is no figure")
    before = figure(page)
    # a table that is wider than the page is scrolled by itself
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.reload()
    pinned(page, 3)
    web.until(page, lambda: figure(page) == before, "it is lost")


def test_days_of_ones_own_are_asked(page):
    web.press(page, "All levers, files and links")
    web.write(page, "Last day", "2027-12-31")
    web.until(page, lambda: web.whatif(page).data.get("run"), "the days are not taken")
    web.until(page, page.get_by_text("There is no estimate").count, "it is estimated")
    assert page.get_by_role("button", name="Run the full model").first.is_visible()
    assert web.whatif(page).data["run"] == {"end": date(2027, 12, 31)}
