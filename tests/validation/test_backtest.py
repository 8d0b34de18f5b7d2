"""A whole back-test on the stand-in for the model: summary, text, charts, and going on."""

from __future__ import annotations

import numpy as np
import pyarrow.parquet as pq
import pytest

from simulation.corridor import Observed, load_observed
from simulation.engine.options import Options
from simulation.errors import InputError
from simulation.parameters import fitted
from simulation.report import markdown
from simulation.report.backtest import section, summary
from simulation.report.blocks import Table
from simulation.scenario.scenario import parse_scenario
from simulation.validation import naive
from simulation.validation.backtest import (
    choose_unseen,
)
from simulation.validation.forecast import seed_of
from simulation.validation.scored import MODEL
from simulation.validation.series import SCORED, load_series
from tests import synthetic
from tests.conducting import backtest
from tests.fits import write_fit
from tests.reading import csv_rows, summary_of

YEAR = synthetic.SCENARIO.replace("2023-01-01", "2024-01-01").replace("2023-02-28", "2025-03-31")


@pytest.fixture(scope="module")
def scenario():
    return parse_scenario(YEAR)


def run(scenario, out, plan, simulate=synthetic.simulate, *, discrepancy=True, **options):
    run_options = Options(out=out, workers=1, scale=0.5, **options)
    return backtest(scenario, run_options, *plan, discrepancy=discrepancy, simulate=simulate)


def only(findings):
    """The only year of a back-test."""
    (year,) = findings.years
    return year


def text_of(findings, command="crossings backtest", images=""):
    return markdown.sections([section(findings, only(findings), command)], images=images)


@pytest.fixture(scope="module")
def finished(scenario, tmp_path_factory):
    return run(scenario, tmp_path_factory.mktemp("finished") / "out", (2024, None, 4))


@pytest.fixture(scope="module")
def bare(scenario, tmp_path_factory):
    """The same runs, without what the model leaves out."""
    out = tmp_path_factory.mktemp("bare") / "out"
    return run(scenario, out, (2024, None, 4), discrepancy=False)


def test_every_series_is_scored_against_every_naive_forecast(finished):
    series = only(finished.findings).series
    assert tuple(series) == tuple(SCORED)
    for one in series.values():
        for horizon in ("months", "year"):
            assert list(one.scores[horizon]) == [MODEL, *naive.METHODS]
            observed = one.by_month or horizon == "year"
            assert (one.scores[horizon][MODEL] is not None) == observed
    months = series["channel_arrivals"].scores["months"]
    assert {entry.count for entry in months.values()} == {12}
    assert months["last_3_years"].duel.better is False
    share = series["prevented_share"].scores
    assert share["months"][MODEL].count == 8
    assert share["months"]["last_3_years"] is None
    assert share["year"]["last_3_years"].duel.low is None
    deaths = series["channel_deaths"]
    assert deaths.total_observed == 80
    # the nearest of 39, 7 and 16 is 41 too low
    assert deaths.scores["year"]["last_3_years"].mae == pytest.approx(80 - 16)
    assert deaths.scores["year"][naive.ETS] is None


def test_the_bands_are_those_of_the_runs(bare):
    table = pq.read_table(bare.folder / "months.parquet").to_pandas()
    july = table[(table.outcome == "channel_arrivals") & (table.month == "2024-07")]
    assert sorted(july.seed) == [seed_of(1, 0, turn) for turn in range(4)]
    bands = only(bare.findings).series["channel_arrivals"].bands
    assert bands["0.5"][6] == pytest.approx(july.value.median())
    assert bands["0.05"][6] < bands["0.95"][6]
    # nothing is run beyond the year
    assert table.month.astype(str).max() == "2024-12"
    assert bare.findings.end == "2024-12-31"


