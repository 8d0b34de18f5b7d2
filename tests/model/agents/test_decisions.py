"""A rule of the user's own takes the place of the built-in one, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from simulation import Crossings, InputError
from simulation.model.agents.decisions import (
    AllocationInputs,
    LearningInputs,
    PricingInputs,
    RouteChoiceInputs,
    Rules,
)
from simulation.model.agents.unit import UnitKind
from simulation.parameters import load_parameters
from tests.runs import differences, scenario_from

# the last bits of a sum do not tip a choice at these values, as they may at others
pytestmark = pytest.mark.usefixtures("recorded")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return scenario_from(tmp_path_factory.mktemp("decisions"), days=40, warm_up=10)


def ran(scenario, **rules) -> Crossings:
    model = Crossings(scenario, scale=0.02, rules=Rules(**rules))
    model.run_model()
    return model


@pytest.fixture(scope="module")
def plain(scenario) -> Crossings:
    return ran(scenario)


class ByPicture:
    """The built-in rule, from outside; what it was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[AllocationInputs] = []

    def __call__(self, picture: AllocationInputs) -> np.ndarray:
        self.asked.append(picture)
        worth = picture.activity * picture.stop_chance * picture.interest
        return worth ** load_parameters().patrol.concentration


class AsUsual:
    """Operators who believe in the usual risk whatever they see."""

    def __init__(self) -> None:
        self.asked: list[LearningInputs] = []

    def __call__(self, memory: LearningInputs) -> np.ndarray:
        self.asked.append(memory)
        return memory.usual_risk[memory.leg]


def test_the_built_in_allocation_from_outside_is_the_same_run(scenario, plain):
    rule = ByPicture()
    assert differences(plain, ran(scenario, allocation=rule)) == []
    days = [picture.day for picture in rule.asked]
    assert days.count(0) > 1, "the places of the first morning come from the rule as well"
    mondays = [day for day in days if day > 0]
    assert mondays == list(range(mondays[0], mondays[0] + 7 * 7, 7))
    shape = len(plain.corridor.authorities), len(plain.corridor.legs)
    for picture in rule.asked:
        for values in (picture.activity, picture.own_activity, picture.precision, picture.interest):
            assert values.shape == shape
            assert (values >= 0).all()
        assert ((picture.stop_chance > 0) & (picture.stop_chance < 1)).all()


def test_units_go_where_a_rule_says(scenario, plain):
    favoured = next(
        index for index, leg in enumerate(plain.corridor.legs) if leg.authority_to == "HU"
    )

    def favoured_only(picture: AllocationInputs) -> np.ndarray:
        worth = np.zeros_like(picture.activity)
        worth[:, favoured] = 1.0
        return worth

    model = ran(scenario, allocation=favoured_only)
    hungary = [a.code for a in model.corridor.authorities].index("HU")
    patrols = (model.units.authority == hungary) & (model.units.kind == UnitKind.BORDER_PATROL)
    assert set(model.units.leg[patrols]) == {favoured} < set(plain.units.leg[patrols])


def test_operators_believe_what_a_rule_says(scenario, plain):
    rule = AsUsual()
    model = ran(scenario, learning=rule)
    assert differences(plain, model)
    days = [memory.day for memory in rule.asked]
    assert days == sorted({*days} - {0})
    last = rule.asked[-1]
    assert last.usual_risk.shape == (len(model.corridor.legs),)
    assert (last.stops <= last.trips + 1e-9).all()
    assert last.trips.max() * model.world.scale > 1
    assert last.operator.max() < model.smugglers.count
    assert last.ties.max() < model.smugglers.count


def held(monday: PricingInputs) -> np.ndarray:
    """Fees stay as they are."""
    return monday.fee


def test_boats_leave_only_where_a_rule_lets_them(scenario, plain):
    model = ran(scenario, launching=lambda morning: 0.0 * morning.clients)
    assert total(plain, "channel_boats") > 0
    assert total(model, "channel_boats") == 0


def test_people_keep_off_a_leg_that_a_rule_makes_dear(scenario, plain):
    departures = plain.world.ledger.departures.sum(axis=0)
    busiest = int(departures.argmax())

    def dear(evening: RouteChoiceInputs) -> np.ndarray:
        cost = np.zeros_like(evening.other_cost)
        cost[busiest] = 1e6
        return cost

    after = ran(scenario, route_choice=dear).world.ledger.departures.sum(axis=0)
    assert after[busiest] < departures[busiest] / 2


def test_fees_approach_what_a_rule_asks(scenario, plain):
    fees = ran(scenario, pricing=held).smugglers
    first = Crossings(scenario, scale=0.02).smugglers
    np.testing.assert_array_equal(fees.fee[: first.count], first.fee)
    dearer = ran(scenario, pricing=lambda monday: 3.0 * monday.usual_fee)
    assert dearer.smugglers.fee.mean() > 1.5 * plain.smugglers.fee.mean()


def total(model: Crossings, outcome: str) -> float:
    return float(model.outcomes()[outcome][model.first_counted :].sum())


def test_a_rule_cannot_change_what_agents_know(scenario, plain):
    def greedy(picture: AllocationInputs) -> np.ndarray:
        answer = ByPicture()(picture)
        picture.activity[:] = picture.own_activity[:] = picture.stop_chance[:] = 1e9
        return answer

    assert differences(plain, ran(scenario, allocation=greedy)) == []


@pytest.mark.parametrize(("rule", "answer", "said"), [
    ("allocation", lambda picture: picture.activity[0], "shape"),
    ("allocation", lambda picture: picture.activity - 1e6, "0 or more"),
    ("allocation", lambda picture: picture.activity * np.nan, "finite"),
    ("allocation", lambda picture: picture.activity + np.inf, "finite"),
    ("learning", lambda memory: memory.usual_risk, "shape"),
    ("learning", lambda memory: memory.trips * 0 + 1.01, "0 to 1"),
    ("learning", lambda memory: memory.trips * np.nan, "0 to 1"),
    ("launching", lambda morning: 1.5 + 0.0 * morning.clients, "0 to 1"),
    ("pricing", lambda monday: monday.fee - 1e9, "0 or more"),
    ("route_choice", lambda evening: evening.other_cost[1:], "shape"),
])  # fmt: skip
def test_an_answer_that_cannot_be_used_is_refused(scenario, rule, answer, said):
    with pytest.raises(InputError, match=said) as refused:
        ran(scenario, **{rule: answer})
    assert refused.value.key == rule
