"""The address of the page in a browser: what was set survives, and unsaved work is asked about."""

from __future__ import annotations

import base64
import random

import pytest

from simulation.app.draft import Draft
from simulation.app.links import (
    MOST_LETTERS,
    MOST_PINNED_LETTERS,
    TOO_LARGE,
    PageState,
    Pin,
    query_of,
)
from simulation.scenario.files import MAXIMUM_BYTES
from tests.app import browsing as web

pytestmark = pytest.mark.slow
PLAIN = Draft.of_file(web.SHORT.encode(), "short.toml")


def settled_address(page, query):
    """Wait until the address has this query, or any that is not this where it starts with "!"."""
    other, wanted = query.startswith("!"), query.removeprefix("!")
    web.until(
        page,
        lambda: (web.address(page) == wanted) is not other,
        f"the address is {page.url}",
    )
    return web.address(page)


def shown(page):
    """What the controls show: title, seed, people, and what differs from the baseline."""
    return {
        "title": web.box(page, "Title of the what-if").locator("input").input_value(),
        "seed": web.box(page, "Seed").locator("input").input_value(),
        "people": web.box(page, "People simulated").inner_text().split("\n")[-1].strip(),
        "day": web.box(page, "From").locator("input").input_value(),
        "differs": web.differs(page),
    }


# -- what survives --------------------------------------------------------------------------------


def test_all_that_was_set_survives_a_reload_and_another_page_and_is_what_runs(page):
    assert web.address(page) == ""
    web.write(page, "From", "2023-06-20")
    web.set_level(page)
    web.entitle(page, "Held: <b>é</b>")
    web.unfold(page, "What smugglers can do in response")
    switch = page.get_by_text("They can change their route")
    web.again(
        page, switch.click, lambda: "adaptation" in web.whatif(page).data, "the switch is not taken"
    )
    web.write(page, "Seed", "77", so=lambda: "seed=77" in page.url)
    web.choose(page, "People simulated", "One in ten")
    web.until(page, lambda: "people=0.1" in page.url, "the address does not follow")
    before, whatif = shown(page), web.whatif(page)
    assert before["day"] == "2023-06-20"
    assert len(before["differs"]) == 2
    assert web.held(page, PLAIN) == PageState(whatif, 77, "One in ten")
    page.reload()
    web.ready(page, two=True)
    assert shown(page) == before
    page.goto("about:blank")
    page.go_back()
    web.ready(page, two=True)
    assert shown(page) == before
    assert web.whatif(page).text() == whatif.text()
    # what runs is what the controls show
    assert page.locator(".crossings-changed, .crossings-refused").count() == 0
    web.step_to(page, "Step a day", 1)


def test_back_takes_a_change_back_and_forward_brings_it_again(page):
    web.set_level(page)
    first = settled_address(page, "!")
    web.write(page, "Seed", "5", so=lambda: "seed=5" in page.url)
    second = settled_address(page, f"!{first}")
    web.open_tab(page, "Results", ".crossings-results")
    settled_address(page, f"tab=results&{second}")
    page.go_back()
    web.until(page, lambda: web.box(page, "Seed").is_visible(), "the controls do not come back")
    assert shown(page)["seed"] == "5"
    page.go_back()
    web.until(page, lambda: shown(page)["seed"] == "1", "the seed is not taken back")
    assert page.url.endswith(first)
    page.go_back()
    web.until(page, lambda: shown(page)["differs"] == [], "the level is not taken back")
    assert web.address(page) == ""
    # nothing has begun anew: the page shows the run it had, and that is what the controls ask for
    assert page.locator(".crossings-changed").count() == 0
    page.go_forward()
    web.until(page, lambda: len(shown(page)["differs"]) == 1, "the level does not come again")
    assert page.url.endswith(first)
    assert page.locator(".crossings-changed").count() == 1
    # something new goes on from there
    web.write(page, "Seed", "9", so=lambda: page.url.endswith("seed=9"))
    assert "sharing" in web.whatif(page).data


def message(visit, query, said):
    """A page that says once that its address is damaged, and why; and what is shown instead."""
    page = visit(f"/?{query}").page
    alert = page.locator(".v-alert", has_text="The address of this page cannot be used.")
    web.until(page, lambda: alert.count() == 1, "there is no message")
    assert said in alert.inner_text()
    assert "Shown instead: “A short run”." in alert.inner_text()
    return page, alert


@pytest.mark.full
def test_a_damaged_address_gives_one_message_and_the_start(visit):
    page, _ = message(visit, "seed=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E", "not a seed")
    assert page.locator("img[src=x]").count() == 0
    page, alert = message(
        visit, "whatif=%3Cscript%3Ealert(1)%3C/script%3E", "whatif: damaged or cut short"
    )
    # with the first thing that is chosen it is a good one
    web.ready(page)
    assert web.whatif(page).text() == PLAIN.text()
    assert shown(page)["seed"] == "1"
    settled_address(page, "")
    web.until(page, lambda: alert.count() == 0, "the message stays")
    assert web.bar(page)["over"] == web.WARM_UP


