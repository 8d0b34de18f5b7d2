"""What a scenario holds already is named beside the new, and an odd amount gets a question."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.scenario import load_scenario
from simulation.scenario.notes import notes_of
from tests.scenario.conftest import sharing

FROM = {"from": date(2027, 4, 1)}
STAFF = load_scenario("outlook").staff[0]


def money(pounds, **more):
    how = {} if "over" in more else {"per": "year"}
    split = {"investigation": 0.6, "coast_patrol": 0.2, "analysis": 0.2}
    return {"authority": "UK", "amount": {"GBP": pounds}, "spend_on": split, **how, **more}


def note_texts(kind, **levers):
    """The notes of a kind on levers laid over the outlook."""
    outlook = load_scenario("outlook")
    notes = notes_of([outlook, outlook.with_("W", **levers)])
    return [note.text for note in notes if note.kind == kind]


@pytest.mark.parametrize(("lever", "words"), [
    ({"funding": [money(75e6, **FROM)]},
     ["comes on top of what outlook already holds: UK spends GBP 75,000,000 a year",
      'use replaces = "border-security-command-2025"']),
    ({"sharing": [sharing("UK", "RS", **FROM)]},
     ["takes the place of what outlook already holds: Sharing between UK and RS: medium"]),
    ({"sharing": [sharing("RS", "UK-CI", one_way=True, **FROM)]}, ["between UK and RS: medium"]),
    ({"staff": [{"authority": STAFF.authority, "kind": STAFF.kind, "add": 1.0, **FROM}]},
     [f"comes on top of what outlook already holds: {STAFF.sentence()}"]),
])  # fmt: skip
def test_what_the_outlook_holds_already_is_named(lever, words):
    (text,) = note_texts("beside", **lever)
    for word in words:
        assert word in text
    alone = notes_of([load_scenario("outlook").with_("W", **lever)])
    assert text in [note.text for note in alone if note.kind == "beside"]


@pytest.mark.parametrize("lever", [
    {"funding": [money(75e6, replaces="border-security-command-2025", **FROM)]},
    {"funding": [money(75e6, authority="HU", **FROM) | {"spend_on": {"investigation": 1.0}}]},
    {"sharing": [sharing("XK", "AL", **FROM)], "clear": ["sharing"]},
])  # fmt: skip
def test_what_is_replaced_or_of_others_is_not_named(lever):
    assert note_texts("beside", **lever) == []


@pytest.mark.parametrize(("lever", "words"), [
    (money(75), "pays for less than one officer"), (money(75e9), "costs more than all staff of"),
    (money(750e6), "costs more than all staff of"),
    (money(75e9, over=["2027-01", "2028-12"]), "costs more than all staff of"),
    (money(1000, over=["2027-01", "2027-12"]), "pays for less than one officer"),
])  # fmt: skip
def test_an_amount_far_from_what_staff_costs_gets_a_question(lever, words):
    (text,) = note_texts("amount", funding=[lever])
    assert words in text
    assert "Is the amount right?" in text


@pytest.mark.parametrize("lever", [
    money(0), money(5e5), money(75e6), money(280e6), money(150e6, over=["2027-01", "2028-12"]),
])  # fmt: skip
def test_other_amounts_get_none(lever):
    assert note_texts("amount", funding=[lever]) == []


def test_of_two_levers_that_contradict_each_other_the_other_is_named():
    two = [sharing("UK", "RS", "low", **FROM), sharing("UK", "RS", **FROM) | {"name": "second"}]
    (text,) = note_texts("nothing", sharing=two)
    assert 'sharing "second" is written later and sets the same pairs' in text
