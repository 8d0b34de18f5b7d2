"""The charts of a sweep: curves of one variable, maps of two, dots of a Latin hypercube."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from simulation.experiments.findings import Effect
from simulation.experiments.studies.sweep import SweepFindings, SweptVariable, Value
from simulation.outcomes import OUTCOMES, difference_unit, heading, shown_divisor
from simulation.report import drawing
from simulation.report.drawing import PlotFigure
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
    entries = [each[outcome] for each in effects]
    words = [sweep_words.value_words(value, variable) for value in values]
    line = variable.scale != "switch"
    bars = None if line else _COLOURS.get(outcome, PURPLE)
    made, cut = _differences(outcome, variable, values, words, entries, line=line, bars=bars)
    return Chart(
        f"sweep-{number}-{outcome}",
        OUTCOMES[outcome].label,
        f"A filled dot is an effect; an open one is none that can be detected at this precision."
        f"{cut}",
        made,
        [variable.name, *_DATA],
        [[word, *_data(entry)] for word, entry in zip(words, entries, strict=True)],
    )


def both(outcome: str, found: SweepFindings) -> Chart:
    """Difference of an outcome for every pair of values of two variables, as a map with numbers."""
    down, across = found.variables
    effects = {
        (point.values[down.name], point.values[across.name]): (point.outcomes or {}).get(outcome)
        for point in found.points
    }
    names = [
        {value: sweep_words.value_words(value, variable) for value in variable.values}
        for variable in (down, across)
    ]
    grid = [[(first, second) for second in across.values] for first in down.values]
    # colour would make chance look like a pattern
    shown = [
        [(one.difference or 0.0) if (one := effects[at]) and one.detectable else 0.0 for at in row]
        for row in grid
    ]
    hovers = [
        [_hover(outcome, f"{names[0][at[0]]}, {names[1][at[1]]}", effects[at]) for at in row]
        for row in grid
    ]
    most = max(abs(value) for row in shown for value in row) or 1.0
    made = figure(y=_axis_title(down), x=_axis_title(across))
    made.add_trace(
        drawing.heatmap(
            x=[safe(text) for text in names[1].values()],
            y=[safe(text) for text in names[0].values()],
            z=shown,
            text=[[_in_cell(outcome, effects[at]) for at in row] for row in grid],
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
        heading(OUTCOMES[outcome]),
        f"Difference from “{found.reference}”; blue is fewer, red is more. Grey and in "
        "brackets: no detectable effect at this precision.",
        made,
        [down.name, across.name, *_DATA],
        [[names[0][at[0]], names[1][at[1]], *_data(effects[at])] for row in grid for at in row],
    )


def scatter(outcome: str, found: SweepFindings, number: int) -> Chart:
    """Every point of a hypercube by the value of one variable: a dot with its interval."""
    variable, points = found.variables[number], found.finished
    values = [point.values[variable.name] for point in points]
    entries = [point.outcomes[outcome] for point in points if point.outcomes is not None]
    words = [f"point {point.number}: {sweep_words.point_words(point, found)}" for point in points]
    bars = translucent(_COLOURS[outcome], 0.45)
    made, cut = _differences(outcome, variable, values, words, entries, size=8, bars=bars)
    rank = found.correlations[number].outcomes[outcome]
    rho = "no value" if rank.correlation is None else f"{rank.correlation:+.2f}"
    sure = "" if rank.detectable else ", which could be chance"
    return Chart(
        f"sweep-{number}-{outcome}",
        OUTCOMES[outcome].label,
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


def _differences(
    outcome: str,
    variable: SweptVariable,
    values: Sequence[Value],
    words: Sequence[str],
    entries: Sequence[Effect],
    *,
    size: int = 10,
    line: bool = False,
    bars: str | None = None,
) -> tuple[PlotFigure, str]:
    """Effects on an outcome by the value of a variable: filled dots where they are detectable.

    Args:
        outcome: Its name.
        variable: What is varied.
        values: A value of it for each dot.
        words: What each dot is, in words.
        entries: The effect at each dot.
        size: Of a dot, in pixels.
        line: Whether a line joins the dots, with the intervals as a band around it.
        bars: Colour of the intervals as bars; None for none.

    Returns:
        The figure, and a sentence on intervals that are cut off, empty if none is.
    """
    colour = _COLOURS.get(outcome, PURPLE)
    x = [level_number(value) for value in values]
    ends = [[entry.difference, entry.low, entry.high] for entry in entries]
    scaled = np.array(ends, dtype=float) / shown_divisor(OUTCOMES[outcome])
    mean, low, high = scaled.T.tolist()
    made = figure(y=f"difference, {difference_unit(OUTCOMES[outcome])}", x=_axis_title(variable))
    made.add_hline(y=0, line={"color": BLACK, "width": 1})
    if line:
        made.add_trace(
            drawing.scatter(
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
    intervals: dict[str, Any] = {
        "type": "data",
        "symmetric": False,
        "array": [top - middle for top, middle in zip(high, mean, strict=True)],
        "arrayminus": [middle - bottom for bottom, middle in zip(low, mean, strict=True)],
        "color": bars,
        "thickness": 1.4,
        "width": 0,
    }
    made.add_trace(
        drawing.scatter(
            x=x,
            y=mean,
            mode="lines+markers" if line else "markers",
            line={"color": colour, "width": 2.2},
            marker={
                "size": size,
                "color": [colour if entry.detectable else "white" for entry in entries],
                "line": {"color": colour, "width": 2},
            },
            text=[_hover(outcome, word, e) for word, e in zip(words, entries, strict=True)],
            hovertemplate="%{text}<extra></extra>",
            showlegend=False,
            **({} if bars is None else {"error_y": intervals}),
        )
    )
    made.update_layout(hovermode="closest", margin={"t": 12})
    made.update_xaxes(**_axis(variable))
    return made, _fit_axis(made, x, mean, low, high)


def _fit_axis(
    made: PlotFigure, x: list[float], mean: list[float], low: list[float], high: list[float]
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
        drawing.scatter(
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


def _data(entry: Effect | None) -> list[Any]:
    """What the data behind a chart says of an effect; of none that it has no pairs."""
    if entry is None:
        return [0, *[None] * (len(_DATA) - 1)]
    return [getattr(entry, key) for key in _DATA]


def _axis_title(variable: SweptVariable) -> str:
    """What stands along an axis, on as many lines as a telephone needs."""
    return "<br>".join(textwrap.wrap(safe(sweep_words.axis_words(variable)), _AXIS_WIDTH))
