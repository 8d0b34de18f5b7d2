"""Places are Mesa cells whose people are read from the columns."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.agents.migrant import State
from tests.runs import Steps, scenario_from


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("places")
    steps = Steps(scenario_from(folder, start=date(2023, 6, 1), days=40, warm_up=0), scale=0.05)
    steps.to_the_end()
    return steps.model


def test_cells_lie_where_the_places_are(model):
    for place in model.world.corridor.places:
        cell = model.space[place.id]
        np.testing.assert_allclose(cell.position, (place.longitude, place.latitude))
    assert model.space.find_nearest_cell(np.array([1.86, 50.95])).coordinate == "calais"


def test_connections_are_legs(model):
    legs = {(leg.origin, leg.target) for leg in model.world.corridor.legs}
    cells = model.space.all_cells
    found = {(cell.coordinate, other.coordinate) for cell in cells
             for other in cell.connections.values()}  # fmt: skip
    assert found == legs


def test_a_cell_holds_those_who_are_there(model):
    evening = model.world.ledger.present[model.world.day]
    counts = [len(cell.agents) for cell in model.space.all_cells]
    assert counts == evening.tolist()
    assert sum(counts) > 50
    for cell in model.space.all_cells:
        assert cell.is_empty == (not cell.agents)
        assert all(agent.place == cell.index for agent in cell.agents)
        assert all(agent.state is not State.TRAVELLING for agent in cell.agents)
