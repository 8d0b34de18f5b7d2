"""Staff that a scenario may not add is staff that has no effect in the model, and no other."""

from __future__ import annotations

import numpy as np
import pytest

from simulation.agents.unit import PATROLS, UnitKind
from simulation.corridor import load_corridor
from simulation.corridor.jurisdiction import workplaces
from tests.runs import Steps, scenario_from


@pytest.fixture(scope="module")
def steps(tmp_path_factory):
    return Steps(scenario_from(tmp_path_factory.mktemp("world"), days=2, warm_up=1))


@pytest.mark.parametrize("kind", PATROLS)
def test_patrols_have_an_effect_where_they_have_a_beat(steps, kind):
    world = steps.world
    codes = [authority.code for authority in world.corridor.authorities]
    beats = steps.model.processes.allocation.patrols.beats[kind].any(axis=1)
    expected = [code for code, some in zip(codes, beats, strict=True) if some]
    assert list(workplaces(world.corridor)[PATROLS[kind]]) == expected


def test_investigators_have_an_effect_where_there_are_teams(steps):
    world = steps.world
    teams = world.units.authority[world.units.kind == UnitKind.INVESTIGATION]
    codes = [world.corridor.authorities[row].code for row in np.unique(teams)]
    assert list(workplaces(world.corridor)["investigation"]) == codes


def test_the_ones_without_effect_are_few_and_known():
    corridor = load_corridor()
    found = workplaces(corridor)
    everybody = {authority.code for authority in corridor.authorities}
    idle = {kind: everybody - set(where) for kind, where in found.items()}
    assert idle["investigation"] == {"UK-IN", "EUROPOL", "FRONTEX"}
    assert idle["border_patrol"] == idle["checkpoint"] == idle["investigation"] | {"UK-CI"}
    assert "RS" in idle["coast_patrol"]
    assert not idle["analysis"]
    for kind, units in corridor.staff.items():
        there = {a.code for a, size in zip(corridor.authorities, units, strict=True) if size}
        assert not there & idle[kind], kind
