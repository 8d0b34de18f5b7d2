"""Who may use the app: requests from a page of this server, of a browser that holds its token.

A web page of anybody can send requests to this machine, and a name can be made to lead here after
its page was loaded (DNS rebinding). So `Host` must be a name of this machine, a request that says
where it comes from must come from here, and the browser must hold the token that the printed
address carries.
"""

from __future__ import annotations

import hmac

from starlette.datastructures import URL, Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: names by which a machine reaches itself
LOOPBACK = ("127.0.0.1", "localhost")
#: key of the token in the address
TOKEN = "token"
#: what `Sec-Fetch-Site` says of a request that this page or the user makes
_OWN = (None, "same-origin", "none")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Vue compiles the templates of the page in the browser, which needs `unsafe-eval`
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'unsafe-inline' "
    "'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'",
}


class AccessGuard:
    """ASGI middleware that lets through what the page itself asks for, and refuses all else.

    Args:
        app: The application behind it.
        port: The port that the server listens on.
        token: The secret that a browser must hold; None lets in every program of this machine.
    """

    def __init__(self, app: ASGIApp, port: int, token: str | None) -> None:
        self._app, self._token = app, token
        self._hosts = {f"{name}:{port}" for name in LOOPBACK}
        #: browsers share cookies between ports
        self._cookie = f"crossings-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on; either answer gets the security headers."""
        refusal, sending = None, _with_headers(send)
        if scope["type"] in ("http", "websocket"):
            refusal = self._refusal(HTTPConnection(scope))
        if refusal is None:
            await self._app(scope, receive, sending)
        elif scope["type"] == "http":
            await refusal(scope, receive, sending)
        else:
            await send({"type": "websocket.close"})

    def _refusal(self, asked: HTTPConnection) -> Response | None:
        """The answer to a request that does not go to the application."""
        if not self._is_own(asked.headers):
            return PlainTextResponse("Only the page of this server may ask for this.\n", 403)
        if self._token is None:
            return None
        if self._holds(asked.query_params.get(TOKEN, "")):
            answer = RedirectResponse(_without_token(asked.url), 303)
            answer.set_cookie(self._cookie, self._token, httponly=True, samesite="strict")
            return answer
        if self._holds(asked.cookies.get(self._cookie, "")):
            return None
        return PlainTextResponse("Open the address that the command has printed.\n", 403)

    def _is_own(self, headers: Headers) -> bool:
        """Whether the headers of a request allow that it comes from a page of this server."""
        host, origin = headers.get("host"), headers.get("origin")
        here = origin in (None, "null", f"http://{host}")
        return host in self._hosts and here and headers.get("sec-fetch-site") in _OWN

    def _holds(self, text: str) -> bool:
        """Whether a text is the token, in a time that does not depend on where they differ."""
        return hmac.compare_digest(text.encode(), (self._token or "").encode())


def _without_token(url: URL) -> str:
    """The address of a page without the token in it."""
    bare = url.remove_query_params(TOKEN)
    return f"{bare.path}?{bare.query}" if bare.query else bare.path


def _with_headers(send: Send) -> Send:
    """A `send` that adds the security headers where the application sets none itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
