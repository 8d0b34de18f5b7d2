"""The model on its first morning, at the recorded values whatever a fit says, and a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.model.processes.world import World
from tests.runs import Steps, scenario_from


@pytest.fixture(scope="module", autouse=True)
def at_recorded_values(recorded):
    """A mechanism is tested at what is recorded, whatever a fit says."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder for the scenarios of one file."""
    return tmp_path_factory.mktemp("scenarios")


@pytest.fixture
def steps(tmp_path) -> Steps:
    return Steps(scenario_from(tmp_path, days=1, warm_up=0))


@pytest.fixture
def world(steps) -> World:
    return steps.world
