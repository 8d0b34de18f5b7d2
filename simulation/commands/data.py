"""`crossings data`: what figures are in use, and how to keep them current."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simulation.commands.columns import columns, printable
from simulation.commands.options import Folder, json_option, yes_option
from simulation.commands.usage_errors import Commands
from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.data.store import DataStatus, Prepared
    from simulation.data.tables import FigureChange

#: figures that are listed one by one; the others are counted
MOST_LISTED = 40
_folder_option = click.option(
    "--data",
    "folder",
    type=Folder(),
    help="Folder of your tables [default: $CROSSINGS_DATA, or your system's place for data].",
)


@click.group("data", cls=Commands)
def data() -> None:
    """Show which figures are in use, and keep them current."""


@data.command("status")
@_folder_option
@json_option("Print the status as JSON, nothing else.")
def status_(folder: Path | None, as_json: bool) -> None:
    """Show what is in use: to which month, how old, how far to trust it, and whose it is."""
    from simulation.data.store import status

    data_status = status(_folder(folder), date.today())
    if as_json:
        content = {
            "folder": str(data_status.folder),
            "hash": data_status.hash,
            "rows": [asdict(row) for row in data_status.rows],
            "updates": [list(update) for update in data_status.files],
        }
        click.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        _print_status(data_status)


@data.command("update")
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path(path_type=Path))
@_folder_option
@click.option("--published", help="Day of the publication or the download, as 2026-08-04.")
@yes_option(help="Do it without asking.")
def update(files: tuple[Path, ...], folder: Path | None, published: str | None, yes: bool) -> None:
    """Take in official FILEs as downloaded, or your own CSV of months.

    What is new and what is revised is shown first. Without a FILE, what you have taken in before is
    added to the tables of this version of crossings.
    """
    from simulation.data.store import prepare, take_in

    where = _folder(folder)
    prepared = prepare(where, files, _day(published), date.today())
    _print_prepared(prepared)
    if not _confirmed(yes, "Take these figures in?"):
        click.echo("Nothing was taken in. Add --yes to take these figures in.")
        return
    take_in(where, prepared)
    click.echo(f"Taken in: {where}. To take it back: crossings data undo")


@data.command("undo")
@_folder_option
@yes_option(help="Do it without asking.")
def undo_(folder: Path | None, yes: bool) -> None:
    """Take back the last update."""
    from simulation.corridor.in_use import read_manifest
    from simulation.data.store import undo

    where = _folder(folder)
    manifest = read_manifest(where) or {}
    if manifest.get("updates") and not _confirmed(yes, "Take back the last update?"):
        click.echo("Nothing was taken back. Add --yes to take back the last update.")
        return
    gone = undo(where)
    click.echo("Taken back: " + ", ".join(printable(source.file) for source in gone))


def _folder(named: Path | None) -> Path:
    from simulation.corridor.in_use import user_folder

    return user_folder() if named is None else named.absolute()


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise InputError(
            "not a day", key="--published", value=text, allowed="a day such as 2026-08-04"
        ) from None


def _confirmed(yes: bool, question: str) -> bool:
    """Whether to go on: told to, or asked where somebody can answer."""
    return yes or (sys.stdin.isatty() and click.confirm(question))


def _print_status(data_status: DataStatus) -> None:
    rows = [("WHAT", "TO", "PUBLISHED", "AGE", "LABEL", "WHOSE")]
    for row in data_status.rows:
        age = "-" if row.age_days is None else f"{row.age_days} days"
        published = row.published or "not recorded"
        whose = "yours" if row.yours else "shipped"
        rows.append((row.what, row.last, published, age, row.label, whose))
    _print_rows(rows, right=(3,))
    if not data_status.files:
        click.echo(
            "All figures are those shipped with crossings. Newer ones: crossings data update"
        )
        return
    click.echo(f"Your files, in {data_status.folder}:")
    for number, update in enumerate(data_status.files, start=1):
        for one in update:
            click.echo(
                f"  {number}. {printable(str(one.get('file')))} ({one.get('kind')}, published "
                f"{one.get('published')}, SHA-256 {str(one.get('sha256'))[:12]})"
            )


def _print_prepared(prepared: Prepared) -> None:
    for reading in prepared.readings:
        click.echo(f"{reading.file}: {reading.kind}")
        for note in reading.notes:
            click.echo(click.wrap_text(note, 100, initial_indent="  - ", subsequent_indent="    "))
    for title, revised in (("Revised", True), ("New", False)):
        _print_changes(title, [one for one in prepared.changes if one.revised == revised])
    if prepared.moved:
        click.echo(f"Runs change: another number of people sets out in {_span(prepared.moved)}.")
    if prepared.added:
        click.echo(
            f"Runs change: the number of people who set out in {_span(prepared.added)} was "
            "projected on some routes, and now comes from these figures. Later months are "
            "projected from there."
        )
    if not prepared.changes:
        click.echo("Every figure is the one in use already.")


def _span(months: Sequence[str]) -> str:
    """Months in order, as the first and the last of them."""
    return months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"


def _print_changes(title: str, changes: Sequence[FigureChange]) -> None:
    if not changes:
        return
    click.echo(f"{title}: {len(changes)} figure{'' if len(changes) == 1 else 's'}")
    rows = [("TABLE", "PERIOD", "SERIES", "OLD", "NEW")]
    # the latest periods are the ones somebody looks for
    latest = sorted(changes, key=lambda change: (change.key.period, change.key), reverse=True)
    for change in latest[:MOST_LISTED]:
        table, period, series = change.key
        rows.append((table.removesuffix(".csv"), period, series, change.old or "-", change.new))
    _print_rows(rows, right=(3, 4))
    if len(changes) > MOST_LISTED:
        click.echo(f"  and {len(changes) - MOST_LISTED} of earlier periods")


def _print_rows(rows: Sequence[Sequence[str]], right: Sequence[int]) -> None:
    for line in columns(rows, right):
        click.echo(f"  {line}")
