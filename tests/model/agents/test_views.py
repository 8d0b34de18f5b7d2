"""Agents are views on their rows, and registering them in bulk is registering them."""

from __future__ import annotations

import gc

import mesa
import numpy as np
import pytest

from simulation import Crossings
from simulation.model.agents.migrant import FINAL_STATES, State, empty_columns
from simulation.model.agents.smuggler import SmugglerColumns, Status
from simulation.model.corridor_model import simulate
from simulation.model.mesa_adapter import Migrant, Smuggler
from tests.runs import Steps, scenario_from


class Stage(mesa.Model):
    """A model with columns and nothing else."""

    def __init__(self) -> None:
        super().__init__(rng=1)
        self.migrants = empty_columns(8)
        self.smugglers = SmugglerColumns()


def test_an_attribute_reads_and_writes_its_row():
    model = Stage()
    one, two = Migrant(model, 3), Migrant(model, 5)
    one.funds, one.state = 700, State.QUEUED
    assert model.migrants.funds.tolist() == [0, 0, 0, 700, 0, 0, 0, 0]
    assert one.state is State.QUEUED
    assert two.state is State.ABSENT
    model.migrants.risk_aversion[5] = 1.5
    assert two.risk_aversion == 1.5
    assert list(Migrant.rows_of(model)) == [3]
    one.state = State.DIED
    assert not list(Migrant.rows_of(model))


def test_operators_are_added_and_change_their_state():
    model = Stage()
    s = model.smugglers
    for k in range(9):
        rows = s.append(uid=100 + k, fee=float(k), status=Status.ACTIVE, dark_until=-1)
        assert rows.tolist() == [k]
    assert s.count == 9
    assert s.fee.tolist() == list(range(9))
    agents = [Smuggler(model, row) for row in range(9)]
    s.retire(4)
    agents[5].status = Status.DISRUPTED
    s.go_dark(6, 20)
    s.go_dark(6, 12)  # a second warning shortens nothing
    assert (s.status == Status.ACTIVE).tolist() == [True] * 4 + [False] * 2 + [True] * 3
    assert s.dark_until.tolist() == [-1] * 6 + [20] + [-1] * 2
    with pytest.raises(AttributeError):
        _ = s.no_such_column


def test_agents_are_people_on_the_way_and_operators_in_the_trade(tmp_path):
    model = Steps(scenario_from(tmp_path, days=40, warm_up=0)).to_the_end()
    states = model.world.ledger.states[-1].copy()
    assert states[list(FINAL_STATES)].sum() > 10
    states[[State.ABSENT, *FINAL_STATES]] = 0
    agents = model.agents_by_type[Migrant]
    by_state = np.bincount([agent.state for agent in agents], minlength=len(State))
    np.testing.assert_array_equal(by_state, states)
    in_trade = model.smugglers.status != Status.RETIRED
    assert len(model.agents_by_type[Smuggler]) == np.count_nonzero(in_trade)
    assert len({agent.unique_id for agent in model.agents}) == len(model.agents)
    assert set(model.agents) == set().union(*model.agents_by_type.values())


def test_a_run_leaves_no_model_behind(tmp_path):
    """Agents refer to their model and it to them: finished runs must not pile up."""

    def models() -> int:
        # of its type, as a proxy of what is gone cannot be asked for its class
        return sum(issubclass(type(one), Crossings) for one in gc.get_objects())

    gc.collect()
    before = models()
    gc.disable()
    try:
        for seed in (1, 2):
            simulate(scenario_from(tmp_path, days=3, warm_up=0), seed=seed, scale=0.02)
            assert models() == before
    finally:
        gc.enable()
