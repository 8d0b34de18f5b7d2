"""Places as cells of a Mesa network, with longitude and latitude.

A cell reads from the columns who is there when it is asked. A list kept in every cell would cost a
search through the crowd for each move.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import networkx
import numpy as np
from mesa.discrete_space import Cell, Network

from simulation.model.mesa_adapter.agents import KINDS, RowAgent

if TYPE_CHECKING:
    from simulation.corridor import Corridor
    from simulation.corridor.network import Place


class AgentsAtPlace(Sequence[RowAgent]):
    """Who is at a place, read from the columns each time.

    Args:
        model: The model of the agents.
        place: Index of the place.
    """

    def __init__(self, model: Any, place: int) -> None:
        self._model = model
        self._place = place

    def copy(self) -> list[RowAgent]:
        """A list of them as it is now, ordered by kind and row."""
        agents: list[RowAgent] = []
        for kind in KINDS:
            rows = np.flatnonzero(kind.places_of(self._model) == self._place)
            agents += self._model.agents_of(kind, rows.tolist())
        return agents

    def __iter__(self) -> Iterator[RowAgent]:
        return iter(self.copy())

    def __len__(self) -> int:
        return len(self.copy())

    def __getitem__(self, index: Any) -> Any:
        return self.copy()[index]


class PlaceCell(Cell):
    """A place of the corridor.

    Attributes:
        coordinate: Index of the place, as in the columns.
        position: (2,) longitude and latitude in degrees.
        place: The record of the place: its name, kind and authority.
        agents: Who is there now: people who wait, are held or have a seat promised, operators who
            work from there, units that stand on a leg from there.
    """

    def __init__(self, coordinate: int, *, model: Any, **options: Any) -> None:
        super().__init__(coordinate, **options)
        self.place: Place = model.corridor.places[coordinate]
        self._agents = AgentsAtPlace(model, coordinate)

    def __repr__(self) -> str:
        return f"PlaceCell({self.place.id})"


class CorridorSpace(Network):
    """The corridor as a network whose cells are places and whose connections are legs.

    Args:
        model: The model, which has a `corridor`.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        corridor: Corridor = model.corridor
        # Mesa's drawing functions need an undirected graph whose nodes are numbers from 0
        graph = networkx.convert_node_labels_to_integers(
            networkx.Graph(corridor.as_graph()), label_attribute="id"
        )
        cells = partial(PlaceCell, model=model)
        super().__init__(graph, layout=map_layout(graph), cell_klass=cells, random=model.random)
        self._index = index = corridor.place_index
        legs = {(index[leg.origin], index[leg.target]) for leg in corridor.legs}
        for one, other in graph.edges:
            for origin, target in ((one, other), (other, one)):
                if (origin, target) not in legs:
                    self[origin].disconnect(self[target])

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        # a copy of a space is that of a copy of its model; `snapshots` writes what it holds
        return getattr, (self._model, "space")

    __copy__ = copy.deepcopy

    def __getitem__(self, key: int | str) -> PlaceCell:
        """A cell by the index of its place, or by the place's id (`calais`)."""
        cell: PlaceCell = self._cells[self._index[key] if isinstance(key, str) else key]
        return cell


def map_layout(graph: networkx.Graph, **_: Any) -> dict[int, tuple[float, float]]:
    """Where the places lie on a map: a layout for Mesa's drawing functions.

    Use it as `make_space_component(..., layout_alg=map_layout)`.

    Args:
        graph: The graph of a `CorridorSpace` (`model.space.G`).
        **_: What Mesa gives to a layout of NetworkX; not used.

    Returns:
        Longitude and latitude of each place in degrees, by its index.
    """
    return {node: (data["lon"], data["lat"]) for node, data in graph.nodes(data=True)}
