"""Who may use the app: refuses every request that does not come from a page of this server.

A web page of anybody can send requests to this machine, and a name can be made to lead here after
its page was loaded (DNS rebinding). The guard stands in front of the whole application and looks at
each HTTP request and each WebSocket handshake, before any session exists:

1. `Host` must be a name and port that the server was started for.
2. `Origin`, where it is sent, must be that of the page itself. A WebSocket must send it.
3. A request that the browser itself says comes from another page (`Sec-Fetch-Site`) is refused.
4. The browser must hold the token of this server in a cookie. The address that the command prints
   carries the token; the guard puts it into the cookie and takes it out of the address.
5. The request must be one that Solara can read: it would answer any other with an error of its own.

Every answer gets the security headers, those of errors and refusals included.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulation.app.hosts import (
    EVERY_ADDRESS,
    LOOPBACK,
    Authority,
    in_an_address,
    parse_authority,
)
from simulation.report.html import fixed_page

#: key of the token in the address
TOKEN = "token"
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_PLAIN = {"ws": "http", "wss": "https"}
#: what a page of Solara calls itself, and the paths that need it
_OF_A_PAGE = "session_id"
_NEEDS_A_PAGE = ("/jupyter/api/kernels/", "/_solara/api/close/")
#: methods that only read
_READING = ("GET", "HEAD")
#: what `Sec-Fetch-Site` says of a request that this page or the user makes
_OWN = ("same-origin", "none")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SHUT = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_WRONG_HOST = (
    "This server was not started for the name in the address bar. Use the printed address, or "
    "start it with --allow-host and this name."
)
_WRONG_ORIGIN = "Only the page of this server may ask for this."


@dataclass(frozen=True)
class Access:
    """Who may use the app.

    Attributes:
        hosts: Names and ports that may stand in the address of the page.
        port: The port that the server listens on.
        token: The secret that a browser must hold; None lets everybody in who can connect.
    """

    hosts: frozenset[Authority]
    port: int
    token: str | None

    @classmethod
    def of(cls, host: str, port: int, allowed: Iterable[Authority], token: str | None) -> Access:
        """Access by the names of this machine's loopback, by `host`, and by those allowed.

        Args:
            host: The address listened on, in its usual spelling.
            port: The port listened on.
            allowed: Further names. One without a port may be used with `port`, and without any
                port, as a proxy on the usual port for HTTP passes it on.
            token: As in the class.
        """
        own = [*LOOPBACK, *([] if host in EVERY_ADDRESS else [host.partition("%")[0]])]
        hosts = {Authority(name, port) for name in own}
        for one in allowed:
            hosts |= {one} if one.port is not None else {one, Authority(one.name, port)}
        return cls(frozenset(hosts), port, token)

    @property
    def cookie(self) -> str:
        """Name of the cookie that holds the token; browsers share cookies between ports."""
        return f"crossings-{self.port}"

    def holds(self, text: str) -> bool:
        """Whether a text is the token, in a time that does not depend on where they differ."""
        return self.token is None or hmac.compare_digest(
            text.encode("utf-8", "replace"), self.token.encode()
        )

    def origin(self, scheme: str, host: str) -> str | None:
        """The origin of the page that a `Host` header stands for; None where it is refused.

        Args:
            scheme: Of the request.
            host: The header.
        """
        authority, usual = parse_authority(host), _DEFAULT_PORTS.get(scheme)
        if authority is None:
            return None
        written = Authority(authority.name, None if authority.port == usual else authority.port)
        full = Authority(authority.name, authority.port or usual)
        if written not in self.hosts and full not in self.hosts:
            return None
        port = "" if written.port is None else f":{written.port}"
        return f"{_PLAIN.get(scheme, scheme)}://{in_an_address(authority.name)}{port}"


class AccessGuard:
    """ASGI middleware that lets through what the page itself asks for, and refuses all else.

    Args:
        app: The application behind it.
        access: Who may use it.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on with the security headers added to its answer."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        origin = self._access.origin(scope["scheme"], hosts[0]) if len(hosts) == 1 else None
        refusal = self._refusal(scope, headers, origin)
        send = _with_headers(send, _SHUT if refusal is not None else page_policy(origin or ""))
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
            await refusal(scope, receive, send)
        else:  # a server that can only close answers with 403 of its own
            await send({"type": "websocket.close"})

    def _refusal(self, scope: Scope, headers: Headers, origin: str | None) -> Response | None:
        """The refusal of a request; None if the request goes to the application."""
        if origin is None:
            return _refused(_WRONG_HOST)
        reading = scope["type"] == "http" and scope["method"] in _READING
        site = headers.get("sec-fetch-site")
        strange = site is not None and site not in _OWN
        # a request that opens a page in a tab of its own
        opens = (headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
        navigates = reading and opens == ("navigate", "document")
        if not _origin_is_own(headers, origin, reading) or (strange and not navigates):
            return _refused(_WRONG_ORIGIN)
        token, address = _token_in(scope)
        # another server on this machine may have set a cookie of this name, too
        pairs = [part.partition("=") for line in headers.getlist("cookie")
                 for part in line.split(";")]  # fmt: skip
        held = [value.strip() for key, _, value in pairs if key.strip() == self._access.cookie]
        admitted = self._access.token is None or any(map(self._access.holds, held))
        if token is not None and reading and (admitted or self._access.holds(token)):
            return self._exchange(scope, f"{origin}{address}")
        # a page that another page has opened starts nothing before its user says so
        if admitted and not strange:
            return _unreadable(scope, headers)
        return HTMLResponse(fixed_page("use_address"), 403, _NO_STORE)

    def _exchange(self, scope: Scope, address: str) -> Response:
        """Keep the token in a cookie, and go on to the address without it."""
        answer = RedirectResponse(address, 303, _NO_STORE)
        # already quoted: to quote it again would change the rest of the query
        answer.headers["location"] = address
        if self._access.token is not None:
            secure = scope["scheme"] == "https"
            name, token = self._access.cookie, self._access.token
            answer.set_cookie(name, token, httponly=True, samesite="strict", secure=secure)
        return answer


_NO_STORE = {"Cache-Control": "no-store"}


def page_policy(origin: str) -> str:
    """The content security policy of the page: everything from its own server, nothing else.

    Vue compiles the templates of the page in the browser, which needs `unsafe-eval`.

    Args:
        origin: That of the page; its WebSocket is named for browsers to whom 'self' is HTTP alone.
    """
    socket = "ws" + origin.removeprefix("http")
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        f"connect-src 'self' {socket}; object-src 'none'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'"
    )


