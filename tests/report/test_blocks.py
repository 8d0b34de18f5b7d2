"""Blocks, as each of the three renderers shows them: all of them, and their text as text."""

from __future__ import annotations

import base64
import gzip
import io
import re
from collections.abc import Iterator, Sequence
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from plotly.offline import get_plotlyjs
from rich.console import Console

from simulation.errors import InputError
from simulation.report import blocks, html, markdown, terminal
from simulation.report.drawing import Chart, figure
from tests.trust.markup import PACKED, Parts, fetched, injected

WORD = "Qwertz"
#: what a terminal leaves out: charts, and what is folded on a page
ONLY_ON_PAGES = (blocks.Figure, blocks.FanChart, blocks.Beside, blocks.Folded)


_BANDS = {f"{p:g}": [3.0] for p in (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)}


def one_of_each(text: str, code: str = WORD) -> list[blocks.Block]:
    """Every block, with a text wherever it can have one."""
    chart = Chart("chart", text, text, figure(x="day"), ["day"], [[1], [2]])
    column = blocks.Column(text, text)
    return [
        blocks.Paragraph(
            (text, blocks.Emphasis(text), blocks.Link(text, "#key"), blocks.Code(code))
        ),
        blocks.Bullets([text, (text, blocks.Emphasis(text))]),
        blocks.Heading(text, "key"),
        blocks.Verbatim(code),
        blocks.NamedValues([(text, text)]),
        blocks.Figure(chart),
        blocks.FanChart("fan.svg", text, text, "people", "count", ["2024-01"], 0, [2.0], _BANDS),
        blocks.Table(
            [column, column, blocks.word_column(text)],
            [
                blocks.Row(text, [blocks.Cell(text, [text], strong=True), text], text),
                blocks.Row(text, role="group"),
            ],
            text,
            text,
        ),
        blocks.Beside([blocks.Paragraph(text)]),
        blocks.Folded(text, [blocks.Paragraph(text)]),
    ]


def page_of(parts: Sequence[blocks.Block], text: str = WORD) -> str:
    page = blocks.Page(
        title=text, kind=text, headline=[text], sections=[blocks.Section("key", text, parts)],
        description=text, basis=text, details=parts, warnings=[text], notes=[text],
    )  # fmt: skip
    with mock.patch.object(html, "plotly_js", str):  # megabytes that are no subject here
        return "".join(html.rendered(page))


def printed(parts: Sequence[blocks.Block], width: int = 80, *, styled: bool = False) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=styled, color_system="standard" if styled else None
    )
    terminal.show(parts, console)
    return file.getvalue()


# -- every block is shown --------------------------------------------------------------------------


@pytest.mark.parametrize("block", one_of_each(WORD), ids=lambda block: type(block).__name__)
def test_each_renderer_shows_each_block(block):
    assert WORD in "".join(Parts(page_of([block], "")).texts)
    assert WORD in markdown.show([block])
    assert (WORD in printed([block])) != isinstance(block, ONLY_ON_PAGES)


def test_all_of_a_table_is_shown_by_each():
    table = blocks.Table(
        [blocks.Column("c0", "u0"), blocks.Column("c1", "u1"), blocks.word_column("c2")],
        [blocks.Row("r1", ["v1", blocks.Cell("v2", ["w2"])], "x1"), blocks.Row("r2", role="group")],
        "caption",
        "title",
    )
    words = {"c0", "c1", "u1", "c2", "r1", "x1", "v1", "v2", "w2", "r2"}
    texts = ["".join(Parts(page_of([table])).texts), markdown.show([table]), printed([table])]
    for text in texts:
        assert {word for word in words if word not in text} == set()
    assert ["caption" in text for text in texts] == [True, True, False]
    assert ["title" in text for text in texts] == [True, False, True]


# -- text is text ----------------------------------------------------------------------------------

MARKS = (
    "<b>", "</p>", "<!--", "<img src=x onerror=alert(1)>", "</script>", '"', "'", "\\", "*", "**",
    "_", "`", "[x](y)", "![x](y)", "|", "]", "[", "<a href='x'>", "{{ 1 }}", "{% raw %}", "#", "é",
    "&lt;",
)  # fmt: skip
TEXTS = st.lists(st.sampled_from((*MARKS, "a", " ")), min_size=1, max_size=8).map("".join)


