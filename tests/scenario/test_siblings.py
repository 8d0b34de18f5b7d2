"""Which shipped scenario to extend for other days."""

from datetime import date

from simulation.scenario import load_scenario
from simulation.scenario.siblings import ground_for, ground_of, grounds, grounds_on


def test_grounds_are_extended_by_others_and_run_the_days_they_say():
    found = grounds()
    assert {"history", "baseline", "outlook"} <= set(found)
    for name, (start, end) in found.items():
        run = load_scenario(name).run
        assert (run.start, run.end) == (start, end)


def test_what_fits_a_day_runs_it_and_the_shortest_comes_first():
    assert grounds_on(date(2027, 1, 1))[0] == "outlook"
    assert grounds_on(date(2024, 1, 1))[0] == "baseline"
    assert grounds_on(date(2040, 1, 1)) == []


def test_the_same_days_have_their_ground():
    run = load_scenario("outlook-full-sharing").run
    assert ground_of(run.start, run.end) == "outlook"
    assert ground_of(date(2023, 1, 1), date(2023, 1, 2)) is None


def test_a_scenario_that_leaves_policies_out_is_nothing_to_build_on():
    assert "agreements-absent" in grounds()
    assert grounds_on(date(2025, 6, 1)) == ["history"]
    assert grounds_on(date(2026, 5, 1)) == []
    assert ground_of(date(2025, 1, 1), date(2028, 12, 31)) is None
    assert ground_for(date(2025, 1, 1), date(2028, 12, 31)) == "outlook"


def test_days_between_and_after_the_shipped_scenarios_have_the_policies_of_the_next():
    assert ground_for(date(2026, 1, 1), date(2026, 12, 31)) == "outlook"
    assert ground_for(date(2027, 1, 1), date(2032, 12, 31)) == "outlook"
    assert ground_for(date(2024, 3, 1), date(2024, 4, 1)) == "baseline"
