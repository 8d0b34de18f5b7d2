"""Blocks as a page of HTML: self-contained, offline, one copy of plotly.js; fan charts as SVG."""

from __future__ import annotations

import base64
import functools
import gzip
import html
import math
from collections.abc import Sequence
from importlib import resources
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from simulation.engine.result_folder import reason
from simulation.errors import InputError
from simulation.regular_files import renamed
from simulation.report.blocks import Block, FanChart, Figure, Page, Section
from simulation.report.drawing import BLACK, BLUE, FONT, GREY, PALE, VERMILION, Chart

if TYPE_CHECKING:
    import jinja2
    from jinja2.environment import TemplateStream

_HERE = Path(__file__).parent
#: ticks on the axis of a fan chart
_TICKS = 5
#: edges of the bands, the wider first, and how dense each is
_BANDS = (("0.05", "0.95", 0.18), ("0.25", "0.75", 0.30))
_MEDIAN = "0.5"
_LETTERS = "JFMAMJJASOND"
#: how its lines look
_LINE = f'stroke="{BLUE}" stroke-width="2.5"'
_NAIVE = f'stroke="{VERMILION}" stroke-width="1.5" stroke-dasharray="5 4"'
_SEEN = f'stroke="{BLACK}" stroke-width="1.5"'


def rendered(page: Page) -> TemplateStream:
    """A page as the text of an HTML file, piece by piece."""
    return _environment().get_template("page.html").stream(
        page=page,
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        plotly=plotly_js() if _has_chart([*page.first, *page.details, *page.sections]) else None,
    )  # fmt: skip


def _has_chart(shown: Sequence[Block | Section]) -> bool:
    """Whether there is a chart that plotly.js draws, however deep."""
    return any(isinstance(one, Figure) or _has_chart(getattr(one, "blocks", ())) for one in shown)


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
        with renamed(path) as scrap:
            rendered(page).dump(str(scrap), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be written ({reason(error)}); the results beside it are whole, and crossings "
            "report makes the page from them",
            file=path,
        ) from error
    return path


@functools.cache
def plotly_js() -> str:
    """plotly.js from plotly's package, packed with gzip, in base64: a third of its 5 MB."""
    content = resources.files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    # with the highest level it takes three times as long, and is a twenty-fifth smaller
    packed = gzip.compress(content, 4, mtime=0)
    return base64.b64encode(packed).decode("ascii")


@functools.cache
def _environment() -> jinja2.Environment:
    """The templates; every text that they show is escaped."""
    import jinja2
    from markupsafe import Markup

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {
        "figure_json": lambda chart: Markup(_figure_json(chart)),
        # the texts in the picture are escaped
        "fan_svg": lambda chart: Markup(svg(chart)),
        "xml": lambda text: Markup(html.escape(text)),
        "csv_address": _csv_address,
        "kind": lambda block: type(block).__name__,
        "parts": lambda text: (text,) if isinstance(text, str) else text,
    }
    return environment


def _figure_json(chart: Chart) -> str:
    """The figure as JSON that cannot end the script element it stands in."""
    text = chart.figure.to_json()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _csv_address(chart: Chart) -> str:
    """The data of a chart as an address."""
    return "data:text/csv;charset=utf-8," + quote(chart.csv(), safe=",-.:;/_~*()!")


# -- where the parts of a fan chart lie ------------------------------------------------------------


class FanDrawing:
    """Where the parts of a fan chart lie, on one pair of axes that begins at nothing.

    `templates/fan_chart.svg` draws them.

    Args:
        fan: The chart.
    """

    width, height = 760, 390
    #: edges of the panel
    left, right, top, bottom = 66, 744, 84, 350
    bands = _BANDS

    def __init__(self, fan: FanChart) -> None:
        self.fan = fan
        values = [*fan.seen, *fan.naive, *(v for edge in fan.bands.values() for v in edge)]
        most = max((v * fan.factor for v in values if v is not None), default=1.0)
        step = _round_step(most / _TICKS)
        self.ticks = [step * number for number in range(max(1, math.ceil(most / step)) + 1)]
        self.naive_shown = any(value is not None for value in fan.naive)

    def x(self, index: float) -> float:
        """Where a month lies."""
        return self.left + (self.right - self.left) * (index + 0.5) / len(self.fan.months)

    def y(self, value: float) -> float:
        """Where a value lies, in the unit of the series."""
        share = value * self.fan.factor / self.ticks[-1]
        return self.top + (self.bottom - self.top) * (1.0 - share)

    def months(self) -> list[tuple[float, str, str]]:
        """Where each month lies, its letter, and the year that begins with it."""
        named = [name.split("-") for name in self.fan.months]
        return [
            (self.x(index), _LETTERS[int(month) - 1], year if month == "01" else "")
            for index, (year, month) in enumerate(named)
        ]

    def lines(self) -> list[tuple[str, list[str]]]:
        """How each line looks, and the points of its stretches."""
        naive = _NAIVE, _runs(self.fan.naive, self.fan.first)
        median = _LINE, _runs(self.fan.bands[_MEDIAN], self.fan.first)
        drawn = naive, median, (_SEEN, _runs(self.fan.seen, 0))
        return [(style, [self._points(run) for run in runs]) for style, runs in drawn]

    def dots(self) -> list[tuple[float, float]]:
        """Where each value lies that was observed."""
        seen = (point for run in _runs(self.fan.seen, 0) for point in run)
        return [(self.x(index), self.y(value)) for index, value in seen]

    def area(self, low: str, high: str) -> str:
        """The area between two edges of the forecast, as a path."""
        paths = []
        for run in _runs(self.fan.bands[low], self.fan.first):
            ups = dict(enumerate(self.fan.bands[high], start=self.fan.first))
            above = [(index, ups[index] or 0.0) for index, _ in reversed(run)]
            paths.append(f"M{self._points(run)} L{self._points(above)} Z")
        return " ".join(paths)

    def legend(self) -> list[tuple[float, str, str]]:
        """Where each line stands in the row under the heading, how it looks, and its name."""
        entries = [(_SEEN, "observed"), (_LINE, f"{self.fan.bands_name}, median")]
        entries += [(_NAIVE, self.fan.naive_name)] * self.naive_shown
        ends = accumulate((46 + 6.4 * len(name) for _, name in entries), initial=12.0)
        return [(x, *entry) for x, entry in zip(ends, entries, strict=False)]

    def legend_of_bands(self) -> list[tuple[float, float, str]]:
        """Where each band stands behind them, how dense it is, and its name."""
        x, _, name = self.legend()[-1]
        x += 46 + 6.4 * len(name)
        (*_, wide), (*_, narrow) = _BANDS
        return [(x, wide, "90% interval"), (x + 118, narrow, "50% interval")]

    def _points(self, run: Sequence[tuple[int, float]]) -> str:
        return " ".join(f"{self.x(index):.1f},{self.y(value):.1f}" for index, value in run)


def _runs(values: Sequence[float | None], first: int) -> list[list[tuple[int, float]]]:
    """Stretches of values without a gap, each value with its place on the axis."""
    stretches: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values, start=first):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((index, value))
    return [stretch for stretch in stretches if stretch]


def _round_step(least: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(power * lead for lead in (1, 2, 5, 10) if power * lead >= least * (1 - 1e-9))
