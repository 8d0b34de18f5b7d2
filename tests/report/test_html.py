"""Blocks as a page: one file that needs no network, with the data behind each chart."""

from __future__ import annotations

import subprocess
import sys

import pytest
from plotly.offline import get_plotlyjs

from simulation.errors import InputError
from simulation.report import html
from simulation.report.blocks import Figure, Page, Paragraph, Section
from simulation.report.drawing import Chart, figure
from tests.trust.markup import Parts, fetched

#: what would end the script that holds a chart, or open a comment in it
EVIL = "</script><!--<b>&"


def chart(key: str) -> Chart:
    made = figure(x="day", y=EVIL)
    made.scatter([1, 2], [3.0, 4.0], name=EVIL)
    return Chart(key, "Boats", "A day.", made, ["day", "boats"], [[1, 3.0], [2, 4.0]], "long menu")


PAGE = Page(
    title="A page",
    kind="Test",
    headline=["One line", "and another"],
    sections=[
        Section("charts", "Charts", [Figure(chart("first")), Figure(chart("second"))]),
        Section("words", "Words", [Paragraph("A word.")]),
    ],
    warnings=["", "Look out."],
    notes=["A note."],
)


@pytest.fixture(scope="module")
def text() -> str:
    return "".join(html.rendered(PAGE))


@pytest.fixture(scope="module")
def parts(text) -> Parts:
    return Parts(text)


def test_the_page_holds_what_draws_its_charts_once_and_fetches_nothing(text):
    assert text.count(get_plotlyjs()) == text.count("plotly.js v") == 1
    assert fetched(text) == []


def test_no_button_sends_data_away(text):
    own = text.replace(get_plotlyjs(), "")
    assert "showSendToCloud: false" in own
    assert "modeBarButtons: [[" in own
    assert "sendChartToCloud" not in own


def test_a_chart_has_a_place_its_data_and_nothing_that_ends_its_script(parts):
    places = {
        attrs["id"]: attrs["class"] for tag, attrs in parts.tags if tag == "div" and "id" in attrs
    }
    for key in ("first", "second"):
        assert places[f"plot-{key}"] == "plot long menu"
        assert parts.figures()[f"plot-{key}"]["data"][0]["name"] == EVIL
        assert parts.downloads()[f"{key}.csv"] == ["day,boats", "1,3", "2,4"]
    assert "b" not in {tag for tag, _ in parts.tags}


def test_without_scripts_the_page_says_what_is_missing_and_where_the_data_are(text):
    told = text[text.index("<noscript>") : text.index("</noscript>")]
    assert "JavaScript" in told
    assert "data" in told


def test_the_contents_lead_to_every_section(parts):
    links = [attrs["href"] for tag, attrs in parts.tags if tag == "a" and "download" not in attrs]
    keys = [attrs["id"] for tag, attrs in parts.tags if tag == "section"]
    assert links == [f"#{key}" for key in keys] == ["#charts", "#words"]


def test_only_what_is_said_is_shown_in_the_head(text):
    head = text[text.index("<header>") : text.index("</header>")]
    assert "One line<br>and another" in head
    assert head.count('class="warning"') == 1
    assert head.count("<li>A note.</li>") == 1
    bare = "".join(html.rendered(Page("A page", "Test", ["One line"], [])))
    head = bare[bare.index("<header>") : bare.index("</header>")]
    assert "To know first" not in head
    assert 'class="warning"' not in head


def test_templates_are_loaded_only_when_a_page_is_made():
    pages = "run, comparison, sweep, agreements, backtest, fit, monitor, terminal, experiment"
    code = f"import sys; from simulation.report import {pages}; print('jinja2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_page_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match="cannot be written") as refused:
        html.save(tmp_path / "file", PAGE)
    assert len(str(refused.value).splitlines()) == 1
