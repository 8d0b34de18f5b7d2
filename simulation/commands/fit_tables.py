"""What `crossings fit` prints at its end."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.fitting.predictive import label_in_text, spec_of
from simulation.outcomes import shown

#: assumptions shown in the terminal; all are in the files
_SHOWN = 12


def print_fit(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print how well the fitted years come back, and what the figures told.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    window = summary["window"]
    console.print(Text(_headline(summary), style="bold"))
    console.print()
    if summary["predictive"]:
        console.print(_years(summary))
        console.print()
    console.print(_assumptions(summary))
    console.print()
    for text in warnings(summary):
        console.print(Text(text, style="yellow"))
    told = len(summary["parameters"]) - len(summary["uninformed"])
    console.print(
        Text(
            f"The figures of {window[0]} to {window[1]} inform {told} of "
            f"{len(summary['parameters'])} assumptions. Of the others they tell no more than "
            "chance would, and these keep their range (parameters.csv names them)."
        )
    )
    console.print(
        Text(
            f"{summary['members_used']} sets of assumptions, by their weights worth "
            f"{summary['weights']['effective']:.0f} of equal weight. Intervals hold assumptions "
            "and chance, not what the model leaves out."
        )
    )


def warnings(summary: dict[str, Any]) -> list[str]:
    """What a reader must not miss."""
    found = []
    failed = len(summary["failed"])
    if failed:
        found.append(
            f"{failed} runs failed; their sets of assumptions are left out. The first error: "
            f"{summary['failed'][0]['error']}"
        )
    outside = [row for row in summary["predictive"] if not row["inside"]]
    if outside:
        listed = ", ".join(f"{label_in_text(row['series'])} {row['year']}" for row in outside)
        found.append(
            f"Outside the 90% interval of the fitted model: {listed}. Either the model lacks "
            "something there, or the fit had too few runs to find it."
        )
    return found


def _headline(summary: dict[str, Any]) -> str:
    rows = summary["predictive"]
    inside = sum(row["inside"] for row in rows)
    return (
        f"{summary['scenario']}: {inside} of {len(rows)} yearly figures lie in the 90% interval "
        f"of the fitted model."
    )


def _years(summary: dict[str, Any]) -> Table:
    made = Table(
        title="The fitted years, observed and given back", title_justify="left", box=box.SIMPLE_HEAD
    )
    for name in ("Figure", "Year", "Observed", "Median", "90% interval", ""):
        made.add_column(name, justify="left" if name in ("Figure", "") else "right")
    for row in summary["predictive"]:
        spec = spec_of(row["series"])
        year = row["year"] if row["months"] == 12 else f"{row['year']} ({row['months']} months)"
        low, middle, high = (shown(spec, row[key]) for key in ("q5", "q50", "q95"))
        made.add_row(
            spec.label, year, shown(spec, row["observed"]), middle, f"{low} to {high}",
            "" if row["inside"] else "outside", style="" if row["inside"] else "yellow",
        )  # fmt: skip
    return made


def _assumptions(summary: dict[str, Any]) -> Table:
    made = Table(
        title="Assumptions the figures narrowed most", title_justify="left", box=box.SIMPLE_HEAD
    )
    for name in ("Assumption", "Prior, 90%", "Fitted, 90%", "Narrowed", "Informed"):
        made.add_column(name, justify="left" if name in ("Assumption", "Informed") else "right")
    for row in sorted(summary["parameters"], key=lambda r: -r["narrowed"])[:_SHOWN]:
        made.add_row(
            row["name"], _interval(row["prior"]), _interval(row["posterior"]),
            f"{100 * row['narrowed']:.0f}%", "yes" if row["informed"] else "no",
            style="" if row["informed"] else "dim",
        )  # fmt: skip
    return made


def _interval(values: list[float]) -> str:
    return f"{values[0]:.3g} to {values[-1]:.3g}"
