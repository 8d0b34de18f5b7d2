"""The first day on which two scenarios can differ, until when their runs agree; what is usual."""

from __future__ import annotations

import inspect
import re
import tomllib
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from simulation import Crossings
from simulation.corridor import load_corridor
from simulation.model.corridor_model import CorridorModel, run
from simulation.model.processes.building import build_world
from simulation.parameters import load_parameters
from simulation.scenario import Scenario, load_scenario, shipped_scenarios
from simulation.scenario.levers.base import PhasedIn
from simulation.scenario.levers.declaration import equal
from simulation.scenario.levers.registry import LEVER_OF, SECTIONS
from simulation.scenario.policy import Levers, first_difference, reference_policy
from tests.runs import differences

CORRIDOR = load_corridor()
START, WARM_UP, DAYS = date(2023, 6, 10), 20, 30
FIRST = START - timedelta(days=WARM_UP)
BASE = load_scenario("baseline").with_(
    run={"start": START, "end": START + timedelta(days=DAYS - 1), "warm_up_days": WARM_UP}
)


def levers_of(scenario: Scenario) -> Levers:
    return Levers(scenario, CORRIDOR, load_parameters(scenario.parameters))


def shared_days(one: Scenario, other: Scenario) -> int:
    return first_difference(levers_of(one), levers_of(other), FIRST, WARM_UP + DAYS)


def sharing(day: date | None = None, **more) -> dict[str, list[dict]]:
    dated = {} if day is None else {"from": day}
    return {"sharing": [{"between": ["UK", "RS"], "level": "full", **dated, **more}]}


@pytest.mark.parametrize(("day", "ramp"), [(1, 0), (7, 0), (20, 0), (49, 0), (20, 10)])
def test_a_dated_lever_differs_from_its_day_on_and_a_ramp_from_the_day_after(day, ramp):
    later = BASE.with_(**sharing(FIRST + timedelta(days=day), ramp_days=ramp))
    assert shared_days(BASE, later) == shared_days(later, BASE) == day + (ramp > 0)


@pytest.mark.slow
def test_policies_are_equal_on_the_days_before_a_lever_that_one_of_two_scenarios_has():
    """What is not compared day by day would be found equal on each of its days."""
    compared = 0
    for name in shipped_scenarios():
        base, other = load_scenario("outlook"), load_scenario(name)
        if other.run != base.run:
            continue
        first, pair = base.run.first_simulated, (levers_of(base), levers_of(other))
        days = pair[0].days_in_common(pair[1], first, (base.run.end - first).days + 1)
        on = (first + timedelta(days=day) for day in range(days))
        assert all(equal(*(levers.on(day) for levers in pair)) for day in on), name
        compared += days
    assert compared > 3_000


@pytest.mark.parametrize(
    ("keys", "days"),
    [
        (sharing(), 0), ({"sharing_default": {"level": "full"}}, 0),
        ({"adaptation": {"price": False}}, 0), ({"entries": {"balkan": 1.1}}, 0),
        ({"parameters": {"channel.load_start": 58.0}}, 0),
        # drawn for the whole run before its first day
        ({"wave": [{"origins": ["albania"], "route": "resident", "from": START}]}, 0),
        ({"title": "Other", "description": "words"}, WARM_UP + DAYS),
    ],
)  # fmt: skip
def test_what_acts_from_the_beginning_differs_from_the_first_morning_and_words_never(keys, days):
    assert shared_days(BASE, BASE.with_(**keys)) == days


def test_other_parameters_of_a_case_differ_from_the_first_morning():
    other = Levers(BASE, CORRIDOR, load_parameters({"channel.load_start": 58.0}))
    assert first_difference(levers_of(BASE), other, FIRST, WARM_UP + DAYS) == 0


def test_a_section_is_in_the_policy_of_a_day_or_in_the_background():
    """The example of each lever, in force from the first day, is seen in one of the two."""
    bare = BASE.with_(clear=list(SECTIONS))
    for kind in LEVER_OF.values():
        ((section, (example,)),) = tomllib.loads(kind.example()).items()
        for key in ("from", "to", "on", "ramp_days", "announced", "signed"):
            example.pop(key, None)
        if issubclass(kind, PhasedIn):
            example["from"] = START
        elif "on" in kind.model_fields:
            example["on"] = FIRST
        assert shared_days(bare, bare.with_(**{section: [example]})) == 0, section


def test_a_model_reads_the_scenario_without_its_dated_levers():
    """What lies ahead cannot reach a process: `Levers` gives it by the day and in no other way."""
    levers = levers_of(BASE.with_(**sharing(START)))
    assert not hasattr(levers, "scenario")
    assert levers.background.sharing == ()
    built = inspect.getsource(CorridorModel.__init__)
    after = built.split("Levers(scenario, ")[1]
    assert not {"scenario", "what_if"} & set(re.findall(r"\w+", after))
    assert "scenario" not in inspect.signature(build_world).parameters


@pytest.mark.parametrize(("one", "other", "alike"), [
    ((1.0, {"a": np.arange(3)}), (1.0, {"a": np.arange(3)}), True),
    (float("nan"), float("nan"), True), (0.0, -0.0, False), (np.zeros(2), -np.zeros(2), False),
    (np.zeros(2), np.zeros(2, dtype=np.float32), False), (1, 1.0, False),
    (object(), object(), False),  # what is not known counts as different
])  # fmt: skip
def test_equal_is_equal_to_the_last_bit(one, other, alike):
    assert equal(one, other) == alike


