"""Charts: figures as plotly.js reads them, how they look, and the parts they share.

Figures are made without plotly's Python classes. These check every value as it is set, which takes
longer than all else in a report; here the tests let plotly check the finished figures. The colours
are those of Okabe and Ito (2008), which differ for any common colour vision.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from simulation.scenario.horizon import BEFORE, PROJECTED, Horizon
from simulation.serialization import as_csv
from simulation.statistics.paired import (
    FEWEST_PAIRS,
    QUANTILES,
    SPREAD_PAIRS,
    quantiles,
)

#: a trace, a layout or a part of one, with the keys of plotly.js
type PlotlyObject = dict[str, Any]

BLACK, GREY, PALE = "#1a1a1a", "#8a8a8a", "#d9d9d9"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

#: steps from little to much, even to the eye and safe for colour vision
STEPS = ("#f0a830", "#ed7953", "#cc4778", "#8b0aa5", "#0d0887")

#: `meta` of traces that page.html leaves out on a narrow screen, and on any other
DETAIL, BRIEF = "detail", "brief"

#: a trace that neither answers the pointer nor stands in the legend
SILENT: PlotlyObject = {"hoverinfo": "skip", "showlegend": False}
#: a trace whose `text` is shown under the pointer
TEXT_ON_HOVER = "%{text}<extra></extra>"

#: a line of so few points shows them
FEW_POINTS = 3

#: of ways on a map: upper edges of the classes of the share stopped, the last of which is open
STOPPED_EDGES = (0.02, 0.10, 0.25, 0.50)
STOPPED_WORDS = ("under 2%", "2-10%", "10-25%", "25-50%", "over 50%")
#: widths in pixels of the classes of departures, from a sixteenth of the largest upwards
WIDTHS = (1.0, 2.0, 3.5, 5.5, 8.0)

#: room between panels that stand one above the other, as a share of the figure's height
_GAP = 0.06

#: columns of a chart's data that say of a month whether it is projected, or lies before the data
COLUMNS = {PROJECTED: "projected", BEFORE: "before_data"}
#: a month stands at its first day, and what is drawn of it reaches as far to both sides
_HALF_MONTH = timedelta(days=15)

#: intervals are cut where the longest reaches this many times as far as four in five do
_FAR, _MOST = 2.5, 0.8
#: room beyond what an axis must hold
_ROOM = 1.1
#: what is said of arrows at the edge
BEYOND = "goes on beyond the axis"
#: rows by which a label stands above its dot
_ABOVE = 0.42
#: where the band of a row begins below its dot
_BELOW = 0.3
#: how far the line of zero reaches above a dot, below the label
_FREE = 0.24
_STRIPE = "#f4f4f4"
#: how much wider the axis is than what does not matter
_AROUND = 1.15
#: where a change does not matter
_MARGIN = "rgba(0, 114, 178, 0.13)"
#: filled and strong, or hollow and thin: readers can tell these apart without colour
_DETECTABLE = "clear change"
_NOT_DETECTABLE = "no clear change"


class PlotFigure:
    """Traces and a layout, with the verbs of plotly's own figures.

    Args:
        layout: The layout.
    """

    def __init__(self, layout: Mapping[str, Any]) -> None:
        self.data: list[PlotlyObject] = []
        self.layout: PlotlyObject = {"xaxis": {}, "yaxis": {}}
        _merge(self.layout, layout)

    def scatter(self, x: Any, y: Any, *, row: int = 1, **settings: Any) -> None:
        """Add a trace of lines, markers or text.

        Args:
            x: Where its points lie on the horizontal axis.
            y: Likewise on the vertical axis.
            row: The panel it goes to.
            settings: Anything else plotly knows of such a trace.
        """
        self.add_trace({"type": "scatter", "x": x, "y": y, **settings}, row)

    def bar(self, x: Any, y: Any, *, row: int = 1, **settings: Any) -> None:
        """Add a trace of bars; the arguments are those of `scatter`."""
        self.add_trace({"type": "bar", "x": x, "y": y, **settings}, row)

    def heatmap(self, **settings: Any) -> None:
        """Add a trace of coloured cells."""
        self.add_trace({"type": "heatmap", **settings})

    def update_layout(self, **settings: Any) -> None:
        """Change the layout; what is not named stays."""
        _merge(self.layout, settings)

    def update_xaxes(self, *, row: int | None = None, **settings: Any) -> None:
        """Change the horizontal axis of a panel, or of all."""
        self._update("xaxis", row, settings)

    def update_yaxes(self, *, row: int | None = None, **settings: Any) -> None:
        """Change the vertical axis of a panel, or of all."""
        self._update("yaxis", row, settings)

    def add_shape(self, **shape: Any) -> None:
        """Add a line or a rectangle."""
        self.layout.setdefault("shapes", []).append(shape)

    def add_line_across(self, axis: str, at: float, line: Mapping[str, Any]) -> None:
        """Add a line at a value of an axis, `x` or `y`, across the first panel and behind it."""
        along = "y" if axis == "x" else "x"
        ends = {f"{along}ref": f"{along} domain", f"{along}0": 0, f"{along}1": 1}
        where = {f"{axis}0": at, f"{axis}1": at}
        self.add_shape(type="line", **ends, **where, line=dict(line), layer="below")

    def add_annotation(self, **annotation: Any) -> None:
        """Add a text."""
        self.layout.setdefault("annotations", []).append(annotation)

    def stack(self, heights: Sequence[float], gap: float = _GAP) -> None:
        """Divide the figure into panels one above the other, with one horizontal axis for all.

        Args:
            heights: Relative heights from the top.
            gap: Room between two, as a share of the figure's height.
        """
        room = (1.0 - gap * (len(heights) - 1)) / sum(heights)
        top, last = 1.0, len(heights)
        for row, height in enumerate(heights, start=1):
            bottom = max(0.0, top - height * room)
            # the lowest panel carries the dates, and the axis all others follow
            below = {} if row == last else {"matches": f"x{last}", "showticklabels": False}
            mine: dict[str, PlotlyObject] = {_axis("yaxis", row): {"domain": [bottom, top]}}
            mine[_axis("xaxis", row)] = {"anchor": _axis("y", row), **below}
            mine[_axis("yaxis", row)]["anchor"] = _axis("x", row)
            _merge(self.layout, mine)
            top = bottom - gap

    def to_json(self) -> str:
        """The figure as plotly.js reads it."""
        content = plain({"data": self.data, "layout": self.layout})
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    def add_trace(self, trace: PlotlyObject, row: int = 1) -> None:
        """Add a trace as it is to a panel."""
        panel = {"xaxis": f"x{row}", "yaxis": f"y{row}"} if row > 1 else {}
        self.data.append(trace | panel)

    def _update(self, kind: str, row: int | None, settings: Mapping[str, Any]) -> None:
        every = [name for name in self.layout if name.startswith(kind)]
        for name in [_axis(kind, row)] if row else every:
            _merge(self.layout, {name: settings})


@dataclass(frozen=True)
class Chart:
    """A figure, what it says, and the data behind it.

    Attributes:
        key: Identifier in the page and name of its CSV file.
        title: Heading, plain text.
        note: What to read in it, plain text.
        figure: The figure.
        header: Column names of the data.
        rows: Rows of the data.
        shape: `wide`, `tall`, `long`, `longest` or `map`: the room it gets in the page; with `menu`
            it is left out on paper.
    """

    key: str
    title: str
    note: str
    figure: PlotFigure
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    shape: str = "wide"

    def csv(self) -> str:
        """The data as the text of a CSV file."""
        return as_csv(self.header, ([_cell(value) for value in row] for row in self.rows))


def figure(*, y: str = "", x: str = "", **layout: Any) -> PlotFigure:
    """An empty figure in the house style.

    Args:
        y: Title of the vertical axis, with its unit.
        x: Title of the horizontal axis.
        layout: Anything else for the layout.
    """
    axis = {
        "showgrid": True, "gridcolor": "#ececec", "zeroline": False, "linecolor": GREY,
        "ticks": "outside", "ticklen": 4, "tickcolor": GREY, "automargin": True,
        "title": {"standoff": 8, "font": {"size": 13}},
    }  # fmt: skip
    house = {
        "template": {"layout": {"xaxis": axis, "yaxis": axis}},
        "autosize": True,
        "font": {"family": FONT, "size": 13, "color": BLACK},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "margin": {"l": 8, "r": 12, "t": 40, "b": 8},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.01, "x": 0, "xanchor": "left"},
        "hoverlabel": {"font": {"family": FONT}},
        "hovermode": "x unified",
    }
    titles = {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}
    return PlotFigure({**house, **titles, **layout})


def safe(text: str) -> str:
    """Text for a figure, where a few HTML tags would be obeyed."""
    return html.escape(text, quote=False)


def translucent(colour: str, alpha: float = 0.2) -> str:
    """A hex colour with an alpha."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def error_bars(
    half_widths: Sequence[float | None], colour: str, thickness: float, width: float
) -> PlotlyObject:
    """Lines as long to both sides of a value: their look, and the length of their ends."""
    look = {"color": colour, "thickness": thickness, "width": width}
    return {"type": "data", "array": half_widths, **look}


