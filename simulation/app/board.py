"""What the parts of one visitor's page share. Every visitor has values of their own.

Solara keeps a reactive of a module once for each page that is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import solara
import solara.lab

from simulation.app.draft import BASELINE, Draft, baseline_beside, shipped
from simulation.errors import InputError
from simulation.scenario import Scenario
from simulation.scenario.describe import describe_differences

#: the what-if that is being made
draft: solara.Reactive[Draft] = solara.reactive(Draft())
#: seed of the runs that are shown
seed: solara.Reactive[int] = solara.reactive(1)
#: how many of the people are simulated in them, in words
EVERYBODY = "Everybody"
people: solara.Reactive[str] = solara.reactive(EVERYBODY)


@dataclass(frozen=True)
class Checked:
    """A what-if that has been looked at.

    Attributes:
        whatif: The scenario, or None if it cannot be used.
        baseline: What it is compared with, over the same days.
        changes: What differs from the baseline, in sentences.
        problem: Why it cannot be used, in the words of the command line; empty if it can.
    """

    whatif: Scenario | None
    baseline: Scenario
    changes: tuple[str, ...] = ()
    problem: str = ""


def examine(made: Draft) -> Checked:
    """Check a what-if and say what it changes."""
    try:
        scenario = made.scenario()
    except InputError as error:
        return Checked(None, shipped(BASELINE), (), str(error))
    baseline = baseline_beside(scenario)
    return Checked(scenario, baseline, tuple(describe_differences(scenario, baseline)))


@solara.lab.computed
def checked() -> Checked:
    """The what-if as it stands, looked at."""
    return examine(draft.value)
