"""Blocks as a Word document, with its charts of rows drawn by Matplotlib."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from simulation.optional import optional_library
from simulation.report import blocks
from simulation.report.drawing import BRIEF, Chart, PlotlyObject

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: the extra that installs what writes and draws
EXTRA = "brief"
#: a page of A4, its margins, and what a picture takes of its width, in millimetres
_WIDTH, _HEIGHT, _MARGIN = 210, 297, 18
#: sizes of text in points
_TEXT, _SMALL, _HEADLINE, _HEADING, _TITLE = 10, 8, 12, 12, 18
#: symbols of plotly and of Matplotlib
_SYMBOLS = {
    "circle": "o", "circle-open": "o", "line-ns-open": "|", "triangle-right": ">",
    "triangle-left": "<",
}  # fmt: skip
#: of a picture, inches: width, height of a row, and height of title, axis and legend together
_ACROSS, _ROW, _REST = 7.2, 0.34, 1.15
#: dots of a picture per inch, and points in a pixel of a page
_DOTS, _POINTS = 200, 0.75
_TAG = re.compile(r"<[^>]+>")


def document(page: blocks.Page) -> bytes:
    """A page as the bytes of a Word document.

    Raises:
        InputError: A library is not installed.
    """
    docx = optional_library("docx", EXTRA, "--format")
    from docx.shared import Mm, Pt

    word, content = docx.Document(), io.BytesIO()
    (section,) = word.sections
    section.page_width, section.page_height = Mm(_WIDTH), Mm(_HEIGHT)
    section.left_margin = section.right_margin = Mm(_MARGIN)
    section.top_margin = section.bottom_margin = Mm(_MARGIN)
    sizes = {"Normal": _TEXT, "Caption": _SMALL, "Heading 2": _HEADING, "Title": _TITLE,
             "Subtitle": _HEADLINE}  # fmt: skip
    for name, size in sizes.items():
        word.styles[name].font.size = Pt(size)
        word.styles[name].paragraph_format.space_after = Pt(4)
    word.add_paragraph(page.title, "Title")
    for line in page.headline:
        word.add_paragraph(line, "Subtitle")
    _add(word, page.details)
    for part in page.sections:
        word.add_heading(part.title, 2)
        _add(word, part.blocks)
    word.save(content)
    return content.getvalue()


def _add(word: Any, parts: Sequence[blocks.Block]) -> None:
    """Add paragraphs, lists, tables and charts of rows."""
    from docx.shared import Mm

    for block in parts:
        match block:
            case blocks.Paragraph():
                word.add_paragraph(blocks.plain(block.text), "Caption" if block.role else None)
            case blocks.Bullets():
                for item in block.items:
                    word.add_paragraph(blocks.plain(item), "List Bullet")
            case blocks.Table():
                _add_table(word, block)
            case blocks.Figure():
                shown = io.BytesIO(picture(block.chart))
                shape = word.add_picture(shown, width=Mm(_WIDTH - 2 * _MARGIN))
                words = f"{block.chart.title}. {block.chart.note}"
                shape._inline.docPr.set("descr", words)  # for those who do not see it


def _add_table(word: Any, block: blocks.Table) -> None:
    from docx.shared import Pt

    rows = [[column.title for column in block.headings]]
    for row in block.rows:
        cells = ["\n".join([blocks.plain(cell.text), *cell.below]) for cell in row.values]
        rows.append([blocks.plain(row.label), *cells])
    table = word.add_table(len(rows), len(rows[0]), "Table Grid")
    for number, (row, texts) in enumerate(zip(table.rows, rows, strict=True)):
        for cell, text in zip(row.cells, texts, strict=True):
            run = cell.paragraphs[0].add_run(text)
            run.bold, run.font.size = number == 0, Pt(_SMALL)
            cell.paragraphs[0].paragraph_format.space_after = Pt(0)
    if block.caption:
        word.add_paragraph(block.caption, "Caption")


# -- charts of rows --------------------------------------------------------------------------------


def picture(chart: Chart) -> bytes:
    """A chart of `simulation.report.drawing.dots` with its title, as the bytes of a PNG.

    Raises:
        InputError: Matplotlib is not installed.
    """
    optional_library("matplotlib", EXTRA, "--format")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    layout, content = chart.figure.layout, io.BytesIO()
    low, high = layout["yaxis"]["range"]
    with rc_context({"font.size": 8}):
        figure = Figure(figsize=(_ACROSS, _REST + _ROW * (high - low)), layout="constrained")
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
        figure.savefig(content, format="png", dpi=_DOTS)
    return content.getvalue()


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
