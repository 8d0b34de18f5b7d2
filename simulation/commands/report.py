"""`crossings report`: the page of a run or an experiment, made again from its folder."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.commands.options import QUIET, Folder


@click.command("report")
@click.argument("folder", metavar="DIR", type=Folder())
@QUIET
def report(folder: Path, quiet: bool) -> None:
    """Write report.html of the run or experiment in DIR again, from the results there.

    Of a back-test and of a fit, its text and its charts; of a look of the monitor, monitor.html. No
    page is made from results that have changed since they were made.
    """
    from simulation.report.remake import write_page

    page = write_page(folder, lambda note: click.echo(f"{folder}: {note}.", err=True))
    if not quiet:
        click.echo(f"Written to {page}.")
