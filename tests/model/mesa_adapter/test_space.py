"""Places are cells of a Mesa network whose agents are read from the columns."""

from __future__ import annotations

from datetime import date

import networkx
import numpy as np
import pytest
from mesa.discrete_space import Network

from simulation.model.agents.migrant import FINAL_STATES, State
from simulation.model.agents.smuggler import Status
from simulation.model.mesa_adapter import Authority, EnforcementUnit, Migrant, Smuggler, map_layout
from tests.runs import Steps, scenario_from


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    steps = Steps(scenario_from(folder, start=date(2023, 6, 1), days=40, warm_up=0), scale=0.05)
    steps.to_the_end()
    return steps.model


def test_cells_lie_where_the_places_are(model):
    assert isinstance(model.space, Network)
    for index, place in enumerate(model.corridor.places):
        cell = model.space[place.id]
        assert model.space[index] is cell
        assert (cell.coordinate, cell.place) == (index, place)
        np.testing.assert_allclose(cell.position, (place.longitude, place.latitude))
    assert model.space.find_nearest_cell(np.array([1.86, 50.95])) is model.space["calais"]
    assert map_layout(model.space.G)[3] == tuple(model.space[3].position)


def test_connections_are_legs(model):
    legs = {(leg.origin, leg.target) for leg in model.corridor.legs}
    cells = model.space.all_cells
    connections = {(cell.place.id, other.place.id) for cell in cells
                   for other in cell.connections.values()}  # fmt: skip
    assert connections == legs
    either_way = {frozenset(leg) for leg in legs}
    places = model.corridor.places
    assert {frozenset(places[end].id for end in edge) for edge in model.space.G.edges} == either_way
    assert not networkx.is_directed(model.space.G), "Mesa cannot draw a directed one"


def test_a_cell_holds_the_people_who_are_there(model):
    evening = model.world.ledger.present[model.world.day]
    people = [[agent for agent in cell.agents if isinstance(agent, Migrant)]
              for cell in model.space.all_cells]  # fmt: skip
    assert [len(some) for some in people] == evening.tolist()
    assert evening.sum() > 50
    for index, some in enumerate(people):
        assert all(agent.place == index for agent in some)


def test_an_agent_and_its_cell_agree(model):
    held = {id(agent): cell for cell in model.space for agent in cell.agents}
    kinds = {Migrant: 0, Smuggler: 0, EnforcementUnit: 0}
    for agent in model.agents:
        assert agent.cell is held.get(id(agent))
        if agent.cell is None:
            assert agent.pos is None
        else:
            assert agent.pos == (agent.cell.place.longitude, agent.cell.place.latitude)
            kinds[type(agent)] += 1
    assert all(kinds.values())
    assert set(model.space.agents) == {a for a in model.agents if a.cell is not None}
    for cell in model.space:
        assert cell.is_empty == (not cell.agents)


def test_those_at_no_place_have_no_cell(model):
    for person in model.agents_by_type[Migrant]:
        elsewhere = person.state is State.TRAVELLING or person.state in FINAL_STATES
        assert (person.cell is None) == elsewhere
    for operator in model.agents_by_type[Smuggler]:
        assert (operator.cell is None) == (operator.status is Status.RETIRED)
    for unit in model.agents_by_type[EnforcementUnit]:
        if unit.leg >= 0:
            assert unit.cell.place.id == model.corridor.legs[unit.leg].origin
        elif unit.target >= 0:
            suspects = {one.row: one for one in model.agents_by_type[Smuggler]}
            assert unit.cell is suspects[unit.target].cell
        else:
            assert unit.cell is None


def test_authorities_are_agents_with_their_units_and_are_at_no_place(model):
    authorities = list(model.agents_by_type[Authority])
    assert [one.code for one in authorities] == [a.code for a in model.corridor.authorities]
    units = [unit for one in authorities for unit in one.units]
    assert len(units) == len({*units}) == len(model.agents_by_type[EnforcementUnit])
    for one in authorities:
        assert one.cell is None
        assert {unit.authority for unit in one.units} <= {one.row}
        assert np.shares_memory(one.activity, model.world.beliefs.activity)
        assert one.evidence.shape[0] >= model.smugglers.count
    with pytest.raises(AttributeError):
        authorities[0].name = "Another"
