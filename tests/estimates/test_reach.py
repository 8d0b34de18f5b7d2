"""What it would take: proposals from a library of which all is known, and their runs."""

from __future__ import annotations

import json
import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulation.model.corridor_model
from simulation.corridor import load_corridor
from simulation.engine import trials
from simulation.errors import InputError
from simulation.estimates.library import OUTLOOK, Library, load_library
from simulation.estimates.reach import reach_of
from simulation.estimates.search import chosen_levers
from simulation.scenario import load_scenario
from simulation.scenario.levels import level_number
from simulation.scenario.levers.sharing import levels_on_day
from tests.comparing import stand_in
from tests.estimates.effects_library import library_of
from tests.refusals import nothing_written, refusal

#: -10% as a logarithm, and a little more: files have seven digits
GOAL = 1.0005 * math.log(0.9)
CORRIDOR = load_corridor()
LEVERS = chosen_levers(load_library(OUTLOOK))
ANALYSIS, ADVERTS = "British money for analysis", "Adverts taken down each week"
RETURNS = "Returns to France a week"
SLOPES = {ANALYSIS: 3.0 * GOAL, ADVERTS: 2.0 * GOAL, RETURNS: 1.25 * GOAL}


@pytest.fixture
def write(tmp_path):
    """Writes a library to a file."""

    def write(*slopes, **others):
        file = tmp_path / "known.npz"
        file.write_bytes(library_of(*(slopes or (SLOPES,)), **others).as_bytes())
        return file

    return write


@pytest.fixture
def quick(monkeypatch):
    """Within it the model is done at once."""
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", stand_in)
    monkeypatch.setattr(trials, "LEAST_DAYS", 10**9)
    monkeypatch.setenv("COLUMNS", "80")


def proposed(file, goal="channel_arrivals=-10%", over="outlook", **asked):
    return reach_of(load_scenario(over), goal, emulator=file, replications=8, **asked)


def test_the_smallest_change_comes_first_and_others_do_without_it(write):
    answer = proposed(write())
    assert answer.searched["within"]
    assert [one.strengths for one in answer.proposals] == [
        {ANALYSIS: pytest.approx(50.0, abs=1.0)}, {ADVERTS: 0.45}, {RETURNS: 120.0},
    ]  # fmt: skip
    sizes = [one.size for one in answer.proposals]
    assert sizes == sorted(sizes)
    # rounded up, so that each still reaches its goal
    assert all(one.verdicts[0].estimated_share > 0.9 for one in answer.proposals)


def test_levers_are_joined_where_one_is_not_enough(write):
    answer = proposed(write({ANALYSIS: 0.8 * GOAL, ADVERTS: 0.4 * GOAL}))
    assert [one.strengths for one in answer.proposals] == [{ANALYSIS: 150.0, ADVERTS: 0.45}]


def test_a_budget_goes_where_a_pound_does_most_and_is_never_exceeded(write):
    uk, france = (
        "British money for patrols off the coast",
        "British money for patrols on the French coast",
    )
    file = write({uk: -0.1, france: -0.3})
    answer = proposed(file, "channel_arrivals=-90%", vary=["funding"], budget="GBP 100m a year")
    assert not answer.searched["within"]
    (only,) = answer.proposals
    assert sum(only.strengths.values()) <= 100.0
    assert only.strengths[france] > 80.0
    for text in ("GBP 75m", "75 a year", "EUR 75m a year"):
        with pytest.raises(InputError, match="no amount of money"):
            proposed(file, budget=text)


def test_what_is_not_within_the_levers_goes_as_far_as_they_do(write):
    answer = proposed(write(), "channel_arrivals=-60%")
    (only,) = answer.proposals
    assert not answer.searched["within"]
    assert only.strengths == {ANALYSIS: 150.0, ADVERTS: 0.9, RETURNS: 150.0}
    assert only.verdicts[0].estimate.median == pytest.approx(100.0 * (0.9**6.25 - 1.0), abs=0.1)
    nowhere = proposed(write({ADVERTS: 0.1}), "channel_arrivals=-10%")
    assert (nowhere.searched["within"], nowhere.proposals) == (False, [])


def test_what_must_hold_as_well_rules_levers_out(write):
    file = write(SLOPES, channel_boats={ANALYSIS: 0.1, ADVERTS: -0.1, RETURNS: 0.1})
    answer = proposed(file, keep=["channel_boats<=0", "channel_deaths<=0"])
    assert {*answer.proposals[0].strengths} == {ADVERTS}
    assert all(ADVERTS in one.strengths for one in answer.proposals)
    deaths = answer.proposals[0].verdicts[-1]
    assert (deaths.estimate, deaths.estimated_share) == (None, None)


def test_a_larger_share_of_worlds_takes_more(write):
    # adverts do twice as much under half of the sets
    file = write({ADVERTS: 2.0 * GOAL}, {ADVERTS: 4.0 * GOAL})
    half, most = (proposed(file, share=share).proposals[0] for share in (0.4, 0.9))
    assert half.strengths[ADVERTS] < most.strengths[ADVERTS]


