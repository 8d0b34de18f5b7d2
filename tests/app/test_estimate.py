"""What an estimate says: both numbers, their doubt, and what must not be missed."""

from __future__ import annotations

import copy
import json

import pytest

from simulation.app.ensemble import EstimateText, estimate_of, read_estimate
from simulation.errors import InputError
from simulation.experiments.studies.compare import ComparisonFindings
from tests.app.results_folders import compared


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return compared(tmp_path_factory.mktemp("made") / "one", report=False)


@pytest.fixture
def summary(folder):
    return json.loads((folder / "summary.json").read_text())


def run(summary, outcome):
    return summary["scenarios"][0]["outcomes"][outcome]["periods"]["run"]


def estimated(summary) -> EstimateText:
    return estimate_of(ComparisonFindings.model_validate(summary))


def test_arrivals_and_deaths_with_their_intervals(folder):
    found = read_estimate(folder)
    assert found.arrivals.startswith("Small-boat arrivals in the UK, average over chance: ")
    assert "90% interval" in found.arrivals
    assert "single pairs differ by chance alone" in found.arrivals
    assert "(lowest to highest of 4 pairs)" in found.arrivals
    assert found.deaths.startswith("Deaths in the Channel, average over chance: ")
    assert found.basis.startswith("4 pairs of runs")


def test_how_far_plausible_sets_lie_apart_stands_beside_the_average(summary):
    summary["assumptions"] = "fitted"
    entry = run(summary, "channel_arrivals")
    entry.update(spread="5-95%", pairs=79, spread_percent_low=-19.6, spread_percent_high=11.2)
    said = estimated(summary).arrivals
    assert "average over plausible assumption sets" in said
    assert said.endswith(
        "Under single assumption sets, chance included: -19.6% to +11.2% (5-95% of 79 pairs)."
    )


def test_an_estimate_that_the_time_ended_says_so_and_that_asking_again_goes_on(summary):
    summary["precision_reached"] = 0.034
    summary["ended"] = {"by": "time", "seconds": 180.0, "seconds_per_pair": 6.0, "limit": 100}
    summary["scenarios"][0]["pairs_for_precision"] = 24
    said = estimated(summary).basis
    assert said.startswith("No more pairs were added when 3 minutes were over, with 4 pairs.")
    assert "Some 20 more pairs, about 2 minutes here, would probably bring that to 1.00%" in said
    assert "asking for the same again goes on from there" in said
    assert "more closely" not in said, "the precision is told once"


def test_what_cannot_be_told_from_chance_is_no_detectable_effect(summary):
    entry = run(summary, "channel_arrivals")
    entry.update(difference=-5.0, low=-50.0, high=40.0, detectable=False)
    summary["scenarios"][0]["pairs_to_settle"] = 90
    assert "no detectable effect at this precision" in estimated(summary).arrivals
    assert "some 86 more pairs" in estimated(summary).arrivals


def test_few_pairs_tell_no_direction_and_how_many_would(summary):
    entry = run(summary, "channel_arrivals")
    entry.update(pairs=4, difference=-50.0, low=-60.0, high=-40.0, detectable=False)
    found = estimated(summary)
    said = "too few pairs (4) to say whether it is a fall: that needs 8 or more"
    assert found.arrivals.count(said) == 1
    assert "probability" not in found.arrivals
    assert "--" not in found.arrivals, "nobody types a command here"
    assert "4 pairs are too few to call any difference a rise or a fall" in found.basis


def test_fewer_arrivals_with_more_deaths_is_no_success(summary):
    fall = {"difference": -50.0, "low": -60.0, "high": -40.0, "detectable": True}
    run(summary, "channel_arrivals").update(fall)
    deaths = run(summary, "channel_deaths")
    deaths.update(difference=5.0, low=1.0, high=9.0, detectable=True)
    assert "this is not a success" in estimated(summary).warning
    deaths.update(low=-1.0, detectable=False)
    assert "success" not in estimated(summary).warning


def test_the_same_numbers_are_told_as_such(summary):
    summary["scenarios"][0]["identical"] = True
    found = estimated(summary)
    assert "no effect on anyone in the model" in found.arrivals
    assert "the same as in the baseline" in found.deaths


def test_precision_that_is_not_reached_and_runs_that_failed_are_told(summary):
    summary["precision_reached"] = 0.034
    summary["failed"] = [{"case": "x", "seed": 2, "error": "boom"}]
    found = estimated(summary)
    assert "4 pairs tell the difference in arrivals to 3.4%" in found.basis
    assert "1 run failed" in found.warning
    summary["precision_reached"] = 0.01
    assert "more closely" not in estimated(summary).basis


def test_damaged_results_are_told(tmp_path, summary):
    with pytest.raises(InputError, match="no finished comparison"):
        read_estimate(tmp_path)
    del (cut := copy.deepcopy(summary))["scenarios"][0]["outcomes"]["channel_deaths"]
    for broken in ({}, {**summary, "scenarios": []}, cut):
        (tmp_path / "summary.json").write_text(json.dumps(broken))
        with pytest.raises(InputError, match="damaged or of another version"):
            read_estimate(tmp_path)
