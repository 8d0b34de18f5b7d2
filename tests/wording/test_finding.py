"""The heading of a comparison: which way arrivals go, how far, and when nothing is clear."""

from __future__ import annotations

import pytest

from simulation.outcomes import HEADLINE
from simulation.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.studies.options import UK_TOTAL
from simulation.wording.differences import heading
from tests.made_effects import effects


def option(percent: float, half_width: float = 2.0, title: str = "Made up", **of_arrivals):
    """The effects of a scenario on arrivals, by boat alone and in all."""
    one = effects({HEADLINE: percent, UK_TOTAL: percent}, half_width)
    for entries, name in ((one.outcomes[HEADLINE].periods, "run"), (one.chain, UK_TOTAL)):
        entry = entries[name]
        entries[name] = type(entry).model_validate(entry.model_dump() | of_arrivals)
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
        "Made up: 5.0% to 13.0% fewer arrivals in the UK, by boat or lorry, 2027 to 2028"
    )
    assert "5.0% to 13.0% more" in heading_of(option(9.0, 4.0))


def test_a_title_that_asks_is_answered():
    text = heading_of(option(0.5, 1.5, title="What if they shared more?"))
    assert text.startswith("What if they shared more? No practical difference to ")


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (option(0.5, 1.5), "no practical difference to"),
        (option(1.5, 0.5), "too small a difference to matter to"),
        (option(0.5, 3.5), "cannot tell the effect on"),
        (option(-9.0, 4.0, pairs=4), "too few pairs of runs to tell the effect on"),
    ],
)
def test_what_is_not_clear_is_no_rise_and_no_fall(scenario, words):
    assert f"{words} arrivals in the UK, by boat or lorry, 2027 to 2028" in heading_of(scenario)


def test_all_who_reach_the_uk_come_first_and_boats_where_they_differ():
    one = effects({HEADLINE: -20.0, UK_TOTAL: 0.5}, 2.0).model_copy(update={"title": "T"})
    assert heading_of(one) == (
        "T: 18.0% to 22.0% fewer by small boat; no practical difference to arrivals in the UK, by "
        "boat or lorry, 2027 to 2028 (between 1.5% fewer and 2.5% more)"
    )


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
