"""The choices of the answer: what each writes into the what-if, and what is read from one."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.app.choices import (
    can_choose,
    choices,
    choose,
    groups,
    is_chosen,
    question,
    question_draft,
)
from simulation.app.draft import Draft
from simulation.estimates.library import OUTLOOK, load_library

USUAL = Draft(OUTLOOK)
OPTIONS = [(choice.key, number) for choice in choices() for number, _ in enumerate(choice.options)]
SERBIA = {"between": ["UK", "RS"], "level": "high", "from": date(2026, 10, 1), "ramp_days": 180}


def chosen(draft, key):
    """The label and the amount that are chosen."""
    option = next(one for one in choices() if one.key == key).chosen(draft)
    return option and (option.label, option.amount)


def number(key, label, amount=""):
    """The number of an option."""
    choice = next(one for one in choices() if one.key == key)
    (position,) = [
        at for at, one in enumerate(choice.options) if (one.label, one.amount) == (label, amount)
    ]
    return position


@pytest.mark.parametrize(("key", "at"), OPTIONS)
def test_an_option_is_a_policy_of_the_library_is_read_again_and_is_taken_back(key, at):
    choice = next(one for one in choices() if one.key == key)
    draft = choose(USUAL, key, at)
    assert choice.chosen(draft) == choice.options[at]
    assert all(one.chosen(draft) == one.usual for one in choices() if one != choice)
    if choice.options[at] == choice.usual:
        assert draft == USUAL
    else:
        load_library(OUTLOOK).place(draft.scenario())
        assert choice.options[at].phrase in question(draft)
    assert choose(draft, key, list(choice.options).index(choice.usual)) == USUAL


def test_the_app_opens_on_a_policy_of_the_library():
    load_library(OUTLOOK).place(question_draft().scenario())
    assert is_chosen(question_draft())


def test_choices_are_laid_over_each_other_and_over_other_levers():
    other = {"between": ["UK", "BG"], "level": "full"}
    draft = USUAL.with_(sharing=[other])
    for key, label, amount in (
        ("agreements", "Full", ""), ("everywhere", "High", ""), ("money", "Analysis", "GBP 25m"),
        ("coast", "Half", ""), ("people", "More", ""),
    ):  # fmt: skip
        draft = choose(draft, key, number(key, label, amount))
        assert chosen(draft, key) == (label, amount)
    assert draft.entries("sharing")[0] == other
    assert not is_chosen(draft)
    draft.scenario()
    # another purpose takes the place of the first
    draft = choose(draft, "money", number("money", "Investigation", "GBP 150m"))
    assert len(draft.entries("funding")) == 1


def test_a_lever_on_other_days_is_no_option_and_a_choice_takes_its_place():
    draft = USUAL.with_(sharing=[SERBIA])
    assert chosen(draft, "agreements") is None
    assert not is_chosen(draft)
    assert "“" in question(draft)
    shown = next(one for one in groups(draft) if one["key"] == "agreements")
    assert not any(item["on"] for item in shown["items"])
    draft = choose(draft, "agreements", number("agreements", "Full"))
    assert chosen(draft, "agreements") == ("Full", "")
    assert SERBIA not in draft.entries("sharing")


def test_a_title_follows_the_choices_until_somebody_gives_one():
    first = choose(USUAL, "coast", number("coast", "Half"))
    assert first.title != choose(first, "people", number("people", "More")).title
    assert choose(first.with_(title="Mine"), "people", number("people", "More")).title == "Mine"


def test_another_amount_is_offered_for_the_purpose_that_is_chosen():
    def amounts(draft):
        return next(one for one in groups(draft) if one["key"] == "money")["amounts"]

    assert amounts(USUAL) == []
    draft = choose(USUAL, "money", number("money", "Analysis", "GBP 75m"))
    assert [one["label"] for one in amounts(draft)] == ["GBP 25m", "GBP 75m", "GBP 150m"]
    draft = choose(draft, "money", amounts(draft)[-1]["option"])
    # a purpose that is chosen next keeps the amount
    items = next(one for one in groups(draft) if one["key"] == "money")["items"]
    wanted = next(one for one in items if one["label"] == "Investigation")
    draft = choose(draft, "money", wanted["option"])
    assert chosen(draft, "money") == ("Investigation", "GBP 150m")


def test_only_the_outlook_has_choices():
    assert can_choose(USUAL)
    assert not can_choose(Draft())
    assert not can_choose(Draft("outlook-full-sharing"))
