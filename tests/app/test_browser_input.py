"""Impossible values in a message of a browser: nothing changes and nothing is raised.

The page sends only what it offers. Somebody who writes a WebSocket message by hand can send more.
"""

from __future__ import annotations

from functools import partial

import ipyvuetify as vw
import pytest
import solara

from simulation.app import board, controls, explore, matrix, page, take_away
from simulation.app.browser_input import message, number_of, one_of
from simulation.app.draft import Draft
from simulation.app.lever_forms import LeversOf
from simulation.app.matrix import Matrix
from simulation.app.take_away import TakeAway
from simulation.scenario.levers.registry import LEVERS
from tests.app.controls_page import FIELDS, Page
from tests.app.reading import own

#: what JSON can hold in place of a word, a number or a mapping
JUNK = (None, True, -1, 10**9, 0.5, float("nan"), "XX", "", [], ["UK"], [[]], {}, {"a": [1]})


@pytest.mark.parametrize("sides", [
    ("RS", "RS"), ("UK-CI", "UK-CI"), ("EUROPOL", "EUROPOL"), ("XX", "UK"), (["RS"], "UK"),
    (None, None), ("RS", {}),
])  # fmt: skip
def test_a_pair_that_cannot_share_is_no_choice_of_the_matrix(sides):
    shown = Page(Matrix)
    shown.pick("RS", "UK", "high")
    before = board.draft.value
    for level in ("high", "none", "", "as it is", "XX", None, ["high"]):
        shown.pick(*sides, level)
        assert board.draft.value == before, level
        assert shown.problems() == [], level


def test_a_level_that_is_none_takes_nothing_back():
    shown = Page(Matrix)
    shown.pick("RS", "UK", "high")
    before = board.draft.value
    for level in (one for one in JUNK if one != ""):
        shown.pick("RS", "UK", level)
        assert board.draft.value == before, level


@pytest.mark.parametrize("junk", JUNK)
def test_the_matrix_and_its_view_take_no_junk(junk):
    shown = Page(Matrix)
    shown.grid.vue_pick(junk)
    (choice,) = shown.all(vw.RadioGroup)
    choice.v_model = junk
    assert board.draft.value == Draft()
    assert matrix.view.value == "main"


@pytest.mark.parametrize("junk", JUNK)
def test_folded_parts_take_no_junk(junk):
    shown = Page(controls.Controls)
    (panels,) = shown.all(vw.ExpansionPanels)
    panels.v_model = junk
    assert set(controls.opened.value) <= set(range(len(controls.PARTS)))
    shown.field("Start from").v_model = junk
    for switch in shown.all(vw.Switch):
        switch.v_model = junk
    assert board.checked.value.problem == ""


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.section)
def test_a_form_takes_no_junk(lever):
    shown, button = Page(partial(LeversOf, lever.group)), lever.form.button
    needs_something = any(field.is_required() for field in lever.model_fields.values())
    is_open = False
    for junk in JUNK:
        if not is_open:
            shown.press(button)
            shown.press(f"More fields: {button}")
        fill_all(shown, junk)
        shown.press(button)
        is_open = needs_something or bool(shown.problems())
        if is_open:
            assert board.draft.value == Draft(), junk
            assert shown.problems(), junk
        else:  # every key of it has a default
            assert board.draft.value.data == {lever.section: [{}]}, junk
            board.draft.value = Draft()


def fill_all(shown: Page, junk: object) -> None:
    """Put a value into every field, also those that come with what is filled in.

    The fields of one round report before the form is drawn again, as they can from a browser.
    """
    filled: set[object] = set()
    while fields := [one for one in shown.all(*FIELDS) if one not in filled]:
        with shown.rc:
            for field in fields:
                filled.add(field)
                field.v_model = junk


@pytest.mark.parametrize("junk", JUNK)
def test_the_bar_and_the_maps_take_no_junk(render, junk):
    visit = page.new_visit()
    speed, layer = visit.session.speed, visit.session.layer
    parts = (explore.RunWith, explore.Bar, explore.RunMaps, explore.Clicked)
    rc = render(solara.Column(children=[part(visit) for part in parts]))
    (bar,) = own(rc, "vue_wish")
    for said in (junk, {"press": junk}, {"speed": junk}, {"look": junk}):
        bar.vue_wish(said)
    maps, *_ = own(rc, "vue_pick")
    for said in (junk, {"kind": junk, "number": 0}, {"kind": "leg", "number": 10**6},
                 {"kind": "place", "number": -1}, {"kind": "place", "number": junk}):  # fmt: skip
        maps.vue_pick(said)
    maps.vue_drawn(junk)
    rc.find(vw.Autocomplete).widget.v_model = junk
    rc.find(vw.Select).widget.v_model = junk
    assert (visit.session.speed, visit.session.layer) == (speed, layer)
    assert explore.picked.value is None
    assert visit.session.runs == []
    assert board.people.value in explore.SCALES


@pytest.mark.parametrize("choice", [
    "leg 100000", "place -1", "leg x", "leg", "place 1 2", "town 3",
])  # fmt: skip
def test_a_place_that_is_none_is_not_looked_into(render, choice):
    visit = page.new_visit()
    render(explore.Clicked(visit)).find(vw.Autocomplete).widget.v_model = choice
    assert explore.picked.value is None
    assert visit.screen.picked is None


@pytest.mark.parametrize("junk", JUNK)
def test_a_file_that_is_none_is_refused_in_words(render, junk):
    (widget,) = own(render(TakeAway(dict)), "vue_opened")
    for said in (junk, {"name": junk, "size": junk, "content": junk}):
        widget.vue_opened(said)
        widget.vue_refused(said)
    assert board.draft.value == Draft()
    with pytest.raises(take_away.InputError):
        take_away.read_upload(message(junk))


@pytest.mark.parametrize("junk", JUNK)
def test_a_tab_that_is_none_is_not_shown(junk):
    assert page.tab_at(junk) is None


def test_what_is_offered_is_taken():
    assert one_of("b", ["a", "b"]) == "b"
    assert one_of(10, (2, 10)) == 10
    assert number_of(2, 3) == 2
    assert [number_of(value, 3) for value in (3, -1, True, 1.0, "1")] == [None] * 5
    assert one_of(True, (1, 2)) is None
    assert message({"a": 1}) == {"a": 1}