def test_levers_are_laid_over_the_scenario_and_judged_against_it(write):
    answer = proposed(write(), over="outlook-adverts", vary=["funding"])
    (only,) = answer.proposals
    assert only.strengths == {ANALYSIS: pytest.approx(50.0, abs=1.0)}
    assert answer.others[0].adverts == answer.baseline.adverts
    assert answer.others[0].funding[-1].from_ == date(2027, 1, 1)


@settings(max_examples=4, deadline=None)
@given(
    slopes=st.dictionaries(
        st.sampled_from([lever.name for lever in LEVERS]), st.floats(-0.3, 0.1), min_size=1
    ),
    percent=st.integers(-30, -2),
)
def test_every_proposal_reaches_its_goal_and_lowers_no_agreement(tmp_path_factory, slopes, percent):
    file = tmp_path_factory.mktemp("known") / "known.npz"
    file.write_bytes(library_of(slopes).as_bytes())
    answer = proposed(file, f"channel_arrivals={percent}%")
    for one, scenario in zip(answer.proposals, answer.others, strict=True):
        assert one.strengths
        assert all(
            one.strengths[lever.name] <= lever.strengths[-1]
            for lever in LEVERS
            if lever.name in one.strengths
        )
        assert answer.searched["within"] == (one.verdicts[0].estimated_share >= 0.5)
        day = answer.baseline.run.end
        before, after = (levels_on_day(each, day, CORRIDOR) for each in (answer.baseline, scenario))
        assert all(
            level_number(after[pair].level) >= level_number(before[pair].level) for pair in before
        )


# -- by the command --------------------------------------------------------------------------------

ASKED = ("reach", "--goal", "channel_arrivals=-10%", "--emulator", "known.npz")


@pytest.mark.slow
def test_the_runs_verify_each_proposal(crossings, write, quick):
    write()
    more = ("--keep", "channel_deaths<=0", "--replications", "8", "--workers", "1", "--out", "out")
    done = crossings(*ASKED, *more)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= 200
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    assert summary["verified"]
    assert len(summary["scenarios"]) == len(summary["proposals"]) == 3
    for one in summary["proposals"]:
        goal, deaths = one["verdicts"]
        # the stand-in knows no levers of this kind, so nothing falls
        assert goal["share"] < 0.1
        assert set(goal["by_path"]) == {"lower third", "middle third", "upper third"}
        assert "share" not in deaths or deaths["share"] is None
        assert load_scenario(f"out/{one['file']}").title == one["title"]
    assert "0 of 3" in done.stdout
    again = crossings(*ASKED, *more, "--json")
    assert json.loads(again.stdout)["proposals"] == summary["proposals"]
    assert crossings("results", "report", "out").exit_code == 0


def test_proposing_alone_runs_nothing_and_leaves_scenarios(crossings, write, monkeypatch):
    write()
    monkeypatch.setattr(simulation.model.corridor_model, "simulate", None)
    done = crossings(*ASKED, "--propose-only", "--out", "out")
    assert done.exit_code == 0, done.output
    assert "not run" in done.stdout
    # nobody who asked has written these amounts
    assert "Is the amount right" not in done.stderr
    assert "on top of what" not in done.stderr
    assert "is projected" in done.stderr
    answer = simulation.reach(
        goal="channel_arrivals=-10%", emulator="known.npz", propose_only=True, out="mine"
    )
    assert (answer.proposals["estimated_share"] > 0.9).all()
    assert len(answer.proposals) == 3
    assert np.isnan(answer.proposals["share"].astype(float)).all()
    assert load_scenario("mine/" + answer.proposals["file"][0]).funding


@pytest.mark.parametrize(("options", "words"), [
    (("--goal", "channel_arrivals"), ("--goal", "channel_arrivals=-10%")),
    (("--goal", "channel_arrivals<=-10%"), ("--goal", "such as")),
    (("--goal", "channel_arrivals=0%"), ("asks for no change",)),
    (("--goal", "channel_arrivals=-100%"), ("above -100%",)),
    (("--goal", "channel_deaths=-10%"), ("cannot be estimated", "channel_arrivals, uk_total")),
    (("--goal", "wb_detections=-10%"), ("cannot be estimated", "seat_price_eur")),
    (("--keep", "channel_arrivals>=-5%"), ("contradicts itself", "-10%")),
    (("--keep", "channel_deaths<=-5%"), ("channel_deaths<=0",)),
    (("--by", "2031"), ("--by", "2027, 2028")),
    (("--by", "2026"), ("--by",)),
    (("--vary", "fundin"), ("--vary", 'did you mean "funding"')),
    (("--vary", "shock"), ("--vary",)),
    (("--share", "2"), ("--share", "0.05 to 0.95")),
    (("--replications", "3"), ("--replications", "8")),
    (("--emulator", "none.npz"), ("none.npz",)),
    (("baseline",), ("run",)),
])  # fmt: skip
def test_bad_input_is_one_line_and_writes_nothing(crossings, write, tmp_path, options, words):
    write()
    with nothing_written(tmp_path):
        refusal(crossings(*ASKED, *options), *words)


def test_without_a_library_one_line_says_how_to_get_one(crossings, monkeypatch, tmp_path):
    monkeypatch.setattr(Library, "file", tmp_path / "none.npz")
    with nothing_written(tmp_path):
        refusal(
            crossings(*ASKED[:3]), "no library of estimates is packaged", "crossings emulator build"
        )
