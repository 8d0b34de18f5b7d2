"""The answer of the page: its figures, and what is said where the library has none."""

from __future__ import annotations

import re

import pytest

from simulation.app.answer import answer_of, headline, row, tables
from simulation.app.board import examine
from simulation.app.choices import choose, question_draft, years
from simulation.app.draft import Draft
from simulation.estimates import estimate
from simulation.estimates.library import OUTLOOK, Library
from simulation.wording.differences import BESIDE
from tests.app.test_choices import number
from tests.estimates.effects_library import COAST, library_of

TWICE = choose(Draft(OUTLOOK), "coast", number("coast", "Twice"))


@pytest.fixture(autouse=True)
def library(monkeypatch, tmp_path):
    """A library in which twice the patrols act in 2028 alone; nothing else has an effect."""
    file = tmp_path / "known.npz"
    file.write_bytes(library_of({COAST: -0.2}, channel_deaths={COAST: 0.1}).as_bytes())
    monkeypatch.setattr(Library, "file", file)
    monkeypatch.setattr(estimate, "changes_since", lambda *of: [])
    return file


def answered(draft, period="2028"):
    return answer_of(draft, examine(draft), period)


def test_every_figure_is_of_the_years_that_are_asked_for():
    fall = {}
    for period in years():
        one = answered(TWICE, period).estimate
        fall[period] = one.outcomes["channel_arrivals"].periods[period].median
        assert one.by_path[0].outcomes["channel_arrivals"].median == pytest.approx(fall[period])
        assert one.uk_total.median == pytest.approx(fall[period] / 2.0)
        assert ("fewer" in headline(one)["finding"]) == (period != "2027")
    assert fall["2027"] == 0.0
    assert fall["2027..2028"] == pytest.approx(fall["2028"] / 2.0)


def test_deaths_have_a_range_and_no_number_nor_percentage():
    one = answered(TWICE).estimate
    (deaths,) = [row for table in tables(one) for row in table["rows"] if row["name"] == BESIDE]
    assert deaths["drawn"] is None
    assert "%" not in deaths["range"]


def test_what_the_library_does_not_hold_is_told_and_has_no_figure():
    both = choose(TWICE, "everywhere", number("everywhere", "Full"))
    for draft in (both, Draft("outlook-agreements-deepened").with_(adaptation={"price": False})):
        assert answered(draft).estimate is None
        assert "none of the policies" in answered(draft).problem


def test_without_a_change_there_is_neither_figure_nor_problem():
    assert answered(Draft(OUTLOOK))[1:] == (None, "")


@pytest.mark.parametrize("spoil", [
    lambda patch, file: file.unlink(),
    lambda patch, file: file.write_bytes(b"no library"),
    lambda patch, file: patch.setattr(estimate, "changes_since", lambda *of: ["the model"]),
])  # fmt: skip
def test_a_library_that_is_not_of_this_model_is_told_and_has_no_figure(monkeypatch, library, spoil):
    spoil(monkeypatch, library)
    shown = answered(question_draft())
    assert shown.estimate is None
    assert shown.problem


def test_a_unit_stands_behind_a_range_and_not_behind_words():
    effect = estimate.estimate_of(TWICE.scenario()).outcomes["channel_deaths"].periods["run"]
    assert re.fullmatch(r"same in all \d+ pairs", row("channel_deaths", "", effect)["range"])
    between = effect.model_copy(update={"mean_low": -3.0, "mean_difference": 1.0, "mean_high": 5.0})
    assert row("channel_deaths", "", between)["range"] == "-3 to +5 people"
