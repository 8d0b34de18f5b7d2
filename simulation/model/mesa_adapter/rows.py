"""Mesa agents that stand for rows of a model's columns: registered, removed and found in bulk.

Any Mesa user expects agents, but their numbers live in arrays, over which the compiled day runs.
Columns belong to a model, never to a class: two models in one process do not see each other's data.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, Self

import mesa
import numpy as np
import numpy.typing as npt

from simulation.errors import InputError, closest

if TYPE_CHECKING:
    from simulation.model.mesa_adapter.space import PlaceCell

#: in place of a place: the agent is at none
NOWHERE = -1


class View:
    """An attribute that reads and writes one cell of a column.

    Args:
        table: Name of the model's attribute that holds the columns.
        column: Name of the column; the attribute's own name if empty.
        cast: What a reader gets (an int, a float, a bool, an enumeration).
    """

    def __init__(self, table: str, column: str = "", cast: type = int) -> None:
        self.table = table
        self.column = column
        self.cast = cast

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = self.column or name

    def __get__(self, agent: Any, owner: type) -> Any:
        if agent is None:
            return self
        return self.cast(getattr(getattr(agent.model, self.table), self.column)[agent.row])

    def __set__(self, agent: Any, value: Any) -> None:
        getattr(getattr(agent.model, self.table), self.column)[agent.row] = value


class RowAgent(mesa.Agent):
    """A Mesa agent that stands for one row of its model's columns.

    It has the attributes of its kind and no others. A copy of an agent is the agent of the same row
    in a copy of its model.

    Args:
        model: The model that owns the columns.
        row: Row of the agent.
    """

    # fixed places for these three: nobody needs a table of attributes
    __slots__ = ("model", "row", "unique_id")
    model: Any
    row: int
    current_action = None  # Mesa 4 asks for it when an agent is removed

    def __init__(self, model: mesa.Model, row: int) -> None:
        self.row = row
        super().__init__(model)

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(self)
        if not hasattr(kind, name):
            columns = [one for one in dir(kind) if isinstance(getattr(kind, one), View)]
            meant = closest(name, columns)
            hint = f'; did you mean "{meant}"?' if meant else ""
            raise AttributeError(f"{kind.__name__} has no attribute {name!r}{hint}")
        object.__setattr__(self, name, value)

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return agent_of, (self.model, type(self), self.row, self.unique_id)

    __copy__ = copy.deepcopy

    def remove(self) -> None:
        """Take the agent out of the model: a person gives up, an operator retires.

        A person whose journey is over, or an operator that has left the trade, is only taken out of
        Mesa's agents.

        Raises:
            InputError: It cannot be taken out now, or is a unit; one line says what to do instead.
        """
        self.model.take_out(self)
        super().remove()

    def step(self) -> NoReturn:
        """Refuse: the day of all agents is a step of the model.

        Raises:
            InputError: Always.
        """
        raise InputError(
            f"{type(self).__name__} has no step of its own",
            allowed="model.step() for a day of all agents, model.run_for(30) for 30 days",
        )

    advance = step

    @classmethod
    def places_of(cls, model: Any, rows: slice | int = slice(None)) -> npt.NDArray[np.integer]:
        """Place of the agents of this kind, `NOWHERE` for those who are at none.

        Args:
            model: Their model.
            rows: Whose: one row, or a slice of them.

        Returns:
            (rows,) indices of places, or one of shape () for one row.
        """
        raise NotImplementedError(cls.__name__)

    @property
    def cell(self) -> PlaceCell | None:
        """The cell of `model.space` where the agent is, None if it is at no place.

        It is read from the columns at each call and cannot be set.
        """
        place = int(self.places_of(self.model, self.row))
        return None if place == NOWHERE else self.model.space[place]

    @property
    def pos(self) -> tuple[float, float] | None:
        """Longitude and latitude of the cell in degrees, None if the agent is at no place."""
        cell = self.cell
        return None if cell is None else (cell.place.longitude, cell.place.latitude)

    @pos.setter
    def pos(self, position: None) -> None:
        # Mesa sets None for each new agent
        if position is not None:
            raise AttributeError("pos follows from the place of an agent and cannot be set")


_set_model, _set_row, _set_identifier = (
    RowAgent.__dict__[name].__set__ for name in RowAgent.__slots__
)


def new_agent(kind: type[RowAgent], model: mesa.Model, row: int, identifier: int) -> RowAgent:
    """An agent that Mesa does not know yet; the checks of `RowAgent.__setattr__` are left out."""
    agent = object.__new__(kind)
    _set_model(agent, model)
    _set_row(agent, row)
    _set_identifier(agent, identifier)
    return agent


def reduce_agent(agent: RowAgent) -> Any:
    """How a snapshot writes an agent: a third of the time of writing the attributes of so many."""
    return new_agent, (type(agent), agent.model, agent.row, agent.unique_id)


def agent_of(model: Any, kind: type[RowAgent], row: int, identifier: int) -> RowAgent:
    """The agent of a row; a new one, which Mesa does not know, if it was removed from the model."""
    registered = model.agents_by_row.of(kind, np.array([row]))
    return registered[0] if registered else new_agent(kind, model, row, identifier)


class LateAgents(mesa.Model):
    """A Mesa model whose agents are registered once somebody looks at them.

    Mesa keeps its agents in two attributes, which are properties here.
    """

    def __init__(self, **arguments: Any) -> None:
        #: agents to be registered, by kind, in the order of their identifiers
        self.late_agents: list[tuple[type[RowAgent], Iterable[RowAgent]]] = []
        super().__init__(**arguments)

    def _looked_at(self, name: str) -> Any:
        """One of the two attributes, with all agents registered."""
        late, self.late_agents = self.late_agents, []
        for kind, agents in late:
            _register(self, kind, list(agents))
        return self.__dict__[name]

    _all_agents = property(
        lambda self: self._looked_at("_all_agents"),
        lambda self, agents: self.__dict__.update(_all_agents=agents),
    )
    _agents_by_type = property(
        lambda self: self._looked_at("_agents_by_type"),
        lambda self, agents: self.__dict__.update(_agents_by_type=agents),
    )


def register_rows(model: mesa.Model, kind: type[RowAgent], rows: Iterable[int]) -> list[Any]:
    """Register an agent of `kind` for each row, in bulk.

    The same end state as `kind(model, row)` for each row at about half the cost: Mesa signals
    every single registration, and here nobody listens.

    Returns:
        The agents, in the order of the rows.
    """
    agents = list(_new_agents(model, kind, np.fromiter(rows, dtype=np.int64)))
    if isinstance(model, LateAgents):
        model.late_agents.append((kind, agents))
    else:
        _register(model, kind, agents)
    return agents


def register_later(model: LateAgents, kind: type[RowAgent], rows: npt.NDArray[np.int64]) -> None:
    """Register agents as `register_rows` does; they too are made once somebody looks."""
    model.late_agents.append((kind, _new_agents(model, kind, rows)))


def _new_agents(
    model: mesa.Model, kind: type[RowAgent], rows: npt.NDArray[np.int64]
) -> Iterator[RowAgent]:
    """Agents that Mesa does not know yet, made one by one; their identifiers are taken at once."""
    first = model.agent_id_counter
    model.agent_id_counter += rows.size
    return (new_agent(kind, model, int(row), first + k) for k, row in enumerate(rows))


def _register(model: mesa.Model, kind: type[RowAgent], agents: list[RowAgent]) -> None:
    """Make agents known to Mesa."""
    if not agents:
        return
    if kind not in model.agents_by_type:  # Mesa makes the set of the kind, and gives an identifier
        after, model.agent_id_counter = model.agent_id_counter, agents[0].unique_id
        model.register_agent(agents[0])
        model.agent_id_counter = after
    additions = dict.fromkeys(agents)
    model._all_agents._agents.update(additions)
    model.agents_by_type[kind]._agents.update(additions)


def remove_rows(model: mesa.Model, kind: type[RowAgent], over: npt.NDArray[np.bool_]) -> None:
    """Take agents of `kind` out of the model in bulk; their rows stay.

    The same end state as `model.deregister_agent` for each of them; nothing else changes.

    Args:
        model: The model that owns the columns.
        kind: Whose agents.
        over: Which rows, (rows,).
    """
    if kind not in model.agents_by_type:
        return
    everyone, same_kind = model._all_agents._agents, model.agents_by_type[kind]._agents
    flags = over.tobytes()  # to look one up takes a third of the time it takes in an array
    for agent in [agent for agent in same_kind if flags[agent.row]]:
        del everyone[agent], same_kind[agent]


class AgentsByRow:
    """The agents of each kind by their row; the lists are made when they are asked for.

    Args:
        model: The model of the agents.
    """

    def __init__(self, model: mesa.Model) -> None:
        self._model = model
        self._lists: dict[type[RowAgent], tuple[tuple[int, int], list[RowAgent | None]]] = {}

    def of(self, kind: type[RowAgent], rows: npt.NDArray[np.intp]) -> list[RowAgent]:
        """Agents of some rows, (rows,), without those that have been removed."""
        agents = self._list_of(kind)
        slots = (agents[row] for row in rows.tolist() if row < len(agents))
        return [agent for agent in slots if agent is not None]

    def _list_of(self, kind: type[RowAgent]) -> list[RowAgent | None]:
        """Agents of a kind by row, None for a row that has none."""
        agents = self._model.agents_by_type.get(kind, ())
        # an agent never changes its row, and identifiers are never used twice
        mark = self._model.agent_id_counter, len(agents)
        if kind not in self._lists or self._lists[kind][0] != mark:
            by_row: list[RowAgent | None] = [None] * (1 + max((a.row for a in agents), default=-1))
            for agent in agents:
                by_row[agent.row] = agent
            self._lists[kind] = mark, by_row
        return self._lists[kind][1]

    def __reduce__(self) -> tuple[type[Self], tuple[mesa.Model]]:
        return type(self), (self._model,)  # the lists are made again
