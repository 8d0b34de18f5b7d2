"""A sweep: what was varied, its charts, and a table of all points."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

from simulation.engine.findings import Effect
from simulation.outcomes import OUTCOMES
from simulation.report import blocks, by_world, drawing
from simulation.report.experiment import ExperimentData, Presentation, limits, world_cell
from simulation.scenario.levels import LEVEL_WORDS, level_number
from simulation.scenario.levers.declaration import Value
from simulation.statistics.paired import FEWEST_PAIRS
from simulation.studies.sweep import words
from simulation.studies.sweep.findings import (
    SweepFindings,
    SweptVariable,
    VariableEffects,
)
from simulation.wording import differences as wording
from simulation.wording import quoting
from simulation.wording.differences import HEADLINES
from simulation.wording.quoting import NO_VALUE

#: what else moves; more of it when one variable has the page to itself
_ELSE = (
    "mapped_share",
    "lorry_arrivals",
    "people_per_boat",
    "corridor_deaths",
    "smuggler_profit_eur",
    "seat_price_eur",
)
_FEW_ELSE = 2
#: outcomes that fit beside each other on a phone, and their headings there and on a terminal
_COLUMNS = ("channel_arrivals", "channel_deaths", "mapped_share")
_HEADINGS = ("Arrivals by small boat", "Deaths in the Channel", "Share of smugglers known")
_SHORT_HEADINGS = ("Arrivals", "Deaths", "Mapped share")
#: longest table that stands open on a page, and longest on a terminal
_OPEN_ROWS, _MOST_ROWS = 30, 40
#: colours of some outcomes; all others have one
_COLOURS = {
    "channel_arrivals": drawing.BLUE,
    "channel_deaths": drawing.VERMILION,
    "corridor_deaths": drawing.VERMILION,
    "mapped_share": drawing.GREEN,
}
#: numbers in full, not 6k
_PLAIN: drawing.PlotlyObject = {"exponentformat": "none", "separatethousands": True}
#: letters of an axis title that fit on a telephone
_AXIS_WIDTH = 38
#: what the data behind a chart tells of each difference
_DATA = (
    "pairs", "plausible_low", "median", "plausible_high", "plausible_unit", "mean_difference",
    "mean_low", "mean_high", "mean_percent", "mean_probability",
)  # fmt: skip


def page(data: ExperimentData[SweepFindings]) -> blocks.Page:
    """The page of a sweep."""
    findings = data.findings
    return blocks.Page(
        kind="Sweep",
        title=words.heading(findings),
        name=data.manifest.title,
        headline=words.headline(findings),
        basis=wording.pairs_basis(findings),
        sections=[
            blocks.Section("reading", "How to read it", _reading(findings)),
            *(_grid(findings)),
            blocks.Section("points", "Point by point", _points(findings)),
            *by_world.sections(_world_lines(findings)),
            limits(findings),
        ],
    )


def summary(findings: SweepFindings) -> list[blocks.Block]:
    """The findings of a sweep, in words and as tables that fit a terminal."""
    parts = blocks.paragraphs(*words.headline(findings), role="strong")
    if len(findings.points) <= _MOST_ROWS:
        rows = [
            blocks.Row(
                words.point_words(point, findings),
                _cells(point.outcomes),
                f"point {point.number}",
            )
            for point in findings.points
        ]
        parts.append(_short(",\n".join(one.name for one in findings.variables), rows, findings))
    else:
        parts += [
            _short_effects(one, one.outcomes, findings) for one in findings.effects if one.outcomes
        ]
        parts.append(blocks.Paragraph(f"All {len(findings.points)} points are in points.csv."))
    parts += _world_lines(findings, by_world.MOST_LISTED)
    texts = (
        *words.basis(findings),
        words.left_out(findings),
        wording.failures(findings),
    )
    return [*parts, *map(blocks.Paragraph, texts)]


def _world_lines(findings: SweepFindings, most: int | None = None) -> list[blocks.Block]:
    """The effects by future path, from end to end and at each point."""
    effects = [
        by_world.Lines(words.contrast_words(one, findings), one.by_path)
        for one in findings.contrasts
    ]
    shown = [one.outcomes for one in findings.contrasts]  # a point may be the end of one
    effects += [
        by_world.Lines(words.point_words(one, findings), one.by_path)
        for one in findings.finished
        if not one.identical and one.outcomes not in shown
    ]
    return by_world.lines(effects, most=most)


def _short_effects(
    one: VariableEffects, outcomes: list[dict[str, Effect]], findings: SweepFindings
) -> blocks.Table:
    """The effects of each value of a variable, for a terminal."""
    variable = findings.variable(one.variable)
    rows = [
        blocks.Row(words.value_words(value, variable), _cells(effects))
        for value, effects in zip(one.values, outcomes, strict=True)
    ]
    against = f"Against {rows[0].label}, averaged over the rest"
    return _short(variable.name, rows, findings, against if one.against == "lowest" else "")


def _short(
    first: str, rows: list[blocks.Row], findings: SweepFindings, title: str = ""
) -> blocks.Table:
    ranged = findings.replications >= FEWEST_PAIRS
    below = f",\n{words.range_name(findings)}" if ranged else ""
    return blocks.Table([first, *(f"{name}{below}" for name in _SHORT_HEADINGS)], rows, title=title)


def _cells(effects: dict[str, Effect] | None, none: str = "failed") -> list[blocks.Cell]:
    """Each outcome: its range over worlds, or its average with an interval."""
    if effects is None:
        return [blocks.Cell(none)] * len(_COLUMNS)
    return [world_cell(name, effects[name], clear=effects[name].is_clear) for name in _COLUMNS]


def _reading(findings: SweepFindings) -> list[blocks.Block]:
    """How the points are to be read, and what was varied."""
    texts = (*words.basis(findings), words.left_out(findings), "What was varied:")
    items = [
        (blocks.Code(one.vary), f": {words.axis_words(one)}. {one.about}".rstrip())
        for one in findings.variables
    ]
    return [*blocks.paragraphs(*texts), blocks.Bullets(items)]


def _grid(findings: SweepFindings) -> list[blocks.Section]:
    """Curves of each variable, and the map of both when there are two."""
    sections = []
    several = len(findings.variables) > 1
    if len(findings.variables) == 2:
        maps = blocks.Beside(blocks.figures([both(name, findings) for name in HEADLINES]))
        sections.append(blocks.Section("both", "Both together", [maps]))
    for number, (variable, one) in enumerate(
        zip(findings.variables, findings.effects, strict=True)
    ):
        if one.outcomes is None:
            continue
        wanted = (*HEADLINES, *(_ELSE[:_FEW_ELSE] if several else _ELSE))
        curves = [curve(name, variable, one.values, one.outcomes, number) for name in wanted]
        lead = blocks.paragraphs(_lead(one, findings))
        parts = [*lead, blocks.Beside(blocks.figures(curves))]
        sections.append(blocks.Section(f"variable-{number}", variable.label, parts))
    return sections


def _lead(one: VariableEffects, findings: SweepFindings) -> str:
    """What the curves of a variable are differences from."""
    inside = f"at each value {words.with_interval(findings)}"
    if one.against == "lowest":
        lowest = words.value_words(one.values[0], findings.variable(one.variable))
        return f"Differences from {lowest}, averaged over the values of the rest, {inside}."
    return f"Differences from “{findings.reference}”, {inside}."


def _points(findings: SweepFindings) -> list[blocks.Block]:
    """Every point with its differences; folded when there are many."""
    rows = [
        blocks.Row(
            words.point_words(point, findings),
            _cells(point.outcomes, NO_VALUE),
            f"point {point.number}{', equal to the reference' if point.identical else ''}",
        )
        for point in findings.points
    ]
    table = blocks.Table(
        [" / ".join(variable.name for variable in findings.variables), *_HEADINGS],
        rows,
        f"Difference from “{findings.reference}”, {words.with_interval(findings)} below "
        "it. All outcomes are in points.csv; each point is a scenario file in the folder points.",
    )
    if len(rows) <= _OPEN_ROWS:
        return [table]
    return [blocks.Folded(f"All {len(rows)} points", [table])]


def curve(
    outcome: str,
    variable: SweptVariable,
    values: Sequence[Value],
    effects: Sequence[dict[str, Effect]],
    number: int,
) -> drawing.Chart:
    """Difference of an outcome against the values of a variable."""
    entries = [each[outcome] for each in effects]
    labels = [words.value_words(value, variable) for value in values]
    line = variable.scale != "switch"
    bars = None if line else _COLOURS.get(outcome, drawing.PURPLE)
    plot = _differences(outcome, variable, values, labels, entries, line=line, bars=bars)
    return drawing.Chart(
        f"sweep-{number}-{outcome}",
        OUTCOMES[outcome].label,
        "A filled dot, or a line without dots, is an effect; an open or dotted one is none that "
        "can be detected at this precision.",
        plot,
        [variable.name, *_DATA],
        [[word, *_data(entry)] for word, entry in zip(labels, entries, strict=True)],
    )


def both(outcome: str, findings: SweepFindings) -> drawing.Chart:
    """Difference of an outcome for every pair of values of two variables, as a map with numbers."""
    down, across = findings.variables
    effects = {
        (point.values[down.name], point.values[across.name]): (point.outcomes or {}).get(outcome)
        for point in findings.points
    }
    names = [
        {value: words.value_words(value, variable) for value in variable.values}
        for variable in (down, across)
    ]
    grid = [[(first, second) for second in across.values] for first in down.values]
    labels = {at: (names[0][at[0]], names[1][at[1]]) for at in effects}
    # colour would make chance look like a pattern
    drawn = quoting.drawn(outcome, list(effects.values()), over_worlds=True)
    middles = {at: middle for at, (middle, *_) in zip(effects, drawn.ends, strict=True)}

    def colour(at: tuple[Value, Value]) -> float:
        entry = effects[at]
        if entry is None or not entry.is_clear:
            return 0.0
        # of deaths there is no middle, and colour tells the direction alone
        return math.copysign(1.0, entry.way) if middles[at] != middles[at] else middles[at]

    shown = [[colour(at) for at in row] for row in grid]
    most = max(abs(value) for row in shown for value in row) or 1.0
    plot = drawing.figure(y=_axis_title(down), x=_axis_title(across))
    plot.heatmap(
        x=[drawing.safe(text) for text in names[1].values()],
        y=[drawing.safe(text) for text in names[0].values()],
        z=shown,
        text=[[_in_cell(outcome, effects[at]) for at in row] for row in grid],
        texttemplate="%{text}",
        hovertext=[
            [_hover(outcome, ", ".join(labels[at]), effects[at]) for at in row] for row in grid
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        # fewer is blue and more is red for arrivals and deaths alike
        colorscale=[[0.0, drawing.BLUE], [0.5, "#f2f2f2"], [1.0, drawing.VERMILION]],
        zmin=-most,
        zmax=most,
        xgap=2,
        ygap=2,
        showscale=False,
    )
    plot.update_layout(hovermode="closest", margin={"t": 12})
    plot.update_xaxes(type="category", showgrid=False)
    plot.update_yaxes(type="category", showgrid=False)
    return drawing.Chart(
        f"sweep-both-{outcome}",
        OUTCOMES[outcome].label,
        f"Difference, {drawn.unit}, from “{findings.reference}”; blue is fewer, red is more. Grey "
        "and in brackets: no detectable effect at this precision.",
        plot,
        [down.name, across.name, *_DATA],
        [[*labels[at], *_data(effects[at])] for row in grid for at in row],
    )


def _differences(
    outcome: str,
    variable: SweptVariable,
    values: Sequence[Value],
    labels: Sequence[str],
    entries: Sequence[Effect],
    *,
    line: bool = False,
    bars: str | None = None,
) -> drawing.PlotFigure:
    """Effects by the value of a variable."""
    colour = _COLOURS.get(outcome, drawing.PURPLE)
    x = [level_number(value) for value in values]
    shown = quoting.drawn(outcome, entries, over_worlds=True)
    mean, low, high = (list(column) for column in zip(*shown.ends, strict=True))
    plot = drawing.figure(y=f"difference, {shown.unit}", x=_axis_title(variable))
    plot.add_line_across("y", 0, {"color": drawing.BLACK, "width": 1})
    if line:
        plot.scatter(
            [*x, *x[::-1]],
            [*high, *low[::-1]],
            mode="lines",
            fill="toself",
            fillcolor=drawing.translucent(colour),
            line={"width": 0},
            **drawing.SILENT,
        )
    error: drawing.PlotlyObject = {}
    hover = [_hover(outcome, word, e) for word, e in zip(labels, entries, strict=True)]
    if outcome in quoting.RANGE_ONLY:
        filled = ["solid" if entry.is_clear else "dot" for entry in entries]
        for place, bottom, top, dash, text in zip(x, low, high, filled, hover, strict=True):
            plot.scatter(
                [place, place],
                [bottom, top],
                mode="lines+markers",
                line={"color": colour, "width": 2, "dash": dash},
                marker={"symbol": "line-ew-open", "size": 10},
                text=[text, text],
                hovertemplate=drawing.TEXT_ON_HOVER,
                showlegend=False,
            )
    elif bars is not None:
        error["error_y"] = {
            "type": "data",
            "symmetric": False,
            "array": [top - middle for top, middle in zip(high, mean, strict=True)],
            "arrayminus": [middle - bottom for bottom, middle in zip(low, mean, strict=True)],
            "color": bars,
            "thickness": 1.4,
            "width": 0,
        }
    plot.scatter(
        x,
        mean,
        mode="lines+markers" if line else "markers",
        line={"color": colour, "width": 2.2},
        marker={
            "size": 10,
            "color": [colour if entry.is_clear else "white" for entry in entries],
            "line": {"color": colour, "width": 2},
        },
        text=hover,
        hovertemplate=drawing.TEXT_ON_HOVER,
        showlegend=False,
        **error,
    )
    plot.update_layout(hovermode="closest", margin={"t": 12})
    plot.update_xaxes(**_axis(variable))
    plot.update_yaxes(**_PLAIN)
    return plot


def _in_cell(outcome: str, entry: Effect | None) -> str:
    if entry is None or not quoting.has_value(outcome, entry):
        return "failed"
    if entry.plausible:
        text = quoting.median(outcome, entry) or quoting.plausible(outcome, entry)
    else:
        text = quoting.difference(outcome, entry) or quoting.interval(outcome, entry)
    return text if entry.is_clear else f"({text})"


def _hover(outcome: str, label: str, entry: Effect | None) -> str:
    """The text of a point under the pointer."""
    if entry is None or not quoting.has_value(outcome, entry):
        return f"{drawing.safe(label)}<br>failed"
    amount = quoting.whole_amount_beside(outcome, entry)
    sides = (
        quoting.level(outcome, *quoting.side_of(entry, side)) for side in ("scenario", "baseline")
    )
    lines = (
        f"<b>{drawing.safe(label)}</b>",
        words.whole(outcome, entry), amount, " against ".join(sides),
    )  # fmt: skip
    return "<br>".join(filter(None, lines))


def _axis(variable: SweptVariable) -> drawing.PlotlyObject:
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
    """The columns of an effect in the data behind a chart; without an effect, no pairs."""
    if entry is None:
        return [0, *[None] * (len(_DATA) - 1)]
    return [getattr(entry, key) for key in _DATA]


def _axis_title(variable: SweptVariable) -> str:
    """The title of an axis, on as many lines as a telephone needs."""
    return "<br>".join(textwrap.wrap(drawing.safe(words.axis_words(variable)), _AXIS_WIDTH))


PRESENTATION = Presentation(SweepFindings, page, summary)
