"""Places as Mesa cells of a network, with longitude and latitude.

Who is at a place is read from the people's columns: a list kept in every cell would cost a search
through the crowd for each move.
"""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np
import numpy.typing as npt
from mesa.discrete_space import Cell, Network

from simulation.agents.migrant import FINAL_STATES, Migrant, State
from simulation.corridor import Corridor


class PlaceCell(Cell):
    """A place of the corridor; its `coordinate` is the place's id, its `position` (lon, lat)."""

    def attach(self, model: mesa.Model, index: int) -> None:
        """Say which model and which place the cell belongs to."""
        self.model: Any = model
        self.index = index

    @property
    def rows(self) -> npt.NDArray[np.intp]:
        """Rows of the people who are here and not travelling."""
        m = self.model.migrants
        elsewhere = [State.ABSENT, State.TRAVELLING, *FINAL_STATES]
        return np.flatnonzero((m.place == self.index) & ~np.isin(m.state, elsewhere))

    @property
    def agents(self) -> list[Migrant]:
        """The people who are here; made anew at each call."""
        rows = set(self.rows.tolist())
        people = self.model.agents_by_type.get(Migrant, ())
        return [agent for agent in people if agent.row in rows]

    @property
    def is_empty(self) -> bool:
        """Whether nobody is here."""
        return self.rows.size == 0


def make_space(model: mesa.Model, corridor: Corridor) -> Network:
    """The corridor as a Mesa network whose cells are places and whose connections are legs."""
    space = Network(
        corridor.as_graph(),
        layout={place.id: (place.longitude, place.latitude) for place in corridor.places},
        cell_klass=PlaceCell,
        random=model.random,
    )
    for index, place in enumerate(corridor.places):
        space[place.id].attach(model, index)
    return space
