"""`crossings app`: the corridor in the browser."""

from __future__ import annotations

import secrets
from pathlib import Path

import click

from simulation.app.hosts import (
    EVERY_ADDRESS,
    Authority,
    host_to_allow,
    host_to_listen_on,
    is_loopback,
)
from simulation.app.server import HOST, PORT
from simulation.commands.options import number_option, results_option
from simulation.errors import InputError
from simulation.optional import optional_library


@click.command("app")
@click.argument("scenario", required=False)
@number_option("--port", PORT, "Port to listen on.")
@click.option(
    "--host",
    default=HOST,
    show_default=True,
    help="Address to listen on. Any other than this machine's own loopback lets others connect.",
)
@click.option(
    "--allow-host",
    "allow_host",
    metavar="NAME",
    multiple=True,
    help="A further name, or NAME:PORT, under which the page may be opened. Can be repeated.",
)
@click.option(
    "--no-token",
    is_flag=True,
    help="Open the page to every user and every program of this machine. Refused with a host that "
    "others can reach.",
)
@results_option(help="Folder whose results can be read, and into which estimates are written.")
def app(
    scenario: str | None,
    port: int,
    host: str,
    allow_host: tuple[str, ...],
    no_token: bool,
    results: Path,
) -> None:
    """Explore SCENARIO [default: baseline] in the browser, beside the baseline.

    The command prints the address to open. The address holds a secret token: nobody can use the app
    without it. The page needs no network. Stop it with Ctrl-C.
    """
    from simulation.app.server import address, check_address, prepare, serve

    host = host_to_listen_on(host)
    allowed = [host_to_allow(name) for name in allow_host]
    if no_token:
        _check_that_nobody_else_can_connect(host, allowed)
    check_address(host, port)
    prepare()
    optional_library("solara", extra="app", key="app")
    from simulation.app.draft import OPTIONS, Draft
    from simulation.app.guard import Access
    from simulation.scenario import load_scenario, shipped_scenarios

    OPTIONS.results = results
    if scenario is not None:
        found = load_scenario(scenario)
        named = found.file is not None and shipped_scenarios().get(found.slug) == found.file
        OPTIONS.draft = Draft(found.slug) if named else Draft.of_file_or_scenario(found)
    click.echo("Starting: this takes some seconds, and longer the first time ...", err=True)
    token = None if no_token else secrets.token_urlsafe()

    def ready() -> None:
        page = address(host, port, token)
        click.echo(f"Open {page} in a browser. Ctrl-C stops the server.", err=True)
        if no_token:
            click.echo(
                "There is no token: every user and every program of this machine can open the "
                "page, run models on it and read the results in its folder.",
                err=True,
            )
        if not is_loopback(host):
            click.echo(_who_else(host, port, allowed, token), err=True)

    serve(host, Access.of(host, port, allowed, token), ready)


def _check_that_nobody_else_can_connect(host: str, allowed: list[Authority]) -> None:
    """Refuse a host or a name that is not one of the loopback, where there is no token."""
    for key, name in (("--host", host), *(("--allow-host", one.name) for one in allowed)):
        if not is_loopback(name):
            raise InputError(
                "others can connect to it, so --no-token would let anybody use the app",
                key=key,
                value=name,
                allowed=f"{HOST}, or a start without --no-token",
            )


def _who_else(host: str, port: int, allowed: list[Authority], token: str | None) -> str:
    """What to say where other machines can connect."""
    from simulation.app.server import address

    told = (
        f"Listening on {host}: other machines can connect. Whoever has the address with its token "
        "can run models here and read the results in the folder. The connection is not encrypted."
    )
    if allowed:
        pages = (address(one.name, one.port or port, token) for one in allowed)
        return f"{told} On other machines open {' or '.join(pages)}"
    if host not in EVERY_ADDRESS:
        return told
    return (
        f"{told} Other machines are refused until a name is allowed: start again with --allow-host "
        "and the name or IP address of this machine, as they will type it."
    )
