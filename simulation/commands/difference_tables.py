"""The short table a comparison ends with."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.experiments import wording
from simulation.outcomes import OUTCOMES, heading, shown


def print_comparison(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print what each scenario does, in words and as a table over the whole run.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    for found in summary["scenarios"]:
        console.print(Text(wording.headline(found, summary), style="bold"))
        console.print()
        if not found["identical"]:
            console.print(_table(found))
            console.print()
    for rungs in _ladders(summary):
        console.print(_ladder_table(rungs))
        console.print()
    for sentence in (wording.basis(summary), wording.failures(summary)):
        if sentence:
            console.print(Text(sentence))


def _table(found: dict[str, Any]) -> Table:
    table = empty_table("Outcome", "Baseline", "Difference", "90% interval", "%")
    for name, spec in OUTCOMES.items():
        entry = found["outcomes"][name]["periods"]["run"]
        if entry["difference"] is None:
            continue
        style = "" if entry["detectable"] else "dim"
        table.add_row(
            Text(heading(spec)),
            shown(spec, entry["baseline"]),
            wording.signed(name, entry["difference"]),
            wording.interval(name, entry),
            "" if entry["percent"] is None else wording.percent(entry["percent"]),
            style=style,
        )
    return table


def _ladders(summary: dict[str, Any]) -> list[list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for rung in summary.get("ladder", ()):
        found.setdefault(rung["scenario"], []).append(rung)
    return list(found.values())


def _ladder_table(rungs: list[dict[str, Any]]) -> Table:
    table = empty_table(
        "Smugglers respond by", "Arrivals", "90% interval", "Deaths", "90% interval"
    )
    table.title = Text(f"What adaptation takes back: {rungs[0]['scenario']}")
    table.title_justify = "left"
    for rung in rungs:
        responses = rung["responses"]
        cells = []
        for name in ("channel_arrivals", "channel_deaths"):
            entry = rung["outcomes"][name]
            cells += [wording.signed(name, entry["difference"]), wording.interval(name, entry)]
        said = f"+ {responses[-1].replace('_', ' ')}" if responses else "nothing"
        table.add_row(said, *cells)
    return table


def empty_table(first: str, *others: str) -> Table:
    """A table without rows: the first column left, the others right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
