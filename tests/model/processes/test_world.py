"""The world is complete when it is made."""

from __future__ import annotations

from tests.runs import Steps, scenario_from


def test_days_add_nothing_to_a_world(tmp_path):
    steps = Steps(scenario_from(tmp_path, days=9, warm_up=1), scale=0.01)
    before = set(vars(steps.world))
    steps.to_the_end()
    assert set(vars(steps.world)) == before
