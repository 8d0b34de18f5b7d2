"""`crossings fit`: what it asks for, and a fit of the real model in a very short window."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from simulation.fitting import provenance
from simulation.fitting.fit import FITTED
from simulation.fitting.plan import FitPlan
from simulation.fitting.series import FitWindow
from simulation.parameters.fitted import load_fitted
from simulation.studies.study import Cost
from tests.fits import write_fit
from tests.reading import summary_of, unwrapped
from tests.refusals import succeeded

SCENARIO = """
title = "A short past"
extends = "history"

[run]
start = 2023-05-01
end = 2023-06-30
warm_up_days = 1
"""


@pytest.fixture
def fit(asked, tmp_path):
    """`crossings fit` where no run is made, and the fit that would be made lies there."""
    (tmp_path / "short.toml").write_text(SCENARIO, encoding="utf-8")
    (tmp_path / "made").mkdir()
    write_fit(tmp_path / "made", ("2023-05", "2023-06")).rename(tmp_path / "made" / FITTED)
    return partial(asked, "fit")


def test_history_is_fitted_from_2021_on_with_the_budget_that_the_help_names(fit, crossings):
    call = fit()
    assert call.study.scenario.slug == "history"
    assert call.study.plan.window.first == "2021-01"
    assert call.study.own is None
    assert (call.options.scale, call.options.assumptions) == (0.1, "records")
    assert f"default: {call.study.plan.budget}]" in unwrapped(crossings("fit", "--help").stdout)
    assert call.how == {"quiet": False, "as_json": False}
    assert call.done.output == ""


def test_a_past_that_ends_too_early_goes_on_to_the_last_month(fit):
    call = fit("short.toml", "--from", "2023-05", "--to", "2023-08", "--budget", "60")
    assert call.study.plan == FitPlan(FitWindow("2023-05", "2023-08"), 60)
    assert call.study.scenario.slug == "short"
    assert call.study.scenario.run.end == date(2023, 8, 31)


def test_figures_of_ones_own_are_fitted(fit, tmp_path):
    own = "month,channel_boats\n2023-05,21\n2023-06,\n"
    (tmp_path / "own.csv").write_text(own, encoding="utf-8")
    months, boats = fit("short.toml", "--own-data", "own.csv").study.own["channel_boats"]
    assert months == ["2023-05", "2023-06"]
    assert boats[0] == 21


@pytest.mark.parametrize("words", [(), ("--quiet",), ("--json",)])
def test_the_cost_stands_beside_the_results(fit, capsys, words):
    study = fit("short.toml", *words).study
    if words:
        assert study.announce is None
    else:
        study.announce(Cost(50, 50, 1.0, 1))
        assert capsys.readouterr().err.startswith("50 runs: ")


@pytest.mark.parametrize("words", [(), ("--quiet",), ("--json",)])
def test_a_fit_is_installed_beside_those_of_the_package(fit, monkeypatch, tmp_path, words):
    package = tmp_path / "package"
    monkeypatch.setattr(provenance, "install", partial(provenance.install, folder=package))
    assert fit("short.toml", *words).done.output == ""
    assert not package.exists()
    done = fit("short.toml", "--install", *words).done
    assert load_fitted(package / "2023-05..2023-06.json").window == ("2023-05", "2023-06")
    assert ("2023-05..2023-06" in done.stdout) == (words == ())


@pytest.mark.slow
@pytest.mark.full
def test_a_fit_of_the_real_model(crossings, tmp_path):
    (tmp_path / "short.toml").write_text(SCENARIO, encoding="utf-8")
    command = [
        "fit", "short.toml", "--budget", "50", "--scale", "0.02", "--workers", "2", "--out", "f",
        "--document", "docs/page.md",
    ]  # fmt: skip
    assert "yearly figures lie in the 90% interval" in succeeded(crossings(*command)).output
    summary = summary_of(tmp_path / "f")
    assert summary["window"] == ["2023-05", "2023-06"]
    fitted = load_fitted(tmp_path / "f" / "fitted.json")
    assert summary["members_used"] == sum(summary["members"]) == 31
    assert 0 < fitted.size <= 6
    assert fitted.provenance["command"].startswith("crossings fit short --from 2023-05")
    assert f"`{fitted.hash}`" in (tmp_path / "docs" / "page.md").read_text(encoding="utf-8")
    assert "--document docs/page.md" not in fitted.provenance["command"]
    assert (tmp_path / "docs" / "img" / "fit-channel_boats.svg").exists()
    assert "Nothing to run" in crossings(*command).output
