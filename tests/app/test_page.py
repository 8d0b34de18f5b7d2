"""The page as a whole, without a browser: what it opens with, and what its widgets are told."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Any

import ipyvuetify as vw
import pytest
import reacton
import solara
from solara.autorouting import RoutingProvider
from solara.widgets import Navigator

from simulation.app import board, controls, explore, page
from simulation.app.charts import CHARTS
from simulation.app.draft import OPTIONS, Draft
from simulation.app.links import MOST_BYTES, TOO_LARGE, PageState, query_of
from simulation.app.screen import Screen, use_widget
from simulation.app.session import Phase, SessionView
from simulation.corridor import load_corridor
from simulation.scenario.notes import Note
from tests.app.reading import until, words

CALAIS = next(n for n, place in enumerate(load_corridor().places) if place.id == "calais")
SHORT = """
title = "Some weeks"
extends = "baseline"
[run]
start = 2023-06-01
end = 2023-06-30
warm_up_days = 10
[sharing_default]
level = "full"
"""


def found(container: Any, name: str) -> list[Any]:
    """Widgets of one of our components below a widget, by a trait that only it has."""
    here = [container] if hasattr(container, name) and hasattr(container, "template") else []
    children = [c for c in getattr(container, "children", []) if not isinstance(c, str)]
    return here + [one for child in children for one in found(child, name)]


def seen(visit: explore.Visit, condition: Any) -> Any:
    """Wait like a browser that draws every frame."""
    return until(lambda: visit.session.drawn(10**9) or condition())


@pytest.fixture
def at(monkeypatch, tmp_path):
    """Opens the page at an address, with few people unless the address says otherwise."""
    monkeypatch.setattr(OPTIONS, "draft", Draft.of_file(SHORT.encode(), "short.toml"))
    monkeypatch.setattr(OPTIONS, "results", tmp_path)
    # they take longer than all else on the page, and have tests of their own
    note = Note("months", "Of this you must know.")
    monkeypatch.setattr(controls, "notes_before", lambda asked, **options: (note,))
    made: list[explore.Visit] = []
    new_visit = page.new_visit
    monkeypatch.setattr(page, "new_visit", lambda: made.append(new_visit()) or made[-1])
    contexts: list[Any] = []

    def open_at(query: str = "people=0.1") -> tuple[Any, explore.Visit, Any]:
        routed = RoutingProvider(
            children=[page.Page()],
            routes=[solara.Route("/", component=page.Page)],
            pathname=f"/?{query}" if query else "/",
        )
        box, context = solara.render(routed, handle_error=False)
        contexts.append(context)
        # while the runs are built, their thread draws too, and what a test sets is drawn later
        bar, visit = until(lambda: found(box, "headline"))[0], made[-1]
        seen(visit, lambda: bar.phase in ("paused", "failed"))
        return box, visit, context

    yield open_at
    for context in contexts:
        context.close()
    board.show(PageState())
    board.saved.set(Draft().text())


@pytest.fixture
def opened(at):
    box, visit, _ = at()
    return box, visit


def address(context: Any) -> str:
    """The address of the page."""
    return str(context.find(Navigator).widget.location)


def test_it_opens_with_what_the_server_was_started_with(at):
    box, visit, context = at()
    until(lambda: "Of this you must know." in words(context))
    bar = until(lambda: found(box, "headline"))[0]
    maps = found(box, "frame")
    assert len(maps) == 2
    seen(visit, lambda: bar.phase == "paused")
    assert len(visit.session.runs) == 2
    assert visit.session.runs[0].world.scale == 0.1
    assert [one.title for one in maps] == ["Baseline", "What-if"]


def test_frames_reach_the_widgets_and_the_page_is_not_drawn_anew(opened, monkeypatch):
    box, visit = opened
    bar = found(box, "headline")[0]
    seen(visit, lambda: bar.phase == "paused")
    drawn = []
    original = reacton.core._RenderContext.render
    monkeypatch.setattr(
        reacton.core._RenderContext,
        "render",
        lambda self, *args, **kwargs: drawn.append(1) or original(self, *args, **kwargs),
    )
    visit.session.step(9)
    seen(visit, lambda: bar.over == 19)
    maps = found(box, "frame")
    assert "one seed, not an estimate" in bar.headline
    assert all(len(one.frame["places"]) > 50 for one in maps)
    assert maps[0].number == maps[1].number == visit.screen.view.number
    charts = found(box, "chart")
    assert len(charts) == len(CHARTS)
    seen(visit, lambda: all((c.chart or {}).get("series") for c in charts))

    def lengths():
        lines = [one for c in charts for one in c.chart["series"] if "x" not in one]
        return {len(one["y"]) for one in lines}

    seen(visit, lambda: lengths() == {1})
    assert drawn == []
    # and what is drawn anew puts nothing back
    monkeypatch.undo()
    board.seed.set(7)
    assert bar.over == 19
    assert "one seed, not an estimate" in bar.headline
    assert all(c.chart["series"] for c in charts)
    assert maps[1].number == visit.screen.view.number
    board.seed.set(1)


def test_what_is_clicked_on_a_map_has_its_figures(opened):
    box, visit = opened
    bar = found(box, "headline")[0]
    seen(visit, lambda: bar.phase == "paused")
    maps = found(box, "frame")[1]
    maps.vue_pick({"kind": "place", "number": CALAIS})
    figures = found(box, "groups")[0]
    seen(visit, lambda: figures.title.startswith("Calais"))
    assert figures.heads == ["Baseline", "What-if"]
    before = figures.groups
    visit.session.step(5)
    seen(visit, lambda: figures.groups != before)


def test_a_page_that_is_closed_ends_its_runs(opened):
    _, visit = opened
    seen(visit, lambda: visit.session.runs)
    thread = visit.session._thread
    assert isinstance(thread, threading.Thread)
    visit.session.close()
    thread.join(10)
    assert visit.session.runs == []


# -- the controls and the runs --------------------------------------------------------------------

HIGH = {"between": ["UK", "RS"], "level": "high"}
DAYS_BY_BUTTON = {"play": 1, "step": 1, "week": 7}


def test_what_is_played_is_what_the_controls_show(at):
    box, visit, _ = at()
    bar = until(lambda: found(box, "headline"))[0]
    seen(visit, lambda: bar.phase == "paused")
    visit.session.step(9)
    seen(visit, lambda: bar.over == 19)
    for partner, (button, days) in zip(("FR", "BE", "RS"), DAYS_BY_BUTTON.items(), strict=True):
        before = visit.session.runs
        shared = {**HIGH, "between": ["UK", partner]}
        board.draft.set(board.draft.value.with_(sharing=[shared]))
        wanted = board.checked.value.whatif.hash()
        seen(visit, lambda: bar.changed)
        bar.vue_wish({"press": button})
        seen(visit, lambda: not bar.changed)
        seen(visit, lambda before=before: visit.session.runs not in ([], before))
        seen(visit, lambda days=days: bar.over >= 10 + days)
        assert visit.session.runs[1].scenario.hash() == wanted
        if button != "play":
            # the days that were played before are gone: the new run is on its first
            seen(visit, lambda: bar.phase == "paused")
            assert bar.over == 10 + days


def test_a_change_stops_a_run_and_taking_it_back_lets_it_go_on(at):
    box, visit, _ = at()
    bar = found(box, "headline")[0]
    seen(visit, lambda: bar.phase == "paused")
    before = board.state("explore")
    for change in (
        lambda: board.seed.set(7), lambda: board.people.set("Three in ten"),
        lambda: board.draft.set(board.draft.value.with_(sharing=[HIGH])),
    ):  # fmt: skip
        first = bar.over
        bar.vue_wish({"press": "play"})
        seen(visit, lambda first=first: bar.over > first + 2)
        change()
        seen(visit, lambda: bar.changed)
        seen(visit, lambda: bar.phase == "paused")
        over = bar.over
        # days of the earlier run can still be looked at
        bar.vue_wish({"look": 11})
        seen(visit, lambda: bar.day == 11)
        board.show(before)
        seen(visit, lambda: not bar.changed)
        bar.vue_wish({"press": "step"})
        seen(visit, lambda over=over: bar.over == over + 1)
        seen(visit, lambda: bar.phase == "paused")
    # a title changes no run
    board.draft.set(board.draft.value.with_(title="Another title"))
    seen(visit, lambda: not bar.changed)
    seen(visit, lambda: bar.phase == "paused")


def test_what_cannot_be_run_is_not_played_and_the_bar_says_why(at):
    box, visit, _ = at()
    bar = found(box, "headline")[0]
    seen(visit, lambda: bar.phase == "paused")
    board.draft.set(board.draft.value.with_(sharing=[{**HIGH, "between": ["UK", "XX"]}]))
    until(lambda: 'sharing[0].between[1] = "XX": unknown authority' in bar.refused)
    before = visit.session.runs
    for button in ("play", "step", "week", "reset"):
        bar.vue_wish({"press": button})
        visit.session.refresh()
        seen(visit, lambda: bar.phase == "paused")
        assert bar.over == 10, button
    board.draft.set(OPTIONS.draft)
    until(lambda: bar.refused == "")
    bar.vue_wish({"press": "step"})
    seen(visit, lambda: bar.over == 11)
    assert visit.session.runs is before


def test_a_field_that_shows_what_cannot_be_used_is_not_played(at):
    box, visit, context = at()
    bar = found(box, "headline")[0]
    seen(visit, lambda: bar.phase == "paused")
    field = context.find(vw.TextField, label="Seed").widget
    field.v_model = "abc"
    field.fire_event("focusout", {})
    until(lambda: 'seed = "abc": not a seed' in bar.refused)
    bar.vue_wish({"press": "step"})
    field.v_model = "9"
    field.fire_event("focusout", {})
    until(lambda: bar.refused == "")
    assert bar.over == 10
    bar.vue_wish({"press": "step"})
    seen(visit, lambda: bar.over == 11)
    assert visit.session.runs[0].world.seed == 9


def test_what_runs_is_what_the_controls_show_after_another_tab(at):
    box, visit, context = at()
    bar = found(box, "headline")[0]
    seen(visit, lambda: bar.phase == "paused")
    bar.vue_wish({"speed": 30})
    bar.vue_wish({"layer": True})
    tabs = context.find(vw.Tabs).widget
    for tab in (1, 2):
        tabs.v_model = tab
        assert found(box, "headline") == []
        tabs.v_model = 0
        (bar,) = found(box, "headline")
        assert (bar.speed, bar.layer) == (30, True)
        assert (visit.session.speed, visit.session.layer) == (30.0, True)


def test_what_was_typed_is_still_there_after_another_tab(at):
    box, _, context = at()
    field = context.find(vw.TextField, label="Seed").widget
    field.v_model = "abc"
    field.fire_event("focusout", {})
    tabs = context.find(vw.Tabs).widget
    tabs.v_model = 1
    tabs.v_model = 0
    assert context.find(vw.TextField, label="Seed").widget.v_model == "abc"
    (bar,) = found(box, "headline")
    assert 'seed = "abc"' in bar.refused


# -- the address ----------------------------------------------------------------------------------


def test_the_address_follows_what_is_set_and_back_takes_it_back(at):
    _, _, context = at("")
    plain = OPTIONS.draft
    assert address(context) == "/"
    board.draft.set(plain.with_(adaptation={"price": False}))
    until(lambda: address(context).startswith("/?whatif="))
    first = address(context)
    board.seed.set(8)
    board.people.set("One in ten")
    until(lambda: address(context) == f"{first}&seed=8&people=0.1")
    context.find(vw.Tabs).widget.v_model = 2
    until(
        lambda: address(context) == "/?tab=limits&" + first.partition("?")[2] + "&seed=8&people=0.1"
    )
    # Back, as the browser tells it
    context.find(Navigator).widget.location = first
    until(lambda: address(context) == first)
    until(lambda: board.state("explore") == PageState(plain.with_(adaptation={"price": False})))
    assert context.find(vw.Tabs).widget.v_model == 0
    context.find(Navigator).widget.location = "/"
    assert board.state("explore") == PageState(plain)
    # and what is set after that is in the address again
    board.seed.set(9)
    until(lambda: address(context) == "/?seed=9")


def test_a_page_opens_with_what_its_address_holds(at):
    made = OPTIONS.draft.with_(title="Held", sharing=[{**HIGH, "from": date(2023, 6, 10)}])
    query = query_of(PageState(made, 7, "One in ten"))
    box, visit, context = at(query)
    assert address(context) == f"/?{query}"
    bar = found(box, "headline")[0]
    seen(visit, lambda: bar.phase == "paused")
    assert visit.session.runs[1].scenario.hash() == made.scenario().hash()
    assert visit.session.runs[1].world.seed == 7
    assert visit.session.runs[1].world.scale == 0.1
    seen(visit, lambda: not bar.changed)
    # the matrix shows the day from which it was set
    assert board.since.value.day == date(2023, 6, 10)
    assert not board.unsaved.value


@pytest.mark.parametrize(("query", "said"), [
    ("whatif=eNrtVVV&people=0.1", "whatif: damaged or cut short"),
    ("seed=%3Cscript%3E", 'seed = "<script>": not a seed'),
    (f"whatif={TOO_LARGE}", "too large for the address"),
])  # fmt: skip
def test_an_address_that_cannot_be_used_is_told_once_and_the_start_is_shown(at, query, said):
    _, _, context = at(query)
    assert said in words(context)
    assert words(context).count("The address of this page cannot be used") == 1
    assert board.state("explore") == PageState(OPTIONS.draft)
    # the address stays as it was opened until something is set
    assert address(context) == f"/?{query}"
    board.seed.set(5)
    until(lambda: address(context) == "/?seed=5")
    until(lambda: said not in words(context))


def test_what_is_too_large_for_the_address_is_told_and_never_an_older_one_in_its_place(at):
    _, _, context = at("")
    board.draft.set(OPTIONS.draft.with_(sharing=[HIGH]))
    board.draft.set(board.draft.value.with_(description="x" * (MOST_BYTES + 1)))
    until(lambda: address(context) == f"/?whatif={TOO_LARGE}")
    until(lambda: "too large for the address of the page" in words(context))
    leaving = found(context.container, "restored")[0]
    assert leaving.unsaved
    assert not leaving.restored
    board.draft.set(OPTIONS.draft)
    until(lambda: "too large for the address of the page" not in words(context))


def test_what_was_unsaved_before_a_reload_is_unsaved_after_it(at):
    made = OPTIONS.draft.with_(sharing=[HIGH])
    _, _, context = at(query_of(PageState(made, people="One in ten")))
    leaving = found(context.container, "restored")[0]
    assert not leaving.unsaved
    leaving.vue_reloaded({})
    until(lambda: leaving.unsaved)
    assert leaving.restored


def test_a_widget_is_told_only_what_has_changed():
    screen = Screen()
    told: list[tuple[str, Any]] = []

    @solara.component
    def Shown():  # noqa: N802 (a component)
        element = solara.v.Html(tag="p", class_="first")
        use_widget(screen, "bar", element, lambda: {"class_": screen.view.phase.value})

    box, context = solara.render(Shown(), handle_error=False)
    widget = box.children[0]
    assert widget.class_ == "empty"
    widget.observe(lambda change: told.append((change["name"], change["new"])))
    screen.show(SessionView(1, Phase.PLAYING))
    screen.show(SessionView(2, Phase.PLAYING))
    assert told == [("class_", "playing")]
    context.close()
    screen.show(SessionView(3, Phase.PAUSED))
    assert widget.class_ == "playing"


@pytest.mark.parametrize(("typed", "seed", "wrong"), [
    ("7", 7, ""), ("  12 ", 12, ""), ("0", 1, "not a seed"), ("-3", 1, "not a seed"),
    ("1e3", 1, "not a seed"), ("", 1, "not a seed"), ("9" * 30, 1, "not a seed"),
])  # fmt: skip
def test_a_seed_that_is_none_is_refused_in_words(typed, seed, wrong):
    _, context = solara.render(explore.RunWith(page.new_visit()), handle_error=False)
    field = context.find(vw.TextField, label="Seed").widget
    field.v_model = typed
    field.fire_event("focusout", {})
    assert board.seed.value == seed
    assert wrong in board.hindrance.value
    assert bool(board.hindrance.value) is bool(wrong)
    assert context.find(vw.TextField, label="Seed").widget.error is bool(wrong)
    context.close()
    assert board.hindrance.value == ""
    board.seed.set(1)


def test_the_limits_say_what_must_be_said():
    text = Path(page.__file__).with_name("limits.vue").read_text(encoding="utf-8")
    for said in (
        "One run is not an estimate",
        "Deaths stand beside crossings",
        "none of the series to which the model was fitted says anything about it",
        "Who is missing from the data",
        "What it must not be used for",
        "To decide anything about a person",
        "How many will cross next year.",
    ):
        assert said in text
