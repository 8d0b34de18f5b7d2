"""A wave brings more people and changes nobody else."""

from __future__ import annotations

import numpy as np

from simulation.corridor import load_origins
from simulation.model import Crossings
from simulation.processes.entries import from_balkans
from tests.runs import scenario_from

WAVE = """
[[wave]]
origins = ["albania"]
route = "{route}"
people_per_year = 36525
from = 2023-06-11
to = 2023-06-30
"""


def people(tmp_path, text: str):
    scenario = scenario_from(tmp_path, text, days=40, warm_up=0)
    model = Crossings(scenario, rng=5, scale=0.5)
    return model.world, model.world.migrants


def test_with_a_wave_everybody_else_is_the_same(tmp_path):
    _, without = people(tmp_path, "")
    world, with_wave = people(tmp_path, WAVE.format(route="air"))
    more = ~np.isin(with_wave.uid, without.uid)
    for name in ("uid", "entry_day", "origin", "destination", "place", "funds", "risk_aversion"):
        same = getattr(with_wave, name)[~more]
        np.testing.assert_array_equal(same, getattr(without, name))
    # 100 people a day for 20 days, at half scale
    assert 850 < more.sum() < 1150
    assert set(with_wave.entry_day[more].tolist()) == set(range(10, 30))
    origins = load_origins()
    assert set(with_wave.origin[more].tolist()) == {origins.origins.index("albania")}
    assert set(with_wave.destination[more].tolist()) == {origins.destinations.index("uk")}
    assert not from_balkans(world)[more].any()


def test_a_wave_on_the_balkan_route_is_on_the_balkan_route(tmp_path):
    _, without = people(tmp_path, "")
    world, with_wave = people(tmp_path, WAVE.format(route="balkan"))
    more = ~np.isin(with_wave.uid, without.uid)
    assert from_balkans(world)[more].all()
    assert len(set(with_wave.destination[more].tolist())) > 3


def test_a_visa_and_a_returns_agreement_keep_people_of_a_wave_away(tmp_path):
    levers = """
[[returns]]
partner = "albania"
effect = 0.5
from = 2023-06-01

[[visa]]
authority = "FR"
origins = ["albania"]
effect = 0.5
from = 2023-06-01
"""
    came = []
    for text in ("", levers):
        scenario = scenario_from(tmp_path, WAVE.format(route="air") + text, days=30, warm_up=0)
        model = Crossings(scenario, rng=5)
        albania = load_origins().origins.index("albania")
        count = 0
        for day in range(10, 30):
            model.world.begin_day(day)
            model.processes.entries.step(model.world)
            count += np.count_nonzero(
                model.migrants.origin[model.processes.entries.entered_rows] == albania
            )
        came.append(count)
    assert came[0] > 900
    assert 0.2 < came[1] / came[0] < 0.3
