"""Agents' state as columns, and agents whose attributes are views on one row of them.

A migrant is a registered `mesa.Agent`, as any Mesa user expects, but its numbers live in arrays
owned by the model, over which the compiled day runs. Columns belong to a model, never to a class:
two models in one process do not see each other's data.
"""

from __future__ import annotations

from typing import Any


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
