"""The corridor map: coast, borders, legs by how many set out, places by how many are there."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulation.corridor import Corridor, Leg, Place
from simulation.report.data import RunData
from simulation.report.drawing import PlotFigure, scatter
from simulation.report.geography import (
    AROUND,
    CHANNEL,
    Lines,
    MapWindow,
    add_frame,
    add_lands,
    bend,
    empty_map,
    legs_within,
    named,
    places_within,
    short,
    whole_corridor,
    written,
)
from simulation.report.style import BLACK, DETAIL, STEPS, Chart, safe

#: upper edges of the classes of the share stopped; the last class is open
STOPPED_EDGES = (0.02, 0.10, 0.25, 0.50)
STOPPED_WORDS = ("under 2%", "2-10%", "10-25%", "25-50%", "over 50%")
#: widths in pixels of the classes of departures, from a sixteenth of the largest upwards
WIDTHS = (1.0, 2.0, 3.5, 5.5, 8.0)
_NO_FLOW = "#dcdcdc"


#: names written at most, and on a narrow screen
_NAMES, _NAMES_ON_PHONE = 24, 9


def corridor_map(run: RunData, corridor: Corridor, lines: Lines) -> Chart:
    """The whole corridor."""
    return _map(
        run,
        corridor,
        lines,
        whole_corridor(corridor),
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
    window: MapWindow,
    *,
    key: str,
    title: str,
    note: str,
) -> Chart:
    place_of = {place.id: place for place in corridor.places}
    made = empty_map(lines, window)
    legs = legs_within(corridor, window)
    _add_legs(made, run, legs, place_of)
    inset = None if window == CHANNEL else CHANNEL
    _add_places(made, run, corridor, window, inset)
    made.update_layout(legend={"title": {"text": "stopped ", "font": {"size": 13}}})
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


def _measure(run: RunData, corridor: Corridor, legs: Sequence[Leg], window: MapWindow) -> str:
    """What the widest line and the largest circle stand for, in words."""
    names = {place.id: place.name for place in corridor.places}
    busiest = max(legs, key=lambda leg: run.legs[leg.id][0], default=None)
    places = places_within(corridor, window.widened(AROUND))
    fullest = max(places, key=lambda place: _present(run, place), default=None)
    if busiest is None or fullest is None:
        return ""
    departures = run.legs[busiest.id][0] * len(run.dates)
    return (
        f"The widest line is {departures:,.0f} departures ({names[busiest.origin]} to "
        f"{names[busiest.target]}), one step narrower about a quarter of that; the largest circle "
        f"is {_present(run, fullest):,.0f} people ({fullest.name})."
    )


def _add_legs(
    made: PlotFigure, run: RunData, legs: Sequence[Leg], place_of: dict[str, Place]
) -> None:
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
        key = (width_class(departures, most), sum(share >= edge for edge in STOPPED_EDGES))
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
                    "width": WIDTHS[width] if width >= 0 else 0.7,
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
                name=STOPPED_WORDS[colour],
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
    made: PlotFigure, run: RunData, corridor: Corridor, window: MapWindow, inset: MapWindow | None
) -> None:
    places = places_within(corridor, window.widened(AROUND))
    present = {place.id: _present(run, place) for place in places}
    most = max(present.values(), default=0.0) or 1.0
    candidates = [
        place
        for place in places
        if inset is None or not inset.holds(place.longitude, place.latitude)
    ]
    if inset is not None:
        add_frame(made, inset)
    else:
        add_lands(made)
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
    few = named(candidates, present, window, columns=3, rows=10)[:_NAMES_ON_PHONE]
    many = named(candidates, present, window, columns=7, rows=22, first=few)[:_NAMES]
    for chosen, meta in ((few, None), (many[len(few) :], DETAIL)):
        names = [(short(p.name), p.longitude, p.latitude, size[p.id]) for p in chosen]
        made.add_trace(written(names, BLACK, 11, "top center", meta))


def _present(run: RunData, place: Place) -> float:
    """People at a place on a mean day; none where the way has ended."""
    return 0.0 if place.kind == "landing" else float(run.places[place.id].mean())


def width_class(departures: float, most: float) -> int:
    """Class of a leg's width: each step up is about a fourfold number of people."""
    if most <= 0 or departures <= 0:
        return 0
    steps = math.log(departures / most, 4)
    return max(0, min(len(WIDTHS) - 1, len(WIDTHS) - 1 + math.floor(steps + 0.5)))
