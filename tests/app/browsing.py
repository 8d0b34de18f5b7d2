"""A page in a real browser: it is watched for faults, and used as a visitor uses it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.patience import Patience

if TYPE_CHECKING:
    import subprocess

    from playwright.sync_api import ConsoleMessage, Page, Request, Response

#: most seconds a single step of the browser may take; only what hangs takes them
PATIENCE = 120.0
#: milliseconds in which what was not lost shows
SOON = 5_000
#: milliseconds between two looks at a page: each costs the browser several
LOOK = 120
#: most seconds in which neither the browser nor the server does anything while a page is waited
#: for; what is lost costs no more, as the test is then tried again in a fresh browser
IDLE = 45.0
#: days of the short run before its first, and in all
WARM_UP, DAYS = 20, 91
#: so short that a page is ready in seconds
SHORT = f"""
title = "A short run"
extends = "baseline"
[run]
start = 2023-06-01
end = 2023-08-10
warm_up_days = {WARM_UP}
"""


@dataclass
class Served:
    """A server of the app that has been started, its folder of results, and its standard error."""

    #: without a slash at the end
    url: str
    #: empty where a browser needs none
    token: str
    results: Path
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """What it has written so far."""
        return self.log.read_text(encoding="utf-8")

    def entry(self, path: str = "/") -> str:
        """The address of a page for a browser that does not have the cookie yet."""
        return f"{self.url}{path}{'&' if '?' in path else '?'}token={self.token}"


@dataclass
class Watch:
    """What went wrong on a page, in words."""

    page: Page
    #: the only address it may ask
    origin: str
    faults: list[str] = field(default_factory=list)
    #: parts of faults that a test provokes
    expected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        self.page.on("console", self._console)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)
        self.page.on("crash", lambda _: self.faults.append("the page crashed"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console error: {message.text}")

    def _asked(self, request: Request) -> None:
        own = (f"{self.origin}/", "data:", "blob:", "about:")
        if not request.url.startswith(own):
            self.faults.append(f"asked somebody else: {request.url[:200]}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"status {response.status}: {response.url[:200]}")

    def unexpected(self) -> list[str]:
        """Faults that no test has provoked."""
        return [fault for fault in self.faults if not any(part in fault for part in self.expected)]


# -- waiting --------------------------------------------------------------------------------------


def until(page: Page, true: Callable[[], Any], what: str | Callable[[], str]) -> Any:
    """Wait until something is so; what it gave, or a failure that says what did not come.

    It waits as long as something moves (`tests/patience.py`).
    """
    patience = Patience(IDLE)
    while not (value := true()):
        patience.check(what)
        # the browser is heard while this waits
        page.wait_for_timeout(LOOK)
    return value


def again(page: Page, act: Callable[[], Any], so: Callable[[], Any], what: str) -> None:
    """Do something until it shows, or a failure that says what did not come.

    What is drawn anew at the moment of a click or of a letter loses it, as a person's would be; so
    what is done may be done twice without harm.
    """
    from playwright.sync_api import TimeoutError as NotYet

    patience = Patience(IDLE)
    while not so():
        patience.check(what)
        page.set_default_timeout(SOON)
        with suppress(NotYet):
            act()
        page.set_default_timeout(PATIENCE * 1_000)
        soon = time.monotonic() + SOON / 1_000
        while time.monotonic() < soon and not so():
            # the browser is heard while this waits
            page.wait_for_timeout(LOOK)


# -- the bar --------------------------------------------------------------------------------------


def bar(page: Page) -> dict[str, Any]:
    """What the bar says: `phase`, and `over` and `day` in days."""
    dataset = page.locator(".crossings-bar").evaluate("bar => ({...bar.dataset})")
    return {"phase": dataset["phase"], "over": int(dataset["over"]), "day": int(dataset["day"])}


def press(page: Page, name: str) -> None:
    """Press a button, found by what it says."""
    page.get_by_role("button", name=name, exact=True).click()


def open_tab(page: Page, name: str, mark: str) -> None:
    """Open another tab of the page, on which there is a mark."""
    marks, click = page.locator(mark), page.get_by_role("tab", name=name).click
    again(page, click, lambda: marks.count() == 1, f"“{name}” does not open")


def drawn(page: Page) -> list[int]:
    """The number of the frame that each pair of maps shows."""
    numbers = page.locator(".crossings-maps").evaluate_all(
        "all => all.filter(one => one.querySelectorAll('svg').length === 2)"
        ".map(one => one.getAttribute('data-drawn'))"
    )
    return [int(number) for number in numbers if number]
