"""Differences in words: what is said of an interval, and never more than it holds."""

from __future__ import annotations

import re
from functools import partial

import pytest

from simulation.engine.findings import Effect, ExperimentFindings, StepEffect, Window
from simulation.statistics.paired import most_sure
from simulation.studies.since_change import SinceChange
from simulation.wording import differences as wording

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


@pytest.mark.parametrize(("pairs", "chance", "words"), [
    (1_000, 0.996, ": above 0.99"), (1_000, 0.9999, ": above 0.99"), (1_000, 0.98, ": 0.98"),
    (20, 0.85, ": 0.85"),
    *((pairs, float(most_sure(pairs)), f": {most}, the most that {pairs} pairs show")
      for pairs, most in ((8, "0.90"), (10, "0.91"), (20, "0.95"))),
])  # fmt: skip
def test_a_probability_is_no_certainty_nor_more_than_its_pairs_support(pairs, chance, words):
    said = wording.sureness(changed(ENTRY, pairs=pairs, mean_probability=chance))
    assert said.endswith(words)


def test_too_few_pairs_say_how_many_would_do_and_no_probability():
    few = changed(ENTRY, pairs=4, mean_percent_high=-7.0, mean_probability=None)
    said = "too few pairs (4) to say whether it is a fall: that needs 8 or more"
    no_effect = partial(wording.no_effect, "channel_arrivals")
    assert no_effect(few, 8) == f"{said} (--replications 8)"
    assert no_effect(few) == said
    # an interval that holds zero is no effect with few pairs as with many
    assert no_effect(changed(few, mean_percent_high=7.0)).startswith("no detectable effect")


@pytest.mark.parametrize(("before", "step", "words"), [
    (-500.0, 200.0, "takes back"), (-500.0, 700.0, "turns it round"),
    (-500.0, -200.0, "adds to it"), (300.0, -100.0, "takes back"),
])  # fmt: skip
def test_a_response_takes_back_only_what_was_there(before, step, words):
    entry = StepEffect(
        pairs=8, before=before, after=before + step, mean_difference=step, mean_low=step - 1.0,
        mean_high=step + 1.0, mean_probability=0.98, detectable=True,
    )  # fmt: skip
    for more, said in (
        ({}, words),
        ({"before_detectable": False}, "moves it"),
        ({"detectable": False}, "no detectable change"),
        ({"mean_low": None, "mean_high": None}, ""),
        ({"pairs": 4, "detectable": False}, "too few pairs to say"),
    ):
        assert wording.step_verdict(changed(entry, **more)) == said


@pytest.mark.parametrize(("outcome", "more", "most"), [
    ("channel_arrivals", {}, "than 69%"),
    ("channel_arrivals", {"mean_percent_low": -3.94, "mean_percent_high": 0.21}, "than 3.9%"),
    ("smugglers_arrested", {"mean_percent": None}, "than 27 smugglers"),
    ("mapped_share", {"mean_percent": None, "mean_low": -0.021, "mean_high": 0.05},
     "than 5.0 points"),
])  # fmt: skip
def test_no_detectable_effect_says_how_large_one_can_still_be(outcome, more, most):
    text = wording.no_effect(outcome, changed(ENTRY, pairs=8, **more))
    assert text == f"no detectable effect; if there is one, it is most likely smaller {most}"
    deaths = wording.no_effect("channel_deaths", changed(ENTRY, mean_percent=None))
    assert deaths == "no detectable effect"


@pytest.mark.parametrize(("settle", "seconds", "said"), [
    (None, 1.0, ""), (8, 1.0, ""),
    (9, 1.0, "one more pair of runs (about 1 second here) would probably show it"),
    (608, 6.0, "some 600 more pairs of runs (about 60 minutes here) would probably show it"),
    (609, 6.0, "would take about 60 minutes here, hardly worth it"),
    (40_000, 6.0, "would take about 3 days here, hardly worth it"),
    (12, None, "some 4 more pairs of runs (about 50% of the computing so far) would probably"),
    (88, None, "some 80 more pairs of runs (about 10 times the computing so far) would probably"),
    (89, None, "would take about 10 times the computing so far, hardly worth it"),
])  # fmt: skip
def test_further_computing_is_advised_with_its_time_and_not_for_more_than_an_hour(
    settle, seconds, said
):
    text = wording.no_effect("channel_arrivals", changed(ENTRY, pairs=8), settle, seconds=seconds)
    assert text.startswith("no detectable effect")
    assert said in text
    assert ("pair" in text or "computing" in text) <= bool(said)
    assert (f"(--replications {settle})" in text) == (bool(said) and "hardly" not in said)


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


