"""Make the pictures of the pages anew: reports on the question that is shipped, and the app.

    uv run --group dev python docs/pictures.py

It compares, ranks the agreements, serves the app and Mesa's viewer, and opens all in Chromium. It
takes some ten minutes. Look at what it has made.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).with_name("img")
CROSSINGS = [sys.executable, "-m", "simulation"]
QUESTION = "outlook-agreements-deepened"
#: pairs enough for a range, however fast the machine is
PAIRS = ("--scale", "0.1", "--replications", "60")
SIZE = {"width": 1360, "height": 850}
SCHEMES = ("light", "dark")
#: colours of a picture; so many keep it as it looks, at half the size
COLOURS = 256
#: milliseconds in which a page must show what its picture is of
PATIENCE = 300_000
#: milliseconds after which nothing fades in any more
SETTLED = 3_000


def picture(
    browser: Browser, name: str, address: str, ready: Callable[[Page], None], both: bool = True
) -> None:
    """Write what a page shows.

    Args:
        browser: Opens the page.
        name: Of the file.
        address: Of the page.
        ready: Brings the page to what its picture is of.
        both: In light and in dark colours; in light ones otherwise.
    """
    for scheme in SCHEMES if both else SCHEMES[:1]:
        context = browser.new_context(viewport=SIZE, color_scheme=scheme, locale="en-GB")
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        ready(page)
        page.wait_for_timeout(SETTLED)
        file = IMAGES / f"{name}-{scheme}.png"
        with Image.open(io.BytesIO(page.screenshot())) as shown:
            shown.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
                file, optimize=True
            )
        print(f"{file}: {file.stat().st_size / 1000:.0f} kB")
        context.close()


@contextlib.contextmanager
def served(*words: str) -> Iterator[str]:
    """The address of a server that a command starts."""
    with subprocess.Popen([*CROSSINGS, *words], stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stderr is not None
            lines = (re.match(r"Open (http://\S+) in a browser", line) for line in server.stderr)
            yield next(match[1] for match in lines if match)
        finally:
            server.terminate()


def report(page: Page) -> None:
    """A report, when its first chart is drawn."""
    page.locator("svg").first.wait_for()


def answer(page: Page) -> None:
    """The answer of the app."""
    page.locator(".answer-large").wait_for()


def watch(page: Page) -> None:
    """Two worlds, some weeks after their first day."""
    page.get_by_role("button", name="Play", exact=True).click()
    page.locator(".crossings-bar[data-phase=playing]").wait_for()
    page.wait_for_function("Number(document.querySelector('.crossings-bar').dataset.day) > 400")
    page.get_by_role("button", name="Pause", exact=True).click()
    page.locator(".crossings-bar[data-phase=paused]").wait_for()


def viewer(page: Page) -> None:
    """Mesa's viewer, some weeks after its first day."""
    page.get_by_role("button", name="▶").click()
    page.wait_for_timeout(15_000)
    page.get_by_role("button", name="❚❚").click()
    page.get_by_role("button", name="▶").wait_for()


def main() -> None:
    """Make all pictures."""
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as play,
        play.chromium.launch(executable_path=chromium) as browser,
    ):
        for name, words in {
            "compare": ("compare", QUESTION, "--period", "2027..2028", *PAIRS),
            "agreements": ("agreements",),
        }.items():
            results = Path(folder) / name
            subprocess.run([*CROSSINGS, *words, "--out", results], check=True)
            # a report is light whatever its reader prefers, as it is on paper
            picture(browser, name, (results / "report.html").as_uri(), report, both=False)
        with served("app", "--results", folder) as address:
            picture(browser, "answer", address, answer)
            picture(browser, "watch", f"{address}&tab=watch", watch)
        with served("mesa") as address:
            picture(browser, "mesa", address, viewer, both=False)


if __name__ == "__main__":
    main()
