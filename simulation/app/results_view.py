"""The page of results: what there is, the latest first, each with its report and brief."""

from __future__ import annotations

from pathlib import Path

import solara
import solara.lab

from simulation.app.notice import Notice, link
from simulation.app.results import BRIEFS, Shown, address, listed
from simulation.errors import InputError

#: results shown at first, and more with each press of the button
_STEP = 20


@solara.component
def ResultsPage(root: Path) -> None:
    """All results below a folder, to read.

    Args:
        root: The folder of all results.
    """
    looked, set_looked = solara.use_state(0)
    count, set_count = solara.use_state(_STEP)
    entries, problem = solara.use_memo(lambda: _look(root), [root, looked])
    with solara.Column(gap="12px", classes=["crossings-results"]):
        solara.v.Html(tag="h2", children=["Results"])
        solara.Text(
            "Runs and experiments of this folder, the latest first. One run is one throw of the "
            "dice: a comparison says what a policy does."
        )
        with solara.Row():
            solara.Button("Look again", on_click=lambda: set_looked(looked + 1))
        if problem:
            Notice("error", problem)
        elif not entries:
            solara.Text(
                "There are no results yet. Comparisons that are started here are kept, and what "
                "crossings run and compare write."
            )
        for entry in entries[:count]:
            _Row(entry).key(entry.name)
        if len(entries) > count:
            more = min(_STEP, len(entries) - count)
            with solara.Row():
                solara.Button(f"Show {more} more", on_click=lambda: set_count(count + _STEP))


@solara.component
def _Row(entry: Shown) -> None:
    """One folder of results, with its report and brief."""
    facts = " · ".join(text for text in (entry.kind, entry.when, entry.runs, entry.status) if text)
    with (
        solara.v.Card(outlined=True, class_="crossings-result"),
        solara.Column(gap="4px", style={"padding": "12px 16px"}),
    ):
        solara.Text(entry.title, style={"font-weight": "500", "overflow-wrap": "anywhere"})
        solara.Text(facts, classes=["crossings-soft"])
        if entry.name != entry.title:
            solara.Text(entry.name, classes=["crossings-soft"])
        if entry.problem:
            Notice("warning", f"Something is wrong here: {entry.problem}.")
        if entry.page:
            report = address(entry.name, entry.page)
            saved = f"{Path(entry.name).name or 'results'}-{entry.page}"
            with solara.Row(gap="16px", style={"flex-wrap": "wrap"}):
                link(report, "Read the report (in a new tab)")
                link(report, "Save it as a file", download=saved)  # opens without this program
                if entry.has_brief:
                    BriefLinks(entry.name)


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


def _look(root: Path) -> tuple[list[Shown], str]:
    """The results in a folder, and the problem where it cannot be read."""
    try:
        return listed(root), ""
    except InputError as error:
        return [], str(error)
