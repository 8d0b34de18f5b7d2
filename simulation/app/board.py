"""What the parts of one visitor's page share. Every visitor has values of their own.

Solara keeps a reactive of a module once for each page that is open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import solara
import solara.lab

from simulation.app.choices import is_chosen
from simulation.app.draft import BASELINE, Draft, baseline_beside, shipped
from simulation.app.links import EVERYBODY, MOST_PINS, TOO_LARGE, PageState, Pin, encode_pins
from simulation.app.sharing_levels import When, when_of_levers
from simulation.errors import InputError
from simulation.scenario import Scenario
from simulation.scenario.describe import describe_differences
from simulation.scenario.scenario import asks_the_same

#: the what-if that is being made
draft: solara.Reactive[Draft] = solara.reactive(Draft())
#: seed of the runs that are shown
seed: solara.Reactive[int] = solara.reactive(PageState.seed)
#: the years of the answer, as in `choices.years`
years: solara.Reactive[str] = solara.reactive(PageState().years)
#: what-ifs that are pinned beside it
pins: solara.Reactive[tuple[Pin, ...]] = solara.reactive(())
#: section of the lever whose page is open; empty for none
lever: solara.Reactive[str] = solara.reactive("")
#: share of the people simulated in them, one of the words of `SCALES`
people: solara.Reactive[str] = solara.reactive(EVERYBODY)
#: from when what is set in the matrix applies; None for the first day of the run
since: solara.Reactive[When | None] = solara.reactive(None)
#: the scenario file that the visitor has: as opened, downloaded, or held by a copied link
saved: solara.Reactive[str] = solara.reactive(Draft().text())
#: why what stands in a field cannot be used, by name of the field
refused: solara.Reactive[Mapping[str, str]] = solara.reactive({})
#: forms that are open, by the words of the button that adds what is typed
unfinished: solara.Reactive[Mapping[str, str]] = solara.reactive({})


def replace_draft(other: Draft) -> None:
    """Take over another what-if as a whole, with the day from which its matrix applies."""
    since.set(when_of_levers(other))
    draft.set(other)


def show(state: PageState) -> None:
    """Take over what an address holds."""
    replace_draft(state.draft)
    seed.set(state.seed)
    people.set(state.people)
    years.set(state.years)
    pins.set(state.pins)
    lever.set(state.lever)


def state(tab: str) -> PageState:
    """The state that the address of the page holds.

    Args:
        tab: The tab that is shown.
    """
    return PageState(
        draft.value, seed.value, people.value, tab, years.value, pins.value, lever.value
    )


def pin() -> str:
    """Pin the what-if with its years; why it cannot be pinned, otherwise."""
    others, asked = pins.value, examine(draft.value)
    if asked.whatif is None or asked.is_baseline:
        return "Change something first."
    for other in others:
        same = examine(other.draft).whatif
        if other.years == years.value and same and asks_the_same(same, asked.whatif):
            return "Pinned already, for these years."
    if len(others) == MOST_PINS:
        return f"At most {MOST_PINS} can be pinned: unpin one first."
    more = (*others, Pin(draft.value, years.value))
    if encode_pins(more) == TOO_LARGE:
        return "Too large for the address of the page."
    pins.set(more)
    return ""


def show_pin(pinned: Pin) -> None:
    """Make a pinned what-if the one that is asked."""
    years.set(pinned.years)
    replace_draft(pinned.draft)


@solara.lab.computed
def unsaved() -> bool:
    """Whether there is a what-if that the visitor has neither as a file nor as a copied link.

    A what-if that holds choices alone does not count: a few clicks make it again.
    """
    whatif = draft.value
    return bool(whatif.data) and whatif.text() != saved.value and not is_chosen(whatif)


def use_entry(entries: solara.Reactive[Mapping[str, str]], name: str, words: str) -> None:
    """A hook: as long as the component is shown and there are words, they are an entry.

    Args:
        entries: `refused` or `unfinished`.
        name: Name of the entry.
        words: What it says; empty for no entry.
    """

    def without() -> dict[str, str]:
        return {other: text for other, text in entries.peek().items() if other != name}

    def enter() -> Callable[[], None] | None:
        if not words:
            return None
        entries.set({**entries.peek(), name: words})
        return lambda: entries.set(without())

    solara.use_effect(enter, [words])


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


@solara.lab.computed
def start() -> Scenario:
    """The scenario that the what-if starts from; the baseline for one that stands alone."""
    whatif, scenario = draft.value, checked.value.whatif
    if whatif.start:
        return shipped(whatif.start)
    return baseline_beside(scenario) if scenario is not None else shipped(BASELINE)


def attempt(changed: Draft) -> str:
    """Take over a what-if if it can be used; why not, otherwise."""
    problem = examine(changed).problem
    if not problem:
        draft.value = changed
    return problem


@solara.lab.computed
def hindrance() -> str:
    """Why what the controls show cannot be run; empty if it can."""
    return checked.value.problem or next(iter(refused.value.values()), "")


@solara.lab.computed
def open_forms() -> str:
    """The forms whose content is no part of the what-if yet, by the buttons that add it."""
    return ", ".join(f"“{words}”" for words in unfinished.value.values())
