"""The page that says what the model can and cannot tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import solara

from simulation.corridor.in_use import data_entry, data_line

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_HEADINGS = {"# ": "h1", "## ": "h2"}


@solara.component
def LimitsPage() -> None:
    """What this model can and cannot tell you."""
    # solara.Markdown would ask a server for what it draws diagrams with
    solara.v.Html(
        tag="article",
        class_="crossings-limits",
        style_="max-width: 46rem; line-height: 1.6; padding: 8px 16px 48px",
        children=[*(_block(text) for text in blocks()), _element("p", [figures_in_use()])],
    )


def figures_in_use() -> str:
    """Whose the observed figures are, and when they were published."""
    return f"Figures in use: {data_line(data_entry())}. To update them: crossings data update."


@cache
def blocks() -> tuple[str, ...]:
    """The parts of the text: a heading, a paragraph or a list each."""
    text = files("simulation.app").joinpath("limits.md").read_text(encoding="utf-8")
    return tuple(block.strip() for block in text.split("\n\n") if block.strip())


def _block(text: str) -> solara.Element:
    for mark, tag in _HEADINGS.items():
        if text.startswith(mark):
            return _element(tag, [text.removeprefix(mark)], "margin: 1.4em 0 0.4em")
    if text.startswith("- "):
        items = [_element("li", _inline(item)) for item in text.removeprefix("- ").split("\n- ")]
        return _element("ul", items, "margin-bottom: 1em")
    return _element("p", _inline(text))


def _inline(text: str) -> list[solara.Element | str]:
    """Words, some of them in bold."""
    parts: list[solara.Element | str] = []
    for number, part in enumerate(_BOLD.split(text)):
        if part:
            # every other part stood between stars
            parts.append(_element("strong", [part], "font-weight: 700") if number % 2 else part)
    return parts


def _element(tag: str, children: Sequence[solara.Element | str], style: str = "") -> solara.Element:
    element: solara.Element = solara.v.Html(tag=tag, children=list(children), style_=style)
    return element
