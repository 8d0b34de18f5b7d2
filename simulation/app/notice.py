"""Boxes and links that every part of the page uses."""

from __future__ import annotations

from typing import Literal

import solara


@solara.component
def Notice(kind: Literal["error", "warning", "info", "success"], *sentences: str) -> None:
    """A box that tells a visitor something in sentences, shown as they are whatever they hold.

    Args:
        kind: What it is about; sets colour and sign.
        sentences: One line each; empty ones are left out.
    """
    # in the colour of text, not of the box, which is too pale to read
    lines = [
        solara.v.Html(tag="div", class_="text--primary crossings-line", children=[sentence])
        for sentence in sentences
        if sentence
    ]
    solara.v.Alert(
        type=kind,
        text=True,
        dense=True,
        class_="mb-0",
        style_="overflow-wrap: anywhere",
        attributes={"role": "alert" if kind == "error" else "status"},
        children=lines,
    )


def link(href: str, words: str, **attributes: str) -> solara.Element:
    """A link, which opens in a tab of its own unless its attributes say what else it does."""
    other = attributes or {"target": "_blank", "rel": "noopener"}
    return solara.v.Html(tag="a", attributes={"href": href, **other}, children=[words])
