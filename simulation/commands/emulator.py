"""`crossings emulator`: the library that `crossings estimate` answers from."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.experiment import conduct_study, options_from
from simulation.commands.options import options_of
from simulation.commands.usage_errors import Commands


@click.group("emulator", cls=Commands)
def emulator() -> None:
    """Build the libraries that crossings estimate answers from."""


@emulator.command("build")
@options_of("emulator build")
def build(base: str, pairs: int, install: bool, quiet: bool, as_json: bool, **asked: Any) -> None:
    """Run the policies of a library, each in the same worlds.

    The same command goes on where it was stopped; with more --pairs it goes on from those there
    are.
    """
    options = options_from({**asked, "days": None, "assumptions": "fitted"})
    from simulation.estimates.build import FILE, LibraryBuild
    from simulation.estimates.build import install as put_in_place

    silent = quiet or as_json
    announce = None if silent else lambda cost: click.echo(str(cost), err=True)
    study = LibraryBuild(base, pairs, announce)
    finished = conduct_study(study, options, quiet=quiet, as_json=as_json)
    if install:
        put_in_place(finished.folder / FILE, study.library.file)
        if not silent:
            click.echo("Installed: crossings estimate answers from it.")
