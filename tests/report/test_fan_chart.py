"""A fan chart, read from its picture as somebody reads it by its axes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from simulation.report.blocks import FanChart
from simulation.report.html import svg

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
#: the forecast begins here, and the first year was observed
FIRST = 12
SHARES = ("0.05", "0.25", "0.5", "0.75", "0.95")


class Picture:
    """What a reader sees of a chart, measured by the marks on its axes."""

    def __init__(self, chart: FanChart) -> None:
        self.root = ET.fromstring(svg(chart))
        texts = self.root.findall(f"{SVG}text")
        self.texts = [(float(t.get("x")), float(t.get("y")), t.text) for t in texts]
        self.ticks = [
            (float(t.get("y")) - 4.0, float(t.text.replace(",", "")))
            for t in texts
            if t.get("text-anchor") == "end"
        ]
        (self.zero, none), (y, value) = self.ticks[0], self.ticks[-1]
        assert none == 0.0
        self.size = value / (self.zero - y)
        self.letters = [
            (float(t.get("x")), t.text) for t in texts if t.get("text-anchor") == "middle"
        ]

    def point(self, x: float, y: float) -> tuple[int, float]:
        """The month above which a point lies, from 0, and its value."""
        apart = [abs(x - position) for position, _ in self.letters]
        assert min(apart) <= 0.1
        return apart.index(min(apart)), (self.zero - y) * self.size

    def points(self, text: str) -> list[tuple[int, float]]:
        """Points of a path or a line."""
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", text)]
        return [self.point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]

    def lines(self) -> list[list[tuple[int, float]]]:
        return [self.points(one.get("points")) for one in self.root.findall(f"{SVG}polyline")]

    def dots(self) -> list[tuple[int, float]]:
        circles = self.root.findall(f"{SVG}circle")
        return [self.point(float(one.get("cx")), float(one.get("cy"))) for one in circles]

    def near(self, points: list[tuple[int, float]], expected: list[tuple[int, float]]) -> bool:
        """Whether points show some values as exactly as a picture can."""
        pixel = 0.11 * self.size
        return [index for index, _ in points] == [index for index, _ in expected] and all(
            abs(value - wanted) <= pixel
            for (_, value), (_, wanted) in zip(points, expected, strict=True)
        )


def chart(seen, spread=10.0, kind="count", naive=(), **more):
    """A chart of two years of which the second is forecast, as many around what was seen."""
    middle = [100.0 if value is None else value for value in seen[FIRST:]]
    bands = {
        share: [max(0.0, value + (float(share) - 0.5) * spread) for value in middle]
        for share in SHARES
    }
    name = "last year" if naive else ""
    return FanChart(
        "fan.svg", "A fan", "Arrivals", "people", kind, MONTHS, FIRST, seen, bands, naive, name,
        **more,
    )  # fmt: skip


SEEN = [float(70 + 13 * number % 97) for number in range(24)]
counts = st.one_of(st.none(), st.floats(0.0, 1e6))


@given(seen=st.lists(counts, min_size=24, max_size=24), spread=st.floats(0.0, 1e5))
def test_every_value_can_be_read_from_it(seen, spread):
    fan = chart(seen, spread)
    picture = Picture(fan)
    values = [(index, value) for index, value in enumerate(seen) if value is not None]
    assert picture.near(picture.dots(), values)
    wide, narrow = (picture.points(one.get("d")) for one in picture.root.findall(f"{SVG}path"))
    for area, (low, high) in ((wide, ("0.05", "0.95")), (narrow, ("0.25", "0.75"))):
        assert picture.near(area[:12], list(enumerate(fan.bands[low], FIRST)))
        assert picture.near(area[:11:-1], list(enumerate(fan.bands[high], FIRST)))
    median, *observed = picture.lines()
    assert picture.near(median, list(enumerate(fan.bands["0.5"], FIRST)))
    assert picture.near([point for stretch in observed for point in stretch], values)


def test_the_line_breaks_where_nothing_is_known():
    _, *observed = Picture(chart([*SEEN[:5], None, *SEEN[6:]])).lines()
    assert [[index for index, _ in stretch] for stretch in observed] == [
        list(range(5)), list(range(6, 24))
    ]  # fmt: skip


def test_a_share_is_drawn_in_percent():
    seen = [0.2 + 0.01 * number for number in range(24)]
    picture = Picture(chart(seen, 0.1, kind="share"))
    assert picture.near(picture.dots(), [(index, 100 * value) for index, value in enumerate(seen)])
    assert any(text == "% by month" for _, _, text in picture.texts)