def test_the_summary_is_plain_json_and_the_scores_a_table(finished):
    # a NaN would differ from itself
    assert summary_of(finished.folder) == finished.findings.as_json()
    line = csv_rows(finished.folder / "scores.csv", forecast="last_3_years")[0]
    entry = only(finished.findings).series["channel_arrivals"].scores["months"]["last_3_years"]
    assert float(line["crps"]) == entry.crps
    assert line["model_verdict"] == entry.duel.verdict
    assert int(line["inside_90"]) == entry.inside["0.9"]


def test_more_runs_leave_the_others_and_the_same_again_runs_none(scenario, tmp_path):
    assert run(scenario, tmp_path / "out", (2024, 2, 1), assumptions="ranges").ran == 2
    assert run(scenario, tmp_path / "out", (2024, 2, 1), assumptions="ranges").ran == 0
    more = run(scenario, tmp_path / "out", (2024, 3, 2), assumptions="ranges")
    assert more.ran == 4
    assert len(set(more.findings.seeds)) == more.findings.replications == 6
    assert "3 sets of assumptions" in text_of(more.findings)


def test_what_the_model_leaves_out_widens_the_bands_and_needs_no_run(scenario, finished, bare):
    again = run(scenario, bare.folder, (2024, None, 4))
    assert again.ran == 0
    assert only(again.findings).series == only(finished.findings).series
    without, bands = (
        only(one.findings).series["channel_arrivals"].bands for one in (bare, finished)
    )
    narrow, wide = (np.subtract(one["0.95"], one["0.05"]).sum() for one in (without, bands))
    assert wide > 1.5 * narrow
    assert np.sum(bands["0.5"]) == pytest.approx(np.sum(without["0.5"]), rel=0.1)
    # and the page says which of both it is
    said = ["leaves out is not in the forecast" in text_of(one.findings) for one in (bare, again)]
    assert said == [True, False]
    run(scenario, bare.folder, (2024, None, 4), discrepancy=False)


def test_without_earlier_months_the_discrepancy_is_the_assumed_one(finished):
    """The run begins with the year held out, so nothing can be learnt before it."""
    one = only(finished.findings).discrepancy["channel_arrivals"]
    assert one.residuals == 0
    assert one.size_low < one.assumed < one.size_high
    assert one.size_median == pytest.approx(one.assumed, rel=0.1)


def test_each_forecast_says_what_it_was_given(finished):
    given = {row.table: (row.first, row.last) for row in only(finished.findings).model_inputs}
    assert given["entries_monthly.csv"] == ("2024-01", "2024-12")
    assert given["origin_mix.csv"][1] == "2024"
    naive_inputs = only(finished.findings).series["channel_arrivals"].naive
    for method in naive.METHODS:
        assert naive_inputs[method].last == "2023-12"
    assert "`entries_monthly.csv`" in text_of(finished.findings)


# -- which assumptions may be used ----------------------------------------------------------------


def options_of(**how):
    return Options(assumptions="fitted", **how)


def test_an_ensemble_of_ones_own_stays_and_without_one_that_ends_before_the_year_there_is_none(
    tmp_path, monkeypatch
):
    file = write_fit(tmp_path, ("2021-01", "2022-12"))
    monkeypatch.setattr(fitted, "FOLDER", tmp_path)
    assert choose_unseen(2023, options_of()).ensemble.window == ("2021-01", "2022-12")
    with pytest.raises(InputError, match=r"crossings fit --to 2021-12 --install"):
        choose_unseen(2022, options_of())
    mine = options_of(ensemble=fitted.load_fitted(file))
    assert choose_unseen(2025, mine) is mine
    assert choose_unseen(2022, Options()).ensemble is None


@pytest.mark.parametrize(
    ("holdout", "last"),
    [(2024, "2024-01"), (2024, "2024-12"), (2024, "2025-12"), ("2024-2025", "2024-12")],
)
def test_assumptions_that_have_seen_a_year_are_refused(scenario, tmp_path, holdout, last):
    seen = fitted.load_fitted(write_fit(tmp_path, ("2021-01", last)))
    with pytest.raises(InputError, match="2024 must be unknown to them"):
        run(scenario, tmp_path / "out", (holdout, 2, 1), assumptions="fitted", ensemble=seen)
    assert not (tmp_path / "out").exists()


