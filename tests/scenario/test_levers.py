"""What policy is in force on a day: directions, ramps, ends."""

from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.scenario import Scenario
from simulation.scenario.levels import LEVEL_WORDS, quality_of
from simulation.scenario.levers.declaration import Inputs, equal
from simulation.scenario.levers.operation import Operation
from simulation.scenario.levers.registry import PARTS
from simulation.scenario.levers.sharing import levels_on_day
from simulation.scenario.levers.times import wave_people
from simulation.scenario.policy import Levers
from tests.scenario.conftest import ORIGINS


@pytest.fixture
def levers(write, load, corridor, parameters):
    return lambda text, **more: Levers(load(write(text, **more)), corridor, parameters, ORIGINS)


@pytest.fixture
def on(levers):
    """The policy of a scenario on a day in the middle of its run."""
    return lambda text, day=date(2023, 6, 6): levers(text).on(day)


def at(corridor, policy, quality, source, receiver):
    index = corridor.authority_index
    return getattr(policy.sharing, quality)[index[source], index[receiver]]


AGREEMENT = """
sharing_default = { level = "low" }
[[sharing]]
between = ["UK", "RS"]
level = "high"
from = 2023-03-01
to = 2023-12-31
ramp_days = 100
"""


def test_sharing_rises_along_its_ramp_and_ends(levers, corridor, parameters):
    calendar = levers(AGREEMENT)
    low, high = parameters.sharing.low_coverage, parameters.sharing.high_coverage

    def coverage(day):
        return at(corridor, calendar.on(day), "coverage", "RS", "UK-CI")

    start = date(2023, 3, 1)
    assert coverage(start - timedelta(1)) == low
    assert coverage(start) == low
    assert coverage(start + timedelta(50)) == pytest.approx((low + high) / 2)
    assert coverage(start + timedelta(99)) < high
    assert coverage(start + timedelta(100)) == high
    assert coverage(date(2023, 12, 31)) == high
    assert coverage(date(2024, 1, 1)) == low


def test_sharing_touches_only_the_pairs_named_in_both_directions(on, corridor):
    before, after = (
        on(text, date(2023, 12, 1)).sharing
        for text in ('sharing_default = { level = "low" }', AGREEMENT)
    )
    changed = {
        (corridor.authorities[a].code, corridor.authorities[b].code)
        for a, b in np.argwhere(before.coverage != after.coverage)
    }
    uk = ("UK-CI", "UK-BI", "UK-IN")
    assert changed == {(u, "RS") for u in uk} | {("RS", u) for u in uk}


def test_one_way_goes_from_the_first_to_the_second(on, corridor):
    policy = on('[[sharing]]\nbetween = ["RS", "HU"]\nlevel = "full"\none_way = true')
    assert at(corridor, policy, "coverage", "RS", "HU") == 1
    assert at(corridor, policy, "coverage", "HU", "RS") == 0


def test_a_later_entry_wins_and_may_change_a_single_quality(levers, corridor, parameters):
    calendar = levers(
        '[[sharing]]\nbetween = ["EPC", "EPC"]\nlevel = "medium"\n'
        '[[sharing]]\nbetween = ["RS", "MK"]\nleak = 0.5\nfrom = 2023-06-01'
    )
    policy = calendar.on(date(2023, 6, 1))
    assert at(corridor, policy, "leak", "RS", "MK") == 0.5
    assert at(corridor, policy, "coverage", "RS", "MK") == parameters.sharing.medium_coverage
    assert at(corridor, policy, "leak", "RS", "HU") == parameters.sharing.medium_leak
    assert at(corridor, calendar.on(date(2023, 5, 31)), "leak", "RS", "MK") < 0.5


@pytest.mark.parametrize(("day", "allowed"), [
    (date(2023, 6, 8), False), (date(2023, 6, 9), True), (date(2024, 1, 1), False),
])  # fmt: skip
def test_permission_to_pass_on_waits_for_the_end_of_the_ramp(on, corridor, day, allowed):
    policy = on(AGREEMENT.replace('"high"', '"full"'), day)
    assert at(corridor, policy, "third_party", "RS", "UK-CI") == allowed


