"""Who may use the app: by name, by origin, by what the browser says, and by the token."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse

from simulation.app.guard import Access, AccessGuard
from simulation.app.hosts import host_to_allow
from tests.app.asking import Answer, ask

PORT, SECRET = 8765, "a-secret-of-this-server"
HOST = f"127.0.0.1:{PORT}"
OWN = f"http://{HOST}"
COOKIE = ("Cookie", f"crossings-{PORT}={SECRET}")
NAVIGATION = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
#: the page of somebody who has the token
MINE = [("Host", HOST), COOKIE]
STATE = b"what is kept here"


class Behind:
    """The application behind the guard; counts what reaches it."""

    def __init__(self) -> None:
        self.reached = 0

    async def __call__(self, scope, receive, send) -> None:
        self.reached += 1
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept", "headers": []})
        else:
            await PlainTextResponse(STATE)(scope, receive, send)


def access(host="127.0.0.1", allowed=(), token=SECRET, port=PORT) -> Access:
    return Access.of(host, port, [host_to_allow(name) for name in allowed], token)


def asked(path="/", headers=(), who=None, **how) -> tuple[Answer, bool]:
    """What is answered, and whether the request reached the application."""
    behind = Behind()
    answer = ask(AccessGuard(behind, who or access()), path, headers, **how)
    return answer, behind.reached > 0


def refused(answer: Answer, reached: bool) -> bool:
    return answer.status == 403 and not reached and STATE not in answer.body


@pytest.mark.parametrize("host", [
    HOST, f"localhost:{PORT}", f"LocalHost:{PORT}", f"[::1]:{PORT}", f"[0:0:0:0:0:0:0:1]:{PORT}",
])  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_the_page_itself_is_served(host, scheme):
    origin = f"http://{host.lower().replace('0:0:0:0:0:0:0:1', '::1')}"
    answer, reached = asked("/", [("Host", host), ("Origin", origin), COOKIE], scheme=scheme)
    assert reached
    assert answer.status == (200 if scheme == "http" else None)


@pytest.mark.parametrize("host", [
    "evil.example", f"evil.example:{PORT}", f"127.0.0.1.evil.example:{PORT}", f"localhost.:{PORT}",
    f"localhost@evil.example:{PORT}", "127.0.0.1:9999", "127.0.0.1", f"127.0.0.1:{PORT}:{PORT}",
    f"0.0.0.0:{PORT}", f"[::]:{PORT}", f"192.168.1.5:{PORT}", f"127.0.0.1:0{PORT}0", "", ":",
    "[::1",    f"127.0.0.1:{PORT}/", f"127.0.0.1 :{PORT}", f"2130706433:{PORT}", f"127.1:{PORT}",
    "127.0.0.1:\u00b28765", "[]", "*",
])  # fmt: skip
@pytest.mark.parametrize("scheme", ["http", "ws"])
def test_another_name_or_port_is_refused_even_with_the_token(host, scheme):
    headers = [("Host", host), ("Origin", f"http://{host}"), COOKIE]
    assert refused(*asked(f"/?token={SECRET}", headers, scheme=scheme))


@pytest.mark.parametrize("origin", [
    "http://evil.example", "http://127.0.0.1:9999", "http://127.0.0.1", f"https://{HOST}",
    f"http://localhost:{PORT}", "null", "", f"{OWN}/", f"{OWN}.evil.example", "file://",
])  # fmt: skip
@pytest.mark.parametrize(("scheme", "method"), [("http", "GET"), ("http", "POST"), ("ws", "GET")])
def test_another_origin_is_refused_even_with_the_cookie(origin, scheme, method):
    assert refused(*asked("/", [*MINE, ("Origin", origin)], scheme=scheme, method=method))


@pytest.mark.parametrize(("scheme", "method"), [("ws", "GET"), ("http", "POST"), ("http", "PUT")])
def test_what_changes_something_must_say_where_it_comes_from(scheme, method):
    assert refused(*asked("/", MINE, scheme=scheme, method=method))
    assert not refused(*asked("/", [*MINE, ("Origin", OWN)], scheme=scheme, method=method))


def test_a_page_that_may_not_name_itself_can_still_say_goodbye():
    """By the standard, the policy "no-referrer" makes "null" of the origin of a beacon."""
    own = [*MINE, ("Origin", "null"), ("Sec-Fetch-Site", "same-origin")]
    assert asked("/close", own, method="POST")[1]


@pytest.mark.parametrize("site", ["cross-site", "same-site", "nonsense"])
def test_what_another_page_asks_for_is_refused(site):
    """Without an origin: scripts, pictures, frames, and requests that are not to be read."""
    for kind in ([], [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")],
                 [("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "script")]):  # fmt: skip
        assert refused(*asked("/", [*MINE, ("Sec-Fetch-Site", site), *kind]))
    assert refused(*asked("/", [*MINE, ("Sec-Fetch-Site", site), *NAVIGATION], method="POST"))


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_link_on_another_page_leads_to_a_page_that_asks_first(site):
    answer, reached = asked("/?whatif=x", [*MINE, ("Sec-Fetch-Site", site), *NAVIGATION])
    assert refused(answer, reached)
    assert b'<a href="">' in answer.body
    for own in ("none", "same-origin"):
        assert asked("/?whatif=x", [*MINE, ("Sec-Fetch-Site", own), *NAVIGATION])[1]


@pytest.mark.parametrize("path", [
    "/", "/?whatif=x", "/static/main-vuetify.js", "/results/a/report.html", "/resourcez",
    "/_solara/api/close/1?session_id=2", "/nothing",
])  # fmt: skip
@pytest.mark.parametrize("cookie", [
    None, "", "crossings-8765=", "crossings-8765=wrong", f"crossings-8766={SECRET}",
    f"crossings-8765={SECRET}x", f"other={SECRET}", "crossings-8765=\u00fc\u00ff", SECRET,
])  # fmt: skip
def test_without_the_token_there_is_one_plain_page(path, cookie):
    headers = [("Host", HOST)] + ([("Cookie", cookie)] if cookie is not None else [])
    answer, reached = asked(path, headers)
    assert refused(answer, reached)
    plain, _ = asked("/", [("Host", HOST)])
    assert answer.body == plain.body
    assert b"token" in answer.body
    assert SECRET.encode() not in answer.body
    assert refused(*asked(path, [*headers, ("Origin", OWN)], scheme="ws"))
    assert refused(*asked(path, [*headers, ("Origin", OWN)], method="POST"))


def test_a_cookie_that_another_server_has_set_does_not_hide_ours():
    for line in (f"crossings-{PORT}=planted; {COOKIE[1]}", f"{COOKIE[1]};crossings-{PORT}=planted"):
        assert asked("/", [("Host", HOST), ("Cookie", line)])[1]


@pytest.mark.parametrize(("query", "left"), [
    ("token={}", "/"),
    ("whatif=a%2Bb%20c&token={}&x=&x=1&y", "/?whatif=a%2Bb%20c&x=&x=1&y"),
    ("a=1&token={}&token={}", "/?a=1"), ("tok%65n={}&mytoken=1", "/?mytoken=1"),
])  # fmt: skip
def test_the_token_moves_from_the_address_to_a_cookie_and_nothing_else_changes(query, left):
    answer, reached = asked(f"/?{query.format(SECRET, SECRET)}", [("Host", HOST)])
    assert not reached
    assert (answer.status, answer.headers["location"]) == (303, f"{OWN}{left}")
    assert answer.headers["cache-control"] == "no-store"
    words = {word.strip().lower() for word in answer.headers["set-cookie"].split(";")}
    assert {f"crossings-{PORT}={SECRET}", "httponly", "samesite=strict", "path=/"} <= words
    assert "secure" not in words


@pytest.mark.parametrize("path", ["//evil.example/", "/\\evil.example/", "/a%0d%0aX: y", "/\u00fc"])
def test_the_redirect_leads_to_this_server_alone(path):
    answer, _ = asked(f"{path}?token={SECRET}", [("Host", HOST)])
    assert answer.status == 303
    assert answer.headers["location"].startswith(f"{OWN}/")
    assert answer.headers["location"].isprintable()
    assert answer.headers["location"].isascii()


@pytest.mark.parametrize("how", [
    {"method": "POST", "headers": [("Host", HOST), ("Origin", OWN)]},
    {"scheme": "ws", "headers": [("Host", HOST), ("Origin", OWN)]},
    {"headers": [("Host", "evil.example:8765")]},
    {"headers": [("Host", HOST), ("Origin", "http://evil.example")]},
])  # fmt: skip
def test_a_token_in_the_address_is_exchanged_for_a_page_alone(how):
    answer, reached = asked(f"/?token={SECRET}", **how)
    assert refused(answer, reached)
    assert "set-cookie" not in answer.headers


def test_an_old_address_still_leads_to_the_page_of_somebody_who_has_the_cookie():
    answer, _ = asked("/?token=of-an-earlier-start&a=1", MINE)
    assert answer.headers["location"] == f"{OWN}/?a=1"
    answer, reached = asked("/?token=of-an-earlier-start&a=1", [("Host", HOST)])
    assert refused(answer, reached)


@pytest.mark.parametrize(("allowed", "host", "scheme", "ok"), [
    ("planning.example", "planning.example:8765", "http", True),
    ("Planning.Example", "planning.example", "http", True),
    ("planning.example", "planning.example", "https", True),
    ("planning.example", "planning.example:443", "https", True),
    ("planning.example", "planning.example:443", "http", False),
    ("planning.example", "planning.example:9999", "http", False),
    ("planning.example", "www.planning.example:8765", "http", False),
    ("planning.example:9999", "planning.example:9999", "http", True),
    ("planning.example:9999", "planning.example:8765", "http", False),
    ("localhost:9999", "localhost:9999", "http", True),
    ("192.168.1.5", "192.168.1.5:8765", "http", True),
    ("::1", "[::1]", "http", True),
    ("[fe80::1]:81", "[fe80::1]:81", "http", True),
])  # fmt: skip
def test_further_names_are_those_that_are_allowed(allowed, host, scheme, ok):
    who = access(allowed=[allowed])
    assert asked("/", [("Host", host), COOKIE], who, scheme=scheme)[1] is ok
    assert asked("/", MINE, who)[1]
    origin = f"{scheme}://{host.removesuffix(':443')}"
    headers = [("Host", host), ("Origin", origin), COOKIE]
    assert asked("/", headers, who, scheme=scheme.replace("http", "ws"))[1] is ok


@pytest.mark.parametrize(("host", "name", "ok"), [
    ("192.168.1.5", "192.168.1.5", True), ("192.168.1.5", "192.168.1.6", False),
    ("planner-pc", "planner-pc", True), ("fe80::1%eth0", "[fe80::1]", True),
    ("0.0.0.0", "0.0.0.0", False), ("0.0.0.0", "192.168.1.5", False), ("::", "[::]", False),
    ("0.0.0.0", "localhost", True), ("::", "[::1]", True),
])  # fmt: skip
def test_the_host_that_is_listened_on_is_a_name_unless_it_is_all_of_them(host, name, ok):
    assert (access(host).origin("http", f"{name}:{PORT}") is not None) is ok


def test_port_80_need_not_be_written():
    who = access(port=80)
    for host in ("localhost", "localhost:80"):
        cookie = ("Cookie", f"crossings-80={SECRET}")
        headers = [("Host", host), ("Origin", "http://localhost"), cookie]
        assert asked("/", headers, who, scheme="ws")[1]


def test_a_cookie_that_came_over_https_goes_nowhere_else():
    who = access(allowed=["planning.example"])
    answer, _ = asked(f"/?token={SECRET}", [("Host", "planning.example")], who, scheme="https")
    assert answer.headers["location"] == "https://planning.example/"
    assert "secure" in answer.headers["set-cookie"].lower()


def test_without_a_token_name_and_origin_still_count():
    who = access(token=None)
    assert asked("/", [("Host", HOST)], who)[1]
    assert asked("/", [("Host", HOST), ("Origin", OWN)], who, scheme="ws")[1]
    assert refused(*asked("/", [("Host", "evil.example")], who))
    assert refused(
        *asked("/", [("Host", HOST), ("Origin", "http://evil.example")], who, scheme="ws")
    )
    strange = [("Host", HOST), ("Sec-Fetch-Site", "cross-site"), *NAVIGATION]
    assert refused(*asked("/", strange, who))
    answer, _ = asked("/?token=old&a=1", [("Host", HOST)], who)
    assert (answer.status, answer.headers["location"]) == (303, f"{OWN}/?a=1")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("path", "headers", "how"), [
    ("/", MINE, {}), ("/", [("Host", HOST)], {}), ("/", [("Host", "evil.example")], {}),
    ("/", [], {}), (f"/?token={SECRET}", [("Host", HOST)], {}),
    ("/", [("Host", HOST), ("Origin", "http://evil.example"), COOKIE], {}),
    ("/", MINE, {"method": "POST"}), ("/", [("Host", HOST)], {"scheme": "ws"}),
])  # fmt: skip
def test_every_answer_has_the_security_headers(path, headers, how):
    answer, _ = asked(path, headers, **how)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = answer.headers["content-security-policy"]
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["frame-ancestors"] == "'none'"
    inline = ("'unsafe-inline'", "'unsafe-eval'", "data:", "blob:")
    here = {"'self'", "'none'", *inline, f"ws://{HOST}"}
    assert {source for value in directives.values() for source in value.split()} <= here


@pytest.mark.parametrize(("path", "headers", "how"), [
    ("/jupyter/api/kernels/1/channels", [("Origin", OWN)], {"scheme": "ws"}),
    ("/_solara/api/close/1", [("Origin", OWN)], {"method": "POST"}),
    ("/?whatif=\xff", [], {}), ("/static/highlight.css?v=\xff", [], {}),
    ("/", [("X-Forwarded-Host", "a.example"), ("X-Forwarded-Proto", "gopher")], {}),
])  # fmt: skip
def test_a_request_that_solara_cannot_read_is_refused_in_one_line(path, headers, how):
    answer, reached = asked(path, [*MINE, *headers], **how)
    assert (answer.status, reached) == (400, False)
    assert len(answer.body.splitlines()) == 1
    # and without the token it is refused as any other
    answer, reached = asked(path, [("Host", HOST), *headers], **how)
    assert refused(answer, reached)
