"""The page against WCAG 2.1, levels A and AA: every tab, wide and narrow, light and dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from simulation.app.draft import Draft
from simulation.app.links import PageState, query_of
from tests.app import browsing as web
from tests.app.results_folders import broken, compared

pytestmark = pytest.mark.slow
WCAG = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
}
SHORT = query_of(PageState(Draft.of_file(web.SHORT.encode(), "x"), "watch", people="0.1"), Draft())
#: what is opened, with what shows that it is drawn
TABS = {
    "answer": ("/", ".answer-figure"),
    "watch": (f"/?{SHORT}", ".crossings-bar"),
    "results": ("/?tab=results", ".crossings-result"),
    "limits": ("/?tab=limits", ".crossings-limits"),
}
#: what stands out to the side of the page
OUT = """
across => [...document.querySelectorAll('.crossings-page *')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.width && box.right > across + 1 && !one.closest('svg, .v-tabs, pre');
}).map(one => one.outerHTML.slice(0, 200))
"""


def violations(page):
    """Each rule that is broken, with the elements and why."""
    return [
        f"{rule['id']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for rule in Axe().run(page, options=WCAG).response["violations"]
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("tab", TABS)
def test_a_tab_breaks_no_rule_of_wcag_and_nothing_is_cut_off(visit, server, tab):
    query, mark = TABS[tab]
    if tab == "results" and not (server.results / "pair").exists():
        compared(server.results / "pair", "A comparison with a title that goes on for a while")
        broken(server.results)
    page = visit(query).page
    web.until(page, page.locator(mark).first.is_visible, f"{mark} is not drawn")
    if tab == "answer":
        page.get_by_text("All levers, and the what-if as a file").click()
        page.get_by_role("combobox", name="Lever", exact=True).select_option("operation")
        web.until(page, page.get_by_role("checkbox").count, "there is no form")
    if tab == "watch":
        web.press(page, "Step a day")
        web.until(page, lambda: web.bar(page)["over"] == web.WARM_UP + 1, "a day is not over")
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        painted = page.locator(f".v-application.theme--{scheme}")
        web.until(page, painted.count, f"the page is not {scheme}")
        assert violations(page) == []
        assert page.evaluate(OUT, width) == []


def test_a_broken_rule_is_noticed(visit):
    page = visit("/?tab=limits").page
    web.until(page, page.locator(".crossings-limits").is_visible, "the tab is not drawn")
    page.evaluate("document.querySelector('.crossings-limits').style.color = '#ccc'")
    assert any("color-contrast" in one for one in violations(page))
