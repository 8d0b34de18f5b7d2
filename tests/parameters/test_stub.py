"""The stub by which type checkers know the records is that of the records."""

from __future__ import annotations

from simulation.parameters import load_records
from simulation.parameters.groups import Groups
from simulation.parameters.stub import FILE, stub


def test_the_stub_is_that_of_the_records():
    told = "python -m simulation.parameters.stub"
    assert FILE.read_text(encoding="utf-8") == stub(load_records()), told


def test_what_the_stub_says_is_there():
    """Every attribute of the stub exists, with the type it says."""
    parameters, group = load_records(), ""
    assert isinstance(parameters, Groups)
    classes: dict[str, list[tuple[str, str]]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("class "):
            group = line.split("(")[0].removeprefix("class ")
        elif line.startswith("    ") and "def " not in line:
            name, kind = line.strip().split(": ")
            classes.setdefault(group, []).append((name, kind))
    for group, kind in classes.pop("Groups"):
        for name, of in classes.pop(kind):
            assert type(getattr(getattr(parameters, group), name)).__name__ == of
    assert not classes
