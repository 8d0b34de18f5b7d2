"""The live corridor in a browser: every button, slider and list that plays the days."""

from __future__ import annotations

import pytest

from simulation.app import charts
from tests.app import browsing as web

pytestmark = pytest.mark.slow
#: titles of the charts of one run
CHARTS = [spec.title for spec in charts.CHARTS if not spec.two]
#: bytes of the files that a page has loaded, and the most while nobody has seen a chart
LOADED = (
    "performance.getEntriesByType('resource').reduce((sum, one) => sum + one.encodedBodySize, 0)"
)
MOST_LOADED = 4_000_000


def test_it_begins_with_a_figure_plays_and_stops_at_pause_or_the_slider(page):
    assert web.bar(page) == {"phase": "paused", "over": web.WARM_UP, "day": web.WARM_UP - 1}
    before = web.map_state(page)
    assert any("w2" in leg or "w3" in leg for leg in before.legs)
    assert page.locator(".crossings-maps [data-map=corridor] text.name").count() > 10
    assert page.locator(".crossings-legend").count() == 6
    assert page.title() == "crossings"
    # the library of the charts, which is larger than all else, is not loaded before one is seen
    assert page.evaluate(LOADED) < MOST_LOADED
    web.points(page, CHARTS[0])
    assert page.evaluate(LOADED) > MOST_LOADED
    page.locator("body").press("Home")
    web.speed(page, "2 days a second")  # a busy machine presses Pause before the run is over
    web.play(page)
    assert web.bar(page)["phase"] == "playing"
    web.until(page, lambda: web.bar(page)["over"] >= web.WARM_UP + 2, "days do not go by")
    web.pause(page)
    web.settled(page)
    stopped = web.bar(page)
    assert web.map_state(page).legs != before.legs
    assert web.map_state(page).radii != before.radii
    web.settled(page)
    assert web.bar(page) == stopped
    web.play(page)
    web.until(page, lambda: web.bar(page)["over"] >= web.WARM_UP + 4, "days do not go by")
    slider = page.get_by_label("Day shown")

    def click():
        slider.click(position={"x": 3, "y": slider.bounding_box()["height"] / 2})

    web.again(page, click, lambda: web.bar(page)["phase"] == "paused", "it does not stop")
    web.until(page, lambda: web.bar(page)["day"] <= web.WARM_UP + 1, "the day is not shown")
    over = web.bar(page)["over"]
    web.play(page)
    assert web.bar(page)["over"] > over
    web.until(
        page, lambda: web.bar(page)["day"] == web.bar(page)["over"] - 1, "it shows an old day"
    )


@pytest.mark.full
def test_a_step_is_a_day_a_week_or_thirty_days_the_slider_goes_back_and_reset_begins_again(page):
    start = web.map_state(page)
    web.step_to(page, "Step a day", 1)
    assert web.words(page) == "1 June 2023: day 1 of 71."
    first = web.map_state(page)
    assert first != start
    web.step_to(page, "Step a week", 7)
    assert web.words(page) == "8 June 2023: day 8 of 71."
    assert web.bar(page) == {"phase": "paused", "over": web.WARM_UP + 8, "day": web.WARM_UP + 7}
    assert web.map_state(page) != first
    assert "one seed, not an estimate" in page.locator(".crossings-headline").inner_text()
    web.step_to(page, "Step a month", 30)
    assert web.words(page) == "8 July 2023: day 38 of 71."
    last = web.map_state(page)
    page.get_by_label("Day shown").focus()
    page.keyboard.press("Home")
    web.until(page, lambda: web.bar(page)["day"] == web.WARM_UP, "the first day is not shown")
    web.settled(page)
    assert web.words(page).startswith("1 June 2023: day 1 of")
    assert web.bar(page)["over"] == web.WARM_UP + 38
    assert web.map_state(page) == first
    page.keyboard.press("ArrowRight")
    web.until(page, lambda: web.bar(page)["day"] == web.WARM_UP + 1, "the second day is not shown")
    page.keyboard.press("End")
    web.until(page, lambda: web.bar(page)["day"] == web.WARM_UP + 37, "the last day is not shown")
    web.settled(page)
    assert web.map_state(page) == last
    web.until(page, lambda: web.points(page, CHARTS[0]) > 0, "the chart has no point")
    web.anew(page, lambda: web.press(page, "Reset"))
    assert web.bar(page)["over"] == web.WARM_UP
    # the same seed: what was there at first is there again
    assert web.map_state(page) == start
    web.until(page, lambda: web.points(page, CHARTS[0]) == 0, "the chart keeps the old points")


