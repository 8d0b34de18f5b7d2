"""A lever that replaces an earlier one from a day leaves what was before that day as it was."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.describe import describe_differences
from simulation.scenario.policy import Levers

BASE = """
title = "Base"
extends = "baseline"

[[staff]]
name = "old"
authority = "FR"
kind = "analysis"
add = 6
from = 2023-03-01
"""
CHANGE = {
    "name": "new", "replaces": "old", "authority": "FR", "kind": "analysis", "add": 9,
    "from": date(2024, 1, 1),
}  # fmt: skip


@pytest.fixture(scope="module")
def base():
    return Scenario.from_toml(BASE)


def units(scenario, day):
    """Analysts of France beyond the usual, on a day."""
    corridor = load_corridor()
    levers = Levers(scenario.model_copy(update={"funding": ()}), corridor, load_parameters())
    more = levers.on(day).staff["analysis"] - corridor.staff["analysis"]
    return float(more[corridor.authority_index["FR"]])


def test_what_was_before_the_day_of_the_change_stays(base):
    changed = base.with_(staff=[CHANGE])
    days = {"2023-02-28": 0, "2023-03-01": 6, "2023-12-31": 6, "2024-01-01": 9, "2024-12-31": 9}
    assert {day: units(changed, date.fromisoformat(day)) for day in days} == days
    assert describe_differences(changed, base) == [
        "Ends on 31 December 2023: FR has 6 more analysis units from 1 March 2023.",
        "FR has 9 more analysis units from 1 January 2024.",
    ]


def test_the_resolved_file_gives_the_same_scenario(base):
    changed = base.with_(staff=[CHANGE])
    assert Scenario.from_toml(changed.resolved_toml()).hash() == changed.hash()


def test_a_change_can_be_changed_again(base):
    second = {**CHANGE, "name": "third", "replaces": "new", "add": 2, "from": date(2024, 6, 1)}
    changed = base.with_(staff=[CHANGE, second])
    assert [units(changed, date(2024, month, 1)) for month in (1, 5, 6)] == [9, 9, 2]


def test_what_had_not_begun_is_gone_and_its_name_is_free(base):
    changed = base.with_(staff=[{**CHANGE, "from": date(2023, 2, 1), "name": "other"}])
    assert [one.name for one in changed.staff if one.kind == "analysis"] == ["other"]


@pytest.mark.parametrize(("more", "words"), [
    ({"replaces": "odl"}, r'replaces = "odl": no earlier staff has this name; did you mean "old"'),
    ({"to": date(2024, 3, 1)}, r'replaces = "old": ends after the lever that replaces it'),
    ({"name": "old"}, r'name = "old": this name is already taken'),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(base, more, words):
    with pytest.raises(InputError, match=words):
        base.with_(staff=[{**CHANGE, **more}])


def test_what_has_ended_or_is_an_amount_in_all_cannot_be_replaced(base):
    ended = base.with_(staff=[{**CHANGE, "name": "x", "replaces": "old"}])
    with pytest.raises(InputError, match='"old": has ended by then'):
        ended.with_(staff=[{**CHANGE, "name": "y", "from": date(2024, 5, 1)}])
    money = {
        "authority": "FR", "amount": {"EUR": 1e6}, "spend_on": {"coast_patrol": 1.0},
    }  # fmt: skip
    paid = base.with_(funding=[{**money, "name": "sum", "over": ["2023-02", "2024-02"]}])
    with pytest.raises(InputError, match="its amount is for all of its months"):
        paid.with_(funding=[{**money, "per": "year", "from": date(2023, 9, 1), "replaces": "sum"}])


@given(begins=st.integers(1, 600), looked=st.integers(0, 700))
def test_on_every_day_one_of_the_two_is_in_force(base, begins, looked):
    first = date(2023, 3, 1)
    changed = base.with_(staff=[{**CHANGE, "from": first + timedelta(begins)}])
    day = (first + timedelta(looked)).toordinal()
    in_force = [
        one.name for one in changed.staff if one.kind == "analysis" and one.span.covers(day)
    ]
    assert in_force == (["new"] if looked >= begins else ["old"])