# -- what is usual, whatever a scenario changes ----------------------------------------------------

#: levers in force on the first morning
FROM_THE_START = {
    "staff": {"authority": "FR", "kind": "coast_patrol", "change": 3.0},
    "funding": {
        "authority": "FR",
        "amount": {"EUR": 1e8},
        "per": "year",
        "spend_on": {"coast_patrol": 1.0},
    },
    "operation": {"authority": "RS", "places": ["subotica"], "strength": 20.0},
    "freight": {"search": 0.3, "from": date(2024, 1, 1)},
    "boats": {"size": 0.5, "from": date(2024, 1, 1)},
    "sharing": {"between": ["UK", "RS"], "level": "full"},
}


def first_morning(crossings):
    """What is taken for usual, and where patrols and operators stand."""
    smugglers = crossings.smugglers
    return {
        "risk": crossings.processes.market.usual_risk,
        "belief": crossings.world.legs.belief,
        "patrols": crossings.units.leg,
        "pictures": crossings.world.beliefs.activity,
        "paid": crossings.world.share_paid,
        **{name: getattr(smugglers, name) for name in ("capacity", "cost", "place", "load")},
    }


def in_force(crossings):
    """The policy of the day."""
    policy = crossings.world.policy
    return (
        policy.sharing.coverage, policy.staff, policy.patrol_surge, policy.boat_size,
        policy.freight_search,
    )  # fmt: skip


@pytest.mark.parametrize("section", FROM_THE_START)
def test_a_lever_in_force_from_the_start_is_not_taken_for_usual(section):
    baseline = load_scenario("baseline")
    changed = baseline.with_(**{section: [FROM_THE_START[section]]})
    models = [Crossings(one, rng=1, scale=0.02, days=30) for one in (baseline, changed)]
    expected, morning = map(first_morning, models)
    for name, values in expected.items():
        assert np.array_equal(morning[name], values), name
    for model in models:
        model.step()
    assert not equal(*map(in_force, models)), "it is in force on the first morning all the same"


def test_policies_of_the_time_are_part_of_what_is_usual():
    history, baseline = load_scenario("history"), load_scenario("baseline")
    expected = levers_of(history).on(history.run.first_simulated)
    for scenario in (history, baseline, baseline.with_(clear=["staff", "sharing"])):
        assert equal(reference_policy(levers_of(scenario), scenario.run.first_simulated), expected)


# -- made scenarios -------------------------------------------------------------------------------

days = st.integers(0, WARM_UP + DAYS - 1).map(lambda day: FIRST + timedelta(days=day))


@st.composite
def dated(draw, **choices):
    """A lever with some of its days."""
    lever = {key: draw(value) for key, value in choices.items()}
    first = draw(st.integers(0, 5).flatmap(lambda n: st.none() if n == 5 else days))
    if first is not None:
        lever["from"] = first
        lever["ramp_days"] = draw(st.sampled_from([0, 5, 40]))
    last = draw(st.none() | days)
    if last is not None:
        assume(first is None or last >= first)
        lever["to"] = last
    return lever


LEVERS = {
    "sharing": dated(
        between=st.sampled_from([["UK", "RS"], ["UK", "FR"], ["WB6", "EU"]]),
        level=st.sampled_from(["none", "high", "full"]),
    ),
    "staff": dated(
        authority=st.just("FR"),
        kind=st.sampled_from(["coast_patrol", "border_patrol", "investigation", "analysis"]),
        add=st.sampled_from([20, 90]),
    ),
    "operation": dated(
        authority=st.just("HU"), places=st.just(["szeged"]), strength=st.sampled_from([0.5, 4.0])
    ),
    "visa": dated(authority=st.just("RS"), origins=st.just(["turkey"])),
    "returns": dated(partner=st.just("albania")),
    "legal_route": dated(
        origins=st.just(["syria", "afghanistan"]), people_per_year=st.sampled_from([500, 9000])
    ),
    "wave": dated(origins=st.just(["albania"]), route=st.just("resident")),
    "shock": st.fixed_dictionaries({"on": days, "size": st.sampled_from([0.0, 0.5, 2.0])}),
    "raid": st.fixed_dictionaries(
        {"authority": st.just("FR"), "arrests": st.just(5), "boats": st.just(9), "on": days}
    ),
}


@st.composite
def scenarios(draw):
    """The baseline with some levers of some kinds."""
    keys: dict[str, list] = {}
    for kind in draw(st.lists(st.sampled_from(sorted(LEVERS)), min_size=1, max_size=2)):
        keys.setdefault(kind, []).append(draw(LEVERS[kind]))
    return keys


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
@given(one=scenarios(), other=scenarios(), common=scenarios())
def test_two_runs_are_the_same_until_the_day_before(one, other, common):
    def built(keys):
        return BASE.with_(**{k: common.get(k, []) + keys.get(k, []) for k in {**common, **keys}})

    scenario, another = built(one), built(other)
    shared = shared_days(scenario, another)
    policies = [levers_of(s).on(FIRST + timedelta(days=shared)) for s in (scenario, another)]
    if 0 < shared < WARM_UP + DAYS:
        assert not equal(*policies), "no earlier than it must be"
    mine, theirs = (Crossings(s, rng=3, scale=0.02) for s in (scenario, another))
    if shared == 0:
        return
    assert differences(mine, theirs) == [], "on the first morning"
    for model in (mine, theirs):
        run(model, until=shared)
    assert differences(mine, theirs) == []
