"""A rule of the user's own takes the place of the built-in one, and nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest

from simulation import Crossings, InputError
from simulation.agents.decisions import AllocationInputs, LearningInputs
from simulation.agents.unit import UnitKind
from simulation.parameters import load_parameters
from simulation.snapshots import restore_snapshot, take_snapshot
from tests.runs import differences, scenario_from

# the last bits of a sum do not tip a choice at these values, as they may at others
pytestmark = pytest.mark.usefixtures("recorded")


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    return scenario_from(tmp_path_factory.mktemp("decisions"), days=40, warm_up=10)


def ran(scenario, **rules) -> Crossings:
    model = Crossings(scenario, scale=0.02, **rules)
    model.run_model()
    return model


@pytest.fixture(scope="module")
def plain(scenario) -> Crossings:
    return ran(scenario)


class ByPicture:
    """The built-in rule, from outside; what it was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[AllocationInputs] = []

    def __call__(self, known: AllocationInputs) -> np.ndarray:
        self.asked.append(known)
        worth = known.activity * known.stop_chance * known.interest
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
    authorities, legs = len(plain.corridor.authorities), len(plain.corridor.legs)
    settling = [known for known in rule.asked if known.day == 0]
    assert len(settling) > 1, "the places of the first morning come from the rule as well"
    mondays = [known.day for known in rule.asked if known.day > 0]
    assert np.diff(mondays).tolist() == [7] * (len(mondays) - 1)
    assert len(mondays) == 7
    for known in rule.asked:
        for values in (known.activity, known.own_activity, known.precision, known.interest):
            assert values.shape == (authorities, legs)
            assert (values >= 0).all()
        assert known.stop_chance.shape == (legs,)
        assert ((known.stop_chance > 0) & (known.stop_chance < 1)).all()


def test_units_go_where_a_rule_says(scenario, plain):
    favoured = next(
        index for index, leg in enumerate(plain.corridor.legs) if leg.authority_to == "HU"
    )

    def only_there(known: AllocationInputs) -> np.ndarray:
        worth = np.zeros_like(known.activity)
        worth[:, favoured] = 1.0
        return worth

    model = ran(scenario, allocation=only_there)
    usual, found = (np.count_nonzero(one.units.leg == favoured) for one in (plain, model))
    assert found > usual
    hungary = [a.code for a in model.corridor.authorities].index("HU")
    patrols = (model.units.authority == hungary) & (model.units.kind == UnitKind.BORDER_PATROL)
    assert set(model.units.leg[patrols]) == {favoured}


def test_operators_believe_what_a_rule_says(scenario, plain):
    rule = AsUsual()
    model = ran(scenario, learning=rule)
    assert differences(plain, model)
    assert [memory.day for memory in rule.asked] == sorted({memory.day for memory in rule.asked})
    assert all(memory.day > 0 for memory in rule.asked)
    last = rule.asked[-1]
    assert last.trips.shape == last.stops.shape == last.operator.shape == last.leg.shape
    assert last.usual_risk.shape == (len(model.corridor.legs),)
    assert (last.stops <= last.trips + 1e-9).all()
    assert last.trips.max() * model.world.scale > 1
    assert last.operator.max() < model.smugglers.count
    assert last.ties.max() < model.smugglers.count


def test_the_built_in_learning_from_outside_is_the_same_run(scenario, plain):
    """The memory fades in the same way whichever rule is in use."""
    market = load_parameters().market

    def built_in(memory: LearningInputs) -> np.ndarray:
        pairs = list(zip(memory.operator.tolist(), memory.leg.tolist(), strict=True))
        place, legs_of = {pair: k for k, pair in enumerate(pairs)}, {}
        for operator, leg in pairs:
            legs_of.setdefault(operator, []).append(leg)
        trips, stops = memory.trips.copy(), memory.stops.copy()
        for one, other in memory.ties.tolist():
            for hearer, partner in ((one, other), (other, one)):
                for leg in set(legs_of.get(hearer, ())) & set(legs_of.get(partner, ())):
                    mine, theirs = place[hearer, leg], place[partner, leg]
                    trips[mine] += market.partner_weight * memory.trips[theirs]
                    stops[mine] += market.partner_weight * memory.stops[theirs]
        usual, worth = memory.usual_risk[memory.leg], market.risk_prior_trials
        weighted = market.loss_salience * (stops + usual * worth)
        return weighted / (weighted + (trips - stops) + (1.0 - usual) * worth)

    model = ran(scenario, learning=built_in)
    # the same but for the last bits, as sums are taken in another order
    for name in ("share", "trials", "losses"):
        mine, theirs = (getattr(one.world.pairs, name) for one in (plain, model))
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_a_rule_cannot_change_what_agents_know(scenario, plain):
    def greedy(known: AllocationInputs) -> np.ndarray:
        answer = ByPicture()(known)
        known.activity[:] = known.own_activity[:] = known.stop_chance[:] = 1e9
        return answer

    assert differences(plain, ran(scenario, allocation=greedy)) == []


def test_a_rule_stays_through_a_snapshot(scenario):
    whole = ran(scenario, allocation=ByPicture(), learning=AsUsual())
    model = Crossings(scenario, scale=0.02, allocation=ByPicture(), learning=AsUsual())
    model.run_for(20)
    again = restore_snapshot(take_snapshot(model))
    again.run_model()
    assert differences(whole, again) == []


@pytest.mark.parametrize(("rule", "answer", "said"), [
    ("allocation", lambda known: known.activity[0], "shape"),
    ("allocation", lambda known: known.activity - 1e6, "0 or more"),
    ("allocation", lambda known: known.activity * np.nan, "finite"),
    ("allocation", lambda known: known.activity + np.inf, "finite"),
    ("learning", lambda memory: memory.usual_risk, "shape"),
    ("learning", lambda memory: memory.trips * 0 + 1.01, "0 to 1"),
    ("learning", lambda memory: memory.trips * np.nan, "0 to 1"),
])  # fmt: skip
def test_an_answer_that_cannot_be_used_is_refused(scenario, rule, answer, said):
    with pytest.raises(InputError, match=said) as refused:
        ran(scenario, **{rule: answer})
    assert refused.value.key == rule
