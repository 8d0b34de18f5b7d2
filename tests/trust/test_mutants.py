"""Every module of the model is one whose mutants can be tried, with tests that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def groups(monkeypatch) -> dict[str, dict[str, str]]:
    """The tests of each module, as `benchmarks/mutants.py` has them."""
    pytest.importorskip("cosmic_ray")
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    import mutants

    return mutants.GROUPS


def test_every_process_has_tests_that_should_notice(groups):
    folder = ROOT / "simulation" / "processes"
    modules = {f"simulation.processes.{path.stem}" for path in folder.glob("*.py")}
    assert set(groups["processes"]) == modules - {"simulation.processes.__init__"}


def test_the_tests_of_every_module_are_there(groups):
    named = {
        path for group in groups.values() for tests in group.values() for path in tests.split()
    }
    assert {path for path in named - {"|"} if not (ROOT / path).exists()} == set()
