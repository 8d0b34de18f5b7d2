"""The server: what it listens on, what it serves, and that it asks nobody else for anything."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from simulation.app import server
from simulation.errors import InputError

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def crossings(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulation", "app", *words],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60,
    )  # fmt: skip


def test_a_port_in_use_is_refused_in_words():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = crossings("--port", str(port))
    assert done.returncode == 2
    assert done.stderr.startswith(f"--port = {port}: something else listens on this port")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("words", "message"), [
    (("--port", "0"), "--port = 0: out of range; allowed: 1 to 65535"),
    (("--port", "http"), '--port = "http": not a whole number'),
    (("--host", "no.such.host.invalid"), "no address of this machine"),
    (("basline",), 'did you mean "baseline"?'),
])  # fmt: skip
def test_what_cannot_be_served_is_refused_in_one_line(words, message):
    done = crossings(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(("number", "message"), [
    (errno.EADDRINUSE, "--port = 8765: something else listens on this port"),
    (errno.EADDRNOTAVAIL, '--host = "::1": no address of this machine'),
    (errno.EACCES, "--port = 8765: this port is kept for the system"),
    (errno.EAFNOSUPPORT, '--host = "::1": cannot be listened on (address family not supported'),
])  # fmt: skip
def test_what_the_system_refuses_is_told_by_its_number(monkeypatch, number, message):
    def refuse(*_, **__):
        # as another system, or another language, words it
        raise OSError(number, os.strerror(number).replace("assign", "zuweisen"))

    monkeypatch.setattr(server.socket, "socket", refuse)
    with pytest.raises(InputError) as caught:
        server.check_address("::1", 8765)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(("host", "shown"), [
    ("127.0.0.1", "http://127.0.0.1:8765"), ("::1", "http://[::1]:8765"),
    ("0.0.0.0", "http://localhost:8765"), ("::", "http://localhost:8765"),
])  # fmt: skip
def test_the_address_that_is_shown_can_be_opened(host, shown):
    assert server.address(host, 8765) == shown


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(InputError, match="no address of this machine"):
        server.check_address("192.0.2.1", free_port())


@pytest.mark.parametrize(("host", "local"), [
    ("127.0.0.1", True), ("localhost", True), ("::1", True),
    ("0.0.0.0", False), ("10.1.2.3", False),
])  # fmt: skip
def test_who_can_reach_it(host, local):
    assert server.is_local(host) is local


def asked(app, path: str) -> tuple[int, dict[str, str], bytes]:
    """What the application answers to a GET."""
    sent: list[dict] = []

    async def ask() -> None:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET",
            "path": path, "raw_path": path.encode(), "query_string": b"", "headers": [],
            "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1),
            "root_path": "",
        }  # fmt: skip

        received = []

        async def receive() -> dict:
            if received:
                await asyncio.Event().wait()  # nothing more comes
            received.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict) -> None:
            sent.append(message)

        await app(scope, receive, send)

    asyncio.run(ask())
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(one.get("body", b"") for one in sent[1:])


@pytest.fixture(scope="module")
def app():
    return server.application()


def test_the_library_and_the_ground_are_our_own(app):
    status, headers, body = asked(app, "/crossings/plotly.min.js")
    assert status == 200
    assert "javascript" in headers["content-type"]
    assert b"plotly.js" in body[:2000]
    status, _, body = asked(app, "/crossings/ground.json")
    assert status == 200
    assert body.startswith(b"{")


@pytest.mark.parametrize("path", [
    "/_solara/cdn/no-such-thing@1.0/x.js",
    "/_solara/cdn/../../../../../../etc/passwd",
    "/_solara/cdn//etc/passwd",
])  # fmt: skip
def test_what_is_not_here_is_fetched_from_nowhere(app, path, monkeypatch):
    def outside(*_, **__):
        raise AssertionError("asked another machine")

    monkeypatch.setattr("socket.socket.connect", outside)
    status, _, body = asked(app, path)
    assert status == 404
    assert b"root:" not in body


def test_nothing_is_told_to_anybody():
    server.prepare()
    assert os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] == "false"
    import solara.server.settings as settings

    assert settings.telemetry.mixpanel_enable is False


@pytest.mark.slow
def test_it_opens_says_where_and_stops():
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "simulation", "app", "full-sharing", "--host", "0.0.0.0", "--port",
         str(port)],
        stderr=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        end = time.monotonic() + 90
        body = b""
        while time.monotonic() < end and not body:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                    body = answer.read()
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.5)
        assert b"<title>crossings" in body
    finally:
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert f"Open http://localhost:{port} in a browser" in told
    assert "There is no password." in told
    assert "Traceback" not in told
