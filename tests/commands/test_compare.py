"""`crossings compare` through the command line: what it says, what it refuses, what it survives."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import simulation.model
from simulation.cli import cli
from simulation.experiments.engine.result_folder import read_findings
from simulation.experiments.findings import Effect, ends
from simulation.experiments.studies.compare import ComparisonFindings, ScenarioEffects
from tests import synthetic
from tests.comparing import (
    OTHER,
    door,
    manifest,
    numbers,
    stored_runs,
)
from tests.reading import csv_rows, page_of, unwrapped
from tests.refusals import nothing_written, refusal

__all__ = ["door"]  # a fixture


def compared(folder: Path) -> ComparisonFindings:
    """What the comparison in a folder found."""
    return read_findings(folder, ComparisonFindings)


def effects_of(found: ScenarioEffects) -> list[Effect]:
    """The effects on all outcomes, in all periods."""
    return [effect for outcome in found.outcomes.values() for effect in outcome.periods.values()]


def test_it_tells_the_difference_with_its_interval_and_deaths_beside(door, tmp_path):
    result = door("--replications", 8, "--out", "here")
    assert result.exit_code == 0, result.output
    text = unwrapped(result.stdout)
    assert "“Nothing shared” against “A small test”" in text
    assert "90% interval" in text
    assert "Deaths in the Channel" in text
    assert "8 pairs of runs" in text
    assert "probability that the average is a fall: 0.90, the most that 8 pairs show" in text
    # in the file nothing is shared either, and the stand-in for the model does not know
    assert all(line.startswith("Note: ") for line in result.stderr.splitlines())
    effect = compared(tmp_path / "here").scenarios[0].effect("channel_arrivals")
    assert effect.low < effect.difference < effect.high < 0
    assert effect.percent == pytest.approx(100 * (effect.scenario / effect.baseline - 1))
    assert effect.detectable


def test_a_scenario_that_differs_in_name_only_differs_by_exactly_nothing(door, tmp_path):
    text = synthetic.SCENARIO.replace("A small test", "Another name")
    (tmp_path / "same.toml").write_text(text)
    result = door("--replications", 4, "--json", scenarios=("small.toml", "same.toml"))
    (found,) = ComparisonFindings.model_validate_json(result.stdout).scenarios
    assert found.identical
    for effect in effects_of(found):
        assert effect.difference in (0.0, None)
        assert ends(effect.low, effect.high) in ((0.0, 0.0), None)
        assert not effect.detectable


def test_the_ladder_shows_what_adaptation_takes_back(door, tmp_path):
    result = door("--replications", 4, "--ladder", "--out", "here")
    assert result.exit_code == 0, result.output
    assert "What adaptation takes back" in result.stdout
    found = compared(tmp_path / "here")
    rungs = found.ladder
    assert [len(rung.responses) for rung in rungs] == list(range(len(rungs)))
    effects = [rung.outcomes["channel_arrivals"].difference for rung in rungs]
    assert effects == sorted(effects)
    assert effects[0] < effects[-1]
    whole = found.scenarios[0].effect("channel_arrivals")
    assert rungs[-1].outcomes["channel_arrivals"] == whole
    # a step is the effect with one response more less the effect before it, seed by seed
    assert rungs[0].step is None
    for before, rung, gain in zip(effects[:-1], rungs[1:], np.diff(effects), strict=True):
        step = rung.step["channel_arrivals"]
        assert step.difference == pytest.approx(gain)
        assert step.before == pytest.approx(before)
        assert step.low <= step.difference <= step.high
        assert step.pairs == 4
    together = rungs[-1].together["channel_arrivals"]
    assert together.difference == pytest.approx(effects[-1] - effects[0])
    assert "What each response changes of the effect" in result.stdout
    assert "All responses together change" in unwrapped(result.stdout)
    rows = csv_rows(tmp_path / "here" / "ladder.csv", outcome="channel_arrivals")
    assert [float(row["difference"]) for row in rows] == effects
    assert rows[0]["step_difference"] == ""
    assert float(rows[-1]["step_difference"]) == pytest.approx(effects[-1] - effects[-2])
    # all responses is what was compared anyway, so it is not run again
    assert stored_runs(tmp_path / "here") == 4 * 2 * (len(rungs))


@pytest.mark.parametrize("pairs", [pytest.param(4, marks=pytest.mark.slow), 7])
def test_few_pairs_tell_no_direction_anywhere_however_far_apart_the_sides_are(
    door, tmp_path, pairs
):
    """Four sets out of an ensemble, all with a fall: no probability of 0.98 that it is one."""
    result = door("--replications", pairs, "--ladder", "--out", "here")
    text = unwrapped(result.stdout)
    assert f"too few pairs ({pairs}) to say whether it is a fall: that needs 8 or more" in text
    assert "--replications 8" in text
    assert "probability that" not in text
    assert f"{pairs} pairs are too few to call any difference a rise or a fall" in text
    for word in ("takes back", "turns it round", "moves it"):
        assert f", {word}" not in text
    folder = tmp_path / "here"
    (found,) = compared(folder).scenarios
    high = found.effect("channel_arrivals").high
    assert high < 0.0, "the interval is told, and leaves out zero"
    for effect in effects_of(found):
        assert not effect.detectable
        assert effect.probability is None
    for name in ("differences", "month_differences", "leg_differences", "ladder"):
        for row in csv_rows(folder / f"{name}.csv"):
            assert not row.get("probability")
            assert not row.get("step_probability")
    page = page_of(folder)
    assert f"too few pairs ({pairs}) to say whether it is a fall: that needs 8 or more" in page
    assert "probability that the average" not in page
    assert "<strong>" not in page[page.index("table-0") :].split("</table>")[0]


@pytest.mark.parametrize("pairs", [pytest.param(2, marks=pytest.mark.slow), 3])
def test_too_few_pairs_have_no_interval_anywhere(door, tmp_path, pairs):
    result = door("--replications", pairs, "--ladder", "--out", "here")
    text = unwrapped(result.stdout)
    assert "too few pairs for an interval" in text
    assert "They are too few for an interval, which needs 4 pairs or more" in text
    assert not re.search(r"[+-][\d,]+ to ", text)
    assert "no detectable effect" not in text, "that is said of an interval"
    folder = tmp_path / "here"
    for effect in effects_of(compared(folder).scenarios[0]):
        assert not effect.detectable
        for key in ("low", "high", "percent_low", "percent_high", "probability", "spread"):
            assert getattr(effect, key) is None
    for name in ("differences", "month_differences", "leg_differences", "ladder"):
        for row in csv_rows(folder / f"{name}.csv"):
            assert row["low"] == row["high"] == ""
    page = page_of(folder)
    assert f"{pairs} pairs are too few for an interval." in page
    assert "too few pairs for an interval" in page


def test_how_far_single_pairs_lie_apart_stands_beside_the_interval(door, tmp_path):
    for pairs, kind in ((6, "lowest to highest"), (24, "5-95%")):
        result = door("--replications", pairs, "--assumptions", "records", "--out", "here")
        text = unwrapped(result.stdout)
        assert f"({kind} of {pairs} pairs)" in text
        assert "All pairs have one assumption set, so single pairs differ by chance alone:" in text
        effect = compared(tmp_path / "here").scenarios[0].effect("channel_arrivals")
        assert effect.spread == kind
        assert effect.spread_low < effect.low < effect.high < effect.spread_high
        row = csv_rows(tmp_path / "here" / "differences.csv", outcome="channel_arrivals")[0]
        assert row["spread"] == kind
        for key in ("spread_low", "spread_high"):
            assert float(row[key]) == getattr(effect, key)
        assert f"{kind} of pairs, whole run" in page_of(tmp_path / "here")


# -- how many pairs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("precision", "limit", "pairs"), [(0.5, 100, 8), (0.00001, 18, 18)])
def test_auto_adds_pairs_until_it_is_enough(door, precision, limit, pairs):
    result = door("--precision", precision, "--limit", limit, "--json")
    summary = json.loads(result.stdout)
    assert summary["replications"] == pairs
    assert (summary["precision_reached"] <= precision) == (pairs == 8)


def test_auto_stops_where_the_precision_is_reached_whoever_is_first(door):
    found = [
        json.loads(door("--workers", n, "--precision", 0.03, "--out", f"w{n}", "--json").stdout)
        for n in (1, 3)
    ]
    assert 8 < found[0]["replications"] < 100
    assert found[0]["precision_reached"] <= 0.03
    assert found[0] == found[1]


def test_the_same_bits_whatever_the_number_of_workers(door, tmp_path):
    for workers in (1, 3):
        door("--replications", 5, "--workers", workers, "--out", f"w{workers}", "--quiet")
    one = numbers(tmp_path / "w1")
    assert len(one) == 7
    assert one == numbers(tmp_path / "w3")


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--replications", "1"], "--replications = 1: out of range; allowed: 2 to 100000"),
        (["--replications", "0"], "--replications = 0: out of range"),
        (["--replications", "-5"], "--replications = -5: out of range"),
        (["--replications", "many"], '--replications = "many": not a number of pairs; allowed: au'),
        (["--replications", "2.5"], '--replications = "2.5": not a number of pairs'),
        (["--precision", "0"], "--precision = 0.0: out of range; allowed: above 0, below 1"),
        (["--precision", "1"], "--precision = 1.0: out of range"),
        (["--precision", "nan"], "--precision = nan: out of range"),
        (["--time", "soon"], '--time = "soon": not a length of time; allowed: such as 90s, 3m, 1h'),
        (["--time", "0s"], '--time = "0s": not a length of time'),
        (["--time", "3m", "--replications", "6"], '--time = "3m": ends nothing where the number'),
        (["--limit", "7"], "--limit = 7: out of range; allowed: 8 to"),
        (["--days", "0"], "--days = 0: out of range; allowed: 1 to 59"),
        (["--scale", "0"], "--scale = 0.0: out of range"),
        (["--seed", "-1"], "--seed = -1: out of range"),
        (["--workers", "0"], "--workers = 0: out of range; allowed: 1 or more"),
        (["--scheduler", "localhost:8786"], '"localhost:8786": not the address of a Dask schedul'),
        (["--scheduler", "tcp://a:1", "--workers", "2"], "--workers or --scheduler, not both"),
        (["--out", "small.toml"], '--out = "small.toml": the folder is a file'),
    ],
)
def test_bad_input_is_one_line_exit_2_and_nothing_written(door, tmp_path, arguments, message):
    with nothing_written(tmp_path):
        refusal(door(*arguments), message)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2023-02-28", "2023-02-27", 'run.end = "2023-02-27": differs from "A small test"'),
        ("2023-01-01", "2023-01-02", 'run.start = "2023-01-02": differs from'),
        ("warm_up_days = 0", "warm_up_days = 3", "run.warm_up_days = 3: differs from"),
    ],
)
def test_scenarios_of_different_dates_are_not_compared(door, tmp_path, old, new, message):
    (tmp_path / "later.toml").write_text(synthetic.SCENARIO.replace(old, new))
    with nothing_written(tmp_path):
        refusal(door(scenarios=("small.toml", "other.toml", "later.toml")), "later.toml", message)


def test_a_scenario_cannot_bring_another_corridor(door, tmp_path):
    (tmp_path / "far.toml").write_text('corridor = "elsewhere"\n' + synthetic.SCENARIO)
    refusal(door(scenarios=("small.toml", "far.toml")), "far.toml: corridor", "unknown")


def test_an_unknown_scenario_is_told_with_the_nearest(door, tmp_path):
    with nothing_written(tmp_path):
        refusal(
            door(scenarios=("baseline", "ful-sharing")),
            "ful-sharing",
            'did you mean "full-sharing"',
        )


def test_another_experiments_folder_is_refused_and_left_alone(door, tmp_path):
    door("--replications", 2, "--out", "here", "--quiet")
    before = numbers(tmp_path / "here")
    for more in (["--seed", 2], ["--ladder"], ["--scale", 0.5], ["--assumptions", "ranges"]):
        refusal(
            door("--replications", 2, "--out", "here", *more),
            "already holds another experiment (it differs in",
        )
    assert numbers(tmp_path / "here") == before
    assert manifest(tmp_path / "here")["status"] == "complete"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_folder_whose_name_is_no_text_is_refused(door, tmp_path):
    name = os.fsdecode(b"name\xff")
    refusal(
        door("--replications", 2, "--out", name), "the folder cannot be used, its name is not UTF-8"
    )
    assert not (tmp_path / name).exists()


# -- what it survives -----------------------------------------------------------------------------


def test_the_same_command_again_runs_nothing_and_says_the_same(door, monkeypatch):
    first = door("--replications", 4)
    monkeypatch.setattr(simulation.model, "simulate", lambda *_, **__: pytest.fail("ran again"))
    second = door("--replications", 4)
    assert second.exit_code == 0
    assert "Nothing to run" in second.stdout
    assert first.stdout.splitlines()[:-1] == second.stdout.splitlines()[:-1]


def test_more_pairs_are_added_to_those_that_are_there(door, tmp_path):
    door("--replications", 3, "--out", "here", "--quiet")
    door("--replications", 5, "--out", "here", "--quiet")
    assert stored_runs(tmp_path / "here") == 10
    door("--replications", 5, "--out", "afresh", "--quiet")
    assert numbers(tmp_path / "here") == numbers(tmp_path / "afresh")


# -- the model itself -----------------------------------------------------------------------------


def test_the_model_itself_is_compared(tmp_path, monkeypatch, scenario_file):
    (tmp_path / "other.toml").write_text(OTHER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    found = []
    for workers in ("1", "2"):
        arguments = ["compare", "small.toml", "other.toml", "--replications", "2", "--days", "10"]
        arguments += ["--scale", "0.02", "--workers", workers, "--out", f"w{workers}"]
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 0, result.output
        found.append(numbers(tmp_path / f"w{workers}"))
    assert found[0] == found[1]
    assert (tmp_path / "w1" / "report.html").exists()


def test_a_single_scenario_is_compared_with_what_it_extends(door):
    alone = door("--replications", 4, "--out", "alone", scenarios=("other.toml",))
    assert alone.exit_code == 0, alone.output
    both = door("--replications", 4, "--out", "both")
    assert both.exit_code == 0, both.output
    found, wanted = compared(Path("alone")), compared(Path("both"))
    assert (found.baseline, found.scenarios) == (wanted.baseline, wanted.scenarios)


def test_a_scenario_that_extends_none_needs_a_baseline(door):
    refusal(door("--replications", 4, scenarios=("small.toml",)), "extends", "BASELINE")
    assert not Path("results").exists()


def test_scenarios_of_other_days_are_told_how_to_mend_it(door):
    Path("early.toml").write_text(
        'title = "Early"\nextends = "baseline"\n[run]\nend = 2024-06-30\n', encoding="utf-8"
    )
    refusal(door("--replications", 4, scenarios=("outlook", "early.toml")), "[run]")
    fitting = door("--replications", 4, scenarios=("baseline", "outlook-full-sharing"))
    assert fitting.exit_code == 2
    assert '"outlook"' in fitting.stderr


def test_a_scenario_with_days_of_its_own_is_compared_with_what_it_extends_over_them(door):
    Path("ahead.toml").write_text(
        'title = "Ahead"\nextends = "small.toml"\n[run]\nstart = 2023-03-01\nend = 2023-03-20\n'
        '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "high"\n',
        encoding="utf-8",
    )
    told = door("--replications", 4, "--out", "own-days", scenarios=("ahead.toml",))
    assert told.exit_code == 0, told.output
    found = json.loads((Path("own-days") / "manifest.json").read_text(encoding="utf-8"))
    assert (found["start"], found["end"]) == ("2023-03-01", "2023-03-20")
    assert found["scenarios"][1] == "Ahead"
    assert found["scenarios"][0] != "Ahead"
    refusal(door("--replications", 4, scenarios=("baseline", "ahead.toml")), "alone")


@pytest.mark.slow
def test_years_are_told_on_the_screen_and_the_page(door):
    Path("long.toml").write_text(
        'title = "Long"\nextends = "small.toml"\n[run]\nend = 2025-02-28\n', encoding="utf-8"
    )
    Path("late.toml").write_text(
        'title = "Late"\nextends = "long.toml"\n[[sharing]]\nbetween = ["UK", "FR"]\n'
        'level = "high"\nfrom = 2023-06-10\n',
        encoding="utf-8",
    )
    told = door("--replications", 4, "--out", "years", scenarios=("late.toml",))
    assert told.exit_code == 0, told.output
    assert "Jun 2023 to May 2024" in told.stdout
    assert "2024" in told.stdout
    (found,) = compared(Path("years")).scenarios
    assert found.since.first_change == "2023-06-10"
    assert list(found.since.windows) == ["year 1", "year 2"]
    page = page_of(Path("years"))
    assert "Jun 2023 to May 2024" in page
    assert "(projected)" not in told.stdout + page


def test_years_after_the_data_are_marked_on_the_screen_and_the_page(door):
    Path("ahead.toml").write_text(
        'title = "Ahead"\nextends = "small.toml"\n[run]\nstart = 2027-01-01\nend = 2028-06-30\n',
        encoding="utf-8",
    )
    Path("other-ahead.toml").write_text(
        'title = "Otherwise"\nextends = "ahead.toml"\n[[sharing]]\nbetween = ["UK", "FR"]\n'
        'level = "high"\nfrom = 2027-02-10\n',
        encoding="utf-8",
    )
    told = door("--replications", 4, "--out", "ahead", scenarios=("other-ahead.toml",))
    assert told.exit_code == 0, told.output
    text = unwrapped(told.stdout)
    assert "2027 (projected)" in text
    assert re.search(r"year 1 since the change.{0,300}\(projected\)", text)
    page = page_of(Path("ahead"))
    heads = re.findall(r'<th scope="col">([^<]*)</th>', page)
    years = [head for head in heads if "202" in head or head == "whole run (projected)"]
    assert len(years) == 5, heads
    for name in ("differences.csv", "month_differences.csv"):
        assert {row["projected"] for row in csv_rows(Path("ahead") / name)} == {"true"}
    assert all("(projected)" in head for head in years), years