def test_the_run_ends_and_every_chart_has_points(page):
    web.to_the_end(page)
    assert web.bar(page)["over"] == web.DAYS
    assert web.words(page) == "10 August 2023: day 71 of 71. The run is over."
    weeks = (web.DAYS - web.WARM_UP) // 7
    for title in CHARTS:
        web.until(
            page, lambda title=title: web.points(page, title) >= weeks, f"“{title}” has too few"
        )
        assert web.points(page, title) % weeks == 0
        assert any('d="M' in curve and len(curve) > 60 for curve in web.curves(page, title)), title
    assert page.locator(".crossings-chart").count() == len(CHARTS)
    web.press(page, "Play")  # nothing is left to play
    web.settled(page)
    assert web.bar(page)["phase"] == "finished"


def figures_follow(page, title, *said):
    """Figures of what was clicked are shown, and follow the days."""
    shown = page.locator(".crossings-figures")
    web.until(page, lambda: shown.count() == 1, "there are no figures")
    assert shown.locator(".crossings-figures-title").inner_text().startswith(title)
    text = shown.inner_text()
    assert all(one in text for one in said)
    web.step_to(page, "Step a week", 7)
    web.until(page, lambda: shown.inner_text() != text, "the figures do not follow")


def test_a_place_or_a_leg_is_clicked_or_typed(page):
    web.step_to(page, "Step a week", 7)
    page.locator("[data-map=corridor] path.place").evaluate_all(
        "all => all.find(one => one.textContent === 'Belgrade').id = 'wanted'"
    )
    # another mark may lie over it
    page.locator("#wanted").click(force=True)
    figures_follow(
        page, "Belgrade (hub, Serbia)", "People there", "Of these, Serbia holds a case against"
    )
    assert page.locator(".crossings-figures td").count() == 2 * 9
    title = page.locator(".crossings-figures-title")
    legs = page.locator("[data-map=corridor] path.reach")

    def click():
        middle = legs.evaluate_all(
            "all => { const one = all.find(one => one.textContent.startsWith('Lampedusa'));"
            " const at = one.getPointAtLength(one.getTotalLength() / 2);"
            " const on = at.matrixTransform(one.getScreenCTM()); return [on.x, on.y]; }"
        )
        page.mouse.click(*middle)

    web.again(
        page, click, lambda: title.inner_text().startswith("Lampedusa"), "there are no figures"
    )
    figures_follow(page, "Lampedusa to ", "What Italy expects: people a day")
    # it is marked on every map that shows it
    assert page.locator("[data-map=corridor] path.reach.picked").count() == 1
    # by typing alone
    items = page.locator(".menuable__content__active .v-list-item")

    def typed():
        page.get_by_label("A place or a way").focus()
        page.keyboard.press("Control+A")
        page.keyboard.type("Calais")

    web.again(page, typed, lambda: 0 < items.count() < 20, "nothing is found")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    web.until(page, lambda: title.inner_text().startswith("Calais"), "its figures do not come")
    field = web.box(page, "Click one on a map, or type its name")
    field.get_by_role("button", name="clear icon").click()
    web.until(page, lambda: title.count() == 0, "the figures stay")


@pytest.mark.full
def test_a_map_is_made_larger_moved_and_shown_whole_again(page):
    svg = page.locator("[data-map=corridor] svg")
    whole, state = svg.get_attribute("viewBox"), web.map_state(page)

    def box():
        return [float(part) for part in svg.get_attribute("viewBox").split()]

    page.get_by_role("button", name="Larger: the corridor").click()
    assert box()[2] < float(whole.split()[2])
    assert web.map_state(page).legs == state.legs
    # by the mouse, which picks nothing, and by the keyboard
    at, frame = box(), svg.bounding_box()
    x, y = frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y, steps=4)
    page.mouse.up()
    assert box()[0] > at[0]
    assert page.locator(".crossings-figures").count() == 0
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Larger: the corridor").focus()
    at = box()
    page.keyboard.press("ArrowLeft")
    assert box()[0] < at[0]
    page.get_by_role("button", name="The whole of the corridor").click()
    assert svg.get_attribute("viewBox") == whole
    assert page.get_by_role("button", name="Smaller: the corridor").is_disabled()


def dots(page):
    """The picture of the dots on the map of the corridor; empty where there are none."""
    return page.locator("[data-part=corridor] canvas").evaluate(
        "one => one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some(Boolean)"
        " ? one.toDataURL() : ''"
    )


@pytest.mark.full
def test_dots_move_while_it_plays_and_stand_still_when_it_is_paused(visit):
    page = visit(reduced_motion="no-preference").page
    web.ready(page)
    assert dots(page) == ""
    web.speed(page, "2 days a second")
    web.play(page)
    first = web.until(page, lambda: dots(page), "there are no dots")
    web.until(page, lambda: dots(page) not in ("", first), "they do not move")
    web.pause(page)
    web.settled(page)
    still = dots(page)
    web.settled(page)
    assert dots(page) == still != ""
    # they stay on their ways when the map is made larger
    page.get_by_role("button", name="Larger: the corridor").click()
    assert dots(page) not in ("", still)
    page.get_by_role("button", name="The whole of the corridor").click()
    assert dots(page) == still


