"""The model on its first morning."""

from __future__ import annotations

import pytest

from simulation.processes.world import World
from tests.runs import Steps, scenario_from


@pytest.fixture
def steps(tmp_path) -> Steps:
    return Steps(scenario_from(tmp_path, days=1, warm_up=0))


@pytest.fixture
def world(steps) -> World:
    return steps.world
