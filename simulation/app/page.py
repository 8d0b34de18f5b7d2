"""The page: its tabs, and one session of runs for each visitor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import solara
import solara.lab

from simulation.app import board
from simulation.app.controls import Controls
from simulation.app.draft import Draft
from simulation.app.ensemble_view import EnsemblePanel
from simulation.app.explore import (
    Charts,
    Clicked,
    Legend,
    Player,
    RunWith,
    Visit,
    chart_files,
    run_it,
)
from simulation.app.limits_view import LimitsPage
from simulation.app.links import KEY, decode
from simulation.app.notices import Notice
from simulation.app.options import OPTIONS
from simulation.app.results_view import ResultsPage
from simulation.app.screen import Screen
from simulation.app.session import Session
from simulation.app.showing import Follower
from simulation.app.take_away import TakeAway
from simulation.app.to_know import ToKnow
from simulation.errors import InputError

STYLE = Path(__file__).with_name("page.css")
TITLE = "crossings"
EXPLORE, RESULTS, LIMITS = range(3)


def new_visit() -> Visit:
    """Runs of a visitor, and the screen they are shown on."""
    screen = Screen()
    follower = Follower(screen.draw, screen.look, lambda: screen.picked)
    return Visit(Session(screen.show, follower), screen)


@solara.component
def Page() -> None:
    """What a visitor sees."""
    visit = solara.use_memo(new_visit, [])
    search = solara.use_router().search
    tab, set_tab = solara.use_state(EXPLORE)
    refused, set_refused = solara.use_state("")

    def opened() -> Callable[[], None]:
        try:
            board.draft.set(asked_for(search))
        except InputError as error:
            set_refused(str(error))
            board.draft.set(OPTIONS.draft)
        run_it(visit)
        return visit.session.close

    solara.use_effect(opened, [])
    solara.Title(TITLE)
    solara.Style(STYLE)
    with solara.Div(classes=["crossings-page"]):
        with solara.lab.Tabs(value=tab, on_value=set_tab):
            solara.lab.Tab("Explore")
            solara.lab.Tab("Results")
            solara.lab.Tab("What it can tell you")
        if refused:
            Notice("warning", "The what-if of the link cannot be used.", refused)
        if tab == EXPLORE:
            Explore(visit)
        elif tab == RESULTS:
            ResultsPage(OPTIONS.results)
        else:
            LimitsPage()


def asked_for(search: str | None) -> Draft:
    """The what-if that the address of the page carries, or the one the server was started with.

    Args:
        search: What stands behind the question mark of the address.

    Raises:
        InputError: It carries one that cannot be used.
    """
    carried = parse_qs(search or "").get(KEY)
    return decode(carried[0]) if carried else OPTIONS.draft


@solara.component
def Explore(visit: Visit) -> None:
    """The live corridor beside the what-if."""
    with solara.Div(classes=["crossings-explore"]):
        with solara.Div(classes=["crossings-live"]):
            RunWith(visit)
            Player(visit)
            Legend()
            Clicked(visit)
        with solara.Div(classes=["crossings-side"]):
            ToKnow()
            Controls()
            EnsemblePanel()
            TakeAway(partial(chart_files, visit.session))
        Charts(visit)
