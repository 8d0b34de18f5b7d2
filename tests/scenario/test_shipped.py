"""The scenarios that come with the package say what they are meant to say."""

from datetime import date

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario, shipped_scenarios
from simulation.scenario.describe import describe_differences
from simulation.scenario.levers.borders import SEA_PATROLS
from simulation.scenario.levers.return_after_arrival import RETURN_ORDERS
from simulation.scenario.levers.times import TAXI_SHARE
from simulation.scenario.policy import Levers
from simulation.scenario.shipped import base_covering, base_scenarios, base_under, base_with_dates

MEANT = {
    "agreements-as-signed", "baseline", "belgium-2021", "border-security-command", "full-sharing",
    "leaky-sharing", "no-serbian-operation", "no-serbian-visas", "no-sharing",
    "no-uk-albania-returns", "outlook", "outlook-border-security-command", "outlook-freeze",
    "outlook-full-sharing", "outlook-leaky-sharing", "outlook-no-sharing",
    "outlook-upstream-boat-supply", "outlook-agreements-deepened", "serbian-visas-2022",
    "uk-albania-2022", "upstream-boat-supply", "agreements-deepened-2024",
}  # fmt: skip


@pytest.fixture(scope="module")
def real():
    return load_corridor()


@pytest.fixture(scope="module")
def policy(real):
    def on(name, day):
        scenario = load_scenario(name)
        levers = Levers(scenario, real, load_parameters(scenario.parameters))
        return levers.on(date.fromisoformat(day))

    return on


def test_all_that_are_promised_are_there():
    assert set(shipped_scenarios()) >= MEANT


@pytest.mark.parametrize("name", sorted(shipped_scenarios()))
def test_each_is_valid_described_and_differs_from_its_parent(name):
    scenario = load_scenario(name)
    assert scenario.description.strip()
    assert scenario.slug == name
    if scenario.parent is not None:
        assert describe_differences(scenario, scenario.parent)


def test_hashes_differ():
    hashes = {load_scenario(name).hash() for name in shipped_scenarios()}
    assert len(hashes) == len(shipped_scenarios())


def test_no_sharing_and_full_sharing_are_the_bounds(policy):
    none, full = (policy(name, "2024-06-01").sharing for name in ("no-sharing", "full-sharing"))
    apart = ~np.eye(len(none.coverage), dtype=bool)
    assert (none.coverage[apart] == 0).all()
    assert (full.coverage[apart] == 1).all()
    assert (full.delay_days[apart] <= 1).all()
    assert full.third_party.all()
    assert 0 < policy("baseline", "2024-06-01").sharing.coverage[apart].mean() < 1


def test_leaky_sharing_leaks_between_all(policy, real):
    leak = policy("leaky-sharing", "2024-06-01").sharing.leak
    rows = np.flatnonzero(((leak != 0.05) & ~np.eye(len(leak), dtype=bool)).any(axis=1))
    assert [real.authorities[row].code for row in rows] == [], "in no group of leaky-sharing.toml"
    assert np.array_equal(
        policy("leaky-sharing", "2024-06-01").sharing.coverage,
        policy("full-sharing", "2024-06-01").sharing.coverage,
    )


def test_the_serbian_operation_begins_with_its_date_and_can_be_dropped(policy, real):
    leg = real.authority_index["RS"], [leg.id for leg in real.legs].index("subotica>szeged:foot")
    assert policy("baseline", "2023-10-28").patrol_surge[real.authority_index["HU"], leg[1]] == 1
    assert policy("baseline", "2023-10-27").patrol_surge[leg] == 1
    assert policy("baseline", "2023-10-28").patrol_surge[leg] > 1
    assert policy("baseline", "2024-12-31").patrol_surge[leg] > 1
    assert (
        policy("no-serbian-operation", "2023-10-28").arrest_surge
        == policy("no-serbian-operation", "2023-10-27").arrest_surge
    ).all()
    assert policy("no-serbian-operation", "2024-12-31").patrol_surge[leg] == 1


def test_freight_was_searched_less_and_today_it_is_not(policy):
    before = load_parameters().patrol.freight_before
    early, late = (policy("history", day).freight_search for day in ("2020-07-01", "2021-07-01"))
    assert early == pytest.approx(before)
    assert before < late < 1
    assert policy("history", "2022-06-30").freight_search == 1
    assert policy("baseline", load_scenario("baseline").run.start.isoformat()).freight_search == 1


