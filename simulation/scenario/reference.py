"""The reference policy: what is usual on the corridor before a scenario changes anything.

Usual risks, fees, costs, sizes of operators and places of patrols are those of the reference world:
the corridor under one set of assumptions, with the policies that were in force on the first morning
of the run, as the shipped scenario `history` records them. They are the same for every scenario
that begins on that day. So a lever does the same whether it is in force from the first morning or
from a later day: it never becomes part of what is usual.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from simulation.scenario.load import load_scenario
from simulation.scenario.policy import Levers, PolicyDay
from simulation.scenario.schema import Scenario

if TYPE_CHECKING:
    from datetime import date

#: the shipped scenario with the policies that were in force
_HISTORY = "history"


def reference_policy(levers: Levers, day: date) -> PolicyDay:
    """The reference policy of a run that begins on a day.

    On a corridor of a user's own there is no history: what is usual there is what the scenario
    begins with.

    Args:
        levers: The policy of the scenario.
        day: First morning of the run, warm-up included.
    """
    if not levers.corridor.shipped:
        return levers.on(day)
    return Levers(_history(), levers.corridor, levers.parameters, levers.origins).on(day)


@cache
def _history() -> Scenario:
    return load_scenario(_HISTORY)
