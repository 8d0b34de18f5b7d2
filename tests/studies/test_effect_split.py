"""What of an effect is arithmetic, what is left of it, and what is assumed."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.scenario import load_scenario
from simulation.studies.effect_split import EffectSplit, effect_split
from tests.made_effects import effects

DAY = date(2027, 1, 1)
BASE = load_scenario("outlook")
RETURNS = {"partner": "FR", "places_per_week": 50.0, "from": DAY}
UNITS = {"authority": "FR", "units": 6.0, "from": DAY}
#: in percent of 1,000
CHANGES = {"channel_arrivals": -41.0, "admitted_legally": 26.0, "returned_after_arrival": 27.0,
           "channel_prevented": 30.0}  # fmt: skip


def split(changes=CHANGES, half_width=0.1, base=BASE, **levers) -> EffectSplit | None:
    outcomes = effects(changes, half_width).outcomes
    return effect_split(outcomes, base, base.with_("Other", **levers))


def test_the_parts_add_up_to_the_effect():
    one = split(return_after_arrival=[RETURNS])
    assert one.arithmetic == {"admitted_legally": pytest.approx(260.0)}
    assert one.returned == pytest.approx(270.0)
    assert one.rest - sum(one.arithmetic.values()) == pytest.approx(-410.0)
    both = split(return_after_arrival=[RETURNS], interception_at_sea=[UNITS])
    assert both.rest - 260.0 - 300.0 == pytest.approx(-410.0)


def test_without_a_direction_only_the_arithmetic_is_told():
    one = split(half_width=100.0, return_after_arrival=[RETURNS])
    assert one.arithmetic == {"admitted_legally": pytest.approx(260.0)}
    assert one.rest is None


def test_deterrence_is_named_where_a_scenario_adds_it_and_not_where_both_have_it():
    assert split(return_after_arrival=[RETURNS]).deterrence == []
    deterring = {"return_after_arrival": [{**RETURNS, "deterrence": True}]}
    assert set(split(**deterring).deterrence) == {
        "removal.opt_out_elasticity", "removal.loss",
    }  # fmt: skip
    both = BASE.with_("Both", **deterring)
    assert split(base=both, interception_at_sea=[UNITS]).returned is None
    # to drop what deters rests on the same
    assert effect_split(effects(CHANGES).outcomes, both, BASE).deterrence


def test_other_levers_have_no_parts():
    assert split(adverts=[{"taken_down": 0.5, "from": DAY}]) is None
    assert split() is None
