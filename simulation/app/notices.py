"""Boxes that tell a visitor something: what went wrong, what to mind, what has been done."""

from __future__ import annotations

from typing import Literal

import solara

Kind = Literal["error", "warning", "info", "success"]


@solara.component
def Notice(kind: Kind, *sentences: str) -> None:
    """A box with sentences, shown as they are whatever they hold.

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
