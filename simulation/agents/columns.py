"""Agents' state as columns, and agents whose attributes are views on one row of them.

A migrant is a registered `mesa.Agent`, as any Mesa user expects, but its numbers live in arrays
owned by the model, over which the compiled day runs. Columns belong to a model, never to a class:
two models in one process do not see each other's data.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import mesa
import numpy as np
import numpy.typing as npt


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

    Args:
        model: The model that owns the columns.
        row: Row of the agent.
    """

    # fixed places for these three: nobody needs a table of attributes
    __slots__ = ("model", "row", "unique_id")
    row: int
    pos = None  # a place is reached through the columns; nothing is stored per agent

    def __init__(self, model: mesa.Model, row: int) -> None:
        self.row = row
        super().__init__(model)


def register_rows(model: mesa.Model, kind: type[RowAgent], rows: Iterable[int]) -> list[Any]:
    """Register an agent of `kind` for each row, in bulk.

    The same end state as `kind(model, row)` for each row at about half the cost: Mesa signals
    every single registration, and here nobody listens. Only this and `remove_rows` touch Mesa's
    inner tables.

    Returns:
        The agents, in the order of the rows.
    """
    rows = list(rows)
    if not rows:
        return []
    created: list[Any] = []
    if kind not in model.agents_by_type:
        created.append(kind(model, rows.pop(0)))
    everyone = model._all_agents._agents
    same_kind = model.agents_by_type[kind]._agents
    identifier = model.agent_id_counter
    new = object.__new__
    for row in rows:
        agent = new(kind)
        # one by one, so that agents share the table of their attributes' names
        agent.row, agent.model, agent.unique_id = row, model, identifier
        identifier += 1
        created.append(agent)
    additions = dict.fromkeys(created)
    everyone.update(additions)
    same_kind.update(additions)
    model.agent_id_counter = identifier
    return created


def remove_rows(model: mesa.Model, kind: type[RowAgent], over: npt.NDArray[np.bool_]) -> None:
    """Take agents of `kind` out of the model in bulk; their rows stay.

    The same end state as `agent.remove()` for each of them.

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
