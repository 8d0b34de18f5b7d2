"""What is agreed between two authorities on a day is what the calendar of levers applies."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levels import LEVEL_WORDS, level_number, quality_of
from simulation.scenario.levers.sharing import AgreedLevel, levels_on_day
from simulation.scenario.policy import Levers

START = date(2023, 1, 1)
NAMES = ["UK", "EU", "WB6", "EPC", "UK-CI", "RS", "MK", "HU", "DE", "FRONTEX"]
DAYS = st.integers(0, 30).map(lambda days: START + timedelta(days=days))
PARAMETERS = load_parameters()


@st.composite
def levers(draw):
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


@given(st.lists(levers(), max_size=6), st.sampled_from(LEVEL_WORDS), DAYS)
def test_what_is_agreed_is_what_is_applied(corridor, sharing, default, day):
    scenario = of(sharing, default)
    policy = Levers(scenario, corridor, PARAMETERS, origins=()).on(day).sharing
    for (source, receiver), found in levels_on_day(scenario, day, corridor).items():
        if found.own_numbers:
            continue
        here = corridor.authority_index[source], corridor.authority_index[receiver]
        assert policy.coverage[here] == quality_of(found.level, PARAMETERS).coverage


def test_a_ramp_counts_from_its_first_day(corridor):
    lever = {"between": ("UK", "RS"), "level": "full", "from": START, "ramp_days": 90}
    scenario = of([lever])
    before = levels_on_day(scenario, START - timedelta(days=1), corridor)
    assert before["UK-CI", "RS"] == AgreedLevel("none")
    assert levels_on_day(scenario, START, corridor)["UK-CI", "RS"] == AgreedLevel("full")


def test_own_numbers_are_told_until_a_level_replaces_them(corridor):
    own = {"between": ("UK", "RS"), "coverage": 0.4}
    level = {"between": ("UK-CI", "RS"), "level": "low"}
    found = levels_on_day(of([own, level]), START, corridor)
    assert found["UK-BI", "RS"] == AgreedLevel("none", own_numbers=True)
    assert found["UK-CI", "RS"] == AgreedLevel("low")


@pytest.mark.parametrize(("level", "number"), [("none", 0), ("medium", 0.5), (0.625, 0.625)])
def test_a_level_has_a_height(level, number):
    assert level_number(level) == number
