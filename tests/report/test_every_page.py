"""The pages of all kinds of study: what holds of each chart and table, whatever it is about."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests import every_kind
from tests.reading import page_of
from tests.trust.markup import Parts, figure_texts

#: a page of HTML each; those of a fit, a back-test and the monitor are text
KINDS = [kind for kind in every_kind.COMMANDS if kind not in ("fit", "backtest", "monitor")]


@pytest.fixture(scope="module", params=every_kind.each(KINDS))
def page(request, finished_study) -> Parts:
    return Parts(page_of(finished_study(request.param)))


def drawn(trace: dict[str, Any], axis: str) -> Iterator[float]:
    """The numbers of a trace along an axis, but for what an arrow at the edge stands for."""
    values = trace.get(axis) or []
    opacity = trace.get("marker", {}).get("opacity")
    shown = opacity if isinstance(opacity, list) else [1.0] * len(values)
    for value, alpha in zip(values, shown, strict=True):
        if isinstance(value, int | float) and alpha:
            yield value


def test_what_is_drawn_lies_inside_its_axes(page):
    for name, figure in page.figures().items():
        if "scaleratio" in figure["layout"].get("yaxis", {}):
            continue  # a map shows a part of what is there
        for trace in figure["data"]:
            for axis in "xy":
                number = trace.get(f"{axis}axis", axis).removeprefix(axis)
                settings = figure["layout"].get(f"{axis}axis{number}", {})
                if "range" not in settings or settings.get("type") in ("category", "date"):
                    continue
                low, high = sorted(settings["range"])
                if settings.get("type") == "log":
                    low, high = 10.0**low, 10.0**high
                assert all(low <= value <= high for value in list(drawn(trace, axis))), (
                    name,
                    axis,
                    low,
                    high,
                )


def test_the_parts_of_a_trace_belong_together(page):
    for name, figure in page.figures().items():
        for trace in figure["data"]:
            if trace["type"] not in ("scatter", "bar"):
                continue
            lists = {key: trace[key] for key in ("x", "y", "text", "customdata")
                     if isinstance(trace.get(key), list)}  # fmt: skip
            lists |= {
                key: one for key, one in trace.get("marker", {}).items() if isinstance(one, list)
            }
            assert len({len(one) for one in lists.values()}) <= 1, (name, {*lists})


def test_a_legend_has_each_name_once(page):
    for name, figure in page.figures().items():
        shown = [
            trace["name"] for trace in figure["data"]
            if trace.get("name") and trace.get("showlegend", True) and trace.get("visible", True)
        ]  # fmt: skip
        assert len(shown) == len(set(shown)), name


def test_every_chart_has_its_data_with_named_columns(page):
    downloads = page.downloads()
    assert {name.removeprefix("plot-") for name in page.figures()} == {
        name.removesuffix(".csv") for name in downloads
    }
    for name, lines in downloads.items():
        header, *rows = csv.reader(lines)
        assert len(set(filter(None, header))) == len(header), name
        assert {len(row) for row in rows} == {len(header)}, name


def test_no_number_is_missing_in_words(page):
    assert not re.findall(
        r"\b(?:nan|NaN|None(?! of)|inf|Infinity)\b", " ".join([*page.texts, *figure_texts(page)])
    )


def test_every_link_within_the_page_leads_somewhere(page):
    ids = {attributes.get("id") for _, attributes in page.tags}
    links = [attributes["href"] for tag, attributes in page.tags
             if tag == "a" and attributes.get("href", "").startswith("#")]  # fmt: skip
    assert {link.removeprefix("#") for link in links} <= ids
