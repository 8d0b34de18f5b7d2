"""The panel of estimates: what a visitor can do, and what is told; and that no poller stays."""

from __future__ import annotations

import threading
from dataclasses import replace

import ipyvuetify as v
import pytest

from simulation.app import board, ensemble_view
from simulation.app.draft import Draft
from simulation.app.ensemble import CAREFUL, QUICK, EnsembleState, EstimateText
from simulation.app.ensemble_view import EnsemblePanel
from simulation.errors import InputError
from tests.app.reading import button, links, until, words

WHATIF = Draft().with_(title="<b>More</b>", sharing=[{"between": ["UK", "RS"], "level": "high"}])
ESTIMATE = EstimateText("Arrivals: -10.", "Deaths: none.", "Mind this.", "12 pairs.")


class StandIn:
    """Estimates that go as a test says."""

    def __init__(self):
        self.now = None
        self.asked = []
        self.shared = False
        self.refuse = False

    def ask(self, whatif, baseline, effort, asker, years=None):
        if self.refuse:
            raise InputError("too many estimates wait already")
        self.asked.append((whatif.title, effort.name, asker))
        folder = "what-ifs/x y/quick"
        self.now = EnsembleState(
            "key", whatif.title, whatif.hash(), effort, "running", folder=folder
        )
        return "key"

    def latest(self, asker, whatif):
        self.looked_for = whatif
        return "" if self.now is None or self.now.ended else "key"

    def state(self, key):
        return self.now if key else None

    def stop(self, key, asker):
        if not self.shared:
            self.now = replace(self.now, phase="stopped")
        return not self.shared


@pytest.fixture
def some(monkeypatch):
    one = StandIn()
    monkeypatch.setattr(ensemble_view, "of_server", lambda: one)
    board.draft.set(WHATIF)
    yield one
    until(lambda: pollers() == [])


@pytest.fixture
def show(some, render):
    return lambda: render(EnsemblePanel(every=0.05))


@pytest.fixture
def panel(show):
    return show()


def pollers():
    return [one for one in threading.enumerate() if one.name == "look at an estimate"]


def test_it_is_asked_for_followed_and_read(some, panel):
    button(panel, "Start the runs").click()
    ((title, effort, _),) = some.asked
    assert (title, effort) == ("<b>More</b>", "quick")
    # the thread that looks at the runs may draw, and then draws what a press asks for as well
    until(lambda: button(panel, "Start the runs").disabled)
    some.now = replace(some.now, finished=5, planned=24, share=0.2)
    until(lambda: "5 of 24 runs" in words(panel))
    some.now = replace(some.now, phase="done", estimate=ESTIMATE)
    until(lambda: ESTIMATE.arrivals in words(panel))
    for text in (
        ESTIMATE.deaths,
        ESTIMATE.warning,
        ESTIMATE.basis,
        "Read the whole report (in a new tab)",
    ):
        assert text in words(panel)
    folder = "/results/what-ifs/x%20y/quick"
    names = ("report.html", "brief.docx", "brief.html")
    assert links(panel) == [f"{folder}/{name}" for name in names]
    until(lambda: pollers() == [])
    assert not button(panel, "Start the runs").disabled
    # what it found belongs to what was asked
    assert "has changed since" not in words(panel)
    board.draft.set(WHATIF.with_(sharing=[{"between": ["UK", "RS"], "level": "full"}]))
    assert "The question has changed since. This is the estimate of “<b>More</b>”:" in words(panel)


def test_a_field_that_is_refused_and_a_form_that_is_open_are_told(some, panel):
    board.unfinished.set({"staff": "Add or take away staff"})
    assert "Not in an estimate yet: what is typed under “Add or take away staff”" in words(panel)
    board.refused.set({"From": "no day"})
    assert "Nothing can be estimated. Reason: no day." in words(panel)
    assert button(panel, "Start the runs").disabled
    board.unfinished.set({})
    board.refused.set({})
    assert not button(panel, "Start the runs").disabled


def test_it_is_found_again_when_the_page_is_loaded_anew(some, show):
    whatif = board.checked.value.whatif
    some.now = EnsembleState("key", "T", whatif.hash(), QUICK, "running", finished=2, planned=24)
    panel = show()
    until(lambda: "2 of 24 runs" in words(panel))
    some.now = replace(some.now, phase="done", estimate=ESTIMATE)
    until(lambda: ESTIMATE.deaths in words(panel))
    assert some.looked_for == whatif.hash()


def test_it_can_be_careful(some, panel):
    panel.find(v.RadioGroup).widget.v_model = CAREFUL.label
    button(panel, "Start the runs").click()
    assert [effort for _, effort, _ in some.asked] == [CAREFUL.name]


def test_one_that_others_wait_for_goes_on(some, panel):
    some.shared = True
    button(panel, "Start the runs").click()
    until(lambda: button(panel, "Stop")).click()
    until(lambda: "it goes on without you" in words(panel))
    until(lambda: not button(panel, "Start the runs").disabled)


def test_what_goes_wrong_is_told(some, panel):
    some.refuse = True
    button(panel, "Start the runs").click()
    assert "too many estimates wait already" in words(panel)
    some.refuse = False
    button(panel, "Start the runs").click()
    until(lambda: "too many" not in words(panel))
    some.now = replace(some.now, phase="failed", problem="The disk is full <i>.")
    until(lambda: "The disk is full <i>." in words(panel))


def test_of_the_baseline_there_is_nothing_to_estimate(some, panel):
    board.draft.set(Draft())
    assert button(panel, "Start the runs").disabled
    assert "Change something first" in words(panel)
    board.draft.set(Draft().with_(sharing=[{"between": ["UK", "XX"], "level": "high"}]))
    assert button(panel, "Start the runs").disabled
    assert "Nothing can be estimated. Reason: the what-if: sharing[0].between[1]" in words(panel)


def test_a_closed_page_leaves_no_poller(some, show):
    panel = show()
    button(panel, "Start the runs").click()
    until(lambda: len(pollers()) == 1)
    panel.close()
    until(lambda: pollers() == [])
    assert some.now.phase == "running"
