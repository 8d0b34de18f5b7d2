"""The live corridor in a browser: every button, slider and list that plays the days."""

from __future__ import annotations

import time

import pytest

from tests.app.browsing import (
    DAYS,
    WARM_UP,
    anew,
    bar,
    box,
    choose,
    curves,
    drawn,
    map_state,
    play,
    points,
    press,
    ready,
    settled,
    speed,
    step_to,
    to_the_end,
    until,
    words,
    write,
)

pytestmark = pytest.mark.slow
CHARTS = (
    "Small-boat arrivals in the UK",
    "Deaths in the Channel, so far",
    "People on the way, by country",
    "Price of a seat in a boat",
    "Smugglers with an open case where they operate",
    "Smugglers' profit",
)


def test_the_first_figure_is_there_before_anything_is_pressed(page):
    ready(page)
    assert bar(page) == {"phase": "paused", "over": WARM_UP, "day": WARM_UP - 1}
    state = map_state(page)
    assert any("w2" in leg or "w3" in leg for leg in state.legs)
    assert page.locator(".crossings-maps [data-map=corridor] text.name").count() > 10
    assert page.locator(".crossings-legend").count() == 3
    assert page.title() == "crossings"


def test_play_and_pause(page):
    ready(page)
    before = map_state(page)
    play(page)
    assert bar(page)["phase"] == "playing"
    until(page, lambda: bar(page)["over"] >= WARM_UP + 8, "days do not go by")
    press(page, "Pause")
    until(page, lambda: bar(page)["phase"] == "paused", "it does not stop")
    settled(page)
    stopped = bar(page)
    assert map_state(page).legs != before.legs
    assert map_state(page).radii != before.radii
    page.wait_for_timeout(1_000)
    assert bar(page) == stopped
    play(page)
    assert bar(page)["over"] > stopped["over"]


def test_a_step_is_a_day_or_a_week(page):
    ready(page)
    first = map_state(page)
    step_to(page, "Step a day", 1)
    assert words(page) == "1 June 2023: day 1 of 71."
    day = map_state(page)
    assert day != first
    step_to(page, "Step a week", 7)
    assert words(page) == "8 June 2023: day 8 of 71."
    assert bar(page) == {"phase": "paused", "over": WARM_UP + 8, "day": WARM_UP + 7}
    assert map_state(page) != day
    assert "one seed, not an estimate" in page.locator(".crossings-headline").inner_text()


def test_reset_begins_again_on_the_first_day(page):
    ready(page)
    start = map_state(page)
    step_to(page, "Step a week", 7)
    until(page, lambda: points(page, CHARTS[0]) == 1, "the chart has no point")
    anew(page, lambda: press(page, "Reset"))
    assert bar(page)["over"] == WARM_UP
    # the same seed: what was there at first is there again
    assert map_state(page) == start
    until(page, lambda: points(page, CHARTS[0]) == 0, "the chart keeps the old points")


@pytest.mark.parametrize(("choice", "pace"), [("2 days a second", 2), ("10 days a second", 10),
                                              ("30 days a second", 30)])  # fmt: skip
def test_days_go_by_at_the_pace_chosen_and_no_faster(page, choice, pace):
    ready(page)
    speed(page, choice)
    over, began = bar(page)["over"], time.monotonic()
    play(page)
    page.wait_for_timeout(1_000)
    # not stopped first: at the fastest pace the run can be over by the time a click arrives
    went, took = bar(page)["over"] - over, time.monotonic() - began
    assert 1 <= went <= pace * took + 2
    assert page.get_by_label("Speed").input_value() == str(pace)


