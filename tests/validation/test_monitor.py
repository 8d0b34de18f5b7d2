"""Whether the model still holds, on a stand-in whose world is one of its runs, or drifts away."""

from __future__ import annotations

import csv
import json
import shutil
from datetime import date

import numpy as np
import pytest

from simulation.corridor import Observed
from simulation.errors import InputError
from simulation.experiments.engine.longer_run import run_to
from simulation.experiments.engine.options import Options
from simulation.parameters.fitted import load_fitted
from simulation.report import write_experiment_report
from simulation.report.blocks import Table
from simulation.report.monitor import basis, headline, summary
from simulation.scenario.scenario import parse_scenario
from simulation.validation.monitor import EXIT_CODES, FIGURES, overall
from tests import synthetic
from tests.conducting import monitor
from tests.fits import write_fit
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
        found = np.array([record.daily[name][stamps == np.datetime64(m)].sum() for m in months])
        moved = np.array([factor if month >= since else 1.0 for month in months])
        return found * moved if name in ("channel_arrivals", "channel_boats") else found

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
    shutil.copytree(held.folder, out)
    return look(scenario, ensemble, world(scenario, 9002, factor=3.5, since="2024-05"), out)


def test_a_model_that_holds_is_inside(held):
    assert held.findings.verdict == "inside"
    assert held.findings.exit_code == 0
    assert set(held.findings.figures) == set(FIGURES)
    one = held.findings.figures["channel_arrivals"]
    assert one.months == [f"2024-{month:02d}" for month in range(1, 13)]
    assert one.alarm is None
    assert one.inside("0.05", "0.95") >= 0.7 * len(one.months)


def test_a_figure_that_leaves_is_found_and_dated(drifted):
    found = drifted.findings
    assert found.verdict in ("drifting", "out")
    assert found.exit_code == EXIT_CODES[found.verdict] != 0
    boats = found.figures["channel_boats"]
    assert boats.verdict in ("drifting", "out")
    assert boats.alarm.side == "above"
    assert "2024-03" <= boats.alarm.since <= "2024-07"
    assert boats.alarm.since <= boats.alarm.month
    # what did not change is not blamed: people and boats grew alike
    assert found.figures["people_per_boat"].verdict == "inside"


def test_new_figures_need_no_new_run(scenario, ensemble, held, tmp_path):
    """The runs hang on the months alone, so a revised figure is held against those there are."""
    shutil.copytree(held.folder, tmp_path / "again")
    again = look(scenario, ensemble, world(scenario, 9002, factor=4.0), tmp_path / "again")
    assert again.ran == 0
    assert again.findings.verdict != "inside"
    back = look(scenario, ensemble, world(scenario, 9002), tmp_path / "again")
    assert back.findings == held.findings


@pytest.mark.full
def test_false_alarms_of_worlds_that_are_runs_of_the_model_are_rare(held, scenario, ensemble):
    """Worlds drawn from the same stand-in, by the forecast of one set of runs."""
    alarms = 0
    worlds = 25
    for seed in range(worlds):
        found = look(scenario, ensemble, world(scenario, 20_000 + seed), held.folder)
        alarms += found.findings.verdict != "inside"
    look(scenario, ensemble, world(scenario, 9002), held.folder)
    # with 5 in 100, more than 5 of 25 have a chance of three in ten thousand
    assert alarms <= 5


def test_months_of_a_users_own_go_before_ours(scenario, ensemble, held, tmp_path):
    months = [f"2024-{month:02d}" for month in range(1, 4)]
    own = {"channel_arrivals": (months, np.array([90_000.0, 90_000.0, np.nan]))}
    shutil.copytree(held.folder, tmp_path / "own")
    found = look(scenario, ensemble, world(scenario, 9002), tmp_path / "own", own=own)
    one = found.findings.figures["channel_arrivals"]
    assert one.observed[:2] == [90_000.0, 90_000.0]
    assert one.observed[2] == held.findings.figures["channel_arrivals"].observed[2]
    assert one.verdict == "out"
    assert found.findings.own_series == ["channel_arrivals"]
    assert any("of your own" in line for line in basis(found.findings))


def test_what_is_watched_can_be_told(scenario, ensemble, tmp_path):
    plan = "2024-03", "2024-05", 2, 1
    found = look(scenario, ensemble, world(scenario, 9002), tmp_path / "out", plan)
    assert found.findings.months == ["2024-03", "2024-04", "2024-05"]
    assert found.findings.end == "2024-05-31"


def test_an_ensemble_that_has_seen_everything_is_refused(scenario, ensemble, tmp_path):
    with pytest.raises(InputError, match="nothing was observed after"):
        look(scenario, ensemble, world(scenario, 9002, last="2023-12"), tmp_path / "out")


def test_the_verdict_on_all_is_that_of_the_worst():
    assert overall(["inside", "drifting", "not observed"]) == "drifting"
    assert overall(["out", "drifting"]) == "out"
    assert overall(["not observed", "not observed"]) == "inside"


# -- what a reader sees ---------------------------------------------------------------------------


def test_the_table_holds_every_month(drifted):
    with (drifted.folder / "months.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 12 * len(FIGURES)
    by_month = {(row["figure"], row["month"]): row for row in rows}
    line = by_month["channel_boats", "2024-07"]
    one = drifted.findings.figures["channel_boats"]
    assert float(line["observed"]) == one.observed[6]
    assert float(line["q5"]) == pytest.approx(one.bands["0.05"][6])
    text = (drifted.folder / "summary.json").read_text(encoding="utf-8")
    assert json.loads(text) == drifted.findings.as_json()
    assert "NaN" not in text


def test_the_page_says_which_figure_and_since_when(held, drifted):
    for found in (held, drifted):
        page = Parts(write_experiment_report(found.folder).read_text(encoding="utf-8"))
        ids = {attributes.get("id") for _, attributes in page.tags}
        assert {"verdicts", *FIGURES, "test", "limits", "provenance"} <= ids
        assert sum(tag == "svg" for tag, _ in page.tags) == len(FIGURES)
        assert headline(found.findings) in " ".join(" ".join(page.texts).split())
    since = drifted.findings.figures["channel_boats"].alarm.since
    (table,) = (block for block in summary(drifted.findings) if isinstance(block, Table))
    said = {row.label: row.values[-1].text for row in table.rows}
    assert since in said["Boats that arrived"]
    assert said["People per boat"] == "inside"
