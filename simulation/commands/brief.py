"""`crossings brief`: the first page of a comparison as a document or HTML."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.commands.options import QUIET, Folder, declared_options


@click.command("brief")
@click.argument("folder", metavar="DIR", type=Folder())
@declared_options("brief")
@QUIET
def brief(folder: Path, format: str, output: Path | None, quiet: bool) -> None:
    """Write the first page of the comparison in DIR as a file to take along.

    It has the answer, a picture, why, and what moves with it. Below stand what would change the
    answer, what the model cannot say, and how old the data are. No network is needed.
    """
    from simulation.report.brief import write_brief

    file = write_brief(folder, format, output)
    if not quiet:
        click.echo(f"Written to {file}.")
