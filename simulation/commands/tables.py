"""The short table a run ends with."""

from __future__ import annotations

from datetime import date
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.outcomes import OUTCOMES, heading, period_label, shown


def print_summary(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print the outcomes of a run by calendar year and over the whole run.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    windows = {
        name: (date.fromisoformat(window["first"]), date.fromisoformat(window["last"]))
        for name, window in summary["periods"].items()
    }
    columns = [name for name in windows if name != "run"]
    if len(columns) > 1:
        columns.append("run")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Outcome", overflow="fold")
    for name in columns:
        table.add_column(period_label(name, *windows[name]), justify="right")
    intervals = summary["replications"] > 1
    for name, spec in OUTCOMES.items():
        entry = summary["outcomes"][name]
        cells = [cell(name, entry["periods"][column], intervals) for column in columns]
        table.add_row(Text(heading(spec)), *cells)
    console.print(Text(summary["scenario"], style="bold"), soft_wrap=True)
    console.print(table)
    console.print(Text(caption(summary)), soft_wrap=True)


def cell(name: str, value: dict[str, float | None], intervals: bool) -> Text:
    """One value, with its interval below it."""
    spec = OUTCOMES[name]
    if value["mean"] is None:
        return Text("-")
    text = Text(shown(spec, value["mean"]))
    if intervals and value["low"] is not None and value["high"] is not None:
        text.append(f"\n{shown(spec, value['low'])} to {shown(spec, value['high'])}", style="dim")
    return text


def caption(summary: dict[str, Any]) -> str:
    """What the numbers of a table are means of, and what their intervals mean."""
    done, asked = summary["replications"], summary["asked"]
    if done == 1:
        text = "One run, no interval: use --replications to see what is chance."
    else:
        percent = round(summary["coverage"] * 100)
        text = (
            f"Means of {done} runs with {percent}% intervals of the mean: "
            "chance only, not doubt about the assumptions."
        )
    if done < asked:
        text += f" {asked - done} of {asked} runs are missing."
    if summary["scale"] != 1:
        text += f" Simulated at {summary['scale']:g} of the people, counts scaled back."
    return text
