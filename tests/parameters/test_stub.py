"""The stub by which type checkers know the records is that of the records."""

from __future__ import annotations

from simulation.parameters import load_records
from simulation.parameters.stub import FILE, stub


def test_the_stub_is_that_of_the_records():
    command = "python -m simulation.parameters.stub"
    assert FILE.read_text(encoding="utf-8") == stub(load_records()), command
