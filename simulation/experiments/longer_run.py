"""A scenario run for longer than its file says."""

from __future__ import annotations

from datetime import date

from simulation.scenario import Scenario, load_scenario
from simulation.scenario.load import on_other_days

#: the shipped scenario of what has happened
HISTORY = "history"


def run_to(scenario: Scenario, end: date) -> Scenario:
    """A scenario whose run reaches a day; its levers and their dates stay as they are.

    A fit or a back-test of a year that a scenario of the past does not reach goes on under the
    policies that are in force on its last day, and under those of its dated levers that begin
    later, those that its file inherits among them.

    Args:
        scenario: The scenario.
        end: The day.

    Returns:
        The same scenario if it reaches the day, or else one that does.
    """
    if scenario.run.end >= end:
        return scenario
    return on_other_days(scenario, end=end)


def past_to(end: date) -> Scenario:
    """What happened, to a day: `history`, and after its end the policies of `outlook` as well.

    Args:
        end: The last day.

    Returns:
        `history` as it is where it reaches the day. Else a scenario of the same name, so that the
        command that names it makes it again.
    """
    history = load_scenario(HISTORY)
    if end <= history.run.end:
        return history
    longer = on_other_days(load_scenario("outlook"), start=history.run.start, end=end)
    title = f"What has happened, and the policies of the outlook after {history.run.end.year}"
    past = longer.model_copy(update={"title": title})
    past._file = history.file
    return past
