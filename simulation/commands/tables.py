"""The short table a run ends with."""

from __future__ import annotations

from datetime import date
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulation.experiments.engine.preflight import kept_months
from simulation.experiments.statistics.paired import FEWEST_PAIRS
from simulation.outcomes import OUTCOMES, heading, period_label, scale_note, shown
from simulation.scenario.horizon import horizon_of
from simulation.wording import assumptions as assumption_wording
from simulation.wording.chain import (
    TITLE,
    chain_lines,
    fate_of_shared,
    operations_told,
)

#: room for the longest name of an outcome: on one line, or on two where an interval takes two
_NAME, _NAME_FOLDED = 50, 29
_GAP = 2
#: between the ends of an interval, the second where the first would squeeze the names
_LINKS = (" to ", "-")


def print_summary(summary: dict[str, Any], console: Console | None = None) -> None:
    """Print the outcomes of a run by calendar year and over the whole run.

    Periods that do not fit beside each other go into further tables below.

    Args:
        summary: Content of `summary.json`.
        console: Where to; standard output when None.
    """
    console = console or Console()
    windows = {
        name: (date.fromisoformat(window["first"]), date.fromisoformat(window["last"]))
        for name, window in summary["periods"].items()
    }
    periods = [name for name in windows if name != "run"]
    if len(periods) > 1:
        periods.append("run")
    run = horizon_of({"start": windows["run"][0], "end": windows["run"][1], **summary})
    titles = {name: period_label(name, *windows[name]) for name in periods}
    titles = {
        name: f"{title} ({mark})" if name != "run" and (mark := run.mark(*windows[name])) else title
        for name, title in titles.items()
    }
    if len(periods) > 1:  # the days of a part of a year go below it
        titles = {name: title.replace(" (", "\n(") for name, title in titles.items()}
    console.print(Text(summary["scenario"], style="bold"), soft_wrap=True)
    for columns in _laid_out(summary, titles, console.width):
        # one more blank than the padding stands between columns: the box's own
        table = Table(
            box=box.SIMPLE_HEAD, show_edge=False, padding=(0, _GAP - 1, 0, 0), pad_edge=False
        )
        table.add_column("Outcome")
        for name in columns:
            table.add_column(titles[name], justify="right")
        for number, spec in enumerate(OUTCOMES.values()):
            table.add_row(Text(heading(spec)), *(cells[number] for cells in columns.values()))
        console.print()
        console.print(table)
    console.print()
    for sentence in captions(summary):
        console.print(Text(sentence))
    if summary.get("chain"):
        console.print()
        print_chain(summary["chain"], console)


def print_chain(chain: dict[str, Any], console: Console) -> None:
    """Print the short chain of a run: totals of the whole run, means over runs.

    Args:
        chain: `chain` of `summary.json`.
        console: Where to.
    """
    console.print(Text(f"{TITLE} (whole run)", style="bold"), soft_wrap=True)
    table = Table(
        box=None, show_header=False, show_edge=False, padding=(0, _GAP, 0, 0), pad_edge=False
    )
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for label, value, remark in chain_lines(chain):
        table.add_row(Text(label), Text(value), Text(remark, style="dim"))
    console.print(table)
    means = {name: float(entry["mean"]) for name, entry in chain.items()}
    for sentence in (fate_of_shared(means), *operations_told(chain)):
        console.print(Text(sentence))


def _laid_out(
    summary: dict[str, Any], titles: dict[str, str], width: int
) -> list[dict[str, list[Text]]]:
    """The cells of each period, in as many tables as the width asks for."""
    intervals = summary["replications"] >= FEWEST_PAIRS
    room = width - (_NAME_FOLDED if intervals else _NAME)
    tables: list[dict[str, list[Text]]] = []
    for link in _LINKS:
        tables, left = [], 0
        for name, title in titles.items():
            cells = [
                cell(outcome, summary["outcomes"][outcome]["periods"][name], intervals, link)
                for outcome in OUTCOMES
            ]
            lines = [line for text in [title, *map(str, cells)] for line in text.split("\n")]
            needed = _GAP + max(map(len, lines))
            if needed > left or not tables:
                tables.append({})
                left = room
            tables[-1][name] = cells
            left -= needed
        if len(tables) == 1:
            break
    return tables


def cell(name: str, value: dict[str, float | None], intervals: bool, link: str = _LINKS[0]) -> Text:
    """One value, with its interval below it."""
    spec = OUTCOMES[name]
    if value["mean"] is None:
        return Text("-")
    text = Text(shown(spec, value["mean"]))
    if intervals and value["low"] is not None and value["high"] is not None:
        if value["low"] < 0:
            link = _LINKS[0]  # a minus is no dash
        text.append(f"\n{shown(spec, value['low'])}{link}{shown(spec, value['high'])}", style="dim")
    return text


def captions(summary: dict[str, Any]) -> list[str]:
    """Sentences on what the numbers of a table are means of, and what their intervals mean."""
    done, asked = summary["replications"], summary["asked"]
    if done == 1:
        found = [assumption_wording.one_run(summary)]
    else:
        found = [assumption_wording.means_of_runs(summary)]
    if done < asked:
        found.append(f"{asked - done} of {asked} runs are missing.")
    found += kept_months(summary)
    note = scale_note(summary["scale"])
    return [*found, note] if note else found
