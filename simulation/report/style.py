"""How charts look: colours, fonts, and the parts they share.

The colours are those of Okabe and Ito (2008), told apart by people with any common colour vision.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.report.drawing import PlotFigure, scatter

BLACK, GREY, PALE = "#1a1a1a", "#8a8a8a", "#d9d9d9"
ORANGE, SKY, GREEN, YELLOW = "#E69F00", "#56B4E9", "#009E73", "#F0E442"
BLUE, VERMILION, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'

#: steps from little to much, even to the eye and safe for colour vision
STEPS = ("#f0a830", "#ed7953", "#cc4778", "#8b0aa5", "#0d0887")

#: `meta` of traces that page.html leaves out on a narrow screen, and on any other
DETAIL, BRIEF = "detail", "brief"

#: a line of so few points shows them
_FEW_POINTS = 3

#: share of replications between the lower and upper edge of a band
BAND = 0.90


class Drawn(Protocol):
    """A figure that can be put on a page."""

    def to_json(self) -> str:
        """The figure as plotly.js reads it."""


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
    figure: Drawn
    header: Sequence[str]
    rows: Sequence[Sequence[Any]]
    shape: str = "wide"

    def csv(self) -> str:
        """The data as the text of a CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows([[_cell(value) for value in row] for row in self.rows])
        return text.getvalue()


def figure(*, y: str = "", x: str = "", **layout: Any) -> PlotFigure:
    """An empty figure in the house style.

    Args:
        y: Title of the vertical axis, with its unit.
        x: Title of the horizontal axis.
        layout: Anything else for the layout.
    """
    titles = {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}}
    return PlotFigure({**house_layout(), **titles, **layout})


def house_layout() -> dict[str, Any]:
    """The layout all figures share."""
    axis = {
        "showgrid": True,
        "gridcolor": "#ececec",
        "zeroline": False,
        "linecolor": GREY,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": GREY,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 13}},
    }
    return {
        "template": {"layout": {"xaxis": axis, "yaxis": axis}},
        "autosize": True,
        "font": {"family": FONT, "size": 13, "color": BLACK},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "margin": {"l": 8, "r": 12, "t": 40, "b": 8},
        "legend": {
            "orientation": "h",
            "yanchor": "bottom",
            "y": 1.01,
            "x": 0,
            "xanchor": "left",
        },
        "hoverlabel": {"font": {"family": FONT}},
        "hovermode": "x unified",
    }


def safe(text: str) -> str:
    """Text for a figure, where a few HTML tags would be obeyed."""
    return html.escape(text, quote=False)


def translucent(colour: str, alpha: float = 0.2) -> str:
    """A hex colour with an alpha."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha})"


def band(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and the edges of the middle 90% of replications.

    Args:
        values: (replications, points) float; NaN are left out.

    Returns:
        Mean, low, high, each (points,), NaN where no replication has a value. Low and high are
        also NaN for fewer than `FEWEST_PAIRS` replications.
    """
    known = ~np.isnan(values).all(axis=0)
    results = [np.full(values.shape[1], np.nan) for _ in range(3)]
    if known.any():
        inside = values[:, known]
        results[0][known] = np.nanmean(inside, axis=0)
    if known.any() and len(values) >= FEWEST_PAIRS:
        edge = (1 - BAND) / 2
        results[1][known], results[2][known] = np.nanquantile(inside, [edge, 1 - edge], axis=0)
    return results[0], results[1], results[2]


def add_line(
    made: PlotFigure,
    x: Any,
    values: np.ndarray,
    *,
    name: str,
    colour: str,
    hover: str = ",.0f",
    row: int = 1,
    dash: str | None = None,
) -> None:
    """Add the mean over replications as a line, and their band when there are enough for one.

    Args:
        made: Figure to add to.
        x: (points,) dates.
        values: (replications, points).
        name: Name in the legend.
        colour: Hex colour.
        hover: Number format of the hover text.
        row: Panel of the figure.
        dash: Dash of the line.
    """
    mean, low, high = band(values)
    if values.shape[0] >= FEWEST_PAIRS:
        for edge, fill in ((high, None), (low, "tonexty")):
            made.add_trace(
                scatter(
                    x=x,
                    y=edge,
                    mode="lines",
                    line={"width": 0},
                    fill=fill,
                    fillcolor=translucent(colour),
                    legendgroup=name,
                    showlegend=False,
                    hoverinfo="skip",
                    connectgaps=True,
                ),
                row=row,
            )
    made.add_trace(
        scatter(
            x=x,
            y=mean,
            # a line through one point is nothing at all
            mode="lines+markers" if len(mean) <= _FEW_POINTS else "lines",
            name=name,
            legendgroup=name,
            line={"color": colour, "width": 2.2, "dash": dash},
            connectgaps=True,
            hovertemplate=f"%{{y:{hover}}}",
        ),
        row=row,
    )


def band_words(replications: int) -> str:
    """What the band of a chart is, in a sentence, or that there is none."""
    if replications == 1:
        return "One run, so no band."
    if replications < FEWEST_PAIRS:
        return f"Means of {replications} runs, which are too few for a band."
    return f"The band holds the middle {BAND:.0%} of {replications} runs."


def _cell(value: Any) -> Any:
    if isinstance(value, float | np.floating):
        return "" if np.isnan(value) else f"{value:.6g}"
    return value
