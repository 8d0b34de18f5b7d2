"""The corridor and the Channel as maps: on the page of the app, in Mesa's viewer and a notebook."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import solara

from simulation.app.ground import ground_text
from simulation.app.live import (
    FLOW_EDGES,
    WINDOW,
    Frame,
    frame_of,
    operators_at_places,
    posted_units,
    with_layer,
)
from simulation.model.corridor_model import CorridorModel
from simulation.outcomes import long_date
from simulation.report.maps import STOPPED_WORDS, WIDTHS


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
) -> None:
    """The corridor and the Channel of one run, or `only` one of `ground.CORRIDOR` and `STRAIT`.

    Without a `ground` it is asked of the server. What is `picked` (a kind and a number, as in
    `event_pick`) is marked.
    """


@solara.component_vue("legend.vue")
def _Legend(days: int, widths: list[tuple[float, str]], stopped: list[str]) -> None:
    """Widths of the ways with their words, words of their colours, and the marks."""


@solara.component
def Legend() -> None:
    """The meaning of widths, colours and marks of the maps."""
    edges = [f"under {FLOW_EDGES[0]:g}", *(f"{edge:g} or more" for edge in FLOW_EDGES)]
    _Legend(
        days=WINDOW,
        widths=list(zip(WIDTHS, edges, strict=True)),
        stopped=[*STOPPED_WORDS],
    )


@solara.component
def CorridorMap(model: CorridorModel, over: int, only: str = "") -> None:
    """The corridor and the Channel of a model after its last day, with units and smugglers.

    Args:
        model: The model.
        over: Days that are over; another number has the map drawn anew.
        only: `ground.CORRIDOR` for the corridor alone, `STRAIT` for the Channel alone; empty for
            both with their legend.
    """
    world = model.world
    frame, title = None, ""
    if over:
        bare = frame_of(world, model.first_counted, over - 1)
        frame = with_layer(bare, posted_units(world), operators_at_places(world))
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
            Legend()
