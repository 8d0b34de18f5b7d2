"""What a planner does in a browser, from the answer on which the app opens to the brief."""

from __future__ import annotations

import pytest

from simulation.app.draft import Draft
from simulation.app.links import PageState, query_of
from tests.app import browsing as web

pytestmark = pytest.mark.slow
SHORT = Draft.of_file(web.SHORT.encode(), "short.toml")
AGREED = SHORT.with_(sharing=[{"between": ["UK", "RS"], "level": "full"}], title="Agreed")


def address(draft, tab="answer"):
    """The address of a page that shows a what-if, and simulates a tenth of the people."""
    return f"/?{query_of(PageState(draft, tab, people='0.1'), Draft())}"


def figure(page):
    """The large figure; empty where there is none."""
    return "".join(page.locator(".answer-large strong").all_inner_texts())


def pick(page, group, label):
    """Choose an option, and wait until it is chosen."""
    radio = page.get_by_role("group", name=group).get_by_role("radio", name=label, exact=True)
    web.again(page, radio.check, radio.is_checked, f"“{label}” is not taken")


def said(page, part="Set in this what-if"):
    """The sentences of a list of the what-if."""
    return page.get_by_role("list", name=part).get_by_role("listitem").all_inner_texts()


def combo(page, name):
    """A list to choose from, by what it is called."""
    return page.get_by_role("combobox", name=name, exact=True)


def unfold(page):
    """Open the panel of all levers."""
    page.get_by_text("All levers, and the what-if as a file").click()


def test_the_answer_follows_the_choices_and_the_address_holds_them(visit):
    page = visit("/").page
    web.until(page, lambda: figure(page), "there is no figure")
    assert page.locator("h1").bounding_box()["y"] < 200
    assert page.locator(".crossings-answers table").count() == 3
    pick(page, "Western Balkan agreements", "As signed")
    web.until(page, lambda: not figure(page), "a figure of nothing")
    pick(page, "Patrols on the French coast", "Twice")
    web.until(page, lambda: "fewer" in figure(page), "the figure does not follow")
    web.until(page, lambda: "whatif=" in page.url, "the address does not follow")
    both, query = figure(page), page.url
    pick(page, "Years", "2028")
    web.until(page, lambda: "years=2028" in page.url, "the address does not follow")
    page.go_back()
    web.until(page, lambda: figure(page) == both, "the years are not taken back")
    assert page.url == query
    page.reload()
    web.until(page, lambda: figure(page) == both, "it is lost in a reload")
    # another visitor sees nothing of it
    other = visit("/").page
    web.until(other, lambda: figure(other), "there is no figure")
    assert figure(other) != both
    # two choices together have no estimate, and say so in place
    pick(page, "Sharing everywhere", "Full")
    web.until(page, lambda: not figure(page), "a figure of what is not known")
    assert page.get_by_text("There is no estimate of this what-if.").count() == 1
    assert page.get_by_role("button", name="Run the full model").is_enabled()


def test_a_lever_is_added_by_its_form_refused_and_removed(visit):
    page = visit(address(SHORT)).page
    web.until(page, lambda: page.locator("h1").count() == 1, "there is no page")
    assert page.get_by_role("button", name="Run the full model").is_disabled()
    unfold(page)
    combo(page, "Lever").select_option("staff")
    whose, kind = combo(page, "Whose staff (needed)"), combo(page, "Kind (needed)")
    change = page.get_by_role("spinbutton", name="Change", exact=True)
    web.until(page, lambda: whose.count() == 1, "there is no form")
    whose.select_option("FR")
    kind.select_option("coast_patrol")
    change.fill("1.5")
    page.get_by_label("From", exact=True).fill("2023-07-01")
    page.keyboard.press("Enter")
    web.until(page, lambda: len(said(page)) == 2, lambda: str(said(page)))
    assert "1 July 2023" in " ".join(said(page, "What differs from the baseline"))
    # what cannot be used is told, and what is typed stays
    whose.select_option("EUROPOL")
    kind.select_option("coast_patrol")
    change.fill("2")
    web.press(page, "Add")
    alert = page.locator(".crossings-what-if [role=alert]")
    web.until(page, lambda: alert.count() == 1, "it is not refused")
    assert change.input_value() == "2"
    assert len(said(page)) == 2
    page.get_by_role("button", name="Remove").first.click()
    web.until(page, lambda: len(said(page)) == 1, "it is not removed")


