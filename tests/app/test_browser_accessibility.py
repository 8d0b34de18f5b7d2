"""The page against WCAG 2.1, levels A and AA: every tab, wide and narrow, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from simulation.app.choices import choose, question_draft
from simulation.app.draft import Draft
from simulation.app.links import PageState, Pin, query_of
from simulation.estimates.library import OUTLOOK
from tests.app import browsing as web
from tests.app.test_answer import TWICE
from tests.app.test_choices import number

pytestmark = pytest.mark.slow
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
}
BOTH = choose(TWICE, "everywhere", number("everywhere", "Full"))
#: the answer with pinned what-ifs, one of them without an estimate
PINNED = query_of(
    PageState(question_draft(), pins=(Pin(TWICE, "2028"), Pin(BOTH, "2028"))), question_draft()
)
SHORT, TWO = (
    query_of(PageState(Draft.of_file(text.encode(), "short.toml"), tab="watch"))
    for text in (web.SHORT, web.BROUGHT)
)
#: what is opened, with what shows that it is drawn
TABS = {
    "answer": (f"/?{PINNED}", ".crossings-again pre"),
    "levers": ("/?lever=sharing", ".crossings-about"),
    "nothing": (f"/?{query_of(PageState(Draft(OUTLOOK)), question_draft())}", ".answer-notice"),
    "watch": (f"/?{SHORT}", ".crossings-bar"),
    "difference": (f"/?{TWO}", ".crossings-bar"),
    "results": ("/?tab=results", ".crossings-results"),
    "limits": ("/?tab=limits", ".crossings-limits"),
}

#: widths with colour schemes; what the first two leave is in the full checks
LOOKS = [
    pytest.param(((1440, "light"), (400, "dark")), id="one of each"),
    pytest.param(((1440, "dark"), (400, "light")), id="the others", marks=pytest.mark.full),
]


@pytest.fixture(scope="module")
def server(answering_server):
    """A server with a library in which policies act in 2028."""
    return answering_server


def violations(page):
    """Each rule that is broken, with the elements and why."""
    return [
        f"{rule['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for rule in Axe().run(page, options=WCAG).response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("looks", LOOKS)
@pytest.mark.parametrize("tab", TABS)
def test_a_tab_breaks_no_rule_of_wcag(visit, tab, looks):
    query, mark = TABS[tab]
    page = visit(query, viewport={"width": 1440, "height": 900}).page
    web.until(page, page.locator(mark).first.is_visible, f"{mark} is not drawn")
    if tab == "watch":
        web.ready(page)
    if tab == "difference":
        web.ready(page, two=True)
        maps = page.locator(".crossings-change svg")
        box = page.get_by_label("Map of the difference")
        web.again(page, box.click, lambda: maps.count() == 2, "there is no map of the difference")
        page.get_by_text("The same as tables").click()
    broken = {}
    for width, scheme in looks:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        painted = page.locator(f".v-application.theme--{scheme}")
        web.until(page, lambda painted=painted: painted.count(), f"the page is not {scheme}")
        broken[width, scheme] = violations(page)
    assert not any(broken.values()), broken


def test_a_broken_rule_is_noticed(visit):
    page = visit("/?tab=limits").page
    web.until(page, page.locator(".crossings-limits").is_visible, "the tab is not drawn")
    page.evaluate("document.querySelector('.crossings-limits').style.color = '#ccc'")
    assert any("color-contrast" in one for one in violations(page))
