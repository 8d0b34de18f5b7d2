"""The page: its tabs beside the what-if, and its address."""

from __future__ import annotations

from pathlib import Path

import solara
import solara.lab

from simulation.app import board
from simulation.app.answer import AnswerHead, AnswerTables, Choices
from simulation.app.comparison import ComparisonPanel
from simulation.app.draft import OPTIONS
from simulation.app.links import TABS, TOO_LARGE, PageState, query_of, state_of
from simulation.app.notice import Notice
from simulation.app.player import Player
from simulation.app.results_view import ResultsPage
from simulation.app.watch import Watch, begun
from simulation.app.what_if import WhatIf
from simulation.corridor.in_use import data_entry, data_line
from simulation.errors import InputError

STYLE = Path(__file__).with_name("page.css")
ANSWER, WATCH, RESULTS, LIMITS = TABS
TAB_NAMES = {
    ANSWER: "Answer", WATCH: "Watch", RESULTS: "Results", LIMITS: "What it can tell you"
}  # fmt: skip


@solara.component_vue("page_setup.vue")
def _Setup() -> None:
    """Light or dark, as the visitor's system is; it shows nothing."""


@solara.component_vue("limits.vue")
def _Limits(figures: str) -> None:
    """The limits of the model, and the sources of the observed figures."""


@solara.component
def Page() -> None:
    """The page of one visitor; no model is built before they run something."""
    refused = use_address()
    tab = board.tab.value
    player = solara.use_memo(begun, [])
    solara.use_effect(lambda: player.close, [])
    solara.Title("crossings")
    solara.Style(STYLE)
    with solara.Div(classes=["crossings-page"]):
        _Setup()
        with solara.lab.Tabs(
            value=TABS.index(tab), on_value=lambda at: board.tab.set(TABS[at or 0])
        ):
            for name in TABS:
                solara.lab.Tab(TAB_NAMES[name])
        if refused:
            shown = f"Shown instead: “{board.draft.value.title}”."
            Notice("warning", f"The address of this page cannot be used. {shown}", refused)
        # keys: what is drawn of one tab is not made over into that of another
        if tab in (ANSWER, WATCH):
            Question(tab, player).key("question")
        elif tab == RESULTS:
            ResultsPage(OPTIONS.results).key("results")
        else:
            _Limits(figures=data_line(data_entry())).key("limits")


def use_address() -> str:
    """A hook: the page shows what its address holds, and the address what is set on the page.

    Each change is a step of the browser's history, so that Back undoes it.

    Returns:
        Why the address could not be used; empty where it could.
    """
    router = solara.use_router()
    search = router.search or ""
    refused, set_refused = solara.use_state("")
    # the query of what is shown; an address with another one was chosen by the visitor
    written = solara.use_ref("")

    def read() -> None:
        if search == written.current and search:
            return
        state, problem = PageState(OPTIONS.draft), ""
        try:
            state = state_of(search, OPTIONS.draft)
        except InputError as error:
            problem = str(error)
        board.show(state)
        written.current = query_of(state, OPTIONS.draft)
        set_refused(problem)

    solara.use_memo(read, [search])
    query = query_of(board.state(), OPTIONS.draft)

    def write() -> None:
        if query != written.current:
            written.current = query
            set_refused("")
            router.push(f"{router.path}?{query}" if query else router.path)

    solara.use_effect(write, [query])
    return refused


@solara.component
def Question(tab: str, player: Player) -> None:
    """The answer or the simulated world, beside the what-if.

    Args:
        tab: `ANSWER` or `WATCH`.
        player: The visitor's runs.
    """
    answers = tab == ANSWER
    with solara.Div(classes=["crossings-answers" if answers else "crossings-explore"]):
        with solara.Div(classes=["crossings-head"]):
            if answers:
                AnswerHead()
            else:
                Watch(player)
        with solara.Div(classes=["crossings-side"]):
            if answers:
                Choices()
            WhatIf(not answers).key(tab)
            if TOO_LARGE in query_of(board.state(), OPTIONS.draft):
                Notice(
                    "warning",
                    "This what-if is too large for the address of the page: a reload would lose "
                    "it. Download the scenario file to keep it.",
                )
        if answers:
            with solara.Div(classes=["crossings-rest"]):
                ComparisonPanel()
                AnswerTables()
