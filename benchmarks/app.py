"""How fast is the app in a browser, and how much memory does its server take?

    uv run --group dev python benchmarks/app.py [--seconds N] [--json]
    uv run --group dev python benchmarks/app.py --visits 40   # what visitors leave in memory

Needs Debian's `chromium-headless-shell` or `chromium`, or another one named by --chromium. The
server and the browser run on this machine and share its cores, as they do for a planner. Everybody
is simulated: the baseline beside full sharing, so that each day shown is a day of two models. The
cost of a frame is the server's processor time less that of the same days without a server.

With --visits the server's memory is measured before and after so many short visits, five at once,
of which one in five ends without a word. It takes some minutes more than the server waits for a
page that is lost.

This is a measurement, not a test: it ends with exit code 0 whatever the figures are.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from playwright.sync_api import Browser, Page, sync_playwright
from run import Row, Target, machine, publish

SCENARIO = "full-sharing"
FASTEST, USUAL = "0", "10"
SESSIONS = 5


@contextmanager
def server(scenario: str = SCENARIO) -> Iterator[tuple[str, int]]:
    """A server of its own: the address that it prints, and the identifier of its process."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    with tempfile.TemporaryDirectory() as results:
        process = subprocess.Popen(
            [sys.executable, "-m", "simulation", "app", scenario, "--port", str(port),
             "--results", results],
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        try:
            said = iter(process.stderr)
            address = next((line.split()[1] for line in said if line.startswith("Open ")), None)
            if address is None:
                raise SystemExit("the server has ended before it could be asked")
            yield address, process.pid
        finally:
            process.terminate()
            process.wait(30)


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> float:
    """Memory of a process now, MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line) / 1e3


def days_over(page: Page) -> int:
    """Days that are over, as the page shows them."""
    return int(page.get_attribute(".crossings-bar", "data-over") or 0)


def frames_drawn(page: Page) -> int:
    """Number of the frame drawn last."""
    return int(page.locator(".crossings-maps").last.get_attribute("data-drawn") or 0)


def opened(browser: Browser, address: str) -> tuple[Page, float]:
    """A page of a new visitor, ready to be played, and the seconds until its first figure."""
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    start = time.perf_counter()
    page.goto(address)
    page.get_by_role("tab", name="Watch").click()
    page.get_by_role("button", name="Reset", exact=True).click()
    page.wait_for_selector(".crossings-map svg .leg.w1, .crossings-map svg .leg.w2", timeout=60_000)
    first = time.perf_counter() - start
    page.wait_for_selector("[data-phase=paused]", timeout=120_000)
    return page, first


def play(page: Page, speed: str) -> None:
    """Play at a speed."""
    page.get_by_label("Speed").select_option(speed)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_selector("[data-phase=playing]")


def model_seconds_a_day(days: int) -> float:
    """Processor time of a day of both models, without a server and at the same pace.

    After each pause the processor's caches have to be filled again, with a server as without.
    """
    from simulation.app.draft import shipped
    from simulation.app.live import LiveRun

    runs = [LiveRun(shipped(name), 1) for name in ("baseline", SCENARIO)]
    for run in runs:
        for _ in range(run.first):
            run.step()
    spent, pause = 0.0, 1.0 / float(USUAL)
    for _ in range(days):
        start, wall = time.process_time(), time.perf_counter()
        for run in runs:
            run.step()
        spent += time.process_time() - start
        time.sleep(max(0.0, pause - (time.perf_counter() - wall)))
    return spent / days


def one_visitor(browser: Browser, seconds: float) -> list[Row]:
    """A page alone on a server."""
    with server() as (address, pid):
        sizes: list[int] = []
        page, first = opened(browser, address)
        page.context.close()
        page, again = opened(browser, address)
        idle_memory = memory_mb(pid)
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on(
            "Network.webSocketFrameReceived",
            lambda event: sizes.append(len(event["response"]["payloadData"])),
        )
        play(page, USUAL)
        sizes.clear()
        at, days, frames, cpu = (
            time.perf_counter(),
            days_over(page),
            frames_drawn(page),
            cpu_seconds(pid),
        )
        page.wait_for_timeout(1000 * seconds)
        spent = time.perf_counter() - at
        days, frames = days_over(page) - days, max(frames_drawn(page) - frames, 1)
        cpu = cpu_seconds(pid) - cpu
        sent = sum(sizes)
        usual = days / spent
        page.get_by_role("button", name="Pause", exact=True).click()
        page.wait_for_selector("[data-phase=paused]")
        play(page, FASTEST)
        at, before = time.perf_counter(), days_over(page)
        page.wait_for_timeout(1000 * seconds)
        fastest = (days_over(page) - before) / (time.perf_counter() - at)
    step = model_seconds_a_day(max(days, 10))
    return [
        Row("first figure of the first visitor, wall", first, "s", 1, Target(4.0)),
        Row("first figure of the next, wall", again, "s", 1, Target(4.0)),
        Row("days a second shown, at 10 a second", usual, "", 1, Target(5.0, at_least=True)),
        Row("days a second shown, as fast as it goes", fastest, "", 1, Target(5.0, at_least=True)),
        Row("CPU of a frame besides the models", 1000 * (cpu - days * step) / frames, "ms", 1,
            Target(5.0)),
        Row("sent for a frame, charts included", sent / frames / 1000, "kB", 1, Target(20.0)),
        Row("server's memory, two models that wait", idle_memory, "MB", 0),
    ]  # fmt: skip


def several_visitors(browser: Browser, seconds: float) -> list[Row]:
    """Five pages of different visitors that play at once."""
    rows = []
    for scenario, words in (("baseline", "one model each"), (SCENARIO, "two models each")):
        with server(scenario) as (address, pid):
            pages = [opened(browser, address)[0] for _ in range(SESSIONS)]
            for page in pages:
                play(page, USUAL)
            at, before = time.perf_counter(), [days_over(page) for page in pages]
            pages[0].wait_for_timeout(1000 * seconds)
            after = [days_over(page) for page in pages]
            spent = time.perf_counter() - at
            slowest = min((b - a) / spent for a, b in zip(before, after, strict=True))
            memory = memory_mb(pid)
            for page in pages:
                page.context.close()
        rows += [
            Row(f"{SESSIONS} visitors, {words}: days a second of the slowest", slowest, "", 1,
                Target(1.5, at_least=True)),
            Row(f"{SESSIONS} visitors, {words}: server's memory", memory, "MB", 0, Target(1000.0)),
        ]  # fmt: skip
    return rows


def visited(browser: Browser, visits: int, seconds: float) -> list[Row]:
    """Memory of a server before and after visits that are all over."""
    from simulation.app.server import ENVIRONMENT

    minutes = float(ENVIRONMENT["SOLARA_KERNEL_CULL_TIMEOUT"].removesuffix("m"))
    with server() as (address, pid):
        fresh = most = memory_mb(pid)
        for first in range(0, visits, SESSIONS):
            pages = [
                opened(browser, address)[0] for _ in range(first, min(first + SESSIONS, visits))
            ]
            for page in pages:
                play(page, FASTEST)
            pages[0].wait_for_timeout(1000 * seconds)
            most = max(most, memory_mb(pid))
            for page in pages[1:]:
                page.goto("about:blank")
            for page in pages:
                page.context.close()
        time.sleep(60 * minutes + 30)
        after = memory_mb(pid)
    return [
        Row("server's memory, nobody there yet", fresh, "MB", 0),
        Row(f"server's memory, {SESSIONS} visitors at once, most", most, "MB", 0),
        Row(f"server's memory, after {visits} visits and {minutes:g} minutes", after, "MB", 0),
        Row("after by before", after / fresh, "", 2, Target(1.5)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the app of crossings in a browser.")
    parser.add_argument("--seconds", type=float, default=15.0, help="How long each part is played.")
    parser.add_argument("--visits", type=int, help="Measure what so many visits leave behind.")
    installed = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    parser.add_argument("--chromium", default=installed, help="The browser.")
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")
    asked = parser.parse_args()
    if not asked.chromium:
        parser.error("no Chromium found: install chromium-headless-shell, or use --chromium")
    where = machine()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=asked.chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        if asked.visits:
            rows = visited(browser, asked.visits, asked.seconds)
        else:
            rows = one_visitor(browser, asked.seconds) + several_visitors(browser, asked.seconds)
        browser.close()
    publish(rows, where, asked.json)


if __name__ == "__main__":
    main()
