"""What is typed into a form becomes a lever of the what-if, or is refused in words under it."""

from __future__ import annotations

import math
import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.app import board
from simulation.app.board import examine
from simulation.app.draft import Draft
from simulation.app.lever_forms import (
    LeversOf,
    added,
    day,
    in_words,
    lever_of,
    number,
    removed,
    shares,
    whole,
)
from simulation.errors import InputError
from simulation.scenario.levers import registry
from simulation.scenario.levers.base import Lever
from simulation.scenario.levers.controls import controls_of, unused_keys
from simulation.scenario.levers.declaration import ENTRY, MONEY, OPERATIONS
from simulation.scenario.levers.registry import GROUPS, PHASED_IN, SECTIONS
from tests.app.controls_page import FIELDS, Page


@pytest.mark.parametrize(("text", "value"), [
    ("1.2", 1.2), (" 75,000,000 ", 75_000_000), ("75 000 000", 75_000_000), ("1_000", 1000),
    ("-3", -3), ("2.0", 2.0), ("1e3", 1000), ("1,234.5", 1234.5),
])  # fmt: skip
def test_numbers_as_people_write_them(text, value):
    assert number(text, "Amount") == value


@pytest.mark.parametrize(
    "text",
    ["", "  ", "lots", "1,5", "1.2.3", "nan", "inf", "1e999", "12,34", "9" * 5000, "٣x", None],
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InputError, match=r"Amount.*allowed: a number such as 1\.5, 0 to 5"):
        number(text, "Amount", "0 to 5")


@given(st.text())
def test_whatever_is_typed_is_read_or_refused(text):
    for read in (number, whole, day):
        try:
            value = read(text, "Field")
        except InputError:
            continue
        assert value is None or isinstance(value, date) or math.isfinite(value)


def typed_into_form(kind: type[Lever], lever: dict[str, Any]) -> dict[str, Any]:
    """What somebody puts into the form of a lever to get it; nothing where it sets nothing."""
    typed: dict[str, Any] = {}
    for control in controls_of(kind):
        key, value = control.key, lever.get(control.key)
        if control.what == "pair":
            typed["first"], typed["second"] = value
        elif control.what == "one_of":
            typed["how"] = next(way for way in kind.form.one_of.ways if way in lever)
            typed["amount"] = str(lever[typed["how"]])
        elif value is None:
            typed[key] = [] if control.many else ""
        elif control.what == "money":
            ((typed["currency"], amount),) = value.items()
            typed[key] = f"{amount:,}"
        elif control.what == "shares":
            typed[key] = {part: f"{100 * share:g} %" for part, share in value.items()} | {
                "none": ""
            }
        elif control.what == "yes_no":
            typed[key] = "yes" if value else "no"
        else:
            typed[key] = value if control.many or control.what == "switch" else str(value)
    return typed


@pytest.mark.parametrize("kind", registry.LEVERS, ids=lambda kind: kind.section)
def test_a_form_gives_a_lever_that_can_be_used(kind):
    ((wanted,),) = tomllib.loads(kind.example()).values()
    section = kind.section
    lever = lever_of(kind, typed_into_form(kind, wanted))
    assert lever == wanted
    draft = added(Draft(), section, lever)
    checked = examine(draft)
    assert checked.problem == ""
    assert checked.changes
    assert Draft.of_file(draft.text().encode(), "x").data[section] == [wanted]
    assert removed(draft, section, 0) == Draft()
    assert in_words(section, lever).endswith(".")


PAYMENT = {"authority": "FR", "spend_on": {"coast_patrol": "100"}, "amount": "5"}


@pytest.mark.parametrize(("typed", "pounds"), [
    ("75m", 75_000_000), ("2.5 million", 2_500_000), ("75,000,000", 75_000_000), ("1bn", 10**9),
])  # fmt: skip
def test_a_sum_can_be_typed_as_people_write_it(typed, pounds):
    lever = lever_of(registry.LEVER_OF["funding"], {**PAYMENT, "amount": typed, "per": "year"})
    assert lever["amount"] == {"GBP": pounds}
    assert examine(added(Draft(), "funding", lever)).problem == ""


def test_money_is_for_every_year_or_for_some_months():
    kind, months = registry.LEVER_OF["funding"], {"over first": "2023-02", "over last": "2024-01"}
    days = {"from": "2023-05-01", "to": "2023-06-01"}
    lever = lever_of(kind, {**PAYMENT, **months, **days, "per": None})
    assert lever["over"] == ["2023-02", "2024-01"]
    assert not {"per", "from", "to"} & lever.keys()
    assert examine(added(Draft(), "funding", lever)).problem == ""
    yearly = lever_of(kind, {**PAYMENT, **months, **days, "per": "year"})
    assert yearly["per"] == "year"
    assert "over" not in yearly
    with pytest.raises(InputError, match="Over the months: missing"):
        lever_of(kind, {**PAYMENT, "per": None, "over first": "2023-02"})


