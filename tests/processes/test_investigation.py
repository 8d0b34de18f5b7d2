"""Who is arrested, and how."""

from __future__ import annotations

import pytest

from simulation.processes.investigation import Investigation
from tests.runs import Steps, scenario_from


def test_helpers_are_caught_with_the_people_they_carry(tmp_path, monkeypatch):
    """Thousands of stops of people with an operator, at some arrests a thousand stops."""
    caught = []
    take = Investigation.take

    def watched(self, world, row, authority, *, major):
        caught.append(major)
        take(self, world, row, authority, major=major)

    monkeypatch.setattr(Investigation, "take", watched)
    steps = Steps(scenario_from(tmp_path, days=90, warm_up=0), scale=0.1)
    world = steps.to_the_end().world
    people = world.ledger.stops.sum() / world.scale
    assert people * world.parameters.intelligence.arrest_per_stop > 20
    assert caught.count(False) > 5


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_case_is_worked_until_it_has_gone_cold(tmp_path, monkeypatch, share):
    """The strength of the cases that teams keep reaches down to the share, and not below."""
    kept: list[float] = []
    drop = Investigation._drop

    def watched(self, world):
        drop(self, world)
        units = world.units
        busy = self._teams[units.target[self._teams] >= 0]
        kept.extend(self.cases[units.authority[busy], units.target[busy]])

    monkeypatch.setattr(Investigation, "_drop", watched)
    lines = (
        '[parameters]\n"intelligence.account_yield" = 0.01\n'
        f'"intelligence.case_drop_share" = {share}\n'
    )
    steps = Steps(scenario_from(tmp_path, lines, days=240, warm_up=0), scale=0.05)
    threshold = steps.to_the_end().world.parameters.intelligence.case_threshold
    assert len(kept) > 100
    assert min(kept) >= threshold * share
    assert (min(kept) < threshold * 0.5) == (share < 0.5)
