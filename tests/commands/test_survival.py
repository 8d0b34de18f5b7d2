"""`crossings compare` and `crossings run`: what goes wrong, what survives, and what goes on."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest import mock

import pytest

import simulation.model.corridor_model
from simulation.commands import progress
from simulation.engine import result_folder, run_store
from simulation.engine.command_text import to_type
from simulation.errors import NO_MEMORY
from simulation.report import html
from tests.comparing import door, files, manifest, numbers, stand_in, stored_runs
from tests.forked import Forked
from tests.reading import contents, page_of, summary_of
from tests.refusals import refusal, succeeded
from tests.seldom import seldom, seldom_together

pytestmark = pytest.mark.slow

__all__ = ["door"]  # a fixture

#: command -> what is run
SCENARIOS = {"compare": ("small.toml", "other.toml"), "run": ("small.toml",)}
#: what goes wrong in one goes wrong in the other, by the same code
CAMPAIGNS = seldom(["compare"], ["run"])


@pytest.fixture
def give(door):
    """Give a command for the folder `here`."""

    def call(command, *words):
        return door(*words, "--out", "here", command=command, scenarios=SCENARIOS[command])

    return call


@pytest.mark.parametrize(("command", "options"), [
    *(("compare", more) for more in (
        ["--seed", 2], ["--ladder"], ["--scale", 0.5], ["--assumptions", "ranges"],
    )),
    ("run", ["--seed", 2]),
])  # fmt: skip
def test_the_folder_of_other_results_is_refused_and_left_alone(give, tmp_path, command, options):
    give(command, "--replications", 2, "--quiet")
    before = contents(tmp_path / "here")
    refusal(give(command, "--replications", 2, *options), "already holds another ", "differs in ")
    assert contents(tmp_path / "here") == before


def test_a_worker_killed_costs_its_run_only_and_that_is_run_the_next_time(
    door, undisturbed, tmp_path, monkeypatch
):
    def simulate(scenario, *, seed, **options):
        if seed == 3 and options.get("parameters") is not None and scenario.sharing:
            os.kill(os.getpid(), signal.SIGKILL)
        return stand_in(scenario, seed=seed, **options)

    monkeypatch.setattr(simulation.model.corridor_model, "simulate", simulate)
    assert door("--replications", 6, "--workers", 2, "--out", "here").exit_code == 0
    (failed,) = summary_of(tmp_path / "here")["failed"]
    assert failed["seed"] == 3
    assert NO_MEMORY in failed["error"]
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", stand_in)
    door("--replications", 6, "--out", "here", "--quiet")
    assert numbers(tmp_path / "here") == undisturbed("compare", 6)


@pytest.mark.parametrize("option", [(), ("--json",), ("--quiet",)])
def test_finished_runs_that_cannot_be_read_are_told_and_run_again(door, tmp_path, option):
    arguments = ("--replications", 4, "--workers", 1, "--out", "here")
    door(*arguments)
    here = tmp_path / "here"
    before = numbers(here)
    (here / "runs.sqlite").write_bytes(b"no database")
    more = ("--replications", 5, *arguments[2:])
    result = succeeded(door(*more, *option))
    (line,) = (x for x in result.stderr.splitlines() if not x.startswith("Note: "))
    assert "runs.sqlite" in line
    assert numbers(here).keys() == before.keys()
    assert stored_runs(here) == 10
    assert manifest(here)["damaged"] == [{"file": "runs.sqlite", "runs": None}]


@pytest.fixture
def undisturbed(door, tmp_path) -> Callable[[str, int], dict[str, bytes]]:
    """The numbers that a command gives where nothing goes wrong, computed once for all tests."""

    def numbers_of(command: str, replications: int) -> dict[str, bytes]:
        if (command, replications) not in _UNDISTURBED:
            words = ("--replications", replications, "--out", "undisturbed", "--quiet")
            assert door(*words, command=command, scenarios=SCENARIOS[command]).exit_code == 0
            _UNDISTURBED[command, replications] = numbers(tmp_path / "undisturbed")
        return _UNDISTURBED[command, replications]

    return numbers_of


_UNDISTURBED: dict[tuple[str, int], dict[str, bytes]] = {}


@contextmanager
def counting(*_: object) -> Iterator[Callable[..., None]]:
    """Stands in for the progress bar, and prints how many runs are finished."""
    yield lambda now: print(f"finished {now.finished}\n", end="", flush=True)


def process(folder: Path, command: str, *more: str, slow: bool = False, limit: int = 0) -> Forked:
    """The command in a process of its own, as from a terminal.

    Args:
        folder: Where it runs.
        command: `compare` or `run`.
        more: What follows the scenarios.
        slow: Whether runs of seeds after the third do not end, and those that do are counted.
        limit: Bytes that a file can have; any number when 0.
    """

    def simulate(scenario, *, seed, **options):
        if slow and options.get("parameters") is not None and seed > 3:
            print("slow\n", end="", flush=True)  # in one piece, whoever else prints
            time.sleep(600)
        return stand_in(scenario, seed=seed, **options)

    def first():
        simulation.model.corridor_model.simulate = simulate
        if slow:
            progress.progress_bar = counting
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    return Forked(folder, [command, *SCENARIOS[command], *more, "--out", "here"], first)


@pytest.mark.parametrize(
    ("command", "workers"), seldom_together([("compare", "2")], [("run", "1")])
)
def test_ctrl_c_keeps_what_is_finished_and_the_same_command_goes_on(
    give, undisturbed, tmp_path, command, workers
):
    finished = 3 * len(SCENARIOS[command])
    arguments = ("--replications", "6", "--workers", workers)
    with process(tmp_path, command, *arguments, slow=True) as under_way:
        under_way.wait_for("slow", f"finished {finished}")
        under_way.interrupt()
        _, stderr = under_way.communicate()
    assert under_way.returncode == 130
    assert f"Interrupted: {finished} " in stderr
    assert f"goes on from there: {to_type(f'crossings {command} small.toml')}" in stderr
    assert "Traceback" not in stderr
    assert manifest(tmp_path / "here")["status"] == "interrupted"
    assert not [name for name in files(tmp_path / "here") if "scrap" in name]
    if command == "run":  # which shows what it has
        assert summary_of(tmp_path / "here")["seeds"] == [1, 2, 3]
        assert "3 of 6 runs are missing" in page_of(tmp_path / "here")
    assert give(command, *arguments).exit_code == 0
    if command == "compare":
        runs = manifest(tmp_path / "here")["runs"]
        assert (runs["taken_over"], runs["ran"]) == (6, 6)
    assert numbers(tmp_path / "here") == undisturbed(command, 6)


def killed_after(written: int) -> Callable[[Path], AbstractContextManager[Path]]:
    """Stands in for the writing of files: the process is killed in the next after so many."""
    left = written

    @contextmanager
    def renamed(path: Path) -> Iterator[Path]:
        nonlocal left
        scrap = path.with_name(f".scrap-0-{path.name}")  # the number of no process
        yield scrap
        left -= 1
        if left < 0:
            raise SystemExit("killed")
        os.replace(scrap, path)

    return renamed


@pytest.mark.parametrize("written", range(4))
@pytest.mark.parametrize("command", CAMPAIGNS)
def test_killed_while_it_makes_its_folder_the_same_command_goes_on(
    give, tmp_path, monkeypatch, command, written
):
    """Whatever has been written so far, the folder is known as its own."""
    words = (command, "--replications", 2, "--quiet")
    with monkeypatch.context() as patched:
        killed = killed_after(written)
        for module in (result_folder, run_store):
            patched.setattr(module, "renamed", killed)
        give(*words)
    succeeded(give(*words))
    assert manifest(tmp_path / "here")["status"] == "complete"


@pytest.mark.parametrize("command", CAMPAIGNS)
def test_killed_while_it_writes_its_page_nothing_half_written_stays(
    give, tmp_path, monkeypatch, command
):
    words = (command, "--replications", 2, "--quiet")
    with monkeypatch.context() as patched:
        patched.setattr(html, "renamed", killed_after(0))
        give(*words)
    assert [name for name in files(tmp_path / "here") if "scrap" in name]
    succeeded(give(*words))
    assert not [name for name in files(tmp_path / "here") if "scrap" in name]
    assert "report.html" in files(tmp_path / "here")


@pytest.mark.parametrize("command", CAMPAIGNS)
def test_a_full_disk_ends_it_in_one_line_and_the_same_command_goes_on(
    give, undisturbed, tmp_path, command
):
    arguments = ("--replications", "20", "--workers", "2", "--quiet")
    limit = 8192 if command == "run" else 30_000  # bytes of a table, or of the store of runs
    with process(tmp_path, command, *arguments, limit=limit) as under_way:
        stdout, stderr = under_way.communicate()
    assert (under_way.returncode, stdout, stderr.count("\n")) == (2, "", 1)
    assert stderr.startswith('--out = "here": the ')
    assert "finished runs are kept, and the same command goes on from there" in stderr
    assert not [name for name in files(tmp_path / "here") if "scrap" in name]
    assert manifest(tmp_path / "here")["status"] == "stopped"
    assert give(command, *arguments).exit_code == 0
    if command == "compare":
        runs = manifest(tmp_path / "here")["runs"]
        assert runs["taken_over"] > 0
        assert runs["taken_over"] + runs["ran"] == 40
    assert numbers(tmp_path / "here") == undisturbed(command, 20)


@pytest.mark.parametrize("where", seldom(["a worker"], ["a run", "the store"]))
@pytest.mark.parametrize("command", CAMPAIGNS)
def test_memory_that_runs_short_ends_it_in_one_line_and_the_same_command_goes_on(
    give, undisturbed, tmp_path, monkeypatch, command, where
):
    def simulate(scenario, *, seed, **options):
        if seed == 3 and options.get("parameters") is not None and where != "the store":
            raise MemoryError
        return stand_in(scenario, seed=seed, **options)

    def add(store, run):
        if run.seed == 3:
            raise MemoryError
        return really_add(store, run)

    words = (command, "--replications", 6, "--workers", 2 if where == "a worker" else 1, "--quiet")
    really_add = run_store.RunStore.add
    with monkeypatch.context() as patched:
        patched.setattr(simulation.model.corridor_model, "simulate", simulate)
        if where == "the store":
            patched.setattr(run_store.RunStore, "add", add)
        stopped = give(*words)
    refusal(stopped, NO_MEMORY, "finished runs are kept", "the same command goes on from there")
    assert manifest(tmp_path / "here")["status"] == "stopped"
    assert give(*words).exit_code == 0
    assert numbers(tmp_path / "here") == undisturbed(command, 6)


@pytest.mark.parametrize("command", CAMPAIGNS)
def test_memory_that_runs_short_at_the_page_loses_nothing(give, tmp_path, command):
    words = (command, "--replications", 2, "--quiet")
    with mock.patch.object(html, "save", side_effect=MemoryError):
        refusal(give(*words), NO_MEMORY, "the same command goes on from there")
    assert manifest(tmp_path / "here")["status"] == "complete"
    assert give(*words).exit_code == 0
    assert (tmp_path / "here" / "report.html").exists()


@pytest.mark.parametrize(
    ("command", "limit"), seldom_together([("compare", 100_000)], [("run", 1_000_000)])
)
def test_a_disk_that_is_full_when_the_page_is_written(give, tmp_path, command, limit):
    arguments = ("--replications", "2", "--workers", "1", "--quiet")
    with process(tmp_path, command, *arguments, limit=limit) as under_way:
        _, stderr = under_way.communicate()
    assert (under_way.returncode, stderr.count("\n")) == (2, 1)
    assert stderr.startswith("here/report.html: cannot be written (file too large)")
    assert files(tmp_path / "here") >= {"summary.json", "manifest.json"}
    assert not (tmp_path / "here" / "report.html").exists()
    assert give(command, *arguments).exit_code == 0
    assert (tmp_path / "here" / "report.html").exists()