# -- over worlds -----------------------------------------------------------------------------------

SUMMARY = ExperimentFindings(
    kind="compare", start="2027-01-01", end="2028-12-31", assumptions="fitted", replications=48,
)  # fmt: skip


def ranged(low: float, high: float, *, error: float = 0.1, **more) -> Effect:
    """An effect with this range over worlds, in percent."""
    errors = {"plausible_low_error": error, "plausible_high_error": error, "median_error": error}
    values = {
        "pairs": 48, "groups": 24, "plausible_low": low, "plausible_high": high,
        "median": 0.4 * low,
        "plausible_unit": "%", "probability_of_fall": 0.6, "probability_of_rise": 0.4,
    }  # fmt: skip
    return changed(ENTRY, **{**values, **errors, **more})


@pytest.mark.parametrize(("low", "high", "error", "standing"), [
    (-20.0, -3.0, 1.2, "fall"), (3.0, 20.0, 1.2, "rise"), (-0.9, 0.8, 0.2, "little"),
    (-9.0, 8.0, 3.0, "unknown"), (-9.0, 8.0, 0.9, "either"), (-2.0, 1.5, 0.8, "either"),
    (-20.0, -0.1, 2.5, "fall"),
])  # fmt: skip
def test_what_the_computer_does_not_know_is_not_what_worlds_decide(low, high, error, standing):
    """ "We cannot tell yet" is cured by more runs, "little effect" is an answer."""
    entry = ranged(low, high, error=error)
    assert wording.standing(entry) == standing
    text = " ".join(wording.effect_lines("Arrivals", "channel_arrivals", entry, SUMMARY))
    assert ("cannot tell yet" in text) == (standing == "unknown")
    assert ("Little effect under most plausible worlds" in text) == (standing == "little")
    # more pairs are advised only where they would tell the ends better
    assert ("more pairs" in text) == (error > max(1.0, (high - low) / 10.0))


def test_the_range_leads_then_the_middle_then_the_error_then_the_average():
    lines = wording.effect_lines("Arrivals", "channel_arrivals", ranged(-20.3, -3.1), SUMMARY)
    texts = ("-20.3% to -3.1%", "-8.1%", "0.10 points", "-25%")
    assert len(lines) == len(texts)
    for line, text in zip(lines, texts, strict=True):
        assert text in line


def test_deaths_over_worlds_have_a_range_and_no_middle():
    deaths = ranged(-35.0, 22.0, mean_percent=None, plausible_unit="people", error=8.0)
    (line,) = wording.effect_lines("Deaths", "channel_deaths", deaths, SUMMARY)
    assert "-35 to +22 people" in line
    assert "no direction" in line
    assert "14" not in line
    clear = changed(deaths, plausible_high=-5.0)
    assert "no direction" not in wording.effect_lines("Deaths", "channel_deaths", clear, SUMMARY)[0]


def test_few_pairs_say_what_a_range_takes():
    few = ranged(-1.0, 1.0, pairs=8, plausible_low=None, plausible_high=None)
    first, average = wording.effect_lines("Arrivals", "channel_arrivals", few, SUMMARY)
    assert re.search("cannot tell yet.*20 would do", first)
    assert "-25%" in average


def test_what_a_page_shows_first_says_as_well_that_there_is_no_range():
    """In a folded part alone, it left an average that reads as an answer."""
    few = ranged(-1.0, 1.0, pairs=8, plausible_low=None, plausible_high=None)
    lines = wording.effect_lines("Small-boat arrivals", "channel_arrivals", few, SUMMARY)
    lines += wording.effect_lines("Deaths in the Channel", "channel_deaths", few, SUMMARY)
    main, support = wording.main_points(["Of this.", *lines, "More."])
    assert (main, support) == (["Of this.", *lines], ["More."])