def band(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Median and range of replications.

    Args:
        values: (replications, points) float; NaN are left out.

    Returns:
        Median, low, high, each (points,), NaN where no replication has a value. Low and high are
        the 5% and the 95% quantile of `SPREAD_PAIRS` replications or more, the lowest and the
        highest of fewer, and NaN for fewer than `FEWEST_PAIRS`.
    """
    has_value = ~np.isnan(values).all(axis=0)
    median, low, high = np.full((3, values.shape[1]), np.nan)
    if has_value.any():
        median[has_value] = np.nanmedian(values[:, has_value], axis=0)
    if has_value.any() and len(values) >= SPREAD_PAIRS:
        low[has_value], high[has_value] = quantiles(values[:, has_value])
    elif has_value.any() and len(values) >= FEWEST_PAIRS:
        low[has_value] = np.nanmin(values[:, has_value], axis=0)
        high[has_value] = np.nanmax(values[:, has_value], axis=0)
    return median, low, high


def add_line(
    plot: PlotFigure,
    x: Any,
    values: np.ndarray,
    *,
    name: str,
    colour: str,
    hover: str = ",.0f",
    row: int = 1,
) -> None:
    """Add the median over replications as a line, and their band when there are enough for one.

    Args:
        plot: Figure to add to.
        x: (points,) dates.
        values: (replications, points).
        name: Name in the legend.
        colour: Hex colour.
        hover: Number format of the hover text.
        row: Panel of the figure.
    """
    median, low, high = band(values)
    if len(values) >= FEWEST_PAIRS:
        add_band(plot, x, low, high, name=name, colour=colour, row=row)
    plot.scatter(
        x,
        median,
        row=row,
        # a line through one point is nothing at all
        mode="lines+markers" if len(median) <= FEW_POINTS else "lines",
        name=name,
        legendgroup=name,
        line={"color": colour, "width": 2.2, "dash": None},
        connectgaps=True,
        hovertemplate=f"%{{y:{hover}}}",
    )


def add_band(
    plot: PlotFigure,
    x: Any,
    low: Any,
    high: Any,
    *,
    name: str,
    colour: str,
    row: int = 1,
    words: Sequence[str] = (),
) -> None:
    """Add an area between two edges, with what is said of it on touch where it has no line."""
    for edge, fill in ((high, None), (low, "tonexty")):
        hover: PlotlyObject = {"hoverinfo": "skip"}
        if words and fill is None:
            hover = {"customdata": words, "hovertemplate": "%{customdata}"}
        plot.scatter(
            x, edge, row=row, mode="lines", line={"width": 0}, fill=fill, name=name,
            fillcolor=translucent(colour), legendgroup=name, showlegend=bool(words and fill),
            connectgaps=True, **hover,
        )  # fmt: skip


def band_words(replications: int) -> str:
    """A sentence on the band of a chart, or on its absence."""
    if replications == 1:
        return "One run, so no band."
    if replications < FEWEST_PAIRS:
        return f"Medians of {replications} runs, which are too few for a band."
    ends = QUANTILES if replications >= SPREAD_PAIRS else "lowest to highest"
    return f"Lines are medians of {replications} runs, bands {ends}."


def shade(plot: PlotFigure, horizon: Horizon, *, by_month: bool) -> str:
    """Shade the days of a chart that lie outside the data, in all its panels.

    Where all of them do, a label alone says so: a shade tells nothing apart.

    Args:
        plot: A chart with dates on its horizontal axis.
        horizon: The days of the run against the months of the data.
        by_month: Whether a month stands at its first day.

    Returns:
        A sentence for the chart's note; empty where the data cover the whole run.
    """
    whole = any((first, last) == (horizon.start, horizon.end) for first, last, _ in horizon.spans)
    for first, last, label in horizon.spans:
        begin, end = first, last + timedelta(days=1)
        if by_month:
            begin, end = first.replace(day=1) - _HALF_MONTH, last.replace(day=1) + _HALF_MONTH
        if not whole:
            plot.add_shape(
                type="rect", xref="x", yref="paper", x0=begin.isoformat(), x1=end.isoformat(),
                y0=0, y1=1, line={"width": 0}, fillcolor=translucent(GREY, 0.16), layer="below",
            )  # fmt: skip
        plot.add_annotation(
            xref="paper" if whole else "x", x=1 if whole else begin.isoformat(),
            xanchor="right" if whole else "left", yref="paper", y=1, yanchor="top",
            showarrow=False, text=label, font={"size": 11, "color": "#4d4d4d"},
        )  # fmt: skip
    if not horizon.spans:
        return ""
    what = "All of it" if whole else "The grey part"
    labels = " and ".join(stretch.label for stretch in horizon.spans)
    return f"{what} is {labels}."


def month_columns(horizon: Horizon, months: Sequence[str]) -> dict[str, list[str]]:
    """The columns of a chart's data that say of each month whether it is projected.

    Args:
        horizon: The days of the run against the months of the data.
        months: Months as "2023-01".

    Returns:
        Header -> "true" or "false" for each month; empty where the data cover the whole run.
    """
    first = [date(int(month[:4]), int(month[5:]), 1) for month in months]
    last = [(day + timedelta(days=31)).replace(day=1) - timedelta(days=1) for day in first]
    marks = [horizon.mark(begin, end) for begin, end in zip(first, last, strict=True)]
    labels = [stretch.label for stretch in horizon.spans]
    return {COLUMNS[label]: [str(mark == label).lower() for mark in marks] for label in labels}


def time_chart(
    plot: PlotFigure,
    horizon: Horizon,
    key: str,
    title: str,
    notes: Sequence[str],
    columns: Mapping[str, Iterable[Any]],
    shape: str = "wide",
) -> Chart:
    """A chart over time, with the days outside the data shaded.

    Args:
        plot: The figure, with dates on its horizontal axis.
        horizon: The days of the run against the months of the data.
        key: Identifier in the page.
        title: Heading.
        notes: What to read in it; empty ones are left out.
        columns: The data by header; months, if they have a `month`.
        shape: The room it gets in the page.
    """
    beyond = shade(plot, horizon, by_month="month" in columns)
    if "month" in columns:
        columns = {**columns, **month_columns(horizon, list(columns["month"]))}
    rows = list(zip(*columns.values(), strict=True))
    return Chart(key, title, sentences(*notes, beyond), plot, list(columns), rows, shape)


def sentences(*parts: str) -> str:
    """Sentences one after the other; empty ones are left out."""
    return " ".join(filter(None, parts))


#: mark of the end of an interval that has no middle
_END = "line-ns-open"


@dataclass(frozen=True)
class Dot:
    """One row of the figure.

    Attributes:
        label: What it is, plain text.
        mean: Where the dot stands; NaN for an interval without one.
        low: Lower end of the interval; NaN if there is none.
        high: Upper end.
        detectable: Whether it clearly differs from no change.
        text: The numbers beside the label, plain text.
        hover: Lines shown on touch, plain text.
        strong: Whether the label is bold.
        margin: The largest change that does not matter, shaded; None for none.
    """

    label: str
    mean: float
    low: float
    high: float
    detectable: bool
    text: str
    hover: Sequence[str] = ()
    strong: bool = False
    margin: float | None = None

    @property
    def reach(self) -> float:
        """How far from zero it goes."""
        ends = (self.mean, self.low, self.high)
        return max((abs(value) for value in ends if value == value), default=0.0)


def edge_of(reaches: Sequence[float], inside: Sequence[float] = ()) -> float:
    """How far from zero an axis must go for effects to be seen beside their intervals.

    All of the intervals are held, unless some are far longer than most. Those are cut off, or they
    would squeeze all others into a line.

    Args:
        reaches: How far from zero each interval goes, or its dot where there is none.
        inside: How far from zero whatever must never be cut off goes.
    """
    ordered = sorted(reaches) or [1.0]
    usual, edge = ordered[math.ceil(_MOST * len(ordered)) - 1], ordered[-1]
    if usual > 0.0 and edge > _FAR * usual:
        edge = max(_ROOM * value for value in (usual, *inside))
    return edge or 1.0


def dots(rows: Sequence[Dot], *, x: str, cut: bool = False) -> PlotFigure:
    """A figure of rows, each with its label above its interval; zero is in the middle.

    An interval far longer than most is cut off at the edge, with an arrow.

    Args:
        rows: From the top.
        x: Title of the horizontal axis.
        cut: Whether dots, other than the strong ones, may lie beyond the edge too.
    """
    plot = figure(x=x, hovermode="closest")
    means = [row for row in rows if row.mean == row.mean]
    inside = [abs(row.mean) for row in means if row.strong or not cut]
    edge = edge_of([row.reach for row in rows], inside)
    # both ends of what does not matter are seen
    edge = max([edge, *(_AROUND * row.margin for row in rows if row.margin is not None)])
    heights = list(range(len(rows) - 1, -1, -1))
    for y in heights[1::2]:
        plot.add_shape(
            type="rect", xref="paper", x0=0, x1=1, y0=y - _BELOW, y1=y + 1 - _BELOW, layer="below",
            fillcolor=_STRIPE, line={"width": 0},
        )  # fmt: skip
    for row, y in zip(rows, heights, strict=True):
        if row.margin is not None:
            ends = [max(-edge, -row.margin), min(edge, row.margin)]
            plot.add_shape(
                type="rect", x0=ends[0], x1=ends[1], y0=y - _BELOW, y1=y + _FREE, layer="below",
                fillcolor=_MARGIN, line={"width": 0},
            )  # fmt: skip
    # the line of zero stands beside the intervals and leaves the labels free
    plot.scatter(
        [0.0, 0.0, None] * len(rows),
        [end for y in heights for end in (y - _BELOW, y + _FREE, None)],
        mode="lines", line={"color": BLACK, "width": 1}, **SILENT,
    )  # fmt: skip
    for detectable in (True, False):
        chosen = [
            (row, y) for row, y in zip(rows, heights, strict=True) if row.detectable is detectable
        ]
        if chosen:
            _add_dots(plot, chosen, edge, detectable)
    _add_beyond(plot, list(zip(rows, heights, strict=True)), edge)
    # a narrow screen has no room for the ends of the intervals
    for meta, numbers in ((DETAIL, True), (BRIEF, False)):
        plot.scatter(
            [-1.04 * edge] * len(rows),
            [y + _ABOVE for y in heights],
            text=[_written(row, numbers) for row in rows],
            mode="text",
            textposition="middle right",
            textfont={"size": 12, "color": BLACK},
            **SILENT,
            meta=meta,
        )
    plot.update_xaxes(range=[-1.06 * edge, 1.06 * edge], tickformat=",~f", nticks=7)
    plot.update_yaxes(range=[-_BELOW, len(rows) - _BELOW], visible=False)
    return plot


def _add_dots(
    plot: PlotFigure, chosen: Sequence[tuple[Dot, int]], edge: float, detectable: bool
) -> None:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row, y in chosen:
        if row.low == row.low:
            xs += [max(-edge, min(edge, end)) for end in (row.low, row.high)]
            xs.append(None)
            ys += [y, y, None]
    colour = BLUE if detectable else GREY
    plot.scatter(
        xs, ys, mode="lines", line={"color": colour, "width": 4 if detectable else 1.5}, **SILENT
    )
    dot = "circle" if detectable else "circle-open"
    # an interval without a middle is touched at its ends
    marks = [
        (row, x, y, symbol)
        for row, y in chosen
        for x, symbol in (
            ((row.mean, dot),) if row.mean == row.mean else ((row.low, _END), (row.high, _END))
        )
        if x == x
    ]
    plot.scatter(
        [max(-edge, min(edge, x)) for _, x, _, _ in marks],
        [y for _, _, y, _ in marks],
        mode="markers",
        name=_DETECTABLE if detectable else _NOT_DETECTABLE,
        marker={
            "size": 11,
            # what lies beyond the axis leaves its place to the arrow
            "opacity": [float(abs(x) <= edge) for _, x, _, _ in marks],
            "symbol": [symbol for *_, symbol in marks],
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        text=["<br>".join(safe(line) for line in (row.label, *row.hover)) for row, *_ in marks],
        hovertemplate=TEXT_ON_HOVER,
    )


def _add_beyond(plot: PlotFigure, rows: Sequence[tuple[Dot, int]], edge: float) -> None:
    """Arrows where an interval, or a dot without one, lies beyond the axis."""
    beyond = [
        (sign, y)
        for row, y in rows
        for sign, end in ((-1, row.low), (1, row.high))
        # without an interval it is the dot that lies beyond
        if sign * (end if end == end else row.mean) > edge
    ]
    if beyond:
        symbols = ["triangle-right" if sign > 0 else "triangle-left" for sign, _ in beyond]
        plot.scatter(
            [sign * edge for sign, _ in beyond],
            [y for _, y in beyond],
            mode="markers",
            name=BEYOND,
            marker={"symbol": symbols, "size": 10, "color": BLACK},
            hoverinfo="skip",
        )


def _written(row: Dot, numbers: bool) -> str:
    label = f"<b>{safe(row.label)}</b>" if row.strong else safe(row.label)
    return f"{label}  {safe(row.text if numbers else row.text.split(' (')[0])}"


def plain(value: Any) -> Any:
    """A value as JSON knows it: arrays as lists, dates as text, what is no number as null."""
    if type(value) is float:  # first, for most are
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        if value.dtype.kind == "M":
            return value.astype(str).tolist()
        if value.dtype.kind == "f" and np.isfinite(value).all():
            return value.tolist()
        return plain(value.tolist()) if value.dtype.kind in "fO" else value.tolist()
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _axis(kind: str, row: int) -> str:
    return kind if row == 1 else f"{kind}{row}"


def _merge(into: PlotlyObject, settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        if isinstance(value, Mapping):
            held = into.get(key)
            into[key] = dict(held) if isinstance(held, Mapping) else {}
            _merge(into[key], value)
        else:
            into[key] = value


def _cell(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.6g}"
    return value
