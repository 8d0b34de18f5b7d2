"""A search for failures of a stand-in for the model."""

from __future__ import annotations

import copy
import csv
import html
import io
import re

import numpy as np
import pytest
from rich.console import Console
from simulation.commands.assumption_tables import print_discovery

from simulation.experiments.engine.options import Options
from simulation.experiments.studies.discovery import Plan, discover, hypercube
from simulation.report import write_experiment_report
from simulation.scenario import load_scenario
from simulation.wording import discovery as wording
from tests.experiments.answering import (
    BASE,
    FIRST,
    FOURTH,
    OTHER,
    SECOND,
    THIRD,
    Answering,
    cornered,
    few_shuffles,
)


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    few_shuffles(monkeypatch)


def test_a_hypercube_has_one_point_in_every_slice():
    units = hypercube(5, 40, 2)
    assert np.array_equal(np.sort(np.floor(units * 40), axis=0), np.tile(np.arange(40.0), (5, 1)).T)
    assert np.array_equal(units, hypercube(5, 40, 2))


FEW = (FIRST, SECOND, THIRD, FOURTH, "sharing.medium_fidelity", "sharing.low_leak")


@pytest.fixture
def sides(tmp_path):
    for name, text in (("base", BASE), ("policy", OTHER)):
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    return load_scenario(tmp_path / "base.toml"), load_scenario(tmp_path / "policy.toml")


def search(sides, folder, model, samples=120, replications=1):
    return discover(
        *sides,
        Options(scale=0.1, out=folder),
        Plan(only=FEW, samples=samples, replications=replications, noise=4),
        yes=True,
        simulate=model,
    )


@pytest.fixture(scope="module")
def several(tmp_path_factory):
    """The summary of a search with three pairs at each point; no test changes it."""
    folder = tmp_path_factory.mktemp("several")
    for name, text in (("base", BASE), ("policy", OTHER)):
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    both = load_scenario(folder / "base.toml"), load_scenario(folder / "policy.toml")
    model = Answering(lambda first, second: (-900.0 + 1000.0 * first, 0.0), chance=40.0)
    with pytest.MonkeyPatch.context() as patch:
        few_shuffles(patch)
        return search(both, folder / "out", model, 40, replications=3).summary


def test_the_corner_in_which_the_policy_fails_is_found(sides, tmp_path):
    model = Answering(cornered, fails=lambda third, fourth: third > 0.8 and fourth < 0.3)
    found = search(sides, tmp_path / "out", model)
    summary = found.summary
    answer = summary["questions"]["no_help"]
    limits = {limit["record"]: limit for limit in answer["boxes"][0]["limits"]}
    assert set(limits) == {FIRST, SECOND}
    assert limits[FIRST]["low"] is not None
    assert limits[SECOND]["high"] is not None
    assert answer["boxes"][0]["density"] > 0.8
    assert answer["central_cases"] in (0, 4)  # without chance all seeds agree
    headline = wording.headline(summary)
    assert f"{FIRST} is at least" in headline
    assert f"{SECOND} is at most" in headline
    assert f"In 0 of {summary['points_used']} sets of assumptions (0%)" in headline

    # failed runs are left out and told
    out = summary["points_left_out"]
    assert out > 0
    assert summary["points_used"] + out == 120
    assert answer["points"] == summary["points_used"]
    assert f"{out} of 120 sets of assumptions hold a failed run" in wording.left_out(summary)
    assert "the sea was too rough" in wording.left_out(summary)

    page = write_experiment_report(found.folder).read_text(encoding="utf-8")
    assert "plot-ranges-no_help-1" in page
    assert "plot-tradeoff-no_help-1" in page
    with (found.folder / "boxes.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["question"] == "no_help"]
    assert {row["record"] for row in rows if row["box"] == "1"} == {FIRST, SECOND}
    with (found.folder / "points.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(row["failed"] == "1" for row in rows) == out
    assert all(row["channel_arrivals_difference"] == "" for row in rows if row["failed"] == "1")


def test_a_policy_that_always_helps_has_no_region(sides, tmp_path):
    found = search(sides, tmp_path / "out", Answering(lambda first, second: (-50.0, 3.0)), 20)
    answers = found.summary["questions"]
    assert answers["no_help"]["cases"] == 0
    assert answers["more_deaths"]["cases"] == 20
    assert wording.answer(found.summary, "no_help").endswith("arrivals are not lower.")
    assert "all cases but 0" in wording.answer(found.summary, "more_deaths")
    assert write_experiment_report(found.folder).exists()


def test_too_few_runs_for_the_noise_are_told_everywhere(sides, tmp_path):
    model = Answering(lambda first, second: (-10.0, 0.0), chance=300.0)
    found = search(sides, tmp_path / "out", model, 40)
    noise = found.summary["questions"]["no_help"]["noise"]
    assert noise["measured"] == "central"
    assert noise["share"] > 0.25
    assert not noise["enough"]
    (warning,) = wording.warnings(found.summary)  # deaths differ nowhere: no luck in them
    assert warning.startswith("Too few runs for small-boat arrivals in the UK: with one pair of")
    assert "a larger --scale" in warning
    assert "some of them by chance alone (see the warning)" in wording.headline(found.summary)
    page = write_experiment_report(found.folder).read_text(encoding="utf-8")
    shown = re.search(r'<p class="warning">(.*?)</p>', page)[1]
    assert html.unescape(re.sub(r"<.*?>", "", shown)) == warning
    console = Console(file=io.StringIO(), width=2000)
    print_discovery(found.summary, console)
    assert warning in console.file.getvalue()
    assert "Chance makes up" in console.file.getvalue()


def test_of_a_share_what_differs_is_told_in_percentage_points(several):
    summary = copy.deepcopy(several)
    found = summary["questions"]["no_help"]
    found["outcome"] = "mapped_share"
    found["differences"] |= {"low": -0.021, "high": 0.012, "median": 0.0}
    found["noise"] |= {"sd_point": 0.0012, "design_sd": 0.034}
    assert "in the middle 90% of sets: -2.1 to +1.2 percentage points, median 0.0." in (
        wording.spread_words(summary, "no_help")
    )
    said = wording.noise_words(summary, "no_help")
    assert "moves by 0.1 by chance alone" in said
    assert said.endswith("over the sets by 3.4 percentage points.")


def test_with_several_pairs_chance_is_measured_at_every_point(several):
    noise = several["questions"]["no_help"]["noise"]
    assert noise["measured"] == "within"
    # two runs a pair, each moved by chance
    assert noise["sd"] == pytest.approx(40.0 * np.sqrt(2.0), rel=0.2)
    assert noise["sd_point"] == pytest.approx(noise["sd"] / np.sqrt(3.0))
    assert noise["enough"]
    assert noise["high"] < 0.25
    assert wording.warnings(several) == []
    assert "from the 3 pairs of runs of each set" in wording.noise_words(several, "no_help")
    assert "by chance alone (see" not in wording.headline(several)