@given(TEXTS | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")))
def test_a_page_shows_any_text_as_it_is(text):
    text = f"a {text} b"
    parts = Parts(page_of(one_of_each(text, text), text))
    plain_page = Parts(page_of(one_of_each(WORD)))
    assert parts.skeleton() == plain_page.skeleton()
    assert injected(parts) == []
    assert "".join(parts.texts) == "".join(plain_page.texts).replace(WORD, text)


@given(TEXTS)
def test_markdown_shows_any_text_as_it_is(text):
    text = f"a {' '.join(text.split())} b"
    shown, wanted = (list(_read(markdown.show(one_of_each(one)))) for one in (text, "a x b"))
    assert [kind for kind, _ in shown] == [kind for kind, _ in wanted]
    assert {words for _, words in shown} == {words.replace("a x b", text) for _, words in wanted}


@given(TEXTS)
def test_a_terminal_shows_any_text_as_it_is(text):
    parts = [block for block in one_of_each(text) if not isinstance(block, blocks.Table)]
    assert text.strip() in printed(parts, width=400)


def _read(text: str) -> Iterator[tuple[str, str]]:
    """What a reader of Markdown finds: each element, and the text in it."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        yield token.type, token.content if token.type == "fence" else ""
        words = ""
        for child in token.children or ():
            if child.type in ("text", "text_special"):
                words += child.content
            else:
                yield child.type, words
                words = ""
        yield "text", words


#: texts that stay the same
ORDINARY = (
    "What has happened: sharing as it is, and the dated policies of 2021 to 2024",
    'Half-time, "full" & more: UK>RS at 50% (a_b), 100! #3 - it\'s one + one',
    "Brücken, Übergänge; ~5 days",
)


@pytest.mark.parametrize(("text", "shown"), [
    *zip(ORDINARY, ORDINARY, strict=True), ("<!-- end: fit -->", "&lt;!-- end: fit -->"),
    ("&lt;b>", "&amp;lt;b>"), ("*a* _b_ `c`", r"\*a\* \_b\_ \`c\`"),
    ("![a](b) | c \\", r"!\[a\](b) \| c \\"), ("~~a~~", r"\~\~a\~\~"),
])  # fmt: skip
def test_markup_is_shown_and_not_followed(text, shown):
    assert markdown.escape(text) == shown


# -- tables on a terminal --------------------------------------------------------------------------


@given(
    widths=st.lists(st.integers(2, 20), min_size=1, max_size=14),
    below=st.booleans(),
    width=st.integers(80, 140),
)
def test_a_table_is_split_to_fit_a_terminal(widths, below, width):
    values = [f"v{number}".ljust(size, "x") for number, size in enumerate(widths)]
    cells = [blocks.Cell(value, ["w"] if below else ()) for value in values]
    table = blocks.Table(
        ["Outcome", *(f"c{number}" for number in range(len(widths)))],
        [blocks.Row("Arrivals", cells)],
        split=True,
    )
    text = printed([table], width)
    assert max(map(len, text.splitlines())) <= width
    words = text.split()
    for number, value in enumerate(values):
        assert words.count(f"c{number}") == words.count(value) == 1
    parts = words.count("Arrivals")
    assert parts == words.count("Outcome")
    assert (parts == 1) or sum(widths) + 2 * len(widths) > width - 50


# -- what stands out -------------------------------------------------------------------------------

BOLD, DIM, YELLOW = "\x1b[1m", "\x1b[2m", "\x1b[33m"


def test_a_clear_effect_is_bold_on_a_page_and_an_unclear_one_faint_on_a_terminal():
    table = blocks.Table(
        ["Outcome", "a", "b"],
        [blocks.Row("r", [blocks.Cell("clear", strong=True), blocks.Cell("unclear", faint=True)])],
    )
    assert re.findall(r"<strong>(.*?)</strong>", page_of([table])) == ["clear"] * 2
    assert re.findall(r"\x1b\[2m\s*(\w+)", printed([table], styled=True)) == ["unclear"]
    # a row of nothing else is faint as a whole, with its heading
    faint = blocks.Table(["", "a"], [blocks.Row("whole", ["unclear"], faint=True)])
    assert re.search(r"\x1b\[2m\s*whole", printed([faint], styled=True))


# -- a page is one file that needs no network ------------------------------------------------------

#: what would end the script that holds a chart, or open a comment in it
EVIL = "</script><!--<b>&"


def chart(key: str) -> Chart:
    plot = figure(x="day", y=EVIL)
    plot.scatter([1, 2], [3.0, 4.0], name=EVIL)
    return Chart(key, "Boats", "A day.", plot, ["day", "boats"], [[1, 3.0], [2, 4.0]], "long menu")


PAGE = blocks.Page(
    title="A page",
    kind="Test",
    headline=["One line", "and another"],
    sections=[
        blocks.Section(
            "charts", "Charts", [blocks.Figure(chart("first")), blocks.Figure(chart("second"))]
        ),
        blocks.Section("words", "Words", [blocks.Paragraph("A word.")]),
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
    (packed,) = PACKED.findall(text)
    assert gzip.decompress(base64.b64decode(packed)).decode() == get_plotlyjs()
    assert fetched(text) == []


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
    notice = text[text.index("<noscript>") : text.index("</noscript>")]
    assert "JavaScript" in notice
    assert "data" in notice


def test_the_contents_lead_to_every_section(parts):
    links = [attrs["href"] for tag, attrs in parts.tags if tag == "a" and "download" not in attrs]
    keys = [attrs["id"] for tag, attrs in parts.tags if tag == "section"]
    assert links == [f"#{key}" for key in keys] == ["#charts", "#words"]


def test_only_what_is_said_is_shown_in_the_head(text):
    head = text[text.index("<header>") : text.index("</header>")]
    assert "One line<br>and another" in head
    assert head.count('class="warning"') == 1
    assert head.count("<li>A note.</li>") == 1
    bare = "".join(html.rendered(blocks.Page("A page", "Test", ["One line"], [])))
    head = bare[bare.index("<header>") : bare.index("</header>")]
    assert "To know first" not in head
    assert 'class="warning"' not in head


def test_a_page_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InputError, match="cannot be written") as refused:
        html.save(tmp_path / "file", PAGE)
    assert len(str(refused.value).splitlines()) == 1
