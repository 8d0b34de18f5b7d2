"""`crossings assurance`: a comparison with all that an institution needs to adopt it."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.commands.options import QUIET, Folder, declared_options


@click.command("assurance")
@click.argument("folder", metavar="DIR", type=Folder())
@declared_options("assurance")
@QUIET
def assurance(folder: Path, out: Path | None, quiet: bool) -> None:
    """Write the assurance pack of the comparison in DIR: a folder that is an RO-Crate.

    It has logs of assumptions, decisions, data and checks, the limits of use, who bears the
    effects and a transparency record, beside the results and what makes them again. Open
    assurance.html there.
    """
    from simulation.crates.crate import PAGE, write_crate

    crate = write_crate(folder, out)
    if not quiet:
        click.echo(f"Written to {crate} (open {PAGE} there).")
