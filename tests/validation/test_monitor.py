"""Whether the model still holds, on a stand-in whose world is one of its runs, or drifts away."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from simulation.corridor import Observed
from simulation.engine.longer_run import run_to
from simulation.engine.options import Options
from simulation.errors import InputError
from simulation.parameters.fitted import load_fitted
from simulation.report.blocks import Table
from simulation.report.experiment import write_experiment_report
from simulation.report.monitor import headline, summary
from simulation.scenario.scenario import parse_scenario
from simulation.validation.forecast import Forecast
from simulation.validation.monitor import EXIT_CODES, FIGURES, judge, overall
from simulation.validation.series import load_series
from tests import synthetic
from tests.conducting import monitor
from tests.fits import write_fit
from tests.reading import csv_rows, summary_of
from tests.trust.markup import Parts

SCENARIO = synthetic.SCENARIO.replace("2023-01-01", "2022-01-01").replace(
    "2023-02-28", "2023-12-31"
)
WINDOW = ("2022-01", "2023-12")
PLAN = (None, None, 24, 1)


@pytest.fixture(scope="module")
def scenario():
    return parse_scenario(SCENARIO)


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory):
    return load_fitted(write_fit(tmp_path_factory.mktemp("fit"), WINDOW))


def world(scenario, seed, *, factor=1.0, since="2024-01", last="2024-12"):
    """Observed tables of a world that is a run; arrivals and boats change later."""
    record = synthetic.simulate(run_to(scenario, date(2024, 12, 31)), seed=seed)
    stamps = record.dates.astype("datetime64[M]")
    months = [str(month) for month in np.unique(stamps) if str(month) <= last]

    def total(name):
        sums = np.array([record.daily[name][stamps == np.datetime64(m)].sum() for m in months])
        moved = np.array([factor if month >= since else 1.0 for month in months])
        return sums * moved if name in ("channel_arrivals", "channel_boats") else sums

    people, boats, stopped = map(total, ("channel_arrivals", "channel_boats", "channel_prevented"))
    tries = stopped + people
    share = np.divide(stopped, tries, out=np.full(len(tries), np.nan), where=tries > 0)
    load = np.divide(people, boats, out=np.full(len(boats), np.nan), where=boats > 0)
    monthly = {
        "channel_arrivals": (months, people), "channel_boats": (months, boats),
        "people_per_boat": (months, load), "prevented_share": (months, share),
    }  # fmt: skip
    yearly = {name: {2022: 0.444, 2023: 0.444} for name in monthly}
    yearly |= {name: {2022: 5.0} for name in ("channel_deaths", "wb_detections")}
    return Observed(monthly, yearly, {})


def look(scenario, ensemble, observed, out, plan=PLAN, **more):
    options = Options(out=out, workers=1, ensemble=ensemble)
    how = {"observed": observed, "simulate": synthetic.simulate, **more}
    return monitor(scenario, options, *plan, **how)


@pytest.fixture(scope="module")
def held(scenario, ensemble, tmp_path_factory):
    out = tmp_path_factory.mktemp("held") / "out"
    return look(scenario, ensemble, world(scenario, 9002), out)


@pytest.fixture(scope="module")
def drifted(scenario, ensemble, held, tmp_path_factory):
    """The same runs, held against a world that drifts."""
    out = tmp_path_factory.mktemp("drifted") / "out"
    other = world(scenario, 9002, factor=3.5, since="2024-05")
    return looked_again(held, scenario, ensemble, other, out)


def looked_again(held, scenario, ensemble, observed, out, **more):
    """The same runs, held against another world."""
    shutil.copytree(held.folder, out)
    return look(scenario, ensemble, observed, out, **more)


def test_a_model_that_holds_is_inside(held):
    assert held.findings.exit_code == 0
    assert set(held.findings.figures) == set(FIGURES)
    one = held.findings.figures["channel_arrivals"]
    assert one.months == [f"2024-{month:02d}" for month in range(1, 13)]
    assert not one.departs
    assert one.inside("0.05", "0.95") >= 0.7 * len(one.months)


def test_a_figure_that_leaves_is_found(drifted):
    findings = drifted.findings
    assert findings.exit_code == EXIT_CODES[findings.verdict] != 0
    boats = findings.figures["channel_boats"]
    assert boats.departs
    assert boats.departure > 0.5
    # what did not change is not blamed: people and boats grew alike
    assert not findings.figures["people_per_boat"].departs


def test_new_figures_need_no_new_run(scenario, ensemble, held, drifted, tmp_path):
    """The runs hang on the months alone, so a revised figure is held against those there are."""
    assert drifted.ran == 0
    back = looked_again(drifted, scenario, ensemble, world(scenario, 9002), tmp_path / "again")
    assert back.findings == held.findings


@pytest.mark.slow
@pytest.mark.full
def test_false_alarms_of_worlds_that_are_runs_of_the_model_are_rare(held, scenario, ensemble):
    """Worlds drawn from the same stand-in, by the forecast of one set of runs."""
    verdicts = [
        look(scenario, ensemble, world(scenario, 20_000 + seed), held.folder).findings.verdict
        for seed in range(25)
    ]
    look(scenario, ensemble, world(scenario, 9002), held.folder)
    # with 10 in 100, more than 8 of 25 have a chance of five in ten thousand
    assert sum(one in ("drifting", "out") for one in verdicts) <= 8


@pytest.mark.full
def test_months_of_a_users_own_go_before_ours(scenario, ensemble, held, tmp_path):
    months = [f"2024-{month:02d}" for month in range(1, 4)]
    own = {"channel_arrivals": (months, np.array([90_000.0, 90_000.0, np.nan]))}
    usual = world(scenario, 9002)
    with_own = looked_again(held, scenario, ensemble, usual, tmp_path / "own", own=own)
    one = with_own.findings.figures["channel_arrivals"]
    assert one.observed[:2] == [90_000.0, 90_000.0]
    assert one.observed[2] == held.findings.figures["channel_arrivals"].observed[2]
    assert one.verdict == "out"
    assert with_own.findings.own_series == ["channel_arrivals"]


def test_an_ensemble_that_has_seen_everything_is_refused(scenario, ensemble, tmp_path):
    with pytest.raises(InputError, match="nothing was observed after"):
        look(scenario, ensemble, world(scenario, 9002, last="2023-12"), tmp_path / "out")


def test_a_window_in_which_nothing_was_observed_is_refused(scenario, ensemble, tmp_path):
    """Months between two that are known, as a file of one's own may leave them blank."""
    months = [f"2024-{month:02d}" for month in range(1, 5)]
    own = {"channel_boats": (months, np.array([np.nan, np.nan, np.nan, 40.0]))}
    observed, plan = world(scenario, 9002, last="2023-12"), ("2024-01", "2024-03", 2, 1)
    with pytest.raises(InputError, match="nothing was observed in these months"):
        look(scenario, ensemble, observed, tmp_path / "out", plan, own=own)


