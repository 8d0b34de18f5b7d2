"""The stub by which type checkers know the records is that of the records."""

from __future__ import annotations

import ast

from simulation.parameters import load_records
from simulation.parameters.groups import Groups
from simulation.parameters.stub import FILE, stub


def test_the_stub_is_that_of_the_records():
    command = "python -m simulation.parameters.stub"
    assert FILE.read_text(encoding="utf-8") == stub(load_records()), command


def test_what_the_stub_says_is_there():
    """Every attribute of the stub exists, with the type it says."""
    parameters = load_records()
    assert isinstance(parameters, Groups)
    classes = {
        node.name: {
            line.target.id: line.annotation.id
            for line in node.body
            if isinstance(line, ast.AnnAssign)
        }
        for node in ast.parse(FILE.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    for group, kind in classes.pop("Groups").items():
        for name, of in classes.pop(kind).items():
            assert type(getattr(getattr(parameters, group), name)).__name__ == of
    assert not any(classes.values())
