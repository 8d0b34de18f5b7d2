"""Each form: what is typed is in the what-if, or is refused in words under the form."""

from __future__ import annotations

import tomllib
from functools import partial

import ipyvuetify as vw
import pytest

from simulation.app import board
from simulation.app.draft import Draft
from simulation.app.levers_view import LeversOf
from simulation.scenario.levers.controls import controls_of, unused_keys
from simulation.scenario.levers.declaration import ENTRY, MONEY, OPERATIONS
from simulation.scenario.levers.registry import GROUPS
from tests.app.controls_page import Page


def test_staff():
    page = Page(partial(LeversOf, MONEY))
    page.press("Add or take away staff")
    page.fill(Whose_staff="FR", Kind="coast_patrol", How_much="1.2")
    page.press("Add or take away staff")
    assert tomllib.loads(board.draft.value.text())["staff"] == [
        {"authority": "FR", "kind": "coast_patrol", "change": 1.2}
    ]
    page.press("Add or take away staff")
    page.fill(Whose_staff="WB6", Kind="analysis", As="add", How_much="3")
    page.press("Add or take away staff")
    assert board.draft.value.data["staff"][1]["add"] == 3


def test_an_operation():
    page = Page(partial(LeversOf, OPERATIONS))
    page.press("Add an operation")
    page.fill(Who_acts="RS", Places=["subotica"], Times_the_effort="3", From="2023-07-01")
    texts = {item["text"] for item in page.field("Places").items}
    assert "Subotica and Horgos (RS)" in texts
    assert not any("(FR)" in text for text in texts)
    page.press("Add an operation")
    assert page.problems() == []
    assert board.draft.value.text().endswith(
        '[[operation]]\nauthority = "RS"\nkind = "patrol"\nstrength = 3\n'
        'places = [\n    "subotica",\n]\nfrom = 2023-07-01\n'
    )


def test_boat_supply_has_no_places():
    page = Page(partial(LeversOf, OPERATIONS))
    page.press("Add an operation")
    page.fill(Who_acts="DE", Places=["essen"], Kind="boat_supply", Times_the_effort="2")
    page.press("Add an operation")
    assert "places" not in board.draft.value.data["operation"][0]


BAD = [
    ({"How_much": "lots"}, 'Times the staff = "lots": must be a number'),
    ({"How_much": "2000"}, "the what-if: staff[0].change = 2000: out of range"),
    ({"From": "2024-01-01", "To": "2023-01-01"}, "ends before it starts; allowed: 2024-01-01"),
    ({"Grows_over_days": "30"}, "a ramp needs the date it starts"),
    ({"Grows_over_days": "1.5", "From": "2023-02-01"}, "must be a whole number"),
    ({"Whose_staff": "FRANCE"}, "Whose staff: nothing is chosen"),
    ({"Kind": None}, "Kind: nothing is chosen"),
]


@pytest.mark.parametrize(("typed", "words"), BAD, ids=[words for _, words in BAD])
def test_bad_input_is_told_under_the_form_and_not_added(typed, words):
    page = Page(partial(LeversOf, MONEY))
    page.press("Add or take away staff")
    good = {"Whose_staff": "FR", "Kind": "coast_patrol", "How_much": "1.2"}
    page.fill(**{**good, **typed})
    page.press("Add or take away staff")
    (problem,) = page.problems()
    assert words in problem
    assert board.draft.value == Draft()
    page.fill(**{key: "" for key in typed if key in ("From", "To", "Grows_over_days")}, **good)
    page.press("Add or take away staff")
    assert len(board.draft.value.data["staff"]) == 1


def test_a_place_of_somebody_else_is_no_choice():
    page = Page(partial(LeversOf, OPERATIONS))
    page.press("Add an operation")
    page.fill(Who_acts="RS", Places=["subotica"], Times_the_effort="3")
    page.field("Places").v_model = ["subotica", "calais"]
    page.press("Add an operation")
    assert board.draft.value.data["operation"][0]["places"] == ["subotica"]


def test_a_lever_can_be_removed_even_if_something_else_is_wrong():
    page = Page(partial(LeversOf, MONEY))
    good = {"authority": "FR", "kind": "coast_patrol", "change": 1.2}
    board.draft.value = Draft().with_(staff=[good, {**good, "authority": "XX"}])
    page.press("Remove: XX has 1.2 times its coast patrol staff.")
    assert board.checked.value.problem == ""


def test_what_is_being_typed_stays_while_a_lever_is_removed():
    page = Page(partial(LeversOf, OPERATIONS))
    board.draft.value = Draft().with_(
        operation=[{"authority": "DE", "kind": "boat_supply", "strength": 2.0}]
    )
    page.press("Add an operation")
    page.fill(Who_acts="RS", Times_the_effort="3")
    page.press("Remove: Operation of DE: 2 times the work against boat deliveries.")
    assert page.field("Times the effort").v_model == "3"


def test_a_lever_of_one_day():
    page = Page(partial(LeversOf, OPERATIONS))
    page.press("Add a raid")
    page.fill(Who_takes_part="FR", Persons_arrested="8", Places=["calais"], On="2023-09-12")
    page.press("Add a raid")
    assert page.problems() == []
    sentence = "A raid of FR arrests 8 people at calais on 12 September 2023."
    assert sentence in page.texts()
    page.press(f"Remove: {sentence}")
    assert board.draft.value == Draft()


def test_a_visa_and_when_it_was_announced():
    page = Page(partial(LeversOf, ENTRY))
    page.press("Add a visa requirement")
    page.fill(Who_requires_it="RS", Of_whom=["turkey"], From="2023-07-01")
    page.press("More fields: Add a visa requirement")
    page.fill(Announced_on="2023-08-01", Name="rs-turkey")
    page.press("Add a visa requirement")
    assert "announced = 2023-08-01: is after from" in page.problems()[0]
    page.fill(Announced_on="2023-02-01")
    page.press("Add a visa requirement")
    assert page.problems() == []
    (lever,) = board.draft.value.scenario().visa[-1:]
    assert (lever.name, str(lever.announced)) == ("rs-turkey", "2023-02-01")


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.panel)
def test_every_kind_of_lever_has_a_form_that_opens(group):
    page = Page(partial(LeversOf, group))
    for kind in GROUPS[group]:
        page.press(kind.form.button)
        page.press(f"More fields: {kind.form.button}")
        shown = {widget.label for kind_ in FIELDS for widget in page.all(kind_)}
        for control in controls_of(kind):
            if control.what not in ("shares",) and control.key not in _unused(kind):
                assert control.label in shown, control.key
        page.press(f"Cancel: {kind.form.button}")


FIELDS = (vw.TextField, vw.Select, vw.Autocomplete, vw.Switch)


def _unused(kind) -> frozenset[str]:
    start = {control.key: control.start for control in controls_of(kind)}
    return unused_keys(kind, start)
