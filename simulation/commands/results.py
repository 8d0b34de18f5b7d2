"""`crossings results`: which results there are, their pages, packs and history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simulation.commands.columns import columns, printable
from simulation.commands.experiment import command_line, options_from, resumable_runs
from simulation.commands.options import (
    QUIET,
    Folder,
    declared_options,
    json_option,
    options_of,
)
from simulation.commands.progress import progress_bar
from simulation.commands.usage_errors import Commands
from simulation.errors import InputError

if TYPE_CHECKING:
    from simulation.answers.ledger import Entry as Line
    from simulation.engine.catalogue import Entry

_DEFAULT = Path("results")


@click.group("results", cls=Commands, invoke_without_command=True)
@click.pass_context
def results(ctx: click.Context) -> None:
    """List results; make their pages and packs; see how answers moved."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_)


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


@results.command("report")
@click.argument("folder", metavar="DIR", type=Folder())
@QUIET
def report(folder: Path, quiet: bool) -> None:
    """Write report.html of the run or experiment in DIR again, from the results there.

    Of a back-test and of a fit, its text and its charts; of a look of the monitor, monitor.html. No
    page is made from results that have changed since they were made.
    """
    from simulation.report.remake import write_page

    page = write_page(folder)
    if not quiet:
        click.echo(f"Written to {page}.")


@results.command("assurance")
@click.argument("folder", metavar="DIR", type=Folder())
@declared_options("results assurance")
@QUIET
def assurance(folder: Path, out: Path | None, quiet: bool) -> None:
    """Write the assurance pack of the comparison in DIR: what an institution needs to adopt it.

    It has the results, the assumptions and data behind them, the checks, the limits of use, who
    bears the effects, a transparency record, and what makes the results again. Open assurance.html
    there.
    """
    from simulation.crates.pack import PAGE, write_pack

    pack = write_pack(folder, out)
    if not quiet:
        click.echo(f"Written to {pack} (open {PAGE} there).")


@results.command("verify")
@click.argument("pack", metavar="PACK", type=Folder())
@declared_options("results verify")
@QUIET
def verify(pack: Path, run: bool, workers: int | None, quiet: bool) -> None:
    """Check the hashes of PACK, run its comparison again, and say whether the bits are the same.

    PACK is a folder that crossings results assurance has written. The exit status is 0 for the same
    bits, 1 for others, and 2 for a pack that was edited or is of another version.
    """
    from simulation.crates.verify import verify_pack

    with progress_bar(quiet, False) as progress:
        verified = verify_pack(pack, run=run, workers=workers, progress=progress)
    if not quiet:
        click.echo(verified.text(run))
    if verified.differing:
        click.get_current_context().exit(1)


@results.group("ledger", cls=Commands, invoke_without_command=True)
@json_option("Print the lines as JSON, nothing else.")
@click.pass_context
def ledger(ctx: click.Context, as_json: bool) -> None:
    """Show the answers to the shipped questions by version, fit and data, and why they moved."""
    if ctx.invoked_subcommand is not None:
        if as_json:
            allowed = f"crossings results ledger --json, without {ctx.invoked_subcommand}"
            raise InputError("cannot be had with a command", key="--json", allowed=allowed)
        return
    from simulation.answers.ledger import read_ledger

    _show_lines(read_ledger(), as_json)


def _show_lines(entries: Sequence[Line], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json") for one in entries], indent=1))
        return
    from simulation.report.answers import ledger_section
    from simulation.report.terminal import show

    show(ledger_section(entries).blocks)


@ledger.command("add")
@options_of("results ledger add")
def add(
    why: str, question: tuple[str, ...], replications: int, quiet: bool, as_json: bool, **asked: Any
) -> None:
    """Ask the shipped questions and add their answers: for those who release a version.

    Each question is a comparison over its days. A comparison goes on where it was stopped; lines
    are added when all are finished.
    """
    from simulation.answers.asking import ask, asked_under

    under = asked_under(asked["assumptions"], asked["ensemble"])
    options = options_from({**asked, "days": None})
    with resumable_runs(quiet, as_json) as progress:
        added = ask(why, question, options, under, replications, command=command_line(),
                    progress=progress)  # fmt: skip
    if not quiet:
        _show_lines(added, as_json)


@results.command("versions")
@click.argument("old", type=Folder())
@click.argument("new", type=Folder())
@json_option("Print what differs and what moved as JSON, nothing else.")
def versions(old: Path, new: Path, as_json: bool) -> None:
    """Compare OLD and NEW, two folders of crossings compare that answer one question.

    It shows what differs between them (version, fit, data, options), and how far each answer moved.
    """
    from simulation.answers.folders import compare_folders
    from simulation.report.answers import versions_blocks
    from simulation.report.terminal import show

    two_versions = compare_folders(old, new)
    if as_json:
        content = {
            "changes": [one._asdict() for one in two_versions.changes],
            "moves": [
                {**asdict(one), "old": one.old.as_json(), "new": one.new.as_json(),
                 "move": one.move.as_json()}
                for one in two_versions.moves
            ],
        }  # fmt: skip
        click.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        show(versions_blocks(two_versions))


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
