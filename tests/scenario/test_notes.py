"""What must be known before a run: each kind of note, and where there is none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from simulation.corridor import load_corridor
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario, shipped_scenarios
from simulation.scenario.horizon import Horizon
from simulation.scenario.notes import Assumed, has_no_day
from simulation.scenario.resources import purchases
from tests.scenario.conftest import notes_of, sharing, staff

BASELINE = load_scenario("baseline")
#: nobody shares anything, so hubs have nothing to do
ALONE = load_scenario("no-sharing")
RAID = {"authority": "FR", "arrests": 10}


def raid(on):
    return {"raid": [{**RAID, "on": on}]}


def full(first=None, **when):
    """Full sharing of two authorities, from a day on if one is given."""
    dated = when if first is None else {"from": first, **when}
    return {"sharing": [sharing("UK", "RS", "full", **dated)]}


def notes(days=None, assumed=None, over=BASELINE, **levers):
    return notes_of([over, over.with_("W", **levers)], days=days, assumed=assumed)


def only(all_notes):
    """The one note on a lever."""
    (note,) = [note for note in all_notes if note.kind not in ("same", "months")]
    return note


def on(lever, all_notes):
    """The notes on one lever."""
    return tuple(note for note in all_notes if note.lever == lever)


# -- where there is nothing to tell ----------------------------------------------------------------


@pytest.mark.parametrize(
    "lever",
    [
        {"sharing": [sharing("UK", "RS", "full")]},
        {"sharing": [sharing("FR", "UK-BI")]},
        {"staff": [staff("FR", change=2.0)]},
        {"staff": [staff("UK-BI", "investigation", change=2.0)]},
        {"staff": [staff("UK-CI", "investigation", add=9.0)]},
        {"staff": [staff("UK-CI", add=9.0)]},
        {"staff": [staff("UK-IN", change=9.0)]},
        {"staff": [staff("EUROPOL", add=9.0)]},
        {"sharing": [sharing("UK", "UK")]},
        {"sharing": [sharing("EPC", "FRONTEX")]},
        {"sharing": [sharing("EPC", "EUROPOL", "full")]},
        {"sharing": [sharing("UK-IN", "EPC", one_way=True)]},
        {"operation": [{"authority": "UK-CI", "kind": "arrests", "strength": 9.0}]},
        {"operation": [{"authority": "FR", "kind": "arrests", "strength": 2.0}]},
        {"operation": [{"authority": "FRONTEX", "places": ("lesvos",), "strength": 2.0}]},
        raid(date(2023, 5, 5)),
        raid(date(2022, 7, 5)),
        # ninety days are enough, and a short time in the middle is no late one
        full(date(2024, 10, 3)),
        full(date(2024, 11, 1), to=date(2024, 11, 30)),
        {"visa": [{"authority": "RS", "origins": ("turkey",)}]},
        {"visa": [{"authority": "RS", "origins": ("visa_free_serbia",)}]},
        {"returns": [{"partner": "vietnam"}]},
        {"legal_route": [{"origins": ("syria",), "people_per_year": 100.0}]},
        {"wave": [{"origins": ("albania",), "route": "air"}]},
        {"boats": [{"from": date(2024, 1, 1)}]},
        {"freight": [{"from": date(2024, 1, 1)}]},
        {"parameters": {"intelligence.misattribution": 0.3}},
        {"adaptation": {"price": False}},
        {"entries": {"balkan": 0.5}},
        {},
    ],
    ids=str,
)
def test_levers_that_act_are_not_told(lever):
    assert notes(**lever) == ()


def test_the_baseline_and_what_ends_with_the_data_have_nothing_to_tell():
    for name in ("baseline", "full-sharing", "no-sharing", "upstream-boat-supply"):
        assert notes_of([load_scenario(name)]) == ()


# -- days ------------------------------------------------------------------------------------------


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
        (full(to=date(2021, 12, 31)), None, "outside",
         ("31 December 2021", "earlier start in [run]")),
        (full(date(2023, 6, 1)), 60, "outside", ("1 June 2023", "run more days")),
        (full(date(2025, 6, 1)), 60, "outside", ("1 June 2025", "later end in [run]")),
        (full(date(2024, 12, 31), ramp_days=5), None, "outside", ("31 December 2024", "5 days")),
        (full(to=date(2022, 12, 31)), None, "warm-up", ("31 December 2022", "1 January 2023")),
        (full(date(2024, 11, 7), ramp_days=180), None, "late",
         ("55 of the 731 days", "30%", "later end in [run]")),
        (full(date(2024, 10, 4)), None, "late", ("89 of the 731 days",)),
        (raid(date(2024, 12, 4)), None, "late", ("27 days",)),
        (raid(date(2025, 1, 1)), None, "outside", ("1 January 2025",)),
        (raid(date(2021, 12, 31)), None, "outside", ("31 December 2021",)),
        ({"boats": [{"from": date(2020, 1, 1), "ramp_days": 10}]}, None, "outside",
         ("growth was over on 11 January 2020",)),
    ],
)  # fmt: skip
def test_days_outside_the_run_or_at_its_end_are_told(levers, days, kind, words):
    note = only(notes(days=days, **levers))
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
    assert only(notes_of([more])).kind == "outside"
    # what a shipped scenario leaves out by its dates was meant to be
    (tmp_path / "late.toml").write_text(
        'title = "Late"\nextends = "baseline"\n[run]\nstart = 2024-01-01\n'
    )
    late = load_scenario(tmp_path / "late.toml")
    assert {"albanian-wave-2022", "uk-serbia-2025"} <= {one.lever.name for one in late.left_out}
    assert not notes_of([late])
    # a baseline that has it too needs no second note
    mine = load_scenario(tmp_path / "mine.toml")
    assert len([note for note in notes_of([mine, more]) if note.kind == "outside"]) == 1


# -- who can act -----------------------------------------------------------------------------------


DEAD = [
    ({"operation": [{"authority": "UK", "kind": "arrests", "places": ("dover",), "strength": 9.0}]},
     ("dover",)),
    ({"raid": [{**RAID, "on": date(2023, 5, 5), "stages": ("boat",), "places": ("paris",)}]},
     ("boat", "paris")),
    ({"visa": [{"authority": "IT", "origins": ("vietnam",)}]}, ("Vietnam", "IT")),
]  # fmt: skip
#: the same where nobody shares anything
DEAD_ALONE = [
    *(
        ({"staff": [staff(code, add=9.0)]}, (code, "nobody tells"))
        for code in ("UK-IN", "EUROPOL", "FRONTEX")
    ),
    ({"sharing": [sharing("UK-IN", "EPC", one_way=True)]}, ("UK-IN", "learns nothing")),
    ({"sharing": [sharing("FRONTEX", "EUROPOL")]}, ("FRONTEX", "EUROPOL", "learn nothing")),
    (
        {
            "funding": [
                {
                    "authority": "UK",
                    "amount": {"GBP": 7e7},
                    "per": "year",
                    "spend_on": {"analysis": 1.0},
                }
            ]
        },
        ("UK-IN", "nobody tells it anything"),
    ),
]


@pytest.mark.parametrize(
    ("over", "levers", "words"),
    [*((BASELINE, *case) for case in DEAD), *((ALONE, *case) for case in DEAD_ALONE)],
    ids=lambda value: str(value)[:70],
)
def test_known_dead_ends_are_told_with_the_reason(over, levers, words):
    all_notes = notes(over=over, **levers)
    note = only(all_notes)
    assert note.kind == "nobody"
    assert [word for word in words if word not in note.text] == []
    assert [note.kind for note in all_notes][-1] == "same"


@pytest.mark.parametrize(("keys", "words"), [
    ({"route": "air"}, "no people set out by air."),
    ({"route": ["air", "iberia"]}, "no people set out by air and by Spain and the Canaries."),
    ({"origins": ["syria"], "route": "air"}, "no people from Syria set out by air."),
])  # fmt: skip
def test_a_shock_on_a_closed_route_is_told_with_the_reason(keys, words):
    closed = BASELINE.with_(entries={"air": 0.0, "iberia": 0.0})
    note = only(notes(over=closed, shock=[{"on": date(2023, 5, 1), "size": 2.0, **keys}]))
    assert (note.kind, note.text.partition(": ")[2]) == ("nobody", words)


@pytest.mark.parametrize("hub", ["EUROPOL", "FRONTEX", "UK-IN"])
def test_telling_those_who_tell_nobody_is_told(hub):
    lever = sharing("FR", hub, one_way=True)
    note = only(notes(over=ALONE, sharing=[lever]))
    assert note.kind == "leaks"
    assert f"{hub} has no ground" in note.text
    quiet = ALONE.with_("B", adaptation={"going_dark": False})
    assert only(notes(over=quiet, sharing=[lever])).kind == "nobody"
    assert notes(over=ALONE, sharing=[lever, sharing(hub, "DE")]) == ()


@pytest.mark.parametrize(
    "lever",
    [
        {"sharing": [sharing("UK", "FR", 0.625)]},
        {"staff": [staff("FR", "coast_patrol", change=1.0)]},
        {"operation": [{"authority": "FR", "kind": "arrests", "strength": 1.0}]},
        {"visa": [{"authority": "RS", "origins": ("turkey",), "effect": 0.0}]},
        {"legal_route": [{"origins": ("syria",), "people_per_year": 0.0}]},
    ],
    ids=str,
)
def test_what_is_in_force_already_changes_nothing(lever):
    assert only(notes(**lever)).kind == "nothing"


def test_a_raid_gives_those_who_take_part_something_to_do():
    """Who takes part tells the others on the day, but needs something to tell."""
    more = [staff("UK-IN", change=9.0)]
    raid = [{**RAID, "authority": "CALAIS", "on": date(2023, 5, 5)}]
    over = ALONE.with_("B", sharing=[sharing("FR", "UK-IN", one_way=True)])
    assert on("staff[0]", notes(over=over, staff=more, raid=raid)) == ()
    # but not one of which no day is run
    assert only(on("staff[0]", notes(days=30, over=over, staff=more))).kind == "nobody"
    kinds = {note.kind for note in notes(days=30, over=over, staff=more, raid=raid)}
    assert kinds >= {"nobody", "outside"}


def test_of_money_each_part_is_told():
    split = {"investigation": 0.6, "analysis": 0.4}
    money = {"authority": "UK", "amount": {"GBP": 7e7}, "per": "year", "spend_on": split}
    note = only(notes(over=ALONE, funding=[money]))
    assert note.kind == "part"
    assert "40% of the money (40% for analysis of UK-IN)" in note.text
    assert notes(funding=[money]) == ()
    assert not notes_of([load_scenario("border-security-command")])


def test_of_a_group_those_who_cannot_act_are_told():
    note = only(notes(over=ALONE, staff=[staff("UK", add=17.0)]))
    assert note.kind == "part"
    assert "59% of its units" in note.text  # 10 of 17, by the staff there is
    assert "UK-IN" in note.text


def test_what_hubs_may_hand_on_is_taken_from_the_assumptions():
    """At low sharing the third-party rule has an exception only where that is assumed."""

    def staff_notes(**more):
        return on("staff[0]", notes(**more, staff=[staff("UK-IN", add=9.0)]))

    low = ALONE.with_("B", sharing=[sharing("EPC", "UK-IN", "low")])
    assert only(staff_notes(over=low)).kind == "nobody"
    loose = {"intelligence.hub_strict_below": 0.05}
    assert staff_notes(over=low.with_("C", parameters=loose)) == ()
    sets = Assumed(((0.75, {}), (0.25, loose)), first=False)
    note = only(staff_notes(over=low, assumed=sets))
    assert note.kind == "nobody"
    assert "Under 25%" in note.text
    most = Assumed(((0.25, {}), (0.75, loose)), first=False)
    assert staff_notes(over=low, assumed=most) == ()
    # before any are chosen, the records count
    assert only(staff_notes(over=low, assumed=most._replace(first=True))).kind == "nobody"


def test_a_scenario_is_named_where_there_are_several():
    one, two = (ALONE.with_(title, staff=[staff("UK-IN", add=1.0)]) for title in ("One", "Two"))
    assert {note.scenario for note in notes_of([ALONE, one, two])} == {"One", "Two"}
    assert all(note.scenario in note.text for note in notes_of([ALONE, one, two]))
    assert all("One" not in note.text for note in notes_of([ALONE, one]))


@pytest.mark.parametrize("name", shipped_scenarios())
def test_notes_on_shipped_scenarios_are_one_line_each_and_name_a_lever(name):
    for note in notes_of([load_scenario(name)]):
        assert "\n" not in note.text
        assert note.lever or note.kind == "months"


# -- reach -----------------------------------------------------------------------------------------


def test_levers_of_a_shipped_scenario_stay_its_own_however_it_is_laid_over(monkeypatch, tmp_path):
    """Its levers that come late are told of it alone."""
    assert {note.lever for note in notes_of([load_scenario("agreements-deepened-2024")])}
    twice = load_scenario("agreements-deepened-2024").with_("A", run={"end": date(2024, 12, 20)})
    twice = twice.with_("B", run={"end": date(2024, 12, 10)})
    monkeypatch.chdir(tmp_path)
    assert notes_of([twice]) == ()


def test_a_baseline_that_is_shipped_is_not_looked_at():
    """A planner who compares with it did not write its levers; on its own it is looked at."""
    outlook, other = load_scenario("outlook"), load_scenario("outlook-full-sharing")
    assert {note.kind for note in notes_of([outlook])} >= {"warm-up"}
    assert {note.kind for note in notes_of([outlook, other])} == {"months"}


@pytest.mark.parametrize(
    "lever",
    [
        {"boats": [{"from": date.max, "ramp_days": 3650}]},
        {"sharing": [sharing("UK", "RS", signed=date.max)]},
        {"taxi_boats": [{"share": 0.5, "announced": date(9999, 10, 1)}]},
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


def test_scenarios_without_a_day_in_common_are_each_looked_at_over_their_own_days():
    ahead = load_scenario("outlook")
    smaller = ahead.with_("W", boats=[{"from": ahead.run.start, "size": 0.5}])
    for pair in ([BASELINE, ahead], [ahead, BASELINE], [BASELINE, smaller]):
        assert not [note for note in notes_of(pair) if note.kind == "outside"]
    notes = notes_of([BASELINE, ahead.with_("W", boats=[{"from": date(2018, 1, 1), "size": 0.5}])])
    assert [note.kind for note in on("boats[0]", notes)] == ["outside"]
