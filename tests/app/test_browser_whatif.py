"""The what-if in a browser: every control does what it says, and says what it does."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.app.browsing import (
    WARM_UP,
    anew,
    bar,
    box,
    choose,
    drawn,
    find,
    holds,
    link,
    made,
    map_state,
    points,
    press,
    ready,
    step_to,
    unfold,
    until,
    write,
)

pytestmark = pytest.mark.slow
UK_SERBIA = "Sharing between UK and RS rises from low to high from 1 June 2023."


def changes(page):
    """What differs from the baseline, in the page's words."""
    return page.locator("section[aria-label='What differs from the baseline'] li").all_inner_texts()


def comes(page, *sentences):
    """Wait until the list of differences is this."""
    until(page, lambda: changes(page) == list(sentences), f"{changes(page)}, not {sentences}")


def problem(page):
    """What is refused in the controls, in words."""
    return page.locator(".crossings-controls .problem:visible")


def cell(page, name):
    """A cell of the matrix, or a shortcut, by what is read aloud."""
    return page.locator(f".sharing-matrix [aria-label^='{name}']")


def form(page):
    """The form that is open."""
    return page.locator(".crossings-controls .form")


def add(page, name):
    """Open a form, or add what is typed in it."""
    from playwright.sync_api import TimeoutError as NotYet

    button = page.get_by_role("button", name=name, exact=True)
    if form(page).count() > 0:
        button.click()
        return

    def opened() -> bool:
        # a click on a button that is drawn anew in this moment is lost, as a person's would be
        button.click()
        with suppress(NotYet):
            form(page).wait_for(timeout=5_000)
        return form(page).count() > 0

    until(page, opened, f"“{name}” opens no form")


def raise_sharing(page):
    """UK and Serbia share much, by the mouse."""
    cell(page, "Sharing between Serbia and UK").click()
    page.locator("[data-level=high]").click()
    comes(page, UK_SERBIA)


def test_a_start_a_title_and_the_way_back(page):
    ready(page)
    assert made(page).start == "baseline"
    assert changes(page) == []
    write(page, "Title of the what-if", "Seen by nobody else")
    until(page, lambda: made(page).title == "Seen by nobody else", "the title is not taken")
    write(page, "Title of the what-if", "x" * 2_000)
    until(page, lambda: problem(page).count() + page.locator(".v-messages.error--text").count(),
          "a title that is too long is taken")  # fmt: skip
    choose(page, "Start from", "No sharing: every authority on its own")
    until(page, lambda: made(page).start == "no-sharing", "the start is not taken")
    until(page, lambda: changes(page), "no differences")
    title = box(page, "Title of the what-if").locator("input")
    until(page, lambda: title.input_value().startswith("No sharing"), "the title stays")
    cell(page, "Sharing between Serbia and UK").click()
    page.locator("[data-level=high]").click()
    until(page, lambda: "sharing" in made(page).data, "the level is not taken")
    press(page, "Back to the start")
    until(page, lambda: not made(page).changed, "it does not go back")
    assert page.get_by_role("button", name="Back to the start", exact=True).is_disabled()
    assert made(page).start == "no-sharing"


def test_a_level_is_chosen_by_mouse_and_taken_back(page):
    ready(page)
    raise_sharing(page)
    found = cell(page, "Sharing between Serbia and UK")
    until(page, lambda: "changed" in found.get_attribute("class"), "the cell is not marked")
    assert found.get_attribute("aria-label").endswith("high, changed from low")
    holds(page, "sharing", between=["UK", "RS"], level="high")
    found.click()
    page.get_by_role("button", name="as it is").click()
    comes(page)
    until(page, lambda: "changed" not in found.get_attribute("class"), "the mark stays")
    found.click()
    page.get_by_role("button", name="close").click()
    assert page.locator(".sharing-matrix .picker:visible").count() == 0


