"""Which shipped scenario to extend for other days."""

from datetime import date

import pytest

from simulation.scenario import Scenario, load_scenario
from simulation.scenario.shipped import base_scenarios, base_under, base_with_dates, bases_on


def test_grounds_are_extended_by_others_and_run_the_days_they_say():
    found = base_scenarios()
    assert {"history", "baseline", "outlook"} <= set(found)
    for name, (start, end) in found.items():
        run = load_scenario(name).run
        assert (run.start, run.end) == (start, end)


def test_what_fits_a_day_runs_it_and_the_shortest_comes_first():
    assert bases_on(date(2027, 1, 1))[0] == "outlook"
    assert bases_on(date(2024, 1, 1))[0] == "baseline"
    assert bases_on(date(2040, 1, 1)) == []


def test_a_lever_of_early_2026_is_not_sent_to_a_world_without_the_agreements():
    assert bases_on(date(2026, 3, 1)) == []
    assert bases_on(date(2022, 6, 1)) == ["history"]


@pytest.mark.parametrize(
    ("name", "ground"),
    [
        ("outlook-leaky-sharing", "outlook"),
        ("raid-july-2022", "history"),
        ("no-sharing", "baseline"),
        ("agreements-as-signed", "agreements-absent"),
        ("history", "history"),
    ],
)
def test_a_scenario_stands_on_the_nearest_ground_under_it(name, ground):
    scenario = load_scenario(name)
    assert base_under(scenario) == ground
    days = {"start": date(2025, 1, 1), "end": date(2028, 12, 31)}
    assert base_under(scenario.with_(run=days)) == ground


def test_a_scenario_that_extends_nothing_has_no_ground():
    assert base_under(Scenario.from_toml(load_scenario("outlook").resolved_toml())) is None


def test_the_same_days_have_their_ground():
    run = load_scenario("outlook-full-sharing").run
    assert base_with_dates(run.start, run.end) == "outlook"
    assert base_with_dates(date(2023, 1, 1), date(2023, 1, 2)) is None
