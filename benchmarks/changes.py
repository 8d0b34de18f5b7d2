"""Where a module can be changed by Cosmic Ray's operators, and what it then says."""

from __future__ import annotations

import ast
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).resolve().parents[1]


class Mutant(NamedTuple):
    """One change of one module."""

    module: str
    operator: str
    occurrence: int
    line: int
    source: str


def path_of(module: str) -> Path:
    """The file of a module."""
    return ROOT / (module.replace(".", "/") + ".py")


class Change(NamedTuple):
    """Where one operator can change a module."""

    module: str
    line: int
    operator: str
    occurrence: int


def changes_of(module: str) -> list[Change]:
    """Every place at which something of a module can be changed."""
    tree, found = get_ast(path_of(module).read_text(encoding="utf-8")), []
    for name in sorted(operator_names()):
        if "Decorator" in name or "Variable" in name:
            continue
        operator = get_operator(name)()
        places = [place for node in ast_nodes(tree) for place in operator.mutation_positions(node)]
        found += [Change(module, first[0], name, k) for k, (first, _) in enumerate(places)]
    return sorted(found)


def drawn(changes: Sequence[Change], count: int | None, seed: int) -> list[Mutant]:
    """Mutants that differ from the module and from each other: of all changes, or some drawn."""
    order = list(changes)
    if count is not None:
        random.Random(seed).shuffle(order)
    found: dict[tuple[str, str], Mutant] = {}
    for module, line, name, occurrence in order:
        if len(found) == count:
            break
        source = path_of(module).read_text(encoding="utf-8")
        changed = mutate_code(source, get_operator(name)(), occurrence)
        essence = None if changed is None else _essence(changed)
        if changed is not None and essence is not None and essence != _essence(source):
            found.setdefault((module, essence), Mutant(module, name, occurrence, line, changed))
    return list(found.values())


class _Bare(ast.NodeTransformer):
    """Takes away what is never run: annotations and texts that stand alone."""

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        node.annotation = ast.Constant(None)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        return None if isinstance(node.value, ast.Constant) else self.generic_visit(node)


def _essence(source: str) -> str | None:
    """What a source does; None if it is none."""
    try:
        return ast.dump(_Bare().visit(ast.parse(source)))
    except SyntaxError:
        return None
