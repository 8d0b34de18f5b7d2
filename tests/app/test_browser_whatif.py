"""The what-if in a browser: every control does what it says, and says what it does."""

from __future__ import annotations

import pytest

from simulation.app.controls import PARTS
from simulation.app.draft import Draft
from simulation.app.links import PageState, query_of
from simulation.parameters import load_parameters
from tests.app import browsing as web

pytestmark = pytest.mark.slow
UK_SERBIA_RISES = "Sharing between UK and RS rises from low to high from 1 June 2023."


def comes(page, *sentences):
    """Wait until the list of differences is this."""
    web.until(
        page, lambda: web.differs(page) == list(sentences), f"{web.differs(page)}, not {sentences}"
    )


def form(page):
    """The form that is open."""
    return page.locator(".crossings-controls .form")


def open_form(page, part, name, among=0):
    """Open a form of a part of the controls beside those that are open already."""
    web.unfold(page, part)
    button = page.get_by_role("button", name=name, exact=True)
    web.again(page, button.click, lambda: form(page).count() > among, f"“{name}” opens no form")


def add(page, name, so=None):
    """Add what is typed in the form, until it is done or what is looked for shows."""
    button = page.get_by_role("button", name=name, exact=True)
    web.again(page, button.click, so or (lambda: form(page).count() == 0), "it is not added")


def raise_sharing(page):
    """UK and Serbia share much, by the mouse."""
    web.set_level(page)
    comes(page, UK_SERBIA_RISES)


@pytest.mark.full
def test_a_start_a_title_and_the_way_back(page):
    assert web.whatif(page).start == "baseline"
    assert web.differs(page) == []
    field = web.box(page, "Title of the what-if").locator("input")
    for title in ("Ab", "Abc", "Z"):  # what is typed fast is taken over whole
        field.click()
        page.keyboard.press("Control+A")
        page.keyboard.type(title)
        page.keyboard.press("Tab")
        web.until(page, lambda title=title: web.whatif(page).title == title, "letters are lost")
    wrong = page.locator(".v-messages.error--text")
    web.write(page, "Title of the what-if", "x" * 2_000, so=wrong.count)
    web.choose(page, "Start from", "No sharing: every authority on its own")
    web.until(page, lambda: web.whatif(page) == Draft("no-sharing"), "the start is not taken")
    web.until(page, lambda: web.differs(page), "no differences")
    web.until(page, lambda: field.input_value().startswith("No sharing"), "the title stays")
    web.set_level(page)
    web.until(page, lambda: "sharing" in web.whatif(page).data, "the link does not follow")
    web.press(page, "Back to the start")
    web.until(page, lambda: not web.whatif(page).changed, "it does not go back")
    assert page.get_by_role("button", name="Back to the start", exact=True).is_disabled()
    assert web.whatif(page).start == "no-sharing"


