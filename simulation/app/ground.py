"""What the live maps are drawn on: coast, borders, ways and places, fixed and sent once.

A map is a drawing of 1,000 units' width. The browser asks for the ground once and keeps it; a frame
then holds a few numbers for each leg and place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from simulation.app.naming import way
from simulation.corridor import Corridor, load_coastline, load_corridor
from simulation.corridor.coastline import cut_outline
from simulation.report.maps import (
    CORRIDOR_LANDS,
    CROWDED_LANDS,
    STRAIT_LANDS,
    MapWindow,
    legs_within,
    named,
    places_within,
    short,
    whole_corridor,
)

#: width of a drawing, in its own units
WIDTH = 1000.0
#: closest that two points of a coast are drawn, in the same units
_APART = 1.4
#: how much of the lands around is drawn on each side, as a share of a drawing
_AROUND = 0.01
#: how far a way bends from the straight line, as a share of its length
_BEND = 0.12
#: kinds of place whose names come first where there is no room for all
_FIRST = {"coast": 3.0, "landing": 2.0, "hub": 2.0, "entry": 1.0}
#: places that a reader looks for, labelled before all others
_LANDMARKS = ("calais", "dunkirk", "dover", "belgrade", "edirne", "paris")
_LABELS, _LABELS_ON_PHONE = 22, 10
CORRIDOR, STRAIT = "corridor", "strait"
#: the strait with all its launch areas and landings
_STRAIT = MapWindow(-0.35, 3.55, 49.8, 51.5)
#: what the browser reads of a map, a leg or a place
Drawn = dict[str, object]


class Projection:
    """From degrees to the units of a drawing: plain axes, with the shapes of lands kept.

    Args:
        window: What is shown.
    """

    def __init__(self, window: MapWindow) -> None:
        self.window = window
        self._squeeze = math.cos(math.radians((window.south + window.north) / 2))
        self.scale = WIDTH / ((window.east - window.west) * self._squeeze)
        self.height = round((window.north - window.south) * self.scale, 1)

    def x[T: (float, np.ndarray)](self, longitude: T) -> T:
        """Units from the left edge."""
        return (longitude - self.window.west) * self._squeeze * self.scale

    def y[T: (float, np.ndarray)](self, latitude: T) -> T:
        """Units from the upper edge."""
        return (self.window.north - latitude) * self.scale


@cache
def ground_text() -> str:
    """Both maps as JSON, made once for all visitors."""
    corridor = load_corridor()
    maps = {CORRIDOR: whole_corridor(corridor), STRAIT: _STRAIT}
    return json.dumps(
        {name: drawing(corridor, window, name) for name, window in maps.items()},
        separators=(",", ":"),
    )


def drawing(corridor: Corridor, window: MapWindow, name: str) -> Drawn:
    """One map: its size, land and borders, legs, places, names, and a frame of the strait.

    Args:
        corridor: The corridor.
        window: What it shows.
        name: `CORRIDOR`, on which the strait is framed, or `STRAIT`.
    """
    to = Projection(window)
    inset = name == CORRIDOR
    number = {leg.id: index for index, leg in enumerate(corridor.legs)}
    at = {place.id: (to.x(place.longitude), to.y(place.latitude)) for place in corridor.places}
    legs: list[Drawn] = []
    for leg in legs_within(corridor, window):
        if inset or leg.stage == "channel":
            # its curve and the middle of it
            curve, (x, y) = _way(*at[leg.origin], *at[leg.target])
            called = f"{way(leg)} ({leg.mode})"
            legs.append({"n": number[leg.id], "d": curve, "x": x, "y": y, "name": called})
    lands = (*CORRIDOR_LANDS, *CROWDED_LANDS) if inset else STRAIT_LANDS
    return {
        "width": WIDTH,
        "height": to.height,
        "land": _land(to),
        "borders": _path(load_coastline("borders"), to),
        # `more`: those for which there is not always room
        "lands": [
            {"name": name, "x": round(to.x(x), 1), "y": round(to.y(y), 1),
             "more": (name, x, y) in CROWDED_LANDS}
            for name, x, y in lands
        ],
        "legs": legs,
        "places": _places(corridor, window, to, inset),
        "frame": _frame(to) if inset else None,
    }  # fmt: skip


def _places(corridor: Corridor, window: MapWindow, to: Projection, inset: bool) -> list[Drawn]:
    """Places with their labels; `first` are those written even where there is little room."""
    inside = places_within(corridor, window)
    free = [p for p in inside if not (inset and _STRAIT.holds(p.longitude, p.latitude))]
    weight = {p.id: _FIRST.get(p.kind, 0.0) + 9.0 * (p.id in _LANDMARKS) for p in inside}
    columns, rows = (4, 8) if inset else (9, 14)
    few = named(free, weight, window, columns=columns, rows=rows)[:_LABELS_ON_PHONE]
    many = named(free, weight, window, columns=8, rows=18, first=few)[:_LABELS]
    return [
        {
            "n": corridor.place_index[p.id],
            "x": round(to.x(p.longitude), 1),
            "y": round(to.y(p.latitude), 1),
            "kind": p.kind,
            "name": p.name,
            "label": short(p.name) if p in many else "",
            "first": p in few,
        }
        for p in inside
    ]


def _way(x0: float, y0: float, x1: float, y1: float) -> tuple[str, tuple[float, float]]:
    """A curve that bends to the right of its way, and the middle of it."""
    bend_x = (x0 + x1) / 2 - _BEND * (y1 - y0)
    bend_y = (y0 + y1) / 2 + _BEND * (x1 - x0)
    middle = round((x0 + x1) / 4 + bend_x / 2, 1), round((y0 + y1) / 4 + bend_y / 2, 1)
    return f"M{x0:.1f} {y0:.1f}Q{bend_x:.1f} {bend_y:.1f} {x1:.1f} {y1:.1f}", middle


def _frame(to: Projection) -> list[float]:
    """Left, top, width and height of the strait on the map of the whole."""
    left, right = to.x(_STRAIT.west), to.x(_STRAIT.east)
    top, bottom = to.y(_STRAIT.north), to.y(_STRAIT.south)
    return [round(v, 1) for v in (left, top, right - left, bottom - top)]


def _land(to: Projection) -> str:
    """The land as one path, cut somewhat outside of the drawing."""
    around = to.window.widened(_AROUND)
    window = (around.west, around.south, around.east, around.north)
    cut = (cut_outline(ring, window) for ring in load_coastline("coast"))
    return _path([ring for ring in cut if len(ring)], to)


def _path(lines: Sequence[np.ndarray], to: Projection) -> str:
    """Polylines as one path, cut to the drawing and without points too close to be seen."""
    margin = 2 * _AROUND * WIDTH
    parts = []
    for line in lines:
        x, y = to.x(line[:, 0]), to.y(line[:, 1])
        inside = (x > -margin) & (x < WIDTH + margin) & (y > -margin) & (y < to.height + margin)
        last: tuple[float, float] | None = None
        for across, down, shown in zip(x, y, inside, strict=True):
            if not shown:
                last = None
            elif last is None:
                parts.append(f"M{across:.0f} {down:.0f}")
                last = across, down
            elif abs(across - last[0]) + abs(down - last[1]) >= _APART:
                parts.append(f"L{across:.0f} {down:.0f}")
                last = across, down
    return "".join(parts)
