"""What must be known before a run: each kind of note, and where there is none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from simulation.corridor import load_corridor
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario, shipped_scenarios
from simulation.scenario.horizon import Horizon
from simulation.scenario.notes import has_no_day, notes_of
from simulation.scenario.resources import purchases
from tests.scenario.conftest import sharing, staff

BASELINE = load_scenario("baseline")
OUTLOOK = load_scenario("outlook")
FROM = {"from": date(2027, 4, 1)}


def raid(on):
    return {"raid": [{"authority": "FR", "arrests": 10, "on": on}]}


def full(first=None, **when):
    """Full sharing of two authorities, from a day on if one is given."""
    dated = when if first is None else {"from": first, **when}
    return {"sharing": [sharing("UK", "RS", "full", **dated)]}


def notes(days=None, over=BASELINE, **levers):
    return notes_of([over, over.with_("W", **levers)], days=days)


def money(pounds, **more):
    how = {} if "over" in more else {"per": "year"}
    split = {"investigation": 0.6, "coast_patrol": 0.2, "analysis": 0.2}
    return {"authority": "UK", "amount": {"GBP": pounds}, "spend_on": split, **how, **more}


@pytest.mark.parametrize("lever", [
    full(), raid(date(2022, 7, 5)),
    # ninety days are enough, and a short time in the middle is no late one
    full(date(2024, 10, 3)), full(date(2024, 11, 1), to=date(2024, 11, 30)),
    {"boats": [{"from": date(2024, 1, 1)}]}, {"adaptation": {"price": False}}, {},
], ids=str)  # fmt: skip
def test_levers_within_the_run_are_not_told(lever):
    assert notes(**lever) == ()


def test_the_baseline_and_what_ends_with_the_data_have_nothing_to_tell():
    for name in ("baseline", "full-sharing", "no-sharing", "upstream-boat-supply"):
        assert notes_of([load_scenario(name)]) == ()


def test_months_beyond_the_data_come_first():
    data_end = Horizon(date(2023, 1, 1), date(2023, 1, 2)).last_observed
    end = data_end + timedelta(days=32)
    assert not notes(run={"end": end}), "both are run as long as the first is"
    later = BASELINE.with_("W", run={"end": end})
    first, *_ = notes_of([later])
    assert first.kind == "months"
    assert f"{data_end:%B %Y}" in first.text
    covered = (data_end - later.run.start).days + 1
    assert not notes_of([later], days=covered)
    assert notes_of([later], days=covered + 1)


@pytest.mark.parametrize(
    ("levers", "days", "kind", "words"),
    [
        (full(date(2025, 1, 1)), None, "outside", ("1 January 2025", "later end in [run]")),
        (full(date(2027, 6, 1)), None, "outside", ('extend "outlook"',)),
        (full(to=date(2021, 12, 31)), None, "outside",
         ("31 December 2021", "earlier start in [run]")),
        (full(date(2023, 6, 1)), 60, "outside", ("1 June 2023", "ends on 1 March 2023")),
        (full(to=date(2022, 12, 31)), None, "warm-up", ("31 December 2022", "1 January 2023")),
        (full(date(2024, 11, 7)), None, "late",
         ("55 days before the end of the 731 days", "later end in [run]")),
        (raid(date(2024, 12, 4)), None, "late", ("28 days",)),
        (raid(date(2025, 1, 1)), None, "outside", ("1 January 2025",)),
        ({"boats": [{"from": date(2020, 1, 1), "ramp_days": 10}]}, None, "outside",
         ("growth was over on 11 January 2020",)),
    ],
)  # fmt: skip
def test_days_outside_the_run_or_at_its_end_are_told(levers, days, kind, words):
    (note,) = notes(days=days, **levers)
    assert note.kind == kind
    assert [word for word in words if word not in note.text] == []
    assert note.lever == f"{next(iter(levers))}[0]"
    assert "\n" not in note.text


def test_a_lever_of_a_file_between_is_told_though_it_is_left_out(tmp_path):
    lever = '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "high"\nfrom = 2026-01-01\n'
    (tmp_path / "mine.toml").write_text(f'title = "Mine"\nextends = "baseline"\n{lever}')
    (tmp_path / "more.toml").write_text('title = "More"\nextends = "mine.toml"\n')
    more = load_scenario(tmp_path / "more.toml")
    assert not any(has_no_day(lever, more) for lever in more.sharing)
    assert [note.kind for note in notes_of([more])] == ["outside"]
    # what a shipped scenario leaves out by its dates was meant to be
    (tmp_path / "late.toml").write_text(
        'title = "Late"\nextends = "baseline"\n[run]\nstart = 2024-01-01\n'
    )
    assert not notes_of([load_scenario(tmp_path / "late.toml")])
    # a baseline that has it too needs no second note
    mine = load_scenario(tmp_path / "mine.toml")
    assert [note.kind for note in notes_of([mine, more])] == ["outside"]


def test_a_scenario_is_named_where_there_are_several():
    one, two = (BASELINE.with_(title, **full(date(2026, 1, 1))) for title in ("One", "Two"))
    assert {note.scenario for note in notes_of([BASELINE, one, two])} == {"One", "Two"}
    assert all(note.scenario in note.text for note in notes_of([BASELINE, one, two]))
    assert all("One" not in note.text for note in notes_of([BASELINE, one]))


@pytest.mark.parametrize("name", shipped_scenarios())
def test_notes_on_shipped_scenarios_are_one_line_each_and_name_a_lever(name):
    for note in notes_of([load_scenario(name)]):
        assert "\n" not in note.text
        assert note.lever or note.kind == "months"


def test_a_baseline_that_is_shipped_is_not_looked_at():
    """A planner who compares with it did not write its levers; on its own it is looked at."""
    other = load_scenario("outlook-full-sharing")
    assert {note.kind for note in notes_of([OUTLOOK])} >= {"warm-up"}
    assert {note.kind for note in notes_of([OUTLOOK, other])} == {"months"}


@pytest.mark.parametrize(
    "lever",
    [
        {"boats": [{"from": date.max, "ramp_days": 3650}]},
        {"sharing": [sharing("UK", "RS", signed=date.max)]},
        {"staff": [staff("FR", "coast_patrol", add=5.0, ramp_days=3650, **{"from": date.max})]},
    ],
    ids=lambda lever: next(iter(lever)),
)  # fmt: skip
def test_the_last_days_of_the_calendar_are_days_like_others(lever):
    """Adding days to them must not leave the calendar."""
    whatif = BASELINE.with_("W", **lever)
    notes_of([whatif])
    for bought in purchases(whatif, load_corridor(), load_parameters()):
        assert bought.day <= BASELINE.run.end


# -- slips of money --------------------------------------------------------------------------------


@pytest.mark.parametrize(("lever", "small"), [
    (money(75), True), (money(1000, over=["2027-01", "2027-12"]), True),
    (money(0), False), (money(5e5), False), (money(150e6, over=["2027-01", "2028-12"]), False),
])  # fmt: skip
def test_money_for_less_than_one_officer_gets_a_question(lever, small):
    texts = [note.text for note in notes(over=OUTLOOK, funding=[lever]) if note.kind == "amount"]
    assert ["Is the amount right?" in text for text in texts] == [True] * small


def test_money_on_top_of_what_the_parent_has_is_told():
    def beside(**more):
        all_notes = notes(over=OUTLOOK, funding=[money(75e6, **FROM, **more)])
        return [note.text for note in all_notes if note.kind == "beside"]

    (text,) = beside()
    assert "on top of what the scenario inherits: UK spends GBP 75,000,000 a year" in text
    assert 'use replaces = "border-security-command-2025"' in text
    assert beside(replaces="border-security-command-2025") == []
    assert "uk-france-2026" in beside(beneficiary="FR")[0]
