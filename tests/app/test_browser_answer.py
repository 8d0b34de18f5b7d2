"""The answer in a browser: the app opens on it, and it follows the choices."""

from __future__ import annotations

import pytest

from tests.app import browsing as web
from tests.app.browser_fixtures import COUNTING, held, served
from tests.app.test_answer import COAST
from tests.estimates.known import known

pytestmark = pytest.mark.slow
#: stops of the Tab key to the last choice
MOST_STOPS = 20
STAND_IN = """
from pathlib import Path
from simulation.estimates import estimate
estimate.PACKAGED = Path({file!r})
estimate.changes_since = lambda *of: []
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server as `crossings app` starts it, with a library in which patrols act in 2028."""
    folder = tmp_path_factory.mktemp("answer")
    file = folder / "known.npz"
    file.write_bytes(known({COAST: -0.2}, {COAST: -0.4}).as_bytes())
    start = COUNTING + STAND_IN.format(file=str(file))
    with served(folder, scenario=None, start=start) as one:
        yield one


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
    web.until(answer, lambda: figure(answer).startswith("-"), "the figure does not follow")
    assert "twice the patrols" in answer.locator("h1").inner_text()
    web.until(answer, lambda: "whatif=" in answer.url, "the address does not follow")
    both, query = figure(answer), answer.url
    pick(answer, "Years", "2028")
    web.until(answer, lambda: figure(answer) not in ("", both), "the years do nothing")
    assert "years=2028" in answer.url
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 1024, 400])
def test_nothing_stands_out_to_the_side_and_text_is_legible(visit, width, scheme):
    page = visit("/", viewport={"width": width, "height": 900}, color_scheme=scheme).page
    web.until(page, lambda: figure(page), "there is no figure")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    dark = page.evaluate("getComputedStyle(document.querySelector('h1')).color.match(/\\d+/g)[0]")
    assert (int(dark) > 128) is (scheme == "dark")
