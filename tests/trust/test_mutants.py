"""Every module of the rooms below is one whose mutants can be tried, with tests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def mutants(monkeypatch):
    """`benchmarks/mutants.py`."""
    pytest.importorskip("cosmic_ray")
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import mutants

    return mutants


@pytest.mark.parametrize(
    "room", ["statistics", "processes", "engine", "studies", "report", "commands"]
)
def test_every_module_has_tests_that_should_notice(mutants, room):
    folder = "model/processes" if room == "processes" else room
    others = mutants.STATISTICS if room == "statistics" else {}
    assert {*mutants.GROUPS[room]} == {*mutants.modules_in(folder), *others}
    assert all(tests.replace("|", "").split() for tests in mutants.GROUPS[room].values())


def test_the_tests_of_every_module_are_there(mutants):
    tables = (*mutants.GROUPS.values(), mutants.BESIDE)
    named = {name for tests in tables for part in tests.values() for name in part.split()}
    assert {name for name in named - {"|"} if not mutants.test_file(name).is_file()} == set()
    modules = {module for room in mutants.ROOMS for module in mutants.modules_in(room)}
    assert set(mutants.BESIDE) <= modules