def test_a_number_lies_between_the_words(on, corridor, parameters):
    policy, sharing = on("sharing_default = { level = 0.375 }"), parameters.sharing
    expected = (sharing.low_coverage + sharing.medium_coverage) / 2
    assert at(corridor, policy, "coverage", "MK", "FR") == pytest.approx(expected)


def test_staff_changes_multiply_or_add_and_end(levers, corridor):
    calendar = levers(
        '[[staff]]\nauthority = "RS"\nkind = "checkpoint"\nchange = 1.5\nfrom = 2023-02-01\n'
        "to = 2023-02-28\n"
        '[[staff]]\nauthority = "WB6"\nkind = "analysis"\nadd = 6\n'
    )
    rs, mk = corridor.authority_index["RS"], corridor.authority_index["MK"]
    base = corridor.staff["checkpoint"]
    assert calendar.on(date(2023, 1, 31)).staff["checkpoint"][rs] == base[rs]
    assert calendar.on(date(2023, 2, 28)).staff["checkpoint"][rs] == 1.5 * base[rs]
    assert calendar.on(date(2023, 3, 1)).staff["checkpoint"][rs] == base[rs]
    analysis = calendar.on(date(2023, 3, 1)).staff["analysis"]
    assert analysis[mk] == pytest.approx(1 + 6 / 3)
    assert analysis[rs] == pytest.approx(2 + 6 * 2 / 3)
    assert analysis[corridor.authority_index["HU"]] == 3


def test_staff_never_falls_below_zero(on):
    staff = on('[[staff]]\nauthority = "RS"\nkind = "checkpoint"\nadd = -100').staff
    assert staff["checkpoint"].min() == 0


def test_uk_money_reaches_who_does_the_work(levers, corridor, parameters):
    calendar = levers(
        '[[funding]]\nauthority = "UK"\namount = { GBP = 10_000_000 }\nper = "year"\n'
        "from = 2023-06-01\nspend_on = { investigation = 0.4, coast_patrol = 0.3, analysis = 0.3 }"
    )
    before, after = calendar.on(date(2023, 5, 31)).staff, calendar.on(date(2023, 6, 1)).staff
    eur = 10e6 * parameters.policy.gbp_eur
    policy = parameters.policy
    expected = {
        "investigation": ("UK-CI", 0.4 * eur / policy.cost_investigation_unit_year),
        "coast_patrol": ("FR", 0.3 * eur / policy.cost_coast_patrol_unit_year),
        "analysis": ("UK-IN", 0.3 * eur / policy.cost_analysis_unit_year),
    }
    for kind, (code, units) in expected.items():
        bought = after[kind] - before[kind]
        assert bought[corridor.authority_index[code]] == pytest.approx(units)
        assert np.count_nonzero(bought) == 1


def test_a_beneficiary_gets_the_money(on, corridor):
    after = on(
        '[[funding]]\nauthority = "UK"\nbeneficiary = "RS"\namount = { EUR = 1e6 }\nper = "year"\n'
        "spend_on = { investigation = 1.0 }"
    )
    bought = after.staff["investigation"] - corridor.staff["investigation"]
    assert np.flatnonzero(bought).tolist() == [corridor.authority_index["RS"]]


OVER = """
[[funding]]
authority = "UK"
amount = {{ EUR = 1e6 }}
over = {}
spend_on = {{ coast_patrol = 0.5, boat_supply = 0.5 }}
"""


