"""The record of a run agrees with itself."""

from __future__ import annotations

import numpy as np

from simulation.model import simulate
from simulation.outcomes import DAILY
from simulation.scenario import load_scenario


def test_origins_add_up_to_everyone():
    record = simulate(load_scenario("baseline"), seed=3, scale=0.02, days=60)
    for name, total in (
        ("arrivals_by_origin", "channel_arrivals"),
        ("entries_by_origin", "wb_entries"),
    ):
        series = getattr(record, name)
        assert len([origin for origin, people in series.items() if people.sum() > 0]) > 3
        # counts of agents, scaled back: equal up to rounding
        np.testing.assert_allclose(sum(series.values()), record.daily[total], rtol=1e-9)


def test_every_outcome_is_recorded():
    record = simulate(load_scenario("baseline"), seed=3, scale=0.02, days=1)
    assert set(record.daily) == set(DAILY)
