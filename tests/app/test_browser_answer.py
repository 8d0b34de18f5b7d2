"""The answer in a browser: the app opens on it, and it follows the choices."""

from __future__ import annotations

import re

import pytest

from tests.app import browsing as web
from tests.app.browser_fixtures import held

pytestmark = pytest.mark.slow
#: stops of the Tab key to the last choice
MOST_STOPS = 20


@pytest.fixture(scope="module")
def server(answering_server):
    """A server with a library in which policies act in 2028."""
    return answering_server


@pytest.fixture
def answer(visit):
    """The page as it opens, without a click."""
    page = visit("/").page
    web.until(page, lambda: page.locator("h1").count() == 1, "there is no question")
    web.until(page, page.locator("input[name=people]").count, "there are no choices")
    return page


def figure(page):
    """The large figure; empty where there is none."""
    return "".join(page.locator(".answer-large strong").all_inner_texts())


def pick(page, group, label):
    """Choose an option, and wait until it is chosen."""
    radio = page.get_by_role("group", name=group).get_by_role("radio", name=label, exact=True)
    web.again(page, radio.check, radio.is_checked, f"“{label}” is not taken")


def test_it_opens_on_an_answer_and_builds_no_model_before_play(answer, server):
    web.until(answer, lambda: figure(answer), "there is no figure")
    assert answer.evaluate("document.documentElement.lang") == "en"
    assert answer.locator(".crossings-answers table").count() >= 3
    assert held(server).models == 0
    web.opened(answer, two=True)
    assert answer.get_by_text("This is one world").count() == 1
    assert web.bar(answer)["phase"] == "empty"


def test_a_choice_moves_the_figure_and_the_address_and_back_takes_it_back(answer):
    pick(answer, "Western Balkan agreements", "As signed")
    web.until(answer, lambda: not figure(answer), "a figure of nothing")
    pick(answer, "Patrols on the French coast", "Twice")
    web.until(answer, lambda: "fewer" in figure(answer), "the figure does not follow")
    assert "twice the patrols" in answer.locator("h1").inner_text()
    web.until(answer, lambda: "whatif=" in answer.url, "the address does not follow")
    both, query = figure(answer), answer.url
    pick(answer, "Years", "2028")
    web.until(answer, lambda: figure(answer) not in ("", both), "the years do nothing")
    web.until(answer, lambda: "years=2028" in answer.url, "the address does not follow")
    answer.go_back()
    web.until(answer, lambda: figure(answer) == both, "the years are not taken back")
    assert answer.url == query
    answer.reload()
    web.until(answer, lambda: figure(answer) == both, "it is lost in a reload")


def test_what_cannot_be_estimated_says_so_in_place_and_offers_the_run(answer):
    pick(answer, "Patrols on the French coast", "Half")
    notice = answer.get_by_text("There is no estimate of this what-if.")
    web.until(answer, lambda: notice.count() == 1, "it is not told")
    assert not figure(answer)
    web.press(answer, "Run the full model")
    focus = "document.activeElement.textContent.trim()"
    web.until(answer, lambda: "Start the runs" in answer.evaluate(focus), "it leads nowhere")
    pick(answer, "Western Balkan agreements", "As signed")
    web.until(answer, lambda: figure(answer), "there is no figure")


@pytest.mark.full
def test_the_tour_points_at_each_part_of_the_page_and_figures_are_a_table(answer):
    answer.locator(".answer-tour summary").click()
    steps = answer.locator(".answer-tour li button")
    assert steps.count() == 5
    parts = []
    for number in range(5):
        steps.nth(number).click()
        pointed = answer.locator(".answer-pointed")
        assert pointed.is_visible()
        parts.append(pointed.evaluate("one => one.tagName + one.className"))
    assert len(set(parts)) == 5
    pin(answer, 1)
    with answer.expect_download() as download:
        web.press(answer, "Download the figures (CSV)")
    head, *lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert "plausible_low" in head
    assert len(lines) > 50


def test_the_keyboard_reaches_every_choice_in_few_stops(answer):
    answer.locator("body").press("Tab")
    at, stops = "document.activeElement.name || ''", 1
    while answer.evaluate(at) != "people":
        answer.keyboard.press("Tab")
        stops += 1
        assert stops <= MOST_STOPS
    answer.keyboard.press("ArrowRight")
    radio = answer.get_by_role("radio", name="More", exact=True)
    web.until(answer, radio.is_checked, "an arrow does not choose")


def test_nothing_stands_out_to_the_side_and_text_is_legible(answer):
    web.until(answer, lambda: figure(answer), "there is no figure")
    red = "+getComputedStyle(document.querySelector('h1')).color.match(/\\d+/g)[0]"
    for width in (1440, 1024, 400):
        answer.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            answer.emulate_media(color_scheme=scheme)
            dark = scheme == "dark"
            web.until(
                answer,
                lambda dark=dark: (answer.evaluate(red) > 128) is dark,
                f"the text cannot be read where it is {scheme}",
            )
            assert answer.evaluate("document.documentElement.scrollWidth") <= width


# -- pinned what-ifs -------------------------------------------------------------------------------


