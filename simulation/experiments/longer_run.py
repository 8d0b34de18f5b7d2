"""A scenario run for longer than its file says."""

from __future__ import annotations

from datetime import date

from simulation.scenario import Scenario
from simulation.scenario.load import extended


def run_to(scenario: Scenario, end: date) -> Scenario:
    """A scenario whose run reaches a day; its levers and their dates stay as they are.

    A fit or a back-test of a year that a scenario of the past does not reach goes on under the
    policies that are in force on its last day, and under those of its dated levers that begin
    later, whether they are written in its file or inherited.

    Args:
        scenario: The scenario.
        end: The day.

    Returns:
        The same scenario if it reaches the day, or else a copy that does.
    """
    return scenario if scenario.run.end >= end else extended(scenario, end)
