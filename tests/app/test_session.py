"""One visitor's runs: what clicks ask for, what is waited for, and what is given back."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from simulation.app import session as sessions
from simulation.app.live import LiveRun
from simulation.app.screen import Screen, headline, map_title, moment
from simulation.app.session import Phase, PlayOrder, Session, SessionView
from simulation.scenario import parse_scenario

TEXT = """
title = "Some weeks"
extends = "baseline"
[run]
start = 2023-06-01
end = 2023-07-10
warm_up_days = 10
"""
ASKED = PlayOrder(
    parse_scenario(TEXT), parse_scenario(TEXT + '[sharing_default]\nlevel = "full"\n'), 1, 0.02
)
ALONE = ASKED._replace(whatif=None)


class Visitor:
    """A page that draws every frame at once, or none."""

    def __init__(self, *, draws: bool = True, idle: float = 60.0) -> None:
        self.views: list[SessionView] = []
        self.charts: list[str] = []
        self.draws = draws
        self.screen = Screen()
        self.session = Session(self.seen, self.follow, idle=idle)

    def seen(self, view: SessionView) -> None:
        self.views.append(view)
        if self.draws:
            self.session.drawn(view.number)

    def follow(self, runs: list[LiveRun], going_on: bool) -> bool:
        before = dict(self.screen.charts)
        more = self.screen.follow(runs, going_on)
        self.charts += [k for k, chart in self.screen.charts.items() if chart != before.get(k)]
        return more

    @property
    def last(self) -> SessionView:
        return self.views[-1]

    def until(self, condition: Callable[[SessionView], bool], seconds: float = 30.0) -> SessionView:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.views and condition(self.last):
                return self.last
            time.sleep(0.01)
        raise AssertionError(f"never came: {self.views[-1:]}")


@pytest.fixture
def visitor():
    made = Visitor()
    yield made
    made.session.close()


def paused(view: SessionView) -> bool:
    return view.phase is Phase.PAUSED and bool(view.frames)


def test_steps_play_and_the_end(visitor):
    visitor.session.begin(ALONE)
    visitor.until(paused)
    visitor.session.step()
    assert not visitor.until(lambda v: v.over == 11).warming
    visitor.session.step(7)
    visitor.until(lambda v: v.over == 18 and v.phase is Phase.PAUSED)
    visitor.session.set_speed(None)
    visitor.session.play()
    view = visitor.until(lambda v: v.phase is Phase.FINISHED)
    assert view.over == view.days == 50
    assert view.date is not None
    assert view.date.isoformat() == "2023-07-10"
    assert len({v.number for v in visitor.views}) == len(visitor.views)


def test_what_two_runs_show_is_what_each_would_alone(visitor):
    visitor.session.begin(ASKED)
    visitor.until(paused)
    visitor.session.step(20)
    both = visitor.until(lambda v: v.over == 30)
    alone = Visitor()
    alone.session.begin(ALONE)
    alone.until(paused)
    alone.session.step(20)
    assert alone.until(lambda v: v.over == 30).frames[0] == both.frames[0]
    alone.session.close()


def test_no_day_is_simulated_that_nobody_draws():
    blind = Visitor(draws=False)
    blind.session.begin(ALONE)
    blind.session.play()
    blind.until(lambda v: v.phase is Phase.BUILDING)
    time.sleep(2.0)
    assert len(blind.session.runs) <= 1
    assert all(run.over <= run.first + 40 for run in blind.session.runs)
    before = [run.over for run in blind.session.runs]
    time.sleep(0.3)
    assert [run.over for run in blind.session.runs] == before
    blind.session.close()


def test_an_idle_page_gives_its_memory_back_and_can_go_on():
    idle = Visitor(idle=0.5)
    idle.session.begin(ALONE)
    idle.until(paused)
    view = idle.until(lambda v: v.phase is Phase.ASLEEP)
    assert idle.session.runs == []
    assert "given back" in moment(view)
    used = time.process_time()
    time.sleep(0.5)
    assert time.process_time() - used < 0.1  # and it does nothing at all
    idle.session.step()
    assert idle.until(lambda v: v.over == 11).frames
    idle.session.close()


class Remembering(Visitor):
    """A page that remembers which runs it has seen, and keeps none of them alive."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.runs: weakref.WeakSet[LiveRun] = weakref.WeakSet()

    def seen(self, view: SessionView) -> None:
        self.runs.update(self.session.runs)
        super().seen(view)