def test_a_level_is_chosen_by_mouse_and_taken_back_and_by_the_keyboard(page):
    raise_sharing(page)
    cell = page.locator(f".sharing-matrix [aria-label^='{web.UK_SERBIA}']")
    web.until(page, lambda: "changed" in cell.get_attribute("class"), "the cell is not marked")
    assert cell.get_attribute("aria-label").endswith("high, changed from low")
    web.holds(page, "sharing", between=["UK", "RS"], level="high")
    web.set_level(page, "")
    comes(page)
    web.until(page, lambda: "changed" not in cell.get_attribute("class"), "the mark stays")
    cell.click()
    page.get_by_role("button", name="close").click()
    assert page.locator(".sharing-matrix .picker:visible").count() == 0
    # by the keyboard alone
    page.locator(".sharing-matrix [data-at='0,0']").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.ariaLabel").startswith(
        "Sharing between Serbia and UK"
    )
    page.keyboard.press("Enter")
    level = "document.activeElement.dataset.level"
    web.until(page, lambda: page.evaluate(level) == "low", "the level as it is has no focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(level) == "high"
    assert page.locator(".picker .meaning").inner_text()
    page.keyboard.press("Enter")
    comes(page, UK_SERBIA_RISES)
    web.until(page, lambda: page.evaluate("document.activeElement.dataset.at") == "4,0",
          "the focus does not come back")  # fmt: skip
    web.again(page, lambda: page.keyboard.press("Enter"),
              lambda: page.evaluate(level) == "high", "the list does not open")  # fmt: skip
    page.keyboard.press("Escape")
    assert page.locator(".sharing-matrix .picker:visible").count() == 0


@pytest.mark.full
def test_a_group_a_date_a_ramp_and_every_authority(page):
    web.set_level(page, "full", "Sharing between UK and Western Balkans")
    web.until(page, lambda: len(web.differs(page)) == 1, "no difference")
    assert "full from 1 June 2023" in web.differs(page)[0]
    web.write(page, "From", "2023-07-01", so=lambda: "from 1 July 2023" in web.differs(page)[0])
    web.write(page, "Grows over days", "30", so=lambda: "over 30 days" in web.differs(page)[0])
    web.holds(page, "sharing", ramp_days=30)
    problem = page.locator(".crossings-controls .problem:visible", has_text="outside the run")
    web.write(page, "From", "2031-01-01", so=lambda: problem.count() == 1)
    few = page.locator(".sharing-matrix .cell").count()
    for view, many in (("Every authority", 24 * 23 / 2), ("Main authorities", few)):
        cells = page.locator(".sharing-matrix .cell")
        choice = page.get_by_text(view, exact=True)
        web.again(page, choice.click, lambda m=many, c=cells: c.count() == m, f"not “{view}”")


@pytest.mark.full
def test_an_agreement_is_added_and_removed_and_what_is_not_added_is_told(page):
    open_form(page, "Agreements, one by one", "Add an agreement")
    web.find(page, "Between", "(UK-CI)", form(page))
    web.find(page, "and", "(BG)", form(page))
    web.choose(page, "Level", "high", form(page))
    one_way = page.get_by_label("One way only")
    web.again(page, lambda: one_way.check(force=True), one_way.is_checked, "it is not switched")
    web.write(page, "From", "2023-07-01", form(page))
    add(page, "Add an agreement")
    web.holds(page, "sharing", between=["UK-CI", "BG"], one_way=True)
    sentence = "Sharing from UK-CI to BG: high from 1 July 2023."
    assert page.locator(".said", has_text=sentence).count() == 1
    assert len(web.differs(page)) == 1
    remove = page.get_by_role("button", name=f"Remove: {sentence}").click
    web.again(page, remove, lambda: web.differs(page) == [], "it is not removed")
    web.until(page, lambda: "sharing" not in web.whatif(page).data, "the link keeps it")
    # what is typed and not added is told beside Play
    open_form(page, "Operations with dates", "Add an operation")
    reminder = page.locator(".crossings-bar", has_text="what is typed under “Add an operation”")
    assert reminder.count() == 0  # nothing is typed yet
    web.find(page, "Who acts", "(FR)", form(page))
    web.until(page, lambda: reminder.count() == 1, "it is not told")
    # the bar is in view wherever among the controls somebody types
    page.get_by_text("The data behind the charts").scroll_into_view_if_needed()
    for seen in (reminder, page.get_by_role("button", name="Play", exact=True)):
        place = seen.bounding_box()
        assert 0 <= place["y"] < 200
    # and it is still there after a look at another tab
    web.open_tab(page, "Results", ".crossings-results")
    web.open_tab(page, "Watch", ".crossings-bar")
    web.until(page, lambda: reminder.count() == 1, "it is not told any more")
    assert web.box(page, "Who acts", form(page)).locator("input").first.input_value()
    cancel = page.get_by_role("button", name="Cancel: Add an operation").click
    web.again(page, cancel, lambda: reminder.count() == 0, "it is still told")
    open_form(page, "Operations with dates", "Add an operation")
    assert web.box(page, "Who acts", form(page)).locator("input").first.input_value() == ""


def test_nothing_begins_while_it_is_edited_and_then_the_two_are_side_by_side(page):
    web.step_to(page, "Step a week", 7)
    raise_sharing(page)
    web.unfold(page, "What smugglers can do in response")
    route = page.get_by_text("They can change their route")
    web.again(page, route.click, lambda: len(web.differs(page)) == 2, "no difference")
    web.settled(page)
    assert web.bar(page) == {"phase": "paused", "over": web.WARM_UP + 7, "day": web.WARM_UP + 6}
    assert page.locator(".crossings-maps").count() == 1
    assert page.locator(".crossings-bar .crossings-changed").is_visible()
    web.anew(page, lambda: web.press(page, "Reset"), two=True)
    assert page.locator(".crossings-bar .crossings-changed").count() == 0
    for _ in range(4):
        web.step_to(page, "Step a week", 7)
    titles = page.locator(".crossings-maps-title").all_inner_texts()
    assert titles[0].startswith("Baseline: ")
    assert titles[1].startswith("What-if: ")
    assert web.map_state(page, 0) != web.map_state(page, 1)
    headline = page.locator(".crossings-headline").inner_text()
    assert headline.startswith("With the what-if, so far ")
    assert "one seed, not an estimate" in headline
    chart = "What the what-if changes, so far"
    web.until(page, lambda: web.points(page, chart) == 2 * 4, "the difference has no points")
    web.until(
        page, lambda: web.points(page, "Small-boat arrivals in the UK") == 2 * 4, "no two lines"
    )
    web.set_level(page, "")
    web.again(page, route.click, lambda: web.differs(page) == [], "it is not taken back")
    web.anew(page, lambda: web.press(page, "Reset"))
    assert page.locator(".crossings-maps").count() == 1


@pytest.mark.full
def test_a_what_if_that_cannot_be_run_is_not_played_and_the_bar_says_why(page):
    for how, amount in (("more units", "5"), ("times", "2")):
        open_form(page, "Staff and funding", "Add or take away staff")
        web.find(page, "Whose staff", "(AL)", form(page))
        web.choose(page, "Kind", "coast patrol", form(page))
        web.write(page, "How much", amount, form(page))
        web.choose(page, "As", how, form(page))
        add(page, "Add or take away staff")
    # the second change needs the staff that the first one adds
    remove = page.get_by_role("button", name="Remove: AL has 5 more").click
    refusal = page.locator(".crossings-bar .crossings-refused")
    web.again(page, remove, lambda: refusal.count() == 1, "it is not refused")
    assert "AL has no coast_patrol to multiply" in refusal.inner_text()
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    estimate = page.get_by_role("button", name="Start the runs")
    web.until(page, estimate.is_disabled, "it can still be estimated")
    remove = page.get_by_role("button", name="Remove: AL has 2 times").click
    web.again(page, remove, lambda: refusal.count() == 0, "the refusal stays")
    web.step_to(page, "Step a day", 1)


@pytest.mark.full
def test_every_control_has_a_tool_tip(page):
    web.unfold(page, *PARTS[1:])
    forms = (
        ("Agreements, one by one", "Add an agreement"),
        ("Staff and funding", "Add or take away staff"), ("Staff and funding", "Add funding"),
        ("Operations with dates", "Add an operation"),
    )  # fmt: skip
    for among, (part, name) in enumerate(forms):
        open_form(page, part, name, among)
    page.get_by_role("button", name="operations of the start").click()
    untold = page.evaluate(
        "() => [...document.querySelectorAll('.crossings-run-with, .crossings-bar,"
        " .crossings-controls')].flatMap(part => [...part.querySelectorAll("
        "'button, input, select, textarea')]).filter(one => one.getClientRects().length"
        " && !one.classList.contains('v-expansion-panel-header') && one.type !== 'hidden')"
        ".filter(one => { for (let at = one; at && at.tagName !== 'MAIN'; at = at.parentElement)"
        " if ((at.title || at.getAttribute('aria-description') || '').trim()) return false;"
        " return !one.closest('.v-input')?.querySelector('[aria-description]'); })"
        ".map(one => one.outerHTML)"
    )
    assert untold == []
    shown = page.locator(".v-tooltip__content.menuable__content__active")
    for label in ("Whose staff", "Amount", "Times the effort"):
        tip = (
            web.box(page, label)
            .locator("[aria-description]")
            .first.get_attribute("aria-description")
        )
        web.box(page, label).hover()
        web.until(page, lambda tip=tip: tip in shown.all_inner_texts(), f"no tip for “{label}”")


@pytest.mark.full
def test_the_page_of_a_lever_is_opened_and_closed_by_the_keyboard_and_has_an_address(page):
    web.unfold(page, "Visas, returns and legal ways")
    about, opener = page.locator(".crossings-about"), "Visa: What it is"
    page.get_by_role("button", name=opener, exact=True).focus()
    web.again(page, lambda: page.keyboard.press("Enter"), about.count, "it does not open")
    assert load_parameters().record("policy.visa_effect").drives in about.inner_text()
    focus = "document.activeElement"
    web.until(page, lambda: page.evaluate(f"{focus}.textContent") == "What it is", "no focus")
    web.until(page, lambda: web.address(page) == "lever=visa", "it has no address")
    page.keyboard.press("Escape")
    web.until(page, lambda: about.count() == 0, "it does not close")
    web.until(page, lambda: web.address(page) == "", "the address keeps it")
    assert page.evaluate(f"{focus}.ariaLabel") == opener


@pytest.mark.full
def test_an_address_opens_the_page_of_a_lever_where_its_form_is(visit):
    page = visit("/?lever=raid").page
    about = page.locator(".crossings-about")
    web.until(page, about.count, "it is not open")
    part = page.locator(".v-expansion-panel--active", has=about)
    assert part.locator(".v-expansion-panel-header").inner_text() == "Operations with dates"
    assert part.get_by_role("button", name="Add a raid", exact=True).count() == 1
    web.again(page, about.get_by_role("button", name="Close").click,
              lambda: about.count() == 0, "it does not close")  # fmt: skip


@pytest.mark.full
def test_a_map_of_the_difference_in_place_of_two_maps(visit):
    patrols = (
        '[[operation]]\nauthority = "RS"\nplaces = ["subotica"]\nstrength = 5.0\n'
        "from = 2023-06-01\n"
    )
    state = PageState(Draft.of_file((web.SHORT + patrols).encode(), "patrols.toml"))
    page = visit(f"/?{query_of(state)}").page
    web.ready(page, two=True)
    web.step_to(page, "Step a month", 30)
    box, maps = page.get_by_label("Map of the difference"), page.locator(".crossings-maps")
    web.again(page, box.click, lambda: maps.count() == 1, "there are two maps")
    title = page.locator(".crossings-maps-title")
    web.until(page, lambda: title.inner_text() == "What the what-if changes: mean of 28 days to "
              "30 June 2023", "other worlds are not complete")  # fmt: skip
    web.settled(page)
    fewer, more = (page.locator(f"[data-map=corridor] path.leg.c{colour}") for colour in (0, 4))
    assert fewer.count() > 0
    dashes = [
        one.first.evaluate("one => getComputedStyle(one).strokeDasharray") for one in (fewer, more)
    ]
    assert dashes[0] != dashes[1] == "none"
    # the same as a table, for those who do not see the map
    page.get_by_text("The same as tables").click()
    rows = page.locator(".crossings-change-figures table").first.locator("tr")
    assert rows.count() - 1 == fewer.count() + more.count()
    assert "Subotica" in rows.nth(1).inner_text()
    legend = page.locator(".crossings-legend").first.locator("xpath=..").inner_text()
    assert "8 pairs" in legend
    assert "Deaths are not on it" in legend
    web.again(page, box.click, lambda: maps.count() == 2, "the two maps do not come back")
