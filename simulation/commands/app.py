"""`crossings app`: the corridor in the browser."""

from __future__ import annotations

from pathlib import Path

import click

from simulation.app.server import HOST, PORT
from simulation.commands.options import Folder


@click.command("app")
@click.argument("scenario", required=False)
@click.option("--port", type=int, default=PORT, show_default=True, help="Port to listen on.")
@click.option(
    "--host",
    default=HOST,
    show_default=True,
    help="Address to listen on; anything else than this machine itself lets others in.",
)
@click.option(
    "--results",
    type=Folder(),
    default=Path("results"),
    show_default=True,
    help="Folder whose results can be read, and into which estimates are written.",
)
def app(scenario: str | None, port: int, host: str, results: Path) -> None:
    """Explore SCENARIO [default: baseline] in the browser, beside the baseline.

    The page is served by this machine alone, without a network. Stop it with Ctrl-C.
    """
    from simulation.app.server import address, check_address, is_local, prepare, serve

    check_address(host, port)
    prepare()
    from simulation.app.draft import Draft
    from simulation.app.options import OPTIONS
    from simulation.scenario import load_scenario, shipped_scenarios

    OPTIONS.results = results
    if scenario is not None:
        found = load_scenario(scenario)
        named = found.file is not None and shipped_scenarios().get(found.slug) == found.file
        OPTIONS.draft = Draft(found.slug) if named else Draft.of_file_or_scenario(found)
    click.echo("Starting: this takes some seconds, and longer the first time ...", err=True)

    def ready() -> None:
        click.echo(f"Open {address(host, port)} in a browser. Ctrl-C stops the server.", err=True)
        if not is_local(host):
            click.echo(
                f"Listening on {host}: everybody who can reach this machine can open the page, run "
                "models on it and read the results in its folder. There is no password.",
                err=True,
            )

    serve(host, port, ready)
