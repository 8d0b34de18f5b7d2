"""A search for failures of a stand-in for the model."""

from __future__ import annotations

import html
import io
import re

import numpy as np
import pytest
from rich.console import Console
from scipy import stats

from simulation.engine.options import Options
from simulation.report.experiment import write_experiment_report
from simulation.report.terminal import show
from simulation.studies.design_points import hypercube
from simulation.studies.discovery import words as wording
from simulation.studies.discovery.findings import DiscoveryFindings
from simulation.studies.discovery.page import summary
from tests.answering import (
    FEW,
    FIRST,
    SECOND,
    Answering,
    cornered,
    few_shuffles,
    sides_in,
)
from tests.conducting import discover
from tests.reading import csv_rows
from tests.trust.markup import Parts


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    few_shuffles(monkeypatch)


def test_a_hypercube_has_one_point_in_every_slice():
    units = hypercube(5, 40, 2)
    assert np.array_equal(np.sort(np.floor(units * 40), axis=0), np.tile(np.arange(40.0), (5, 1)).T)
    assert np.array_equal(units, hypercube(5, 40, 2))


def search(sides, folder, model, samples=120, replications=1):
    asked = {"only": FEW, "samples": samples, "replications": replications, "noise": 4}
    return discover(sides, Options(scale=0.1, out=folder), simulate=model, **asked)


@pytest.fixture(scope="module")
def several(tmp_path_factory) -> DiscoveryFindings:
    """What a search with three pairs at each point finds."""
    folder = tmp_path_factory.mktemp("several")
    model = Answering(lambda first, second: (-900.0 + 1000.0 * first, 0.0), chance=40.0)
    with pytest.MonkeyPatch.context() as patch:
        few_shuffles(patch)
        return search(sides_in(folder), folder / "out", model, 40, replications=3).findings


def test_the_corner_in_which_the_policy_fails_is_found(sides, tmp_path):
    model = Answering(cornered, fails=lambda third, fourth: third > 0.8 and fourth < 0.3)
    done = search(sides, tmp_path / "out", model)
    findings = done.findings
    answer = findings.questions["no_help"]
    assert {limit.record for limit in answer.boxes[0].limits} == {FIRST, SECOND}
    assert answer.boxes[0].density > 0.8
    assert answer.central_cases in (0, 4)  # without chance all seeds agree
    headline = wording.headline(findings)
    assert f"{FIRST} is at least" in headline
    assert f"{SECOND} is at most" in headline
    assert f"In 0 of {findings.points_used} sets of assumptions (0%)" in headline

    # failed runs are left out and reported
    out = findings.points_left_out
    assert out > 0
    assert findings.points_used + out == 120
    assert answer.points == findings.points_used
    assert f"{out} of 120 sets of assumptions hold a failed run" in wording.left_out(findings)
    assert "the sea was too rough" in wording.left_out(findings)

    page = write_experiment_report(done.folder).read_text(encoding="utf-8")
    assert "plot-ranges-no_help-1" in page
    (whole, region, recorded) = Parts(page).figures()["plot-ranges-no_help-1"]["data"]
    for place, name in enumerate(region["y"]):
        (limit,) = (one for one in answer.boxes[0].limits if name in one.record.replace("_", " "))
        record = findings.records[limit.record]
        width = float(record.high) - float(record.low)
        start = record.low if limit.low is None else limit.low
        stop = record.high if limit.high is None else limit.high
        assert region["base"][place] == pytest.approx((start - record.low) / width)
        assert region["x"][place] == pytest.approx((stop - start) / width)
        assert recorded["x"][place] == pytest.approx((record.value - record.low) / width)
    assert set(whole["x"]) == {1.0}
    rows = csv_rows(done.folder / "boxes.csv", question="no_help")
    assert {row["record"] for row in rows if row["box"] == "1"} == {FIRST, SECOND}
    rows = csv_rows(done.folder / "points.csv")
    assert sum(row["failed"] == "1" for row in rows) == out
    assert all(row["channel_arrivals_difference"] == "" for row in rows if row["failed"] == "1")
    gaps = [float(row["channel_arrivals_difference"]) for row in rows if row["failed"] != "1"]
    assert answer.cases == sum(gap >= 0.0 for gap in gaps)


