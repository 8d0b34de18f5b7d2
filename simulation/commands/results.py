"""`crossings results`: which runs and experiments there are."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.columns import columns, printable
from simulation.commands.options import Folder, json_option
from simulation.commands.usage_errors import Commands

if TYPE_CHECKING:
    from simulation.engine.catalogue import Entry

_DEFAULT = Path("results")


@click.group("results", cls=Commands)
def results() -> None:
    """Show which results there are."""


@results.command("list")
@click.argument("folder", metavar="[DIR]", type=Folder(), required=False)
@json_option("Print the list as JSON, nothing else.")
def list_(folder: Path | None, as_json: bool) -> None:
    """List the runs and experiments in and below DIR [default: results], the latest first."""
    from simulation.engine.catalogue import catalogue, results_in

    root = folder or _DEFAULT
    listed = catalogue(root) if folder is None else results_in(root, "DIR")
    if as_json:
        entries = [{**asdict(entry), "folder": str(entry.folder)} for entry in listed]
        click.echo(json.dumps(entries, indent=1, ensure_ascii=False))
    elif listed:
        _print(listed)
    else:
        click.echo(f"There are no results in {root}.")


def _print(entries: list[Entry]) -> None:
    """One line of facts for each folder, then its title and the folder on lines of their own."""
    from rich.console import Console
    from rich.text import Text

    width = Console().width
    rows = [("WHEN (UTC)", "KIND", "ID", "RUNS", "STATUS", "SIZE"), *map(_facts, entries)]
    for number, row in enumerate(columns(rows, right=(3, 5))):
        click.echo(row)
        if number:
            entry = entries[number - 1]
            for words in (entry.title, entry.problem):
                if words:
                    line = Text(f"  {printable(words)}")
                    line.truncate(width, overflow="ellipsis")
                    click.echo(line.plain)
            click.echo(f"  {printable(str(entry.folder))}")


def _facts(entry: Entry) -> tuple[str, ...]:
    from rich.filesize import decimal

    runs = "-"
    if entry.done is not None:
        runs = str(entry.done) if entry.asked is None else f"{entry.done}/{entry.asked}"
    when = (entry.when or "-")[:16].replace("T", " ")
    words = (when, entry.kind or "-", entry.id or "-", runs, entry.status)
    return (*(printable(word) for word in words), decimal(entry.bytes))