@pytest.mark.parametrize(("months", "ramp"), [
    *((["2023-03", "2023-04"], days) for days in (0, 1, 30, 61, 700)),
    (["2024-01", "2024-12"], 90), (["2023-02", "2023-02"], 0), (["2023-01", "2024-12"], 0),
])  # fmt: skip
def test_money_over_some_months_is_all_spent_in_them(levers, corridor, parameters, months, ramp):
    calendar = levers(OVER.format(months) + f"ramp_days = {ramp}")
    policy = parameters.policy
    fr, hu = (corridor.authority_index[code] for code in ("FR", "HU"))
    days = [calendar.on(date(2023, 1, 1) + timedelta(i)) for i in range(731)]
    units = sum(day.staff["coast_patrol"][fr] - corridor.staff["coast_patrol"][fr] for day in days)
    assert units / 365.25 * policy.cost_coast_patrol_unit_year == pytest.approx(0.5e6)
    effort = sum(2 * (day.supply_surge[hu] - 1) for day in days)  # in Hungary and in Germany
    assert effort / 365.25 * policy.cost_boat_supply_unit_year == pytest.approx(0.5e6)


def test_nobody_of_a_group_gets_staff_that_would_have_no_effect(write, load, corridor, parameters):
    kind = np.array(corridor.staff["coast_patrol"])
    kind[:] = 0.0
    staff = {**corridor.staff, "coast_patrol": kind}
    bare = type(corridor)(**{**vars(corridor), "staff": staff})
    text = '[[staff]]\nauthority = "EU"\nkind = "coast_patrol"\nadd = 6'
    after = Levers(load(write(text)), bare, parameters, ORIGINS)
    units = after.on(date(2023, 5, 1)).staff["coast_patrol"]
    assert units[corridor.authority_index["FR"]] == 6
    assert units.sum() == 6


def test_money_against_boats_adds_effort_along_the_supply_chain(levers, corridor, parameters):
    cost = parameters.policy.cost_boat_supply_unit_year
    calendar = levers(
        f'[[funding]]\nauthority = "UK"\namount = {{ EUR = {2 * cost} }}\nper = "year"\n'
        "spend_on = { boat_supply = 1.0 }\nfrom = 2023-06-01"
    )
    assert (calendar.on(date(2023, 5, 31)).supply_surge == 1).all()
    expected = [2.0 if code in ("HU", "DE") else 1.0 for code in corridor.authority_index]
    assert calendar.on(date(2023, 6, 1)).supply_surge == pytest.approx(np.array(expected))


def test_a_patrol_operation_covers_the_legs_at_its_place_on_its_own_ground(levers, corridor):
    text = (
        '[[operation]]\nauthority = "{}"\nplaces = ["{}"]\nstrength = 4\nfrom = 2023-06-01\n'
        "to = 2023-07-31\nramp_days = 10"
    )
    calendar = levers(text.format("RS", "subotica"))
    assert (calendar.on(date(2023, 5, 31)).patrol_surge == 1).all()
    serbia = corridor.authority_index["RS"]
    early, late = (calendar.on(date(2023, *day)).patrol_surge for day in ((6, 6), (7, 31)))
    assert early[serbia].tolist() == [1, 2.5, 2.5, 1, 1]
    assert late[serbia].tolist() == [1, 4, 4, 1, 1]
    assert (np.delete(late, serbia, axis=0) == 1).all()
    assert (calendar.on(date(2023, 8, 1)).patrol_surge == 1).all()


HUB = '[[operation]]\nauthority = "FRONTEX"\nplaces = ["gevgelija"]\nstrength = 2'
ONE = '[[operation]]\nauthority = "HU"\nlegs = ["subotica>szeged:road"]\nstrength = 3\n'


@pytest.mark.parametrize(("text", "ground", "legs"), [
    (HUB, "MK", [2, 1, 1, 1, 1]), (ONE + ONE, "HU", [1, 1, 9, 1, 1]),
], ids=["of a hub, that of its host", "two on one leg multiply"])  # fmt: skip
def test_an_operation_acts_on_one_ground_alone(on, corridor, text, ground, legs):
    surge = on(text).patrol_surge
    assert surge[corridor.authority_index[ground]].tolist() == legs
    assert surge.sum() == surge.size + sum(legs) - len(legs)


