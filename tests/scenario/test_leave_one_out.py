"""A lever is compared with the scenario without it as the obvious way would, and in less work."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from simulation.corridor import load_corridor, load_origins
from simulation.parameters import load_parameters
from simulation.scenario import Scenario, load_scenario, notes, policy_difference
from simulation.scenario.capability import Capability, People
from simulation.scenario.levers.declaration import PartPair, PolicyDifference, equal
from simulation.scenario.levers.registry import LEVERS, PARTS, SECTIONS
from simulation.scenario.notes import notes_of
from simulation.scenario.policy import Levers
from simulation.scenario.policy_difference import LeaveOneOut, PolicyContext, Work
from simulation.scenario.sharing_over_days import SharingOverDays
from tests.scenario.conftest import sharing, staff
from tests.scenario.test_policy import dated

CORRIDOR, ORIGINS, PARAMETERS = load_corridor(), load_origins(), load_parameters()
FIRST, LAST = date(2023, 2, 1), date(2023, 6, 30)
DAYS = [FIRST + timedelta(days=day) for day in range((LAST - FIRST).days + 1)]
RUN = {"run": {"start": FIRST, "end": LAST, "warm_up_days": 0}}
BASES = [load_scenario(name).with_("Months", **RUN) for name in ("no-sharing", "baseline")]
CONTEXT = PolicyContext(CORRIDOR, ORIGINS, PARAMETERS, FIRST, LAST)


def test_two_scenarios_that_differ_in_the_usual_sharing_alone_differ():
    base = BASES[1]
    more = base.with_("More", sharing_default={"level": "full"})
    difference = policy_difference.compare_policies(base, more, CONTEXT)
    assert difference.differs
    assert not difference.inert
    assert not notes_of([base, more])


def obviously(scenario: Scenario, section: str, number: int) -> PolicyDifference:
    """All parts on all days of a scenario with and without a lever, up to what reaches somebody."""
    both = scenario, scenario.without(section, number)
    mine, theirs = (Levers(one, CORRIDOR, PARAMETERS, ORIGINS.origins) for one in both)
    raiding, listing = (
        {
            code
            for lever in getattr(scenario, name)
            if lever.span.overlaps(FIRST.toordinal(), LAST.toordinal())
            for code in CORRIDOR.members(lever.authority)
        }
        for name in ("raid", "freeze")
    )
    shared = [levers.on(day).sharing for levers in (mine, theirs) for day in DAYS]
    able = Capability(CORRIDOR, PARAMETERS, raiding, shared, listing)
    people = (People(both[0], CORRIDOR, ORIGINS), People(both[1], CORRIDOR, ORIGINS))
    result = PolicyDifference(able, CORRIDOR, people)
    for kind in LEVERS:
        kind.compare_start(*both, CONTEXT, result)
    for day in DAYS:
        if result.reaches:
            break
        policies = mine.on(day), theirs.on(day)
        for part in PARTS:
            pair = PartPair(*(part.of(policy) for policy in policies), *policies, day.year)
            part.compare(result, pair)
    return result


days = st.sampled_from(DAYS[::9])
LEVERS_DRAWN = {
    "sharing": dated(
        between=st.sampled_from(
            [["UK", "RS"], ["UK-IN", "EPC"], ["FRONTEX", "CH"], ["UK-IN", "EUROPOL"], ["EU", "EU"]]
        ),
        level=st.sampled_from(["none", "low", "high", "full"]),
        one_way=st.booleans(),
    ),
    "staff": dated(
        authority=st.sampled_from(["FR", "UK-IN", "EUROPOL"]),
        kind=st.just("analysis"),
        add=st.sampled_from([0, 20]),
    ),
    "funding": dated(
        authority=st.just("UK"),
        amount=st.just({"GBP": 9e7}),
        per=st.just("year"),
        spend_on=st.sampled_from([{"analysis": 1.0}, {"boat_supply": 0.5, "analysis": 0.5}]),
    ),
    "operation": dated(
        authority=st.sampled_from(["HU", "RS"]), kind=st.just("arrests"),
        strength=st.sampled_from([1.0, 4.0]),
    ),
    "visa": dated(
        authority=st.just("RS"), origins=st.sampled_from([["turkey"], ["iraq"]]),
        effect=st.sampled_from([0.0, 0.5, 1.0]),
    ),
    "taxi_boats": dated(share=st.sampled_from([0.0, 0.5])),
    "interception_at_sea": dated(authority=st.just("FR"), units=st.just(3.0)),
    "wave": dated(origins=st.just(["albania"]), route=st.just("air")),
    "shock": st.fixed_dictionaries({"on": days, "size": st.sampled_from([0.0, 1.0, 2.0])}),
    "raid": st.fixed_dictionaries(
        {"authority": st.just("FR"), "arrests": st.just(5), "on": days}
    ),
    "boats": st.fixed_dictionaries(
        {"from": days, "size": st.sampled_from([0.5, 1.0]), "ramp_days": st.just(30)}
    ),
}  # fmt: skip


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Some levers of one or two kinds over a base."""
    keys: dict[str, list[object]] = {}
    for kind in draw(st.lists(st.sampled_from(sorted(LEVERS_DRAWN)), min_size=1, max_size=2)):
        keys.setdefault(kind, []).extend(draw(st.lists(LEVERS_DRAWN[kind], min_size=1, max_size=3)))
    return draw(st.sampled_from(BASES)).with_("Drawn", **keys)


