"""A page in a real browser: it is watched for faults, and used as a visitor uses it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.app.draft import Draft
from simulation.app.links import PageState, state_of

if TYPE_CHECKING:
    import subprocess

    from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response

#: most seconds anything may take on a machine that has other work
PATIENCE = 60.0
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
    """A server of the app that has been started.

    Attributes:
        url: Where its pages are, without a slash at the end.
        token: The secret that a browser needs; empty where there is none.
        results: Its folder of results.
        process: The process.
        log: What it has written to its standard error.
    """

    url: str
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
    """What went wrong on a page.

    Attributes:
        page: The page.
        origin: The only address it may ask.
        faults: What went wrong so far, in words.
        expected: Parts of faults that a test provokes.
    """

    page: Page
    origin: str
    faults: list[str] = field(default_factory=list)
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


def until(page: Page, true: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until something is so; what it gave, or a failure that says what did not come."""
    ends = time.monotonic() + seconds
    while True:
        found = true()
        if found:
            return found
        assert time.monotonic() < ends, f"after {seconds:g} seconds: {what}"
        # the browser is heard while this waits
        page.wait_for_timeout(40)


def ready(page: Page, two: bool = False) -> None:
    """Wait until the runs are built and the maps drawn."""
    maps = 2 if two else 1
    until(page, lambda: page.locator(".crossings-bar").count() == 1, "there is no bar")
    until(page, lambda: len(drawn(page)) == maps, f"there are not {maps} drawn maps")
    until(page, lambda: bar(page)["phase"] == "paused", "the runs are not ready")


def anew(page: Page, begin: Callable[[], None], two: bool = False) -> None:
    """Do what begins the runs anew, and wait until they have been built again."""
    # with few people they are built in less time than passes between two looks from here
    page.evaluate(
        "() => { const bar = document.querySelector('.crossings-bar'); window.phases = [];"
        " new MutationObserver(() => window.phases.push(bar.dataset.phase))"
        ".observe(bar, {attributes: true}); }"
    )
    begin()
    until(page, lambda: "building" in page.evaluate("window.phases"), "nothing begins anew")
    ready(page, two)
    settled(page)


def settled(page: Page) -> None:
    """Wait until every frame that was sent has been drawn and no more come."""
    before: list[int] = []
    quiet = 0

    def still() -> bool:
        nonlocal before, quiet
        now = drawn(page)
        quiet = quiet + 1 if now == before else 0
        before = now
        return quiet > 8

    until(page, still, "frames do not end")


# -- the bar --------------------------------------------------------------------------------------


def bar(page: Page) -> dict[str, Any]:
    """What the bar says: `phase`, and `over` and `day` in days."""
    found = page.locator(".crossings-bar").evaluate("bar => ({...bar.dataset})")
    return {"phase": found["phase"], "over": int(found["over"]), "day": int(found["day"])}


def words(page: Page) -> str:
    """The date on the bar, in words."""
    return page.locator(".crossings-when strong").inner_text()


def press(page: Page, name: str) -> None:
    """Press a button, found by what it says."""
    page.get_by_role("button", name=name, exact=True).click()


def play(page: Page) -> None:
    """Press Play, and wait until days go by."""
    before = bar(page)["over"]
    press(page, "Play")
    until(page, lambda: bar(page)["over"] > before, "no day goes by")


def step_to(page: Page, name: str, days: int) -> None:
    """Press a button that simulates some days, and wait until they are over and drawn."""
    wanted = bar(page)["over"] + days
    press(page, name)
    until(page, lambda: bar(page)["over"] == wanted, f"{days} days are not over")
    settled(page)


def speed(page: Page, text: str) -> None:
    """Choose how many days are simulated in a second."""
    page.get_by_label("Speed").select_option(label=text)


def to_the_end(page: Page) -> None:
    """Play as fast as it goes until the run is over."""
    speed(page, "as fast as it goes")
    press(page, "Play")
    until(page, lambda: bar(page)["phase"] == "finished", "the run does not end", 2 * PATIENCE)


# -- figures --------------------------------------------------------------------------------------


def drawn(page: Page) -> list[int]:
    """The number of the frame that each pair of maps shows."""
    numbers = page.locator(".crossings-maps").evaluate_all(
        "all => all.filter(one => one.querySelectorAll('svg').length === 2)"
        ".map(one => one.getAttribute('data-drawn'))"
    )
    return [int(number) for number in numbers if number]


@dataclass(frozen=True)
class MapState:
    """What a pair of maps shows: the look of every leg, and the size of every place."""

    legs: tuple[str, ...]
    radii: tuple[float, ...]


