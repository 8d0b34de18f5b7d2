"""Options of the commands that serve a page in the browser, and how they start."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import click

from simulation.app.hosts import (
    EVERY_ADDRESS,
    Authority,
    host_to_allow,
    host_to_listen_on,
    is_loopback,
)
from simulation.app.server import HOST, MOST_VISITORS, PORT, address, check_address
from simulation.commands.options import number_option, together
from simulation.errors import InputError

_MOST_VISITORS_ALLOWED = 1000

SERVING = together(
    number_option("--port", PORT, "Port to listen on."),
    click.option(
        "--host",
        default=HOST,
        show_default=True,
        help="Address to listen on. Any other than this machine's own loopback lets others "
        "connect.",
    ),
    click.option(
        "--allow-host",
        metavar="NAME",
        multiple=True,
        help="A further name, or NAME:PORT, under which the page may be opened. Can be repeated.",
    ),
    click.option(
        "--no-token",
        is_flag=True,
        help="Open the page to every user and every program of this machine. Refused with a host "
        "that others can reach.",
    ),
    number_option(
        "--most-visitors", MOST_VISITORS, "Most pages open at once; tabs of one browser count."
    ),
)


@dataclass(frozen=True)
class Serving:
    """How a page is served.

    Attributes:
        port: The port to listen on.
        host: The address to listen on, in its usual spelling.
        allowed: Further names under which the page may be opened.
        token: The secret in the address; None for none.
        most_visitors: Most pages open at once.
    """

    port: int
    host: str
    allowed: tuple[Authority, ...]
    token: str | None
    most_visitors: int

    @classmethod
    def of(
        cls, port: int, host: str, allow_host: tuple[str, ...], no_token: bool, most_visitors: int
    ) -> Serving:
        """The options of `SERVING`, checked before anything heavy is loaded.

        Raises:
            InputError: One of them cannot be used.
        """
        host = host_to_listen_on(host)
        allowed = tuple(host_to_allow(name) for name in allow_host)
        if no_token:
            _check_that_nobody_else_can_connect(host, allowed)
        if not 1 <= most_visitors <= _MOST_VISITORS_ALLOWED:
            raise InputError(
                "out of range",
                key="--most-visitors",
                value=most_visitors,
                allowed=f"1 to {_MOST_VISITORS_ALLOWED:,}",
            )
        check_address(host, port)
        token = None if no_token else secrets.token_urlsafe()
        return cls(port, host, allowed, token, most_visitors)

    def start(self, page: str, use: str) -> None:
        """Serve a page until Ctrl-C.

        Args:
            page: Its module, as in `simulation.app.server`.
            use: What whoever opens it can do, as a sentence goes on after "can".
        """
        from simulation.app import server
        from simulation.app.guard import Access

        click.echo("Starting: this takes some seconds, and longer the first time ...", err=True)
        access = Access.of(self.host, self.port, self.allowed, self.token)
        server.serve(page, self.host, access, self.most_visitors, lambda: self._say_where(use))

    def _say_where(self, use: str) -> None:
        page = address(self.host, self.port, self.token)
        click.echo(f"Open {page} in a browser. Ctrl-C stops the server.", err=True)
        if self.token is None:
            click.echo(
                "There is no token: every user and every program of this machine can open the "
                f"page, {use}.",
                err=True,
            )
        if not is_loopback(self.host):
            click.echo(self._who_else(use), err=True)

    def _who_else(self, use: str) -> str:
        """What to say where other machines can connect."""
        said = (
            f"Listening on {self.host}: other machines can connect. Whoever has the address with "
            f"its token can open the page, {use}. The connection is not encrypted."
        )
        if self.allowed:
            pages = (address(one.name, one.port or self.port, self.token) for one in self.allowed)
            return f"{said} On other machines open {' or '.join(pages)}"
        if self.host not in EVERY_ADDRESS:
            return said
        return (
            f"{said} Other machines are refused until a name is allowed: start again with "
            "--allow-host and the name or IP address of this machine, as they will type it."
        )


def _check_that_nobody_else_can_connect(host: str, allowed: tuple[Authority, ...]) -> None:
    """Refuse a host or a name that is not one of the loopback, where there is no token."""
    for key, name in (("--host", host), *(("--allow-host", one.name) for one in allowed)):
        if not is_loopback(name):
            raise InputError(
                "others can connect to it, so --no-token would let anybody use the page",
                key=key,
                value=name,
                allowed=f"{HOST}, or a start without --no-token",
            )