def one_day_of_sharing() -> Scenario:
    """Levers of one pair of which the last takes over while another grows."""
    begins, pair = date(2023, 5, 21), {"between": ["UK", "RS"]}
    levers = [
        {"level": "none", "from": begins},
        {"level": "low", "from": begins, "ramp_days": 5},
        {"level": "none", "from": begins + timedelta(days=2)},
    ]
    return BASES[0].with_("Drawn", sharing=[pair | lever for lever in levers])


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios())
@example(one_day_of_sharing())
def test_a_lever_is_compared_as_on_all_days(scenario: Scenario) -> None:
    compared = LeaveOneOut(scenario, CONTEXT)
    for section in SECTIONS:
        for number, lever in enumerate(getattr(scenario, section)):
            if lever in BASES[1].levers:
                continue
            slow, fast = obviously(scenario, section, number), compared.compare(section, number)
            assert (slow.differs, slow.reaches) == (fast.differs, fast.reaches), lever
            if not slow.reaches:
                assert slow.leaks == fast.leaks
                assert (slow.sources, slow.receivers) == (fast.sources, fast.receivers)
                assert equal(slow.capability.informed, fast.capability.informed)


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(scenario=scenarios(), data=st.data())
def test_the_policy_without_a_lever_is_that_of_the_scenario_without_it(
    scenario: Scenario, data: st.DataObject
) -> None:
    section = data.draw(st.sampled_from([name for name in SECTIONS if getattr(scenario, name)]))
    number = data.draw(st.integers(0, len(getattr(scenario, section)) - 1))
    levers = Levers(scenario, CORRIDOR, PARAMETERS, ORIGINS.origins)
    other = Levers(scenario.without(section, number), CORRIDOR, PARAMETERS, ORIGINS.origins)
    without = levers.without(section, number)
    over_days = SharingOverDays(scenario, CORRIDOR, PARAMETERS, [day.toordinal() for day in DAYS])
    for row, day in enumerate(DAYS[::7]):
        assert equal(without.on(day), other.on(day))
        assert equal(over_days.on(7 * row), levers.on(day).sharing)


# -- work ------------------------------------------------------------------------------------------


def many(kind: str, count: int) -> Scenario:
    """A scenario with so many levers of a kind, each with days and a ramp of its own."""
    lever = {
        "sharing": lambda n: sharing("UK", ("RS", "MK", "HU")[n % 3], n % 7 / 7),
        "staff": lambda n: staff("FR", "investigation", change=1.5 + n),
        "operation": lambda n: {"authority": "RS", "places": ["subotica"], "strength": 2.0 + n},
        "visa": lambda n: {"authority": "RS", "origins": ["iraq"], "effect": 0.1},
    }[kind]
    levers = [{**lever(n), "from": DAYS[1 + n % 100], "ramp_days": 20} for n in range(count)]
    return BASES[0].with_("Many", **{kind: levers})


@pytest.mark.parametrize("kind", ["sharing", "staff", "operation", "visa"])
def test_twice_as_many_levers_take_at_most_about_twice_as_many_policies(kind, monkeypatch):
    counted: list[int] = []
    on, without = Levers.on, SharingOverDays.without

    def count_on(self, day):
        counted.append(1)
        return on(self, day)

    def count_without(self, lever, days):
        counted.append(len(days))
        return without(self, lever, days)

    monkeypatch.setattr(Levers, "on", count_on)
    monkeypatch.setattr(SharingOverDays, "without", count_without)

    def policies(count: int) -> int:
        scenario = many(kind, count)
        counted.clear()
        notes_of([scenario])
        return sum(counted)

    some, twice = policies(20), policies(40)
    assert twice <= 2.5 * some
    assert twice <= 40 * 12


def test_beyond_the_work_allowed_one_line_says_how_many_levers_were_not_checked(monkeypatch):
    monkeypatch.setattr(notes, "Work", lambda: Work(100))
    (note,) = [note for note in notes_of([many("staff", 30)]) if note.kind == "unchecked"]
    assert "of the" in note.text
    assert policy_difference.Work().left > 100
