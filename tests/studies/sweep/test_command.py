"""`crossings sweep` through the command line: what it says."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from simulation.cli import cli
from simulation.engine.result_folder import read_findings
from simulation.model import corridor_model
from simulation.outcomes import HEADLINE, OUTCOMES
from simulation.scenario import load_scenario
from simulation.studies.sweep import words as wording
from simulation.studies.sweep.findings import SweepFindings
from simulation.wording import quoting, verdicts
from tests import synthetic
from tests.reading import csv_rows, page_of, unwrapped

LEVELS = "sharing.UK-RS=none,low,medium,high,full"
REAL = """
title = "Twenty days"
extends = "baseline"
run = { start = 2023-06-01, end = 2023-06-20, warm_up_days = 10 }
"""


def respond(scenario, **options):
    """A model in which entries on the Balkan route bring 10 people a day."""
    record = synthetic.simulate(scenario, **options)
    more = scenario.entries.get("balkan", 1.0) - 1.0
    record.daily["channel_arrivals"] = record.daily["channel_arrivals"] + 10.0 * more
    return record


@pytest.fixture
def door(monkeypatch, tmp_path):
    """`crossings sweep`, in an empty folder, with a model that is done at once."""
    monkeypatch.setattr(corridor_model, "simulate", respond)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *arguments: CliRunner().invoke(cli, ["sweep", *map(str, arguments)])


class SweepOutput(NamedTuple):
    """What a sweep found, and what screen and page say."""

    findings: SweepFindings
    screen: str
    page: str


def output_of(result, folder) -> SweepOutput:
    """What a sweep that must have succeeded left in a folder; its headline is on the screen."""
    assert result.exit_code == 0, result.output
    findings, screen = read_findings(folder, SweepFindings), unwrapped(result.stdout)
    for text in wording.headline(findings):
        assert unwrapped(text) in screen
    return SweepOutput(findings, screen, page_of(folder))


def test_a_sweep_of_the_real_model(crossings, tmp_path):
    (tmp_path / "months.toml").write_text(REAL, encoding="utf-8")
    patrols = "staff.FR.coast_patrol=0.1,1,4"
    result = crossings("sweep", "months.toml", "--vary", patrols, "--replications", "2", "--scale",
                       "0.02", "--assumptions", "records", "--out", "here")  # fmt: skip
    output = output_of(result, tmp_path / "here")
    assert "At 1 the numbers are those of “Twenty days” to the last digit." in output.screen
    assert wording.scale_words(0.02) in output.screen
    effects = [point.outcomes["channel_arrivals"] for point in output.findings.points]
    arrivals = [effect.scenario for effect in effects]
    assert arrivals[0] > arrivals[1] > arrivals[2] > 0  # the more patrols, the fewer arrive
    assert len(csv_rows(tmp_path / "here" / "points.csv")) == 3 * len(OUTCOMES)
    assert output.page.count('class="plot ') == 8
    for text in (output.screen, output.page):
        assert "Deaths in the Channel" in text


def test_a_point_runs_again_by_itself(door, scenario_file, tmp_path):
    assert door(scenario_file, "--vary", "entries.balkan=0.5,2", "--out", "o").exit_code == 0
    point = tmp_path / "o" / "points" / "0002.toml"
    assert load_scenario(point).entries == {"balkan": 2.0}
    result = CliRunner().invoke(
        cli, ["compare", str(scenario_file), str(point), "--replications", "2", "--json",
              "--scale", "0.1", "--out", "c"]
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (scenario,) = json.loads(result.stdout)["scenarios"]
    gap = scenario["outcomes"]["channel_arrivals"]["periods"]["run"]["mean_difference"]
    assert gap == pytest.approx(10.0 * 59)


@pytest.mark.slow
@pytest.mark.parametrize("more", [(),
                                  ("--vary", "adaptation.going_dark=true,false",
                                   "--vary", "staff.FR.coast_patrol=0.5,2")])  # fmt: skip
def test_the_table_fits_80_columns(door, scenario_file, more):
    result = door(scenario_file, "--vary", "entries.balkan=0.5,1,2", *more, "--out", "o")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    points = [line.split()[1] for line in lines if re.match(r"point \d", line)]
    assert points == [str(n + 1) for n in range(3 * 2 ** (len(more) // 2))]


@pytest.mark.parametrize(("scale", "words"), [(0.3, "person stands for 3.33"), (1.0, None)])
def test_a_smaller_scale_says_for_how_many_one_person_stands(scale, words):
    said = wording.scale_words(scale)
    assert (words is None) is (said == "")
    assert words is None or words in said


@pytest.mark.slow
def test_many_points_are_told_variable_by_variable(door, scenario_file, tmp_path):
    result = door(scenario_file, "--vary", "entries.balkan=0.5:1.5:9", "--vary", LEVELS,
                  "--replications", 2, "--out", "o")  # fmt: skip
    output = output_of(result, tmp_path / "o")
    assert len(output.findings.points) == 45
    assert "averaged over the rest" in output.screen
    assert "points.csv" in output.screen
    assert "point 7" not in output.screen


def test_two_variables_have_a_map_and_their_data(door, scenario_file, tmp_path):
    result = door(scenario_file, "--vary", "entries.balkan=0.5,1,2", "--vary",
                  "sharing.UK-RS=none,full", "--replications", 2, "--out", "o")  # fmt: skip
    page = output_of(result, tmp_path / "o").page
    for outcome in ("channel_arrivals", "channel_deaths"):
        assert f'data-figure="plot-sweep-both-{outcome}"' in page
    assert "entries.balkan%2Csharing.UK-RS%2Cpairs" in page or "entries.balkan,sharing" in page


def test_another_reference_can_be_named(door, scenario_file, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(
        synthetic.SCENARIO.replace("A small test", "More come") + "\n[entries]\nbalkan = 3.0\n"
    )
    result = door(
        scenario_file, "--vary", "entries.balkan=1,2", "--reference", other, "--json",
        "--replications", "2",
    )  # fmt: skip
    summary = json.loads(result.stdout)
    assert summary["reference"] == "More come"
    gaps = [p["outcomes"]["channel_arrivals"]["mean_difference"] for p in summary["points"]]
    assert gaps == pytest.approx([-20.0 * 59, -10.0 * 59])


@pytest.mark.slow
def test_with_pairs_enough_each_point_has_its_interval_and_verdict(door, tmp_path):
    result = door(
        "outlook", "--vary", "entries.balkan=0.5,1,1.5", "--replications", 24, "--days", 20,
        "--workers", 1, "--out", "out",
    )  # fmt: skip
    sweep = output_of(result, tmp_path / "out")
    point = sweep.findings.points[0].outcomes[HEADLINE]
    assert point.verdict == "small"
    (headline,) = [text for text in wording.headline(sweep.findings) if "arrivals" in text]
    both_ends = sweep.findings.contrasts[0].outcomes[HEADLINE]
    assert both_ends.verdict == "rise"
    assert verdicts.between(HEADLINE, both_ends) in headline
    for text in (sweep.screen, sweep.page):
        assert quoting.interval(HEADLINE, point) in text
        assert verdicts.short(HEADLINE, point) in text