# -- verdicts of made-up forecasts ----------------------------------------------------------------

MONTHS = tuple(f"2025-{month:02d}" for month in range(1, 10))


def judged(spread: float, level: float):
    """What is said of arrivals that lie off the median by a factor, as a logarithm."""
    rng = np.random.default_rng(1)
    off = rng.normal(0.0, spread, 2000)[:, None]
    paths = 1000.0 * np.exp(off + rng.normal(0.0, 0.02, (len(off), len(MONTHS))))
    (series,) = (one for one in load_series() if one.name == "channel_arrivals")
    seen = dict.fromkeys(MONTHS, 1000.0 * np.exp(level))
    forecast = Forecast(MONTHS, {series.name: paths}, {series.name: paths.sum(axis=1)})
    return judge([replace(series, months=seen)], forecast)[series.name]


@pytest.mark.parametrize(("spread", "level", "verdict"), [
    (0.05, 0.0, "inside"), (0.3, 0.0, "too early to tell"), (0.3, 0.3, "too early to tell"),
    (0.3, 0.65, "drifting"), (0.3, -0.65, "drifting"), (0.3, 1.3, "out"), (0.05, -0.3, "out"),
])  # fmt: skip
def test_the_verdict_is_that_of_the_mean_of_the_months(spread, level, verdict):
    one = judged(spread, level)
    assert one.verdict == verdict
    assert np.expm1(level) == pytest.approx(one.departure, abs=0.03)
    assert (one.power >= 0.5) == (spread == 0.05)


def test_the_verdict_on_all_is_that_of_the_worst():
    assert overall(["inside", "drifting", "not observed"]) == "drifting"
    assert overall(["out", "drifting", "too early to tell"]) == "out"
    assert overall(["inside", "too early to tell"]) == "too early to tell"


# -- what a reader sees ---------------------------------------------------------------------------


def test_the_table_holds_every_month(drifted):
    assert len(csv_rows(drifted.folder / "months.csv")) == 12 * len(FIGURES)
    (line,) = csv_rows(drifted.folder / "months.csv", figure="channel_boats", month="2024-07")
    one = drifted.findings.figures["channel_boats"]
    assert float(line["observed"]) == one.observed[6]
    assert float(line["q5"]) == pytest.approx(one.bands["0.05"][6])
    # a NaN would differ from itself
    assert summary_of(drifted.folder) == drifted.findings.as_json()


def test_the_page_says_which_figure_departs(held, drifted):
    for monitored in (held, drifted):
        page = Parts(write_experiment_report(monitored.folder).read_text(encoding="utf-8"))
        ids = {attributes.get("id") for _, attributes in page.tags}
        assert {"verdicts", *FIGURES, "limits", "advice", "provenance"} <= ids
        assert sum(tag == "svg" for tag, _ in page.tags) == len(FIGURES)
        assert headline(monitored.findings) in " ".join(" ".join(page.texts).split())
    (table,) = (block for block in summary(drifted.findings) if isinstance(block, Table))
    said = {row.label: row.values[-1].text for row in table.rows}
    assert said["Boats that arrived"] in ("drifting", "out")
