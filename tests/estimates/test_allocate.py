"""How a budget is best spent, by a library of which all is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import simulation
from simulation.errors import InputError
from simulation.estimates.allocate import allocate_of, purposes, read_budget
from simulation.scenario import load_scenario
from tests.estimates.effects_library import library_of
from tests.estimates.test_reach import quick, write
from tests.refusals import nothing_written, refusal

__all__ = ["quick", "write"]
UK = "British money for patrols off the coast"
FRANCE = "British money for patrols on the French coast"
PURPOSES = purposes()


def split(file, budget="GBP 80m a year", **asked):
    study = allocate_of(
        load_scenario("outlook"), budget, goal="channel_arrivals", emulator=file, replications=8,
        **asked,
    )  # fmt: skip
    return study, study.searched


def test_money_goes_where_a_pound_does_most_until_no_more_can_be_spent(write):
    study, splits = split(write({UK: -0.1, FRANCE: -0.3}), "GBP 200m a year")
    assert [one.spends for one in splits["frontier"]] == [
        {FRANCE: 50.0}, {FRANCE: 100.0}, {FRANCE: 150.0}, {UK: 50.0, FRANCE: 150.0},
    ]  # fmt: skip
    assert splits["robust"].spends == splits["frontier"][-1].spends
    assert splits["robust"].regret == pytest.approx(0.0, abs=0.01)
    assert [one.title for one in study.proposals] == [
        "Best in the median", "Best of half the budget",
    ]  # fmt: skip
    assert study.others[0].funding[-1].from_.isoformat() == "2027-01-01"


def test_nothing_is_spent_where_money_does_harm(write):
    study, splits = split(write({one.name: 0.1 for one in PURPOSES}))
    assert splits["frontier"][-1].spends == splits["robust"].spends == {}
    assert not study.others


def test_a_robust_split_hedges_where_sets_disagree(write):
    _, splits = split(write({UK: -0.44}, {FRANCE: -0.4}), "GBP 50m a year")
    robust, best = splits["robust"], splits["frontier"][-1]
    assert {*robust.spends} == {UK, FRANCE}
    assert robust.regret < best.regret < splits["nothing"].regret


def test_more_money_does_no_worse_than_less():
    _, splits = split(None, "GBP 75m a year")
    middles = [one.middle for one in splits["frontier"]]
    assert middles == sorted(middles, reverse=True)
    assert middles[-1] < 0.0


@settings(max_examples=4, deadline=None)
@given(
    slopes=st.dictionaries(
        st.sampled_from([one.name for one in PURPOSES]), st.floats(-0.3, 0.2), min_size=1
    ),
    budget=st.integers(1, 500),
)
def test_no_split_spends_more_than_there_is_nor_does_worse_than_nothing(
    tmp_path_factory, slopes, budget
):
    file = tmp_path_factory.mktemp("known") / "known.npz"
    file.write_bytes(library_of(slopes).as_bytes())
    _, splits = split(file, f"GBP {budget}m a year")
    for one in (*splits["frontier"], splits["robust"]):
        assert sum(one.spends.values()) <= one.amount + 1e-6
        assert all(one.spends[lever.name] <= lever.strengths[-1] for lever in PURPOSES
                   if lever.name in one.spends)  # fmt: skip
        assert one.estimate is None or one.estimate.median <= 1e-6
    middles = [one.middle for one in splits["frontier"]]
    assert middles == sorted(middles, reverse=True)


@pytest.mark.parametrize(("text", "millions"), [
    ("GBP 75m a year", 75.0), ("GBP 75,000,000 per year", 75.0), ("\u00a3 0.1bn/year", 100.0),
    ("gbp 2.5 million a year", 2.5),
])  # fmt: skip
def test_a_budget_is_read_as_people_write_it(text, millions):
    assert read_budget(text) == millions


@pytest.mark.parametrize(("text", "words"), [
    ("GBP 75m", "is that of a year"), ("75m a year", "GBP 75m a year"), ("a lot", "no amount"),
    ("GBP 0m a year", "out of range"), ("GBP 9bn a year", "out of range"),
])  # fmt: skip
def test_a_budget_that_cannot_be_split_is_refused(text, words):
    with pytest.raises(InputError, match=words):
        read_budget(text)


# -- by the command --------------------------------------------------------------------------------

ASKED = ("allocate", "--budget", "GBP 80m a year", "--emulator", "known.npz")


@pytest.mark.slow
def test_the_runs_verify_the_splits(crossings, write, quick):
    write({UK: -0.1, FRANCE: -0.18})
    done = crossings(*ASKED, "--replications", "8", "--workers", "1", "--out", "out")
    assert done.exit_code == 0, done.output
    assert "coast patrol in FR" in done.stdout
    summary = json.loads(Path("out/summary.json").read_text(encoding="utf-8"))
    assert [one["title"] for one in summary["scenarios"]] == [
        one["title"] for one in summary["proposals"]
    ]
    answer = simulation.allocate(budget="GBP 80m a year", emulator="known.npz", propose_only=True)
    assert list(answer.frontier[FRANCE]) == [20.0, 40.0, 60.0, 80.0]
    assert "least regret" in str(answer)


@pytest.mark.parametrize(("options", "words"), [
    (("--budget", "GBP 75m"), ("--budget", "GBP 75m a year")),
    (("--goal", "corridor_deaths"), ("--goal", "uk_total")),
    (("--by", "2025"), ("--by",)),
])  # fmt: skip
def test_bad_input_is_one_line_and_writes_nothing(crossings, write, tmp_path, options, words):
    write({UK: -0.1})
    with nothing_written(tmp_path):
        refusal(crossings(*ASKED, *options), *words)
