"""The short tables a sweep ends with."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.wording import differences as wording
from simulation.wording import sweep as sweep_words

#: outcomes that fit beside each other in a terminal, and their headings
_COLUMNS = (
    ("channel_arrivals", "Arrivals"),
    ("channel_deaths", "Deaths"),
    ("mapped_share", "Mapped share"),
)
#: longest table of points that anybody reads in a terminal
_MOST_ROWS = 40


def print_sweep(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print what a sweep found, in words and as a table.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    for sentence in sweep_words.headline(summary):
        console.print(Text(sentence, style="bold"))
        console.print()
    if summary["design"] == "lhs":
        console.print(_correlation_table(summary))
        console.print()
    if len(summary["points"]) <= _MOST_ROWS:
        console.print(_point_table(summary))
    else:
        for effect in summary.get("effects", ()):
            if effect["outcomes"] is not None:
                console.print(_effect_table(effect, summary))
        console.print(Text(f"All {len(summary['points'])} points are in points.csv."))
    console.print()
    for sentence in (
        *sweep_words.basis(summary),
        sweep_words.left_out(summary),
        wording.failures(summary),
    ):
        if sentence:
            console.print(Text(sentence))


def _point_table(summary: dict[str, Any]) -> Table:
    table = _empty(",\n".join(variable["name"] for variable in summary["variables"]), summary)
    for point in summary["points"]:
        label = Text(sweep_words.point_words(point, summary))
        label.append(f"\npoint {point['number']}", style="dim")
        table.add_row(label, *_cells(point["outcomes"]))
    return table


def _effect_table(effect: dict[str, Any], summary: dict[str, Any]) -> Table:
    variable = next(v for v in summary["variables"] if v["name"] == effect["variable"])
    table = _empty(variable["name"], summary)
    if effect["against"] == "lowest":
        lowest = sweep_words.value_words(effect["values"][0], variable)
        table.title = Text(f"Against {lowest}, averaged over the rest")
        table.title_justify = "left"
    for value, outcomes in zip(effect["values"], effect["outcomes"], strict=True):
        table.add_row(sweep_words.value_words(value, variable), *_cells(outcomes))
    return table


def _correlation_table(summary: dict[str, Any]) -> Table:
    table = _bare()
    table.add_column("Rank correlation with")
    for _, heading in _COLUMNS:
        table.add_column(heading, justify="right")
    for found in summary["correlations"]:
        cells = []
        for name, _ in _COLUMNS:
            entry = found["outcomes"][name]
            rho = entry["correlation"]
            text = "no value" if rho is None else f"{rho:+.2f}"
            cells.append(Text(text, style="" if entry["detectable"] else "dim"))
        table.add_row(Text(found["variable"]), *cells)
    return table


def _cells(outcomes: dict[str, Any] | None) -> list[Text]:
    """A difference over its interval for each outcome; dim where it holds zero."""
    if outcomes is None:
        return [Text("failed")] * len(_COLUMNS)
    cells = []
    for name, _ in _COLUMNS:
        entry = outcomes[name]
        if entry["difference"] is None:
            cells.append(Text("no value"))
            continue
        text = wording.signed(name, entry["difference"])
        if entry["low"] is not None:
            text += f"\n{wording.interval(name, entry)}"
        cells.append(Text(text, style="" if entry["detectable"] else "dim"))
    return cells


def _empty(first: str, summary: dict[str, Any]) -> Table:
    table = _bare()
    table.add_column(Text(first), overflow="fold")
    below = ",\n90% interval" if summary["replications"] >= FEWEST_PAIRS else ""
    for _, heading in _COLUMNS:
        table.add_column(f"{heading}{below}", justify="right", no_wrap=True)
    return table


def _bare() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
