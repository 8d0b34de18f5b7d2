"""Who is arrested, and how."""

from __future__ import annotations

from simulation.processes.investigation import Investigation
from tests.runs import Steps, scenario_from


def test_helpers_are_caught_with_the_people_they_carry(tmp_path, monkeypatch):
    """Thousands of stops of people with an operator, at some arrests a thousand stops."""
    caught = []
    take = Investigation._take

    def watched(self, world, row, authority, *, major):
        caught.append(major)
        take(self, world, row, authority, major=major)

    monkeypatch.setattr(Investigation, "_take", watched)
    steps = Steps(scenario_from(tmp_path, days=90, warm_up=0), scale=0.1)
    world = steps.to_the_end().world
    people = world.ledger.stops.sum() / world.scale
    assert people * world.parameters.intelligence.arrest_per_stop > 20
    assert caught.count(False) > 5
