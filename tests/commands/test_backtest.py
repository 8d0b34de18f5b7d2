"""`crossings backtest` through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulation.commands import backtest
from tests.reading import summary_of, unwrapped
from tests.refusals import refusal

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


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--holdout", "2023"), ["--holdout = 2023", "not a whole year", "allowed: 2024"]),
        (("--holdout", "2031"), ["--holdout = 2031", "nothing was observed", "allowed: 2024"]),
        (("--holdout", "2017"), ["--holdout = 2017", "nothing was observed"]),
        (("--holdout", "soon"), ["--holdout", "soon"]),
        (("--replications", "1"), ["--replications = 1", "2 or more"]),
        (("--replications", "0"), ["--replications = 0", "1 to"]),
        (("--members", "5"), ["--members = 5", "--assumptions ranges"]),
        (("--members", "0"), ["--members = 0", "1 to"]),
        (("--ensemble", "2021-2024"), ["--ensemble", "fitted assumptions only"]),
        (("--days", "100"), ["--days = 100", "held-out year 2025", "731 or more"]),
        (("--document", "page.html"), ["--document", "page.html", ".md"]),
        (("--document", "short.toml/page.md"), ["--document", "short.toml", "not a folder"]),
        (("--scenario", "histori"), ["histori", 'did you mean "history"']),
        (("--holdot", "2024"), ["--holdot", "--holdout"]),
        (("--scale", "0"), ["--scale = 0"]),
    ],
)
def test_bad_input_is_told_in_one_line_and_nothing_is_written(
    crossings, history, tmp_path, arguments, words
):
    refusal(crossings(*history, "--out", "found", *arguments), *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["short.toml"]


def test_broken_marks_are_found_before_anything_is_run(crossings, history, tmp_path):
    page = tmp_path / "validation.md"
    page.write_text("<!-- begin: backtest-2024 -->\n", encoding="utf-8")
    arguments = (*history, *TINY, "--holdout", "2024", "--out", "found")
    refusal(crossings(*arguments, "--document", "validation.md"), "marks are broken")
    assert not (tmp_path / "found").exists()


def test_the_baseline_has_no_whole_year_of_2022(crossings):
    refusal(
        crossings("backtest", "--scenario", "baseline", "--holdout", "2022"), "allowed: 2023, 2024"
    )
