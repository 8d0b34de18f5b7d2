"""A small finished folder of each kind, made by its command, with a model that is done at once.

`python -m tests.every_kind FOLDER` makes the pages of each kind again.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from click.testing import CliRunner

import simulation.model.corridor_model
from simulation.cli import cli
from simulation.engine import trials
from simulation.fitting import priors
from simulation.parameters.fitted import packaged, window_name
from simulation.statistics import boxes
from tests import synthetic
from tests.comparing import stand_in
from tests.estimates.effects_library import library_of
from tests.few_policies import few_policies

BASE = synthetic.SCENARIO
POLICY = """
title = "A policy"
extends = "base.toml"
[[sharing]]
between = ["UK", "FR"]
level = "none"
"""
YEAR = BASE.replace("2023-01-01", "2024-01-01").replace("2023-02-28", "2024-12-31")
SPRING = """
title = "A short past"
extends = "history"
run = { start = 2023-05-01, end = 2023-06-30, warm_up_days = 1 }
"""
#: the oldest window that was fitted, and the year after it
WINDOW = next(iter(packaged()))
NEXT = str(int(WINDOW[1][:4]) + 1)
AFTER = YEAR.replace("2024-", f"{NEXT}-")
SCENARIOS = {"base": BASE, "policy": POLICY, "year": YEAR, "spring": SPRING, "after": AFTER}

_FEW = ("--only", "sea.persistence", "--only", "market.ties", "--noise", "3", "--yes")
_RECORDS = ("--assumptions", "records")
_WITH_EMULATOR = ("--emulator", "known.npz", "--replications", "8", *_RECORDS)
#: kind -> its command, without the folder
COMMANDS: dict[str, tuple[str, ...]] = {
    # so many that Arrow would share the work of their means among threads
    "run": ("run", "policy.toml", "--replications", "30"),
    "compare": (
        "compare", "base.toml", "policy.toml", "--replications", "3", "--ladder", *_RECORDS,
    ),
    "sweep": (
        "sweep", "base.toml", "--vary", "sharing.UK-FR=none,high", "--replications", "2",
        *_RECORDS,
    ),
    "agreements": (
        "agreements", "policy.toml", "--among", "UK,FR,BE", "--replications", "2", "--refine", "2",
        "--refine-replications", "2", *_RECORDS,
    ),
    "sensitivity": (
        "sensitivity", "policy.toml", *_FEW, "--trajectories", "2", "--survivors", "1",
        "--samples", "8",
    ),
    "discover": ("discover", "policy.toml", *_FEW, "--samples", "20"),
    "backtest": ("backtest", "--scenario", "year.toml", "--replications", "5", *_RECORDS),
    "emulator": ("emulator", "build", "--pairs", "2"),
    "fit": ("fit", "spring.toml", "--budget", "80"),
    "reach": ("reach", "--goal", "channel_arrivals=-10%", *_WITH_EMULATOR),
    "monitor": (
        "monitor", "--scenario", "after.toml", "--from", f"{NEXT}-05", "--to", f"{NEXT}-05",
        "--ensemble", window_name(*WINDOW), "--members", "3", "--replications", "1",
    ),
}  # fmt: skip
#: ends of the names of result files
SUFFIXES = (".csv", ".json", ".npz", ".parquet", ".toml")
#: command -> its function, where that has another name
FUNCTIONS = {
    "results ledger add": "add_to_ledger",
    "results assurance": "assurance",
    "results verify": "verify",
    "emulator build": "build_emulator",
}
#: kind -> the pages that its command writes, as patterns
PAGES = dict.fromkeys(COMMANDS, ("report.html",)) | {
    "backtest": ("backtest.md", "*.svg"), "fit": ("fit.md", "*.svg"),
    "monitor": ("monitor.html",),
}  # fmt: skip


def each(kinds: Iterable[str] = COMMANDS) -> list[Any]:
    """Kinds that are asked the same, as parameters; all but four in the full checks alone."""
    marks = {"run": (), "compare": (), "agreements": pytest.mark.slow, "fit": pytest.mark.slow}
    seldom = (pytest.mark.slow, pytest.mark.full)
    return [pytest.param(kind, marks=marks.get(kind, seldom), id=kind) for kind in kinds]


def write_scenarios(folder: Path) -> None:
    """Write the scenarios that the commands name."""
    for name, text in SCENARIOS.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "known.npz").write_bytes(library_of({"British money for analysis": -0.3}).as_bytes())


@contextmanager
def stood_in() -> Iterator[None]:
    """Within it the model is done at once, and searches and estimates are short."""
    with (
        mock.patch.object(simulation.model.corridor_model, "simulate", stand_in),
        # runs that share their first days would be of the model itself
        mock.patch.object(trials, "LEAST_DAYS", 10**9),
        mock.patch.object(boxes, "SHUFFLES", 19),
        mock.patch.object(boxes, "HALVES", 4),
        mock.patch.object(priors, "recorded_scores", lambda prior: np.zeros(len(prior.names))),
        few_policies(),
    ):
        yield


def make(folder: Path, *kinds: str) -> None:
    """Make a folder of each kind, or of some, below a folder; each has the name of its kind."""
    write_scenarios(folder)
    with chdir(folder), stood_in():
        for kind in kinds or COMMANDS:
            call(*COMMANDS[kind], "--workers", "1", "--out", kind, "--quiet")


def call(*words: str) -> None:
    """Give a command that must succeed."""
    with mock.patch.object(sys, "argv", ["crossings", *words]):
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
    if done.exit_code:
        raise AssertionError(f"{words}: {done.output}")


def pages(folder: Path) -> dict[str, bytes]:
    """Every page below a folder, by its kind and name."""
    return {
        f"{kind}/{path.name}": path.read_bytes()
        for kind, patterns in PAGES.items()
        for pattern in patterns
        for path in sorted((folder / kind).glob(pattern))
    }


def results_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder that are results, by name."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in SUFFIXES and path.name != "manifest.json"
    }


if __name__ == "__main__":
    for kind in COMMANDS:
        call("results", "report", str(Path(sys.argv[1]).absolute() / kind), "--quiet")
