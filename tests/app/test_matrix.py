"""A choice in the matrix is in the what-if, and its file."""

from __future__ import annotations

from datetime import date

import ipyvuetify as vw
import pytest

from simulation.app import board, matrix
from simulation.app.draft import Draft
from simulation.app.matrix import Matrix
from simulation.corridor import load_corridor
from tests.app.controls_page import Page


@pytest.fixture
def page():
    return Page(Matrix)


def test_a_shortcut_sets_a_group(page):
    page.pick("CALAIS", "CALAIS", "full")
    assert board.draft.value.data["sharing"][0]["between"] == ["CALAIS", "CALAIS"]
    assert page.cell("FR", "UK")["now"] == "full"
    page.pick("FR", "UK", "")
    assert page.cell("FR", "UK")["now"] == "above medium (0.625)"
    assert not page.cell("FR", "UK")["changed"]


def test_date_and_ramp_apply_to_all_that_is_set(page):
    page.pick("RS", "UK", "high")
    page.leave("From", "2023-07-01")
    page.leave("Grows over days", "90")
    page.pick("AL", "UK", "medium")
    for lever in board.draft.value.data["sharing"]:
        assert (lever["from"], lever["ramp_days"]) == (date(2023, 7, 1), 90)
    assert len(board.draft.value.data["sharing"]) == 2


@pytest.mark.parametrize(("field", "text", "words"), [
    ("From", "soon", 'From = "soon": must be a date; allowed: year, month and day'),
    ("From", "2031-01-01", 'From = "2031-01-01": lies outside the run; allowed: 2022-07-05'),
    ("Grows over days", "a while", 'Grows over days = "a while": must be a number'),
    ("Grows over days", "9999", "allowed: at most 3650"),
])  # fmt: skip
def test_a_bad_date_or_ramp_is_told_and_changes_nothing(page, field, text, words):
    page.pick("RS", "UK", "high")
    before = board.draft.value
    page.leave(field, text)
    assert words in page.problems()[0]
    assert board.draft.value == before
    page.leave(field, {"From": "2023-01-01", "Grows over days": "0"}[field])
    assert page.problems() == []


def test_every_authority_can_be_shown(page):
    (choice,) = page.all(vw.RadioGroup)
    choice.v_model = "all"
    # a triangle: the first authority needs no row of its own
    assert len(page.grid.rows) == len(load_corridor().authorities) - 1
    page.pick("TR", "UK-CI", "medium")
    assert board.draft.value.data["sharing"][0]["between"] == ["UK-CI", "TR"]


def test_what_goes_back_only_with_a_wider_agreement_is_told(page):
    page.pick("UK", "WB6", "high")
    board.draft.value = board.draft.value.with_(
        sharing=[{"between": ["EPC", "EPC"], "level": "full"}]
    )
    page.pick("UK", "EU", "")
    assert "wider agreement" in page.problems()[0]


def test_it_shows_the_start_while_the_what_if_cannot_be_used(page):
    board.draft.value = Draft().with_(sharing=[{"between": ["UK", "RSS"], "level": "high"}])
    assert page.cell("RS", "UK")["now"] == "low"


def test_a_date_outside_other_days_falls_back(page):
    board.since.value = matrix.When(date(2024, 12, 1))
    board.draft.value = Draft("belgium-2021")
    run = board.checked.value.whatif.run
    assert page.field("From").v_model == run.start.isoformat()


def test_every_cell_and_level_has_a_tip(page):
    cells = [*page.grid.shortcuts, *(cell for row in page.grid.rows for cell in row["cells"])]
    assert all(cell["tip"].startswith("Sharing ") for cell in cells)
    assert all(tip.endswith("Confidence: assumption.") for tip in page.grid.levels.values())
    assert all(side["tip"] for side in [*page.grid.rows, *page.grid.columns])
    assert page.grid.back_tip


def test_what_is_refused_is_not_run(page):
    page.leave("From", "2031-01-01")
    assert "lies outside the run" in board.hindrance.value
    assert page.problems() == [board.hindrance.value]
    page.leave("From", "2023-07-01")
    assert board.hindrance.value == ""
    assert page.problems() == []
