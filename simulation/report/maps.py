"""Maps of the corridor: who sets out and is stopped in a run, and where a comparison differs."""

from __future__ import annotations

import math

from simulation.corridor import Corridor, Leg, Place
from simulation.report.comparison_charts import CHANGE_COLUMNS, FALSE_SHARE, Comparison, values_of
from simulation.report.data import RunData
from simulation.report.drawing import BLACK, BLUE, STEPS, TEXT_ON_HOVER, VERMILION, Chart, safe
from simulation.report.geography import (
    CHANNEL,
    STOPPED_EDGES,
    STOPPED_WORDS,
    WIDTHS,
    CorridorMap,
    Lines,
    whole_corridor,
    width_class,
)
from simulation.wording import differences as wording

_NO_FLOW = "#dcdcdc"
#: no clear change, fewer, and more: colour, dash and words; told apart by dash as well
_NOTHING, _FALL, _RISE = range(3)
_LOOKS = (
    ("#cfcfcf", "solid", "no clear change"),
    (BLUE, "6px,3px", "fewer set out"),
    (VERMILION, "solid", "more set out"),
)


def run_maps(run: RunData, corridor: Corridor, lines: Lines) -> list[Chart]:
    """Flows of a run on the whole corridor, and on the Channel with its launch coast."""
    texts = (
        (
            "map",
            "Flows on the corridor",
            "Lines are legs of the way: the wider, the more people set out; the colour is the "
            "share that was stopped. Circles are places: the larger, the more people are there on "
            "a mean day. Touch or point at a circle or at the middle of a line for numbers. A line "
            "bends to the right of its direction of travel. The dotted frame is the next map.",
        ),
        ("channel-map", "The Channel", "The same, for the launch coast and the strait."),
    )
    windows = whole_corridor(corridor), CHANNEL
    return [
        _run_map(run, CorridorMap(corridor, lines, window), *text)
        for window, text in zip(windows, texts, strict=True)
    ]


def _run_map(run: RunData, made: CorridorMap, key: str, title: str, note: str) -> Chart:
    days = len(run.dates)
    most = max((run.legs[leg.id][0] for leg in made.legs), default=0.0)
    looks = {}
    for leg in made.legs:
        departures, stops, _ = run.legs[leg.id]
        share = stops / departures if departures > 0 else 0.0
        stopped = sum(share >= edge for edge in STOPPED_EDGES)
        text = (
            f"{made.hover(leg)}<br>{departures * days:,.0f} set out, {departures:,.1f} a day<br>"
            f"{share:.0%} stopped"
        )
        kind = (width_class(departures, most), stopped) if departures > 0 else (-1, -1)
        looks[leg.id] = kind, text

    def line(width: int, colour: int) -> dict[str, float | str]:
        if colour < 0:
            return {"width": 0.7, "color": _NO_FLOW}
        return {"width": WIDTHS[width], "color": STEPS[colour]}

    used = sorted({colour for (_, colour), _ in looks.values() if colour >= 0})
    legend = [({"width": 5, "color": STEPS[at]}, STOPPED_WORDS[at]) for at in used]
    made.add_legs(looks, line, 0.85, legend)
    made.add_lands()
    present = {place.id: _present(run, place) for place in made.places}
    fullest = max(present.values(), default=0.0) or 1.0
    size = {place: 6 + 24 * math.sqrt(people / fullest) for place, people in present.items()}
    made.add_places(
        present,
        size,
        mode="markers",
        marker={
            "size": list(size.values()),
            "color": "white",
            "opacity": 0.9,
            "line": {"color": BLACK, "width": 1.4},
        },
        customdata=[[safe(place.name), present[place.id], place.kind] for place in made.places],
        hovertemplate=(
            "%{customdata[0]} (%{customdata[2]})<br>"
            "%{customdata[1]:,.0f} people on a mean day<extra></extra>"
        ),
    )
    made.made.update_layout(legend={"title": {"text": "stopped ", "font": {"size": 13}}})
    columns = ["departures", "stops", "arrivals"]
    note = f"{note} {_largest(run, made, present)}"
    return made.chart(key, title, note, columns, lambda leg: [days * n for n in run.legs[leg.id]])


def _largest(run: RunData, made: CorridorMap, present: dict[str, float]) -> str:
    """What the widest line and the largest circle stand for, in words."""
    if not made.legs or not present:
        return ""
    busiest = max(made.legs, key=lambda leg: run.legs[leg.id][0])
    fullest = max(present, key=lambda place: present[place])
    return (
        f"The widest line is {run.legs[busiest.id][0] * len(run.dates):,.0f} departures "
        f"({made.name(busiest.origin)} to {made.name(busiest.target)}), one step narrower about a "
        f"quarter of that; the largest circle is {present[fullest]:,.0f} people "
        f"({made.name(fullest)})."
    )


