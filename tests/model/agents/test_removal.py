"""What a script does with agents acts on the model and loses nobody and no money, or is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulation import Crossings, InputError
from simulation.model.agents.decisions import Rules
from simulation.model.agents.migrant import State
from simulation.model.agents.smuggler import Status
from simulation.model.mesa_adapter import Authority, EnforcementUnit, Migrant, Smuggler
from simulation.model.recording import make_record
from tests.chain_sums import agrees_with_itself, agrees_with_outcomes
from tests.runs import ARRESTS, Steps, differences, loses_nobody_and_no_money, scenario_from
from tests.test_conservation import Books


@pytest.fixture
def model(tmp_path) -> Crossings:
    model = Crossings(scenario_from(tmp_path, days=60, warm_up=0), scale=0.05)
    model.run_for(40)
    return model


def person(model: Crossings, *states: State) -> Migrant:
    return next(one for one in model.agents_by_type[Migrant] if one.state in states)


@pytest.mark.parametrize("state", [State.WAITING, State.DETAINED, State.QUEUED])
def test_a_person_who_is_removed_gives_up_and_is_counted(model, state):
    world, one = model.world, person(model, state)
    settled = world.ledger.states[world.day, State.SETTLED]
    one.remove()
    assert one.state is State.SETTLED
    assert one.escrow == 0
    assert one not in model.agents
    assert one.row not in world.live
    one.remove()  # changes nothing any more
    assert world.ledger.states[world.day, State.SETTLED] == settled + 1
    loses_nobody_and_no_money(model)


def test_somebody_who_travels_cannot_be_removed(model):
    one = person(model, State.TRAVELLING)
    with pytest.raises(InputError, match="travels"):
        one.remove()
    assert one in model.agents
    assert one.state is State.TRAVELLING


def test_an_operator_that_is_removed_retires(model):
    world = model.world
    served = set(world.pairs.smuggler.tolist())
    one = next(one for one in model.agents_by_type[Smuggler] if one.row in served)
    capacity, left = one.capacity, world.ledger.chain[world.day].copy()
    one.remove()
    assert one.status is Status.RETIRED
    assert one.cell is None
    assert one not in model.agents
    assert one.row not in world.pairs.smuggler
    assert capacity > 0.0
    assert np.abs(world.ledger.chain[world.day] - left).sum() == pytest.approx(2 * capacity)
    one.remove()
    model.run_model()
    assert one.status is Status.RETIRED
    agrees_with_itself(world)


def test_without_operators_nobody_is_carried(model):
    for one in list(model.agents_by_type[Smuggler]):
        one.remove()
    model.run_model()
    boats = model.datacollector.get_model_vars_dataframe()["channel_arrivals"]
    assert boats.iloc[:40].sum() > 0
    assert boats.iloc[-15:].sum() == 0
    agrees_with_itself(model.world)


@pytest.mark.parametrize("kind", [EnforcementUnit, Authority])
def test_a_unit_or_an_authority_cannot_be_removed(model, kind):
    agent = next(iter(model.agents_by_type[kind]))
    with pytest.raises(InputError, match="staff"):
        agent.remove()
    assert agent in model.agents


def test_nobody_is_removed_within_a_day(tmp_path):
    def rule(picture):
        if model is not None:
            next(iter(model.agents_by_type[Smuggler])).remove()
        return picture.activity

    model = None
    model = Crossings(
        scenario_from(tmp_path, days=10, warm_up=0), scale=0.02, rules=Rules(allocation=rule)
    )
    with pytest.raises(InputError, match="within a day"):
        model.run_model()


@pytest.mark.slow
@given(st.data())
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_nothing_is_lost_where_agents_are_removed(tmp_path, data):
    text = data.draw(st.sampled_from(["", ARRESTS]))
    steps, books = Steps(scenario_from(tmp_path, text, days=45, warm_up=5)), Books()
    model = steps.model
    days = data.draw(st.lists(st.integers(0, 45), max_size=4))

    def morning(model: Crossings) -> None:
        for kind, states in ((Smuggler, None), (Migrant, State.TRAVELLING)):
            agents = [a for a in model.agents_by_type.get(kind, ()) if a not in removed
                      and (states is None or a.state is not states)]  # fmt: skip
            for one in data.draw(st.lists(st.sampled_from(agents), max_size=9)) if agents else ():
                one.remove()
                removed.add(one)
        loses_nobody_and_no_money(model)

    removed: set = set()
    for day in range(model.world.days):
        if day in days:
            morning(model)
        books.morning(model)
        model.step()
        books.evening(model)
    agrees_with_itself(model.world)
    agrees_with_outcomes(make_record(model.world, "", model.first_counted))


# -- what agents have ------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name", "meant"), [
    (Migrant, "staet", "state"), (Smuggler, "capacty", "capacity"),
    (EnforcementUnit, "legg", "leg"), (Migrant, "notes", ""),
])  # fmt: skip
def test_an_attribute_that_an_agent_does_not_have_cannot_be_set(model, kind, name, meant):
    agent = next(iter(model.agents_by_type[kind]))
    for change in (
        lambda: setattr(agent, name, 3),
        lambda: model.agents_by_type[kind].set(name, 3),
    ):
        with pytest.raises(AttributeError, match=f"'{name}'") as refused:
            change()
        assert (f'did you mean "{meant}"' in str(refused.value)) == bool(meant)
    assert not hasattr(agent, name)


@pytest.mark.parametrize("verb", ["step", "advance"])
def test_agents_have_no_day_of_their_own(model, verb):
    before = model.branch()
    for change in (
        lambda: model.agents.shuffle_do(verb),
        lambda: model.agents_by_type[Migrant].do(verb),
        getattr(next(iter(model.agents)), verb),
    ):
        with pytest.raises(InputError, match=r"model\.step\(\).*run_for"):
            change()
    assert differences(before, model) == []
