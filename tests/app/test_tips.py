"""Tool tips say what the schema and the records say."""

from __future__ import annotations

from typing import get_args

import pytest

from simulation.app import tips
from simulation.app.draft import Draft
from simulation.parameters import load_parameters
from simulation.scenario.field_types import Spending
from simulation.scenario.levels import LEVEL_WORDS
from simulation.scenario.levers.funding import Funding, Money
from simulation.scenario.levers.operation import Operation
from simulation.scenario.levers.registry import LEVER_OF
from simulation.scenario.levers.sharing import Sharing
from simulation.scenario.levers.staff import Staff
from simulation.scenario.scenario import Scenario
from simulation.scenario.schema import Adaptation


@pytest.mark.parametrize("model", [Sharing, Staff, Funding, Operation, Money, Adaptation])
def test_every_key_has_a_tip(model):
    for key in model.model_json_schema()["properties"]:
        assert len(tips.field_tip(model, key)) > 5, key


def test_a_tip_tells_what_is_allowed_and_what_is_usual():
    assert tips.field_tip(Sharing, "ramp_days") == (
        "Days from no effect to full effect. Allowed: 0 to 3,650. Unless said otherwise: 0."
    )
    assert tips.limits(Operation, "strength") == "above 0, at most 1,000"
    assert tips.limits(Money, "GBP") == "at least 0"
    assert tips.limits(Sharing, "between") == ""
    assert tips.field_tip(Scenario, "title") == "One line. At most 200 characters."


@pytest.mark.parametrize("word", LEVEL_WORDS)
def test_a_level_is_told_with_ranges_and_confidence(word):
    tip = tips.level_tip(word)
    record = load_parameters().record(f"sharing.{word}_coverage")
    assert tip.startswith(f"{word.capitalize()}. Share of reports passed on: {record.value:g}")
    assert tip.endswith("Confidence: assumption.")


def test_a_level_is_told_as_the_scenario_assumes_it():
    changed = load_parameters({"sharing.high_coverage": 0.7})
    assert "passed on: 0.7 (0.4 to 0.8)" in tips.level_tip("high", changed)


def test_what_money_buys_is_the_record_of_its_cost():
    assert set(tips.COSTS) == set(get_args(Spending))
    for kind, name in tips.COSTS.items():
        assert load_parameters().record(name).drives in tips.spending_tip(kind)


@pytest.mark.parametrize("section", LEVER_OF)
def test_the_page_of_a_lever_holds_every_record_behind_it(section):
    page, names = tips.lever_page(section, load_parameters()), LEVER_OF[section].assumes
    assert page["does"]
    records = [one for one in load_parameters() if {one.name, one.group} & set(names)]
    assert [drives for drives, _ in page["unknown"]] == [one.drives for one in records]
    for one, (_, said) in zip(records, page["unknown"], strict=True):
        assert one.unit in said
        assert one.source.rstrip(".") in said


def test_the_page_of_a_lever_speaks_of_the_assumptions_in_force():
    changed = load_parameters({"policy.visa_effect": 0.91})
    ((_, said),) = tips.lever_page("visa", changed)["unknown"]
    assert said.startswith("Assumed: 0.91 ")


def test_the_rest_has_tips_too():
    assert all(tips.lever_tip(section) for section in LEVER_OF)
    assert "Belgium" in tips.members_tip("CALAIS")
    assert tips.members_tip("RS") == "Serbia"
    assert "1 change" in tips.reset_tip(Draft(), 1)
