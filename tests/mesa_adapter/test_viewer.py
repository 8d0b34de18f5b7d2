"""The examples for users of Mesa: the viewer in a real browser, and the notebook."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from simulation.scenario import shipped_scenarios
from tests.app.browser_fixtures import Chromium, answers, chromium, close, free_port
from tests.app.browsing import Watch, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EXAMPLE = Path(__file__).parents[2] / "examples" / "mesa_viz.py"
#: seconds in which the server must answer, the compiler at work included
START = 600


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = util.spec_from_file_location("mesa_viz", EXAMPLE)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_parameter_reaches_the_model(example):
    plain = example.SharedCrossings()
    assert (plain.what_if.slug, plain.world.scale) == ("baseline", 0.05)
    shared = example.SharedCrossings("western-balkans-agreements", "high", 0.02)
    assert shared.world.scale == 0.02
    assert shared.what_if.sharing_default.level == "high"
    assert not shared.what_if.sharing
    untouched = example.SharedCrossings("western-balkans-agreements", scale=0.02)
    assert untouched.what_if.slug == "western-balkans-agreements"


def test_every_scenario_can_be_chosen(example):
    assert sorted(example.scenarios) == sorted(shipped_scenarios())
    for level in ("none", "low", "medium", "high", "full"):
        example.SharedCrossings("baseline", level, 0.02)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example as `solara run` serves it."""
    folder, port = tmp_path_factory.mktemp("viewer"), free_port()
    log = folder / "server.log"
    environment = {
        **os.environ,
        "PYTHONPATH": str(EXAMPLE.parents[1]),
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "solara", "run", str(EXAMPLE), "--no-open", "--production",
             "--port", str(port)],
            stdout=out, stderr=out, cwd=folder, env=environment,
        )  # fmt: skip
    url, ends = f"http://127.0.0.1:{port}", time.monotonic() + START
    try:
        while not answers(url):
            said = log.read_text(encoding="utf-8")
            assert process.poll() is None, f"the server has ended: {said}"
            assert time.monotonic() < ends, f"the server does not answer: {said}"
            time.sleep(0.2)
        yield url
        assert "Traceback" not in log.read_text(encoding="utf-8")
    finally:
        process.kill()
        process.wait(20)


@pytest.fixture(scope="module")
def started_chromium() -> Iterator[Chromium]:
    with chromium() as one:
        yield one


@pytest.fixture
def browser(started_chromium: Chromium) -> Browser:
    return started_chromium.running()


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    """The viewer in a browser that can reach nothing else; it must end without a fault."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    one = context.new_page()
    one.set_default_timeout(240_000)
    watch = Watch(one, address)
    one.goto(address)
    until(one, lambda: one.get_by_text("Time:").count() == 1, "the viewer does not appear")
    yield one
    faults = watch.unexpected()
    errors = one.locator(".v-alert").all_inner_texts()
    close(context)
    assert faults == []
    assert errors == []


def day(page: Page) -> float:
    return float(page.get_by_text("Time:").inner_text().removeprefix("Time:"))


#: the pictures on a page, each as a digest of its bytes
DIGESTS = """
async all => Promise.all(all.filter(one => one.naturalWidth > 100).map(async one => {
    const bytes = await (await fetch(one.src)).arrayBuffer();
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    return Array.from(new Uint8Array(digest)).join(" ");
})).catch(() => [])
"""  # a picture may be replaced while it is read


def pictures(page: Page) -> list[str]:
    """The map and the three plots, once all are drawn."""

    def drawn() -> list[str]:
        found = page.locator("img").evaluate_all(DIGESTS)
        return found if len(found) == 4 else []

    return until(page, drawn, "there are not four pictures")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def reset(page: Page) -> None:
    press(page, "Reset")
    until(page, lambda: day(page) == 0, "the model does not begin again")


def step(page: Page) -> list[str]:
    """A week on; the pictures after it."""
    before, then = day(page), pictures(page)
    press(page, "Step")
    until(page, lambda: day(page) == before + 7, "there is no step of a week")
    until(page, lambda: not {*then} & {*pictures(page)}, "the pictures do not follow")
    return pictures(page)


def choose(page: Page, label: str, item: str) -> None:
    page.locator(".v-select", has=page.get_by_text(label, exact=True)).click()
    page.locator(".v-menu__content.menuable__content__active").get_by_text(item, exact=True).click()


@pytest.mark.slow
def test_it_steps_plays_and_begins_again(page):
    reset(page)
    first = pictures(page)
    assert len(set(first)) == 4
    week = step(page)
    press(page, "▶")
    until(page, lambda: day(page) > 21, "it does not play")
    press(page, "❚❚")
    until(page, lambda: page.get_by_role("button", name="▶").count() == 1, "it does not stop")
    reset(page)
    assert step(page) == week, "the same seed"


def weeks(page: Page, number: int) -> list[str]:
    """The pictures so many weeks after the beginning."""
    reset(page)
    return [step(page) for _ in range(number)][-1]


@pytest.mark.slow
def test_changed_parameters_take_effect(page):
    usual = weeks(page, 5)
    choose(page, "Scenario", "full-sharing")
    full = weeks(page, 5)
    choose(page, "Sharing", "none")
    none = weeks(page, 5)
    slider = page.get_by_role("slider", name="Agents per person")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    larger = weeks(page, 5)
    in_transit, known = 2, 3  # places of the plots
    assert len({shown[known] for shown in (usual, full, none)}) == 3
    assert larger[in_transit] != none[in_transit]


@pytest.mark.slow
def test_a_second_visitor_sees_the_model(page, browser, address):
    other = browser.new_page()
    other.set_default_timeout(120_000)
    other.goto(address)
    assert len(pictures(other)) == 4
    other.close()