def longer(observed, year):
    """Observed tables with a year more, made up of the year before."""
    monthly = {}
    for name, (months, values) in observed.monthly_series.items():
        by_month = dict(zip(months, values, strict=True))
        added = {
            f"{year}-{m:02d}": by_month.get(f"{year - 1}-{m:02d}", np.nan) for m in range(1, 13)
        }
        by_month |= {month: value for month, value in added.items() if month not in by_month}
        monthly[name] = (list(by_month), np.array(list(by_month.values())))
    yearly = {
        name: {**values, **({year: values[year - 1]} if year - 1 in values else {})}
        for name, values in observed.yearly_series.items()
    }
    return Observed(monthly, yearly, {})


@pytest.mark.slow
def test_a_later_year_can_be_held_out_once_it_is_observed(tmp_path):
    """History's run ends before it: the run is made longer, under the policies in force then."""
    scenario = parse_scenario(YEAR.replace("2025-03-31", "2024-12-31"))
    year = max(load_series()[0].years) + 1
    options = Options(out=tmp_path / "out", workers=1, scale=0.5)
    how = {"simulate": synthetic.simulate, "observed": longer(load_observed(), year)}
    done = backtest(scenario, options, year, None, 2, **how)
    assert done.findings.end == f"{year}-12-31"
    one = only(done.findings).series["channel_arrivals"]
    assert one.months[0] == f"{year}-01"
    assert one.scores["months"][MODEL].count == 12
    # months of the run before the year say how large the discrepancy is, and none of the year
    discrepancy = only(done.findings).discrepancy["channel_arrivals"]
    assert (discrepancy.first, discrepancy.last) == ("2024-01", f"{year - 1}-12")


@pytest.mark.slow
def test_a_failed_run_is_left_out_and_its_set_keeps_its_weight(scenario, tmp_path):
    bad = seed_of(1, 1, 1)

    def simulate(scenario, *, seed, **how):
        if seed == bad:
            raise RuntimeError("rough sea")
        return synthetic.simulate(scenario, seed=seed, **how)

    done = run(scenario, tmp_path / "out", (2024, 2, 2), simulate, assumptions="ranges")
    assert only(done.findings).weighted is True
    assert done.findings.replications == 3
    assert [failure.seed for failure in done.findings.failed] == [bad]
    assert "1 run failed" in text_of(done.findings)


def test_when_nearly_all_fail_there_is_no_forecast(scenario, tmp_path):
    def simulate(scenario, *, seed, **how):
        raise RuntimeError("rough sea")

    with pytest.raises(InputError, match="rough sea"):
        run(scenario, tmp_path / "out", (2024, None, 2), simulate)


# -- text and charts ------------------------------------------------------------------------------


def test_the_text_names_its_inputs_and_the_rows_that_lose(finished):
    text = text_of(finished.findings, images="img/")
    lost = text[text.index("### Where the forecast loses") : text.index("### What this does not")]
    year = only(finished.findings)
    scores = [of for one in year.series.values() for of in one.scores.values()]
    duels = [entry.duel for of in scores for entry in of.values() if entry is not None]
    rows = [duel for duel in duels if duel is not None and not duel.better]
    assert lost.count("\n- ") == len(rows) > 0
    assert "(img/backtest-2024-channel_arrivals.svg)" in text
    assert len({line.count("|") for line in text.splitlines() if line.startswith("|")}) == 1
    assert "channel_deaths.svg" not in text
    assert "In 2024, 80 observed" in text
    assert "{" not in text
    (table,) = (block for block in summary(finished.findings) if isinstance(block, Table))
    shown = [row for row in table.rows if row.role != "group"]
    assert len(table.rows) - len(shown) == len(SCORED)
    by_month = [one.scores["months" if one.by_month else "year"] for one in year.series.values()]
    assert len(shown) == sum(entry is not None for of in by_month for entry in of.values())