def rows(page):
    """The titles of the pinned what-ifs, as they are ranked."""
    titles = page.locator(".answer-pinned tbody th > div:first-child").all_inner_texts()
    return [title.strip() for title in titles]


def pinned(page, count):
    """Wait until so many what-ifs are pinned, and the address holds them."""
    web.until(page, lambda: len(rows(page)) == count, f"there are not {count} rows")
    web.until(page, lambda: ("pins=" in page.url) is (count > 0), "the address does not follow")


def pin(page, count):
    """Pin what is shown, and wait until so many are; a step of its own of the history."""
    before = page.url
    web.press(page, "Pin this what-if")
    pinned(page, count)
    web.until(page, lambda: page.url != before, "the address does not follow")


def test_pinned_what_ifs_are_ranked_and_survive_back_a_reload_and_another_window(answer, visit):
    pick(answer, "Western Balkan agreements", "As signed")
    pick(answer, "Patrols on the French coast", "Half more")
    web.until(answer, lambda: "fewer" in figure(answer), "there is no figure")
    pin(answer, 1)
    before = answer.url
    pick(answer, "Patrols on the French coast", "Twice")
    web.until(answer, lambda: "twice" in answer.locator("h1").inner_text(), "it does not follow")
    # what is pinned before the address follows would be one step with it
    web.until(answer, lambda: answer.url != before, "the address does not follow")
    pin(answer, 2)
    assert ["Twice" in title for title in rows(answer)] == [True, False]
    assert answer.locator(".answer-chart rect").count() == 2
    # a table that is wider than the page is scrolled by itself
    answer.set_viewport_size({"width": 400, "height": 900})
    assert answer.evaluate("document.documentElement.scrollWidth") <= 400
    answer.go_back()
    pinned(answer, 1)
    assert "twice" in answer.locator("h1").inner_text()
    answer.go_forward()
    pinned(answer, 2)
    answer.reload()
    pinned(answer, 2)
    other = visit(f"/?{answer.url.partition('?')[2]}").page
    pinned(other, 2)
    assert rows(other) == rows(answer)
    assert figure(other) == figure(answer)


def test_a_pinned_what_if_is_shown_again_and_unpinned(answer):
    first = figure(answer)
    pin(answer, 1)
    web.press(answer, "Pin this what-if")
    web.until(answer, answer.get_by_text("Pinned already").count, "the same is pinned twice")
    pick(answer, "Western Balkan agreements", "As signed")
    pick(answer, "Patrols on the French coast", "Twice")
    pick(answer, "Years", "2028")
    web.until(answer, lambda: "fewer" in figure(answer), "there is no figure")
    assert answer.get_by_text("Pinned already").count() == 0
    answer.locator(".answer-pinned").get_by_role("button", name="Show").click()
    web.until(answer, lambda: figure(answer) == first, "it is not shown again")
    web.until(answer, lambda: "years=" not in answer.url, "the address does not follow")
    answer.locator(".answer-pinned").get_by_role("button", name="Unpin").click()
    pinned(answer, 0)


@pytest.mark.full
def test_a_pinned_what_if_without_an_estimate_offers_the_run(answer):
    pick(answer, "Patrols on the French coast", "Half")
    web.until(answer, answer.get_by_text("There is no estimate").count, "it is not told")
    pin(answer, 1)
    pick(answer, "Patrols on the French coast", "As now")
    web.until(answer, lambda: figure(answer), "there is no figure")
    run = answer.locator(".answer-pinned").get_by_role("button", name="Run the full model")
    answer.set_viewport_size({"width": 400, "height": 900})
    at = run.bounding_box()
    assert at["x"] + at["width"] <= 400
    run.click()
    focus = "document.activeElement.textContent.trim()"
    web.until(answer, lambda: "Start the runs" in answer.evaluate(focus), "it leads nowhere")
    web.until(answer, lambda: not figure(answer), "it is not the one that is asked")
    assert "half the patrols" in answer.locator("h1").inner_text().lower()


def test_a_printed_answer_has_all_of_it_on_two_pages_of_a4(answer):
    page = answer
    web.until(page, lambda: figure(page), "there is no figure")
    pick(page, "Western Balkan agreements", "As signed")
    for count, option in enumerate(("Half more", "Twice", "Half"), start=1):
        pick(page, "Patrols on the French coast", option)
        pin(page, count)
    pick(page, "Years", "2028")
    pin(page, 4)
    last = (
        "document.querySelector('.crossings-again pre:last-child').getBoundingClientRect().bottom"
    )
    colour = "getComputedStyle(document.querySelector('.crossings-again pre')).color"
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        web.until(
            page, page.locator(f".v-application.theme--{scheme}").count, f"it is not {scheme}"
        )
        assert 1 <= len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) <= 2
        page.emulate_media(media="print")
        # nothing is left within a part of the page that scrolls
        assert page.evaluate(f"{last} <= document.documentElement.scrollHeight")
        assert not page.locator(".crossings-side").is_visible()
        assert not page.get_by_role("button").filter(visible=True).count()
        assert page.evaluate(colour) == "rgb(0, 0, 0)"
        page.emulate_media(media="null")
