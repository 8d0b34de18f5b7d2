"""Options of the commands that serve a page in the browser, and how they start."""

from __future__ import annotations

import secrets

import click

from simulation.app.server import PORT, address, check_port
from simulation.commands.options import number_option, together

SERVING = together(
    number_option("--port", PORT, "Port to listen on."),
    click.option(
        "--no-token",
        is_flag=True,
        help="Open the page to every user and every program of this machine.",
    ),
)


def start(page: str, port: int, no_token: bool) -> None:
    """Serve a page on this machine until Ctrl-C.

    Args:
        page: Its module, as in `simulation.app.server`.
        port: The port to listen on.
        no_token: Whether its address needs no token.

    Raises:
        InputError: The port cannot be used.
    """
    check_port(port)
    from simulation.app.server import serve

    token = None if no_token else secrets.token_urlsafe()
    click.echo("Starting: this takes some seconds, and longer the first time ...", err=True)

    def say_where() -> None:
        text = f"Open {address(port, token)} in a browser. Ctrl-C stops the server."
        if no_token:
            text += " Every user and every program of this machine can use it."
        click.echo(text, err=True)

    serve(page, port, token, say_where)
