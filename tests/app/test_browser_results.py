"""Estimates and results in a browser: asked for, stopped, ended, listed and read."""

from __future__ import annotations

import pytest

from simulation.app.ensemble import QUICK
from tests.app import browsing as web

pytestmark = pytest.mark.slow


def estimate(page):
    """The button that asks for an estimate."""
    return page.get_by_role("button", name="Start the runs", exact=True)


def said(page):
    """What the part about estimates says."""
    return page.locator(".crossings-estimate").inner_text()


def test_an_estimate_is_stopped_and_then_runs_to_its_interval_and_is_read(page, server, visit):
    assert estimate(page).is_disabled()
    assert "as it is, the what-if is the baseline" in said(page)
    web.set_level(page)
    web.until(page, estimate(page).is_enabled, "it cannot be asked for")
    estimate(page).click()
    bar = page.locator(".crossings-estimate .v-progress-linear")
    web.until(page, lambda: bar.count() == 1, "no progress is shown")
    assert estimate(page).is_disabled()
    web.press(page, "Stop")
    web.until(page, lambda: "was stopped. Ask again" in said(page), "it goes on")
    web.until(page, estimate(page).is_enabled, "it cannot be asked for again")

    estimate(page).click()
    far = f"of {2 * QUICK.pairs} runs are finished"
    web.until(page, lambda: far in said(page), "it does not say how far")
    report = page.get_by_role("link", name="Read the whole report (in a new tab)")
    web.until(page, lambda: report.count() == 1, f"it does not end: {said(page)}")
    text = said(page)
    assert "arrivals" in text
    assert "deaths" in text
    assert "%" in text or "no detectable effect" in text.lower()
    assert bar.count() == 0
    document = page.get_by_role("link", name="Word", exact=True).get_attribute("href")
    assert page.request.get(f"{server.url}{document}").body().startswith(b"PK")

    # the page of a report is a page of its own, watched like the others
    opened = visit(report.get_attribute("href")).page
    web.until(opened, lambda: opened.locator("svg, canvas").count() > 0, "it has no figure")
    assert "A short run" in opened.locator("body").inner_text()
    # what is folded is drawn when it is opened
    months = opened.locator("#months .plot svg")
    assert months.count() == 0
    opened.locator("#months summary").first.click()
    web.until(opened, lambda: months.count() > 0, "a folded chart is not drawn")

    # it is marked as soon as the controls show another what-if, and shown again after a reload
    before = page.url
    web.set_level(page, "full")
    web.until(page, lambda: "The question has changed since" in said(page), "not marked")
    web.until(page, lambda: page.url != before, "the address stays")
    assert "Sharing between UK and RS rises from low to high" in said(page)
    page.go_back()
    web.until(page, lambda: page.url == before, "it does not go back")
    web.until(page, lambda: "has changed since" not in said(page), "it stays marked")
    page.reload()
    web.ready(page, two=True)
    web.until(page, lambda: report.count() == 1, "it is not found again")
    assert "has changed since" not in said(page)

    web.open_tab(page, "Results", ".crossings-results")
    entry = page.locator(".crossings-result").filter(has_text="A short run")
    web.until(page, lambda: entry.count() >= 1, "the results do not list it")
    entry.first.get_by_role("button", name="Read", exact=True).click()
    frame = page.frame_locator("iframe")
    web.until(page, lambda: frame.locator("svg, canvas").count() > 0, "the report has no figure")
    assert page.locator("iframe").get_attribute("sandbox") is not None
    assert "arrivals" in frame.locator("body").inner_text().lower()
    web.press(page, "Back to the list")
    web.until(page, lambda: entry.count() >= 1, "the list does not come back")


def test_a_page_that_is_not_there_is_told_in_words(visit):
    watch = visit("/results/nothing/report.html")
    watch.expected += ["status 404", "status of 404"]
    assert watch.page.get_by_text("This page is not there").count() == 1


@pytest.mark.full
def test_the_limits_are_on_a_page_of_their_own_and_the_runs_stay(page):
    web.set_level(page)
    web.open_tab(page, "What it can tell you", ".crossings-limits")
    text = page.locator(".crossings-limits").inner_text()
    for words in (
        "One run is not an estimate", "Deaths stand beside crossings", "no claim",
        "none of the series to which the model was fitted says anything about it",
        "Who is missing from the data", "What it must not be used for",
        "To decide anything about a person", "How many will cross next year.",
    ):  # fmt: skip
        assert words in text, words
    assert "**" not in text
    web.open_tab(page, "Watch", ".crossings-bar")
    web.ready(page)
    assert "sharing" in web.whatif(page).data