def _refused(words: str, status: int = 403) -> Response:
    return PlainTextResponse(f"{words}\n", status, _NO_STORE)


def _unreadable(scope: Scope, headers: Headers) -> Response | None:
    """The refusal of a request that Solara cannot read; None for any other."""
    if not scope["query_string"].isascii():
        return _refused("The part of the address after ? holds characters that are not ASCII.", 400)
    keys = parse_qs(scope["query_string"].decode("ascii"), keep_blank_values=True)
    if scope["path"].startswith(_NEEDS_A_PAGE) and _OF_A_PAGE not in keys:
        return _refused(f"The address lacks {_OF_A_PAGE}, which the page sends.", 400)
    protocol = headers.get("x-forwarded-proto")
    if "x-forwarded-host" in headers and protocol not in (None, *_PLAIN.values()):
        return _refused("X-Forwarded-Proto must be http or https.", 400)
    return None


def _origin_is_own(headers: Headers, origin: str, reading: bool) -> bool:
    """Whether the headers of a request allow that it comes from a page of this server."""
    origins = headers.getlist("origin")
    if not origins:
        return reading
    # with the policy "no-referrer" a page does not name itself where it sends something
    unnamed = origins == ["null"] and headers.get("sec-fetch-site") == "same-origin"
    return origins == [origin] or unnamed


def _token_in(scope: Scope) -> tuple[str | None, str]:
    """The token that an address carries, if any, and the address without it."""
    path = quote(scope["path"], safe="/:@!$&'()*+,;=~-._")
    token, rest = None, []
    for part in scope["query_string"].decode("latin-1").split("&"):
        key, _, value = part.partition("=")
        if unquote_plus(key) == TOKEN:
            token = unquote_plus(value)
        else:
            rest.append(part)
    query = "&".join(rest)
    return token, f"{path}?{query}" if query else path


def _with_headers(send: Send, policy: str) -> Send:
    """A `send` that adds the security headers where the application sets none itself."""

    async def sending(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            message["headers"] = list(message.get("headers", ()))
            headers = MutableHeaders(raw=message["headers"])
            for name, value in {**_HEADERS, "Content-Security-Policy": policy}.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
