"""The charts of a sweep: curves of one variable, maps of two, dots of a Latin hypercube."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from simulation.experiments.findings import Effect
from simulation.experiments.studies.sweep import SweepFindings, SweptVariable, Value
from simulation.outcomes import OUTCOMES, difference_unit, heading, shown_divisor
from simulation.report.intervals import BEYOND, edge_of
from simulation.report.style import (
    BLACK,
    BLUE,
    GREEN,
    PURPLE,
    VERMILION,
    Chart,
    figure,
    safe,
    translucent,
)
from simulation.scenario.levels import LEVEL_WORDS, level_number
from simulation.wording import differences as wording
from simulation.wording import sweep as sweep_words

#: colours of some outcomes; all others have one
_COLOURS = {
    "channel_arrivals": BLUE,
    "channel_deaths": VERMILION,
    "corridor_deaths": VERMILION,
    "mapped_share": GREEN,
}
#: numbers in full, not 6k
_PLAIN: dict[str, Any] = {"exponentformat": "none", "separatethousands": True}
#: letters of an axis title that fit on a telephone
_AXIS_WIDTH = 38
#: what the data behind a chart tells of each difference
_DATA = ("pairs", "difference", "low", "high", "percent", "probability")


def curve(
    outcome: str,
    variable: SweptVariable,
    values: Sequence[Value],
    effects: Sequence[dict[str, Effect]],
    number: int,
) -> Chart:
    """Difference of an outcome against the values of a variable.

    Args:
        outcome: Its name.
        variable: What is varied.
        values: Its values.
        effects: Differences of each outcome for each of them.
        number: Place of the variable, for the chart's key.
    """
    spec = OUTCOMES[outcome]
    colour = _COLOURS.get(outcome, PURPLE)
    entries = [each[outcome] for each in effects]
    words = [sweep_words.value_words(value, variable) for value in values]
    x = [level_number(value) for value in values]
    mean, low, high = _ends(outcome, entries)
    made = figure(y=f"difference, {difference_unit(spec)}", x=_axis_title(variable))
    made.add_hline(y=0, line={"color": BLACK, "width": 1})
    switch = variable.scale == "switch"
    if not switch:
        made.add_trace(
            go.Scatter(
                x=[*x, *x[::-1]],
                y=[*high, *low[::-1]],
                mode="lines",
                fill="toself",
                fillcolor=translucent(colour),
                line={"width": 0},
                hoverinfo="skip",
                showlegend=False,
            )
        )
    made.add_trace(
        go.Scatter(
            x=x,
            y=mean,
            mode="markers" if switch else "lines+markers",
            line={"color": colour, "width": 2.2},
            marker=_dots(entries, colour, 10),
            error_y=_bars(mean, low, high, colour) if switch else None,
            text=[_hover(outcome, word, e) for word, e in zip(words, entries, strict=True)],
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    )
    made.update_layout(hovermode="closest", margin={"t": 12})
    made.update_xaxes(**_axis(variable))
    cut = _fit_axis(made, x, mean, low, high)
    return Chart(
        f"sweep-{number}-{outcome}",
        spec.label,
        f"A filled dot is an effect; an open one is none that can be detected at this precision."
        f"{cut}",
        made,
        [variable.name, *_DATA],
        [[word, *_data(entry)] for word, entry in zip(words, entries, strict=True)],
    )


def both(outcome: str, found: SweepFindings) -> Chart:
    """Difference of an outcome for every pair of values of two variables, as a map with numbers."""
    spec = OUTCOMES[outcome]
    down, across = found.variables
    entries = {
        (point.values[down.name], point.values[across.name]): point.outcomes
        for point in found.points
    }
    rows: list[list[float]] = []
    texts, hovers, data = [], [], []
    for first in down.values:
        row = [
            (outcomes or {}).get(outcome)
            for outcomes in (entries[first, second] for second in across.values)
        ]
        # colour would make chance look like a pattern
        rows.append([(one.difference or 0.0) if one and one.detectable else 0.0 for one in row])
        texts.append([_in_cell(outcome, one) for one in row])
        pairs = [
            f"{sweep_words.value_words(first, down)}, {sweep_words.value_words(second, across)}"
            for second in across.values
        ]
        hovers.append([_hover(outcome, *pair) for pair in zip(pairs, row, strict=True)])
        data += [
            [
                sweep_words.value_words(first, down),
                sweep_words.value_words(second, across),
                *_data(entry),
            ]
            for second, entry in zip(across.values, row, strict=True)
        ]
    most = max(abs(value) for row in rows for value in row) or 1.0
    made = figure(y=_axis_title(down), x=_axis_title(across))
    made.add_trace(
        go.Heatmap(
            x=[safe(sweep_words.value_words(value, across)) for value in across.values],
            y=[safe(sweep_words.value_words(value, down)) for value in down.values],
            z=rows,
            text=texts,
            texttemplate="%{text}",
            hovertext=hovers,
            hovertemplate="%{hovertext}<extra></extra>",
            # fewer is blue and more is red for arrivals and deaths alike
            colorscale=[[0.0, BLUE], [0.5, "#f2f2f2"], [1.0, VERMILION]],
            zmin=-most,
            zmax=most,
            xgap=2,
            ygap=2,
            showscale=False,
        )
    )
    made.update_layout(hovermode="closest", margin={"t": 12})
    made.update_xaxes(type="category", showgrid=False)
    made.update_yaxes(type="category", showgrid=False)
    return Chart(
        f"sweep-both-{outcome}",
        heading(spec),
        f"Difference from “{found.reference}”; blue is fewer, red is more. Grey and in "
        "brackets: no detectable effect at this precision.",
        made,
        [down.name, across.name, *_DATA],
        data,
    )


def scatter(outcome: str, found: SweepFindings, number: int) -> Chart:
    """Every point of a hypercube by the value of one variable: a dot with its interval."""
    spec, colour = OUTCOMES[outcome], _COLOURS[outcome]
    variable = found.variables[number]
    points = found.finished
    values = [point.values[variable.name] for point in points]
    x = [level_number(value) for value in values]
    entries = [point.outcomes[outcome] for point in points if point.outcomes is not None]
    mean, low, high = _ends(outcome, entries)
    words = [f"point {point.number}: {sweep_words.point_words(point, found)}" for point in points]
    made = figure(y=f"difference, {difference_unit(spec)}", x=_axis_title(variable))
    made.add_hline(y=0, line={"color": BLACK, "width": 1})
    made.add_trace(
        go.Scatter(
            x=x,
            y=mean,
            mode="markers",
            marker=_dots(entries, colour, 8),
            error_y=_bars(mean, low, high, translucent(colour, 0.45)),
            text=[_hover(outcome, word, e) for word, e in zip(words, entries, strict=True)],
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
        )
    )
    made.update_layout(hovermode="closest", margin={"t": 12})
    made.update_xaxes(**_axis(variable))
    cut = _fit_axis(made, x, mean, low, high)
    rank = found.correlations[number].outcomes[outcome]
    rho = "no value" if rank.correlation is None else f"{rank.correlation:+.2f}"
    sure = "" if rank.detectable else ", which could be chance"
    return Chart(
        f"sweep-{number}-{outcome}",
        spec.label,
        f"Difference from “{found.reference}” at {len(points)} points, each "
        f"{sweep_words.with_interval(found)}. An open dot is no effect that can be detected. "
        "The other variables move too, so a cloud is to be expected. Rank correlation: "
        f"{rho}{sure}.{cut}",
        made,
        ["point", variable.name, *_DATA],
        [
            [point.number, sweep_words.value_words(value, variable), *_data(entry)]
            for point, value, entry in zip(points, values, entries, strict=True)
        ],
    )


def _fit_axis(
    made: go.Figure, x: list[float], mean: list[float], low: list[float], high: list[float]
) -> str:
    """Fit the vertical axis to the effects: it holds zero, every dot and the usual intervals.

    Returns:
        What is to be said of intervals that are cut off; empty if none is.
    """
    reaches = [
        max(abs(value) for value in values if value == value)
        for values in zip(mean, low, high, strict=True)
        if values[0] == values[0]
    ]
    edge = edge_of(reaches, [abs(value) for value in mean if value == value])
    ends = [value for value in (0.0, *mean, *low, *high) if value == value]
    bottom, top = max(min(ends), -edge), min(max(ends), edge)
    room = 0.06 * (top - bottom) or 1.0
    made.update_yaxes(**_PLAIN, range=[bottom - room, top + room])
    beyond = [
        (place, end, symbol)
        for place, first, last in zip(x, low, high, strict=True)
        for end, over, symbol in (
            (bottom, first < bottom, "triangle-down"),
            (top, last > top, "triangle-up"),
        )
        if over
    ]
    if not beyond:
        return ""
    made.add_trace(
        go.Scatter(
            x=[place for place, _, _ in beyond],
            y=[end for _, end, _ in beyond],
            mode="markers",
            marker={"symbol": [symbol for _, _, symbol in beyond], "size": 9, "color": BLACK},
            name=BEYOND,
            hoverinfo="skip",
            showlegend=False,
        )
    )
    return " An arrow at the edge: the interval goes on beyond it; touch the dot for its ends."


def _in_cell(outcome: str, entry: Effect | None) -> str:
    if entry is None or entry.difference is None:
        return "failed"
    text = wording.signed(outcome, entry.difference)
    return text if entry.detectable else f"({text})"


def _hover(outcome: str, words: str, entry: Effect | None) -> str:
    """What a point tells under the pointer."""
    if entry is None or entry.difference is None:
        return f"{safe(words)}<br>failed"
    share = "" if entry.percent is None else f" ({wording.percent(entry.percent)})"
    return (
        f"<b>{safe(words)}</b><br>{wording.signed(outcome, entry.difference)}{share}, "
        f"{wording.interval(outcome, entry)}<br>{wording.level(outcome, entry.scenario)} "
        f"against {wording.level(outcome, entry.baseline)}"
    )


def _axis(variable: SweptVariable) -> dict[str, Any]:
    """Ticks of a variable's axis."""
    if variable.scale == "level":
        return {
            "tickmode": "array",
            "tickvals": [level_number(word) for word in LEVEL_WORDS],
            "ticktext": list(LEVEL_WORDS),
            "range": [-0.06, 1.06],
        }
    if variable.scale == "switch":
        ticks = {"tickvals": [0, 1], "ticktext": ["no", "yes"]}
        return {"tickmode": "array", **ticks, "range": [-0.5, 1.5]}
    return _PLAIN