#: of `adverts` nothing is chosen, a number is typed; of `taxi_boats` even that is the parameter's
@pytest.mark.parametrize("section", sorted(set(SECTIONS) - {"adverts", "taxi_boats"}))
def test_an_empty_form_is_refused_in_words(section):
    words = "From: missing" if section in PHASED_IN else "nothing is chosen|missing"
    with pytest.raises(InputError, match=words):
        lever_of(registry.LEVER_OF[section], {})


def test_legs_are_of_patrols_alone_and_boat_supply_has_no_places():
    typed = {"authority": "HU", "kind": "patrol", "strength": "2", "legs": ["subotica>szeged:foot"]}
    assert lever_of(registry.LEVER_OF["operation"], typed)["legs"] == ["subotica>szeged:foot"]
    assert "legs" not in lever_of(registry.LEVER_OF["operation"], {**typed, "kind": "arrests"})
    supply = {"authority": "DE", "kind": "boat_supply", "strength": "2", "places": ["essen"]}
    assert "places" not in lever_of(registry.LEVER_OF["operation"], supply)


def test_units_can_be_taken_away():
    typed = {"authority": "FR", "kind": "coast_patrol", "how": "add", "amount": "-2"}
    assert lever_of(registry.LEVER_OF["staff"], typed)["add"] == -2


@pytest.mark.parametrize(("typed", "words"), [
    ({"analysis": "all"}, 'analysis, % = "all": must be a number'),
    ({"boat_supply": "140", "analysis": "-40"}, 'boat supply, % = "140": out of range'),
])  # fmt: skip
def test_parts_that_are_no_parts_are_refused(typed, words):
    with pytest.raises(InputError) as caught:
        shares(typed)
    assert words in str(caught.value)


def test_thirds_make_a_whole():
    parts = shares({"investigation": "33.3", "analysis": "33.3", "coast_patrol": "33.4"})
    assert sum(parts.values()) == pytest.approx(1, abs=1e-9)


def test_what_cannot_be_used_is_shown_as_it_is_written():
    assert in_words("staff", {"authority": "FR"}) == "authority = FR"


# -- the form on the page --------------------------------------------------------------------------


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
def test_bad_input_is_told_under_the_form_and_not_added(render, typed, words):
    page = Page(render(LeversOf(MONEY)))
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


def test_a_place_of_somebody_else_is_no_choice(render):
    page = Page(render(LeversOf(OPERATIONS)))
    page.press("Add an operation")
    page.fill(Who_acts="RS", Places=["subotica"], Times_the_effort="3")
    page.field("Places").v_model = ["subotica", "calais"]
    page.press("Add an operation")
    assert board.draft.value.data["operation"][0]["places"] == ["subotica"]


def test_a_lever_can_be_removed_even_if_something_else_is_wrong(render):
    page = Page(render(LeversOf(MONEY)))
    good = {"authority": "FR", "kind": "coast_patrol", "change": 1.2}
    board.draft.value = Draft().with_(staff=[good, {**good, "authority": "XX"}])
    page.press("Remove: XX has 1.2 times its coast patrol staff.")
    assert board.checked.value.problem == ""


def test_what_is_being_typed_stays_while_a_lever_is_removed(render):
    page = Page(render(LeversOf(OPERATIONS)))
    board.draft.value = Draft().with_(
        operation=[{"authority": "DE", "kind": "boat_supply", "strength": 2.0}]
    )
    page.press("Add an operation")
    page.fill(Who_acts="RS", Times_the_effort="3")
    page.press("Remove: Operation of DE: 2 times the work against boat deliveries.")
    assert page.field("Times the effort").v_model == "3"


def test_a_visa_and_when_it_was_announced(render):
    page = Page(render(LeversOf(ENTRY)))
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
def test_every_kind_of_lever_has_a_form_that_opens(render, group):
    page = Page(render(LeversOf(group)))
    for kind in GROUPS[group]:
        page.press(kind.form.button)
        page.press(f"More fields: {kind.form.button}")
        shown = {widget.label for widget in page.all(*FIELDS)}
        start = {control.key: control.start for control in controls_of(kind)}
        for control in controls_of(kind):
            if control.what != "shares" and control.key not in unused_keys(kind, start):
                assert control.label in shown, control.key
        page.press(f"Cancel: {kind.form.button}")
