"""Servers of the app that files of tests share, and watched pages in a headless Chromium."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from tests.app.browsing import PATIENCE, SHORT, Served, Watch
from tests.app.outside import others, watched
from tests.estimates.effects_library import ACTING, library_of
from tests.patience import Patience

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # a process for each window draws what no test opens, the list below the field for addresses;
    # the other features are those that Playwright turns off, whose list this one replaces
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,OptimizationHints,"
    "NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch",
]  # fmt: skip
Opener = Callable[..., Watch]


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


_PRINTED = re.compile(r"^Open (http://\S+) in a browser", re.MULTILINE)


def printed(said: str) -> str | None:
    """The address that the server has printed on its standard error; None before it has."""
    match = _PRINTED.search(said)
    return match[1] if match else None


def visitor(address: str) -> urllib.request.OpenerDirector:
    """Something that holds the cookie of the server at a printed address, as a browser does."""
    cookies = urllib.request.HTTPCookieProcessor()
    # no proxy: what is asked is on this machine
    one = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
    with one.open(address, timeout=PATIENCE) as answer:
        assert answer.status == 200
    return one


def answers(address: str) -> bool:
    """Whether the page can be opened."""
    try:
        visitor(address).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


@contextlib.contextmanager
def served(
    folder: Path,
    scenario: str | None = SHORT,
    options: Sequence[str] = (),
    start: str = "",
    command: str = "app",
) -> Iterator[Served]:
    """A server with its results and log in a folder, in a process of its own, while a block runs.

    `start` is Python that runs in the process before the command does, `app` or `mesa`.
    """
    port = free_port()
    results, log = folder / "results", folder / "server.log"
    results.mkdir(exist_ok=True)
    words = []
    if scenario is not None:
        (folder / "short.toml").write_text(scenario, encoding="utf-8")
        words.append(str(folder / "short.toml"))
    if command == "app":
        words += ["--results", str(results)]
    program = ["-m", "simulation"]
    if start:
        program = ["-c", f"{start}\nfrom simulation.entrypoint import main\nmain()"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, *program, command, *words, "--port", str(port), *options],
            stdout=subprocess.DEVNULL, stderr=out, cwd=ROOT,
        )  # fmt: skip
    try:
        patience = Patience()
        while True:
            said = log.read_text(encoding="utf-8")
            address = printed(said)
            if address is not None and answers(address):
                break
            assert process.poll() is None, f"the server has ended: {said}"
            patience.check(f"the server does not answer: {said}")
            time.sleep(0.2)
        url, _, token = address.partition("/?token=")
        yield Served(url, token, results, process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server as `crossings app` starts it, with a library in which some policies act.

    It asks no other machine for anything.
    """
    folder = tmp_path_factory.mktemp("app")
    file = folder / "acting.npz"
    file.write_bytes(library_of(*ACTING).as_bytes())
    start = watched(folder / "home") + COMPILED + STAND_IN.format(file=str(file))
    with served(folder, None, start=start) as one:
        yield one
    assert others(one.said()) == set()


class Chromium:
    """Debian's Chromium, started with some options; nothing is downloaded for the tests.

    Preferred is the one that has no windows, the same engine for some four fifths of the work.
    """

    #: how often all browsers were to be replaced
    _latest: ClassVar[int] = 0

    def __init__(self, playwright: Playwright, options: Sequence[str]) -> None:
        executable = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        assert executable, "there is no Chromium, which these tests need: `.ci/run` installs it"
        self._start = functools.partial(
            playwright.chromium.launch, executable_path=executable, args=[*options]
        )
        self._started, self._generation = self._start(), self._latest

    @classmethod
    def renew_all(cls) -> None:
        """Let every browser that runs be replaced by a fresh one when it is asked for."""
        cls._latest += 1

    def running(self) -> Browser:
        """The browser; a fresh one where it has crashed or a test is tried again."""
        if self._generation != self._latest:
            self.close()
        if not self._started.is_connected():
            self._started, self._generation = self._start(), self._latest
        return self._started

    def close(self) -> None:
        """End the browser, also one that does not answer."""
        from playwright.sync_api import Error

        with contextlib.suppress(Error):
            self._started.close()


@contextlib.contextmanager
def chromium(options: Sequence[str] = CHROMIUM) -> Iterator[Chromium]:
    """A browser that was started with these options, until the end of the block."""
    from playwright.sync_api import sync_playwright

    # not for the whole session: its event loop would be in the way of tests with one of their own
    with sync_playwright() as playwright:
        one = Chromium(playwright, options)
        yield one
        one.close()


@pytest.fixture(scope="module")
def started_chromium() -> Iterator[Chromium]:
    """One browser for all tests of a file."""
    with chromium() as one:
        yield one


@pytest.fixture
def browser(started_chromium: Chromium) -> Browser:
    """A browser that runs."""
    return started_chromium.running()


def close(context: BrowserContext) -> None:
    """Close pages that a test has done with; a browser that crashes over it is no fault of theirs.

    Chromium does so now and then, where a page asks whether it may be left. Pages are left before,
    as a browser without windows closes them without a word to their server.
    """
    from playwright.sync_api import Error

    try:
        for page in context.pages:
            with contextlib.suppress(Error):  # a test may have the page stay
                page.goto("about:blank")
        context.close()
    except Error:
        browser = context.browser
        assert browser is not None
        assert not browser.is_connected(), "the browser runs, and does not close its pages"


@pytest.fixture
def visit(server: Served, browser: Browser) -> Iterator[Opener]:
    """Opens pages; at the end of the test each of them, and the server, must be without a fault."""
    watched: list[Watch] = []
    contexts: list[BrowserContext] = []
    said = len(server.said())

    def opened(path: str = "/", **options: Any) -> Watch:
        """Open a page of a visitor of its own."""
        usual = {
            "viewport": {"width": 1280, "height": 900},
            "locale": "en-GB",
            # also: a colour that changes little by little is seen at its end
            "reduced_motion": "reduce",
        }
        context = browser.new_context(**(usual | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1_000)
        watch = Watch(page, server.url)
        watched.append(watch)
        page.goto(server.entry(path))
        return watch

    yield opened
    faults = [fault for watch in watched for fault in watch.unexpected()]
    for context in contexts:
        close(context)
    trace = server.said()[said:]
    assert faults == []
    assert "Traceback" not in trace, trace


#: what a server runs before it starts where the tests have compiled the model
COMPILED = """
from simulation.app import server
server.compile_beside = lambda: None
"""
#: what a server runs before it starts, so that it estimates from the library in a file
STAND_IN = """
from pathlib import Path
from simulation.estimates import estimate
from simulation.estimates.library import Library
Library.file = Path({file!r})
estimate.changes_since = lambda *of: []
"""
