"""What a study of agreements ends with in the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.commands.difference_tables import empty_table
from simulation.wording import agreement_verdicts as verdicts
from simulation.wording import agreements as agreement_wording
from simulation.wording import differences as wording
from simulation.wording.differences import BESIDE


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
        shown = verdicts.in_table(summary)
        console.print(_ranking(summary, shown))
        if not all(pair["refined"] for pair in shown):
            console.print(
                Text("Screened: not run again with fresh seeds, and so not judged.", style="dim")
            )
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


def _ranking(summary: dict[str, Any], shown: list[dict[str, Any]]) -> Table:
    """The rows of a ranking; `detectable` is the judgement that the headline is made of."""
    columns = _columns(summary)
    headings = [text for _, heading in columns for text in (heading, "interval")]
    table = empty_table(f"Raised to {summary['raised_to']}", "now", "detectable", *headings)
    for pair in shown:
        effect = verdicts.shown_effect(pair)
        assert effect is not None  # what is ranked has been run
        cells = [cell for name, _ in columns for cell in _cells(name, effect[name])]
        seen = verdicts.judged(pair, summary["headline"])
        table.add_row(
            Text(f"{pair['rank']:>2} {pair['name']}"),
            pair["before"],
            {True: "yes", False: "no", None: "screened"}[seen],
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
