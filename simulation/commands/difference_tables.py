"""The short table a comparison ends with."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.experiments import ladder_wording, wording
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
        console.print(_steps_table(rungs))
        console.print()
        for text in (
            ladder_wording.summary_words(rungs, summary["coverage"]),
            ladder_wording.reading(rungs, summary["coverage"]),
        ):
            console.print(Text(text))
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
    """The rungs of each scenario; by their place, since two scenarios may have one title."""
    rungs = summary.get("ladder", [])
    each = len(rungs) // len(summary["scenarios"])
    return [rungs[start : start + each] for start in range(0, len(rungs), each or 1)]


def _ladder_table(rungs: list[dict[str, Any]]) -> Table:
    table = empty_table("Responses", "Arrivals", "90% interval", "Deaths", "90% interval")
    table.title = Text(f"What adaptation takes back: {rungs[0]['scenario']}")
    table.title_justify = "left"
    for rung in rungs:
        cells = []
        for name in ladder_wording.FIRST:
            cells += _number_and_interval(name, rung["outcomes"][name])
        table.add_row(ladder_wording.response(rung), *cells)
    return table


def _steps_table(rungs: list[dict[str, Any]]) -> Table:
    """The paired difference of each rung to the one before it."""
    table = empty_table("Response added", "Arrivals", "90% interval", "Deaths", "90% interval")
    table.title = Text("What each response changes of the effect")
    table.title_justify = "left"
    steps = [(ladder_wording.response(rung), rung["step"]) for rung in rungs[1:]]
    for said, step in [*steps, ("all together", rungs[-1]["together"])]:
        cells = []
        for name in ladder_wording.FIRST:
            cells += _number_and_interval(name, step[name])
        apart = any(step[name]["detectable"] for name in ladder_wording.FIRST)
        table.add_row(said, *cells, style="" if apart else "dim")
    return table


def _number_and_interval(name: str, entry: dict[str, Any]) -> list[str]:
    return [wording.signed(name, entry["difference"]), wording.interval(name, entry)]


def empty_table(first: str, *others: str) -> Table:
    """A table without rows: the first column left, the others right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
