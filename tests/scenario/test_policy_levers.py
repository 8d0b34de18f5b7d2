"""Returns after arrival, boats at sea, checks, departures, freezes: what they mean on a day."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario, parse_scenario
from simulation.scenario.describe import describe_differences
from simulation.scenario.levers.borders import BORDER_CHECKS, SEA_PATROLS, check_rate
from simulation.scenario.levers.enforcement import FREEZES
from simulation.scenario.levers.return_after_arrival import RETURN_ORDERS
from simulation.scenario.levers.times import TAXI_SHARE
from simulation.scenario.notes import notes_of
from simulation.scenario.policy import Levers, first_difference

DAY = date(2023, 6, 1)
BASE = load_scenario("baseline").with_(
    clear=["return_after_arrival", "interception_at_sea", "border_control", "taxi_boats",
           "departures"],
)  # fmt: skip
CORRIDOR, PARAMETERS = load_corridor(), load_parameters()


def on(day: date = DAY, **levers):
    return Levers(BASE.with_(**levers), CORRIDOR, PARAMETERS).on(day)


def test_without_a_lever_nothing_is_in_force():
    policy = on()
    assert RETURN_ORDERS.of(policy) == ()
    assert SEA_PATROLS.of(policy) == ()
    assert BORDER_CHECKS.of(policy).idle
    assert TAXI_SHARE.of(policy) == PARAMETERS.channel.taxi_share


def test_returns_take_what_is_not_said_from_the_records_and_grow_with_their_ramp():
    lever = {"partner": "FR", "places_per_week": 50.0, "from": DAY, "ramp_days": 100}
    (order,) = RETURN_ORDERS.of(on(DAY + timedelta(days=50), return_after_arrival=[lever]))
    assert order.places == pytest.approx(25.0)
    assert CORRIDOR.authorities[order.partner].code == "FR"
    assert CORRIDOR.places[order.place].id == "paris"
    removal = PARAMETERS.removal
    assert order.admitted == removal.admitted_ratio
    assert (order.referral_days, order.answer_days) == (removal.referral_days, removal.answer_days)
    said = {**lever, "admitted": 0.0, "eligible": 0.0, "answer_days": 0, "place": "calais"}
    (order,) = RETURN_ORDERS.of(on(DAY + timedelta(days=50), return_after_arrival=[said]))
    assert (order.admitted, order.eligible, order.answer_days) == (0.0, 0.0, 0)
    assert CORRIDOR.places[order.place].id == "calais"


def test_the_share_from_the_water_grows_to_that_of_the_lever():
    lever = {"share": 0.4, "from": DAY, "ramp_days": 10}
    days = [DAY + timedelta(days=day) for day in (-1, 0, 5, 10)]
    shares = [TAXI_SHARE.of(on(day, taxi_boats=[lever])) for day in days]
    np.testing.assert_allclose(shares, [0.0, 0.0, 0.2, 0.4])
    twice = [{"share": 0.4}, {"share": 0.1}]  # the last one says how it is
    assert TAXI_SHARE.of(on(taxi_boats=twice)) == pytest.approx(0.1)


def test_units_at_sea_of_a_group_are_shared_by_those_boats_leave_from():
    patrols = SEA_PATROLS.of(on(interception_at_sea=[{"authority": "CALAIS", "units": 6.0}]))
    assert {(CORRIDOR.authorities[one.authority].code, one.units) for one in patrols} == {
        ("FR", 3.0), ("BE", 3.0),
    }  # fmt: skip


def test_checks_are_of_those_who_enter_by_vehicle():
    checks = BORDER_CHECKS.of(on(border_control=[{"authority": "DE", "share": 0.2}]))
    rate = check_rate(0.2, PARAMETERS.border.found_share)
    for number, leg in enumerate(CORRIDOR.legs):
        here = leg.border and leg.authority_to == "DE" and leg.mode in ("road", "rail", "lorry")
        assert checks.rate[number] == pytest.approx(rate if here else 0.0), leg.id
    assert (checks.patrols == 1.0).all()
    one = BORDER_CHECKS.of(on(border_control=[{"authority": "DE", "borders": ["CH-DE"]}]))
    assert [CORRIDOR.legs[leg].id for leg in np.flatnonzero(one.rate)] == ["basel>frankfurt:rail"]


def test_lifted_checks_are_of_both_directions_and_end_where_they_end():
    lever = {"authority": "RO", "checks": "lifted", "to": DAY}
    lifted = BORDER_CHECKS.of(on(border_control=[lever]))
    legs = {CORRIDOR.legs[leg].id for leg in np.flatnonzero(lifted.patrols < 1.0)}
    assert "vidin>timisoara:lorry" in legs
    assert "timisoara>budapest:lorry" in legs
    assert (lifted.days[lifted.patrols < 1.0] < 0.0).all()
    assert BORDER_CHECKS.of(on(DAY + timedelta(days=1), border_control=[lever])).idle


def test_departures_and_visas_multiply():
    visa = {"authority": "RS", "origins": ["turkey"], "effect": 0.5}
    fewer = {"origins": ["turkey", "syria"], "fewer": 0.2}
    both, visas = on(visa=[visa], departures=[fewer]).entry_factor, on(visa=[visa]).entry_factor
    for row, name in enumerate(Levers(BASE, CORRIDOR, PARAMETERS).origins):
        np.testing.assert_allclose(both[row], visas[row] * (0.8 if name in fewer["origins"] else 1))


SHOCK = {"on": DAY, "size": 2.0}


def coast(authority="AL", **how):
    """Coast patrols, of which Albania has none."""
    return {"authority": authority, "kind": "coast_patrol", **how}


def test_staff_can_be_given_to_an_authority_that_has_none_of_it_and_then_changed():
    albania = CORRIDOR.authority_index["AL"]
    balkan = {"authority": "WB6", "kind": "border_patrol", "change": 1.2}
    staff = [coast(add=10), coast(change=1.2), balkan]
    usual, more = (on(clear=["staff", "funding"], staff=s) for s in ([], staff))
    assert more.staff["coast_patrol"][albania] == pytest.approx(12)
    assert usual.staff["border_patrol"][albania] > 0
    assert more.staff["border_patrol"][albania] == pytest.approx(
        1.2 * usual.staff["border_patrol"][albania]
    )


@pytest.mark.parametrize(
    ("levers", "key", "words"),
    [
        ({"return_after_arrival": [{"partner": "DE", "places_per_week": 5.0}]}, "partner", "FR"),
        ({"return_after_arrival": [{"partner": "EU", "places_per_week": 5.0}]}, "partner", "FR"),
        ({"return_after_arrival": [{"partner": "FR", "places_per_week": 5.0, "place": "nis"}]},
         "place", "paris"),
        ({"interception_at_sea": [{"authority": "UK-BI", "units": 5.0}]}, "authority", "FR"),
        ({"border_control": [{"authority": "DE", "borders": ["RO-HU"]}]}, "borders", "AT-DE"),
        ({"border_control": [{"authority": "DE", "borders": ["DE-AT"]}]}, "borders", "AT-DE"),
        ({"border_control": [{"authority": "EUROPOL"}]}, "authority", "DE"),
        ({"border_control": [{"authority": "DE", "checks": "lifted", "share": 0.1}]}, "share",
         "lifted_effort"),
        ({"departures": [{"origins": ["syria"], "fewer": 1.5}]}, "fewer", "1"),
        ({"taxi_boats": [{"share": 40}]}, "share", "1"),
        ({"shock": [SHOCK | {"size": -1.0}]}, "size", "negative"),
        ({"shock": [SHOCK | {"size": 500.0}]}, "size", "at most 20"),
        ({"shock": [SHOCK | {"to": DAY - timedelta(days=1)}]}, "to", "ends before it starts"),
        ({"shock": [SHOCK | {"route": ["balkans"]}]}, "route[0]", "balkan"),
        ({"shock": [SHOCK | {"route": "balkans"}]}, "route[0]", "balkan"),
        ({"shock": [SHOCK | {"origins": ["syrians"]}]}, "origins[0]", "syria"),
        ({"shock": [SHOCK | {"half_life_days": 0.0}]}, "half_life_days", "above 0"),
        ({"staff": [coast(change=1.2)]}, "staff[0].change",
         "1.2: AL has no coast_patrol to multiply; allowed: add, or authority TR, GR, IT, BE, FR"),
        ({"staff": [{"authority": "UK", "kind": "border_patrol", "change": 2}]}, "staff[0].change",
         "= 2: UK has no border_patrol to multiply; allowed: add, or authority TR"),
        ({"staff": [coast(add=-3)]}, "staff[0].add", "= -3: AL has no coast_patrol to take away; "
         "allowed: above 0, or authority TR, GR, IT, BE, FR"),
        # what is added after, before or elsewhere is not there
        ({"staff": [coast(change=1.2), coast(add=10)]}, "staff[0].change", "no coast_patrol"),
        ({"staff": [coast(add=10, to=date(2023, 5, 31)), coast(change=2, **{"from": DAY})]},
         "staff[1].change", "no coast_patrol to multiply"),
        ({"staff": [coast(add=10), coast("UK-BI", change=1.2)]}, "staff[1].change",
         "no coast_patrol to multiply"),
        ({"freeze": [{"authority": "UK", "per_year": -1}]}, "per_year", "negative"),
        ({"freeze": [{"authority": "UK", "per_year": 1, "frozen_share": 1.2}]}, "frozen_share",
         "at most 1"),
        ({"freeze": [{"authority": "UKK", "per_year": 1}]}, "authority", "UK"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(levers, key, words):
    with pytest.raises(InputError) as error:
        BASE.with_(**levers)
    assert key in str(error.value.key)
    assert words in str(error.value)


def test_a_policy_that_works_before_it_was_signed_is_told_when_it_may():
    lag = PARAMETERS.policy.working_lag_days
    sharing = {"between": ["UK", "RS"], "level": "high", "signed": date(2023, 9, 1)}
    (note,) = notes_of([BASE, BASE.with_("Signed", sharing=[sharing])])
    assert note.kind == "early"
    assert str(date(2023, 9, 1) + timedelta(days=lag)) in note.text
    dated = {**sharing, "from": date(2024, 1, 29)}
    assert not notes_of([BASE, BASE.with_("Dated", sharing=[dated])])
    old = {**sharing, "signed": date(2021, 9, 1)}
    assert not [n for n in notes_of([BASE, BASE.with_("Old", sharing=[old])]) if n.kind == "early"]


# -- freezes -------------------------------------------------------------------------------------

FREEZE = {"authority": "UK", "per_year": 365.25, "from": DAY}


def orders(day, **keys):
    return FREEZES.of(on(day, freeze=[FREEZE | keys]))


def test_a_group_lists_by_what_its_members_know():
    (order,) = orders(DAY)
    members = [CORRIDOR.authorities[row].code for row in order.authorities]
    assert members == list(CORRIDOR.members("UK"))
    assert order.per_day == pytest.approx(1.0)
    assert order.frozen_share == PARAMETERS.policy.frozen_share
    assert orders(DAY, frozen_share=0.0)[0].frozen_share == 0.0


def test_it_lists_from_its_first_to_its_last_day_and_grows_over_its_ramp():
    assert orders(date(2023, 5, 31)) == ()
    assert orders(date(2023, 7, 1), to=date(2023, 6, 30)) == ()
    paces = [orders(date(2023, 6, day), ramp_days=20)[0].per_day for day in (2, 10, 20)]
    assert paces == sorted(paces)
    assert 0.0 < paces[0] < paces[-1] <= 1.0


# -- dates -----------------------------------------------------------------------------------------

HEAD = 'title = "Dates"\nextends = "baseline"\n'
LASTING = '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "high"\n'
PHASED_IN = "[[freight]]\n"
DATES = {"announced": "2023-02-01", "signed": "2023-03-01", "from": "2023-04-01"}


def scenario(lever: str, **dates: str):
    return parse_scenario(HEAD + lever + "".join(f"{k} = {v}\n" for k, v in dates.items()))


@pytest.mark.parametrize("lever", [LASTING, PHASED_IN])
def test_both_days_are_told(lever):
    (text,) = describe_differences(scenario(lever, **DATES), load_scenario("baseline"))
    assert "announced on 1 February 2023" in text
    assert "signed on 1 March 2023" in text


@pytest.mark.parametrize("lever", [LASTING, PHASED_IN])
def test_they_change_nothing_in_a_run(lever):
    dates = DATES, {"from": DATES["from"]}
    one, other = (Levers(scenario(lever, **some), CORRIDOR, PARAMETERS) for some in dates)
    assert first_difference(one, other, date(2022, 7, 5), 600) == 600


@pytest.mark.parametrize(("changed", "key"), [
    ({"announced": "2023-03-02"}, "announced"), ({"signed": "2023-04-02"}, "signed"),
    ({"signed": None, "announced": "2023-05-01"}, "announced"),
])  # fmt: skip
@pytest.mark.parametrize("lever", [LASTING, PHASED_IN])
def test_days_out_of_order_are_refused(lever, changed, key):
    dates = {name: day for name, day in {**DATES, **changed}.items() if day}
    with pytest.raises(InputError) as caught:
        scenario(lever, **dates)
    assert caught.value.key.endswith(f"[0].{key}")
    assert str(caught.value.value) == dates[key]
    assert "or earlier" in caught.value.allowed