def test_a_level_is_chosen_by_the_keyboard_alone(page):
    ready(page)
    page.locator(".sharing-matrix [data-at='0,0']").focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.ariaLabel").startswith(
        "Sharing between Serbia and UK"
    )
    page.keyboard.press("Enter")
    level = "document.activeElement.dataset.level"
    until(page, lambda: page.evaluate(level) == "low", "the level as it is has no focus")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate(level) == "high"
    assert page.locator(".picker .meaning").inner_text()
    page.keyboard.press("Enter")
    comes(page, UK_SERBIA)
    until(page, lambda: page.evaluate("document.activeElement.dataset.at") == "4,0",
          "the focus does not come back")  # fmt: skip
    page.keyboard.press("Enter")
    until(page, lambda: page.evaluate(level) == "high", "the list does not open")
    page.keyboard.press("Escape")
    assert page.locator(".sharing-matrix .picker:visible").count() == 0


def test_a_group_a_date_a_ramp_and_every_authority(page):
    ready(page)
    page.locator(".shortcut", has_text="UK and Western Balkans").click()
    page.locator("[data-level=full]").click()
    until(page, lambda: len(changes(page)) == 1, "no difference")
    assert "full from 1 June 2023" in changes(page)[0]
    write(page, "From", "2023-07-01")
    until(page, lambda: "from 1 July 2023" in changes(page)[0], "the date is not taken")
    write(page, "Grows over days", "30")
    until(page, lambda: "over 30 days" in changes(page)[0], "the ramp is not taken")
    holds(page, "sharing", ramp_days=30)
    write(page, "Grows over days", "many")
    until(page, lambda: problem(page).count() == 1, "it is not refused")
    assert 'Grows over days = "many": must be a number' in problem(page).inner_text()
    write(page, "Grows over days", "30")
    until(page, lambda: problem(page).count() == 0, "the refusal stays")
    write(page, "From", "2031-01-01")
    until(page, lambda: problem(page).count() == 1, "it is not refused")
    assert "lies outside the run" in problem(page).inner_text()
    few = page.locator(".sharing-matrix .cell").count()
    page.get_by_text("Every authority", exact=True).click()
    until(page, lambda: page.locator(".sharing-matrix .cell").count() == 24 * 23 / 2, "not all")
    page.get_by_text("Main authorities", exact=True).click()
    until(page, lambda: page.locator(".sharing-matrix .cell").count() == few, "not the main ones")


def test_an_agreement_one_way_is_added_and_removed(page):
    ready(page)
    unfold(page, "Agreements, one by one")
    add(page, "Add an agreement")
    find(page, "Between", "(UK-CI)", form(page))
    find(page, "and", "(BG)", form(page))
    choose(page, "Level", "high", form(page))
    page.get_by_label("One way only").check(force=True)
    write(page, "From", "2023-07-01", form(page))
    add(page, "Add an agreement")
    until(page, lambda: form(page).count() == 0, "it is not added")
    holds(page, "sharing", between=["UK-CI", "BG"], one_way=True)
    sentence = "Sharing from UK-CI to BG: high from 1 July 2023."
    assert page.locator(".said", has_text=sentence).count() == 1
    assert len(changes(page)) == 1
    page.get_by_role("button", name=f"Remove: {sentence}").click()
    comes(page)
    until(page, lambda: "sharing" not in made(page).data, "the link keeps it")


def test_staff_is_added_and_a_slip_is_told(page):
    ready(page)
    unfold(page, "Staff and funding")
    add(page, "Add or take away staff")
    find(page, "Whose staff", "(FR)", form(page))
    choose(page, "Kind", "coast patrol", form(page))
    write(page, "How much", "lots", form(page))
    add(page, "Add or take away staff")
    until(page, lambda: problem(page).count() == 1, "it is not refused")
    assert 'Times the staff = "lots": must be a number' in problem(page).inner_text()
    write(page, "How much", "4", form(page))
    choose(page, "As", "more units", form(page))
    add(page, "Add or take away staff")
    comes(page, "FR has 4 more coast patrol units.")
    holds(page, "staff", authority="FR", kind="coast_patrol", add=4)


def test_funding_must_be_spent_in_full(page):
    ready(page)
    unfold(page, "Staff and funding")
    add(page, "Add funding")
    find(page, "Who pays", "UK", form(page), "UK")
    find(page, "Who gets it", "(FR)", form(page))
    write(page, "Amount", "75,000,000", form(page))
    write(page, "Investigation, %", "60", form(page))
    until(page, lambda: page.get_by_text("Together now 60%").count() == 1, "it does not add up")
    add(page, "Add funding")
    until(page, lambda: problem(page).count() == 1, "it is not refused")
    said = "the what-if: funding[0].spend_on: shares sum to 0.6; allowed: a sum of 1"
    assert problem(page).inner_text() == said
    write(page, "Coast patrol, %", "40", form(page))
    add(page, "Add funding")
    until(page, lambda: form(page).count() == 0, "it is not added")
    spent = {"investigation": 0.6, "coast_patrol": 0.4}
    holds(page, "funding", amount={"GBP": 75_000_000}, spend_on=spent)
    assert len(changes(page)) == 1


