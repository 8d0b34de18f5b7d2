"""A fan chart: what its picture shows of what was observed and forecast."""

from __future__ import annotations

import itertools
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


def picture(seen: list[float | None], spread: float = 10.0, kind: str = "count") -> ET.Element:
    """The picture of two years, the second of which is forecast around what was seen."""
    middle = [100.0 if value is None else value for value in seen[FIRST:]]
    bands = {
        share: [max(0.0, value + (float(share) - 0.5) * spread) for value in middle]
        for share in SHARES
    }
    chart = FanChart("fan.svg", "A fan", "Arrivals", "people", kind, MONTHS, FIRST, seen, bands)
    return ET.fromstring(svg(chart))


def heights(points: str) -> list[float]:
    return [float(y) for y in re.findall(r"[\d.]+,([\d.]+)", points)]


counts = st.one_of(st.none(), st.floats(0.0, 1e6))


@given(seen=st.lists(counts, min_size=24, max_size=24), spread=st.floats(0.0, 1e5))
def test_every_value_is_drawn_and_the_more_the_higher(seen, spread):
    root = picture(seen, spread)
    values = [value for value in seen if value is not None]
    dots = [float(one.get("cy")) for one in root.findall(f"{SVG}circle")]
    assert len(dots) == len(values)
    drawn = sorted(zip(values, dots, strict=True))
    assert all(y >= above - 0.11 for (_, y), (_, above) in itertools.pairwise(drawn))
    wide, narrow = (heights(one.get("d")) for one in root.findall(f"{SVG}path"))
    assert min(wide) <= min(narrow) + 0.11
    assert max(narrow) <= max(wide) + 0.11


def test_the_line_breaks_where_nothing_is_known():
    seen = [float(number) for number in range(24)]
    _, *observed = picture([*seen[:5], None, *seen[6:]]).findall(f"{SVG}polyline")
    assert [len(heights(one.get("points"))) for one in observed] == [5, 18]


def test_a_share_is_drawn_in_percent():
    texts = [one.text for one in picture([0.2] * 24, 0.1, kind="share").findall(f"{SVG}text")]
    assert "% by month" in texts
    assert {"observed", "90% interval", "50% interval"} <= {*texts}
