from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulation.cli import cli
from simulation.corridor import Corridor, load_corridor
from simulation.scenario import Scenario, load_scenario
from tests import synthetic


@pytest.fixture(scope="session")
def real_corridor() -> Corridor:
    return load_corridor()


@pytest.fixture
def scenario_file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(synthetic.SCENARIO, encoding="utf-8")
    return path


@pytest.fixture
def small(scenario_file: Path) -> Scenario:
    return load_scenario(scenario_file)


@pytest.fixture
def crossings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command line, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli, arguments)
