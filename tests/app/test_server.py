"""The server: what it listens on, what it serves, and that it asks nobody else for anything."""

from __future__ import annotations

import contextlib
import os
import socket
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from simulation.app import draft, server
from simulation.app.choices import question_draft
from simulation.cli import cli
from tests.app.asking import ask
from tests.app.browser_fixtures import free_port, served, visitor
from tests.app.browsing import SHORT
from tests.app.reading import until
from tests.refusals import refusal

#: who has no cookie of the server; no proxy: what is asked is on this machine
SOMEBODY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def test_a_port_in_use_is_refused_in_words(crossings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(crossings("app", "--port", str(port)))
    assert line.startswith(f"--port = {port}: cannot be listened on (address already in use)")


@pytest.mark.parametrize(("command", "words", "message"), [
    *(("app", *mistake) for mistake in (
    (("--port", "0"), "--port = 0: out of range; allowed: 1 to 65535"),
    (("--port", "http"), '--port = "http": not a whole number'),
    (("basline",), 'did you mean "baseline"?'),
    )),
    ("mesa", ("basline",), 'did you mean "baseline"?'),
])  # fmt: skip
def test_what_cannot_be_served_is_refused_in_one_line(crossings, command, words, message, tmp_path):
    # the usual port may be in use where the tests run
    port = () if "--port" in words else ("--port", str(free_port()))
    refusal(crossings(command, *port, *words), message)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def started(monkeypatch):
    """`crossings app` where nothing is served: what it printed, and to whom it would be open."""
    monkeypatch.setattr(draft, "OPTIONS", draft.AppOptions())

    def start(*words):
        served = []

        def serve(page, port, token, ready):
            ready()
            served.append(token)

        monkeypatch.setattr(server, "serve", serve)
        done = CliRunner().invoke(cli, ["app", "--port", str(free_port()), *words])
        assert done.exit_code == 0, done.output
        return done.stderr, served[0]

    return start


def test_a_shipped_scenario_is_shown_by_its_name_and_a_file_by_what_it_holds(started, tmp_path):
    started()
    assert draft.OPTIONS.draft == question_draft()
    started("no-sharing", "--results", str(tmp_path))
    assert draft.OPTIONS.draft == draft.Draft("no-sharing")
    assert draft.OPTIONS.results == tmp_path
    (tmp_path / "no-sharing.toml").write_text(SHORT, encoding="utf-8")
    started(str(tmp_path / "no-sharing.toml"))
    whatif = draft.OPTIONS.draft
    assert whatif != draft.Draft("no-sharing")
    assert whatif.scenario().title == "A short run"


def test_what_is_printed_says_who_can_open_the_page(started):
    said, token = started()
    assert token
    assert "http://127.0.0.1:" in said
    assert f"/?token={token}" in said
    said, token = started("--no-token")
    assert token is None
    assert "token=" not in said
    assert "Every user and every program of this machine" in said


@pytest.fixture(scope="module")
def app():
    return server.application()


@pytest.mark.parametrize(("path", "kind", "begins"), [
    ("/crossings/plotly.min.js", "javascript", b"plotly.js"),
    ("/crossings/ground.json", "json", b"{"),
])  # fmt: skip
def test_the_library_and_the_ground_are_our_own(app, path, kind, begins):
    answer = ask(app, path)
    assert answer.status == 200
    assert kind in answer.headers["content-type"]
    assert begins in answer.body[:2000]


def test_of_the_server_library_only_what_the_page_needs_is_open(app):
    """A part that Solara renames or adds is noticed here, and is closed until it is named."""
    import solara.server.starlette as served

    paths = [getattr(route, "path", None) for route in served.routes]
    assert set(server.NEEDED) <= set(paths)
    for path in ("/resourcez", "/resourcez?verbose", "/readyz", "/jupyter/api/kernels/1", "/page",
                 "/static/public/x", "/_solara/api/evict/1", "/a/b"):  # fmt: skip
        assert ask(app, path).status == 404, path
        assert ask(app, path, method="POST").status in (404, 405), path
    assert ask(app, "/_solara/api/close/1?session_id=2").status == 405
    assert ask(app, "/_solara/api/close/1?session_id=2", method="POST").status == 200


@pytest.mark.parametrize("path", [
    "/_solara/cdn/no-such-thing@1.0/x.js", "/_solara/cdn/../../../../../../etc/passwd",
    "/_solara/cdn//etc/passwd", "/_solara/cdn/\0", f"/_solara/cdn/{'a' * 5_000}",
])  # fmt: skip
def test_what_is_not_here_is_fetched_from_nowhere(app, path, monkeypatch):
    def outside(*_, **__):
        raise AssertionError("asked another machine")

    monkeypatch.setattr("socket.socket.connect", outside)
    answer = ask(app, path)
    assert answer.status == 404
    assert b"root:" not in answer.body


def test_nothing_is_told_to_anybody():
    server.prepare()
    assert os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] == "false"
    import solara.server.settings as settings

    assert settings.telemetry.mixpanel_enable is False


def status(one: urllib.request.OpenerDirector, url: str, **headers: str) -> int:
    """The status of an answer, whatever it is; each has the security headers."""
    try:
        answer = one.open(urllib.request.Request(url, headers=headers), timeout=240)
    except urllib.error.HTTPError as error:
        answer = error
    with answer:
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
        return int(answer.status)


@pytest.mark.slow
def test_it_opens_says_where_and_stops(tmp_path):
    with served(tmp_path, None, ["full-sharing"]) as one:
        assert one.url.startswith("http://127.0.0.1:")
        assert len(one.token) >= 40
        assert status(SOMEBODY, f"{one.url}/") == 403
        mine = visitor(one.entry())
        with mine.open(f"{one.url}/", timeout=240) as answer:
            assert b"<title>crossings" in answer.read()
        assert status(mine, f"{one.url}/", Host="evil.example") == 403
        assert status(mine, f"{one.url}/resourcez") == 404
        assert visitor(one.entry().replace("127.0.0.1", "localhost"))
    # another start has another token
    with served(tmp_path, None) as another:
        assert one.token != another.token != ""
    for ended in (one, another):
        assert ended.process.returncode in (0, 130)
        assert "Traceback" not in ended.said()


@pytest.mark.slow
def test_without_a_token_it_says_what_that_means(tmp_path):
    with served(tmp_path, None, ["--no-token"]) as one:
        assert one.token == ""
        assert status(SOMEBODY, f"{one.url}/") == 200
        assert status(SOMEBODY, f"{one.url}/", Host="evil.example") == 403


def those_with(variable: str) -> list[str]:
    """The processes that have this in their environment."""
    processes = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):  # it has ended, or is somebody else's
            if variable.encode() in environ.read_bytes().split(b"\0"):
                processes.append(environ.parent.name)
    return processes


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_it_opens_before_the_model_is_compiled_and_ends_what_compiles_it(tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache))
    with served(tmp_path, None):
        until(lambda: any(cache.rglob("*.nbc")))
        assert len(those_with(f"NUMBA_CACHE_DIR={cache}")) == 2
    until(lambda: not those_with(f"NUMBA_CACHE_DIR={cache}"))
