"""Dots with their intervals: what differs, and whether it is told apart from nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from simulation.report import drawing

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
_STRIPE = "#f4f4f4"
#: filled and strong, or hollow and thin: told apart without colour
_TOLD = "interval leaves out zero"
_NOT_TOLD = "no detectable effect"


@dataclass(frozen=True)
class Dot:
    """One row of the figure.

    Attributes:
        label: What it is, plain text.
        mean: Where the dot stands.
        low: Lower end of the interval; NaN if there is none.
        high: Upper end.
        detectable: Whether it is told apart from no change.
        text: The numbers beside the label, plain text.
        hover: Lines shown on touch, plain text.
        strong: Whether the label is bold.
    """

    label: str
    mean: float
    low: float
    high: float
    detectable: bool
    text: str
    hover: Sequence[str] = ()
    strong: bool = False

    @property
    def reach(self) -> float:
        """How far from zero it goes."""
        return max(abs(value) for value in (self.mean, self.low, self.high) if value == value)


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


def dots(rows: Sequence[Dot], *, x: str, cut: bool = False) -> drawing.PlotFigure:
    """A figure of rows, each with its label above its interval; zero is in the middle.

    An interval far longer than most is cut off at the edge, with an arrow.

    Args:
        rows: From the top.
        x: Title of the horizontal axis.
        cut: Whether dots, other than the strong ones, may lie beyond the edge too.
    """
    made = drawing.figure(x=x, hovermode="closest")
    inside = [abs(row.mean) for row in rows if row.strong or not cut]
    edge = edge_of([row.reach for row in rows], inside)
    heights = list(range(len(rows) - 1, -1, -1))
    for y in heights[1::2]:
        made.add_shape(
            type="rect", xref="paper", x0=0, x1=1, y0=y - _BELOW, y1=y + 1 - _BELOW, layer="below",
            fillcolor=_STRIPE, line={"width": 0},
        )  # fmt: skip
    for told in (True, False):
        chosen = [(row, y) for row, y in zip(rows, heights, strict=True) if row.detectable is told]
        if chosen:
            _add(made, chosen, edge, told)
    _add_beyond(made, list(zip(rows, heights, strict=True)), edge)
    # a narrow screen has no room for the ends of the intervals
    for meta, numbers in ((drawing.DETAIL, True), (drawing.BRIEF, False)):
        made.scatter(
            [-1.04 * edge] * len(rows),
            [y + _ABOVE for y in heights],
            text=[_written(row, numbers) for row in rows],
            mode="text",
            textposition="middle right",
            textfont={"size": 12, "color": drawing.BLACK},
            **drawing.SILENT,
            meta=meta,
        )
    made.update_xaxes(
        range=[-1.06 * edge, 1.06 * edge], tickformat=",~f", nticks=7,
        zeroline=True, zerolinecolor=drawing.BLACK, zerolinewidth=1,
    )  # fmt: skip
    made.update_yaxes(range=[-_BELOW, len(rows) - _BELOW], visible=False)
    return made


def _add(
    made: drawing.PlotFigure, chosen: Sequence[tuple[Dot, int]], edge: float, told: bool
) -> None:
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row, y in chosen:
        if row.low == row.low:
            xs += [max(-edge, min(edge, end)) for end in (row.low, row.high)]
            xs.append(None)
            ys += [y, y, None]
    colour = drawing.BLUE if told else drawing.GREY
    made.scatter(
        xs, ys, mode="lines", line={"color": colour, "width": 4 if told else 1.5}, **drawing.SILENT
    )
    made.scatter(
        [max(-edge, min(edge, row.mean)) for row, _ in chosen],
        [y for _, y in chosen],
        mode="markers",
        name=_TOLD if told else _NOT_TOLD,
        marker={
            "size": 11,
            # a dot that lies beyond the axis leaves its place to the arrow
            "opacity": [float(abs(row.mean) <= edge) for row, _ in chosen],
            "symbol": "circle" if told else "circle-open",
            "color": colour,
            "line": {"width": 2, "color": colour},
        },
        text=[
            "<br>".join(drawing.safe(line) for line in (row.label, *row.hover)) for row, _ in chosen
        ],
        hovertemplate=drawing.TEXT_ON_HOVER,
    )


def _add_beyond(made: drawing.PlotFigure, rows: Sequence[tuple[Dot, int]], edge: float) -> None:
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
        made.scatter(
            [sign * edge for sign, _ in beyond],
            [y for _, y in beyond],
            mode="markers",
            name=BEYOND,
            marker={"symbol": symbols, "size": 10, "color": drawing.BLACK},
            hoverinfo="skip",
        )


def _written(row: Dot, numbers: bool) -> str:
    label = f"<b>{drawing.safe(row.label)}</b>" if row.strong else drawing.safe(row.label)
    return f"{label}  {drawing.safe(row.text if numbers else row.text.split(' (')[0])}"
