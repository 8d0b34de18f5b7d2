"""A run that goes on for longer than its scenario says: only its end changes."""

from __future__ import annotations

from datetime import date, timedelta

from simulation.corridor import load_corridor
from simulation.engine.longer_run import past_to, run_to
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario
from simulation.scenario.levers.registry import SECTIONS
from simulation.scenario.policy import Levers
from simulation.scenario.scenario import parse_scenario


def test_a_longer_run_has_the_same_past_and_name_and_one_that_reaches_the_day_stays():
    scenario = load_scenario("history")
    assert run_to(scenario, scenario.run.end) is run_to(scenario, scenario.run.start) is scenario
    end = scenario.run.end + timedelta(days=365)
    longer = run_to(scenario, end)
    assert longer.run == scenario.run.model_copy(update={"end": end})
    for name in ("slug", "file", "title", "sharing"):
        assert getattr(longer, name) == getattr(scenario, name)
    assert longer.hash() != scenario.hash()


def test_inherited_levers_that_begin_later_come_back_in_their_order():
    """A longer run is the scenario that a file with the later end would give."""
    end = date(2025, 12, 31)
    baseline = load_scenario("baseline")
    longer = run_to(baseline, end)
    written = parse_scenario(
        f'title = "Longer"\nextends = "baseline"\n[run]\nend = {end.isoformat()}\n'
    )
    assert longer.hash() == written.hash() != baseline.hash()
    assert "uk-serbia-2025" in {lever.name for lever in longer.sharing}
    assert longer.left_out == ()
    for section in SECTIONS:
        for index, lever in enumerate(getattr(longer, section)):
            assert longer.source_of(section, index) == written.source_of(section, index), lever
    halfway = run_to(baseline, date(2025, 5, 15))
    assert halfway.left_out
    assert run_to(halfway, end).hash() == longer.hash()


def test_the_past_goes_on_under_the_policies_of_the_outlook():
    history, outlook = load_scenario("history"), load_scenario("outlook")
    assert past_to(history.run.end) == history
    past = past_to(date(2026, 9, 30))
    assert (past.run.start, past.run.end) == (history.run.start, date(2026, 9, 30))
    corridor, parameters = load_corridor(), load_parameters()
    observed, then, planned = (
        Levers(one, corridor, parameters) for one in (history, past, outlook)
    )
    for day, wanted in ((date(2023, 6, 1), observed), (date(2026, 9, 1), planned)):
        mine, theirs = then.on(day), wanted.on(day)
        assert (mine.sharing.coverage == theirs.sharing.coverage).all()
        for kind in theirs.staff:
            assert (mine.staff[kind] == theirs.staff[kind]).all()
    names = {lever.name for lever in past.operation}
    assert {"serbian-operation-2023", "serbian-operation-2026"} <= names
    # and is made again by the name of history
    assert past.slug == "history"
    assert past.title != history.title