def test_the_run_ends_and_every_chart_has_points(page):
    ready(page)
    to_the_end(page)
    assert bar(page)["over"] == DAYS
    assert words(page) == "10 August 2023: day 71 of 71. The run is over."
    weeks = (DAYS - WARM_UP) // 7
    for title in CHARTS:
        until(page, lambda title=title: points(page, title) >= weeks, f"“{title}” has too few")
        assert points(page, title) % weeks == 0
        assert any('d="M' in curve and len(curve) > 60 for curve in curves(page, title)), title
    assert page.locator(".crossings-chart").count() == len(CHARTS)
    press(page, "Play")  # nothing is left to play
    page.wait_for_timeout(500)
    assert bar(page)["phase"] == "finished"


def test_a_chart_grows_with_the_weeks(page):
    ready(page)
    step_to(page, "Step a week", 7)
    step_to(page, "Step a week", 7)
    until(page, lambda: points(page, CHARTS[5]) == 2, "there are not two points")
    before = curves(page, CHARTS[5])
    assert before
    step_to(page, "Step a week", 7)
    until(page, lambda: points(page, CHARTS[5]) == 3, "there are not three points")
    assert curves(page, CHARTS[5]) != before


def test_the_layer_of_patrols_and_smugglers(page):
    ready(page)
    unit, active = ".crossings-maps rect.unit", ".crossings-maps path.active"
    assert page.locator(f"{unit}:visible").count() == 0
    page.get_by_label("Patrols and smugglers").check()
    until(page, lambda: page.locator(".crossings-map svg.layer").count() == 2, "no layer")
    sides = page.locator(unit).evaluate_all("all => all.map(one => +one.getAttribute('width'))")
    assert sum(side > 0 for side in sides) > 20
    assert page.locator(f"{unit}:visible").count() > 20
    shapes = page.locator(active).evaluate_all("all => all.map(one => one.getAttribute('d'))")
    assert sum("h0l" not in shape for shape in shapes if shape) > 5
    page.get_by_label("Patrols and smugglers").uncheck()
    until(page, lambda: page.locator(".crossings-map svg.layer").count() == 0, "it stays")
    assert page.locator(f"{unit}:visible").count() == 0


def test_the_slider_shows_a_day_that_is_over(page):
    ready(page)
    step_to(page, "Step a day", 1)
    first = map_state(page)
    step_to(page, "Step a week", 7)
    step_to(page, "Step a week", 7)
    last = map_state(page)
    slider = page.get_by_label("Day shown")
    slider.focus()
    page.keyboard.press("Home")
    until(page, lambda: bar(page)["day"] == WARM_UP, "the first day is not shown")
    settled(page)
    assert words(page).startswith("1 June 2023: day 1 of")
    assert bar(page)["over"] == WARM_UP + 15
    assert map_state(page) == first
    page.keyboard.press("ArrowRight")
    until(page, lambda: bar(page)["day"] == WARM_UP + 1, "the second day is not shown")
    page.keyboard.press("End")
    until(page, lambda: bar(page)["day"] == WARM_UP + 14, "the last day is not shown")
    settled(page)
    assert map_state(page) == last


def test_the_slider_stops_a_run_that_plays_which_then_goes_on_from_its_latest_day(page):
    ready(page)
    play(page)
    until(page, lambda: bar(page)["over"] >= WARM_UP + 8, "days do not go by")
    slider = page.get_by_label("Day shown").bounding_box()
    page.mouse.click(slider["x"] + 3, slider["y"] + slider["height"] / 2)
    until(page, lambda: bar(page)["phase"] == "paused", "it does not stop")
    until(page, lambda: bar(page)["day"] <= WARM_UP + 1, "the day is not shown")
    over = bar(page)["over"]
    play(page)
    assert bar(page)["over"] > over
    until(page, lambda: bar(page)["day"] == bar(page)["over"] - 1, "it shows an old day")


