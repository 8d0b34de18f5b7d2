"""A scenario run for longer than its file says."""

from __future__ import annotations

from datetime import date

import tomli_w

from simulation.scenario import Scenario, load_scenario, parse_scenario
from simulation.scenario.scenario import with_later_end

#: the shipped scenario of what has happened
HISTORY = "history"
#: the shipped scenario of the years after it
OUTLOOK = "outlook"


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
    return scenario if scenario.run.end >= end else with_later_end(scenario, end)


def past_to(end: date) -> Scenario:
    """The scenario of the past up to a day: `history`, then the policies of `outlook`.

    Args:
        end: The last day.

    Returns:
        `history` as it is where it reaches the day. Else a scenario of the same name, so that the
        command that names it makes it again.
    """
    history = load_scenario(HISTORY)
    if end <= history.run.end:
        return history
    title = f"What has happened, and the policies of the outlook after {history.run.end.year}"
    run = {**dict(history.run), "end": end}
    text = tomli_w.dumps({"title": title, "extends": OUTLOOK, "run": run})
    past = parse_scenario(text, HISTORY)
    past._file = history.file
    return past
