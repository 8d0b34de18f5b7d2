"""Nothing touches what is private in an object of Mesa."""

from __future__ import annotations

import ast
from pathlib import Path

import mesa
from mesa.agent import AgentSet
from mesa.discrete_space import Cell, CellCollection, Network

import simulation

ROOT = Path(simulation.__file__).parent
#: what Mesa keeps for itself, by the names it has in an object of each class
PRIVATE = {
    name
    for one in (mesa.Model(rng=1), mesa.DataCollector())
    for name in vars(one)
    if name.startswith("_")
} | {
    name
    for kind in (mesa.Model, *AgentSet.__mro__, Cell, CellCollection, Network, mesa.DataCollector)
    for name in (*vars(kind), "_agents", "_cells")
    if name.startswith("_") and not name.startswith("__")
}


def read(path: Path) -> set[str]:
    """Names of Mesa's own that a file reads or sets as attributes of other objects than itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    } & PRIVATE


def test_nothing_touches_what_is_private():
    assert {"_all_agents", "_agents", "_cells", "_collection_steps"} <= PRIVATE
    private = {path: read(path) for path in ROOT.rglob("*.py") if read(path)}
    assert not private