@pytest.mark.full
def test_no_dots_move_where_the_system_asks_for_no_motion(visit):
    page = visit(reduced_motion="reduce").page
    web.ready(page)
    over = web.bar(page)["over"]
    web.play(page)
    web.until(page, lambda: web.bar(page)["over"] >= over + 5, "days do not go by")
    assert dots(page) == ""
    assert page.evaluate("document.getAnimations().length") == 0
    button = page.locator(".crossings-bar button").first
    assert button.evaluate("one => getComputedStyle(one).transitionProperty") == "none"


@pytest.mark.full
def test_a_seed_that_was_typed_is_what_play_plays(page):
    web.step_to(page, "Step a week", 7)
    before = web.map_state(page)
    changed = page.locator(".crossings-changed")
    web.write(page, "Seed", "7", so=lambda: changed.count() == 1)
    web.settled(page)
    assert web.bar(page)["over"] == web.WARM_UP + 7  # nothing begins by itself
    assert page.locator(".crossings-headline").inner_text().startswith("Earlier run. ")
    assert page.locator(".crossings-side-by-side.crossings-earlier").count() == 1
    web.anew(page, lambda: web.press(page, "Step a week"))
    web.until(page, lambda: web.bar(page)["over"] == web.WARM_UP + 7, "the week is not over")
    web.settled(page)
    assert web.words(page) == "7 June 2023: day 7 of 71."
    assert web.map_state(page).radii != before.radii
    assert changed.count() == 0
    assert page.locator(".crossings-earlier").count() == 0
    # what was typed last is played without leaving the field first
    web.box(page, "Seed").locator("input").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("42")
    web.press(page, "Step a day")
    over = web.WARM_UP + 1
    web.until(page, lambda: web.bar(page)["over"] == over, "the day is not over")
    web.settled(page)
    assert changed.count() == 0
    web.until(page, lambda: "seed=42" in page.url, "the address does not follow")


@pytest.mark.full
def test_layer_speed_and_why_nothing_is_played_are_there_after_another_tab(page):
    unit, active = ".crossings-maps rect.unit", ".crossings-maps path.active"
    assert page.locator(f"{unit}:visible").count() == 0
    web.show_layer(page)
    sides = page.locator(unit).evaluate_all("all => all.map(one => +one.getAttribute('width'))")
    assert sum(side > 0 for side in sides) > 20
    assert page.locator(f"{unit}:visible").count() > 20
    shapes = page.locator(active).evaluate_all("all => all.map(one => one.getAttribute('d'))")
    assert sum("h0l" not in shape for shape in shapes if shape) > 5
    web.speed(page, "30 days a second")
    for typed in ("0", "abc"):
        said = f'seed = "{typed}": not a seed; allowed: a whole number from 1'
        refused = page.locator(".crossings-bar .crossings-refused", has_text=said)
        web.write(page, "Seed", typed, so=lambda refused=refused: refused.count() == 1)
        for name in ("Play", "Step a day", "Step a week", "Reset"):
            assert page.get_by_role("button", name=name, exact=True).is_disabled()
        assert refused.is_visible()
    web.open_tab(page, "Results", ".crossings-results")
    assert page.locator(".crossings-bar").count() == 0
    web.open_tab(page, "Watch", ".crossings-bar")
    web.until(page, lambda: len(web.drawn(page)) == 1, "no maps")
    assert page.get_by_label("Speed").input_value() == "30"
    assert page.get_by_label("Patrols and smugglers").is_checked()
    assert page.locator(".crossings-map svg.layer").count() == 2
    # what was typed is there, and with it why nothing is played
    assert web.box(page, "Seed").locator("input").input_value() == "abc"
    assert refused.count() == 1
    web.write(page, "Seed", "3", so=lambda: refused.count() == 0)
    assert page.get_by_role("button", name="Play", exact=True).is_enabled()
    web.show_layer(page, False)
    assert page.locator(f"{unit}:visible").count() == 0


@pytest.mark.full
def test_fewer_people_can_be_simulated(page):
    before = web.map_state(page)
    web.choose(page, "People simulated", "One in ten")
    web.until(page, lambda: page.locator(".crossings-changed").count(), "the choice is not taken")
    web.anew(page, lambda: web.press(page, "Reset"))
    assert web.map_state(page) != before
    web.step_to(page, "Step a week", 7)
    # numbers stand for everybody, however many are simulated
    ratio = sum(web.map_state(page).radii) / sum(before.radii)
    assert 0.7 < ratio < 1.3


def test_the_keyboard_is_enough(visit):
    page = visit().page
    web.opened(page)
    web.speed(page, "2 days a second")
    page.locator("body").press("Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.textContent.trim()") == "Play":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    web.until(page, lambda: web.bar(page)["phase"] == "playing", "Enter does not play")
    page.keyboard.press("Space")
    web.stopped(page)
    over = web.bar(page)["over"]
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    web.until(page, lambda: web.bar(page)["over"] == over + 1, "Enter does not step")
