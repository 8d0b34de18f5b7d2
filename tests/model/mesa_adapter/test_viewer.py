"""Mesa's viewer in a real browser: behind the guard of the app, and as `solara run` serves it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulation.app.mesa_viewer import LEVELS, Choices, SharedCrossings
from simulation.errors import InputError
from simulation.scenario import load_scenario, shipped_scenarios
from tests.app.browser_fixtures import answers, close, free_port, served
from tests.app.browsing import PATIENCE, Watch, again, press, until
from tests.app.outside import asked, others, watched
from tests.patience import Patience

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: days before the first that counts
FIRST = load_scenario("baseline").run.warm_up_days
EXAMPLE = Path(__file__).parents[3] / "examples" / "mesa_viz.py"


@pytest.mark.slow
def test_each_parameter_reaches_the_model():
    plain = SharedCrossings()
    assert (plain.what_if.slug, plain.world.scale) == ("baseline", 0.05)
    assert plain.days_done == plain.first_counted == FIRST
    shared = SharedCrossings("agreements-deepened-2024", "high", 0.02)
    assert shared.world.scale == 0.02
    assert shared.what_if.sharing_default.level == "high"
    assert not shared.what_if.sharing
    untouched = SharedCrossings("agreements-deepened-2024", scale=0.02)
    assert untouched.what_if.slug == "agreements-deepened-2024"
    assert sorted(Choices().names) == sorted(shipped_scenarios())
    for level in LEVELS[1:]:  # the first is that of the scenario
        assert plain.what_if.with_("x", sharing_default={"level": level}).sharing_default


def test_a_browser_names_no_file(tmp_path):
    secret = tmp_path / "secret.toml"
    secret.write_text("password = 1", encoding="utf-8")
    for name in (str(secret), "../baseline", "baseline.toml", "", None, ["baseline"]):
        with pytest.raises(InputError, match="not a scenario of this page") as caught:
            Choices().scenario(name)
        assert "password" not in str(caught.value)
    for scale in (0.0, 0.3, 1e9, float("nan")):
        with pytest.raises(InputError, match="out of range"):
            SharedCrossings(scale=scale)
    with pytest.raises(InputError):
        SharedCrossings(sharing="total", scale=0.02)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The viewer behind the guard; it asks no other machine, on its first use either."""
    folder = tmp_path_factory.mktemp("guarded")
    with served(folder, None, start=watched(folder / "home"), command="mesa") as server:
        yield server.entry()
    assert "Traceback" not in server.said()
    assert asked(server.said()) >= {"127.0.0.1"}
    assert others(server.said()) == set()


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example as `solara run` serves it; it asks no other machine, on its first use either."""
    folder, port = tmp_path_factory.mktemp("viewer"), free_port()
    log = folder / "server.log"
    program = f"{watched(folder / 'home')}\nfrom solara.__main__ import main\nmain()"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", program, "run", str(EXAMPLE), "--no-open", "--production",
             "--no-check-version", "--port", str(port)],
            stdout=out, stderr=out, cwd=folder,
            env={**os.environ, "PYTHONPATH": str(EXAMPLE.parents[1])},
        )  # fmt: skip
    url, patience = f"http://127.0.0.1:{port}", Patience()
    try:
        while not answers(url):
            said = log.read_text(encoding="utf-8")
            assert process.poll() is None, f"the server has ended: {said}"
            patience.check(f"the server does not answer: {said}")
            time.sleep(0.2)
        yield url
        said = log.read_text(encoding="utf-8")
        assert "Traceback" not in said
        assert others(said) == set()
    finally:
        process.kill()
        process.wait(20)


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    """The viewer behind the guard."""
    yield from opened(address, browser)


def opened(address: str, browser: Browser) -> Iterator[Page]:
    """The viewer in a browser that can reach nothing else; it must end without a fault."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    one = context.new_page()
    one.set_default_timeout(PATIENCE * 1_000)
    watch = Watch(one, address.partition("/?")[0])
    one.goto(address)
    until(one, lambda: one.get_by_text("Time:").count() == 1, "the viewer does not appear")
    yield one
    faults = watch.unexpected()
    errors = one.locator(".v-alert").all_inner_texts()
    close(context)
    assert faults == []
    assert [text for text in errors if "no guard" not in text] == []


def day(page: Page) -> float:
    return float(page.get_by_text("Time:").inner_text().removeprefix("Time:"))


#: the charts on a page, each as a text of its points
DIGESTS = """
all => all.filter(one => one.complete && one.naturalWidth > 100).map(one => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [one.naturalWidth, one.naturalHeight];
    canvas.getContext("2d").drawImage(one, 0, 0);
    return canvas.toDataURL();
})
"""
#: the maps that are seen, each as its marks
MAPS = """
all => all.filter(one => one.clientWidth && one.querySelector(".place"))
    .map(one => one.closest("figure").getAttribute("aria-label") + one.innerHTML)
"""


def pictures(page: Page) -> list[str]:
    """The two maps and the three charts, once all are drawn."""

    def drawn() -> list[str]:
        maps = page.locator(".crossings-map svg").evaluate_all(MAPS)
        charts = page.locator("img").evaluate_all(DIGESTS)
        return [*maps, *charts] if (len(maps), len(charts)) == (2, 3) else []

    return until(page, drawn, "there are not two maps and three charts")


def reset(page: Page) -> None:
    press(page, "Reset")
    until(page, lambda: day(page) == FIRST, "the model does not begin again")


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
    assert len(set(first)) == 5
    assert all("31 December 2022" in one for one in first[:2])
    week = step(page)
    press(page, "▶")
    until(page, lambda: day(page) > FIRST + 21, "it does not play")
    # a server that is faster than its browser may have come to the end of the run
    pause = page.get_by_role("button", name="❚❚", exact=True, disabled=False)
    again(page, pause.click, lambda: pause.count() == 0, "it does not stop")
    reset(page)
    assert step(page) == week, "the same seed"


def first_week(page: Page) -> list[str]:
    """The pictures a week after the beginning."""
    reset(page)
    return step(page)


@pytest.mark.slow
@pytest.mark.full
def test_changed_parameters_take_effect(page):
    usual = first_week(page)
    choose(page, "Scenario", "full-sharing")
    full = first_week(page)
    choose(page, "Sharing", "none")
    none = first_week(page)
    slider = page.get_by_role("slider", name="Agents per person")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    larger = first_week(page)
    in_transit, mapped_share = 3, 4  # places of the charts
    assert len({shown[mapped_share] for shown in (usual, full, none)}) == 3
    assert larger[in_transit] != none[in_transit]


@pytest.mark.slow
@pytest.mark.full
def test_visitors_have_models_of_their_own(page, browser, address):
    step(page)
    for other in opened(address, browser):
        assert len(pictures(other)) == 5
        assert day(other) == FIRST
    assert day(page) == FIRST + 7


@pytest.mark.full
def test_a_server_without_a_guard_says_so(unguarded, browser):
    for other in opened(unguarded, browser):
        assert other.get_by_text("This server has no guard").count() == 1
        assert len(pictures(other)) == 5
