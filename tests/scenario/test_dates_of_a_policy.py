"""The days on which a policy is announced and signed: told, checked, and without effect."""

from __future__ import annotations

from datetime import date

import pytest

from simulation.corridor import load_corridor
from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.scenario import load_scenario, parse_scenario
from simulation.scenario.describe import describe, describe_differences
from simulation.scenario.levers.base import Dated
from simulation.scenario.levers.freight import Freight
from simulation.scenario.levers.registry import LEVERS
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.policy import Levers, first_difference

HEAD = 'title = "Dates"\nextends = "baseline"\n'
LASTING = '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "high"\n'
PHASED_IN = "[[freight]]\n"
DATES = {"announced": "2023-02-01", "signed": "2023-03-01", "from": "2023-04-01"}


def scenario(lever: str, **dates: str):
    return parse_scenario(HEAD + lever + "".join(f"{k} = {v}\n" for k, v in dates.items()))


@pytest.mark.parametrize("lever", [LASTING, PHASED_IN])
def test_both_days_are_told(lever):
    made = scenario(lever, **DATES)
    (told,) = describe_differences(made, load_scenario("baseline"))
    assert "1 February 2023" in told
    assert "1 March 2023" in told
    kind = Sharing if lever is LASTING else Freight
    assert "announced on 1 February 2023" in describe(made.of(kind)[-1])


@pytest.mark.parametrize("lever", [LASTING, PHASED_IN])
def test_they_change_nothing_in_a_run(lever):
    corridor, parameters = load_corridor(), load_parameters()
    one, other = (
        Levers(found, corridor, parameters)
        for found in (scenario(lever, **DATES), scenario(lever, **{"from": DATES["from"]}))
    )
    assert first_difference(one, other, date(2022, 7, 5), 600) == 600


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"announced": "2023-03-02"}, "announced"),
        ({"signed": "2023-04-02"}, "signed"),
        ({"signed": None, "announced": "2023-05-01"}, "announced"),
    ],
)
@pytest.mark.parametrize("lever", [LASTING, PHASED_IN])
def test_days_out_of_order_are_refused(lever, changed, key):
    dates = {name: day for name, day in {**DATES, **changed}.items() if day}
    with pytest.raises(InputError) as caught:
        scenario(lever, **dates)
    assert caught.value.key.endswith(f"[0].{key}")
    assert str(caught.value.value) == dates[key]
    assert "or earlier" in caught.value.allowed


def test_all_on_one_day_is_in_order():
    same = dict.fromkeys(DATES, "2023-04-01")
    assert scenario(LASTING, **same).of(Sharing)[-1].signed == date(2023, 4, 1)


def test_a_lever_that_was_always_in_force_may_have_been_signed():
    lever = scenario(LASTING, signed="2021-01-01").of(Sharing)[-1]
    assert lever.from_ is None
    assert "signed on 1 January 2021" in describe(lever)


def test_all_levers_but_those_of_one_day_have_them():
    assert {kind.section for kind in LEVERS if not issubclass(kind, Dated)} == {"raid", "shock"}
