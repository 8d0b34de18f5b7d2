"""A back-test of several years, and that no year is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from simulation.corridor import Observed, load_observed
from simulation.engine.options import Options
from simulation.errors import InputError
from simulation.parameters import fitted
from simulation.report.backtest import page, section_keys
from simulation.report.blocks import Table
from simulation.scenario.scenario import parse_scenario
from simulation.validation import naive
from simulation.validation.backtest import (
    backtest_of,
    check_holdout,
    years_of,
)
from simulation.validation.scored import MODEL, mean_scores, scored
from simulation.validation.series import load_series
from tests import synthetic
from tests.conducting import backtest
from tests.fits import write_fit
from tests.reading import csv_rows

YEARS = synthetic.SCENARIO.replace("2023-01-01", "2024-01-01").replace("2023-02-28", "2025-12-31")
SERIES = load_series()


def run(out, holdout, simulate=synthetic.simulate, **asked):
    options = Options(out=out, workers=1, scale=0.5)
    return backtest(parse_scenario(YEARS), options, holdout, None, 4, simulate=simulate, **asked)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return run(tmp_path_factory.mktemp("finished") / "out", "2024-2025")


@pytest.mark.slow
def test_the_mean_over_the_years_is_that_of_their_scores(finished):
    years = finished.findings.years
    assert [year.holdout for year in years] == [2024, 2025]
    for method, mean in finished.findings.mean["channel_arrivals"].items():
        scores = [year.series["channel_arrivals"].scores["months"][method] for year in years]
        assert mean.crps == pytest.approx(np.mean([one.crps for one in scores]))
        assert mean.inside["0.9"] == sum(one.inside["0.9"] for one in scores) / 24
        assert (mean.years, mean.months) == (2, 24)
    share = finished.findings.mean["prevented_share"][MODEL]
    assert (share.years, share.months) == (2, 8 + 12)
    assert "channel_deaths" not in finished.findings.mean
    assert {row["year"] for row in csv_rows(finished.folder / "scores.csv")} == {"2024", "2025"}


def test_the_page_has_the_mean_and_a_section_of_each_year(finished):
    data = SimpleNamespace(
        findings=finished.findings, manifest=SimpleNamespace(command="crossings backtest")
    )
    sections = page(data).sections
    assert [one.key for one in sections] == section_keys((2024, 2025))
    (table,) = (block for block in sections[0].blocks if isinstance(block, Table))
    # the name of the series, and below it the model and every other forecast
    arrivals = table.rows[1 : len(naive.METHODS) + 2]
    assert len({row.label for row in arrivals}) == len(naive.METHODS) + 1
    assert section_keys((2024,)) == ["backtest-2024"]


def changed(observed: Observed, year: int) -> Observed:
    """The observed tables with other figures from a year on."""
    monthly = {
        name: (
            months,
            np.where([m < str(year) for m in months], values, 7.0 + np.arange(len(months))),
        )
        for name, (months, values) in observed.monthly_series.items()
    }
    yearly = {
        name: {at: value if at < year else 3.0 * value + 1.0 for at, value in of.items()}
        for name, of in observed.yearly_series.items()
    }
    return replace(observed, monthly_series=monthly, yearly_series=yearly)


def test_a_forecast_knows_nothing_of_its_year(tmp_path):
    """Other figures from the year on leave every forecast as it was, and change its scores."""
    usual = run(tmp_path / "usual", 2025)
    other = run(tmp_path / "other", 2025, observed=changed(load_observed(), 2025))
    (mine,), (theirs,) = usual.findings.years, other.findings.years
    assert mine.discrepancy == theirs.discrepancy
    for name, one in mine.series.items():
        again = theirs.series[name]
        assert (one.bands, one.total_bands) == (again.bands, again.total_bands)
        for method in naive.METHODS:
            assert one.naive[method] == again.naive[method]
    scores = (of.series["channel_arrivals"].scores["months"][MODEL].crps for of in (mine, theirs))
    assert len(set(scores)) == 2


def test_each_year_has_the_newest_ensemble_that_does_not_know_it(tmp_path, monkeypatch):
    for last in ("2022-12", "2023-12", "2024-12"):
        write_fit(tmp_path, ("2021-01", last))
    monkeypatch.setattr(fitted, "FOLDER", tmp_path)
    study, options = backtest_of("history", "2023-2025", Options(assumptions="fitted"))
    windows = {year: one.window for year, one in study.ensembles.items()}
    assert windows == {year: ("2021-01", f"{year - 1}-12") for year in (2023, 2024, 2025)}
    assert options.ensemble.window == ("2021-01", "2022-12")
    assert study.scenarios[0].run.end == date(2025, 12, 31)
    assert [one.window for one in study._runs(options)] == list(windows.values())
    assert backtest_of("history", "2024,2025", options)[0].ensembles == {}


@pytest.mark.parametrize(
    ("text", "years"),
    [
        (2024, (2024,)), ("2023-2025", (2023, 2024, 2025)), ("2025, 2023", (2023, 2025)),
        (None, (max(SERIES[0].years),)),
    ],
)  # fmt: skip
def test_years_are_read(text, years):
    assert years_of(text, SERIES) == years


@pytest.mark.parametrize("text", ["soon", "2023-", "2025-2023", "", "23", "2023-01", "2023 2024"])
def test_what_is_no_year_is_refused(text):
    with pytest.raises(InputError, match="--holdout"):
        years_of(text, SERIES)


def test_a_year_without_data_before_it_is_refused():
    past = parse_scenario(YEARS.replace("2024-01-01", "2018-01-01"))
    with pytest.raises(InputError, match="nothing was observed before this year"):
        check_holdout(2018, past, SERIES)


def test_a_perfect_and_a_point_forecast_score_as_they_should():
    """In closed form: a point scores its absolute error, two members what their formula gives."""
    one = SERIES[0]
    seen, months = one.of_year(2024), {}
    for off, spread in ((0.0, 0.0), (100.0, 0.0), (0.0, 100.0)):
        runs = np.array([seen + off - spread, seen + off + spread])
        forecast = SimpleNamespace(
            months={one.name: runs}, totals={one.name: runs.sum(axis=1)}, weights=None
        )
        year = {one.name: scored(one, forecast, year=2024, seed=1)}
        months[off, spread] = mean_scores([year, year])[one.name][MODEL]
    assert months[0.0, 0.0].crps == 0.0
    assert months[100.0, 0.0].crps == pytest.approx(100.0)
    assert months[100.0, 0.0].bias == pytest.approx(100.0)
    # E|X - y| - E|X - X'| / 2 = 100 - 100 / 2
    assert months[0.0, 100.0].crps == pytest.approx(50.0)
    assert months[0.0, 100.0].inside["0.9"] == 1.0
    assert months[100.0, 0.0].inside["0.9"] == 0.0
