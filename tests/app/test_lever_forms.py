"""What is typed into a form becomes a lever, or is refused in words."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.app.board import examine
from simulation.app.draft import Draft, shipped
from simulation.app.lever_forms import (
    LEVERS,
    adaptation,
    added,
    day,
    dropped,
    in_words,
    inherited,
    number,
    removed,
    shares,
    whole,
    with_drop,
)
from simulation.errors import InputError
from simulation.scenario.levers.registry import PHASED_IN, SECTIONS


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
            found = read(text, "Field")
        except InputError:
            continue
        assert found is None or isinstance(found, date) or math.isfinite(found)


def test_half_days_and_odd_dates_are_refused():
    with pytest.raises(InputError, match=r'Days = "1\.5": must be a whole number'):
        whole("1.5", "Days")
    with pytest.raises(InputError, match='From = "1/2/2023": must be a date; allowed: year'):
        day("1/2/2023", "From")
    assert day("2023-07-01", "From") == date(2023, 7, 1)
    assert day("", "From") is None


TYPED = {
    "sharing": (
        {"first": "UK", "second": "RS", "level": "high", "one_way": True, "from": "2023-07-01",
         "to": "2024-06-30", "ramp_days": "30"},
        {"between": ["UK", "RS"], "level": "high", "one_way": True, "from": date(2023, 7, 1),
         "to": date(2024, 6, 30), "ramp_days": 30},
    ),
    "shock": (
        {"on": "2023-09-01", "size": "2", "route": ["balkan"], "origins": ["syria"],
         "half_life_days": "120"},
        {"on": date(2023, 9, 1), "size": 2, "route": ["balkan"], "origins": ["syria"],
         "half_life_days": 120},
    ),
    "staff": (
        {"authority": "FR", "kind": "coast_patrol", "how": "change", "amount": "1.2"},
        {"authority": "FR", "kind": "coast_patrol", "change": 1.2},
    ),
    "funding": (
        {"authority": "UK", "beneficiary": "RS", "amount": "6,000,000", "currency": "EUR",
         "per": "once", "spend_on": {"border_patrol": "50", "boat_supply": "50 %", "analysis": ""}},
        {"authority": "UK", "beneficiary": "RS", "amount": {"EUR": 6_000_000}, "per": "once",
         "spend_on": {"border_patrol": 0.5, "boat_supply": 0.5}},
    ),
    "operation": (
        {"authority": "RS", "kind": "patrol", "places": ["subotica"], "strength": "3"},
        {"authority": "RS", "kind": "patrol", "places": ["subotica"], "strength": 3},
    ),
    "raid": (
        {"authority": "CALAIS", "on": "2023-07-05", "arrests": "39", "boats": "", "share": "0.1",
         "stages": ["boat", "supply"], "places": [], "name": "a-raid"},
        {"authority": "CALAIS", "on": date(2023, 7, 5), "arrests": 39, "share": 0.1,
         "stages": ["boat", "supply"], "name": "a-raid"},
    ),
    "adverts": (
        {"taken_down": "0.5", "stages": ["boat"]},
        {"taken_down": 0.5, "stages": ["boat"]},
    ),
    "freeze": (
        {"authority": "UK", "per_year": "38", "frozen_share": ""},
        {"authority": "UK", "per_year": 38},
    ),
    "visa": (
        {"authority": "RS", "origins": ["turkey"], "effect": "", "from": "2023-07-01",
         "announced": "2023-02-01", "signed": "2023-03-01"},
        {"authority": "RS", "origins": ["turkey"], "from": date(2023, 7, 1),
         "announced": date(2023, 2, 1), "signed": date(2023, 3, 1)},
    ),
    "returns": ({"partner": "vietnam", "effect": "0.3"}, {"partner": "vietnam", "effect": 0.3}),
    "legal_route": (
        {"origins": ["syria"], "people_per_year": "5,000"},
        {"origins": ["syria"], "people_per_year": 5000},
    ),
    "departures": (
        {"origins": ["syria"], "fewer": "0.3", "from": "2023-07-01"},
        {"origins": ["syria"], "fewer": 0.3, "from": date(2023, 7, 1)},
    ),
    "return_after_arrival": (
        {"partner": "FR", "places_per_week": "50", "answer_days": "14", "place": "calais"},
        {"partner": "FR", "places_per_week": 50, "answer_days": 14, "place": "calais"},
    ),
    "interception_at_sea": (
        {"authority": "FR", "units": "6", "safe": ""},
        {"authority": "FR", "units": 6},
    ),
    "border_control": (
        {"authority": "DE", "borders": ["AT-DE"], "checks": "begun", "share": "0.1"},
        {"authority": "DE", "borders": ["AT-DE"], "checks": "begun", "share": 0.1},
    ),
    "taxi_boats": ({"share": "0.4"}, {"share": 0.4}),
    "wave": (
        {"origins": ["albania"], "route": "air", "people_per_year": "20 000"},
        {"origins": ["albania"], "route": "air", "people_per_year": 20_000},
    ),
    "boats": (
        {"size": "0.7", "from": "2023-07-01", "ramp_days": "90"},
        {"size": 0.7, "from": date(2023, 7, 1), "ramp_days": 90},
    ),
    "freight": ({"search": "", "from": "2023-07-01"}, {"from": date(2023, 7, 1)}),
}  # fmt: skip


@pytest.mark.parametrize("section", TYPED)
def test_a_form_gives_a_lever_that_can_be_used(section):
    typed, wanted = TYPED[section]
    lever = LEVERS[section](typed)
    assert lever == wanted
    made = added(Draft(), section, lever)
    found = examine(made)
    assert found.problem == ""
    assert found.changes
    assert Draft.of_file(made.text().encode(), "x").data[section] == [wanted]
    assert removed(made, section, 0) == Draft()
    assert in_words(section, lever).endswith(".")


def test_every_lever_has_a_form():
    assert set(LEVERS) == set(SECTIONS) >= set(TYPED)


#: of `adverts` nothing is chosen, a number is typed; of `taxi_boats` even that is the parameter's
@pytest.mark.parametrize("section", sorted(set(TYPED) - {"adverts", "taxi_boats"}))
def test_an_empty_form_is_refused_in_words(section):
    words = "From: missing" if section in PHASED_IN else "nothing is chosen|missing"
    with pytest.raises(InputError, match=words):
        LEVERS[section]({})


@pytest.mark.parametrize("key", ["coverage", "delay_days", "fidelity", "leak"])
def test_the_qualities_of_sharing_can_be_typed(key):
    typed = {"first": "UK", "second": "RS", key: "0.6", "third_party": "no"}
    lever = LEVERS["sharing"](typed)
    assert lever == {"between": ["UK", "RS"], key: 0.6, "third_party": False}
    assert examine(added(Draft(), "sharing", lever)).problem == ""


def test_legs_are_of_patrols_alone():
    typed = {"authority": "HU", "kind": "patrol", "strength": "2", "legs": ["subotica>szeged:foot"]}
    assert LEVERS["operation"](typed)["legs"] == ["subotica>szeged:foot"]
    assert "legs" not in LEVERS["operation"]({**typed, "kind": "arrests"})


def test_units_can_be_taken_away():
    typed = {"authority": "FR", "kind": "coast_patrol", "how": "add", "amount": "-2"}
    assert LEVERS["staff"](typed)["add"] == -2


@pytest.mark.parametrize(("typed", "words"), [
    ({"analysis": "all"}, 'analysis, % = "all": must be a number'),
    ({"boat_supply": "140", "analysis": "-40"}, 'boat supply, % = "140": out of range'),
])  # fmt: skip
def test_parts_that_are_no_parts_are_refused(typed, words):
    with pytest.raises(InputError) as caught:
        shares(typed)
    assert words in str(caught.value)


@pytest.mark.parametrize(("spent", "total"), [({"investigation": "60"}, "0.6"), ({}, "0")])
def test_parts_that_do_not_make_a_whole_are_refused_as_in_a_file(spent, total):
    typed = {"authority": "UK", "amount": "75", "spend_on": spent}
    found = examine(Draft().with_(funding=[LEVERS["funding"](typed)]))
    said = f"the what-if: funding[0].spend_on: shares sum to {total}; allowed: a sum of 1"
    assert found.problem == said


def test_thirds_make_a_whole():
    found = shares({"investigation": "33.3", "analysis": "33.3", "coast_patrol": "33.4"})
    assert sum(found.values()) == pytest.approx(1, abs=1e-9)


def test_levers_of_the_start_can_be_taken_out_and_put_back():
    names = dict(inherited(shipped("baseline"), "operation"))
    assert "serbian-operation-2023" in names
    made = with_drop(Draft(), "serbian-operation-2023", True)
    assert dropped(made) == ("serbian-operation-2023",)
    assert examine(made).changes[0].startswith("No longer: operation of RS")
    assert with_drop(made, "serbian-operation-2023", False) == Draft()


def test_a_response_that_is_back_is_not_written():
    start = shipped("baseline")
    made = adaptation(Draft(), start, "route", False)
    assert made.data == {"adaptation": {"route": False}}
    assert adaptation(made, start, "route", True) == Draft()


def test_what_cannot_be_used_is_shown_as_it_is_written():
    assert in_words("staff", {"authority": "FR"}) == "authority = FR"
