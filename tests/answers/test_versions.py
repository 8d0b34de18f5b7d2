"""`crossings results versions`: two results of one question, and what is not one question."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import simulation
import simulation.model.corridor_model
from simulation.answers.ledger import move
from simulation.cli import cli
from simulation.engine.findings import Effect
from simulation.engine.result_folder import ResultFolder
from simulation.wording.quoting import RANGE_ONLY
from tests.comparing import OTHER, door, stand_in
from tests.refusals import nothing_written, refusal

pytestmark = pytest.mark.slow

__all__ = ["door"]  # a fixture


def make(door, folder: str, *more: str, pairs: int = 8) -> None:
    """Make the results of a comparison."""
    done = door("--replications", pairs, "--out", folder, "--quiet", "--workers", 1, *more)
    assert done.exit_code == 0, done.output


@pytest.fixture
def old(door) -> None:
    """The results of a comparison of eight pairs, as `old`."""
    make(door, "old")


def versions(old: str, new: str, *more: str):
    return CliRunner().invoke(cli, ["results", "versions", old, new, *more])


def moves(old: str, new: str) -> dict:
    """What the command prints as JSON; the moves of the whole run by outcome."""
    done = versions(old, new, "--json")
    assert done.exit_code == 0, done.output
    content = json.loads(done.stdout)
    run = {one["outcome"]: one for one in content["moves"] if one["period"] == "run"}
    return {"changes": [one["what"] for one in content["changes"]], "run": run}


def test_another_fit_and_other_pairs_are_named_and_the_move_is_judged_by_its_interval(door):
    make(door, "old", "--ensemble", "2021-01..2023-12", "--seed", "20")
    make(door, "new", "--seed", "40", pairs=9)
    printed = moves("old", "new")
    assert set(printed["changes"]) == {"assumptions", "first seed", "pairs"}
    arrivals = printed["run"]["channel_arrivals"]
    old, new = arrivals["old"], arrivals["new"]
    assert arrivals["move"]["points"]
    assert arrivals["move"]["difference"] == pytest.approx(
        new["mean_percent"] - old["mean_percent"]
    )
    outside = arrivals["move"]["low"] > 0 or arrivals["move"]["high"] < 0
    assert arrivals["move"]["verdict"] == ("more" if outside else "within")
    assert "2021-01..2023-12" in versions("old", "new").stdout


def test_a_program_that_answers_otherwise_moves_by_more_than_the_error(door, monkeypatch):
    def halved(scenario, **options):
        record = stand_in(scenario, **options)
        if not scenario.sharing:
            return record
        arrivals = record.daily["channel_arrivals"] // 2
        return replace(record, daily={**record.daily, "channel_arrivals": arrivals})

    make(door, "old", "--seed", "20")
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", halved)
    make(door, "new", "--seed", "20")
    arrivals_move = moves("old", "new")["run"]["channel_arrivals"]["move"]
    assert arrivals_move["verdict"] == "more"
    assert arrivals_move["low"] < arrivals_move["difference"] < arrivals_move["high"] < 0
    frame = simulation.compare_versions("old", "new").moves
    (row,) = frame[(frame.period == "run") & (frame.outcome == "channel_arrivals")].itertuples()
    assert (row.difference, row.verdict) == (arrivals_move["difference"], "more")


def test_few_pairs_have_no_verdict(door):
    make(door, "old", pairs=4)
    make(door, "new", "--seed", "50")
    assert {one["move"]["verdict"] for one in moves("old", "new")["run"].values()} == {"unknown"}


def test_deaths_have_no_single_number(old):
    by_outcome = moves("old", "old")["run"]
    for outcome in RANGE_ONLY & by_outcome.keys():
        for part, name in (("old", "mean_difference"), ("new", "median"), ("move", "difference")):
            assert by_outcome[outcome][part][name] is None
        assert by_outcome[outcome]["old"]["baseline"] is None
    frame = simulation.compare_versions("old", "old").moves
    deaths = frame[frame.outcome.isin(RANGE_ONLY)]
    assert len(deaths)
    assert deaths[["old", "new", "difference"]].isna().all(axis=None)


def test_a_baseline_that_has_changed_is_no_other_question(old, door, tmp_path):
    lever = '\n[[staff]]\nauthority = "FR"\nkind = "analysis"\nadd = 3\n'
    with (tmp_path / "small.toml").open("a", encoding="utf-8") as file:
        file.write(lever)
    make(door, "new")
    assert set(moves("old", "new")["changes"]) == {"baseline", "scenarios"}


@pytest.mark.parametrize(("write", "more", "words"), [
    (OTHER.replace('"none"', '"low"'), (), ("Nothing shared", "sharing")),
    (OTHER.replace("FR", "BE"), (), ("sharing",)),
    (OTHER, ("--days", "30"), ("2023-01-30",)),
])  # fmt: skip
def test_other_questions_are_refused(old, door, tmp_path, write, more, words):
    (tmp_path / "other.toml").write_text(write, encoding="utf-8")
    make(door, "new", *more)
    with nothing_written(tmp_path):
        refusal(versions("old", "new"), "old, new", "different questions", *words)


def test_what_is_no_finished_comparison_is_refused(old, door, tmp_path):
    (tmp_path / "empty").mkdir()
    refusal(versions("empty", "old"), "OLD", "empty", "manifest.json")
    refusal(versions("old", "nothing"), "NEW", "nothing", "manifest.json")
    run = ("--replications", "1", "--out", "run", "--quiet")
    assert door(*run, command="run", scenarios=("small.toml",)).exit_code == 0
    refusal(versions("old", "run"), "NEW", "of run, not of a comparison")

    shutil.copytree("old", "half")
    results = ResultFolder(Path("half"))
    results.write_manifest(results.manifest().model_copy(update={"status": "interrupted"}))
    refusal(versions("half", "old"), "OLD", "not complete")


@pytest.mark.parametrize("name", ["summary.json", "scenarios/1-other.toml"])
def test_an_edited_folder_is_refused(old, door, name):
    make(door, "new", "--seed", "9")
    file = next(Path("new").glob(name.replace("other", "*")))
    file.write_text(file.read_text().replace("Nothing shared", "Nothing told"), encoding="utf-8")
    refusal(versions("old", "new"), "NEW", file.name, "changed")


# -- how far an answer moved -----------------------------------------------------------------------

numbers = st.floats(-100, 100).map(lambda value: round(value, 3))
widths = st.floats(0.001, 50)


def effect(middle: float, below: float, above: float, pairs: int = 24) -> Effect:
    return Effect(
        pairs=pairs, baseline=100.0, scenario=90.0, mean_difference=middle,
        mean_low=middle - below, mean_high=middle + above, mean_percent=middle,
        mean_percent_low=middle - below, mean_percent_high=middle + above, detectable=False,
    )  # fmt: skip


@given(numbers, numbers, widths, widths, widths, widths)
def test_a_move_lies_in_its_interval_and_turns_round_with_its_sides(one, other, a, b, c, d):
    forth = move(effect(one, a, b), effect(other, c, d))
    back = move(effect(other, c, d), effect(one, a, b))
    assert forth.low <= forth.difference <= forth.high
    assert (back.difference, back.low, back.high) == pytest.approx(
        (-forth.difference, -forth.high, -forth.low)
    )
    assert (
        (forth.verdict == "more") == (forth.low > 0 or forth.high < 0) == (back.verdict == "more")
    )


@given(numbers, widths, widths)
def test_errors_of_two_even_intervals_add_as_those_of_independent_means(middle, half, other):
    moved = move(effect(0.0, half, half), effect(middle, other, other))
    assert moved.high - moved.difference == pytest.approx((half**2 + other**2) ** 0.5, abs=1e-9)
    assert move(effect(0.0, half, half, pairs=4), effect(middle, 1.0, 1.0)).verdict == "unknown"
