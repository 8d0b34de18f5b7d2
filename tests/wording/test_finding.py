"""The heading of a comparison: which way arrivals go, how far, and when nothing is clear."""

from __future__ import annotations

import pytest

from simulation.engine.findings import Effect
from simulation.outcomes import HEADLINE
from simulation.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.wording.finding import heading
from tests.made_effects import effects

_NO_RANGE = dict.fromkeys(("plausible_low", "plausible_high"))


def option(percent: float, half_width: float = 2.0, title: str = "Made up", **of_arrivals):
    """The effects of a scenario on arrivals alone."""
    one = effects({HEADLINE: percent}, half_width)
    entry = one.outcomes[HEADLINE].periods
    entry["run"] = Effect.model_validate(entry["run"].model_dump() | of_arrivals)
    return one.model_copy(update={"title": title})


def heading_of(*scenarios: ScenarioEffects, **of_summary) -> str:
    days = {"start": "2027-01-01", "end": "2028-12-31"}
    return heading(
        ComparisonFindings(
            kind="compare", baseline="Outlook: as it is", coverage=0.9, headline=HEADLINE,
            scenarios=list(scenarios), replications=24, **days | of_summary,
        )
    )  # fmt: skip


def test_a_clear_effect_is_stated_with_its_range_smaller_end_first_and_without_signs():
    assert heading_of(option(-9.0, 4.0)) == (
        "Made up: 5.0% to 13.0% fewer small-boat arrivals, 2027 to 2028"
    )
    assert "5.0% to 13.0% more" in heading_of(option(9.0, 4.0))


def test_a_title_that_asks_is_answered():
    text = heading_of(option(0.5, 3.5, title="What if they shared more?"))
    assert text.startswith("What if they shared more? No clear effect on ")


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (option(0.5, 3.5), "no clear effect on small-boat arrivals"),
        (option(0.1, 0.5), "little effect on small-boat arrivals"),
        (
            option(0.5, 3.5, plausible_low_error=2.0, plausible_high_error=2.0),
            "no clear effect yet",
        ),
    ],
)
def test_an_effect_whose_range_holds_zero_is_no_rise_and_no_fall(scenario, words):
    text = heading_of(scenario)
    assert words in text
    assert "(-" in text  # its range, with its signs
    assert "fewer" not in text
    assert "more" not in text


def test_without_a_range_over_worlds_no_number_is_in_the_heading():
    few = option(-9.0, 4.0, **_NO_RANGE, pairs=12)
    assert "on average fewer small-boat arrivals" in heading_of(few)
    assert heading_of(few).endswith("(12 pairs, too few for a range)")
    assert "too few" not in heading_of(option(-9.0, 4.0, **_NO_RANGE, pairs=40))
    open_ = heading_of(option(-1.0, 4.0, **_NO_RANGE, pairs=12))
    assert "no clear effect yet" in open_
    assert "%" not in open_ + heading_of(few)
    # more pairs of one world do not give a range
    assert "yet" not in heading_of(option(-1.0, 4.0, **_NO_RANGE, pairs=40))


def test_of_several_the_first_by_what_ranks_is_named():
    ranked = [
        option(-1.0, title="Outlook: second").model_copy(update={"place": 2}),
        option(-9.0, title="Outlook: first of all"),
    ]
    text = heading_of(*ranked)
    assert text.startswith("First by small-boat arrivals in the UK: First of all: 7")
    assert "second" not in text
    assert heading_of(*ranked, rank="cost").startswith("First by cost: ")


def test_scenarios_that_change_nothing_have_no_effect():
    assert heading_of(option(0.0).model_copy(update={"identical": True})).startswith("No effect")


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2027-01-01", "2027-12-31", ", 2027 ("),
        ("2026-07-01", "2028-12-31", ", July 2026 to December 2028 ("),
        ("2027-03-01", "2027-03-31", ", March 2027 ("),
        ("2027-03-02", "2027-03-31", ", 2 March 2027 to 31 March 2027 ("),
    ],
)
def test_the_days_are_as_short_as_they_can_be(start, end, days):
    assert days in heading_of(option(0.5, 3.5), start=start, end=end)