def map_state(page: Page, which: int = 0) -> MapState:
    """What a pair of maps shows; fails where there is no figure."""
    maps = page.locator(".crossings-maps").nth(which)
    assert maps.locator("svg").count() == 2, "a map is missing"
    found = maps.evaluate(
        "maps => ({legs: [...maps.querySelectorAll('.leg')].map(one => one.getAttribute('class')),"
        " radii: [...maps.querySelectorAll('circle.place')].map(one => one.getAttribute('r'))})"
    )
    state = MapState(tuple(found["legs"]), tuple(float(r) for r in found["radii"]))
    assert len(state.legs) > 50, "legs are missing"
    assert len(state.radii) > 30, "places are missing"
    assert any("nobody" not in leg for leg in state.legs), "nobody is on any leg"
    assert len(set(state.radii)) > 3, "places do not differ in size"
    return state


def figure(page: Page, title: str) -> Locator:
    """A chart, found by its title."""
    chart = page.locator(".crossings-chart").filter(has=page.locator("figcaption", has_text=title))
    until(page, lambda: chart.count() == 1, f"there is no chart “{title}”")
    return chart


def points(page: Page, title: str) -> int:
    """How many points a chart has; fails where there is no figure."""
    chart = figure(page, title)
    until(page, lambda: chart.get_attribute("data-points") is not None, f"“{title}” is empty")
    assert chart.locator(".js-plotly-plot svg.main-svg").count() > 0, f"“{title}” is not drawn"
    return int(chart.get_attribute("data-points") or 0)


def curves(page: Page, title: str) -> list[str]:
    """The paths that are drawn on a chart, points of their own included."""
    chart = figure(page, title)
    paths = chart.locator(".scatterlayer path.js-line, .scatterlayer .points path")
    return [str(path) for path in paths.evaluate_all("all => all.map(one => one.outerHTML)")]


# -- fields of Vuetify ----------------------------------------------------------------------------


def box(page: Page, label: str, within: Locator | None = None) -> Locator:
    """The field of this label, with its frame; the last where there are several."""
    fields = (within or page).locator(".v-input") if within else page.locator(".v-input")
    return fields.filter(has=page.locator("label", has_text=exactly(label))).last


def exactly(text: str) -> Any:
    """A pattern for a text that is this and nothing else."""
    return re.compile(rf"^\s*{re.escape(text)}\s*$")


def choose(page: Page, label: str, item: str, within: Locator | None = None) -> None:
    """Choose from a list with the mouse."""
    box(page, label, within).locator(".v-input__slot").first.click()
    page.locator(".menuable__content__active .v-list-item", has_text=exactly(item)).click()
    page.keyboard.press("Tab")
    until(page, lambda: page.locator(".menuable__content__active .v-list-item").count() == 0,
          f"the list of “{label}” stays open")  # fmt: skip


def find(
    page: Page, label: str, typed: str, within: Locator | None = None, item: str | None = None
) -> None:
    """Choose from a long list by typing a part of what is wanted."""
    box(page, label, within).locator(".v-input__slot").first.click()
    page.keyboard.type(typed)
    items = page.locator(".menuable__content__active .v-list-item")
    items.filter(has_text=exactly(item) if item else typed).first.click()
    page.keyboard.press("Tab")


def write(page: Page, label: str, text: str, within: Locator | None = None) -> None:
    """Type into a field and leave it; again if it was drawn anew meanwhile with what it held."""
    field_ = box(page, label, within).locator("input").first
    held = field_.input_value()

    def taken() -> bool:
        field_.fill(text)
        field_.focus()  # again, for a field that is left says so
        field_.blur()
        page.wait_for_timeout(100)
        return held == text or field_.input_value() != held

    until(page, taken, f"“{label}” does not take “{text}”")


# -- the what-if ----------------------------------------------------------------------------------


def unfold(page: Page, *parts: str) -> None:
    """Unfold parts of the controls, found by their headings."""
    for part in parts:
        header = page.locator(".v-expansion-panel-header", has_text=exactly(part))
        header.click()
        content = page.locator(".v-expansion-panel--active", has=header)
        until(page, lambda content=content: content.locator("button").count() > 1
              or content.locator("input").count() > 1, f"“{part}” does not unfold")  # fmt: skip


def link(page: Page) -> str:
    """The query of the link to the what-if."""
    return box(page, "Link").locator("input").input_value().partition("?")[2]


def made(page: Page) -> Draft:
    """The what-if as it is, taken from its link."""
    return state_of(link(page), Draft()).draft


def held(page: Page, plain: Draft) -> PageState:
    """What the address of the page holds; `plain` is the what-if of an address that names none."""
    return state_of(page.url.partition("?")[2], plain)


def holds(page: Page, section: str, **values: Any) -> None:
    """Wait until the link has one entry of a section, with these values: words come before it."""

    def true() -> bool:
        entries = made(page).data.get(section, ())
        return len(entries) == 1 and values.items() <= entries[0].items()

    until(page, true, f"the link does not hold one {section} with {values}")
