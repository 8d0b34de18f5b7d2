"""What maps are drawn on: coasts, borders, names, and lines that bend.

Coast and borders are line traces on plain axes, so a map needs nothing from the network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulation.corridor import Corridor, Leg, Place
from simulation.report.drawing import PlotFigure, scatter
from simulation.report.style import BLACK, GREY, figure, safe

_COAST, _BORDER = "#8a8a8a", "#c4c4c4"
_HALO = "1px 1px 2px white, -1px -1px 2px white, 1px -1px 2px white, -1px 1px 2px white"


@dataclass(frozen=True)
class MapWindow:
    """A part of the map in degrees: west, east, south, north."""

    west: float
    east: float
    south: float
    north: float

    def holds(self, longitude: Any, latitude: Any) -> Any:
        """Whether points lie inside."""
        return (
            (longitude >= self.west)
            & (longitude <= self.east)
            & (latitude >= self.south)
            & (latitude <= self.north)
        )

    def widened(self, part: float) -> MapWindow:
        """The window with a part of its size added on each side."""
        wide, high = part * (self.east - self.west), part * (self.north - self.south)
        return MapWindow(self.west - wide, self.east + wide, self.south - high, self.north + high)


@dataclass(frozen=True)
class Lines:
    """What a map is drawn on: polylines, each (points, 2) longitude and latitude."""

    coast: Sequence[np.ndarray]
    borders: Sequence[np.ndarray]


#: the strait and its launch coast
CHANNEL = MapWindow(0.4, 3.6, 49.6, 51.6)
#: a window is shown with as much around it as the shape of the screen asks for: part of its size
AROUND = 0.35
#: what is what on the map of the strait: name, longitude, latitude
_LANDS = (("England", 0.8, 51.25), ("France", 2.5, 50.2), ("Belgium", 3.2, 50.92))


def whole_corridor(corridor: Corridor) -> MapWindow:
    """The window that holds every place."""
    longitudes = [place.longitude for place in corridor.places]
    latitudes = [place.latitude for place in corridor.places]
    return MapWindow(
        min(longitudes) - 1.5, max(longitudes) + 1.5, min(latitudes) - 1.5, max(latitudes) + 1.5
    )


def empty_map(lines: Lines, window: MapWindow) -> PlotFigure:
    """A figure with coast and borders, and axes that keep the shapes of lands."""
    made = figure(x="longitude (degrees east)", y="latitude (degrees north)", hovermode="closest")
    made.add_trace(drawn(lines.borders, window, 0.8, _BORDER))
    made.add_trace(drawn(lines.coast, window, 1.1, _COAST))
    middle = math.radians((window.south + window.north) / 2)
    made.update_xaxes(range=[window.west, window.east], showgrid=False, constrain="range", nticks=6)
    made.update_yaxes(
        range=[window.south, window.north],
        showgrid=False,
        scaleanchor="x",
        scaleratio=1 / math.cos(middle),
        constrain="range",
        nticks=6,
    )
    made.update_layout(dragmode="pan")
    return made


def add_frame(made: PlotFigure, window: MapWindow) -> None:
    """Mark what another map shows."""
    made.add_shape(
        type="rect",
        x0=window.west,
        x1=window.east,
        y0=window.south,
        y1=window.north,
        line={"color": BLACK, "width": 1, "dash": "dot"},
    )


def add_lands(made: PlotFigure) -> None:
    """Name the lands of the map of the strait."""
    made.add_trace(written([(*land, 0.0) for land in _LANDS], GREY, 15, "middle center"))


def legs_within(corridor: Corridor, window: MapWindow) -> list[Leg]:
    """Legs of which at least one end lies in a window."""
    place_of = {place.id: place for place in corridor.places}
    return [
        leg
        for leg in corridor.legs
        if any(
            window.holds(place_of[end].longitude, place_of[end].latitude)
            for end in (leg.origin, leg.target)
        )
    ]


def places_within(corridor: Corridor, window: MapWindow) -> list[Place]:
    """Places in a window."""
    return [place for place in corridor.places if window.holds(place.longitude, place.latitude)]


def drawn(
    lines: Sequence[np.ndarray], window: MapWindow, width: float, colour: str
) -> dict[str, Any]:
    """Coast or borders as one trace, cut to the window and as much again on each side."""
    margin = window.widened(1.0)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for line in lines:
        inside = margin.holds(line[:, 0], line[:, 1])
        for index in range(len(line)) if np.any(inside) else ():
            if inside[index]:
                xs.append(round(float(line[index, 0]), 3))
                ys.append(round(float(line[index, 1]), 3))
            elif xs and xs[-1] is not None:
                xs.append(None)
                ys.append(None)
        xs.append(None)
        ys.append(None)
    return scatter(
        x=xs,
        y=ys,
        mode="lines",
        line={"color": colour, "width": width},
        hoverinfo="skip",
        showlegend=False,
    )


def written(
    names: Sequence[tuple[str, float, float, float]],
    colour: str,
    size: int,
    position: str,
    meta: str | None = None,
) -> dict[str, Any]:
    """Names on the map: name, longitude, latitude, and the size of the circle to keep clear of."""
    return scatter(
        x=[longitude for _, longitude, _, _ in names],
        y=[latitude for _, _, latitude, _ in names],
        mode="markers+text",
        marker={"size": [circle for _, _, _, circle in names], "opacity": 0},
        text=[safe(name) for name, _, _, _ in names],
        textposition=position,
        textfont={"size": size, "color": colour, "shadow": _HALO},
        hoverinfo="skip",
        showlegend=False,
        meta=meta,
    )


def short(name: str) -> str:
    """A name that fits on the map: without what follows `and` or stands in brackets."""
    return name.split(" (")[0].split(" and ")[0]


def named(
    places: Sequence[Place],
    present: dict[str, float],
    window: MapWindow,
    *,
    columns: int,
    rows: int,
    first: Sequence[Place] = (),
) -> list[Place]:
    """Places whose names are written: the fullest, and no two so close that they overlap.

    Args:
        places: To choose from.
        present: People there, by place.
        window: What the map shows.
        columns: Names that fit side by side.
        rows: Names that fit one above the other.
        first: Places that are named already; they come first in the result.
    """
    apart_x, apart_y = (window.east - window.west) / columns, (window.north - window.south) / rows
    chosen = list(first)
    for place in sorted(places, key=lambda place: -present[place.id]):
        if place not in chosen and all(
            abs(place.longitude - other.longitude) > apart_x
            or abs(place.latitude - other.latitude) > apart_y
            for other in chosen
        ):
            chosen.append(place)
    return chosen


def bend(x0: float, y0: float, x1: float, y1: float) -> tuple[list[float], list[float]]:
    """A line that bends to the right of its way, so that there and back do not cover each other.

    Args:
        x0: Longitude of the start.
        y0: Latitude of the start.
        x1: Longitude of the end.
        y1: Latitude of the end.

    Returns:
        Longitudes and latitudes of nine points.
    """
    control_x = (x0 + x1) / 2 + 0.12 * (y1 - y0)
    control_y = (y0 + y1) / 2 - 0.12 * (x1 - x0)
    xs, ys = [], []
    for step in range(9):
        t = step / 8
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        xs.append(round(a * x0 + b * control_x + c * x1, 3))
        ys.append(round(a * y0 + b * control_y + c * y1, 3))
    return xs, ys
