"""Who may use the app: every request of others is refused before the application sees it."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse

from simulation.app.guard import AccessGuard
from tests.app.asking import ask

TOKEN = "a-secret"
HOST = ("Host", "localhost:8765")
COOKIE = ("Cookie", f"crossings-8765={TOKEN}")
OWN = ("Origin", "http://localhost:8765")


async def behind(scope, receive, send):
    """The application: it lets everybody in."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("inside")(scope, receive, send)


def asked(path="/", *headers, token=TOKEN, **more):
    return ask(AccessGuard(behind, 8765, token), path, [*headers], **more)


def test_the_printed_address_gives_a_cookie_that_lets_in():
    answer = asked(f"/?tab=watch&token={TOKEN}", HOST)
    assert (answer.status, answer.headers["location"]) == (303, "/?tab=watch")
    cookie = answer.headers["set-cookie"]
    assert f"crossings-8765={TOKEN}" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    answer = asked("/", HOST, COOKIE)
    assert answer.body == b"inside"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert asked("/", HOST, COOKIE, OWN, scheme="ws").status is None


@pytest.mark.parametrize("headers", [
    [HOST], [HOST, ("Cookie", "crossings-8765=wrong")], [HOST, ("Cookie", "crossings-1=a-secret")],
])  # fmt: skip
def test_without_the_token_nothing_is_answered(headers):
    assert asked("/", *headers).status == 403
    assert asked("/?token=wrong", *headers).status == 403
    assert asked("/", *headers, OWN, scheme="ws").status == 403


#: what comes from elsewhere: a name that leads here, or a page of others
FOREIGN = [
    [("Host", "evil.example:8765")], [("Host", "localhost:9999")], [("Host", "localhost")], [],
    [HOST, ("Origin", "http://evil.example")], [HOST, ("Origin", "http://localhost:9999")],
    [HOST, ("Sec-Fetch-Site", "cross-site")], [HOST, ("Sec-Fetch-Site", "same-site")],
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN)
@pytest.mark.parametrize("token", [TOKEN, None])
def test_what_comes_from_elsewhere_is_refused_with_and_without_a_token(headers, token):
    for scheme in ("http", "ws"):
        answer = asked("/", *headers, COOKIE, token=token, scheme=scheme)
        assert answer.body != b"inside"
        assert answer.status == 403


def test_without_a_token_every_program_of_this_machine_gets_in():
    assert asked("/", ("Host", "127.0.0.1:8765"), token=None).body == b"inside"
