"""The page: the tabs, and one session of runs for each visitor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import solara
import solara.lab

from simulation.app import board, showing
from simulation.app.explore import SCALES, Charts, Clicked, Legend, Player, current_order
from simulation.app.options import OPTIONS
from simulation.app.session import Session

STYLE = Path(__file__).with_name("page.css")
TITLE = "crossings"


def new_session() -> Session:
    """A session whose views and charts go to the page that is open."""
    follower = showing.Follower(
        lambda key, chart: showing.charts[key].set(chart),
        showing.figures.set,
        lambda: showing.picked.value,
    )
    return Session(showing.view.set, follower)


@solara.component
def Page() -> None:
    """What a visitor sees."""
    session = solara.use_memo(new_session, [])
    tab, set_tab = solara.use_state(0)

    def opened() -> Callable[[], None]:
        board.draft.set(OPTIONS.draft)
        run_it(session, SCALES["Everybody"])
        return session.close

    solara.use_effect(opened, [])
    solara.Title(TITLE)
    solara.Style(STYLE)
    with solara.Div(classes=["crossings-page"]):
        with solara.lab.Tabs(value=tab, on_value=set_tab):
            solara.lab.Tab("Explore")
        if tab == 0:
            Explore(session)


def run_it(session: Session, scale: float) -> None:
    """Begin what the what-if asks for now."""
    asked = current_order(scale)
    if asked is None:
        return
    for chart in showing.charts.values():
        chart.set(None)
    showing.order.set(asked)
    session.begin(asked)


@solara.component
def Explore(session: Session) -> None:
    """The live corridor beside the what-if."""
    scale, set_scale = solara.use_state("Everybody")
    changed = current_order(SCALES[scale]) != showing.order.value
    with solara.Div(classes=["crossings-explore"]):
        with solara.Div(classes=["crossings-live"]):
            if changed and board.checked.value.whatif is not None:
                with solara.Div(classes=["crossings-changed"]):
                    solara.Text("The what-if has changed since these runs began.")
                    solara.Button(
                        "Run it", color="primary", on_click=lambda: run_it(session, SCALES[scale])
                    )
            Player(session)
            Legend()
            Charts()
            Clicked(session)
        with solara.Div(classes=["crossings-controls"]):
            solara.Select("People simulated", list(SCALES), value=scale, on_value=set_scale)
