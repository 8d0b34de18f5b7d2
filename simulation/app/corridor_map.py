"""The corridor and the Channel as maps: on the page of the app, in Mesa's viewer and a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import solara

from simulation.app.details import RECENT
from simulation.app.difference import CHANGE_EDGES
from simulation.app.ground import ground_text
from simulation.app.live import FLOW_EDGES, WINDOW, Frame, frame_of
from simulation.outcomes import long_date
from simulation.report.drawing import STOPPED_WORDS, WIDTHS
from simulation.statistics.paired import DIRECTION_PAIRS, FALSE_SHARE

if TYPE_CHECKING:
    from simulation.model.corridor_model import CorridorModel


@solara.component_vue("corridor_map.vue")
def Maps(
    event_pick: Callable[[Mapping[str, Any]], None],
    event_drawn: Callable[[int], None],
    title: str = "",
    frame: Frame | None = None,
    number: int = 0,
    ground: str = "",
    only: str = "",
    picked: str = "",
    difference: bool = False,
    dot: int = 0,
    playing: bool = False,
) -> None:
    """The corridor and the Channel of one run, or `only` one of `ground.CORRIDOR` and `STRAIT`.

    Without a `ground` it is asked of the server. What is `picked` (a kind and a number, as in
    `event_pick`) is marked. Of a `difference` places and units are more, or below 0 fewer. While it
    is `playing`, dots move along the ways, each for a `dot` of people; for 0 there are none.
    """


@solara.component_vue("legend.vue")
def _Legend(
    days: int,
    widths: list[tuple[float, str]],
    stopped: list[str],
    pairs: int,
    chance: str,
    dot: int,
    layers: bool,
) -> None:
    """Widths of the ways with their words, words of their colours, and the marks.

    With `layers` there are marks of units and smugglers. Of a difference `pairs` are those of
    worlds, and `chance` is the share it may have. A moving dot stands for a `dot` of people, where
    there are such.
    """


@solara.component
def Legend(difference: bool = False, dot: int = 0, layers: bool = True) -> None:
    """The meaning of widths, colours and marks of the maps, or of that of a difference.

    Args:
        difference: Whether it is that of a difference.
        dot: People for whom a moving dot stands; 0 without such dots.
        layers: Whether the maps can show units and smugglers.
    """
    edges = CHANGE_EDGES if difference else FLOW_EDGES
    words = [f"under {edges[0]:g}", *(f"{edge:g} or more" for edge in edges)]
    _Legend(
        days=RECENT if difference else WINDOW,
        widths=list(zip(WIDTHS, words, strict=True)),
        stopped=[*STOPPED_WORDS],
        pairs=DIRECTION_PAIRS if difference else 0,
        chance=f"{FALSE_SHARE:.0%}",
        dot=dot,
        layers=layers,
    )


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
            event_pick=lambda _: None,
            event_drawn=lambda _: None,
            title=title,
            frame=frame,
            number=over,
            ground=ground_text(),
            only=only,
        )
        if not only:
            Legend(layers=False)
