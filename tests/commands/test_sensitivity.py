"""`crossings sensitivity` and `crossings discover` through the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulation.studies import study
from tests.reading import csv_rows, page_of, summary_of
from tests.refusals import refusal, succeeded

BASE = """
title = "A short base"
extends = "baseline"
run = { start = 2023-06-01, end = 2023-06-10, warm_up_days = 10 }
"""
POLICY = """
title = "A short policy"
extends = "base.toml"
sharing_default = { level = "full" }
"""
TINY = ("--scale", "0.02", "--noise", "3", "--only", "sea.persistence")


@pytest.fixture
def policy(tmp_path: Path) -> str:
    (tmp_path / "base.toml").write_text(BASE, encoding="utf-8")
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    return "policy.toml"


@pytest.mark.slow
def test_sensitivity_from_end_to_end(crossings, policy, tmp_path):
    arguments = ("sensitivity", policy, *TINY, "--trajectories", "2", "--samples", "8")
    arguments += ("--outcome", "mapped_share", "--out", "found")
    done = succeeded(crossings(*arguments, "--json"))
    summary = json.loads(done.stdout)
    assert "runs" in done.stderr.splitlines()[0]  # the cost comes first
    assert summary["headline"] == "mapped_share"
    assert set(summary["outcomes"]) == {
        "mapped_share", "channel_arrivals", "channel_deaths", "smuggler_profit_eur",
    }  # fmt: skip
    folder = tmp_path / "found"
    assert summary_of(folder) == summary
    for name in ("morris.csv", "points.csv", "sobol.csv"):
        assert (folder / name).read_text(encoding="utf-8")
    ranks = [row["rank"] for row in csv_rows(folder / "morris.csv", outcome="mapped_share")]
    assert ranks == [str(number) for number in range(1, len(ranks) + 1)]
    assert "Deaths in the Channel" in page_of(folder)


def test_many_runs_must_be_meant(crossings, policy, monkeypatch):
    monkeypatch.setattr(study, "MOST_UNASKED", 40)
    line = refusal(crossings("discover", policy, *TINY, "--samples", "20"))
    assert re.search(r"would take 46 runs: about \d+ .*; say --yes if that is meant", line)
    assert not Path("results").exists()
