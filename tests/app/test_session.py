"""One visitor's runs: what clicks ask for, what is waited for, and what is given back."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest

from simulation.app import session as sessions
from simulation.app.charts import Chart
from simulation.app.live import LiveRun
from simulation.app.screen import Screen, headline, map_title, moment
from simulation.app.session import Phase, PlayOrder, Session, SessionView, days_due
from simulation.scenario import parse_scenario
from simulation.statistics.paired import DIRECTION_PAIRS
from tests.app.reading import until
from tests.patience import Patience

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
        self.news = threading.Condition()
        self.views: list[SessionView] = []
        self.charts: list[str] = []
        #: runs that it has seen; it keeps none of them alive
        self.runs: weakref.WeakSet[LiveRun] = weakref.WeakSet()
        self.draws = draws
        self.screen = Screen()
        self.session = Session(self.seen, self.follow, idle=idle)

    def seen(self, view: SessionView) -> None:
        self.thread = threading.current_thread()
        self.runs.update(self.session.runs)
        with self.news:
            self.views.append(view)
            self.news.notify_all()
        if self.draws:
            self.session.drawn(view.number)

    def follow(self, runs: list[LiveRun], going_on: bool) -> bool:
        before = dict(self.screen.charts)
        more = self.screen.follow(runs, going_on)
        with self.news:
            self.charts += [k for k, chart in self.screen.charts.items() if chart != before.get(k)]
            self.news.notify_all()
        return more

    @property
    def last(self) -> SessionView:
        return self.views[-1]

    def until(self, condition: Callable[[SessionView], bool]) -> SessionView:
        patience = Patience()
        with self.news:
            while not self.news.wait_for(lambda: self.views and condition(self.last), 1.0):
                patience.check(f"never came: {self.views[-1:]}")
            return self.last

    def play_to_the_end(self, order: PlayOrder) -> SessionView:
        self.session.begin(order)
        self.session.set_speed(None)
        self.session.play()
        return self.until(lambda view: view.phase is Phase.FINISHED)


@pytest.fixture
def visitor():
    fresh = Visitor()
    yield fresh
    fresh.session.close()


def paused(view: SessionView) -> bool:
    return view.phase is Phase.PAUSED and bool(view.frames)


def test_no_day_is_simulated_that_nobody_draws(visitor):
    blind = Visitor(draws=False)
    blind.session.begin(ALONE)
    blind.session.play()
    view = blind.until(lambda v: v.phase is Phase.PLAYING)
    (run,) = blind.session.runs
    # a page that is drawn simulates all days meanwhile
    assert visitor.play_to_the_end(ALONE).over == 50
    assert blind.last is view
    assert run.over == view.over < 50
    blind.session.close()


@pytest.mark.slow
def test_an_idle_page_gives_its_memory_back_and_can_go_on():
    idle = Visitor(idle=1.0)
    idle.session.begin(ASKED)
    view = idle.until(lambda v: v.phase is Phase.ASLEEP)
    assert idle.session.runs == []
    assert len(idle.runs) == 0, "a run is held by somebody"
    # the last day stays on the page
    shown = next(v for v in reversed(idle.views) if v.phase is not Phase.ASLEEP)
    assert len(shown.frames) == 2
    assert (view.frames, view.day, view.date) == (shown.frames, shown.day, shown.date)
    assert moment(view) == moment(shown)
    idle.session.step()
    assert idle.until(lambda v: v.over == 11).frames
    idle.session.close()


@pytest.mark.slow
def test_a_closed_page_leaves_nothing_running(visitor):
    visitor.session.begin(ASKED)
    visitor.session.play()
    visitor.until(lambda v: v.phase is Phase.PLAYING)
    visitor.session.close()
    until(lambda: not visitor.thread.is_alive())
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
    visitor.play_to_the_end(ASKED)
    shown = visitor.screen.charts
    weeks = {"arrivals", "difference", "country", "price", "known", "profit"}
    visitor.until(lambda _: {key for key, chart in shown.items() if points(chart) == {5}} == weeks)
    playing = [v for v in visitor.views if v.phase is Phase.PLAYING]
    assert len(visitor.charts) <= len(playing) + 21


def points(chart: Chart) -> set[int]:
    """How many weeks the lines of a chart have."""
    return {len(line["y"]) for line in chart["data"] if "x" not in line}


FRAMES = ({"arrivals": 1000}, {"arrivals": 588})


@pytest.mark.parametrize(("frames", "said"), [
    (FRAMES, "With the what-if, so far 412 fewer arrivals"),
    ((FRAMES[0], FRAMES[0]), "With the what-if, so far as many arrivals"),
    (FRAMES[:1], "So far 1,000 arrivals"),
])  # fmt: skip
def test_the_headline_says_one_seed_and_nothing_of_deaths(frames, said):
    view = SessionView(1, Phase.PLAYING, 20, 21, 10, 50, ASKED.baseline.run.start, frames)
    assert headline(view).startswith(f"{said}; one seed, not an estimate.")
    assert "Of deaths one run says nothing" in headline(view)
    assert map_title(view, 0, False, "Mine") == "Mine: 1,000 arrivals so far"


def test_before_the_first_day_there_is_no_headline_and_a_map_has_its_own_arrivals():
    view = SessionView(1, Phase.PLAYING, 5, 6, 10, 50, None, FRAMES)
    assert headline(view) == ""
    assert map_title(replace(view, day=20), 1, True, "x") == "What-if: 588 arrivals so far"


def test_days_follow_the_pace_whatever_the_frames_take():
    since, days = 0.0, []
    for frame in range(1, 101):
        # a little late each time: parts of days must not be rounded up to whole ones
        due, since = days_due(10.0, since, 0.16 * frame)
        days.append(due)
    assert sum(days) == pytest.approx(160, abs=1)
    assert set(days) == {1, 2}


# -- the difference ------------------------------------------------------------------------------


def test_the_difference_comes_when_all_pairs_are_complete_and_goes_when_it_is_not_asked_for(
    visitor,
):
    visitor.session.begin(ASKED)
    visitor.session.step(3)
    visitor.until(lambda view: view.day == view.first + 2)
    assert visitor.last.change is None
    visitor.session.difference = True
    visitor.session.refresh()
    visitor.until(lambda view: view.change is not None and view.change.frame is not None)
    changes = [view.change for view in visitor.views if view.change is not None]
    pairs = [change.pairs for change in changes]
    # how many are complete at the moment of a view is the machine's affair
    assert pairs == sorted(pairs)
    assert pairs[-1] == DIRECTION_PAIRS
    assert all((change.frame is None) == (change.pairs < DIRECTION_PAIRS) for change in changes)
    visitor.session.look_at(visitor.last.first)
    assert visitor.until(lambda view: view.day == view.first).change is not None
    visitor.session.difference = False
    visitor.session.refresh()
    visitor.until(lambda view: view.change is None)


def test_one_run_alone_has_no_difference(visitor):
    visitor.session.difference = True
    visitor.session.begin(ALONE)
    visitor.session.step()
    assert visitor.until(lambda view: view.day == view.first).change is None