@pytest.mark.full
def test_the_longest_address_is_opened(visit):
    # text that does not compress
    noise = "".join(chr(0x4E00 + i * i * 7919 % 20_000) for i in range(2_600))
    whatif = PLAIN.with_(description=noise, adaptation={"price": False})
    # what is pinned is nearly as long as it may be
    pin = Pin(PLAIN.with_(description=noise[:1_300]), "2027..2028")
    query = query_of(PageState(whatif, 999_999_999, "One in ten", pins=(pin,)))
    longest = MOST_LETTERS + MOST_PINNED_LETTERS
    assert longest - 1_500 < len(query) < longest + 100
    page = visit(f"/?{query}").page
    web.ready(page, two=True)
    assert web.whatif(page).text() == whatif.text()
    assert web.held(page, PLAIN).pins == (pin,)
    # a link of somebody else is nobody's unsaved work
    questions = Questions(page, stay=True)
    web.anew(page, lambda: web.press(page, "Reset"), two=True)
    close(page, questions, asked=False)


@pytest.mark.full
def test_what_is_too_large_for_the_address_is_told_and_a_change_of_it_is_asked_about(page):
    content = web.BROUGHT.encode() + b"#" * (MAXIMUM_BYTES - len(web.BROUGHT.encode()))
    web.bring(page, content)
    web.until(page, lambda: web.whatif(page).title == "Brought along", "it is not open")
    assert TOO_LARGE not in page.url  # a comment is no part of the what-if
    noise = base64.b64encode(random.Random(1).randbytes(MOST_LETTERS)).decode()
    web.bring(page, f'description = "{noise}"\n{web.BROUGHT}'.encode())
    settled_address(page, f"whatif={TOO_LARGE}")
    for words in ("This what-if is too large for the address of the page",
                  "too large for a link: download it as a file"):  # fmt: skip
        web.until(page, lambda words=words: page.get_by_text(words).count() == 1, words)
    questions = Questions(page, stay=False)
    web.set_level(page, "none")
    web.until(page, lambda: any("none" in one for one in web.differs(page)), "not taken")
    # a reload would lose it, so that even its key is asked about
    page.keyboard.press("F5")
    page.reload()
    alert = page.locator(".v-alert", has_text="opening the scenario file")
    web.until(page, lambda: alert.count() == 1, "there is no message")
    assert questions.asked == 1


# -- leaving --------------------------------------------------------------------------------------


class Questions:
    """What the browser asks before a page is left; each time the visitor stays, or goes."""

    def __init__(self, page, stay):
        self.asked = 0
        self.stay = stay
        page.on("dialog", self._answer)

    def _answer(self, dialog):
        assert dialog.type == "beforeunload"
        self.asked += 1
        if self.stay:
            dialog.dismiss()
        else:
            dialog.accept()


def close(page, questions, asked):
    """Close the tab as its cross does, and see whether that is asked about."""
    before = questions.asked
    with page.expect_event("dialog" if asked else "close"):
        page.close(run_before_unload=True)
    if asked:
        page.evaluate("0")  # answers when the question is gone
    assert questions.asked == before + asked
    assert page.is_closed() is not asked


def saved(page):
    """Wait until nothing counts as unsaved."""
    unsaved = "sessionStorage.getItem('crossings-unsaved')"
    web.until(page, lambda: page.evaluate(unsaved) is None, "it counts as unsaved")


def download(page):
    """Download the scenario file, so that nothing is left unsaved."""
    with page.expect_download():
        web.press(page, "Download the scenario file")
    saved(page)


@pytest.mark.full
def test_a_changed_what_if_is_asked_about_until_it_was_downloaded(page):
    questions = Questions(page, stay=True)
    web.set_level(page)
    web.until(page, lambda: "whatif=" in page.url, "the address does not follow")
    close(page, questions, asked=True)
    download(page)
    web.entitle(page, "One more change")
    close(page, questions, asked=True)
    download(page)
    close(page, questions, asked=False)


@pytest.mark.full
def test_a_shipped_scenario_stands_in_the_address_and_is_not_asked_about(page):
    questions = Questions(page, stay=True)
    web.choose(page, "Start from", "No sharing: every authority on its own")
    settled_address(page, "scenario=no-sharing")
    page.reload()
    web.until(page, lambda: web.whatif(page) == Draft("no-sharing"), "it is another one")
    web.write(page, "Seed", "5", so=lambda: "seed=5" in page.url)
    web.bring_along(page)
    web.press(page, "Play")  # nor is a run: with the same seed it can be played again
    saved(page)
    close(page, questions, asked=False)


@pytest.mark.full
def test_a_reload_by_its_key_is_not_asked_about_and_closing_after_it_still_is(page):
    web.set_level(page)
    web.until(page, lambda: "whatif=" in page.url, "the address does not follow")
    questions = Questions(page, stay=False)
    page.keyboard.press("F5")
    page.reload()
    web.ready(page, two=True)
    assert questions.asked == 0
    # by the button of the browser it cannot be told from closing
    page.locator("body").click(position={"x": 2, "y": 2})
    page.reload()
    web.ready(page, two=True)
    assert questions.asked == 1
    page.locator("body").click(position={"x": 2, "y": 2})
    questions.stay = True
    close(page, questions, asked=True)
