"""Maps of the corridor: who sets out and is stopped in a run, and where a comparison differs.

Coast and borders are line traces on plain axes, so a map needs nothing from the network.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulation.corridor import Corridor, Leg, Place, load_coastline
from simulation.corridor.coastline import is_coast
from simulation.report import drawing
from simulation.report.comparison_charts import CHANGE_COLUMNS, Comparison, values_of
from simulation.report.data import RunData
from simulation.statistics.paired import FALSE_SHARE
from simulation.wording import quoting

#: names written at most, and on a narrow screen
_NAMES, _NAMES_ON_PHONE = 24, 9
_COAST, _BORDER = "#8a8a8a", "#c4c4c4"
_HALO = "1px 1px 2px white, -1px -1px 2px white, 1px -1px 2px white, -1px 1px 2px white"
_NO_FLOW = "#dcdcdc"
#: no clear change, fewer, and more: colour, dash and words; they differ by dash as well
_NOTHING, _FALL, _RISE = range(3)
_LOOKS = (
    ("#cfcfcf", "solid", "no clear change"),
    (drawing.BLUE, "6px,3px", "fewer set out"),
    (drawing.VERMILION, "solid", "more set out"),
)


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


#: the strait and its launch coast
CHANNEL = MapWindow(0.4, 3.6, 49.6, 51.6)
#: a window is shown with as much around it as the shape of the screen asks for: part of its size
AROUND = 0.35
#: names of lands on the map of the strait, and on that of the corridor, with longitude and latitude
STRAIT_LANDS = (("England", 0.8, 51.25), ("France", 2.5, 50.2), ("Belgium", 3.2, 50.92))
CORRIDOR_LANDS = (
    ("England", -0.2, 52.4), ("France", 2.4, 46.6), ("Germany", 11.4, 51.3), ("Poland", 19.3, 51.9),
    ("Italy", 13.3, 42.5), ("Romania", 25.0, 45.9), ("Tunisia", 9.3, 35.0),
)  # fmt: skip
#: the same where there is less room
CROWDED_LANDS = (
    ("Austria", 14.5, 47.35), ("Hungary", 19.3, 47.3), ("Bosnia", 17.7, 44.2),
    ("Serbia", 21.3, 43.9), ("Bulgaria", 25.3, 42.7), ("Albania", 19.95, 40.9),
    ("Greece", 22.1, 39.3), ("Turkey", 28.2, 39.2),
)  # fmt: skip


def whole_corridor(corridor: Corridor) -> MapWindow:
    """The window that holds every place."""
    longitudes = [place.longitude for place in corridor.places]
    latitudes = [place.latitude for place in corridor.places]
    return MapWindow(
        min(longitudes) - 1.5, max(longitudes) + 1.5, min(latitudes) - 1.5, max(latitudes) + 1.5
    )


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


class CorridorMap:
    """A map of the corridor: coast, borders, legs as lines that bend, places as circles.

    Args:
        corridor: The corridor.
        window: What it shows; on a map of more than the strait, the strait is framed.
    """

    def __init__(self, corridor: Corridor, window: MapWindow) -> None:
        self.window = window
        self.place_of = {place.id: place for place in corridor.places}
        self.legs = legs_within(corridor, window)
        #: what is around the window is shown as well where the screen has another shape
        self.places = places_within(corridor, window.widened(AROUND))
        self.plot = drawing.figure(
            x="longitude (degrees east)", y="latitude (degrees north)", hovermode="closest"
        )
        _add_outlines(self.plot, "borders", window, 0.8, _BORDER)
        _add_outlines(self.plot, "coast", window, 1.1, _COAST)
        middle = math.radians((window.south + window.north) / 2)
        self.plot.update_xaxes(
            range=[window.west, window.east], showgrid=False, constrain="range", nticks=6
        )
        self.plot.update_yaxes(
            range=[window.south, window.north],
            showgrid=False,
            scaleanchor="x",
            scaleratio=1 / math.cos(middle),
            constrain="range",
            nticks=6,
        )
        self.plot.update_layout(dragmode="pan")

    def add_lands(self) -> None:
        """Name the lands of the strait, or mark the strait on a map of more."""
        if self.window == CHANNEL:
            self._write([(*land, 0.0) for land in STRAIT_LANDS], drawing.GREY, 15, "middle center")
        else:
            self.plot.add_shape(
                type="rect", x0=CHANNEL.west, x1=CHANNEL.east, y0=CHANNEL.south, y1=CHANNEL.north,
                line={"color": drawing.BLACK, "width": 1, "dash": "dot"},
            )  # fmt: skip

    def add_legs(
        self,
        looks: Mapping[str, tuple[tuple[int, int], str]],
        line_of: Callable[[int, int], drawing.PlotlyObject],
        opacity: float,
        legend: Sequence[tuple[drawing.PlotlyObject, str]],
    ) -> None:
        """Add one trace for each class of legs, and the points that answer the pointer.

        Args:
            looks: Leg -> its class, and what is shown under the pointer. Higher classes cover
                lower ones.
            line_of: Makes the line of a class.
            opacity: Of the lines.
            legend: Lines with their names.
        """
        classes: dict[tuple[int, int], tuple[list[float | None], list[float | None]]] = {}
        middles = []
        for leg in self.legs:
            start, end = self.place_of[leg.origin], self.place_of[leg.target]
            xs, ys = bend(start.longitude, start.latitude, end.longitude, end.latitude)
            kind, text = looks[leg.id]
            line = classes.setdefault(kind, ([], []))
            line[0].extend([*xs, None])
            line[1].extend([*ys, None])
            middles.append((xs[len(xs) // 2], ys[len(ys) // 2], text))
        for kind, (line_x, line_y) in sorted(classes.items()):
            self.plot.scatter(
                line_x, line_y, mode="lines", line=line_of(*kind), opacity=opacity, **drawing.SILENT
            )
        for shown, name in legend:
            self.plot.scatter([None], [None], mode="lines", line=shown, name=name)
        self.plot.scatter(
            [x for x, _, _ in middles],
            [y for _, y, _ in middles],
            text=[text for _, _, text in middles],
            mode="markers",
            marker={"size": 14, "opacity": 0},
            hovertemplate=drawing.TEXT_ON_HOVER,
            showlegend=False,
        )

    def add_places(
        self, weight: Mapping[str, float], size: Mapping[str, float], **settings: Any
    ) -> None:
        """Add the places as circles, and the names of those that weigh most.

        Args:
            weight: Place -> what decides which names are written.
            size: Place -> diameter of its circle, in pixels.
            settings: Of the circles.
        """
        self.plot.scatter(
            [place.longitude for place in self.places],
            [place.latitude for place in self.places],
            **settings,
            showlegend=False,
        )
        free = [
            place
            for place in self.places
            if self.window == CHANNEL or not CHANNEL.holds(place.longitude, place.latitude)
        ]
        few = named(free, weight, self.window, columns=3, rows=10)[:_NAMES_ON_PHONE]
        many = named(free, weight, self.window, columns=7, rows=22, first=few)[:_NAMES]
        for chosen, meta in ((few, None), (many[len(few) :], drawing.DETAIL)):
            names = [(short(p.name), p.longitude, p.latitude, size[p.id]) for p in chosen]
            self._write(names, drawing.BLACK, 11, "top center", meta)

    def chart(
        self,
        key: str,
        title: str,
        note: str,
        columns: Sequence[str],
        values: Callable[[Leg], Sequence[float]],
    ) -> drawing.Chart:
        """The map with its data: the numbers of each leg, and the names of their columns."""
        rows = [
            [leg.id, self.name(leg.origin), self.name(leg.target), leg.mode, *values(leg)]
            for leg in self.legs
        ]
        header = ["leg", "from", "to", "mode", *columns]
        return drawing.Chart(key, title, note, self.plot, header, rows, "map")

    def name(self, place: str) -> str:
        """The name of a place."""
        return self.place_of[place].name

    def hover(self, leg: Leg) -> str:
        """A leg in words, for a figure."""
        start, end = self.name(leg.origin), self.name(leg.target)
        return drawing.safe(f"{start} to {end} ({leg.mode})")

    def _write(
        self,
        names: Sequence[tuple[str, float, float, float]],
        colour: str,
        size: int,
        position: str,
        meta: str | None = None,
    ) -> None:
        """Write names: name, longitude, latitude, and the size of the circle to keep clear of."""
        self.plot.scatter(
            [longitude for _, longitude, _, _ in names],
            [latitude for _, _, latitude, _ in names],
            mode="markers+text",
            marker={"size": [circle for _, _, _, circle in names], "opacity": 0},
            text=[drawing.safe(name) for name, _, _, _ in names],
            textposition=position,
            textfont={"size": size, "color": colour, "shadow": _HALO},
            **drawing.SILENT,
            meta=meta,
        )


def _add_outlines(
    plot: drawing.PlotFigure, kind: str, window: MapWindow, width: float, colour: str
) -> None:
    """Add coast or borders as one trace, cut to the window and as much again on each side."""
    margin = window.widened(1.0)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for line in load_coastline(kind):
        inside = margin.holds(line[:, 0], line[:, 1]) & is_coast(line)
        for index in range(len(line)) if np.any(inside) else ():
            if inside[index]:
                xs.append(round(float(line[index, 0]), 3))
                ys.append(round(float(line[index, 1]), 3))
            elif xs and xs[-1] is not None:
                xs.append(None)
                ys.append(None)
        xs.append(None)
        ys.append(None)
    plot.scatter(xs, ys, mode="lines", line={"color": colour, "width": width}, **drawing.SILENT)


def width_class(departures: float, most: float) -> int:
    """Class of a leg's width: each step up is about a fourfold number of people."""
    if most <= 0 or departures <= 0:
        return 0
    steps = math.log(departures / most, 4)
    return max(0, min(len(drawing.WIDTHS) - 1, len(drawing.WIDTHS) - 1 + math.floor(steps + 0.5)))


