"""The corridor map of a comparison: on which legs more or fewer people set out."""

from __future__ import annotations

import math
from collections.abc import Sequence

from simulation.corridor import Corridor, Leg, Place
from simulation.report.comparison_data import FALSE_SHARE, Change, Comparison
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
from simulation.report.maps import WIDTHS, width_class
from simulation.report.style import BLACK, BLUE, DETAIL, VERMILION, Chart, safe
from simulation.wording import differences as wording

#: more and fewer by colour and by dash, no clear change by neither
_RISE, _FALL, _NOTHING = "rise", "fall", "nothing"
_LOOKS = {
    _NOTHING: ("#cfcfcf", "solid", "no clear change"),
    _FALL: (BLUE, "6px,3px", "fewer set out"),
    _RISE: (VERMILION, "solid", "more set out"),
}
_NAMES, _NAMES_ON_PHONE = 24, 9
_COLUMNS = ("baseline", "scenario", "difference", "low", "high")


def change_maps(
    made_of: Comparison, corridor: Corridor, lines: Lines, number: int
) -> tuple[Chart, Chart]:
    """The whole corridor, and the Channel with its launch coast."""
    whole = _map(
        made_of,
        corridor,
        lines,
        whole_corridor(corridor),
        key=f"change-map-{number}",
        title=f"Where flows change: {made_of.title}",
        note="Thicker lines mean larger changes in how many people set out on a leg: solid for "
        "more, dashed for fewer. A thin pale line has no clear change. Touch or point at the "
        "middle of a line for numbers. A line bends to the right of its direction of travel. The "
        "dotted frame is the next map.",
    )
    strait = _map(
        made_of,
        corridor,
        lines,
        CHANNEL,
        key=f"change-channel-{number}",
        title=f"Where flows change in the Channel: {made_of.title}",
        note="The same, for the launch coast and the strait.",
    )
    return whole, strait


