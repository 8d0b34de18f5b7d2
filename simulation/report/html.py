"""Blocks as a page of HTML: self-contained, offline, one copy of plotly.js."""

from __future__ import annotations

import functools
import html
import pkgutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from simulation.errors import InputError
from simulation.experiments.engine.result_folder import reason, write_text
from simulation.report.blocks import Page
from simulation.report.drawing import BLACK, BLUE, FONT, GREY, PALE, Chart
from simulation.report.fan_chart import FanChart, FanDrawing

if TYPE_CHECKING:
    import jinja2

_HERE = Path(__file__).parent


def render(page: Page) -> str:
    """A page as the text of an HTML file."""
    return _environment().get_template("page.html").render(
        page=page,
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        plotly=plotly_js(),
    )  # fmt: skip


@functools.cache
def fixed_page(name: str) -> str:
    """A page that is the same for everybody, by the name of its template."""
    return _environment().get_template(f"{name}.html").render()


def error_page(title: str, problem: str) -> str:
    """A page that says what is wrong."""
    return _environment().get_template("error.html").render(title=title, problem=problem)


def svg(fan: FanChart) -> str:
    """A fan chart as the text of an SVG file."""
    colours = {"black": BLACK, "blue": BLUE, "grey": GREY, "pale": PALE}
    template = _environment().get_template("fan_chart.svg")
    return template.render(it=FanDrawing(fan), font=FONT, **colours) + "\n"


def save(folder: Path, page: Page, name: str = "report.html") -> Path:
    """Write a page whole or not at all, and return its file.

    Raises:
        InputError: It cannot be written.
    """
    path = folder / name
    try:
        write_text(path, render(page))
    except OSError as error:
        raise InputError(
            f"cannot be written ({reason(error)}); the results beside it are whole, and crossings "
            "report makes the page from them",
            file=path,
        ) from error
    return path


def plotly_js() -> str:
    """The text of plotly.js, taken from plotly's package."""
    content = pkgutil.get_data("plotly", "package_data/plotly.min.js")
    if content is None:
        raise FileNotFoundError("plotly comes without plotly.js")
    return content.decode("utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    """The templates; every text that they show is escaped."""
    import jinja2
    from markupsafe import Markup

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.filters |= {
        "figure_json": lambda chart: Markup(_figure_json(chart)),
        # the texts in the picture are escaped
        "fan_svg": lambda chart: Markup(svg(chart)),
        "xml": lambda text: Markup(html.escape(text)),
        "csv_address": _csv_address,
        "kind": lambda block: type(block).__name__,
        "parts": lambda text: (text,) if isinstance(text, str) else text,
    }
    return made


def _figure_json(chart: Chart) -> str:
    """The figure as JSON that cannot end the script element it stands in."""
    text = chart.figure.to_json()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _csv_address(chart: Chart) -> str:
    """The data of a chart as an address."""
    return "data:text/csv;charset=utf-8," + quote(chart.csv(), safe=",-.:;/_~*()!")
