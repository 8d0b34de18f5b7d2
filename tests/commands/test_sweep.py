import json
import re

import pytest
from click.testing import CliRunner

from simulation import model
from simulation.cli import cli
from simulation.outcomes import OUTCOMES
from simulation.scenario import load_scenario
from tests import synthetic
from tests.reading import csv_rows, page_of, summary_of, unwrapped
from tests.refusals import refusal

LEVELS = "sharing.UK-RS=none,low,medium,high,full"
REAL = """
title = "Twenty days"
extends = "baseline"
run = { start = 2023-06-01, end = 2023-06-20, warm_up_days = 10 }
"""


def respond(scenario, **told):
    """A model in which entries on the Balkan route bring 10 people a day."""
    record = synthetic.simulate(scenario, **told)
    more = scenario.entries.get("balkan", 1.0) - 1.0
    record.daily["channel_arrivals"] = record.daily["channel_arrivals"] + 10.0 * more
    return record


@pytest.fixture
def door(monkeypatch, tmp_path):
    """`crossings sweep`, in an empty folder, with a model that is done at once."""
    monkeypatch.setattr(model, "simulate", respond)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *arguments: CliRunner().invoke(cli, ["sweep", *map(str, arguments)])


@pytest.fixture
def real(tmp_path):
    path = tmp_path / "months.toml"
    path.write_text(REAL, encoding="utf-8")
    return path


def test_a_sweep_of_the_real_model(crossings, real, tmp_path):
    patrols = "staff.FR.coast_patrol=0.1,1,4"
    arguments = ("sweep", str(real), "--vary", patrols, "--replications", "2", "--scale", "0.02",
                 "--assumptions", "records", "--out", "here")  # fmt: skip
    result = crossings(*arguments)
    assert result.exit_code == 0, result.output
    text = unwrapped(result.stdout)
    assert "Coast patrol staff of FR from 0.1 to 4 (times what it is): small-boat arrivals " in text
    assert "At 1 the numbers are those of “Twenty days” to the last digit." in text
    assert "Deaths in the Channel " in text
    assert "Mapped share" in result.stdout
    assert "Scale 0.02 costs precision: one simulated person stands for 50" in text
    summary = summary_of(tmp_path / "here")
    arrivals = [p["outcomes"]["channel_arrivals"]["scenario"] for p in summary["points"]]
    assert arrivals[0] > arrivals[1] > arrivals[2] > 0  # the more patrols, the fewer arrive
    assert len(csv_rows(tmp_path / "here" / "points.csv")) == 3 * len(OUTCOMES)
    page = page_of(tmp_path / "here")
    assert page.count('class="plot ') == 8
    assert "Deaths in the Channel" in page


def test_a_point_runs_again_by_itself(door, scenario_file, tmp_path):
    assert door(scenario_file, "--vary", "entries.balkan=0.5,2", "--out", "o").exit_code == 0
    point = tmp_path / "o" / "points" / "0002.toml"
    assert load_scenario(point).entries == {"balkan": 2.0}
    result = CliRunner().invoke(
        cli, ["compare", str(scenario_file), str(point), "--replications", "2", "--json",
              "--scale", "0.1", "--out", "c"]
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)["scenarios"]
    gap = found["outcomes"]["channel_arrivals"]["periods"]["run"]["difference"]
    assert gap == pytest.approx(10.0 * 59)


def test_the_scale_is_a_tenth_unless_told_otherwise(door, scenario_file):
    vary = ("--vary", "entries.balkan=0.5,2", "--replications", "2", "--json")
    assert json.loads(door(scenario_file, *vary).stdout)["scale"] == 0.1
    result = door(scenario_file, *vary[:-1], "--scale", "1")
    assert "costs precision" not in result.stdout


@pytest.mark.parametrize("more", [(), ("--vary", "adaptation.going_dark=true,false"),
                                  ("--vary", "adaptation.going_dark=true,false",
                                   "--vary", "staff.FR.coast_patrol=0.5,2")])  # fmt: skip
def test_the_table_fits_80_columns(door, scenario_file, more):
    result = door(scenario_file, "--vary", "entries.balkan=0.5,1,2", *more, "--out", "o")
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    points = [line.split()[1] for line in lines if re.match(r"point \d", line)]
    assert points == [str(n + 1) for n in range(3 * 2 ** (len(more) // 2))]


def test_many_points_are_told_variable_by_variable(door, scenario_file):
    result = door(
        scenario_file, "--vary", "entries.balkan=0.5:1.5:9", "--vary",
        "sharing.UK-RS=none,low,medium,high,full", "--replications", "2",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Against 0.5, averaged over the rest" in result.stdout
    assert "All 45 points are in points.csv." in result.stdout
    assert "point 7" not in result.stdout


def test_a_hypercube_names_what_drives_arrivals(door, scenario_file, tmp_path):
    result = door(
        scenario_file, "--vary", "entries.balkan=0.5:1.5", "--vary", "sharing.UK-RS=0:1",
        "--lhs", "20", "--replications", "2", "--out", "o",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    text = unwrapped(result.stdout)
    assert (
        "Arrivals rise with “People entering on the route balkan” (rank correlation +1.00)" in text
    )
    assert "have no detectable relation with “Sharing between UK and RS”" in text
    assert "entries.balkan +1.00" in text
    page = page_of(tmp_path / "o")
    assert page.count('class="plot ') == 4


def test_two_variables_have_a_map_and_their_data(door, scenario_file, tmp_path):
    result = door(
        scenario_file, "--vary", "entries.balkan=0.5,1,2", "--vary", "sharing.UK-RS=none,full",
        "--replications", "2", "--out", "o",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    page = page_of(tmp_path / "o")
    assert "Both together" in page
    assert 'data-figure="plot-sweep-both-channel_arrivals"' in page
    assert 'data-figure="plot-sweep-both-channel_deaths"' in page
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
    gaps = [p["outcomes"]["channel_arrivals"]["difference"] for p in summary["points"]]
    assert gaps == pytest.approx([-20.0 * 59, -10.0 * 59])


def test_a_reference_of_other_dates_is_refused(door, scenario_file, tmp_path):
    refusal(
        door(scenario_file, "--vary", LEVELS, "--reference", "baseline", "--out", "o"), "run.end"
    )
    assert not (tmp_path / "o").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--vary", "shring.UK-RS=none,low"), 'did you mean "sharing"?'),
        (("--vary", LEVELS, "--vary", "sharing.RS-UK=none,low"), "this is varied twice"),
        (("--vary", "entries.balkan=0.5:1.5"), "LOW:HIGH:COUNT"),
        (("--vary", LEVELS, "--lhs", "2"), "--lhs = 2: out of range; allowed: 5"),
        (("--vary", LEVELS, "--replications", "1"), "--replications = 1: out of range"),
        (("--vary", LEVELS, "--scale", "0"), "--scale"),
        (("--vary", LEVELS, "--workers", "0"), "--workers = 0: out of range; allowed: 1 or more"),
    ],
)
def test_a_mistake_is_told_in_one_line_and_nothing_is_written(
    door, scenario_file, tmp_path, arguments, told
):
    refusal(door(scenario_file, *arguments, "--out", "o"), told)
    assert not (tmp_path / "o").exists()


def test_nothing_varied_is_told_by_the_command_line(door, scenario_file):
    result = door(scenario_file)
    refusal(result)
    assert result.stderr.startswith("--vary: missing")