def _map(
    made_of: Comparison,
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
    if window == CHANNEL:
        add_lands(made)
    else:
        add_frame(made, CHANNEL)
    _add_legs(made, made_of, legs, place_of)
    _add_places(made, made_of, corridor, window)
    rows = []
    for leg in legs:
        item = made_of.departures[leg.id]
        rows.append(
            [
                leg.id,
                place_of[leg.origin].name,
                place_of[leg.target].name,
                leg.mode,
                *(getattr(item, column) for column in _COLUMNS),
            ]
        )
    header = ["leg", "from", "to", "mode", *_COLUMNS]
    return Chart(
        key, title, f"{note} {_measure(made_of, legs, place_of)}", made, header, rows, "map"
    )


def _kind(made_of: Comparison, leg: Leg) -> str:
    if leg.id not in made_of.clear_legs:
        return _NOTHING
    return _RISE if made_of.departures[leg.id].difference > 0 else _FALL


def _measure(made_of: Comparison, legs: Sequence[Leg], place_of: dict[str, Place]) -> str:
    """How many legs clearly change, and what the widest line stands for, in words."""
    if made_of.no_intervals:
        return f"{made_of.no_intervals} So no change is called clear."
    if made_of.no_directions:
        return f"{made_of.no_directions} So no change is called clear."
    looked_at = len(made_of.moved_legs)
    chance = (
        f"Of the {looked_at} legs on which anything differs, "
        f"{made_of.by_chance(looked_at)} would leave zero out of their interval by chance alone. "
        "Changes are called clear so that about "
        f"{FALSE_SHARE:.0%} of them at most are chance (Benjamini and Hochberg)."
    )
    changed = [leg for leg in legs if leg.id in made_of.clear_legs]
    if not changed:
        return f"No leg here has a clear change. {chance}"
    widest = max(changed, key=lambda leg: abs(made_of.departures[leg.id].difference))
    return (
        f"{len(changed)} leg{' has' if len(changed) == 1 else 's have'} a clear change here. "
        f"{chance} The widest line is {made_of.departures[widest.id].difference:+,.0f} departures "
        f"({place_of[widest.origin].name} to {place_of[widest.target].name}, {widest.mode}), one "
        "step narrower about a quarter of that."
    )


def _add_legs(
    made: PlotFigure, made_of: Comparison, legs: Sequence[Leg], place_of: dict[str, Place]
) -> None:
    """One trace for each class of change and width, and the points that answer the pointer."""
    most = max(
        (abs(made_of.departures[leg].difference) for leg in made_of.clear_legs),
        default=0.0,
    )
    classes: dict[tuple[str, int], tuple[list[float | None], list[float | None]]] = {}
    middles: list[tuple[float, float, str]] = []
    for leg in legs:
        item = made_of.departures[leg.id]
        start, end = place_of[leg.origin], place_of[leg.target]
        xs, ys = bend(start.longitude, start.latitude, end.longitude, end.latitude)
        kind = _kind(made_of, leg)
        width = 0 if kind == _NOTHING else width_class(abs(item.difference), most)
        line = classes.setdefault((kind, width), ([], []))
        line[0].extend([*xs, None])
        line[1].extend([*ys, None])
        middles.append((xs[len(xs) // 2], ys[len(ys) // 2], _hover(leg, item, start, end, kind)))
    order = list(_LOOKS)
    for (kind, width), (line_x, line_y) in sorted(
        classes.items(), key=lambda pair: (order.index(pair[0][0]), pair[0][1])
    ):
        colour, dash, _ = _LOOKS[kind]
        thick = 1.0 if kind == _NOTHING else WIDTHS[width] + 0.8
        made.add_trace(
            scatter(
                x=line_x,
                y=line_y,
                mode="lines",
                line={"width": thick, "color": colour, "dash": dash},
                opacity=0.9,
                hoverinfo="skip",
                showlegend=False,
            )
        )
    for kind in (_RISE, _FALL, _NOTHING):
        colour, dash, words = _LOOKS[kind]
        made.add_trace(
            scatter(
                x=[None],
                y=[None],
                mode="lines",
                line={"width": 1.5 if kind == _NOTHING else 4, "color": colour, "dash": dash},
                name=words,
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


def _hover(leg: Leg, item: Change, start: Place, end: Place, kind: str) -> str:
    interval = "" if math.isnan(item.low) else f" ({item.low:+,.0f} to {item.high:+,.0f})"
    share = "" if math.isnan(item.percent) else f", {wording.percent(item.percent)}"
    verdict = "<br>no clear change" if kind == _NOTHING else ""
    return (
        f"{safe(start.name)} to {safe(end.name)} ({leg.mode})<br>"
        f"{item.difference:+,.0f} set out{interval}{share}<br>"
        f"baseline {item.baseline:,.0f}, scenario {item.scenario:,.0f}{verdict}"
    )


def _add_places(
    made: PlotFigure, made_of: Comparison, corridor: Corridor, window: MapWindow
) -> None:
    """Places as small circles; those are named where most changes."""
    weight = {place.id: 0.0 for place in corridor.places}
    for leg in corridor.legs:
        item = made_of.departures[leg.id]
        for end in (leg.origin, leg.target):
            # a clear change counts before any that is not
            weight[end] += abs(item.difference) * (1.0 if leg.id in made_of.clear_legs else 1e-6)
    places = places_within(corridor, window.widened(AROUND))
    made.add_trace(
        scatter(
            x=[place.longitude for place in places],
            y=[place.latitude for place in places],
            text=[f"{safe(place.name)} ({place.kind})" for place in places],
            mode="markers",
            marker={"size": 6, "color": "white", "line": {"color": BLACK, "width": 1.2}},
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    )
    candidates = [
        place
        for place in places
        if window == CHANNEL or not CHANNEL.holds(place.longitude, place.latitude)
    ]
    few = named(candidates, weight, window, columns=3, rows=10)[:_NAMES_ON_PHONE]
    many = named(candidates, weight, window, columns=7, rows=22, first=few)[:_NAMES]
    for chosen, meta in ((few, None), (many[len(few) :], DETAIL)):
        names = [(short(place.name), place.longitude, place.latitude, 6.0) for place in chosen]
        made.add_trace(written(names, BLACK, 11, "top center", meta))