def test_a_place_is_clicked(page):
    ready(page)
    step_to(page, "Step a week", 7)
    page.locator("[data-map=corridor] circle.place").evaluate_all(
        "all => all.find(one => one.textContent === 'Belgrade').id = 'wanted'"
    )
    # another circle may lie over it
    page.locator("#wanted").click(force=True)
    shown = page.locator(".crossings-figures")
    until(page, lambda: shown.count() == 1, "there are no figures")
    assert shown.locator(".crossings-figures-title").inner_text() == "Belgrade (hub, Serbia)"
    text = shown.inner_text()
    assert "People there" in text
    assert "Of these, Serbia holds a case against" in text
    assert shown.locator("td").count() == 2 * 9
    step_to(page, "Step a week", 7)
    until(page, lambda: shown.inner_text() != text, "the figures do not follow")


def test_a_leg_is_clicked(page):
    ready(page)
    step_to(page, "Step a week", 7)
    middle = page.locator("[data-map=corridor] path.reach").evaluate_all(
        "all => { const one = all.find(one => one.textContent.startsWith('Lampedusa'));"
        " const at = one.getPointAtLength(one.getTotalLength() / 2);"
        " const on = at.matrixTransform(one.getScreenCTM()); return [on.x, on.y]; }"
    )
    page.mouse.click(*middle)
    shown = page.locator(".crossings-figures")
    until(page, lambda: shown.count() == 1, "there are no figures")
    assert shown.locator(".crossings-figures-title").inner_text().startswith("Lampedusa to ")
    text = shown.inner_text()
    assert "What Italy expects: people a day" in text
    step_to(page, "Step a week", 7)
    until(page, lambda: shown.inner_text() != text, "the figures do not follow")


