"""Differences in words: what is said of an interval, and never more than it holds."""

from __future__ import annotations

import pytest

from simulation.experiments.findings import Effect, ExperimentFindings, StepEffect, Window
from simulation.experiments.studies.compare import SinceChange
from simulation.wording import differences as wording

ENTRY = Effect(
    pairs=6, baseline=40.0, scenario=30.0, difference=-10.0, low=-27.0, high=7.0, percent=-25.0,
    percent_low=-69.0, percent_high=26.0, probability=0.85, detectable=False,
)  # fmt: skip


def changed(finding, **more):
    """A finding with other values, checked as from a file."""
    return type(finding).model_validate({**finding.as_json(), **more})


def test_a_percentage_without_an_interval_says_why():
    assert wording.change("channel_arrivals", ENTRY, 0.9) == (
        "-10 people (90% interval -27 to +7; -25.0%, -69.0% to +26.0%)"
    )
    for low, high in ((None, None), (-142.0, 90.0)):  # the second from an earlier version
        rare = changed(ENTRY, percent_low=low, percent_high=high)
        assert wording.change("channel_arrivals", rare, 0.9) == (
            "-10 people (90% interval -27 to +7; -25.0%, too few counted for an interval in "
            "percent)"
        )


def test_pairs_that_do_not_differ_are_no_interval_of_nothing():
    """Three runs without a death on either side do not prove that no death is added."""
    same = dict.fromkeys(("difference", "low", "high", "percent", "percent_low"), 0.0)
    still = changed(ENTRY, pairs=3, percent_high=0.0, **same)
    assert wording.change("channel_boats", still, 0.9) == "0 boats (same in all 3 pairs; 0.0%)"
    assert wording.change("channel_deaths", still, 0.9) == "same in all 3 pairs"


def test_a_certainty_is_never_rounded_to_one():
    for chance, words in ((0.996, "above 0.99"), (0.9999, "above 0.99"), (0.98, "0.98")):
        many = changed(ENTRY, pairs=1_000, probability=chance)
        assert wording.sureness(many).endswith(f": {words}")


def test_a_probability_is_never_more_than_its_pairs_can_support():
    """Also that of an earlier version, which stated more."""
    for pairs, words in ((8, "0.90"), (10, "0.91"), (20, "0.95")):
        said = wording.sureness(changed(ENTRY, pairs=pairs, probability=0.9999))
        assert f": {words}, the most that {pairs} pairs show" in said
    assert wording.sureness(changed(ENTRY, pairs=20)).endswith(": 0.85")


def test_too_few_pairs_say_how_many_would_do_and_no_probability():
    told = changed(ENTRY, pairs=4, high=-7.0, probability=0.98)  # as an earlier version stated
    said = wording.sureness(told)
    assert said == "too few pairs (4) to say whether it is a fall: that needs 8 or more"
    assert wording.no_effect(told, 8) == f"{said} (--replications 8)"
    assert wording.no_effect(told, None, None) == said
    # an interval that holds zero is no effect with few pairs as with many
    assert wording.no_effect(changed(told, high=7.0), None).startswith("no detectable effect")


@pytest.mark.parametrize(("before", "step", "words"), [
    (-500.0, 200.0, "takes back"), (-500.0, 700.0, "turns it round"),
    (-500.0, -200.0, "adds to it"), (300.0, -100.0, "takes back"),
])  # fmt: skip
def test_a_response_takes_back_only_what_was_there(before, step, words):
    entry = StepEffect(
        pairs=8, before=before, after=before + step, difference=step, low=step - 1.0,
        high=step + 1.0, probability=0.98, detectable=True,
    )  # fmt: skip
    for more, said in (
        ({}, words),
        ({"before_detectable": False}, "moves it"),
        ({"detectable": False}, "no detectable change"),
        ({"low": None, "high": None}, ""),
        ({"pairs": 4, "detectable": False}, "too few pairs to say"),
    ):
        assert wording.step_verdict(changed(entry, **more)) == said


@pytest.mark.parametrize(("settle", "said"), [
    (None, "no detectable effect at this precision"),
    (8, "no detectable effect at this precision"),
    (9, "one more pair of runs would probably (4 in 5) show it (--replications 9)"),
    (
        2_000,
        "some 1,992 more pairs of runs would probably (4 in 5) show it (--replications 2000)",
    ),
    (2_001, "an effect as small as it looks would take thousands of pairs of runs to show"),
])  # fmt: skip
def test_more_pairs_are_only_spoken_of_where_somebody_might_make_them(settle, said):
    text = wording.no_effect(changed(ENTRY, pairs=8), settle)
    assert text.endswith(said)
    assert text.startswith("no detectable effect at this precision")


@pytest.mark.parametrize(("value", "said"), [
    (-1234.56, "-1,234.6%"), (0.05, "+0.1%"), (-0.04, "-0.04%"), (0.0042, "+0.004%"),
    (-0.0004, "0.0%"), (0.0, "0.0%"),
])  # fmt: skip
def test_a_small_percentage_does_not_read_as_nothing(value, said):
    assert wording.percent(value) == said


@pytest.mark.parametrize(
    ("last", "said"), [("2023-10-31", "(Oct 2023)"), ("2024-01-31", "(Oct 2023 to Jan 2024)")]
)
def test_a_year_of_one_month_names_it_once(last, said):
    found = ExperimentFindings(kind="compare", start="2023-01-01", end=last)
    windows = {"year 1": Window(first="2023-10-01", last=last)}
    since = SinceChange(first_change="2023-10-01", windows=windows, outcomes={})
    assert wording.since_label(since, "year 1", found) == f"year 1 since the change {said}"
