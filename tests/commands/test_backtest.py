"""`crossings backtest` through the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.commands import backtest
from simulation.fitting.plan import last_observed
from simulation.scenario import load_scenario
from simulation.studies.study import Cost
from tests.reading import unwrapped

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


def test_a_year_is_forecast_by_the_newest_fit_that_does_not_know_it(asked):
    call = asked("backtest", "--holdout", "2024", "--scale", "0.02")
    assert call.study.years == (2024,)
    assert call.options.ensemble.window == ("2021-01", "2023-12")
    assert call.how["command"].endswith(" --ensemble 2021-01..2023-12")
    assert call.study.discrepancy
    assert not asked("backtest", "--no-discrepancy").study.discrepancy


def test_several_years_have_an_ensemble_each(asked):
    call = asked("backtest", "--holdout", "2024-2025")
    assert call.study.years == (2024, 2025)
    assert [one.window[1] for one in call.study.ensembles.values()] == ["2023-12", "2024-12"]
    assert "--ensemble" not in call.how["command"]


def test_the_last_year_that_was_observed_is_held_out(asked):
    call = asked("backtest")
    (year,) = call.study.years
    assert f"{year}-12" <= last_observed() < f"{year + 1}-12"
    assert call.study.scenario == load_scenario("history")


def test_a_past_of_ones_own_is_taken_as_it_is(asked, history):
    call = asked(*history, "--holdout", "2024")
    assert call.study.scenario.slug == "short"
    assert call.options.ensemble is None
    assert "--ensemble" not in call.how["command"]


@pytest.mark.parametrize("words", [(), ("--quiet",)])
def test_the_cost_stands_beside_the_results(asked, history, capsys, words):
    asked(*history, *words).study.announce(Cost(50, 50, 1.0, 1))
    assert capsys.readouterr().err.startswith("50 runs") == (words == ())


@pytest.mark.parametrize(
    ("words", "quiet"), [((), False), (("--quiet",), True), (("--json",), True)]
)
def test_sections_go_into_a_page_once_there_are_results(asked, history, monkeypatch, words, quiet):
    put = []
    monkeypatch.setattr(backtest, "put_into", lambda *page, **how: put.append((*page, how)))
    asked(*history, *words)
    assert put == []
    call = asked(*history, "--document", "docs/page.md", *words)
    assert put == [(Path("docs/page.md"), call.folder, {"quiet": quiet})]


@pytest.mark.slow
def test_from_end_to_end(crossings, history, tmp_path):
    arguments = (*history, *TINY, "--holdout", "2024", "--out", "found")
    arguments += ("--document", "docs/validation.md")
    done = crossings(*arguments)
    assert done.exit_code == 0, done.output
    assert "the forecast of arrivals in 2024 has a CRPS of" in unwrapped(done.stdout)
    assert "2 runs" in done.stderr.splitlines()[0]  # the cost comes first
    folder = tmp_path / "found"
    page = (tmp_path / "docs" / "validation.md").read_text(encoding="utf-8")
    own = (folder / "backtest.md").read_text(encoding="utf-8")
    assert own.replace("](backtest", "](img/backtest") in page
    assert (tmp_path / "docs" / "img" / "backtest-2024-channel_boats.svg").exists()
    assert not [*folder.glob("backtest-2024-channel_deaths*")]  # known by year only