def test_a_place_or_a_leg_is_found_by_typing_alone(page):
    ready(page)
    step_to(page, "Step a day", 1)
    page.get_by_label("A place or a way").focus()
    page.keyboard.type("Calais")
    items = page.locator(".menuable__content__active .v-list-item")
    until(page, lambda: 0 < items.count() < 20, "nothing is found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    title = page.locator(".crossings-figures-title")
    until(page, lambda: title.count() == 1, "there are no figures")
    assert title.inner_text().startswith("Calais")
    field = box(page, "Click one on a map, or type its name")
    field.get_by_role("button", name="clear icon").click()
    until(page, lambda: title.count() == 0, "the figures stay")


def test_a_seed_that_was_typed_is_what_play_plays(page):
    ready(page)
    step_to(page, "Step a week", 7)
    before = map_state(page)
    write(page, "Seed", "7")
    changed = page.locator(".crossings-changed")
    until(page, lambda: changed.count() == 1, "the bar does not say that it has changed")
    page.wait_for_timeout(500)
    assert bar(page)["over"] == WARM_UP + 7  # nothing begins by itself
    assert page.locator(".crossings-headline").inner_text().startswith("Earlier run. ")
    assert page.locator(".crossings-side-by-side.crossings-earlier").count() == 1
    anew(page, lambda: press(page, "Step a week"))
    until(page, lambda: bar(page)["over"] == WARM_UP + 7, "the week is not over")
    settled(page)
    assert words(page) == "7 June 2023: day 7 of 71."
    assert map_state(page).radii != before.radii
    assert changed.count() == 0
    assert page.locator(".crossings-earlier").count() == 0


def test_a_change_stops_what_plays_and_play_begins_anew(page):
    ready(page)
    play(page)
    until(page, lambda: bar(page)["over"] >= WARM_UP + 5, "days do not go by")
    write(page, "Seed", "7")
    until(page, lambda: bar(page)["phase"] == "paused", "it does not stop")
    over = bar(page)["over"]
    assert over > WARM_UP
    # a day of the earlier run can still be looked at
    page.get_by_label("Day shown").focus()
    page.keyboard.press("Home")
    until(page, lambda: bar(page)["day"] == WARM_UP, "the first day is not shown")
    assert bar(page)["over"] == over
    # taken back, the run goes on where it was
    write(page, "Seed", "1")
    until(page, lambda: page.locator(".crossings-changed").count() == 0, "it stays changed")
    step_to(page, "Step a day", 1)
    assert bar(page)["over"] == over + 1


def test_what_was_typed_last_is_played_without_leaving_the_field_first(page):
    ready(page)
    field = box(page, "Seed").locator("input")
    field.click()
    page.keyboard.press("Control+A")
    page.keyboard.type("42")
    press(page, "Step a day")
    until(page, lambda: bar(page)["phase"] == "paused" and bar(page)["over"] == WARM_UP + 1,
          "the day is not over")  # fmt: skip
    settled(page)
    assert page.locator(".crossings-changed").count() == 0
    assert "seed=42" in page.url


@pytest.mark.parametrize("typed", ["abc", "-1", "0", "1.5", "12345678901"])
def test_what_is_no_seed_is_refused_in_words_beside_play(page, typed):
    ready(page)
    write(page, "Seed", typed)
    said = f'seed = "{typed}": not a seed; allowed: a whole number from 1'
    refused = page.locator(".crossings-bar .crossings-refused", has_text=said)
    until(page, lambda: refused.count() == 1, "it is not refused")
    for name in ("Play", "Step a day", "Step a week", "Reset"):
        assert page.get_by_role("button", name=name, exact=True).is_disabled()
    assert refused.is_visible()
    write(page, "Seed", "3")
    until(page, lambda: refused.count() == 0, "the refusal stays")
    assert page.get_by_role("button", name="Play", exact=True).is_enabled()


@pytest.mark.parametrize("many", ["Three in ten", "One in ten"])
def test_fewer_people_can_be_simulated(page, many):
    ready(page)
    before = map_state(page)
    choose(page, "People simulated", many)
    until(page, lambda: page.locator(".crossings-changed").count(), "the choice is not taken")
    anew(page, lambda: press(page, "Reset"))
    assert map_state(page) != before
    step_to(page, "Step a week", 7)
    # numbers stand for everybody, however many are simulated
    found = sum(map_state(page).radii) / sum(before.radii)
    assert 0.7 < found < 1.3


def test_speed_and_layer_are_those_of_the_runs_after_another_tab(page):
    ready(page)
    speed(page, "30 days a second")
    page.get_by_label("Patrols and smugglers").check()
    until(page, lambda: page.locator(".crossings-map svg.layer").count() == 2, "no layer")
    write(page, "Seed", "abc")
    refused = page.locator(".crossings-bar .crossings-refused")
    until(page, lambda: refused.count() == 1, "it is not refused")
    for tab, mark in (("Results", ".crossings-results"), ("What it can tell you", "article")):
        page.get_by_role("tab", name=tab).click()
        until(page, lambda mark=mark: page.locator(mark).count() == 1, "the tab does not open")
        assert page.locator(".crossings-bar").count() == 0
        page.get_by_role("tab", name="Explore").click()
        until(page, lambda: len(drawn(page)) == 1, "no maps")
        assert page.get_by_label("Speed").input_value() == "30"
        assert page.get_by_label("Patrols and smugglers").is_checked()
        assert page.locator(".crossings-map svg.layer").count() == 2
        # what was typed is there, and with it why nothing is played
        assert box(page, "Seed").locator("input").input_value() == "abc"
        assert refused.count() == 1


def test_ten_fast_clicks_on_play_and_reset(page):
    ready(page)
    for _ in range(5):
        page.locator(".crossings-bar button.main").click()
        press(page, "Reset")
    ready(page)
    settled(page)
    assert bar(page) == {"phase": "paused", "over": WARM_UP, "day": WARM_UP - 1}
    step_to(page, "Step a day", 1)
    play(page)


def test_the_keyboard_is_enough(page):
    ready(page)
    page.locator("body").press("Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.textContent.trim()") == "Play":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, lambda: bar(page)["phase"] == "playing", "Enter does not play")
    page.keyboard.press("Space")
    until(page, lambda: bar(page)["phase"] == "paused", "Space does not stop")
    over = bar(page)["over"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, lambda: bar(page)["over"] == over + 1, "Enter does not step")
