"""`crossings app`: the corridor in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from simulation.commands.options import results_option
from simulation.commands.serving import SERVING, start
from simulation.optional import optional_library


@click.command("app")
@click.argument("scenario", required=False)
@SERVING
@results_option(help="Folder whose results can be read, and into which estimates are written.")
def app(scenario: str | None, results: Path, **options: Any) -> None:
    """Ask what SCENARIO would do, in the browser [default: deeper Western Balkan agreements].

    The command prints the address to open. The address holds a secret token: nobody can use the app
    without it. The page needs no network. Stop it with Ctrl-C.
    """
    from simulation.app.server import APP, prepare

    prepare(APP)
    optional_library("solara", extra="app", key="app")
    from simulation.app.choices import question_draft
    from simulation.app.draft import OPTIONS, Draft
    from simulation.scenario import load_scenario, shipped_scenarios

    OPTIONS.results = results
    if scenario is None:
        OPTIONS.draft = question_draft()
    else:
        loaded = load_scenario(scenario)
        named = loaded.file is not None and shipped_scenarios().get(loaded.slug) == loaded.file
        OPTIONS.draft = Draft(loaded.slug) if named else Draft.of_file_or_scenario(loaded)
    start(APP, **options)
