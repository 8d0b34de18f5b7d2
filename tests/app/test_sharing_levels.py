"""What a cell of the matrix shows and writes."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.app import board, matrix
from simulation.app.draft import Draft, shipped
from simulation.app.matrix import Matrix
from simulation.app.sharing_levels import (
    COMPACT,
    SHORTCUTS,
    When,
    all_sides,
    as_it_is,
    cells,
    moved,
    pairs_between,
    triangle,
    when_of_levers,
    with_level,
)
from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.scenario.levels import LEVEL_WORDS
from tests.app.controls_page import Page

START = shipped("baseline")
NEW_YEAR = When(date(2023, 1, 1))
JULY = When(date(2023, 7, 1), 30)
SIDES = ("UK", "EU", "WB6", "EPC", "CALAIS", "FR", "RS", "TR", "UK-CI", "EUROPOL")
PAIRS = st.tuples(st.sampled_from(SIDES), st.sampled_from(SIDES)).filter(
    lambda pair: pair[0] != pair[1] and pairs_between(*pair)
)


def cell(draft, first, second, when=NEW_YEAR):
    return cells([(first, second)], draft.scenario(), START, when.day)[0]


def test_a_cell_shows_the_level_of_the_day():
    shown = cell(Draft(), "RS", "UK")
    assert (shown.now, shown.letters, shown.changed) == ("low", "L", False)
    assert shown.label == "Sharing between Serbia and UK: low"
    assert cell(Draft(), "FR", "UK").letters == "M+"
    assert cell(Draft(), "FR", "UK").now == "above medium (0.625)"
    assert cell(Draft(), "BG", "UK").letters == "L\u2013M"
    assert cell(Draft(), "EU", "EU").label == "Sharing within EU: medium"


def test_what_is_set_is_a_lever_of_the_file():
    draft = with_level(Draft(), "RS", "UK", "high", JULY)
    assert draft.data["sharing"] == [
        {"between": ["UK", "RS"], "level": "high", "from": JULY.day, "ramp_days": 30}
    ]
    assert 'level = "high"\nfrom = 2023-07-01\nramp_days = 30' in draft.text()
    shown = cell(draft, "RS", "UK", JULY)
    assert shown.label == "Sharing between Serbia and UK: high, changed from low"
    assert not cell(draft, "RS", "UK", NEW_YEAR).changed
    assert cell(draft, "UK", "WB6", JULY).letters == "L\u2013H"


def test_a_second_choice_replaces_the_first():
    draft = with_level(Draft(), "MK", "UK", "high", NEW_YEAR)
    assert len(with_level(draft, "UK", "MK", "full", NEW_YEAR).data["sharing"]) == 1
    assert len(with_level(draft, "UK", "MK", "full", JULY).data["sharing"]) == 2
    assert with_level(draft, "MK", "UK", "low", NEW_YEAR) == Draft()


def test_the_level_there_is_is_written_if_it_would_change_later():
    draft = with_level(Draft(), "UK", "WB6", "high", JULY)
    held = with_level(draft, "RS", "UK", "low", NEW_YEAR)
    assert held.data["sharing"][-1]["level"] == "low"
    assert not cell(held, "RS", "UK", JULY).changed


def test_one_date_for_all_that_is_set():
    draft = with_level(Draft(), "RS", "UK", "high", NEW_YEAR)
    by_hand = {"between": ["UK", "AL"], "level": "full", "from": date(2023, 3, 1)}
    draft = draft.with_(sharing=[*draft.data["sharing"], by_hand])
    first, second = moved(draft, NEW_YEAR, JULY).data["sharing"]
    assert (first["from"], first["ramp_days"]) == (JULY.day, 30)
    assert second == by_hand
    assert moved(moved(draft, NEW_YEAR, JULY), JULY, NEW_YEAR) == draft
    assert moved(draft, JULY, JULY) is draft


@settings(max_examples=25)
@given(PAIRS, st.sampled_from(LEVEL_WORDS))
def test_a_choice_is_shown_and_can_be_taken_back(pair, level):
    draft = with_level(Draft(), *pair, level, NEW_YEAR)
    assert cell(draft, *pair).now == level
    assert as_it_is(draft, *pair, NEW_YEAR, START) == Draft()


def test_a_part_of_a_wider_agreement_goes_back_by_itself():
    draft = with_level(Draft(), "UK", "WB6", "full", NEW_YEAR)
    back = as_it_is(draft, "RS", "UK", NEW_YEAR, START)
    assert back.data["sharing"][1]["level"] == "low"
    assert cell(back, "AL", "UK").now == "full"
    with pytest.raises(InputError, match="cannot be set back by itself"):
        as_it_is(with_level(Draft(), "UK", "EPC", "full", NEW_YEAR), "EU", "UK", NEW_YEAR, START)


def test_numbers_of_its_own_are_marked():
    draft = Draft().with_(sharing=[{"between": ["UK", "RS"], "delay_days": 3}])
    shown = cell(draft, "RS", "UK")
    assert (shown.letters, shown.changed) == ("L*", True)
    assert "numbers of its own" in shown.label
    assert as_it_is(draft, "RS", "UK", NEW_YEAR, START) == Draft()


def test_the_matrix_has_each_pair_once():
    assert len(all_sides()) == len(load_corridor().authorities) == len(set(all_sides()))
    pairs = [frozenset(pair) for row in triangle(all_sides()) for pair in row]
    assert len(pairs) == len(set(pairs)) == 24 * 23 // 2
    sides = {*load_corridor().groups, *all_sides()}
    assert {*COMPACT, *(side for pair in SHORTCUTS for side in pair)} <= sides


def test_the_day_of_the_matrix_is_found_in_what_it_has_written():
    assert when_of_levers(Draft()) is None
    draft = with_level(Draft(), "RS", "UK", "high", JULY)
    assert when_of_levers(draft) == JULY
    assert when_of_levers(Draft.of_file(draft.text().encode(), "x")) == JULY
    # an agreement with an end is one of those made by hand
    by_hand = {"between": ["UK", "FR"], "level": "none", "to": date(2024, 1, 1)}
    assert when_of_levers(draft.with_(sharing=[*draft.data["sharing"], by_hand])) == JULY
    assert when_of_levers(with_level(draft, "FR", "UK", "none", NEW_YEAR)) is None


# -- on the page ----------------------------------------------------------------------------------


@pytest.fixture
def page(render):
    return Page(render(Matrix()))


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
    ("From", "2031-01-01", 'From = "2031-01-01": lies outside the run; allowed: 2022-01-01'),
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


def test_what_goes_back_only_with_a_wider_agreement_is_told(page):
    page.pick("UK", "WB6", "high")
    board.draft.value = board.draft.value.with_(
        sharing=[{"between": ["EPC", "EPC"], "level": "full"}]
    )
    page.pick("UK", "EU", "")
    assert "wider agreement" in page.problems()[0]


def test_a_date_outside_other_days_falls_back(page):
    board.since.value = matrix.When(date(2024, 12, 1))
    board.draft.value = Draft("belgium-2021")
    assert page.field("From").v_model == board.checked.value.whatif.run.start.isoformat()


def test_every_cell_and_level_has_a_tip(page):
    cells = [*page.grid.shortcuts, *(cell for row in page.grid.rows for cell in row["cells"])]
    assert all(cell["tip"].startswith("Sharing ") for cell in cells)
    assert all(tip.endswith("Confidence: assumption.") for tip in page.grid.levels.values())
    assert all(side["tip"] for side in [*page.grid.rows, *page.grid.columns])
    assert page.grid.back_tip