def test_border_patrols_paid_for_by_the_uk_are_those_of_its_border(real):
    money = {
        "authority": "UK",
        "amount": {"GBP": 5e6},
        "per": "year",
        "spend_on": {"border_patrol": 1.0},
    }
    scenario = load_scenario("baseline").with_(funding=[money])
    day = date(2024, 6, 1)
    after, before = (
        Levers(s, real, load_parameters()).on(day).staff["border_patrol"]
        for s in (scenario, scenario.parent)
    )
    assert np.flatnonzero(after - before).tolist() == [real.authority_index["UK-BI"]]


OUTLOOK = sorted(name for name in shipped_scenarios() if name.startswith("outlook"))


@pytest.mark.parametrize(("name", "start", "end"), [
    ("baseline", date(2023, 1, 1), date(2024, 12, 31)),  # both figures of the announcement
    *((name, date(2026, 7, 1), date(2028, 12, 31)) for name in OUTLOOK),
])  # fmt: skip
def test_the_outlook_and_its_what_ifs_run_the_same_days_and_the_baseline_its_own(name, start, end):
    run = load_scenario(name).run
    assert (run.start, run.end, run.warm_up_days) == (start, end, 365)


def test_the_outlook_has_the_agreements_of_2025_and_the_policies_of_2026(policy, real):
    uk, serbia = real.authority_index["UK-CI"], real.authority_index["RS"]
    parameters = load_parameters()
    low, medium = parameters.sharing.low_coverage, parameters.sharing.medium_coverage
    # the declaration of 2023
    assert low < policy("history", "2025-04-02").sharing.coverage[serbia, uk] < medium
    for name, day in (("history", "2025-12-31"), ("outlook", "2026-07-01")):
        assert policy(name, day).sharing.coverage[serbia, uk] == pytest.approx(medium), name
    outlook = policy("outlook", "2026-07-01")
    assert SEA_PATROLS.of(outlook)
    assert TAXI_SHARE.of(outlook) == pytest.approx(parameters.channel.taxi_share_now)
    assert RETURN_ORDERS.of(outlook) == ()  # the pilot has expired
    assert RETURN_ORDERS.of(policy("outlook-returns-pilot", "2027-07-01"))[0].places == 50


def test_what_the_agreements_do_is_asked_against_their_absence(policy, real):
    uk = real.authority_index["UK-CI"]
    signed, absent = load_scenario("agreements-as-signed"), load_scenario("agreements-absent")
    assert signed.parent.hash() == absent.hash()
    assert (signed.run.start, signed.run.end) == (date(2025, 1, 1), date(2028, 12, 31))
    for code in ("RS", "XK", "MK"):
        partner = real.authority_index[code]
        with_it, without, history = (
            policy(name, "2025-12-31").sharing.coverage[partner, uk]
            for name in ("agreements-as-signed", "agreements-absent", "history")
        )
        assert without < with_it == history


# -- which to extend -------------------------------------------------------------------------------


def test_grounds_are_extended_by_others_and_run_the_days_they_say():
    bases = base_scenarios()
    assert {"history", "baseline", "outlook"} <= set(bases)
    for name, (start, end) in bases.items():
        run = load_scenario(name).run
        assert (run.start, run.end) == (start, end)


@pytest.mark.parametrize(("day", "name"), [
    (date(2027, 1, 1), "outlook"),
    (date(2024, 1, 1), "baseline"),  # the shorter of two
    (date(2022, 6, 1), "history"),
    (date(2026, 3, 1), None),  # not a world without the agreements
    (date(2040, 1, 1), None),
])  # fmt: skip
def test_what_covers_a_day_runs_it_and_the_shortest_is_taken(day, name):
    assert base_covering(day, day) == name


@pytest.mark.parametrize(("name", "ground"), [
    ("outlook-leaky-sharing", "outlook"), ("raid-july-2022", "history"), ("no-sharing", "baseline"),
    ("agreements-as-signed", "agreements-absent"), ("history", "history"),
])  # fmt: skip
def test_a_scenario_stands_on_the_nearest_ground_under_it(name, ground):
    scenario = load_scenario(name)
    assert base_under(scenario) == ground
    days = {"start": date(2025, 1, 1), "end": date(2028, 12, 31)}
    assert base_under(scenario.with_(run=days)) == ground


def test_the_same_days_have_their_ground():
    assert base_with_dates(date(2026, 7, 1), date(2028, 12, 31)) == "outlook"
    assert base_with_dates(date(2023, 1, 1), date(2023, 1, 2)) is None
