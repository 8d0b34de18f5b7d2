"""`crossings compare` through the command line: what it says, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

import simulation.model.corridor_model
from simulation.cli import cli
from simulation.engine.findings import Effect, ends
from simulation.engine.result_folder import read_findings
from simulation.report.blocks import Bullets
from simulation.report.comparison import summary
from simulation.statistics.paired import DIRECTION_PAIRS, FEWEST_PAIRS, SPREAD_PAIRS
from simulation.studies.compare import ComparisonFindings, ScenarioEffects
from simulation.wording import differences as wording
from simulation.wording import quoting, worlds
from simulation.wording.quoting import NO_INTERVAL
from simulation.wording.reasons import reasons
from tests import synthetic
from tests.comparing import OTHER, door, stored_runs
from tests.reading import csv_rows, page_of, unwrapped
from tests.refusals import nothing_written, refusal, succeeded

__all__ = ["door"]  # a fixture

MODEL = simulation.model.corridor_model.simulate


class Output(NamedTuple):
    """A comparison: its folder, what it found, and what screen and page say, each in one line."""

    folder: Path
    findings: ComparisonFindings
    screen: str
    page: str


def compared(door, *arguments, **how) -> Output:
    """Give the command for a folder of its own, which must succeed."""
    result = succeeded(door(*arguments, "--out", "here", **how))
    folder = Path("here")
    findings = read_findings(folder, ComparisonFindings)
    return Output(folder, findings, unwrapped(result.stdout), unwrapped(page_of(folder)))


def effects_of(scenario: ScenarioEffects) -> list[Effect]:
    """The effects on all outcomes, in all periods."""
    return [effect for outcome in scenario.outcomes.values() for effect in outcome.periods.values()]


def test_a_lever_without_a_day_in_the_run_changes_exactly_nothing(door, tmp_path):
    later = '[[staff]]\nauthority = "FR"\nkind = "analysis"\nadd = 1\nfrom = 2031-01-01\n'
    (tmp_path / "same.toml").write_text(synthetic.SCENARIO + later)
    result = door("--replications", 4, "--json", scenarios=("small.toml", "same.toml"))
    assert result.stdout.endswith("}\n")
    assert not result.stdout.endswith("\n\n")
    (scenario,) = ComparisonFindings.model_validate_json(result.stdout).scenarios
    assert scenario.identical
    for effect in effects_of(scenario):
        assert effect.mean_difference in (0.0, None)
        assert ends(effect.mean_low, effect.mean_high) in ((0.0, 0.0), None)
        assert not effect.detectable


@pytest.mark.slow
@pytest.mark.parametrize("pairs", [3, 4, 8])
def test_nothing_is_told_that_so_few_pairs_do_not_show(door, pairs):
    """Four sets out of an ensemble, all with a fall: no probability of 0.98 that it is one."""
    output = compared(door, "--replications", pairs, "--ladder")
    (one,) = output.findings.scenarios
    assert unwrapped(wording.headline(one, output.findings)) in output.screen
    assert wording.basis(output.findings) in output.screen
    arrivals, effects = one.effect("channel_arrivals"), effects_of(one)
    assert arrivals.detectable == (pairs >= DIRECTION_PAIRS)
    rows = [
        row
        for name in ("differences", "month_differences", "leg_differences", "ladder")
        for row in csv_rows(output.folder / f"{name}.csv")
    ]
    if pairs < DIRECTION_PAIRS:
        assert not any(effect.detectable for effect in effects)
        assert {effect.mean_probability for effect in effects} == {None}
        assert not any(
            row.get("mean_probability") or row.get("step_mean_probability") for row in rows
        )
        assert "probability that" not in output.screen
        assert "probability that the average" not in output.page
        assert not re.search(", (takes back|turns it round|moves it)", output.screen)
        assert "<strong>" not in output.page[output.page.index("table-0") :].split("</table>")[0]
    if pairs >= FEWEST_PAIRS:
        assert arrivals.mean_low < arrivals.mean_difference < arrivals.mean_high < 0
    else:
        names = ("mean_low", "mean_high", "mean_percent_low", "mean_percent_high", "plausible_low")
        assert {getattr(effect, name) for effect in effects for name in names} == {None}
        assert {(row["mean_low"], row["mean_high"]) for row in rows} == {("", "")}
        assert not re.search(r"[+-][\d,]+ to ", output.screen)
        assert "no detectable effect" not in output.screen, "that is said of an interval"
        assert NO_INTERVAL in output.page


@pytest.mark.slow
@pytest.mark.parametrize(("pairs", "assumptions"), [
    (SPREAD_PAIRS - 1, "ranges"), (24, "records"), (24, "ranges"),
])  # fmt: skip
def test_how_far_worlds_lie_apart_is_said_of_enough_pairs_and_of_several_worlds(
    door, pairs, assumptions
):
    output = compared(door, "--replications", pairs, "--assumptions", assumptions)
    effect = output.findings.scenarios[0].effect("channel_arrivals")
    row = csv_rows(output.folder / "differences.csv", outcome="channel_arrivals")[0]
    if pairs < SPREAD_PAIRS or assumptions == "records":
        assert effect.plausible is None
        assert row["plausible_low"] == ""
    else:
        assert effect.plausible_low < effect.median < effect.plausible_high
        assert float(row["plausible_low"]) == effect.plausible_low
        for text in (output.screen, output.page):
            assert quoting.plausible("channel_arrivals", effect) in text


def test_the_ladder_shows_what_adaptation_takes_back(door):
    output = compared(door, "--replications", 4, "--ladder")
    rungs = output.findings.ladder
    assert [len(rung.responses) for rung in rungs] == list(range(len(rungs)))
    effects = [rung.outcomes["channel_arrivals"].mean_difference for rung in rungs]
    assert effects == sorted(effects)
    assert effects[0] < effects[-1]
    whole = output.findings.scenarios[0].effect("channel_arrivals")
    assert rungs[-1].outcomes["channel_arrivals"] == whole
    assert "What adaptation takes back" in output.screen
    assert "all together" in output.screen
    # all responses is what was compared anyway, so it is not run again
    assert stored_runs(output.folder) == 4 * 2 * len(rungs)


# -- how many pairs -------------------------------------------------------------------------------


@pytest.mark.slow
def test_auto_stops_where_the_precision_is_reached_whoever_is_first(door):
    one, three = (
        json.loads(door("--workers", n, "--precision", 0.05, "--out", f"w{n}", "--json").stdout)
        for n in (1, 3)
    )
    assert 8 < one["replications"] < 100
    assert one["precision_reached"] <= 0.05
    assert one == three


# -- bad input ------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_folder_whose_name_is_no_text_is_refused(door, tmp_path):
    name = os.fsdecode(b"name\xff")
    refusal(
        door("--replications", 2, "--out", name), "the folder cannot be used, its name is not UTF-8"
    )
    assert not (tmp_path / name).exists()


# -- the model itself -----------------------------------------------------------------------------


def test_the_model_itself_is_compared(tmp_path, monkeypatch, scenario_file):
    (tmp_path / "other.toml").write_text(OTHER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    arguments = ["compare", "small.toml", "other.toml", "--replications", "2", "--days", "10"]
    arguments += ["--scale", "0.02", "--workers", "2", "--out", "out"]
    succeeded(CliRunner().invoke(cli, arguments))
    assert (tmp_path / "out" / "report.html").exists()
    comparison = read_findings(tmp_path / "out", ComparisonFindings)
    (one,) = comparison.scenarios
    assert one.chain["facts_learnt"].baseline > 0.0
    differing = one.model_copy(update={"identical": False})
    comparison = comparison.model_copy(update={"scenarios": [differing]})
    lists = [block.items for block in summary(comparison) if isinstance(block, Bullets)]
    assert reasons(differing) in lists


def write(name: str, title: str, extends: str, *more: str) -> None:
    lines = (f'title = "{title}"', f'extends = "{extends}"', *more)
    Path(name).write_text("\n".join(lines), encoding="utf-8")


SHARED = '[[sharing]]\nbetween = ["UK", "FR"]\nlevel = "high"'


def test_a_single_scenario_is_compared_with_what_it_extends(door):
    both = compared(door, "--replications", 4).findings
    shutil.rmtree("here")
    alone = compared(door, "--replications", 4, scenarios=("other.toml",)).findings
    assert (alone.baseline, alone.scenarios) == (both.baseline, both.scenarios)


def test_a_scenario_with_days_of_its_own_is_compared_with_what_it_extends_over_them(door):
    write("ahead.toml", "Ahead", "small.toml", "[run]", "start = 2023-03-01", "end = 2023-03-20",
          SHARED)  # fmt: skip
    findings = compared(door, "--replications", 4, scenarios=("ahead.toml",)).findings
    assert (findings.start, findings.end) == ("2023-03-01", "2023-03-20")
    assert findings.scenarios[0].title == "Ahead" != findings.baseline
    refusal(door("--replications", 4, scenarios=("baseline", "ahead.toml")), "alone")


def test_years_after_the_data_are_marked_on_the_screen_and_the_page(door):
    write("ahead.toml", "Ahead", "small.toml", "[run]", "start = 2027-01-01", "end = 2028-06-30")
    write("other-ahead.toml", "Otherwise", "ahead.toml", SHARED, "from = 2027-02-10")
    output = compared(door, "--replications", 4, scenarios=("other-ahead.toml",))
    assert "2027 (projected)" in output.screen
    assert re.search(r"year 1 since the change.{0,300}\(projected\)", output.screen)
    heads = re.findall(r'<th scope="col">([^<]*)</th>', output.page)
    years = [head for head in heads if "202" in head or head == "whole run (projected)"]
    assert len(years) == 3, heads
    assert all("(projected)" in head for head in years), years
    for name in ("differences.csv", "month_differences.csv"):
        assert {row["projected"] for row in csv_rows(output.folder / name)} == {"true"}


@pytest.fixture
def ahead(door, tmp_path):
    """The command for two scenarios whose months come after the data."""
    for name, text in (("later.toml", synthetic.SCENARIO), ("policy.toml", OTHER)):
        for before, after in (("2023-01-01", "2026-07-01"), ("2023-02-28", "2026-08-28")):
            text = text.replace(before, after)
        (tmp_path / name).write_text(text.replace("small.toml", "later.toml"))

    def call(*arguments, **how):
        return door(*arguments, **{"scenarios": ("later.toml", "policy.toml")} | how)

    return call


def test_projected_months_have_paths_which_few_pairs_do_not_show_apart(door, ahead):
    output = compared(ahead, "--replications", 6)
    parts = [path.part for path in output.findings.scenarios[0].by_path]
    assert parts
    # the middle of two pairs is no part of the average of six
    for text in (output.screen, output.page):
        assert not any(worlds.IF[part] in text for part in parts)
        assert "The effect by future path needs some 60 pairs." in unwrapped(text)
    drawn = [(world.set, world.path, world.seed) for world in output.findings.worlds]
    assert len(set(drawn)) == 6
    # on the observed months there is no path
    findings = ComparisonFindings.model_validate_json(door("--replications", 6, "--json").stdout)
    assert not findings.scenarios[0].by_path
    assert {world.part for world in findings.worlds} == {None}


@pytest.mark.slow
@pytest.mark.parametrize("path", ["low", "central", "high", "0", "0.25", "1"])
def test_all_pairs_have_the_set_and_the_path_that_are_asked_for(ahead, path):
    output = compared(ahead, "--replications", 6, "--set", 2, "--path", path)
    worlds = output.findings.worlds
    assert {world.set.split(":")[1] for world in worlds} == {"2"}
    assert len({world.seed for world in worlds}) == 6
    (drawn,) = {world.path for world in worlds}
    if path in ("low", "central", "high"):
        assert drawn == path
    else:
        assert drawn.startswith("spread:")
        assert worlds[0].position == pytest.approx(float(path), abs=1 / 64)
    # the whole is one path, so nothing is stated by thirds
    assert not output.findings.scenarios[0].by_path
    for text in (output.screen, output.page):
        assert "set 2 of" in text
        assert f"path {path}" in text
    rows = csv_rows(output.folder / "pair_differences.csv", outcome="channel_arrivals")
    assert [(row["set"], row["path"], int(row["seed"])) for row in rows] == [
        (world.set, world.path, world.seed) for world in worlds
    ]


def test_a_set_alone_leaves_the_paths_drawn_and_the_other_way_round(ahead):
    findings = compared(ahead, "--replications", 6, "--set", 1).findings
    assert len({world.path for world in findings.worlds}) > 1
    assert {world.set.split(":")[1] for world in findings.worlds} == {"1"}
    shutil.rmtree("here")
    findings = compared(ahead, "--replications", 6, "--path", "high").findings
    assert len({world.set for world in findings.worlds}) > 1
    assert {world.path for world in findings.worlds} == {"high"}


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--set", 0), ("--set", "0", "1 to")),
        (("--set", 10_000), ("--set", "10000", "1 to")),
        (("--set", 1, "--assumptions", "records"), ("--set", "1", "--assumptions fitted")),
        (("--path", "lower"), ("--path", "lower", "low, central, high")),
        (("--path", "1.5"), ("--path", "1.5", "0 to 1")),
        (("--path", "nan"), ("--path", "nan", "0 to 1")),
    ],
)
def test_a_set_or_path_out_of_range_is_one_line_and_writes_nothing(ahead, tmp_path, words, named):
    with nothing_written(tmp_path):
        refusal(ahead("--replications", 4, *words), *named)


def test_a_path_needs_months_whose_path_is_drawn(door, ahead, tmp_path):
    refusal(door("--replications", 4, "--path", "low"), "--path", "low")
    for name in ("later.toml", "policy.toml"):
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(f'{text}\n[future]\npath = "high"\n')
    refusal(ahead("--replications", 4, "--path", "low"), "--path", "low", "future")


@pytest.fixture(scope="module")
def three_years():
    """A scenario over the end of a year and two more."""
    text = synthetic.SCENARIO.replace("2023-01-01", "2023-12-01")
    return text.replace("2023-02-28", "2025-12-31")


@pytest.mark.slow
@pytest.mark.full
@pytest.mark.parametrize(("period", "days"), [
    ("2024", ("2024-01-01", "2024-12-31")),
    ("2024..2025", ("2024-01-01", "2025-12-31")),
])  # fmt: skip
def test_every_figure_is_of_the_years_that_are_asked_for(
    door, tmp_path, three_years, monkeypatch, period, days
):
    # the model itself, whose days do not hang on how many follow
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", MODEL)
    (tmp_path / "small.toml").write_text(three_years)
    how = ("--replications", 2, "--assumptions", "records", "--scale", 0.02)
    whole = ComparisonFindings.model_validate_json(door(*how, "--json").stdout)
    output = compared(door, *how, "--period", period)
    assert (output.findings.start, output.findings.end) == days
    years = [day[:4] for day in days]
    assert output.findings.periods == ["run", *sorted({*years})]
    (one,), (other,) = output.findings.scenarios, whole.scenarios
    for name in ("channel_arrivals", "seat_price_eur", "median_transit_days"):
        for year in {*years}:
            mine, wanted = one.effect(name, year), other.effect(name, year)
            assert mine.mean_difference == pytest.approx(wanted.mean_difference)
    arrivals = [other.effect("channel_arrivals", year).mean_difference for year in {*years}]
    assert one.effect("channel_arrivals").mean_difference == pytest.approx(sum(arrivals))
    months = {row["month"] for row in csv_rows(output.folder / "month_differences.csv")}
    assert {month[:4] for month in months} == {*years}
    assert f"from 1 January {years[0]} to 31 December {years[1]}" in output.screen


@pytest.mark.parametrize("period", ["2022", "2025..2024", "2024..2026", "24", "2024-01", "soon"])
def test_years_that_the_run_does_not_have_are_refused(door, tmp_path, three_years, period):
    (tmp_path / "small.toml").write_text(three_years)
    refusal(door("--replications", 4, "--period", period), "--period", period, "2023..2025")
    assert not Path("results").exists()
