"""The page of results: what there is, the latest first, and each report to read on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import solara
import solara.lab

from simulation.app.fields import Notice
from simulation.app.results import BRIEFS, Shown, address, listed, make_page
from simulation.errors import InputError

#: results shown at first, and more with each press of the button
_STEP = 20
_OWN_TAB = "Open in its own tab"
_SANDBOX = "allow-scripts allow-downloads allow-popups"


@solara.component
def ResultsPage(root: Path) -> None:
    """All results below a folder, to read.

    Args:
        root: The folder of all results.
    """
    looked, set_looked = solara.use_state(0)
    count, set_count = solara.use_state(_STEP)
    opened, set_opened = solara.use_state(cast(Shown | None, None))
    task = solara.lab.use_task(lambda: _look(root), dependencies=[root, looked])

    if opened is not None:
        _Reader(opened, lambda: set_opened(None))
        return
    with solara.Column(gap="12px", classes=["crossings-results"]):
        solara.v.Html(tag="h2", children=["Results"])
        solara.Text(
            "Experiments on this server, the latest first. One run is one throw of the dice: a "
            "comparison says what a policy does."
        )
        with solara.Row():
            solara.Button(
                "Look again",
                on_click=lambda: set_looked(looked + 1),
                disabled=task.pending,
                icon_name="mdi-refresh",
            )
        if task.value is None:
            solara.v.ProgressLinear(indeterminate=True)
            return
        entries, problem = task.value
        if problem:
            Notice("error", problem)
        elif not entries:
            solara.Text(
                "There are no results yet. Comparisons that are started here are kept, and what "
                "crossings run and compare write."
            )
        for entry in entries[:count]:
            _Row(root, entry, set_opened, lambda: set_looked(looked + 1)).key(entry.name)
        if len(entries) > count:
            more = min(_STEP, len(entries) - count)
            with solara.Row():
                solara.Button(f"Show {more} more", on_click=lambda: set_count(count + _STEP))


@solara.component
def _Row(
    root: Path, entry: Shown, read: Callable[[Shown], None], changed: Callable[[], None]
) -> None:
    """One folder of results, and what can be done with it."""
    problem, set_problem = solara.use_state("")

    def make() -> str:
        try:
            make_page(root, entry.name)
        except InputError as error:
            return str(error)
        except Exception as error:  # whatever is wrong with one folder, the page goes on
            return f"The page cannot be made ({type(error).__name__}: {error})."
        return ""

    making = solara.lab.use_task(make, dependencies=None)

    def tell() -> None:
        if making.finished:
            set_problem(making.value or "")
            if not making.value:
                changed()

    solara.use_effect(tell, [making.finished, making.value])

    facts = " · ".join(text for text in (entry.kind, entry.when, entry.runs, entry.status) if text)
    with (
        solara.v.Card(outlined=True, class_="crossings-result"),
        solara.Column(gap="4px", style={"padding": "12px 16px"}),
    ):
        solara.Text(entry.title, style={"font-weight": "500", "overflow-wrap": "anywhere"})
        solara.Text(facts, style={"opacity": "0.8"})
        if entry.name != entry.title:
            solara.Text(entry.name, style={"opacity": "0.6", "font-size": "0.8rem"})
        if entry.problem:
            Notice("warning", f"Something is wrong here: {entry.problem}.")
        if problem:
            Notice("error", problem)
        if entry.page:
            with solara.Row(gap="16px", style={"align-items": "center"}):
                icon = "mdi-book-open-variant"
                solara.Button("Read", lambda: read(entry), color="primary", icon_name=icon)
                link(address(entry.name, entry.page), _OWN_TAB)
                if entry.has_brief:
                    BriefLinks(entry.name)
        elif entry.can_make:
            with solara.Row():
                solara.Button(
                    "Make its page",
                    on_click=making,
                    loading=making.pending,
                    disabled=making.pending,
                    icon_name="mdi-file-plus-outline",
                )


@solara.component
def _Reader(entry: Shown, back: Callable[[], None]) -> None:
    """A report on the page."""
    report = address(entry.name, entry.page)
    with solara.Column(gap="8px"):
        with solara.Row(gap="16px", style={"align-items": "center", "flex-wrap": "wrap"}):
            solara.Button("Back to the list", on_click=back, icon_name="mdi-arrow-left")
            link(report, _OWN_TAB)
            saved = f"{Path(entry.name).name or 'results'}-{entry.page}"
            link(report, "Save as a file", download=saved)  # opens without this program
            if entry.has_brief:
                BriefLinks(entry.name)
        # shut off from this page: what is written in a report cannot reach it
        solara.v.Html(
            tag="iframe",
            attributes={
                "src": report,
                "title": f"Report: {entry.title}",
                "sandbox": _SANDBOX,
                "referrerpolicy": "no-referrer",
            },
            style_="width: 100%; height: calc(100vh - 140px); min-height: 480px; "
            "border: 1px solid rgba(0, 0, 0, 0.2); background: white",
        )


@solara.component
def BriefLinks(name: str) -> None:
    """Links to the first page of a comparison as files to take along.

    Args:
        name: The folder of the comparison below that of all results.
    """
    with solara.Row(gap="12px", style={"align-items": "center", "flex-wrap": "wrap"}):
        solara.Text("Its first page to take along:")
        for file, (words, _) in BRIEFS.items():
            link(address(name, file), words)


def link(href: str, words: str, **attributes: str) -> solara.Element:
    """A link, which opens in a tab of its own unless its attributes say what else it does."""
    other = attributes or {"target": "_blank", "rel": "noopener"}
    return solara.v.Html(tag="a", attributes={"href": href, **other}, children=[words])


def _look(root: Path) -> tuple[list[Shown], str]:
    """The results in a folder, and the problem where it cannot be read."""
    try:
        return listed(root), ""
    except InputError as error:
        return [], str(error)
