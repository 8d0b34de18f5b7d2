"""The page: its tabs, and one session of runs for each visitor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import solara
import solara.lab

from simulation.app import board
from simulation.app.answer import AnswerHead, AnswerTables, Choices
from simulation.app.controls import Controls, ToKnow
from simulation.app.corridor_map import Legend
from simulation.app.draft import OPTIONS
from simulation.app.ensemble_view import EnsemblePanel
from simulation.app.explore import (
    DOT,
    Bar,
    Charts,
    Clicked,
    RunMaps,
    RunWith,
    Visit,
    chart_files,
    is_changed,
    shows_difference,
)
from simulation.app.fields import Notice
from simulation.app.links import TABS, PageState, fits, query_of, state_of
from simulation.app.pinned import Pinned
from simulation.app.results_view import ResultsPage
from simulation.app.screen import Screen
from simulation.app.session import Session
from simulation.app.take_away import TakeAnswer, TakeAway
from simulation.app.visits import Limited
from simulation.corridor.in_use import data_entry, data_line
from simulation.errors import InputError

STYLE = Path(__file__).with_name("page.css")
TITLE = "crossings"
ANSWER, WATCH, RESULTS, LIMITS = TABS
TAB_NAMES = {
    ANSWER: "Answer", WATCH: "Watch", RESULTS: "Results", LIMITS: "What it can tell you"
}  # fmt: skip


ONE_WORLD = (
    "This is one world: one seed, one future, one set of assumptions. It shows how things work. "
    "The Answer tab says how much."
)


def new_visit() -> Visit:
    """Runs of a visitor, and the screen they are shown on."""
    screen = Screen()
    return Visit(Session(screen.show, screen.follow), screen)


@solara.component_vue("leaving.vue")
def _Leaving(
    unsaved: bool, restored: bool, query: str, event_reloaded: Callable[[object], None]
) -> None:
    """The question a browser asks before unsaved work is left, unless a reload would restore it.

    `event_reloaded` comes if what the page opened with was unsaved before a reload.
    """


@solara.component_vue("roles.vue")
def _Roles() -> None:
    """Attributes for screen readers, put where they are allowed; it shows nothing."""


@solara.component_vue("limits.vue")
def _Limits(figures: str) -> None:
    """The limits of the model, and the sources of the observed figures."""


@solara.component
def Page() -> None:
    """The page of the app, where there is room for one more visitor."""
    solara.Title(TITLE)
    Limited(VisitorPage)


@solara.component
def VisitorPage() -> None:
    """The page of one visitor; no model is built before they run something."""
    visit = solara.use_memo(new_visit, [])
    tab, set_tab, refused = use_address()
    solara.use_effect(lambda: visit.session.close, [])
    solara.Style(STYLE)
    with solara.Div(classes=["crossings-page"]):
        with solara.lab.Tabs(value=TABS.index(tab), on_value=lambda at: set_tab(TABS[at])):
            for name in TABS:
                solara.lab.Tab(TAB_NAMES[name])
        # always there: a box that came and went would have all that follows it made anew
        with solara.Div():
            if refused:
                shown = f"Shown instead: “{board.draft.value.title}”."
                Notice("warning", f"The address of this page cannot be used. {shown}", refused)
        _Roles()
        LeaveGuard(tab, bool(refused))
        Question(visit, tab)
        if tab == RESULTS:
            ResultsPage(OPTIONS.results)
        elif tab == LIMITS:
            _Limits(figures=data_line(data_entry()))


@solara.component
def LeaveGuard(tab: str, refused: bool) -> None:
    """A question before unsaved work is left, and a notice where the address cannot hold it.

    Args:
        tab: The tab that is shown.
        refused: Whether the page shows something else than its address holds.
    """
    draft, query = board.draft.value, _use_query(tab)
    small = solara.use_memo(lambda: fits(draft), [draft])
    _Leaving(
        unsaved=board.unsaved.value,
        restored=small and board.checked.value.whatif is not None,
        query=query,
        event_reloaded=lambda _: None if refused else board.saved.set(""),
    )
    if not small:
        Notice(
            "warning",
            "This what-if is too large for the address of the page: a reload would lose it. "
            "Download the scenario file to keep it.",
        )


def _use_query(tab: str) -> str:
    """A hook: the query of the address that holds what is set."""
    state = board.state(tab)
    return solara.use_memo(lambda: query_of(state, OPTIONS.draft), [state])


def use_address() -> tuple[str, Callable[[str], None], str]:
    """A hook: the page shows what its address holds, and the address what is set on the page.

    Each change is a step of the browser's history, so that Back undoes it.

    Returns:
        The tab, how to change it, and why the address could not be used.
    """
    router = solara.use_router()
    search = router.search or ""
    seen = solara.use_ref(search)
    # the query of what is shown; an address with another one was chosen by the visitor
    written = solara.use_ref("")

    def open_address() -> tuple[str, str]:
        state, problem = PageState(OPTIONS.draft), ""
        try:
            state = state_of(search, OPTIONS.draft)
        except InputError as error:
            problem = str(error)
        board.show(state)
        written.current = query_of(state, OPTIONS.draft)
        return state.tab, problem

    def begin() -> tuple[str, str]:
        opened = open_address()
        board.saved.set(board.draft.value.text())
        return opened

    (tab, refused), set_shown = solara.use_state(solara.use_memo(begin, []))

    def follow() -> None:
        if search not in (seen.current, written.current):
            set_shown(open_address())
        seen.current = search

    solara.use_effect(follow, [search])
    query = _use_query(tab)

    def write() -> None:
        if query != written.current:
            written.current = query
            set_shown((tab, ""))
            router.push(f"{router.path}?{query}" if query else router.path)

    solara.use_effect(write, [query])
    return tab, lambda name: set_shown((name, refused)), refused


@solara.component
def Question(visit: Visit, tab: str) -> None:
    """The answer or the live corridor, beside the what-if.

    Once opened, what was typed and chosen stays as it is while another tab is shown; the runs wait.
    """
    by_hand, set_unfolded = solara.use_state(False)
    unfolded = by_hand or bool(board.lever.value)
    watched, answers = solara.use_ref(False), tab == ANSWER
    watched.current |= tab == WATCH
    levers = solara.use_ref(False)
    levers.current |= watched.current or unfolded

    def turn() -> None:
        set_unfolded(not unfolded)
        board.lever.set("")

    grid = {ANSWER: "crossings-answers", WATCH: "crossings-explore"}.get(tab, "crossings-hidden")
    # around what comes and goes: all that follows would else be made anew
    with solara.Div(classes=[grid]):
        with solara.Div(classes=["crossings-around"]):
            if answers:
                AnswerHead()
        with solara.Div(classes=["crossings-left", *_hidden(tab != WATCH)]):
            if watched.current:
                Corridor(visit, tab == WATCH)
        with solara.Div(classes=["crossings-side"]):
            with solara.Div(classes=["crossings-around"]):
                if answers:
                    Choices()
                    words = "Hide the other levers" if unfolded else "All levers, files and links"
                    solara.Button(words, on_click=turn, outlined=True)
            folded = _hidden(answers and not unfolded)
            with solara.Div(classes=["crossings-levers", *folded]):
                if levers.current:
                    ToKnow()
                    Controls()
            EnsemblePanel()
            with solara.Div(classes=folded):
                if levers.current:
                    TakeAway(partial(chart_files, visit.session), is_changed())
        with solara.Div(classes=["crossings-answer-rest" if answers else "crossings-around"]):
            if answers:
                Pinned()
                AnswerTables()
                TakeAnswer()


def _hidden(hidden: bool) -> list[str]:
    return ["crossings-hidden"] if hidden else []


@solara.component
def Corridor(visit: Visit, shown: bool) -> None:
    """The live corridor: one simulated world."""
    with solara.Div(classes=["crossings-around"]):
        Notice("info", ONE_WORLD)
        RunWith(visit)
        # around what comes and goes: all that follows would else be made anew
        with solara.Div(classes=["crossings-around"]):
            if shown:
                Bar(visit)
                RunMaps(visit)
        Legend(shows_difference(), DOT)
        Clicked(visit)
        with solara.Div(classes=["crossings-last"]):
            if shown:
                Charts(visit)
