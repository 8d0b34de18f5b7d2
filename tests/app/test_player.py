"""One visitor's runs: they do what was wished last, and give the numbers of the command line."""

from __future__ import annotations

import threading

import pytest

from simulation.app import player
from simulation.app.player import Phase, Player, PlayOrder
from simulation.app.watch import headline, moment
from simulation.scenario import parse_scenario
from tests.app.reading import until
from tests.app.test_live import OTHER, SCALE, TEXT, ran

BASE, WHATIF = parse_scenario(TEXT), parse_scenario(OTHER)
ORDER = PlayOrder(BASE, WHATIF, 3, SCALE)


@pytest.fixture
def shown():
    """A player and all that it has shown."""
    views = []
    one = Player(views.append)
    yield one, views
    one.close()
    until(lambda: not any(thread.name == "runs" for thread in threading.enumerate()))


def test_it_steps_plays_to_the_end_and_looks_back(shown):
    one, views = shown
    one.begin(ORDER)
    until(lambda: views and views[-1].phase is Phase.PAUSED)
    assert views[-1].over == views[-1].first == 30
    one.step(10)
    until(lambda: views[-1].over == 40)
    assert views[-1].frames[0] == ran(TEXT, 40).frame(39)
    assert "10 June 2023: day 10 of 50" in moment(views[-1])
    one.speed = 0
    one.play()
    until(lambda: views[-1].phase is Phase.FINISHED)
    assert [frame["arrivals"] for frame in views[-1].frames] == [
        ran(text).frame(79)["arrivals"] for text in (TEXT, OTHER)
    ]
    assert "one seed, not an estimate" in headline(views[-1])
    one.look_at(39)
    until(lambda: views[-1].day == 39)
    assert views[-1].frames[0] == ran(TEXT, 40).frame(39)
    numbers = [view.number for view in views]
    assert numbers == sorted(set(numbers))


def test_a_pause_stops_and_another_order_begins_anew(shown):
    one, views = shown
    one.begin(ORDER)
    one.play()
    until(lambda: views and views[-1].phase is Phase.PLAYING)
    one.pause()
    until(lambda: views[-1].phase is Phase.PAUSED)
    over = views[-1].over
    one.begin(PlayOrder(BASE, None, 4, SCALE))
    until(lambda: views[-1].phase is Phase.PAUSED and len(views[-1].frames) == 1)
    assert views[-1].over == 30 <= over


def test_a_run_that_fails_says_so_and_can_be_begun_again(shown, monkeypatch):
    one, views = shown

    def fail(*_):
        raise MemoryError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(player, "LiveRun", fail)
        one.begin(ORDER)
        until(lambda: views and views[-1].phase is Phase.FAILED)
    assert "no room" in views[-1].problem
    until(lambda: not any(thread.name == "runs" for thread in threading.enumerate()))
    one.begin(ORDER)
    until(lambda: views[-1].phase is Phase.PAUSED)
