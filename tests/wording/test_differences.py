"""Differences in words: what is said of an interval, and never more than it holds."""

from __future__ import annotations

import pytest

from simulation.engine.findings import Effect, ExperimentFindings, Window
from simulation.studies.since_change import SinceChange
from simulation.wording import differences as wording
from simulation.wording import verdicts

ENTRY = Effect(
    pairs=6, baseline=40.0, scenario=30.0, mean_difference=-10.0, mean_low=-27.0, mean_high=7.0,
    mean_percent=-25.0, mean_percent_low=-69.0, mean_percent_high=26.0,
    mean_probability=0.85, detectable=False,
)  # fmt: skip


def changed(finding, **more):
    """A finding with other values, checked as from a file."""
    return type(finding).model_validate({**finding.as_json(), **more})


def test_a_difference_stands_in_percent_or_else_in_its_unit():
    assert wording.change("channel_arrivals", ENTRY, 0.9) == "-25% (90% interval -69% to +26%)"
    none = dict.fromkeys(("mean_percent", "mean_percent_low", "mean_percent_high"))
    rare = changed(ENTRY, **none)
    assert wording.change("channel_boats", rare, 0.9) == "-10 boats (90% interval -27 to +7)"
    assert wording.change("channel_deaths", rare, 0.9) == "-27 to +7 people (90% interval)"
    few = changed(
        ENTRY, mean_low=None, mean_high=None, mean_percent_low=None, mean_percent_high=None
    )
    assert wording.change("channel_arrivals", few, 0.9) == (
        "-25.0% (too few pairs for an interval)"
    )
    few = changed(few, **none)
    assert wording.change("channel_deaths", few, 0.9) == "too few pairs for an interval"


def test_pairs_that_do_not_differ_are_no_interval_of_nothing():
    """Three runs without a death on either side do not prove that no death is added."""
    same = dict.fromkeys(("mean_difference", "mean_low", "mean_high"), 0.0)
    none = dict.fromkeys(("mean_percent", "mean_percent_low", "mean_percent_high"))
    still = changed(ENTRY, pairs=3, **same, **none)
    assert wording.change("channel_boats", still, 0.9) == "0 boats (same in all 3 pairs)"
    assert wording.change("channel_deaths", still, 0.9) == "same in all 3 pairs"


@pytest.mark.parametrize(
    ("last", "said"), [("2023-10-31", "(Oct 2023)"), ("2024-01-31", "(Oct 2023 to Jan 2024)")]
)
def test_a_year_of_one_month_names_it_once(last, said):
    findings = ExperimentFindings(kind="compare", start="2023-01-01", end=last)
    since = SinceChange(
        first_change="2023-10-01",
        windows={"year 1": Window(first="2023-10-01", last=last)},
        outcomes={},
    )
    assert wording.since_label(since, "year 1", findings) == f"year 1 since the change {said}"


# -- verdicts --------------------------------------------------------------------------------------

SUMMARY = ExperimentFindings(
    kind="compare", start="2027-01-01", end="2028-12-31", assumptions="fitted", replications=48,
)  # fmt: skip


def average(low: float, high: float, **more) -> Effect:
    """An effect with this interval of its average in percent, and a wider range of worlds."""
    values = {
        "pairs": 48, "groups": 24, "mean_percent": (low + high) / 2.0, "mean_percent_low": low,
        "mean_percent_high": high, "plausible_low": -20.3, "plausible_high": 8.1, "median": -0.4,
        "plausible_unit": "%", "margin": 3.0,
    }  # fmt: skip
    return changed(ENTRY, **{**values, **more})


@pytest.mark.parametrize(("low", "high", "words", "helps"), [
    (-9.0, -4.0, "4.0% to 9.0% fewer", False),
    (1.0, 9.0, "1.0% to 9.0% more", False),
    (-1.4, 2.3, "no practical difference, between 1.4% fewer and 2.3% more", False),
    (-1.4, -0.5, "a difference too small to matter, 0.5% to 1.4% fewer", False),
    (-1.4, 9.0, "cannot tell: between 1.4% fewer and 9.0% more", True),
])  # fmt: skip
def test_a_verdict_says_what_is_known_and_only_an_open_one_asks_for_runs(low, high, words, helps):
    first, *more = wording.effect_lines(
        "Arrivals", "channel_arrivals", average(low, high), SUMMARY, 60
    )
    assert words in first
    assert any("More runs would help: some 12 more pairs" in line for line in more) == helps
    assert any("Range of worlds: -20% to +8%" in line for line in more)


@pytest.mark.parametrize(("settle", "seconds", "said"), [
    (9, 1.0, "some 1 more pair (about 1 second here, --replications 9)"),
    (608, 6.0, "some 600 more pairs (about 60 minutes here"),
    (609, 6.0, "would hardly settle it"),
    (12, None, "some 4 more pairs (about 50% of the computing so far"),
    (89, None, "would hardly settle it"),
    (None, None, "would not settle it"),
])  # fmt: skip
def test_further_computing_is_advised_with_its_time_and_not_for_more_than_an_hour(
    settle, seconds, said
):
    entry = average(-9.0, 8.0, pairs=8, groups=None)
    assert said in verdicts.more_runs(entry, settle, "--replications", seconds)


def test_too_few_pairs_have_no_verdict_and_say_how_many_have():
    few = average(-9.0, -8.0, pairs=5, groups=None)
    assert verdicts.phrase("channel_arrivals", few).startswith("too few pairs (5) for a verdict")
    assert verdicts.short("channel_arrivals", few) == "too few pairs"
    assert "some 3 more pairs" in verdicts.more_runs(few, None, None, None)


def test_of_deaths_there_are_ends_and_no_middle():
    deaths = changed(ENTRY, pairs=9, mean_percent=None, mean_difference=-14.0, mean_low=-35.0,
                     mean_high=7.0)  # fmt: skip
    (line,) = wording.effect_lines("Deaths", "channel_deaths", deaths, SUMMARY)
    assert line == "Deaths: too few to tell: between 35 fewer and 7 more."
    (line,) = wording.effect_lines(
        "Deaths", "channel_deaths", changed(deaths, mean_high=-5.0), SUMMARY
    )
    assert line == "Deaths: 5 to 35 fewer."


def test_a_page_shows_verdicts_first_and_how_far_worlds_lie_apart_below():
    lines = wording.effect_lines(
        "Small-boat arrivals", "channel_arrivals", average(-9, -4), SUMMARY
    )
    main, support = wording.main_points(["Of this.", *lines, "More."])
    assert (main, support) == (["Of this.", lines[0]], [*lines[1:], "More."])