def short(name: str) -> str:
    """A name that fits on the map: without what follows `and` or stands in brackets."""
    return name.split(" (")[0].split(" and ")[0]


def named(
    places: Sequence[Place],
    present: Mapping[str, float],
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
    """Longitudes and latitudes of nine points on a line that bends to the right of its way.

    So there and back do not cover each other.
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


#: what every map says of its lines
_LINES = (
    "Touch or point at the middle of a line for numbers. A line bends to the right of its "
    "direction of travel. The dotted frame is the next map."
)


def run_maps(run: RunData, corridor: Corridor) -> list[drawing.Chart]:
    """Flows of a run on the whole corridor, and on the Channel with its launch coast."""
    note = (
        "Lines are legs of the way: the wider, the more people set out; the colour is the share "
        "that was stopped. Circles are places: the larger, the more people are there on a mean "
        f"day. {_LINES}"
    )
    channel = "The same, for the launch coast and the strait."
    wide, strait = (CorridorMap(corridor, one) for one in (whole_corridor(corridor), CHANNEL))
    return [
        _run_map(run, wide, "map", "Flows on the corridor", note),
        _run_map(run, strait, "channel-map", "The Channel", channel),
    ]


def _run_map(
    run: RunData, corridor_map: CorridorMap, key: str, title: str, note: str
) -> drawing.Chart:
    days = len(run.dates)
    most = max((run.legs[leg.id][0] for leg in corridor_map.legs), default=0.0)
    looks = {}
    for leg in corridor_map.legs:
        departures, stops, _ = run.legs[leg.id]
        share = stops / departures if departures > 0 else 0.0
        stopped = sum(share >= edge for edge in drawing.STOPPED_EDGES)
        text = (
            f"{corridor_map.hover(leg)}<br>{departures * days:,.0f} set out, {departures:,.1f} a "
            f"day<br>{share:.0%} stopped"
        )
        kind = (width_class(departures, most), stopped) if departures > 0 else (-1, -1)
        looks[leg.id] = kind, text

    def line(width: int, colour: int) -> drawing.PlotlyObject:
        if colour < 0:
            return {"width": 0.7, "color": _NO_FLOW}
        return {"width": drawing.WIDTHS[width], "color": drawing.STEPS[colour]}

    used = sorted({colour for (_, colour), _ in looks.values() if colour >= 0})
    legend = [({"width": 5, "color": drawing.STEPS[at]}, drawing.STOPPED_WORDS[at]) for at in used]
    corridor_map.add_legs(looks, line, 0.85, legend)
    corridor_map.add_lands()
    present = {place.id: _present(run, place) for place in corridor_map.places}
    fullest = max(present.values(), default=0.0) or 1.0
    size = {place: 6 + 24 * math.sqrt(people / fullest) for place, people in present.items()}
    corridor_map.add_places(
        present,
        size,
        mode="markers",
        marker={
            "size": list(size.values()),
            "color": "white",
            "opacity": 0.9,
            "line": {"color": drawing.BLACK, "width": 1.4},
        },
        customdata=[[drawing.safe(at.name), present[at.id], at.kind] for at in corridor_map.places],
        hovertemplate=(
            "%{customdata[0]} (%{customdata[2]})<br>"
            "%{customdata[1]:,.0f} people on a mean day<extra></extra>"
        ),
    )
    corridor_map.plot.update_layout(legend={"title": {"text": "stopped ", "font": {"size": 13}}})
    columns = ["departures", "stops", "arrivals"]
    if corridor_map.legs and present:
        fullest_place = max(present, key=lambda place: present[place])
        note += (
            f" The widest line is {most * days:,.0f} departures, one step narrower about a quarter "
            f"of that; the largest circle is {present[fullest_place]:,.0f} people "
            f"({corridor_map.name(fullest_place)})."
        )
    return corridor_map.chart(
        key, title, note, columns, lambda leg: [days * n for n in run.legs[leg.id]]
    )


def _present(run: RunData, place: Place) -> float:
    """People at a place on a mean day; none where the way has ended."""
    return 0.0 if place.kind == "landing" else float(run.places[place.id].mean())


def change_maps(comparison: Comparison, corridor: Corridor) -> list[drawing.Chart]:
    """Where flows change: on the whole corridor, and on the Channel with its launch coast."""
    note = (
        "Thicker lines mean larger changes in how many people set out on a leg: solid for more, "
        f"dashed for fewer. A thin pale line has no clear change. {_LINES}"
    )
    channel = "The same, for the launch coast and the strait."
    # places are named where most changes; a clear change counts before any that is not
    weight = {place.id: 0.0 for place in corridor.places}
    for leg in corridor.legs:
        size = abs(comparison.departures[leg.id].mean_difference)
        for end in (leg.origin, leg.target):
            weight[end] += size * (1.0 if leg.id in comparison.clear_legs else 1e-6)
    wide, strait = (CorridorMap(corridor, one) for one in (whole_corridor(corridor), CHANNEL))
    number, title = comparison.number, comparison.scenario.title
    return [
        _change_map(comparison, wide, weight, f"change-map-{number}",
                    f"Where flows change: {title}", note),
        _change_map(comparison, strait, weight, f"change-channel-{number}",
                    f"Where flows change in the Channel: {title}", channel),
    ]  # fmt: skip


def _change_map(
    comparison: Comparison, corridor_map: CorridorMap, weight: dict[str, float], *text: str
) -> drawing.Chart:
    key, title, note = text
    corridor_map.add_lands()
    sizes = (abs(comparison.departures[leg].mean_difference) for leg in comparison.clear_legs)
    most = max(sizes, default=0.0)
    looks = {}
    for leg in corridor_map.legs:
        change = comparison.departures[leg.id].mean_difference
        kind, width = _NOTHING, 0
        if leg.id in comparison.clear_legs:
            kind, width = _RISE if change > 0 else _FALL, width_class(abs(change), most)
        looks[leg.id] = (
            (kind, width),
            f"{corridor_map.hover(leg)}<br>{_change_words(comparison, leg)}",
        )

    def line(kind: int, thick: float) -> drawing.PlotlyObject:
        colour, dash, _ = _LOOKS[kind]
        return {"width": thick, "color": colour, "dash": dash}

    corridor_map.add_legs(
        looks,
        lambda kind, width: line(kind, 1.0 if kind == _NOTHING else drawing.WIDTHS[width] + 0.8),
        0.9,
        [
            (line(kind, thick), _LOOKS[kind][-1])
            for kind, thick in ((_RISE, 4), (_FALL, 4), (_NOTHING, 1.5))
        ],
    )
    corridor_map.add_places(
        weight,
        dict.fromkeys(weight, 6.0),
        text=[f"{drawing.safe(place.name)} ({place.kind})" for place in corridor_map.places],
        mode="markers",
        marker={"size": 6, "color": "white", "line": {"color": drawing.BLACK, "width": 1.2}},
        hovertemplate=drawing.TEXT_ON_HOVER,
    )
    note = f"{note} {_clear_changes(comparison, corridor_map)}"
    return corridor_map.chart(
        key, title, note, CHANGE_COLUMNS, lambda leg: values_of(comparison.departures[leg.id])
    )


def _clear_changes(comparison: Comparison, corridor_map: CorridorMap) -> str:
    """How many legs clearly change, and what the widest line stands for, in words."""
    if why := comparison.no_intervals or comparison.no_directions:
        return f"{why} So no change is called clear."
    changed = [leg for leg in corridor_map.legs if leg.id in comparison.clear_legs]
    if not changed:
        return "No leg here has a clear change."
    widest = max(changed, key=lambda leg: abs(comparison.departures[leg.id].mean_difference))
    return (
        f"Legs with a clear change here: {len(changed)}. At most {FALSE_SHARE:.0%} of such legs "
        "are called clear by chance (Benjamini and Hochberg). The widest line is "
        f"{_difference(comparison, widest)} departures ({corridor_map.name(widest.origin)} to "
        f"{corridor_map.name(widest.target)}, {widest.mode}), one step narrower about a quarter of "
        "that."
    )


def _difference(comparison: Comparison, leg: Leg) -> str:
    item = comparison.departures[leg.id]
    return quoting.counted(item.mean_difference, item.mean_low, item.mean_high)


def _change_words(comparison: Comparison, leg: Leg) -> str:
    item, set_out = comparison.departures[leg.id], _difference(comparison, leg)
    share = "" if math.isnan(item.mean_percent) else f", {quoting.percent(item.mean_percent)}"
    verdict = "" if leg.id in comparison.clear_legs else "<br>no clear change"
    return (
        f"{set_out} set out{share}<br>"
        f"baseline {item.baseline:,.0f}, scenario {item.scenario:,.0f}{verdict}"
    )
