"""What a study of agreements ends with in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.commands.difference_tables import empty_table
from simulation.experiments import agreement_wording, wording
from simulation.experiments.wording import BESIDE

#: agreements shown; agreements.csv has all of them
_SHOWN = 15


def print_agreements(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print the headline, the best agreements and the sets.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    for line in agreement_wording.headline(summary):
        console.print(Text(line, style="bold"))
    console.print()
    if summary["ranking"]:
        shown = _shown(summary)
        console.print(_ranking(summary, shown))
        if not all(pair["refined"] for pair in shown):
            console.print(Text("* screened only, not run again with fresh seeds", style="dim"))
        console.print()
    if summary["sets"]:
        console.print(_sets(summary))
        console.print()
    for sentence in (
        agreement_wording.deadly(summary),
        *agreement_wording.left_out(summary),
        agreement_wording.correction(summary),
        wording.basis(summary),
        wording.failures(summary),
    ):
        if sentence:
            console.print(Text(sentence))
    if summary["best_set_command"]:
        console.print("The best set at full scale:")
        # a command that is wrapped cannot be copied
        console.print(f"  {summary['best_set_command']}", soft_wrap=True, markup=False)


def _columns(summary: dict[str, Any]) -> list[tuple[str, str]]:
    """Outcomes shown beside each other, deaths always: name and heading."""
    short = {
        "channel_arrivals": "Arrivals",
        BESIDE: "Deaths",
        "corridor_deaths": "Corridor deaths",
        "smuggler_profit_eur": "Profit, EUR m",
        "mapped_share": "Mapped share",
    }
    names = dict.fromkeys((summary["headline"], "channel_arrivals", BESIDE))
    return [(name, short[name]) for name in names]


def _shown(summary: dict[str, Any]) -> list[dict[str, Any]]:
    """The agreements of the table, the best first."""
    pairs = {pair["key"]: pair for pair in summary["pairs"]}
    return [pairs[key] for key in summary["ranking"][:_SHOWN]]


def _ranking(summary: dict[str, Any], shown: list[dict[str, Any]]) -> Table:
    columns = _columns(summary)
    headings = [text for _, heading in columns for text in (heading, "interval")]
    table = empty_table(f"Raised to {summary['raised_to']}", "now", *headings)
    for rank, pair in enumerate(shown, start=1):
        effect = agreement_wording.shown_effect(pair)
        assert effect is not None  # what is ranked has been run
        mark = "" if pair["refined"] else "*"
        cells = [cell for name, _ in columns for cell in _cells(name, effect[name])]
        seen = effect[summary["headline"]]["detectable"]
        table.add_row(
            Text(f"{rank:>2} {pair['name']}{mark}"),
            pair["before"],
            *cells,
            style="" if seen else "dim",
        )
    return table


def _sets(summary: dict[str, Any]) -> Table:
    columns = _columns(summary)
    headings = [text for _, heading in columns for text in (heading, "interval")]
    table = empty_table("Sets", "adds", *headings)
    for entry in summary["sets"]:
        total = entry["total"]
        if total is None:
            continue
        table.add_row(
            Text(f"{entry['size']:>2} + {entry['added_name']}"),
            "yes" if entry["buys"] else "not seen",
            *[cell for name, _ in columns for cell in _cells(name, total[name])],
            style="" if entry["buys"] else "dim",
        )
    return table


def _cells(name: str, entry: dict[str, Any]) -> tuple[str, str]:
    if entry["difference"] is None:
        return "no value", ""
    return wording.signed(name, entry["difference"]), wording.interval(name, entry)
