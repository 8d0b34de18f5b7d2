"""Watching a run from inside changes nothing, and what is seen agrees with the run's own tables."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from simulation.engine.observed_run import simulate_observed
from simulation.model.corridor_model import simulate
from tests.runs import scenario_from

SCALE = 0.05


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    """A summer with a raid on launchers and suppliers."""
    text = """
    [[raid]]
    authority = "FR"
    on = 2023-07-05
    arrests = 60
    stages = ["boat"]
    [[raid]]
    authority = "DE"
    on = 2023-07-05
    arrests = 20
    stages = ["supply"]
    """
    return scenario_from(tmp_path_factory.mktemp("observed"), text, days=60, warm_up=40)


@pytest.fixture(scope="module")
def watched(scenario):
    return simulate_observed(scenario, seed=3, scale=SCALE)


def test_a_watched_run_is_the_same_to_the_last_bit(scenario, watched):
    record, _ = watched
    plain = simulate(scenario, seed=3, scale=SCALE)
    for name, values in plain.daily.items():
        np.testing.assert_array_equal(record.daily[name], values)
    np.testing.assert_array_equal(record.leg_departures, plain.leg_departures)


def test_every_series_has_a_value_for_each_day(watched):
    record, inside = watched
    assert {values.shape[0] for values in vars(inside).values()} == {record.dates.size}
    assert inside.leg_fee.shape == record.leg_departures.shape


def test_a_raid_shows_on_its_day(scenario, watched):
    _, inside = watched
    day = (date(2023, 7, 5) - scenario.run.start).days
    assert inside.french_case_arrests[day] > 0
    assert inside.suppliers_arrested[day] > 0
    assert inside.launch_capacity_arrested[day] > 0.0
    assert inside.launch_capacity[day] < inside.launch_capacity[day - 1]
    assert inside.channel_case_arrests[day] >= inside.french_case_arrests[day]


def test_boats_seized_upstream_are_a_part_of_all_boats_seized(watched):
    record, inside = watched
    on_the_beach = record.daily["boats_seized"] - inside.boats_seized_upstream
    assert (on_the_beach >= 0.0).all()
    assert on_the_beach.sum() > 0.0
    assert inside.boats_seized_upstream.sum() > 0.0


def test_the_profit_of_all_operators_is_that_of_the_run(scenario, watched, monkeypatch):
    """Boat operators' profit, counted over everybody, gives the total."""
    from simulation.engine import observed_run

    class Everywhere:
        def __eq__(self, other):
            return np.ones_like(other, dtype=bool)

        __hash__ = None

    record, inside = watched
    monkeypatch.setattr(observed_run, "BOAT", Everywhere())
    _, everybody = simulate_observed(scenario, seed=3, scale=SCALE)
    np.testing.assert_allclose(
        everybody.boat_profit, record.daily["smuggler_profit_eur"], rtol=1e-9, atol=1.0
    )
    assert not np.allclose(inside.boat_profit, everybody.boat_profit)
