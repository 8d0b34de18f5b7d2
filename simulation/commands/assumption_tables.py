"""What the commands that vary assumptions print at their end."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.experiments.studies.discovery import found_boxes
from simulation.outcomes import OUTCOMES, difference_unit, shown_difference, shown_size
from simulation.wording import discovery as discovery_wording
from simulation.wording import sensitivity as sensitivity_wording

#: assumptions shown in the terminal; all are in the files
_SHOWN = 10


def print_sensitivity(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print which assumptions drive the difference, and how far chance reaches.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    console.print(Text(sensitivity_wording.headline(summary), style="bold"))
    console.print()
    console.print(_effects(summary))
    console.print()
    if summary["outcomes"][summary["headline"]]["variance"]:
        console.print(_shares(summary))
        console.print()
    for text in sensitivity_wording.warnings(summary):
        console.print(Text(text, style="yellow"))
    for text in (
        sensitivity_wording.noise(summary, summary["headline"]),
        sensitivity_wording.untold(summary, summary["headline"]),
        sensitivity_wording.basis(summary),
    ):
        if text:
            console.print(Text(text))


def _effects(summary: dict[str, Any]) -> Table:
    outcome = summary["headline"]
    spec = OUTCOMES[outcome]
    made = _empty(
        f"Effect of a step on the difference, {difference_unit(spec)}",
        "Assumption", "Mean size", "Mean", "Spread", "Told from chance",
    )  # fmt: skip
    for effect in summary["outcomes"][outcome]["screening"]["effects"][:_SHOWN]:
        if effect["mu_star"] is None:
            continue
        numbers = (
            shown_size(spec, effect["mu_star"]),
            shown_difference(spec, effect["mu"]),
            shown_size(spec, effect["sigma"]),
        )
        told = "yes" if effect["told"] else "no"
        made.add_row(effect["record"], *numbers, told, style="" if effect["told"] else "dim")
    return made


def _shares(summary: dict[str, Any]) -> Table:
    made = _empty(
        "Share of the variance of the difference, with 90% half-widths",
        "Assumption", "Alone", "With others", "Told from chance",
    )  # fmt: skip
    for share in summary["outcomes"][summary["headline"]]["variance"]["shares"]:
        if share["total"] is None:
            continue
        made.add_row(
            share["record"],
            f"{share['first']:.2f} ± {share['first_half']:.2f}",
            f"{share['total']:.2f} ± {share['total_half']:.2f}",
            "yes" if share["told"] else "no",
            style="" if share["told"] else "dim",
        )
    return made


def print_discovery(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print where the scenario fails, and how far chance reaches.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    console.print(Text(discovery_wording.headline(summary), style="bold"))
    console.print()
    for key, answer in summary["questions"].items():
        console.print(Text(discovery_wording.HEADINGS[key], style="bold"))
        console.print(Text(discovery_wording.spread_words(summary, key)))
        for text in (
            discovery_wording.noise_words(summary, key),
            discovery_wording.chance_words(summary, key),
        ):
            if text:
                console.print(Text(text))
        for found, counts in found_boxes(answer):
            console.print(_limits(summary, found, counts))
            console.print(Text(discovery_wording.verdict(summary, found, counts)))
        console.print()
    for text in discovery_wording.warnings(summary):
        console.print(Text(text, style="yellow"))
    console.print(Text(discovery_wording.basis(summary)))


def _limits(summary: dict[str, Any], found: dict[str, Any], counts: bool) -> Table:
    share = discovery_wording.box_words(found)
    made = _empty(share[:1].upper() + share[1:], "Where", "What it drives", "Quasi-p")
    made.columns[1].justify = "left"
    for limit in found["limits"]:
        made.add_row(
            discovery_wording.limit_words(summary, limit),
            summary["records"][limit["record"]]["drives"],
            f"{limit['quasi_p']:.3f}",
            style="" if counts else "dim",
        )
    return made


def _empty(title: str, first: str, *others: str) -> Table:
    made = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title=Text(title),
        title_justify="left",
    )  # fmt: skip
    made.add_column(first)
    for name in others:
        made.add_column(name, justify="right")
    return made
