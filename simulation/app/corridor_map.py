"""The corridor and the Channel as maps: on the page of the app, in Mesa's viewer and a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

import solara

from simulation.app.ground import ground_text
from simulation.app.live import FLOW_EDGES, WINDOW, Frame, frame_of
from simulation.outcomes import long_date
from simulation.report.drawing import STOPPED_WORDS, WIDTHS

if TYPE_CHECKING:
    from simulation.model.corridor_model import CorridorModel


@solara.component_vue("corridor_map.vue")
def Maps(
    title: str = "",
    frame: Frame | None = None,
    number: int = 0,
    ground: str = "",
    only: str = "",
    dot: int = 0,
    playing: bool = False,
) -> None:
    """The corridor and the Channel of one run, or `only` one of `ground.CORRIDOR` and `STRAIT`.

    Without a `ground` it is asked of the server. While it is `playing`, dots move along the ways,
    each for a `dot` of people; for 0 there are none.
    """


@solara.component_vue("legend.vue")
def _Legend(days: int, widths: list[tuple[float, str]], stopped: list[str], dot: int) -> None:
    """Widths of the ways with their words, words of their colours, and the marks.

    A moving dot stands for a `dot` of people, where there are such.
    """


@solara.component
def Legend(dot: int = 0) -> None:
    """The meaning of widths, colours and marks of the maps.

    Args:
        dot: People for whom a moving dot stands; 0 without such dots.
    """
    words = [f"under {FLOW_EDGES[0]:g}", *(f"{edge:g} or more" for edge in FLOW_EDGES)]
    widths = list(zip(WIDTHS, words, strict=True))
    _Legend(days=WINDOW, widths=widths, stopped=[*STOPPED_WORDS], dot=dot)


@solara.component
def CorridorMap(model: CorridorModel, over: int, only: str = "") -> None:
    """The corridor and the Channel of a model after its last day.

    Args:
        model: The model.
        over: Days that are over; another number has the map drawn anew.
        only: `ground.CORRIDOR` for the corridor alone, `STRAIT` for the Channel alone; empty for
            both with their legend.
    """
    world = model.world
    frame, title = None, ""
    if over:
        frame = frame_of(world, model.first_counted, over - 1)
        title = f"{long_date(model.today)}: {frame['arrivals']:,} arrivals so far"
    with solara.Div(style="width: 100%"):
        Maps(
            title=title,
            frame=frame,
            number=over,
            ground=ground_text(),
            only=only,
        )
        if not only:
            Legend()