def test_a_what_if_is_saved_as_a_file_and_opened_again(visit, tmp_path):
    page = visit(address(AGREED)).page
    web.until(page, lambda: page.locator("h1").count() == 1, "there is no page")
    unfold(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the scenario file").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "agreed.toml"
    assert Draft.of_file(file.read_bytes(), file.name) == AGREED
    other = visit("/").page
    web.until(other, lambda: figure(other), "there is no figure")
    unfold(other)
    title, alert = other.get_by_label("Title of the what-if"), other.get_by_role("alert")
    bring(other, file)
    web.until(other, lambda: title.input_value() == "Agreed", "it is not open")
    for content in ("title = 1", "#" * 1_100_000):
        wrong = tmp_path / "wrong.toml"
        wrong.write_text(content, encoding="utf-8")
        bring(other, wrong)
        web.until(other, lambda: alert.count() == 1, "it is not refused")
        assert "wrong.toml" in alert.inner_text()
        assert title.input_value() == "Agreed"
        for lever in ("raid", "sharing"):
            combo(other, "Lever").select_option(lever)
        web.until(other, lambda: alert.count() == 0, "the refusal stays")


def bring(page, file):
    """Open a scenario file."""
    with page.expect_file_chooser() as chooser:
        web.press(page, "Open a file")
    chooser.value.set_files(file)


def test_the_full_model_is_stopped_run_read_and_taken_away(visit, server):
    page = visit(address(AGREED)).page
    run = page.get_by_role("button", name="Run the full model")
    panel = page.locator(".crossings-comparison")
    web.until(page, lambda: run.count() == 1, "there is no page")
    run.click()
    web.until(page, lambda: "runs are finished" in panel.inner_text(), "it does not begin")
    assert run.is_disabled()
    web.press(page, "Stop")
    web.until(page, lambda: "It was stopped" in panel.inner_text(), "it goes on")
    run.click()
    report = page.get_by_role("link", name="Read the whole report (in a new tab)")
    web.until(page, lambda: report.count() == 1, lambda: panel.inner_text())
    assert "arrivals" in panel.inner_text()
    assert "Deaths" in panel.inner_text()
    for name, begins in (("Word", b"PK"), ("HTML", b"<!doctype")):
        href = panel.get_by_role("link", name=name, exact=True).get_attribute("href")
        assert page.request.get(f"{server.url}{href}").body().startswith(begins)
    # with another what-if it is still shown, and marked
    unfold(page)
    combo(page, "Start from").select_option("no-sharing")
    web.until(page, lambda: "The question has changed" in panel.inner_text(), "it is not marked")
    web.open_tab(page, "Results", ".crossings-results")
    entry = page.locator(".crossings-result").filter(has_text="Agreed")
    web.until(page, lambda: entry.count() >= 1, "the results do not list it")
    opened = visit(report_of(entry)).page
    web.until(opened, lambda: opened.locator("svg, canvas").count() > 0, "it has no figure")
    assert "Agreed" in opened.locator("body").inner_text()


def report_of(entry):
    """Where the report of an entry of the results is."""
    return entry.first.get_by_role("link", name="Read the report").get_attribute("href")


def test_one_world_is_watched_by_day(visit):
    page = visit(address(AGREED, "watch")).page
    web.until(page, lambda: len(web.drawn(page)) == 2, "there are not two drawn maps")
    assert page.get_by_text("This is one world").count() == 1
    assert web.bar(page)["phase"] == "empty"
    web.press(page, "Step a week")
    web.until(page, lambda: web.bar(page)["over"] == web.WARM_UP + 7, "a week is not over")
    assert "7 June 2023" in page.locator(".crossings-when").inner_text()
    used = page.locator(".crossings-map .leg:not(.unused)")
    assert used.count() > 50
    page.get_by_label("Speed").select_option("0")
    web.press(page, "Play")
    web.until(page, lambda: web.bar(page)["phase"] == "finished", "the run does not end")
    assert "one seed, not an estimate" in page.locator(".crossings-headline").inner_text()
    web.until(page, lambda: web.drawn(page)[0] > 3, "the maps are not drawn anew")
    chart = page.locator(".crossings-chart").first
    chart.scroll_into_view_if_needed()
    web.until(page, lambda: chart.get_attribute("data-points"), "there is no chart")
    # any day is shown again; the keyboard reaches it
    page.get_by_label("Day shown").focus()
    page.keyboard.press("Home")
    web.until(page, lambda: web.bar(page)["day"] == web.WARM_UP, "the first day is not shown")
    # it is still there after a look at another tab
    web.open_tab(page, "Results", ".crossings-results")
    web.open_tab(page, "Watch", ".crossings-bar")
    web.until(page, lambda: len(web.drawn(page)) == 2, "there are not two drawn maps")
    assert web.bar(page)["over"] == web.DAYS
    # a change is marked, and begins anew
    page.get_by_label("Seed").fill("5")
    page.keyboard.press("Enter")
    changed = page.get_by_text("The controls have changed.")
    web.until(page, lambda: changed.count() == 1, "the change is not marked")
    web.press(page, "Reset")
    web.until(page, lambda: web.bar(page)["phase"] == "paused", "it does not begin anew")
    assert web.bar(page)["over"] == web.WARM_UP
    assert changed.count() == 0


def test_an_address_that_is_damaged_is_told_and_the_page_opens(visit):
    page = visit("/?whatif=abc").page
    web.until(page, lambda: figure(page), "there is no figure")
    assert page.get_by_text("The address of this page cannot be used.").count() == 1
    watch = visit("/results/nothing/report.html")
    watch.expected += ["status 404", "status of 404"]
    assert watch.page.get_by_text("This page is not there").count() == 1
