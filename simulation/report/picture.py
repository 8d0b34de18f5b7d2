"""A chart of rows as a picture of its own, drawn by Matplotlib from the figure of a page."""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING

from simulation.optional import optional_library
from simulation.report.drawing import BRIEF, Chart, PlotlyObject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: the extra that installs what draws
EXTRA = "brief"
#: symbols of plotly and of Matplotlib
_SYMBOLS = {
    "circle": "o", "circle-open": "o", "line-ns-open": "|", "triangle-right": ">",
    "triangle-left": "<",
}  # fmt: skip
#: inches: width, height of a row, and height of title, axis and legend together
_WIDTH, _ROW, _REST = 7.2, 0.34, 1.15
#: dots of a picture per inch, and points in a pixel of a page
_DOTS, _POINTS = 200, 0.75
_TAG = re.compile(r"<[^>]+>")


def picture(chart: Chart, kind: str) -> bytes:
    """A chart of `simulation.report.drawing.dots` with its title, as the bytes of a picture.

    Args:
        chart: The chart.
        kind: `png` or `svg`.

    Raises:
        InputError: Matplotlib is not installed.
    """
    optional_library("matplotlib", EXTRA, "--format")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    layout, content = chart.figure.layout, io.BytesIO()
    low, high = layout["yaxis"]["range"]
    # a text of an SVG stays a text, and the same chart gives the same bytes
    with rc_context({"font.size": 8, "svg.fonttype": "none", "svg.hashsalt": chart.key}):
        figure = Figure(figsize=(_WIDTH, _REST + _ROW * (high - low)), layout="constrained")
        axes = figure.add_subplot()
        for shape in layout.get("shapes", ()):
            axes.axhspan(shape["y0"], shape["y1"], color=shape["fillcolor"], lw=0, zorder=0)
        for trace in chart.figure.data:
            if trace.get("meta") != BRIEF:
                _DRAWN[trace["mode"]](axes, trace)
        axes.set(xlim=layout["xaxis"]["range"], ylim=(low, high), yticks=[])
        axes.set_xlabel(f"{layout['xaxis']['title']['text']}\n{chart.note}")
        axes.set_title(chart.title, loc="left", fontsize=9, fontweight="bold", wrap=True)
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.grid(axis="x", color="#ececec")
        axes.set_axisbelow(True)
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower left", ncols=3,
                      frameon=False, fontsize=7)  # fmt: skip
        figure.savefig(content, format=kind, dpi=_DOTS, metadata=_METADATA[kind])
    return content.getvalue()


#: what would say when it was drawn
_METADATA: dict[str, dict[str, None]] = {"png": {}, "svg": {"Date": None}}


def _lines(axes: Axes, trace: PlotlyObject) -> None:
    x, y = (
        [float("nan") if value is None else value for value in trace[name]] for name in ("x", "y")
    )
    line = trace["line"]
    axes.plot(x, y, color=line["color"], lw=_POINTS * line["width"], zorder=2)


def _markers(axes: Axes, trace: PlotlyObject) -> None:
    marker = trace["marker"]
    symbols = marker["symbol"]
    opacity = marker.get("opacity", [1.0] * len(symbols))
    label = trace["name"]
    for x, y, symbol, alpha in zip(trace["x"], trace["y"], symbols, opacity, strict=True):
        face = "white" if symbol.endswith("open") else marker["color"]
        look = {"mec": marker["color"], "mfc": face, "mew": 1.3, "alpha": alpha, "zorder": 3}
        size = _POINTS * marker["size"]
        axes.plot([x], [y], _SYMBOLS[symbol], ms=size, ls="", clip_on=False, label=label, **look)
        label = "_"


def _texts(axes: Axes, trace: PlotlyObject) -> None:
    for x, y, text in zip(trace["x"], trace["y"], trace["text"], strict=True):
        weight = "bold" if text.startswith("<b>") else "normal"
        words = html.unescape(_TAG.sub("", text))
        axes.text(x, y, words, va="center", ha="left", fontsize=7.5, fontweight=weight, zorder=4)


_DRAWN = {"lines": _lines, "markers": _markers, "text": _texts}
