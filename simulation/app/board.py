"""What the parts of one visitor's page share. Every visitor has values of their own.

Solara keeps a reactive of a module once for each page that is open.
"""

from __future__ import annotations

from dataclasses import dataclass

import solara
import solara.lab

from simulation.app.draft import BASELINE, Draft, baseline_beside, shipped
from simulation.app.links import PageState
from simulation.errors import InputError
from simulation.scenario import Scenario
from simulation.scenario.describe import describe_differences

#: the what-if that is being made
draft: solara.Reactive[Draft] = solara.reactive(Draft())
#: the tab that is shown
tab: solara.Reactive[str] = solara.reactive(PageState().tab)
#: the years of the answer, as in `choices.years`
years: solara.Reactive[str] = solara.reactive(PageState().years)
#: seed of the runs that are watched
seed: solara.Reactive[int] = solara.reactive(PageState.seed)
#: share of the people simulated in them, one of the values of `links.SCALES`
people: solara.Reactive[str] = solara.reactive(PageState.people)


def show(state: PageState) -> None:
    """Take over what an address holds."""
    draft.set(state.draft)
    tab.set(state.tab)
    years.set(state.years)
    seed.set(state.seed)
    people.set(state.people)


def state() -> PageState:
    """The state that the address of the page holds."""
    return PageState(draft.value, tab.value, years.value, seed.value, people.value)


@dataclass(frozen=True)
class CheckedWhatIf:
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

    @property
    def is_baseline(self) -> bool:
        """Whether the what-if asks for the same runs as what it is compared with."""
        return self.whatif is not None and self.whatif.hash() == self.baseline.hash()


def examine(whatif: Draft) -> CheckedWhatIf:
    """Check a what-if and say what it changes."""
    try:
        scenario = whatif.scenario()
    except InputError as error:
        return CheckedWhatIf(None, shipped(BASELINE), (), str(error))
    baseline = baseline_beside(scenario)
    return CheckedWhatIf(scenario, baseline, tuple(describe_differences(scenario, baseline)))


@solara.lab.computed
def checked() -> CheckedWhatIf:
    """The what-if as it stands, looked at."""
    return examine(draft.value)


@solara.lab.computed
def years_of_run() -> str | None:
    """The years that the full model is asked for; None where the what-if does not have them."""
    whatif = checked.value.whatif
    first, _, last = years.value.partition("..")
    if whatif is None or whatif.run.start.year > int(first):
        return None
    return years.value if int(last or first) <= whatif.run.end.year else None


def attempt(changed: Draft) -> str:
    """Take over a what-if if it can be used; why not, otherwise."""
    problem = examine(changed).problem
    if not problem:
        draft.value = changed
    return problem
