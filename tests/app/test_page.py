"""The page as a whole, without a browser: what it opens with, and what its widgets are told."""

from __future__ import annotations

import threading
import time
from typing import Any

import ipyvuetify as vw
import pytest
import reacton
import solara

from simulation.app import board, explore, page
from simulation.app.charts import CHARTS
from simulation.app.draft import Draft
from simulation.app.links import encode
from simulation.app.options import OPTIONS
from simulation.app.screen import Screen, use_widget
from simulation.app.session import Phase, View
from simulation.corridor import load_corridor
from simulation.errors import InputError

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


def until(condition: Any, seconds: float = 30.0) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError("never came")


def seen(visit: explore.Visit, condition: Any) -> Any:
    """Wait like a browser that draws every frame."""
    return until(lambda: visit.session.drawn(10**9) or condition())


@pytest.fixture
def opened(monkeypatch, tmp_path):
    monkeypatch.setattr(OPTIONS, "draft", Draft.of_file(SHORT.encode(), "short.toml"))
    monkeypatch.setattr(OPTIONS, "results", tmp_path)
    board.people.set("One in ten")
    made: list[explore.Visit] = []
    new_visit = page.new_visit
    monkeypatch.setattr(page, "new_visit", lambda: made.append(new_visit()) or made[-1])
    box, context = solara.render(page.Page(), handle_error=False)
    yield box, made[0]
    context.close()
    board.people.set(board.EVERYBODY)
    board.draft.set(Draft())


def test_it_opens_with_what_the_server_was_started_with(opened):
    box, visit = opened
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
    seen(visit, lambda: all(c.chart["series"] for c in charts))
    lines = [one for c in charts for one in c.chart["series"] if not one.get("points")]
    assert {len(one["y"]) for one in lines} == {1}
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


def test_the_address_can_carry_a_what_if():
    made = Draft().with_(title="Carried", adaptation={"price": False})
    asked = page.asked_for(f"whatif={encode(made)}&x=1")
    assert asked.scenario().hash() == made.scenario().hash()
    assert page.asked_for("") is OPTIONS.draft
    assert page.asked_for(None) is OPTIONS.draft
    with pytest.raises(InputError, match="the link"):
        page.asked_for("whatif=eNrtVVV")


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
    screen.show(View(1, Phase.PLAYING))
    screen.show(View(2, Phase.PLAYING))
    assert told == [("class_", "playing")]
    context.close()
    screen.show(View(3, Phase.PAUSED))
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
    words = " ".join(str(one.children) for one in context.find(vw.Html).widgets)
    assert ("not a seed; allowed: a whole number from 1" in words) is bool(wrong)
    context.close()
    board.seed.set(1)