def _present(run: RunData, place: Place) -> float:
    """People at a place on a mean day; none where the way has ended."""
    return 0.0 if place.kind == "landing" else float(run.places[place.id].mean())


def change_maps(made_of: Comparison, corridor: Corridor, lines: Lines) -> list[Chart]:
    """Where flows change: on the whole corridor, and on the Channel with its launch coast."""
    texts = (
        (
            f"change-map-{made_of.number}",
            f"Where flows change: {made_of.title}",
            "Thicker lines mean larger changes in how many people set out on a leg: solid for "
            "more, dashed for fewer. A thin pale line has no clear change. Touch or point at the "
            "middle of a line for numbers. A line bends to the right of its direction of travel. "
            "The dotted frame is the next map.",
        ),
        (
            f"change-channel-{made_of.number}",
            f"Where flows change in the Channel: {made_of.title}",
            "The same, for the launch coast and the strait.",
        ),
    )
    # places are named where most changes; a clear change counts before any that is not
    weight = {place.id: 0.0 for place in corridor.places}
    for leg in corridor.legs:
        size = abs(made_of.departures[leg.id].difference)
        for end in (leg.origin, leg.target):
            weight[end] += size * (1.0 if leg.id in made_of.clear_legs else 1e-6)
    windows = whole_corridor(corridor), CHANNEL
    return [
        _change_map(made_of, CorridorMap(corridor, lines, window), weight, *text)
        for window, text in zip(windows, texts, strict=True)
    ]


def _change_map(
    made_of: Comparison, made: CorridorMap, weight: dict[str, float], *text: str
) -> Chart:
    key, title, note = text
    made.add_lands()
    sizes = (abs(made_of.departures[leg].difference) for leg in made_of.clear_legs)
    most = max(sizes, default=0.0)
    looks = {}
    for leg in made.legs:
        change = made_of.departures[leg.id].difference
        kind, width = _NOTHING, 0
        if leg.id in made_of.clear_legs:
            kind, width = _RISE if change > 0 else _FALL, width_class(abs(change), most)
        looks[leg.id] = (kind, width), f"{made.hover(leg)}<br>{_change_words(made_of, leg)}"

    def line(kind: int, thick: float) -> dict[str, float | str]:
        colour, dash, _ = _LOOKS[kind]
        return {"width": thick, "color": colour, "dash": dash}

    made.add_legs(
        looks,
        lambda kind, width: line(kind, 1.0 if kind == _NOTHING else WIDTHS[width] + 0.8),
        0.9,
        [
            (line(kind, thick), _LOOKS[kind][-1])
            for kind, thick in ((_RISE, 4), (_FALL, 4), (_NOTHING, 1.5))
        ],
    )
    made.add_places(
        weight,
        dict.fromkeys(weight, 6.0),
        text=[f"{safe(place.name)} ({place.kind})" for place in made.places],
        mode="markers",
        marker={"size": 6, "color": "white", "line": {"color": BLACK, "width": 1.2}},
        hovertemplate=TEXT_ON_HOVER,
    )
    note = f"{note} {_clear_changes(made_of, made)}"
    return made.chart(
        key, title, note, CHANGE_COLUMNS, lambda leg: values_of(made_of.departures[leg.id])
    )


def _clear_changes(made_of: Comparison, made: CorridorMap) -> str:
    """How many legs clearly change, and what the widest line stands for, in words."""
    if why := made_of.no_intervals or made_of.no_directions:
        return f"{why} So no change is called clear."
    looked_at = len(made_of.moved_legs)
    chance = (
        f"Of the {looked_at} legs on which anything differs, "
        f"{made_of.by_chance(looked_at)} would leave zero out of their interval by chance alone. "
        "Changes are called clear so that about "
        f"{FALSE_SHARE:.0%} of them at most are chance (Benjamini and Hochberg)."
    )
    changed = [leg for leg in made.legs if leg.id in made_of.clear_legs]
    if not changed:
        return f"No leg here has a clear change. {chance}"
    widest = max(changed, key=lambda leg: abs(made_of.departures[leg.id].difference))
    return (
        f"{len(changed)} leg{' has' if len(changed) == 1 else 's have'} a clear change here. "
        f"{chance} The widest line is {made_of.departures[widest.id].difference:+,.0f} departures "
        f"({made.name(widest.origin)} to {made.name(widest.target)}, {widest.mode}), one "
        "step narrower about a quarter of that."
    )


def _change_words(made_of: Comparison, leg: Leg) -> str:
    item = made_of.departures[leg.id]
    interval = "" if math.isnan(item.low) else f" ({item.low:+,.0f} to {item.high:+,.0f})"
    share = "" if math.isnan(item.percent) else f", {wording.percent(item.percent)}"
    verdict = "" if leg.id in made_of.clear_legs else "<br>no clear change"
    return (
        f"{item.difference:+,.0f} set out{interval}{share}<br>"
        f"baseline {item.baseline:,.0f}, scenario {item.scenario:,.0f}{verdict}"
    )
