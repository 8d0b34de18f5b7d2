"""The short table a comparison ends with."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.outcomes import OUTCOMES, heading, shown
from simulation.wording import differences as wording
from simulation.wording import ladder as ladder_wording


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
            console.print(_table(found, summary))
            console.print()
            by_year = _years_table(found, summary)
            if by_year is not None:
                console.print(by_year)
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
            if text:
                console.print(Text(text))
        console.print()
    for sentence in (wording.basis(summary), wording.failures(summary)):
        if sentence:
            console.print(Text(sentence))


def _table(found: dict[str, Any], summary: dict[str, Any]) -> Table:
    """Each outcome over the whole run, with both its ranges on two lines of one column.

    Beside each other they would squeeze the names of the outcomes on a screen of 80 characters.
    """
    ranges = [wording.spread_heading(found, summary)]
    if summary["replications"] >= FEWEST_PAIRS:
        ranges.insert(0, "90% interval")
    heading_of_ranges = ",\n".join(text for text in ranges if text)
    heads = ("Baseline", "Difference", "%", heading_of_ranges)
    table = empty_table("Outcome", *(head for head in heads if head))
    for name, spec in OUTCOMES.items():
        entry = found["outcomes"][name]["periods"]["run"]
        if entry["difference"] is None:
            continue
        cells = [
            shown(spec, entry["baseline"]),
            wording.signed(name, entry["difference"]),
            "" if entry["percent"] is None else wording.percent(entry["percent"]),
        ]
        if heading_of_ranges:
            both = (wording.interval(name, entry), wording.spread_ends(name, entry))
            cells.append("\n".join(text for text in both if text))
        style = "" if entry["detectable"] else "dim"
        table.add_row(Text(heading(spec)), *cells, style=style)
    return table


def _years_table(found: dict[str, Any], summary: dict[str, Any]) -> Table | None:
    """Arrivals by calendar year, then by year since the first change; None for a single year."""
    name = summary["headline"]
    rows = wording.years(found, summary)
    if not rows:
        return None
    intervals = summary["replications"] >= FEWEST_PAIRS
    table = empty_table("Year", "Baseline", "Difference", "%", *["90% interval"] * intervals)
    table.title = Text(f"{OUTCOMES[name].label} by year")
    table.title_justify = "left"
    for label, entry in rows:
        cells = [
            shown(OUTCOMES[name], entry["baseline"]),
            wording.signed(name, entry["difference"]),
            "" if entry["percent"] is None else wording.percent(entry["percent"]),
        ]
        if intervals:
            cells.append(wording.interval(name, entry))
        table.add_row(Text(label), *cells, style="" if entry["detectable"] else "dim")
    return table


def _ladders(summary: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """The rungs of each scenario; by their place, since two scenarios may have one title."""
    rungs = summary.get("ladder", [])
    each = len(rungs) // len(summary["scenarios"])
    return [rungs[start : start + each] for start in range(0, len(rungs), each or 1)]


def _ladder_table(rungs: list[dict[str, Any]]) -> Table:
    table = _pairs_of_columns("Responses", rungs[0]["outcomes"])
    table.title = Text(f"What adaptation takes back: {rungs[0]['scenario']}")
    table.title_justify = "left"
    for rung in rungs:
        cells = []
        for name in ladder_wording.FIRST:
            cells += _number_and_interval(name, rung["outcomes"][name], len(table.columns))
        table.add_row(ladder_wording.response(rung), *cells)
    return table


def _steps_table(rungs: list[dict[str, Any]]) -> Table:
    """The paired difference of each rung to the one before it."""
    table = _pairs_of_columns("Response added", rungs[0]["outcomes"])
    table.title = Text("What each response changes of the effect")
    table.title_justify = "left"
    steps = [(ladder_wording.response(rung), rung["step"]) for rung in rungs[1:]]
    for said, step in [*steps, ("all together", rungs[-1]["together"])]:
        cells = []
        for name in ladder_wording.FIRST:
            cells += _number_and_interval(name, step[name], len(table.columns))
        apart = any(step[name]["detectable"] for name in ladder_wording.FIRST)
        table.add_row(said, *cells, style="" if apart else "dim")
    return table


def _pairs_of_columns(first: str, outcomes: dict[str, dict[str, Any]]) -> Table:
    """Columns of arrivals and deaths, each with its interval where there are enough pairs."""
    if outcomes[ladder_wording.FIRST[0]]["pairs"] < FEWEST_PAIRS:
        return empty_table(first, "Arrivals", "Deaths")
    return empty_table(first, "Arrivals", "90% interval", "Deaths", "90% interval")


def _number_and_interval(name: str, entry: dict[str, Any], columns: int) -> list[str]:
    number = wording.signed(name, entry["difference"])
    few = columns == 1 + len(ladder_wording.FIRST)
    return [number] if few else [number, wording.interval(name, entry)]


def empty_table(first: str, *others: str) -> Table:
    """A table without rows: the first column left, the others right."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table