def test_an_operation_has_places_on_the_ground_of_who_acts(page):
    ready(page)
    unfold(page, "Operations with dates")
    add(page, "Add an operation")
    find(page, "Who acts", "(FR)", form(page))
    find(page, "Places", "Calais", form(page))
    find(page, "Who acts", "(RS)", form(page))
    # those of France went with France, and Serbia's list does not offer them
    chips = form(page).locator(".v-chip")
    until(page, lambda: chips.count() == 0, "places of somebody else stay")
    box(page, "Places", form(page)).locator(".v-input__slot").first.click()
    page.keyboard.type("Calais")
    until(page, lambda: page.get_by_text("No data available").count() == 1, "Calais is offered")
    page.keyboard.press("Tab")
    find(page, "Places", "Subotica", form(page))
    until(page, lambda: chips.count() == 1, "the place is not taken")
    write(page, "Times the effort", "3", form(page))
    write(page, "From", "2023-07-01", form(page))
    write(page, "To", "2023-06-15", form(page))
    add(page, "Add an operation")
    until(page, lambda: problem(page).count() == 1, "it is not refused")
    assert "ends before it starts" in problem(page).inner_text()
    write(page, "To", "2023-07-31", form(page))
    add(page, "Add an operation")
    until(page, lambda: form(page).count() == 0, "it is not added")
    holds(page, "operation", places=["subotica"])
    assert len(changes(page)) == 1
    assert "from 1 July 2023 to 31 July 2023" in changes(page)[0]


def test_an_operation_of_the_start_is_taken_out_and_put_back(page):
    ready(page)
    unfold(page, "Operations with dates")
    page.get_by_role("button", name="operations of the start").click()
    page.get_by_role("button", name="Take out").first.click()
    until(page, lambda: len(made(page).data.get("drop", ())) == 1, "it is not taken out")
    page.get_by_role("button", name="Put back").first.click()
    until(page, lambda: "drop" not in made(page).data, "it is not put back")


def test_what_smugglers_can_do_is_switched(page):
    ready(page)
    unfold(page, "What smugglers can do in response")
    switches = page.locator(".crossings-controls .v-input--switch")
    assert switches.count() == 6
    for index in range(6):
        switches.nth(index).locator("label").click()
        until(page, lambda index=index: len(changes(page)) == index + 1, "no difference")
    off = [False] * 6
    until(
        page,
        lambda: list(made(page).data.get("adaptation", {}).values()) == off,
        "the link does not hold all six",
    )
    switches.first.locator("label").click()
    until(page, lambda: len(changes(page)) == 5, "it is not switched back")


def test_nothing_begins_while_it_is_edited_and_then_the_two_are_side_by_side(page):
    ready(page)
    step_to(page, "Step a week", 7)
    raise_sharing(page)
    unfold(page, "What smugglers can do in response")
    page.get_by_text("They can change their route").click()
    until(page, lambda: len(changes(page)) == 2, "no difference")
    page.wait_for_timeout(1_500)
    assert bar(page) == {"phase": "paused", "over": WARM_UP + 7, "day": WARM_UP + 6}
    assert page.locator(".crossings-maps").count() == 1
    assert page.locator(".crossings-bar .crossings-changed").is_visible()
    anew(page, lambda: press(page, "Reset"), two=True)
    assert page.locator(".crossings-bar .crossings-changed").count() == 0
    for _ in range(4):
        step_to(page, "Step a week", 7)
    titles = page.locator(".crossings-maps-title").all_inner_texts()
    assert titles[0].startswith("Baseline: ")
    assert titles[1].startswith("What-if: ")
    assert map_state(page, 0) != map_state(page, 1)
    headline = page.locator(".crossings-headline").inner_text()
    assert headline.startswith("With the what-if, so far ")
    assert "one seed, not an estimate" in headline
    chart = "What the what-if changes, so far"
    until(page, lambda: points(page, chart) == 2 * 4, "the difference has no points")
    until(page, lambda: points(page, "Small-boat arrivals in the UK") == 2 * 4, "no two lines")
    raise_back = cell(page, "Sharing between Serbia and UK")
    raise_back.click()
    page.get_by_role("button", name="as it is").click()
    page.get_by_text("They can change their route").click()
    comes(page)
    anew(page, lambda: press(page, "Reset"))
    assert page.locator(".crossings-maps").count() == 1