def _dots(entries: list[Effect], colour: str, size: int) -> dict[str, Any]:
    """Markers: filled for an effect, open where the interval holds zero."""
    fill = [colour if entry.detectable else "white" for entry in entries]
    return {"size": size, "color": fill, "line": {"color": colour, "width": 2}}


def _bars(mean: list[float], low: list[float], high: list[float], colour: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": [top - middle for top, middle in zip(high, mean, strict=True)],
        "arrayminus": [middle - bottom for bottom, middle in zip(low, mean, strict=True)],
        "color": colour,
        "thickness": 1.4,
        "width": 0,
    }


def _data(entry: Effect | None) -> list[Any]:
    if entry is None:
        return [0, *[""] * (len(_DATA) - 1)]
    values = (getattr(entry, key) for key in _DATA)
    return ["" if value is None else value for value in values]


def _ends(outcome: str, entries: Sequence[Effect]) -> tuple[list[float], list[float], list[float]]:
    """Mean, low and high in the unit people read; NaN for what is missing."""
    values = [[entry.difference, entry.low, entry.high] for entry in entries]
    scaled = np.array(values, dtype=float) / shown_divisor(OUTCOMES[outcome])
    mean, low, high = scaled.T.tolist()
    return mean, low, high


def _axis_title(variable: SweptVariable) -> str:
    """What stands along an axis, on as many lines as a telephone needs."""
    return "<br>".join(textwrap.wrap(safe(sweep_words.axis_words(variable)), _AXIS_WIDTH))
