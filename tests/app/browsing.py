"""A page in a real browser: it is watched for faults, and used as a visitor uses it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulation.app.draft import Draft
from simulation.app.links import PageState, state_of
from tests.patience import Patience

if TYPE_CHECKING:
    import subprocess

    from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response

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
#: a scenario file that somebody brings
BROUGHT = SHORT.replace("A short run", "Brought along") + (
    '[[sharing]]\nbetween = ["UK", "RS"]\nlevel = "full"\nfrom = 2023-07-01\n'
)


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


def opened(page: Page, two: bool = False) -> None:
    """Wait until the page is there with its maps, which are on the tab *Watch*."""
    maps, tab = 2 if two else 1, page.get_by_role("tab", name="Watch")
    again(page, tab.click, lambda: page.locator(".crossings-bar").count() == 1, "there is no bar")
    until(page, lambda: len(drawn(page)) == maps, f"there are not {maps} drawn maps")


def ready(page: Page, two: bool = False) -> None:
    """Wait until the page is there, and its runs are built: by Reset where nothing has been run."""
    opened(page, two)
    if bar(page)["phase"] == "empty":
        press(page, "Reset")
    until(
        page, lambda: bar(page)["phase"] == "paused", lambda: f"the runs are not ready: {bar(page)}"
    )


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
        return quiet > 3

    until(page, still, "frames do not end")


# -- the bar --------------------------------------------------------------------------------------


def bar(page: Page) -> dict[str, Any]:
    """What the bar says: `phase`, and `over` and `day` in days."""
    dataset = page.locator(".crossings-bar").evaluate("bar => ({...bar.dataset})")
    return {"phase": dataset["phase"], "over": int(dataset["over"]), "day": int(dataset["day"])}


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
    until(page, lambda: bar(page)["over"] > before, lambda: f"no day goes by: {bar(page)}")


def stopped(page: Page) -> None:
    """Wait until the runs stop before their end: a run that is over cannot be paused any more."""
    until(page, lambda: bar(page)["phase"] != "playing", "it does not stop")
    assert bar(page)["phase"] == "paused", "the run was over before"


def pause(page: Page) -> None:
    """Press Pause, and wait until the runs stop."""
    press(page, "Pause")
    stopped(page)


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
    until(page, lambda: bar(page)["phase"] == "finished", "the run does not end")


def show_layer(page: Page, shown: bool = True) -> None:
    """Show patrols and smugglers on every map, or on none."""
    layers = page.locator(".crossings-map svg.layer")
    maps = page.locator(".crossings-map").count() if shown else 0
    click = page.get_by_label("Patrols and smugglers").click
    again(page, click, lambda: layers.count() == maps, "the layer does not follow")


def open_tab(page: Page, name: str, mark: str) -> None:
    """Open another tab of the page, on which there is a mark."""
    marks, click = page.locator(mark), page.get_by_role("tab", name=name).click
    again(page, click, lambda: marks.count() == 1, f"“{name}” does not open")


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
    shapes = maps.evaluate(
        "maps => ({legs: [...maps.querySelectorAll('.leg')].map(one => one.getAttribute('class')),"
        " radii: [...maps.querySelectorAll('path.place')].map(one => one.dataset.size)})"
    )
    state = MapState(tuple(shapes["legs"]), tuple(float(r) for r in shapes["radii"]))
    assert len(state.legs) > 50, "legs are missing"
    assert len(state.radii) > 30, "places are missing"
    assert any("unused" not in leg for leg in state.legs), "every leg is unused"
    assert len(set(state.radii)) > 3, "places do not differ in size"
    return state


def figure(page: Page, title: str) -> Locator:
    """A chart, found by its title and brought into view: it is drawn where it is seen."""
    chart = page.locator(".crossings-chart").filter(has=page.locator("figcaption", has_text=title))
    until(page, lambda: chart.count() == 1, f"there is no chart “{title}”")
    chart.scroll_into_view_if_needed()
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
    return (
        (within or page)
        .locator(".v-input")
        .filter(has=page.locator("label", has_text=exactly(label)))
        .last
    )


def exactly(text: str) -> re.Pattern[str]:
    """A pattern for a text that is this and nothing else."""
    return re.compile(rf"^\s*{re.escape(text)}\s*$")


def choose(page: Page, label: str, item: str, within: Locator | None = None) -> None:
    """Choose from a list with the mouse."""
    _pick(page, box(page, label, within), exactly(item))


def find(
    page: Page, label: str, typed: str, within: Locator | None = None, item: str | None = None
) -> None:
    """Choose from a long list by typing a part of what is wanted."""
    wanted = exactly(item) if item else re.compile(re.escape(typed))
    _pick(page, box(page, label, within), wanted, typed)


def _pick(page: Page, field_: Locator, wanted: re.Pattern[str], typed: str = "") -> None:
    """Choose from the list of a field; once more where it was drawn anew meanwhile."""
    listed = page.locator(".menuable__content__active .v-list-item")
    text, clicked = field_.locator("input").first, False

    def act() -> None:
        nonlocal clicked
        if listed.count() == 0:
            field_.locator(".v-input__slot").first.click()
        if typed:
            text.fill(typed)
        listed.filter(has_text=wanted).first.click()
        clicked = True
        page.keyboard.press("Tab")

    def taken() -> bool:
        held = [*field_.inner_text().splitlines(), text.input_value()]
        return clicked and listed.count() == 0 and any(map(wanted.search, held))

    again(page, act, taken, f"“{wanted.pattern}” is not taken")


def write(
    page: Page,
    label: str,
    text: str,
    within: Locator | None = None,
    so: Callable[[], Any] | None = None,
) -> None:
    """Type into a field and leave it, again until the page has taken it, or `so` what it gives."""
    field_ = box(page, label, within).locator("input").first
    held = field_.input_value()

    def act() -> None:
        field_.focus()  # first: a field tells what was typed since it has been come to
        field_.fill(text)
        field_.blur()

    taken = so or (lambda: field_.input_value() != held)
    again(page, act, taken, f"“{label}” does not take “{text}”")


# -- the what-if ----------------------------------------------------------------------------------

UK_SERBIA = "Sharing between Serbia and UK"


def unfold(page: Page, *parts: str) -> None:
    """Unfold parts of the controls, found by their headings."""
    for part in parts:
        header = page.locator(".v-expansion-panel-header", has_text=exactly(part))
        content = page.locator(".v-expansion-panel--active", has=header)
        inputs = content.locator("button:not(.v-expansion-panel-header), input")
        again(page, header.click, lambda inputs=inputs: inputs.count(), f"“{part}” stays folded")


def set_level(page: Page, level: str = "high", sides: str = UK_SERBIA) -> None:
    """Two sides share on a level, or as at the start if it is empty: chosen with the mouse."""
    cell = page.locator(f".sharing-matrix [aria-label^='{sides}']").last
    choice = page.locator(f".picker [data-level='{level}']")

    def act() -> None:
        if not choice.is_visible():
            cell.click()
        choice.click()

    def taken() -> bool:
        said = str(cell.get_attribute("aria-label"))
        return f": {level}" in said if level else "changed" not in said

    again(page, act, taken, f"“{level}” is not taken")


def entitle(page: Page, title: str) -> None:
    """Give the what-if a title."""
    write(page, "Title of the what-if", title, so=lambda: whatif(page).title == title)


def bring(page: Page, content: bytes | Path, name: str = "brought.toml") -> None:
    """Open a scenario file as a visitor does."""
    with page.expect_file_chooser() as chooser:
        press(page, "Open a file")
    sent = {"name": name, "mimeType": "text/plain", "buffer": content}
    chooser.value.set_files(content if isinstance(content, Path) else sent)


def bring_along(page: Page) -> None:
    """Open the file that somebody brings, and wait until it is open."""
    bring(page, BROUGHT.encode())
    until(page, lambda: whatif(page).title == "Brought along", "it is not open")


def differs(page: Page) -> list[str]:
    """What differs from the baseline, in the page's words."""
    return page.locator("section[aria-label='What differs from the baseline'] li").all_inner_texts()


def link(page: Page) -> str:
    """The query of the link to the what-if."""
    return box(page, "Link").locator("input").input_value().partition("?")[2]


def whatif(page: Page) -> Draft:
    """The what-if as it is, taken from its link."""
    return state_of(link(page), Draft()).draft


def address(page: Page) -> str:
    """The query of the address, without the tab *Watch*."""
    return re.sub(r"^tab=watch&?", "", page.url.partition("?")[2])


def held(page: Page, plain: Draft) -> PageState:
    """What the address of the page holds; `plain` is the what-if of an address that names none."""
    return state_of(address(page), plain)


def holds(page: Page, section: str, **values: Any) -> None:
    """Wait until the link has one entry of a section, with these values: words come before it."""

    def true() -> bool:
        entries = whatif(page).data.get(section, ())
        return len(entries) == 1 and values.items() <= entries[0].items()

    until(page, true, f"the link does not hold one {section} with {values}")
