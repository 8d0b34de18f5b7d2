"""The model on its first morning, at the recorded values whatever a fit says, and a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.parameters import records
from simulation.processes.world import World
from tests.runs import Steps, scenario_from


@pytest.fixture(scope="module", autouse=True)
def recorded(tmp_path_factory):
    """No most central values of an ensemble: a mechanism is tested at what is recorded."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "CENTRE", tmp_path_factory.getbasetemp() / "no-centre.json")
        records.forget_centre()
        yield
    records.forget_centre()


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