def test_no_run_is_held_by_anybody_once_a_page_is_asleep():
    page = Remembering(idle=1.0)
    page.session.begin(ASKED)
    page.until(lambda view: view.phase is Phase.ASLEEP, 60.0)
    assert any(len(view.frames) == 2 for view in page.views)
    assert len(page.runs) == 0
    page.session.close()


def test_a_closed_page_leaves_nothing_running(visitor):
    visitor.session.begin(ASKED)
    visitor.session.play()
    visitor.until(lambda v: v.phase is Phase.PLAYING)
    thread = visitor.session._thread
    assert isinstance(thread, threading.Thread)
    visitor.session.close()
    thread.join(5.0)
    assert not thread.is_alive()
    assert visitor.session.runs == []


def test_a_run_that_breaks_is_told_in_words(visitor, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("the sea is missing")

    monkeypatch.setattr(sessions, "LiveRun", broken)
    visitor.session.begin(ALONE)
    view = visitor.until(lambda v: v.phase is Phase.FAILED)
    assert view.problem == "The run stopped: RuntimeError: the sea is missing"
    monkeypatch.undo()
    visitor.session.begin(ALONE)
    visitor.until(paused)


def test_charts_take_turns_while_playing_and_all_come_in_the_end(visitor):
    visitor.session.begin(ASKED)
    visitor.until(paused)
    visitor.session.set_speed(None)
    visitor.session.play()
    visitor.until(lambda v: v.phase is Phase.FINISHED)
    time.sleep(0.5)
    assert set(visitor.charts) == {
        "arrivals", "difference", "deaths", "country", "price", "known", "profit",
    }  # fmt: skip
    playing = [v for v in visitor.views if v.phase is Phase.PLAYING]
    assert len(visitor.charts) <= len(playing) + 21


FRAMES = ({"arrivals": 1000, "deaths": 3}, {"arrivals": 588, "deaths": 4})


def test_the_headline_says_one_seed():
    view = SessionView(1, Phase.PLAYING, 20, 21, 10, 50, ASKED.baseline.run.start, FRAMES)
    both = "With the what-if, so far 412 fewer arrivals; one seed, not an estimate."
    assert headline(view).startswith(both)
    assert "more death" not in headline(view)
    assert headline(SessionView(1, Phase.PLAYING, 5, 6, 10, 50, None, FRAMES)) == ""
    alike = (FRAMES[0], FRAMES[0])
    same = headline(SessionView(1, Phase.PLAYING, 20, 21, 10, 50, ASKED.baseline.run.start, alike))
    assert same.startswith("So far as many arrivals and deaths with the what-if as without")
    one = SessionView(1, Phase.PLAYING, 20, 21, 10, 50, ASKED.baseline.run.start, FRAMES[:1])
    assert headline(one).startswith("So far 1,000 arrivals; one seed, not an estimate.")
    assert map_title(view, 1, True, "x") == "What-if: 588 arrivals so far"
    assert map_title(one, 0, False, "Mine") == "Mine: 1,000 arrivals so far"


def test_days_follow_the_pace_whatever_the_frames_take():
    session = Session(lambda view: None, lambda runs, going_on: False)
    session.set_speed(10.0)
    session._paced = 0.0
    # frames a little late each time: parts of days must not be rounded up to whole ones
    days = [session._days_due(0.16 * frame) for frame in range(1, 101)]
    assert sum(days) == pytest.approx(160, abs=1)
    assert set(days) == {1, 2}
