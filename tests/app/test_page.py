"""The page as a whole, without a browser: what it opens with, and what its widgets are told."""

from __future__ import annotations

from typing import Any

import pytest
import solara
from solara.autorouting import RoutingProvider

from simulation.app import board, controls, explore, page
from simulation.app.charts import CHARTS
from simulation.app.draft import OPTIONS, Draft
from simulation.scenario.notes import Note
from tests.app.reading import own, until, words

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


def seen(visit: explore.Visit, condition: Any) -> Any:
    """Wait like a browser that draws every frame."""
    return until(lambda: visit.session.drawn(10**9) or condition())


@pytest.fixture
def at(monkeypatch, tmp_path, render):
    """Opens the page at an address that asks for few people."""
    monkeypatch.setattr(OPTIONS, "draft", Draft.of_file(SHORT.encode(), "short.toml"))
    monkeypatch.setattr(OPTIONS, "results", tmp_path)
    # they take longer than all else on the page, and have tests of their own
    note = Note("months", "Of this you must know.")
    monkeypatch.setattr(controls, "notes_before", lambda asked, **options: (note,))
    visits: list[explore.Visit] = []
    new_visit = page.new_visit
    monkeypatch.setattr(page, "new_visit", lambda: visits.append(new_visit()) or visits[-1])

    def open_at() -> tuple[Any, explore.Visit]:
        routed = RoutingProvider(
            children=[page.Page()],
            routes=[solara.Route("/", component=page.Page)],
            pathname="/?tab=watch&people=0.1",
        )
        rc = render(routed)
        # while the runs are built, their thread draws too, and what a test sets is drawn later
        bar, visit = until(lambda: own(rc, "headline"))[0], visits[-1]
        explore.press(visit, "reset")
        seen(visit, lambda: bar.phase in ("paused", "failed"))
        return rc, visit

    return open_at


def test_it_opens_with_what_the_server_was_started_with_and_keeps_what_was_drawn(at):
    rc, visit = at()
    until(lambda: "Of this you must know." in words(rc))
    assert [one.title for one in own(rc, "frame")] == ["Baseline", "What-if"]
    assert [run.world.scale for run in visit.session.runs] == [0.1, 0.1]
    (bar,) = own(rc, "headline")
    visit.session.step(9)
    seen(visit, lambda: bar.over == 19)
    maps = own(rc, "frame")
    assert "one seed, not an estimate" in bar.headline
    assert all(len(one.frame["places"]) > 50 for one in maps)
    # a view may come after that of the last day
    seen(visit, lambda: maps[0].number == maps[1].number == visit.screen.view.number)
    charts = own(rc, "chart")
    assert len(charts) == len(CHARTS)
    seen(visit, lambda: all((c.chart or {}).get("data") for c in charts))

    def lengths():
        lines = [one for c in charts for one in c.chart["data"] if "x" not in one]
        return {len(one["y"]) for one in lines}

    seen(visit, lambda: lengths() == {1})
    # what is drawn anew puts nothing back
    board.seed.set(7)
    assert bar.over == 19
    assert "one seed, not an estimate" in bar.headline
    assert all(c.chart["data"] for c in charts)
    assert maps[1].number == visit.screen.view.number
    board.seed.set(1)


# -- the controls and the runs --------------------------------------------------------------------

HIGH = {"between": ["UK", "RS"], "level": "high"}
DAYS_BY_BUTTON = {"play": 1, "week": 7}


@pytest.mark.slow
def test_what_is_played_is_what_the_controls_show(at):
    rc, visit = at()
    (bar,) = own(rc, "headline")
    visit.session.step(9)
    seen(visit, lambda: bar.over == 19)
    for partner, (button, days) in zip(("FR", "RS"), DAYS_BY_BUTTON.items(), strict=True):
        before = visit.session.runs
        board.draft.set(board.draft.value.with_(sharing=[{**HIGH, "between": ["UK", partner]}]))
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


@pytest.mark.slow
def test_a_change_stops_a_run_and_taking_it_back_lets_it_go_on(at):
    rc, visit = at()
    (bar,) = own(rc, "headline")
    before = board.state("watch")
    for change in (
        lambda: board.seed.set(7),
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


# -- the address ----------------------------------------------------------------------------------
