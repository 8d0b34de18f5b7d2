"""The world is complete when it is made: no module adds to it, and each replaces only its own."""

from __future__ import annotations

import ast
import importlib
from collections import Counter
from pathlib import Path

import simulation
from simulation.model.processes.world import World
from tests.runs import Steps, scenario_from

ROOT = Path(simulation.__file__).parent
OWN = ROOT / "model" / "processes" / "world.py"


def replaced(tree: ast.AST, owner: str = "world") -> set[str]:
    """Attributes of a world that are assigned anew, of its own name or of an attribute's."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and getattr(node.value, "id", getattr(node.value, "attr", "")) == owner
    }


def initial_attributes() -> set[str]:
    """Attributes that `World.__init__` gives every world."""
    tree = ast.parse(OWN.read_text(encoding="utf-8"))
    cls = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == World.__name__)
    init = next(n for n in cls.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
    return replaced(init, "self")


def module_name(path: Path) -> str:
    return ".".join(["simulation", *path.relative_to(ROOT).with_suffix("").parts])


def test_a_module_replaces_what_it_owns_and_nothing_else():
    owners: Counter[str] = Counter()
    for path in sorted(ROOT.rglob("*.py")):
        names = replaced(ast.parse(path.read_text(encoding="utf-8")))
        if path != OWN and names:
            owned = importlib.import_module(module_name(path)).OWNS
            assert names == set(owned), path
            owners.update(owned)
    assert owners
    assert set(owners) <= initial_attributes()
    assert max(owners.values()) == 1


def test_an_attribute_that_is_replaced_is_seen():
    text = "world.a = 1\nself.world.b, c = 2, 3\nworld.d += 4\nworld.e[:] = 5\nworld.f.g = 6\n"
    assert replaced(ast.parse(text)) == {"a", "b", "d"}


def test_days_add_nothing_to_a_world(tmp_path):
    steps = Steps(scenario_from(tmp_path, days=9, warm_up=1), scale=0.01)
    before = set(vars(steps.world))
    properties = {name for name, what in vars(World).items() if isinstance(what, property)}
    assert initial_attributes() <= before | properties
    steps.to_the_end()
    assert set(vars(steps.world)) == before
