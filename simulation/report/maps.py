"""The corridor map: coast, borders, legs by how many set out, places by how many are there.

Coast and borders are line traces on plain axes, so the map needs nothing from the network.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulation.corridor import Corridor, Leg, Place
from simulation.report.data import RunData
from simulation.report.drawing import Figure, scatter
from simulation.report.style import BLACK, GREY, STEPS, Chart, figure, safe

#: upper edges of the classes of the share stopped; the last class is open
_STOPPED = (0.02, 0.10, 0.25, 0.50)
_STOPPED_WORDS = ("under 2%", "2-10%", "10-25%", "25-50%", "over 50%")
#: widths in pixels of the classes of departures, from a sixteenth of the largest upwards
_WIDTHS = (1.0, 2.0, 3.5, 5.5, 8.0)
_COAST, _BORDER = "#8a8a8a", "#c4c4c4"
_NO_FLOW = "#dcdcdc"


@dataclass(frozen=True)
class Window:
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

    def widened(self, part: float) -> Window:
        """The window with a part of its size added on each side."""
        wide, high = part * (self.east - self.west), part * (self.north - self.south)
        return Window(self.west - wide, self.east + wide, self.south - high, self.north + high)


@dataclass(frozen=True)
class Lines:
    """What a map is drawn on: polylines, each (points, 2) longitude and latitude."""

    coast: Sequence[np.ndarray]
    borders: Sequence[np.ndarray]


#: the strait and its launch coast
CHANNEL = Window(0.4, 3.6, 49.6, 51.6)
#: a window is shown with as much around it as the shape of the screen asks for: part of its size
_AROUND = 0.35
#: what is what on the map of the strait: name, longitude, latitude
_LANDS = (("England", 0.8, 51.25), ("France", 2.5, 50.2), ("Belgium", 3.2, 50.92))
#: names written at most, and on a narrow screen
_NAMES, _NAMES_ON_PHONE = 24, 9
#: what page.html hides on a narrow screen
DETAIL = "detail"


def corridor_map(run: RunData, corridor: Corridor, lines: Lines) -> Chart:
    """The whole corridor."""
    longitudes = [place.longitude for place in corridor.places]
    latitudes = [place.latitude for place in corridor.places]
    window = Window(
        min(longitudes) - 1.5, max(longitudes) + 1.5, min(latitudes) - 1.5, max(latitudes) + 1.5
    )
    return _map(
        run,
        corridor,
        lines,
        window,
        key="map",
        title="Flows on the corridor",
        note="Lines are legs of the way: the wider, the more people set out; the colour is the "
        "share that was stopped. Circles are places: the larger, the more people are there on a "
        "mean day. Touch or point at a circle or at the middle of a line for numbers. A line "
        "bends to the right of its direction of travel. The dotted frame is the next map.",
    )


def channel_map(run: RunData, corridor: Corridor, lines: Lines) -> Chart:
    """The Channel and its launch coast."""
    return _map(
        run,
        corridor,
        lines,
        CHANNEL,
        key="channel-map",
        title="The Channel",
        note="The same, for the launch coast and the strait.",
    )


def _map(
    run: RunData,
    corridor: Corridor,
    lines: Lines,
    window: Window,
    *,
    key: str,
    title: str,
    note: str,
) -> Chart:
    place_of = {place.id: place for place in corridor.places}
    middle = math.radians((window.south + window.north) / 2)
    made = figure(x="longitude (degrees east)", y="latitude (degrees north)", hovermode="closest")
    made.add_trace(_drawn(lines.borders, window, 0.8, _BORDER))
    made.add_trace(_drawn(lines.coast, window, 1.1, _COAST))
    legs = [
        leg
        for leg in corridor.legs
        if any(
            window.holds(place_of[end].longitude, place_of[end].latitude)
            for end in (leg.origin, leg.target)
        )
    ]
    _add_legs(made, run, legs, place_of)
    inset = None if window == CHANNEL else CHANNEL
    _add_places(made, run, corridor, window, inset)
    made.update_xaxes(range=[window.west, window.east], showgrid=False, constrain="range", nticks=6)
    made.update_yaxes(
        range=[window.south, window.north],
        showgrid=False,
        scaleanchor="x",
        scaleratio=1 / math.cos(middle),
        constrain="range",
        nticks=6,
    )
    made.update_layout(legend={"title": {"text": "stopped ", "font": {"size": 13}}}, dragmode="pan")
    days = len(run.dates)
    rows = []
    for leg in legs:
        departures, stops, arrivals = run.legs[leg.id]
        rows.append(
            [
                leg.id,
                place_of[leg.origin].name,
                place_of[leg.target].name,
                leg.mode,
                departures * days,
                stops * days,
                arrivals * days,
            ]
        )
    header = ["leg", "from", "to", "mode", "departures", "stops", "arrivals"]
    note = f"{note} {_measure(run, corridor, legs, window)}"
    return Chart(key, title, note, made, header, rows, "map")


def _measure(run: RunData, corridor: Corridor, legs: Sequence[Leg], window: Window) -> str:
    """What the widest line and the largest circle stand for, in words."""
    names = {place.id: place.name for place in corridor.places}
    busiest = max(legs, key=lambda leg: run.legs[leg.id][0], default=None)
    places = _places_in(corridor, window.widened(_AROUND))
    fullest = max(places, key=lambda place: _present(run, place), default=None)
    if busiest is None or fullest is None:
        return ""
    departures = run.legs[busiest.id][0] * len(run.dates)
    return (
        f"The widest line is {departures:,.0f} departures ({names[busiest.origin]} to "
        f"{names[busiest.target]}), one step narrower about a quarter of that; the largest circle "
        f"is {_present(run, fullest):,.0f} people ({fullest.name})."
    )


def _drawn(
    lines: Sequence[np.ndarray], window: Window, width: float, colour: str
) -> dict[str, Any]:
    """Coast or borders as one trace, cut to the window and as much again on each side."""
    margin = window.widened(1.0)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for line in lines:
        inside = margin.holds(line[:, 0], line[:, 1])
        for index in range(len(line)):
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


def _add_legs(made: Figure, run: RunData, legs: Sequence[Leg], place_of: dict[str, Place]) -> None:
    """One trace for each class of width and colour, and the points that answer the pointer."""
    days = len(run.dates)
    most = max((run.legs[leg.id][0] for leg in legs), default=0.0)
    classes: dict[tuple[int, int], tuple[list[float | None], list[float | None]]] = {}
    middles: list[tuple[float, float, str]] = []
    for leg in legs:
        departures, stops, _ = run.legs[leg.id]
        start, end = place_of[leg.origin], place_of[leg.target]
        xs, ys = bend(start.longitude, start.latitude, end.longitude, end.latitude)
        share = stops / departures if departures > 0 else 0.0
        key = (width_class(departures, most), sum(share >= edge for edge in _STOPPED))
        if departures <= 0:
            key = (-1, -1)
        line = classes.setdefault(key, ([], []))
        line[0].extend([*xs, None])
        line[1].extend([*ys, None])
        text = (
            f"{safe(start.name)} to {safe(end.name)} ({leg.mode})<br>"
            f"{departures * days:,.0f} set out, {departures:,.1f} a day<br>"
            f"{share:.0%} stopped"
        )
        middles.append((xs[len(xs) // 2], ys[len(ys) // 2], text))
    for (width, colour), (line_x, line_y) in sorted(classes.items()):
        made.add_trace(
            scatter(
                x=line_x,
                y=line_y,
                mode="lines",
                line={
                    "width": _WIDTHS[width] if width >= 0 else 0.7,
                    "color": STEPS[colour] if colour >= 0 else _NO_FLOW,
                },
                opacity=0.85,
                hoverinfo="skip",
                showlegend=False,
            )
        )
    used = sorted({colour for _, colour in classes if colour >= 0})
    for colour in used:
        made.add_trace(
            scatter(
                x=[None],
                y=[None],
                mode="lines",
                line={"width": 5, "color": STEPS[colour]},
                name=_STOPPED_WORDS[colour],
            )
        )
    made.add_trace(
        scatter(
            x=[point[0] for point in middles],
            y=[point[1] for point in middles],
            text=[point[2] for point in middles],
            mode="markers",
            marker={"size": 14, "opacity": 0},
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    )


def _add_places(
    made: Figure, run: RunData, corridor: Corridor, window: Window, inset: Window | None
) -> None:
    places = _places_in(corridor, window.widened(_AROUND))
    present = {place.id: _present(run, place) for place in places}
    most = max(present.values(), default=0.0) or 1.0
    candidates = [
        place
        for place in places
        if inset is None or not inset.holds(place.longitude, place.latitude)
    ]
    if inset is not None:
        made.add_shape(
            type="rect",
            x0=inset.west,
            x1=inset.east,
            y0=inset.south,
            y1=inset.north,
            line={"color": BLACK, "width": 1, "dash": "dot"},
        )
    else:
        made.add_trace(_text([(*land, 0.0) for land in _LANDS], GREY, 15, "middle center"))
    size = {place.id: 6 + 24 * math.sqrt(present[place.id] / most) for place in places}
    made.add_trace(
        scatter(
            x=[place.longitude for place in places],
            y=[place.latitude for place in places],
            mode="markers",
            marker={
                "size": [size[place.id] for place in places],
                "color": "white",
                "opacity": 0.9,
                "line": {"color": BLACK, "width": 1.4},
            },
            customdata=[[safe(place.name), present[place.id], place.kind] for place in places],
            hovertemplate=(
                "%{customdata[0]} (%{customdata[2]})<br>"
                "%{customdata[1]:,.0f} people on a mean day<extra></extra>"
            ),
            showlegend=False,
        )
    )
    few = _named(candidates, present, window, columns=3, rows=10)[:_NAMES_ON_PHONE]
    many = _named(candidates, present, window, columns=7, rows=22, first=few)[:_NAMES]
    for chosen, meta in ((few, None), (many[len(few) :], DETAIL)):
        names = [(_short(p.name), p.longitude, p.latitude, size[p.id]) for p in chosen]
        made.add_trace(_text(names, BLACK, 11, "top center", meta))


def _text(
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


def _places_in(corridor: Corridor, window: Window) -> list[Place]:
    return [place for place in corridor.places if window.holds(place.longitude, place.latitude)]


def _present(run: RunData, place: Place) -> float:
    """People at a place on a mean day; none where the way has ended."""
    return 0.0 if place.kind == "landing" else float(run.places[place.id].mean())


def _short(name: str) -> str:
    """A name that fits on the map: without what follows `and` or stands in brackets."""
    return name.split(" (")[0].split(" and ")[0]


_HALO = "1px 1px 2px white, -1px -1px 2px white, 1px -1px 2px white, -1px 1px 2px white"


def _named(
    places: Sequence[Place],
    present: dict[str, float],
    window: Window,
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


def width_class(departures: float, most: float) -> int:
    """Class of a leg's width: each step up is about a fourfold number of people."""
    if most <= 0 or departures <= 0:
        return 0
    steps = math.log(departures / most, 4)
    return max(0, min(len(_WIDTHS) - 1, len(_WIDTHS) - 1 + math.floor(steps + 0.5)))


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
