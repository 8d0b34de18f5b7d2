"""A fan chart as a picture of its own: what was forecast or fitted, and what came.

Written as SVG by hand, so that a page of text can hold it where no script runs.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulation.report.drawing import BLACK, BLUE, FONT, GREY, PALE, VERMILION

Values = Sequence[float | None]
Runs = list[list[tuple[int, float]]]

_WIDTH, _HEIGHT = 760.0, 390.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 66.0, 16.0, 84.0, 40.0
_MARGIN = 12.0
_TICKS = 5
#: edges of the bands, the wider first, and how dense each is
_BANDS = (("0.05", "0.95", 0.18), ("0.25", "0.75", 0.30))
_MEDIAN = "0.5"
_LETTERS = "JFMAMJJASOND"


@dataclass(frozen=True)
class FanChart:
    """What a fan chart shows.

    Attributes:
        name: Name of its file, where it has one.
        alt: What stands for it where it is not shown.
        title: Heading.
        unit: Unit of the values; `share` is drawn in percent.
        kind: `count`, `ratio` or `share`.
        months: Names of all months shown.
        first: Where among them the forecast begins.
        seen: What was observed in each of them.
        bands: Probability ("0.05") to the quantile in each month from there on.
        naive: The point forecast it is compared with, in each forecast month.
        naive_name: What a reader calls that.
        made: What a reader calls what the bands are of.
    """

    name: str
    alt: str
    title: str
    unit: str
    kind: str
    months: Sequence[str]
    first: int
    seen: Values
    bands: Mapping[str, Values]
    naive: Values = ()
    naive_name: str = ""
    made: str = "forecast"

    @property
    def factor(self) -> float:
        """What values are multiplied with on the axis."""
        return 100.0 if self.kind == "share" else 1.0

    @property
    def axis(self) -> str:
        """What stands over the axis."""
        if self.kind == "count":
            return f"{self.unit} a month"
        return "% by month" if self.kind == "share" else f"{self.unit}, by month"


def svg(fan: FanChart) -> str:
    """The chart as SVG."""
    drawing = _Drawing(fan)
    line = f'stroke="{BLUE}" stroke-width="2.5"'
    naive = f'stroke="{VERMILION}" stroke-width="1.5" stroke-dasharray="5 4"'
    seen = f'stroke="{BLACK}" stroke-width="1.5"'
    entries = [(seen, "observed"), (line, f"{fan.made}, median")]
    if any(value is not None for value in fan.naive):
        entries.append((naive, fan.naive_name))
    parts = [
        *drawing.frame(),
        *(drawing.band(fan.bands[low], fan.bands[high], dense) for low, high, dense in _BANDS),
        *drawing.lines(fan.naive, fan.first, naive),
        *drawing.lines(fan.bands[_MEDIAN], fan.first, line),
        *drawing.lines(fan.seen, 0, seen),
        *drawing.dots(fan.seen),
        *drawing.legend(entries),
    ]
    about = f"Black: observed. Blue: the {fan.made}'s median with its 50% and 90% intervals."
    if len(entries) > 2:
        about += f" Dashed: {fan.naive_name}."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" '
        f'role="img" font-family="{html.escape(FONT)}" font-size="12" fill="{BLACK}">\n'
        f"<title>{html.escape(fan.title)}</title>\n<desc>{html.escape(about)}</desc>\n"
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


class _Drawing:
    """The parts of a fan chart, on one pair of axes that begins at nothing."""

    def __init__(self, fan: FanChart) -> None:
        self.fan = fan
        values = [*fan.seen, *fan.naive, *(v for edge in fan.bands.values() for v in edge)]
        most = max((v * fan.factor for v in values if v is not None), default=1.0)
        self.step = _round_step(most / _TICKS)
        self.top = self.step * max(1, math.ceil(most / self.step))

    def x(self, index: float) -> float:
        """Where a month lies."""
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (index + 0.5) / len(self.fan.months)

    def y(self, value: float) -> float:
        """Where a value lies, in the unit of the series."""
        share = value * self.fan.factor / self.top
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1.0 - share)

    def frame(self) -> list[str]:
        """Heading, axes and their words."""
        fan = self.fan
        parts = [
            _text(_MARGIN, 24, fan.title, 'font-size="15" font-weight="600"'),
            _text(_MARGIN, _TOP - 12, fan.axis, f'fill="{GREY}"'),
        ]
        for number in range(round(self.top / self.step) + 1):
            shown = number * self.step
            y = self.y(shown / fan.factor)
            parts.append(
                f'<line x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{y:.1f}" y2="{y:.1f}" '
                f'stroke="{PALE}"/>'
            )
            parts.append(_text(_LEFT - 8, y + 4, f"{shown:,g}", 'text-anchor="end"'))
        for index, name in enumerate(fan.months):
            year, month = name.split("-")
            letter = _LETTERS[int(month) - 1]
            parts.append(
                _text(self.x(index), _HEIGHT - 24, letter, f'text-anchor="middle" fill="{GREY}"')
            )
            if month == "01":
                parts.append(_text(self.x(index) - 4, _HEIGHT - 6, year, 'font-weight="600"'))
        if fan.first == 0:
            return parts
        begins = self.x(fan.first - 0.5)
        parts.append(
            f'<line x1="{begins:.1f}" x2="{begins:.1f}" y1="{_TOP:g}" y2="{_HEIGHT - _BOTTOM:g}" '
            f'stroke="{GREY}" stroke-dasharray="2 3"/>'
        )
        return parts

    def band(self, low: Values, high: Values, opacity: float) -> str:
        """The area between two edges of the forecast."""
        paths = []
        for run in _runs(low, self.fan.first):
            ups = dict(enumerate(high, start=self.fan.first))
            above = [(index, ups[index] or 0.0) for index, _ in reversed(run)]
            paths.append(f"M{self._points(run)} L{self._points(above)} Z")
        return f'<path d="{" ".join(paths)}" fill="{BLUE}" fill-opacity="{opacity:g}"/>'

    def lines(self, values: Values, first: int, style: str) -> list[str]:
        """A line through values, broken where there are none."""
        return [
            f'<polyline points="{self._points(run)}" fill="none" {style}/>'
            for run in _runs(values, first)
        ]

    def dots(self, values: Values) -> list[str]:
        """A dot on each value."""
        return [
            f'<circle cx="{self.x(index):.1f}" cy="{self.y(value):.1f}" r="2.6"/>'
            for run in _runs(values, 0)
            for index, value in run
        ]

    def legend(self, entries: Sequence[tuple[str, str]]) -> list[str]:
        """What the lines and the bands are, in one row under the heading."""
        parts, x, y = [], _MARGIN, 46.0
        for style, words in entries:
            parts.append(f'<line x1="{x:.0f}" x2="{x + 26:.0f}" y1="{y:g}" y2="{y:g}" {style}/>')
            parts.append(_text(x + 32, y + 4, words))
            x += 46 + 6.4 * len(words)
        for (_, _, opacity), words in zip(_BANDS, ("90% interval", "50% interval"), strict=True):
            parts.append(
                f'<rect x="{x:.0f}" y="{y - 6:g}" width="22" height="12" fill="{BLUE}" '
                f'fill-opacity="{opacity:g}"/>'
            )
            parts.append(_text(x + 28, y + 4, words))
            x += 118
        return parts

    def _points(self, run: Sequence[tuple[int, float]]) -> str:
        return " ".join(f"{self.x(index):.1f},{self.y(value):.1f}" for index, value in run)


def _runs(values: Values, first: int) -> Runs:
    """Stretches of values without a gap, each value with its place on the axis."""
    found: Runs = [[]]
    for index, value in enumerate(values, start=first):
        if value is None:
            found.append([])
        else:
            found[-1].append((index, value))
    return [run for run in found if run]


def _round_step(least: float) -> float:
    """The next of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(power * lead for lead in (1, 2, 5, 10) if power * lead >= least * (1 - 1e-9))


def _text(x: float, y: float, words: str, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}>{html.escape(words)}</text>'
