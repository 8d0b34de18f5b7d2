"""A page says when policies were announced and signed, where the scenario says so."""

from __future__ import annotations

from datetime import date

from simulation.report.experiment import policy_dates
from simulation.scenario import load_scenario

#: the baseline without its own levers that tell such days
BARE = load_scenario("baseline").with_(clear=["sharing", "operation"])
SHARING = {"between": ["UK", "RS"], "level": "high", "from": date(2023, 7, 1)}


def test_the_days_of_a_policy_are_told():
    lever = {**SHARING, "announced": date(2022, 11, 15), "signed": date(2023, 4, 1)}
    freight = {"from": date(2023, 7, 1), "signed": date(2023, 5, 2)}
    made = BARE.with_(sharing=[lever], freight=[freight])
    _, told = policy_dates(made.resolved_toml())
    assert len(told.items) == 2
    for words in ("UK and RS", "15 November 2022", "1 April 2023", "lorries", "2 May 2023"):
        assert words in " ".join(told.items)


def test_nothing_is_told_where_there_is_nothing_to_tell():
    made = BARE.with_(sharing=[SHARING])
    assert policy_dates(made.resolved_toml()) == []
    # a word of the description is no key
    other = BARE.with_(description="signed = never")
    assert policy_dates(other.resolved_toml()) == []


def test_a_file_of_another_version_stops_no_page():
    assert policy_dates('title = "Old"\n[[lever-of-old]]\nsigned = 2023-01-01\n') == []