def test_arrests_surge_at_places_or_everywhere(on, corridor):
    policy = on(
        '[[operation]]\nauthority = "RS"\nkind = "arrests"\nplaces = ["subotica"]\nstrength = 3\n'
        '[[operation]]\nauthority = "MK"\nkind = "arrests"\nstrength = 2\n'
        '[[operation]]\nauthority = "DE"\nkind = "boat_supply"\nstrength = 5\n'
    )
    index = corridor.authority_index
    assert policy.arrest_surge[index["RS"]].tolist() == [1, 1, 3, 1, 1, 1]
    assert policy.arrest_surge[index["MK"]].tolist() == [2] * 6
    assert policy.arrest_surge.sum() == policy.arrest_surge.size + 2 + 6
    assert policy.supply_surge[index["DE"]] == 5
    assert policy.supply_surge.sum() == len(corridor.authorities) + 4
    assert (policy.patrol_surge == 1).all()


@pytest.mark.parametrize(
    ("authority", "expected"),
    [("FR", ["FR"]), ("FRONTEX", ["HU"]), ("EU", ["DE", "FR", "HU"]), ("WB6", ["MK", "RS"])],
)
def test_arrests_are_of_members_and_those_of_a_hub_of_its_host(corridor, authority, expected):
    """Not even the owner of the ground makes more because somebody else operates there."""
    operation = Operation(authority=authority, kind="arrests", places=["szeged"], strength=2.0)
    arrests_of = next(part for part in PARTS if part.name == "arrest_surge")
    alone = SimpleNamespace(of=lambda _: [operation])
    arrests = arrests_of.value(Inputs(alone, corridor, None, ()), START.toordinal())
    more = {(corridor.authorities[row].code, at) for row, at in np.argwhere(arrests == 2)}
    assert more == {(code, corridor.place_index["szeged"]) for code in expected}
    assert arrests.sum() == arrests.size + len(more)


def test_a_visa_closes_entry_places_to_its_origins(levers, parameters):
    calendar = levers(
        '[[visa]]\nauthority = "RS"\norigins = ["visa_free_serbia"]\nfrom = 2023-02-01\n'
        "[entries]\nbalkan = 0.5"
    )
    before, after = calendar.on(date(2023, 1, 31)), calendar.on(date(2023, 2, 1))
    assert before.entry_factor[:, 1].tolist() == [1, 1, 1]
    assert after.entry_factor[:, 1].tolist() == [1, 1, 1 - parameters.policy.visa_effect]
    assert (after.entry_factor[:, [0, 2, 3, 4, 5]] == 1).all()


def test_returns_and_legal_routes_act_on_their_origins(levers, parameters):
    calendar = levers(
        '[[returns]]\npartner = "albania"\nfrom = 2023-02-01\n'
        '[[legal_route]]\norigins = ["afghanistan", "albania"]\npeople_per_year = 7305\n'
        "from = 2023-02-01\nto = 2023-02-28"
    )
    policy = calendar.on(date(2023, 2, 28))
    assert policy.returns_factor.tolist() == [1, 1 - parameters.policy.returns_effect, 1]
    assert policy.legal_route_people.tolist() == pytest.approx([10, 10, 0])
    assert calendar.on(date(2023, 1, 31)).returns_factor.tolist() == [1, 1, 1]
    assert calendar.on(date(2023, 3, 1)).legal_route_people.tolist() == [0, 0, 0]


@pytest.mark.parametrize(("section", "key", "part", "record"), [
    ("boats", "size", "boat_size", "channel.boat_size_before"),
    ("freight", "search", "freight_search", "patrol.freight_before"),
])  # fmt: skip
def test_what_was_less_before_grows_to_what_is_today(
    levers, parameters, section, key, part, record
):
    calendar = levers(f"[[{section}]]\n{key} = 0.5\nfrom = 2023-02-01\nramp_days = 20")
    days = (date(2023, 1, 1), date(2023, 2, 1), date(2023, 2, 11), date(2023, 2, 21))
    assert [calendar.on(day).part(part) for day in days] == pytest.approx([0.5, 0.5, 0.75, 1.0])
    usual = levers(f"[[{section}]]\nfrom = 2023-02-01").on(date(2023, 1, 31))
    assert usual.part(part) == parameters.record(record).value


