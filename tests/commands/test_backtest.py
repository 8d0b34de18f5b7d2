"""`crossings backtest` through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulation.commands import backtest
from tests.reading import summary_of, unwrapped

SHORT = """
title = "A short history"
extends = "history"
run = { start = 2024-01-01, end = 2024-12-31, warm_up_days = 5 }
"""
TINY = ("--scale", "0.02", "--replications", "2", "--workers", "1")


@pytest.fixture
def history(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "short.toml").write_text(SHORT, encoding="utf-8")
    # with a fit in the package it would draw fifty sets from that
    return "backtest", "--scenario", "short.toml", "--assumptions", "records"


def test_the_command_that_is_kept_names_the_fit_that_was_chosen(crossings, monkeypatch):
    kept = {}
    monkeypatch.setattr(backtest, "conduct_study", lambda *_, **told: kept.update(told))
    result = crossings("backtest", "--holdout", "2024", "--scale", "0.02")
    assert result.exit_code == 0, result.output
    assert kept["command"].endswith(" --ensemble 2021-01..2023-12")


@pytest.mark.slow
def test_from_end_to_end(crossings, history, tmp_path):
    arguments = (*history, *TINY, "--holdout", "2024", "--out", "found")
    arguments += ("--document", "docs/validation.md")
    done = crossings(*arguments)
    assert done.exit_code == 0, done.output
    text = unwrapped(done.stdout)
    assert "the forecast of arrivals in 2024 has a CRPS of" in text
    assert "not fitted to the years before alone" in text
    assert "2 runs" in done.stderr.splitlines()[0]  # the cost comes first
    folder = tmp_path / "found"
    summary = summary_of(folder)
    assert summary["kind"] == "backtest"
    page = (tmp_path / "docs" / "validation.md").read_text(encoding="utf-8")
    own = (folder / "backtest.md").read_text(encoding="utf-8")
    assert own.replace("](backtest", "](img/backtest") in page
    for name in summary["series"]:
        chart = f"backtest-2024-{name}.svg"
        if name == "channel_deaths":  # known by year only
            assert not (folder / chart).exists()
            continue
        assert (folder / chart).read_text(encoding="utf-8").startswith("<svg")
        assert (tmp_path / "docs" / "img" / chart).exists()

    again = crossings(*arguments, "--json")
    assert again.exit_code == 0
    assert json.loads(again.stdout) == summary
    for made in folder.glob("backtest*"):
        made.unlink()
    assert crossings("report", "found").exit_code == 0
    assert (folder / "backtest.md").read_text(encoding="utf-8") == own
    assert (folder / "backtest-2024-channel_boats.svg").exists()
    listed = crossings("results", "list", ".")
    assert "backtest" in listed.stdout
