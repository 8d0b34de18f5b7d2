"""Requests to an ASGI application without a server: what it answers, and what it was let see."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Header = tuple[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back; headers by name in lower case, the values of one name joined by commas."""

    #: None where a WebSocket was accepted
    status: int | None
    headers: dict[str, str]
    body: bytes


def ask(
    app: Any,
    path: str = "/",
    headers: Iterable[Header] = (),
    method: str = "GET",
    scheme: str = "http",
) -> Answer:
    """Send one request, or one handshake where the scheme is `ws` or `wss`."""
    socket = scheme.startswith("ws")
    bare, _, query = path.partition("?")
    scope = {
        "type": "websocket" if socket else "http", "asgi": {"version": "3.0"},
        "http_version": "1.1", "method": method, "scheme": scheme, "path": bare,
        "raw_path": bare.encode(), "query_string": query.encode("latin-1"), "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "subprotocols": [],
        "extensions": {"websocket.http.response": {}},
    }  # fmt: skip
    sent: list[dict[str, Any]] = []
    asyncio.run(_asked(app, scope, sent))
    assert sent, "nothing was answered"
    first = sent[0]
    fields: dict[str, str] = {}
    for key, value in first.get("headers", ()):
        name = key.decode().lower()
        fields[name] = ", ".join(filter(None, (fields.get(name), value.decode())))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    status = 403 if first["type"] == "websocket.close" else first.get("status")
    return Answer(status, fields, body)


async def _asked(app: Any, scope: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    first = [{"type": "websocket.connect"}]
    if scope["type"] == "http":
        first = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if first:
            return first.pop()
        await asyncio.Event().wait()  # nothing more comes
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
