"""`crossings compare` through the command line: what goes wrong, what survives, what goes on."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

import simulation.model
from simulation.commands.experiment import to_type
from tests.comparing import (
    door,
    files,
    manifest,
    numbers,
    stand_in,
    stored_runs,
)
from tests.forked import Forked
from tests.reading import page_of, summary_of, unwrapped

__all__ = ["door"]  # a fixture


def test_a_failed_run_is_told_with_seed_and_error_and_its_seed_left_out(
    door, tmp_path, monkeypatch
):
    def simulate(scenario, *, seed, **options):
        if seed == 2 and scenario.sharing:
            raise RuntimeError("lost a boat")
        return stand_in(scenario, seed=seed, **options)

    monkeypatch.setattr(simulation.model, "simulate", simulate)
    result = door("--replications", 4, "--out", "here")
    assert result.exit_code == 0
    told = (
        "1 run failed and no seed with a failure is in the figures; the first: seed 2 of “Nothing"
    )
    assert told in unwrapped(result.stdout)
    summary = summary_of(tmp_path / "here")
    assert summary["seeds"] == [1, 3, 4]
    assert summary["failed"][0]["seed"] == 2
    assert "RuntimeError: lost a boat" in summary["failed"][0]["error"]
    assert "lost a boat" in page_of(tmp_path / "here")
    monkeypatch.setattr(simulation.model, "simulate", stand_in)
    door("--replications", 4, "--out", "here", "--quiet")
    door("--replications", 4, "--out", "afresh", "--quiet")
    assert numbers(tmp_path / "here") == numbers(tmp_path / "afresh")


def test_when_every_run_fails_the_first_error_is_told(door, tmp_path, monkeypatch):
    def simulate(scenario, **options):
        raise RuntimeError("no sea")

    monkeypatch.setattr(simulation.model, "simulate", simulate)
    result = door("--replications", 2, "--out", "here")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "\nno seed gave a run of every scenario (4 runs failed" in f"\n{result.stderr}"
    assert result.stderr.endswith("; what was run is kept in here\n")
    assert "RuntimeError: no sea" in result.stderr
    assert not (tmp_path / "here" / "summary.json").exists()


def test_a_worker_killed_costs_its_run_only_and_that_is_run_the_next_time(
    door, tmp_path, monkeypatch
):
    def simulate(scenario, *, seed, **options):
        if seed == 3 and options.get("on_day") is not None and scenario.sharing:
            os.kill(os.getpid(), signal.SIGKILL)
        return stand_in(scenario, seed=seed, **options)

    monkeypatch.setattr(simulation.model, "simulate", simulate)
    result = door("--replications", 6, "--workers", 2, "--out", "here")
    assert result.exit_code == 0
    (failed,) = summary_of(tmp_path / "here")["failed"]
    assert failed["seed"] == 3
    assert failed["error"] == "the worker process ended unexpectedly (exit -9)"
    monkeypatch.setattr(simulation.model, "simulate", stand_in)
    door("--replications", 6, "--out", "here", "--quiet")
    door("--replications", 6, "--out", "afresh", "--quiet")
    assert numbers(tmp_path / "here") == numbers(tmp_path / "afresh")


def test_a_corrupted_run_of_an_earlier_attempt_is_told_and_run_again(door, tmp_path):
    arguments = ["--replications", 4, "--workers", 1, "--out", "here"]
    door(*arguments)
    here = tmp_path / "here"
    before = numbers(here)
    shutil.copytree(here, tmp_path / "whole")
    for option in ("", "--json", "--quiet"):
        shutil.rmtree(here)
        shutil.copytree(tmp_path / "whole", here)
        with sqlite3.connect(here / "runs.sqlite") as store:
            store.execute("UPDATE runs SET seconds = seconds + 1 WHERE number = 3")
        store.close()
        result = door(*arguments, *filter(None, [option]))
        assert result.exit_code == 0
        told = "1 finished run could not be read (runs.sqlite) and has been done again."
        assert told in result.stderr
        (line,) = (x for x in result.stderr.splitlines() if not x.startswith("Note: "))
        assert told in line
        assert numbers(here) == before
        assert stored_runs(here) == 8
        assert manifest(here)["damaged"] == [{"file": "runs.sqlite", "runs": 1}]
        assert told in (here / "report.html").read_text()


def process(folder: Path, *arguments: str, slow: bool = False, limit: int = 0) -> Forked:
    """The command in a process of its own, as from a terminal.

    Args:
        folder: Where it runs.
        arguments: What follows the two scenarios.
        slow: Whether runs of seeds after the third do not end.
        limit: Bytes that a file can have; any number when 0.
    """

    def simulate(scenario, *, seed, **options):
        if slow and options.get("on_day") is not None and seed > 3:
            print("slow\n", end="", flush=True)  # in one piece, whoever else prints
            time.sleep(60)
        return stand_in(scenario, seed=seed, **options)

    def first():
        simulation.model.simulate = simulate
        if limit:
            import resource

            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

    return Forked(folder, ["compare", "small.toml", "other.toml", *arguments], first)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_keeps_what_is_finished_and_the_same_command_goes_on(door, tmp_path, workers):
    arguments = ("--replications", "6", "--workers", workers, "--out", "here")
    with process(tmp_path, *arguments, slow=True) as under_way:
        assert under_way.stdout.readline() == "slow\n"
        deadline = time.monotonic() + 30
        while stored_runs(tmp_path / "here") < 6:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        time.sleep(0.5)  # a run is in the store a moment before it is counted
        under_way.interrupt()
        _, stderr = under_way.communicate(timeout=30)
    assert under_way.returncode == 130
    assert "Interrupted: 6 runs are finished and kept in here" in stderr
    again = to_type("crossings compare small.toml")
    assert f"The same command goes on from there: {again}" in stderr
    assert "Traceback" not in stderr
    assert manifest(tmp_path / "here")["status"] == "interrupted"
    assert door(*arguments).exit_code == 0
    runs = manifest(tmp_path / "here")["runs"]
    assert (runs["taken_over"], runs["ran"]) == (6, 6)
    door("--replications", 6, "--out", "undisturbed", "--quiet")
    assert numbers(tmp_path / "here") == numbers(tmp_path / "undisturbed")


@pytest.mark.parametrize("written", range(4))
@pytest.mark.parametrize("command", ["compare", "run"])
def test_killed_while_it_makes_its_folder_the_same_command_goes_on(
    door, tmp_path, monkeypatch, command, written
):
    """Whatever has been written so far, the folder is known as its own."""
    from simulation.experiments.engine import result_folder, run_store

    words = ("--replications", 2, "--out", "here", "--quiet")
    scenarios = ("small.toml", "other.toml")[: 1 if command == "run" else 2]
    left = written

    @contextmanager
    def killed(path):
        nonlocal left
        scrap = path.with_name(f".scrap-{os.getpid()}-{path.name}")
        yield scrap
        left -= 1
        if left < 0:
            raise SystemExit("killed")
        os.replace(scrap, path)

    with monkeypatch.context() as patched:
        for module in (result_folder, run_store):
            patched.setattr(module, "renamed", killed)
        door(*words, command=command, scenarios=scenarios)
    result = door(*words, command=command, scenarios=scenarios)
    assert result.exit_code == 0, result.output
    assert manifest(tmp_path / "here")["status"] == "complete"


def test_a_full_disk_ends_it_in_one_line_and_the_same_command_goes_on(door, tmp_path):
    arguments = ("--replications", "20", "--workers", "2", "--out", "here", "--quiet")
    with process(tmp_path, *arguments, limit=30_000) as under_way:
        stdout, stderr = under_way.communicate()
    assert under_way.returncode == 2
    assert stdout == ""
    assert stderr.count("\n") == 1
    assert "the experiment stopped (runs.sqlite: disk I/O error)" in stderr
    assert "finished runs are kept, and the same command goes on from there" in stderr
    assert manifest(tmp_path / "here")["status"] == "stopped"
    assert door(*arguments).exit_code == 0
    runs = manifest(tmp_path / "here")["runs"]
    assert runs["taken_over"] > 0
    assert runs["taken_over"] + runs["ran"] == 40
    door("--replications", 20, "--out", "undisturbed", "--quiet")
    assert numbers(tmp_path / "here") == numbers(tmp_path / "undisturbed")


def test_a_disk_that_is_full_when_the_page_is_written(door, tmp_path):
    arguments = ("--replications", "2", "--workers", "1", "--out", "here", "--quiet")
    with process(tmp_path, *arguments, limit=100_000) as under_way:
        _, stderr = under_way.communicate()
    assert under_way.returncode == 2
    assert stderr.count("\n") == 1
    assert "report.html: cannot be written (file too large); the results beside it are" in stderr
    assert files(tmp_path / "here") >= {"summary.json", "runs.parquet"}
    assert not (tmp_path / "here" / "report.html").exists()
    assert door(*arguments).exit_code == 0
    assert (tmp_path / "here" / "report.html").exists()
