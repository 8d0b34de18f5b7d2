"""A scenario lies between policies of the library, or is refused with what runs it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.engine.arguments import AGREEMENTS
from simulation.errors import InputError
from simulation.estimates.library import BASES, Mix, library_for, load_library
from simulation.scenario import load_scenario
from simulation.studies.agreements.study import Agreements, question

LIBRARY = load_library("outlook")
BASE = LIBRARY.base
BEGINS = date(2027, 1, 1)
POUNDS = {"authority": "UK", "per": "year", "spend_on": {"investigation": 1.0}, "from": BEGINS}


@pytest.mark.parametrize("base", BASES)
def test_every_policy_is_placed_on_itself(base):
    library = load_library(base)
    for number, scenario in enumerate(library.scenarios(), start=1):
        assert library_for(scenario) is library
        assert library.place(scenario) == Mix({number: 1.0}), scenario.title


def test_what_is_ranked_where_nothing_is_asked_for_is_run():
    fields = Agreements.__dataclass_fields__
    defaults = {one.name: one.default for one in AGREEMENTS if one.name in fields}
    scenario, asked = question(None, defaults)
    library = load_library(scenario)
    study = Agreements(library.base, **asked)
    assert len(study.cases) == 8
    for case in study.cases.values():
        assert not library.place(case.scenario).lever


@settings(max_examples=60)
@given(st.data())
def test_a_strength_between_two_is_placed_between_them(data):
    name = data.draw(st.sampled_from(list(LIBRARY.levers)))
    nodes = LIBRARY.nodes(name)
    strength = round(data.draw(st.floats(min(nodes), max(nodes))), 3)
    if strength == LIBRARY.levers[name].usual:
        return  # the outlook itself, or a lever that does nothing
    mix = LIBRARY.place(LIBRARY.with_levers({name: strength}))
    strengths = {number: one for one, number in nodes.items()}
    assert sum(mix.weights.values()) == pytest.approx(1.0)
    placed = sum(weight * strengths[number] for number, weight in mix.weights.items())
    assert placed == pytest.approx(strength)
    assert bool(mix.lever) == (strength not in nodes)
    if mix.lever:
        below, above = mix.between
        assert below < strength < above
        assert not [one for one in nodes if below < one < above]


def test_what_does_not_matter_to_a_run_does_not_matter():
    pair = {"between": ["RS", "UK"], "level": "high", "from": BEGINS, "name": "mine"}
    (number,) = LIBRARY.place(BASE.with_("Mine", sharing=[pair])).weights
    assert LIBRARY.scenarios()[number - 1].title.endswith("Serbia: 0.75")


@pytest.mark.parametrize(
    "keys",
    [
        {"sharing": [{"between": ["UK", "RS"], "level": "high", "from": date(2027, 2, 1)}]},
        {"sharing": [{"between": ["UK", "RS"], "level": "high", "from": BEGINS, "ramp_days": 9}]},
        {"sharing": [{"between": ["UK", code], "level": "high", "from": BEGINS}
                     for code in ("RS", "MK")]},
        {"clear": ["sharing"],
         "sharing": [{"between": ["UK", "RS"], "level": "high", "from": BEGINS}]},
        {"funding": [{**POUNDS, "amount": {"EUR": 75_000_000}}]},
        {"funding": [{**POUNDS, "amount": {"GBP": 75_000_000}, "to": date(2028, 1, 1)}]},
        {"parameters": {"market.ties": 3.0}},
    ],
)  # fmt: skip
def test_another_policy_is_refused_with_its_command(keys):
    with pytest.raises(InputError, match="none of the policies") as refused:
        LIBRARY.place(BASE.with_("Another", **keys))
    assert "crossings compare" in str(refused.value)


def test_a_strength_outside_names_what_there_is():
    with pytest.raises(InputError, match=r"per_year = 200.*0 to 100"):
        LIBRARY.place(BASE.with_(freeze=[{"authority": "UK", "per_year": 200, "from": BEGINS}]))


def test_other_days_are_refused():
    with pytest.raises(InputError, match="not the days of agreements-absent or outlook"):
        LIBRARY.place(load_scenario("baseline"))