def test_play_plays_the_change_that_was_just_made(page):
    ready(page)
    raise_sharing(page)
    press(page, "Play")
    until(page, lambda: len(drawn(page)) == 2, "the what-if is not played")
    until(page, lambda: bar(page)["over"] > WARM_UP, "no day goes by")
    title = page.locator(".crossings-maps-title").nth(1)
    until(page, lambda: title.inner_text().startswith("What-if: "), "the change is not named")


def test_a_what_if_that_cannot_be_run_is_not_played_and_the_bar_says_why(page):
    ready(page)
    unfold(page, "Staff and funding")
    for how, amount in (("more units", "5"), ("times", "2")):
        add(page, "Add or take away staff")
        find(page, "Whose staff", "(AL)", form(page))
        choose(page, "Kind", "coast patrol", form(page))
        write(page, "How much", amount, form(page))
        choose(page, "As", how, form(page))
        add(page, "Add or take away staff")
        until(page, lambda: form(page).count() == 0, "it is not added")
    # the second change needs the staff that the first one adds
    page.get_by_role("button", name="Remove: AL has 5 more").click()
    refused = page.locator(".crossings-bar .crossings-refused")
    until(page, lambda: refused.count() == 1, "it is not refused")
    assert "AL has no coast_patrol to multiply" in refused.inner_text()
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    estimate = page.get_by_role("button", name="Estimate with an interval")
    until(page, estimate.is_disabled, "it can still be estimated")
    page.get_by_role("button", name="Remove: AL has 2 times").click()
    until(page, lambda: refused.count() == 0, "the refusal stays")
    step_to(page, "Step a day", 1)


def test_what_is_typed_and_not_added_is_told_beside_play(page):
    ready(page)
    unfold(page, "Operations with dates")
    add(page, "Add an operation")
    find(page, "Who acts", "(FR)", form(page))
    told = page.locator(".crossings-bar", has_text="what is typed under “Add an operation”")
    until(page, lambda: told.count() == 1, "it is not told")
    # the bar is in view wherever among the controls somebody types
    page.get_by_text("The data behind the charts").scroll_into_view_if_needed()
    for seen in (told, page.get_by_role("button", name="Play", exact=True)):
        place = seen.bounding_box()
        assert 0 <= place["y"] < 200
    # and it is still there after a look at another tab
    page.get_by_role("tab", name="Results").click()
    page.get_by_role("tab", name="Explore").click()
    until(page, lambda: told.count() == 1, "it is not told any more")
    assert box(page, "Who acts", form(page)).locator("input").first.input_value()
    page.get_by_role("button", name="Cancel: Add an operation").click()
    until(page, lambda: told.count() == 0, "it is still told")


def test_every_control_has_a_tool_tip(page):
    ready(page)
    unfold(page, "Agreements, one by one", "Staff and funding", "Operations with dates",
           "What smugglers can do in response")  # fmt: skip
    for name in ("Add an agreement", "Add or take away staff", "Add funding", "Add an operation"):
        add(page, name)
    until(page, lambda: form(page).count() == 4, "not all forms are open")
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
        tip = box(page, label).locator("[aria-description]").first.get_attribute("aria-description")
        box(page, label).hover()
        until(page, lambda tip=tip: tip in shown.all_inner_texts(), f"no tip for “{label}”")


def test_what_is_typed_fast_is_taken_over_whole(page):
    ready(page)
    for title in ("Ab", "Abc", "Z"):
        field = box(page, "Title of the what-if").locator("input")
        field.click()
        page.keyboard.press("Control+A")
        page.keyboard.type(title)
        page.keyboard.press("Tab")
        until(page, lambda title=title: made(page).title == title, "letters are lost")
    assert link(page)
