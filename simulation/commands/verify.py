"""`crossings verify`: whether an assurance pack is as written, and gives the same bits again."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.commands.options import QUIET, Folder, declared_options
from simulation.commands.progress import progress_bar


@click.command("verify")
@click.argument("crate", metavar="CRATE", type=Folder())
@declared_options("verify")
@QUIET
def verify(crate: Path, run: bool, workers: int | None, quiet: bool) -> None:
    """Check the hashes of CRATE, run its comparison again, and say whether the bits are the same.

    CRATE is a folder that crossings assurance has written. The exit status is 0 for the same bits,
    1 for others, and 2 for a crate that was edited or is of another version.
    """
    from simulation.crates.verify import verify_crate

    with progress_bar(quiet, False) as progress:
        verified = verify_crate(crate, run=run, workers=workers, progress=progress)
    if not quiet:
        click.echo(verified.text(run))
    if verified.differing:
        click.get_current_context().exit(1)
