"""A fan chart as a picture of its own: what was forecast or fitted, and what came.

It is an SVG file, so that a page of text can hold it where no script runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from simulation.report.drawing import BLACK, BLUE, VERMILION

Values = Sequence[float | None]
Runs = list[list[tuple[int, float]]]

_TICKS = 5
#: edges of the bands, the wider first, and how dense each is
_BANDS = (("0.05", "0.95", 0.18), ("0.25", "0.75", 0.30))
_MEDIAN = "0.5"
_LETTERS = "JFMAMJJASOND"
#: how the lines look
_LINE = f'stroke="{BLUE}" stroke-width="2.5"'
_NAIVE = f'stroke="{VERMILION}" stroke-width="1.5" stroke-dasharray="5 4"'
_SEEN = f'stroke="{BLACK}" stroke-width="1.5"'


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
        entries = [(_SEEN, "observed"), (_LINE, f"{self.fan.made}, median")]
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