def test_waves_add_up_and_say_nothing_of_other_days(levers, parameters):
    calendar = levers(
        '[[wave]]\norigins = ["albania", "afghanistan"]\nroute = "balkan"\n'
        "people_per_year = 7305\nfrom = 2023-02-01\nto = 2023-02-02\n"
        '[[wave]]\norigins = ["albania"]\nroute = "balkan"\nfrom = 2023-02-02'
    )
    people = wave_people(calendar.background, parameters, date(2023, 1, 31).toordinal(), 4)
    assert people["balkan", "afghanistan"].tolist() == pytest.approx([0, 10, 10, 0])
    more = parameters.entries.wave_people / 365.25
    assert people["balkan", "albania"].tolist() == pytest.approx([0, 10, 10 + more, more])


def test_days_without_change_share_one_object(levers):
    calendar = levers(AGREEMENT)
    assert calendar.on(date(2023, 1, 1)) is calendar.on(date(2023, 2, 28))
    assert calendar.on(date(2023, 3, 2)) is not calendar.on(date(2023, 3, 3))
    assert calendar.on(date(2023, 7, 1)) is calendar.on(date(2023, 12, 31))
    assert calendar.on(date(2023, 3, 2)).staff is calendar.on(date(2023, 3, 3)).staff


def test_nothing_can_be_changed(levers):
    policy = levers(AGREEMENT).on(date(2023, 4, 1))
    names = ("patrol_surge", "arrest_surge", "entry_factor", "supply_surge")
    arrays = [*policy.staff.values(), *(getattr(policy, name) for name in names)]
    arrays += [policy.sharing.coverage, policy.sharing.third_party]
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array.flat[0] = 0


def test_the_answer_does_not_depend_on_the_order_of_asking(levers):
    days = [date(2023, 1, 1) + timedelta(i) for i in range(400)]
    forward, backward = levers(AGREEMENT), levers(AGREEMENT)
    behind = {day: backward.on(day) for day in reversed(days)}
    for day in days:
        assert equal(forward.on(day), behind[day])


# -- what is agreed is what is applied -------------------------------------------------------------

START = date(2023, 1, 1)
NAMES = ["UK", "EU", "WB6", "EPC", "UK-CI", "RS", "MK", "HU", "DE", "FRONTEX"]
DAYS = st.integers(0, 30).map(lambda days: START + timedelta(days=days))


@st.composite
def agreements(draw):
    first = draw(st.sampled_from(NAMES))
    second = draw(st.sampled_from(NAMES).filter(lambda name: not {name, first} <= {"UK-CI", "UK"}))
    if first == second and first not in ("UK", "EU", "WB6", "EPC"):
        second = "FR"
    lever = {"between": (first, second), "one_way": draw(st.booleans())}
    if draw(st.integers(0, 4)):
        lever["level"] = draw(st.sampled_from(LEVEL_WORDS) | st.floats(0, 1))
    else:
        lever["coverage"] = 0.3
    dates = sorted([draw(DAYS), draw(DAYS)])
    if draw(st.booleans()):
        lever["from"] = dates[0]
    if draw(st.booleans()):
        lever["to"] = dates[1]
    return lever


def of(sharing, default="none"):
    run, usual = {"start": START, "end": date(2023, 12, 31)}, {"level": default}
    return Scenario(title="x", run=run, sharing=sharing, sharing_default=usual)


@given(st.lists(agreements(), max_size=6), st.sampled_from(LEVEL_WORDS), DAYS)
def test_what_is_agreed_is_what_is_applied(corridor, parameters, sharing, default, day):
    scenario = of(sharing, default)
    policy = Levers(scenario, corridor, parameters, origins=()).on(day).sharing
    for (source, receiver), agreed in levels_on_day(scenario, day, corridor).items():
        if agreed.own_numbers:
            continue
        here = corridor.authority_index[source], corridor.authority_index[receiver]
        assert policy.coverage[here] == quality_of(agreed.level, parameters).coverage
