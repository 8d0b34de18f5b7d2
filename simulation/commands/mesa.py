"""`crossings mesa`: Mesa's viewer in the browser."""

from __future__ import annotations

from typing import Any

import click

from simulation.commands.serving import SERVING, start
from simulation.optional import optional_library


@click.command("mesa")
@click.argument("scenario", required=False)
@SERVING
def mesa(scenario: str | None, **options: Any) -> None:
    """Run SCENARIO [default: baseline] in Mesa's viewer, in the browser.

    The command prints the address to open. The address holds a secret token: nobody can use the
    viewer without it. The page needs no network. Stop it with Ctrl-C.
    """
    from simulation.app.server import VIEWER, prepare

    prepare(VIEWER)
    for library in ("solara", "altair", "matplotlib"):
        optional_library(library, extra="viz", key="mesa")
    from simulation.scenario import load_scenario

    if scenario is not None:
        loaded = load_scenario(scenario)
        from simulation.app.mesa_viewer import CHOICES

        CHOICES.start_with(loaded)
    start(VIEWER, **options)
