"""The panel as a whole: where a what-if starts, what it changes, and a tip on everything."""

from __future__ import annotations

from datetime import date
from typing import get_args

import ipyvuetify as vw
import pytest

from simulation.app import board, controls
from simulation.app.controls import PARTS, Controls, ToKnow
from simulation.app.draft import Draft, shipped
from simulation.scenario import shipped_scenarios
from simulation.scenario.describe import RESPONSES
from simulation.scenario.schema import Future
from tests.app.controls_page import Page
from tests.app.reading import until, words


@pytest.fixture
def page(render):
    return Page(render(Controls()))


def open_part(title):
    """Unfold one part and fold the others: each change draws all that is unfolded anew."""
    controls.opened.value = [PARTS.index(title)]


def test_every_shipped_scenario_can_be_chosen_by_its_title(page):
    items = page.field("Start from").items
    assert [item["text"] for item in items] == [shipped(name).title for name in shipped_scenarios()]


def test_a_title_of_its_own(page):
    page.leave("Title of the what-if", "More with Serbia")
    assert board.draft.value.text() == 'title = "More with Serbia"\nextends = "baseline"\n'
    page.leave("Title of the what-if", "x" * 300)
    assert "too long; allowed: at most 200" in str(
        page.field("Title of the what-if").error_messages
    )
    assert board.draft.value.title == "More with Serbia"
    page.leave("Title of the what-if", "half a character \ud800")
    assert "not UTF-8 text" in str(page.field("Title of the what-if").error_messages)
    page.leave("Title of the what-if", "")
    assert board.draft.value == Draft()


def test_days_of_ones_own(page):
    usual = page.field("First day").v_model
    page.leave("First day", "2023-03-01")
    page.leave("Last day", "2023-09-30")
    assert board.draft.value.data["run"] == {"start": date(2023, 3, 1), "end": date(2023, 9, 30)}
    assert board.checked.value.whatif.run.end == date(2023, 9, 30)
    assert board.checked.value.baseline.run == board.checked.value.whatif.run
    for wrong, said in (
        ("2022-01-01", "2022"),
        ("1 May", "must be a date"),
        ("2090-01-01", "2090"),
    ):
        page.leave("Last day", wrong)
        assert said in page.problems()[0]
        assert board.draft.value.data["run"]["end"] == date(2023, 9, 30)
    page.leave("Last day", "")
    page.leave("First day", "")
    assert board.draft.value == Draft()
    assert page.field("First day").v_model == usual


def test_a_text_is_whole_when_it_is_left_also_where_letters_come_late(page):
    """A browser withholds letters while a server is busy, but not that a field was left."""
    title = page.field("Title of the what-if")
    title.v_model = "Mo"
    title.fire_event("change", "More with Serbia")
    assert board.draft.value.title == "More with Serbia"
    title.v_model = "More with Serbia"
    assert board.draft.value.title == page.field("Title of the what-if").v_model


def test_changes_and_problems_are_told(page):
    assert "Nothing: this is the baseline." in page.texts()
    assert f"The baseline is “{board.checked.value.baseline.title}”." in page.texts()
    page.pick("RS", "UK", "full")
    assert "Sharing between UK and RS rises from low to full from 1 January 2023." in page.texts()
    board.draft.value = Draft().with_(sharing=[{"between": ["UK", "RSS"], "level": "high"}])
    assert page.problems() == [board.checked.value.problem]
    assert "RSS" in page.problems()[0]


def test_what_smugglers_can_do_is_switched_where_it_is_unfolded(page):
    assert not page.all(vw.Switch)
    open_part("What smugglers can do in response")
    for many in range(1, len(RESPONSES) + 1):
        page.all(vw.Switch)[many - 1].v_model = False
        assert len(board.checked.value.changes) == many
    assert list(board.draft.value.data["adaptation"].values()) == [False] * len(RESPONSES)
    page.all(vw.Switch)[0].v_model = True
    assert len(board.checked.value.changes) == len(RESPONSES) - 1
    assert len(board.draft.value.data["adaptation"]) == len(RESPONSES) - 1


def test_a_future_is_chosen_and_taken_back(page):
    open_part("Months after the data")
    assert set(controls.FUTURES) == set(get_args(Future.model_fields["path"].annotation))
    page.field("Start from").v_model = "outlook"
    assert "projected" in page.texts()
    page.field("How many set out after the data").v_model = "high"
    assert board.draft.value.scenario().future.path == "high"
    assert 'path = "high"' in board.draft.value.text()
    page.field("How many set out after the data").v_model = "spread"
    assert board.draft.value == Draft("outlook")
    page.field("How many set out after the data").v_model = "likely"
    assert board.draft.value == Draft("outlook")


@pytest.mark.parametrize(("data", "phrases"), [
    ({"visa": [{"authority": "IT", "origins": ["vietnam"]}]},
     ("Vietnam", "has no effect in this run")),
    ({"run": {"start": date(2025, 12, 20), "end": date(2026, 3, 1), "warm_up_days": 5}},
     ("December 2025", "projected")),
])  # fmt: skip
def test_what_must_be_known_before_a_run_is_told(render, data, phrases):
    board.draft.set(Draft(data=data))
    rc = render(ToKnow())
    text = until(lambda: words(rc))
    assert all(one in text for one in phrases)