def test_a_policy_that_always_helps_has_no_region(sides, tmp_path):
    done = search(sides, tmp_path / "out", Answering(lambda first, second: (-50.0, 3.0)), 20)
    answers = done.findings.questions
    assert answers["no_help"].cases == 0
    assert answers["more_deaths"].cases == 20
    assert answers["more_deaths"].regions == []
    assert wording.answer(done.findings, "no_help").endswith("arrivals are not lower.")
    assert "all cases but 0" in wording.answer(done.findings, "more_deaths")
    assert write_experiment_report(done.folder).exists()


def share_interval(share: float, freedom: int, points: int) -> tuple[float, ...]:
    """The 90% interval of a share, by the F distribution of a ratio of variances."""
    return tuple(share / stats.f.ppf((0.95, 0.05), freedom, points - 1))


def test_too_few_runs_for_the_noise_are_reported_everywhere(sides, tmp_path):
    model = Answering(lambda first, second: (-10.0, 0.0), chance=300.0)
    done = search(sides, tmp_path / "out", model, 40)
    noise = done.findings.questions["no_help"].noise
    assert noise.measured == "central"
    assert noise.share > 0.25
    low, high = share_interval(noise.share, freedom=4 - 1, points=40)
    assert (noise.low, noise.high) == (pytest.approx(low), pytest.approx(min(high, 1.0)))
    assert not noise.enough
    (warning,) = wording.warnings(done.findings)  # deaths differ nowhere: no luck in them
    assert warning.startswith("Too few runs for small-boat arrivals in the UK: with one pair of")
    assert "a larger --scale" in warning
    assert "some of them by chance alone (see the warning)" in wording.headline(done.findings)
    page = write_experiment_report(done.folder).read_text(encoding="utf-8")
    shown = re.search(r'<p class="warning">(.*?)</p>', page)[1]
    assert html.unescape(re.sub(r"<.*?>", "", shown)) == warning
    assert "<code>--scale</code>" in shown
    console = Console(file=io.StringIO(), width=2000)
    show(summary(done.findings), console)
    assert warning in console.file.getvalue()
    assert "Chance makes up" in console.file.getvalue()


def test_of_a_share_what_differs_is_in_percentage_points(several):
    content = several.as_json()
    asked = content["questions"]["no_help"]
    asked["outcome"] = "mapped_share"
    asked["differences"] |= {"low": -0.021, "high": 0.012, "median": 0.0}
    asked["noise"] |= {"sd_point": 0.0012, "design_sd": 0.034}
    findings = DiscoveryFindings.model_validate(content)
    assert "in the middle 90% of sets: -2.1 to +1.2 points, median 0.0 points." in (
        wording.spread_words(findings, "no_help")
    )
    said = wording.noise_words(findings, "no_help")
    assert "moves by 0.1 by chance alone" in said
    assert said.endswith("over the sets by 3.4 percentage points.")


@pytest.mark.parametrize(("cases", "chance"), [(0, False), (1, True), (3, True), (4, False)])
def test_where_seeds_disagree_chance_decides_some_of_the_cases(several, cases, chance):
    content = several.as_json()
    content["questions"]["no_help"] |= {"central_cases": cases, "central_runs": 4}
    said = wording.chance_words(DiscoveryFindings.model_validate(content), "no_help")
    assert f"in {cases} of 4 pairs" in said
    assert ("chance decides some" in said) is chance


def test_with_several_pairs_chance_is_measured_at_every_point(several):
    noise = several.questions["no_help"].noise
    assert noise.measured == "within"
    # two runs a pair, each moved by chance
    assert noise.sd == pytest.approx(40.0 * np.sqrt(2.0), rel=0.2)
    assert noise.sd_point == pytest.approx(noise.sd / np.sqrt(3.0))
    assert noise.enough
    low, high = share_interval(noise.share, freedom=40 * (3 - 1), points=40)
    assert (noise.low, noise.high) == (pytest.approx(low), pytest.approx(high))
    assert wording.warnings(several) == []
    assert "from the 3 pairs of runs of each set" in wording.noise_words(several, "no_help")
    assert "by chance alone (see" not in wording.headline(several)
