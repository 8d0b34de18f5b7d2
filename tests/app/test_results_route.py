"""What the server hands out of a folder of results, and what it does not."""

from __future__ import annotations

import asyncio
import os

import pytest

from simulation.app.results_route import results_app
from tests.app.results_folders import broken, pretended

PAGE = "<!doctype html><p>a report</p>"


@pytest.fixture
def root(tmp_path):
    folder = pretended(tmp_path / "root" / "a b" / "x#1")
    (folder / "report.html").write_text(PAGE)
    (folder / "other.html").write_text("other")
    (folder / "fit.md").write_text("# A <b>fit</b>")
    (folder / "chart.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / ".parts").mkdir()
    (folder / ".parts" / "manifest.json").write_text("{}")
    (folder / ".parts" / "report.html").write_text("hidden")
    (tmp_path / "report.html").write_text("outside")
    (tmp_path / "root" / "report.html").write_text("in no folder of results")
    linked = pretended(tmp_path / "root" / "linked")
    os.symlink(tmp_path / "report.html", linked / "report.html")
    os.symlink(folder, tmp_path / "root" / "way")
    broken(tmp_path / "root")
    return tmp_path / "root"


def get(root, path, method="GET"):
    """Status, headers and body of an answer, asked as a server asks."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": [], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent = []

    asked = []

    async def receive():
        if asked:
            await asyncio.sleep(60.0)  # nobody hangs up
        asked.append(True)
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    asyncio.run(results_app(root)(scope, receive, send))
    headers = {key.decode().lower(): value.decode() for key, value in sent[0]["headers"]}
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], headers, body.decode()


def test_a_report_is_served_shut_off(root):
    status, headers, body = get(root, "/a b/x#1/report.html")
    assert (status, body) == (200, PAGE)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy


@pytest.mark.parametrize(("name", "kind"), [
    ("fit.md", "text/plain; charset=utf-8"), ("chart.svg", "image/svg+xml"),
])  # fmt: skip
def test_texts_and_charts_run_nothing(root, name, kind):
    status, headers, _ = get(root, f"/a b/x#1/{name}")
    assert (status, headers["content-type"]) == (200, kind)
    assert "script-src" not in headers["content-security-policy"]
    assert headers["content-security-policy"].endswith("sandbox")


@pytest.mark.parametrize("path", [
    "/", "/a b", "/a b/x#1", "/a b/x#1/", "/a b/x#1/manifest.json", "/a b/x#1/other.html",
    "/a b/x#1/.parts/report.html", "/report.html", "/../report.html", "/a b/../../report.html",
    "//etc/passwd", "/linked/report.html", "/way/report.html", "/damaged/report.html",
    "/no/report.html", "/\0/report.html", "/<script>alert(1)</script>/report.html",
    "/" + "x/" * 5_000 + "report.html",
])  # fmt: skip
def test_nothing_else_is_served(root, path):
    status, headers, body = get(root, path)
    assert status == 404
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "This page is not there" in body
    assert "<script" not in body
    assert "hidden" not in body
    assert "outside" not in body


def test_nothing_can_be_sent(root):
    assert get(root, "/a b/x#1/report.html", "POST")[0] == 405
