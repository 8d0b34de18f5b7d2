"""The table of facts, and how a result is held to a band."""

from __future__ import annotations

import math
import tomllib
from importlib.resources import files

import numpy as np
import pytest

from simulation.validation import natural
from simulation.validation.published import (
    PublishedEstimate,
    PublishedFigure,
    Verdict,
    change,
    mean_of,
    parse,
    published,
)

BAND = PublishedFigure("price", "Price", "%", low=10.0, high=35.0)
RISE = PublishedFigure("legs", "Legs", "legs", low=0.0, strict=True)
FALL = PublishedFigure("profit", "Profit", "%", high=-50.0, strict=True)


@pytest.mark.parametrize(
    ("figure", "low", "high", "verdict"),
    [
        (BAND, 12.0, 30.0, Verdict.HOLDS),
        (BAND, 10.0, 35.0, Verdict.HOLDS),
        (BAND, 2.0, 9.0, Verdict.FAILS),
        (BAND, 36.0, 50.0, Verdict.FAILS),
        (BAND, 8.0, 12.0, Verdict.UNDECIDED),
        (BAND, 0.0, 60.0, Verdict.UNDECIDED),
        (BAND, math.nan, math.nan, Verdict.UNDECIDED),
        (RISE, 0.1, 3.0, Verdict.HOLDS),
        (RISE, 0.0, 0.0, Verdict.FAILS),
        (RISE, -3.0, 0.0, Verdict.FAILS),
        (RISE, -1.0, 1.0, Verdict.UNDECIDED),
        (FALL, -130.0, -51.0, Verdict.HOLDS),
        (FALL, -50.0, -20.0, Verdict.FAILS),
        (FALL, -60.0, -40.0, Verdict.UNDECIDED),
    ],
)
def test_a_result_is_held_to_its_band_with_its_whole_interval(figure, low, high, verdict):
    assert figure.judge(PublishedEstimate((low + high) / 2.0, low, high)) is verdict


def test_a_figure_without_a_band_is_only_reported():
    figure = PublishedFigure("boats", "Boats", "boats")
    assert figure.judge(PublishedEstimate(3.0, 2.0, 4.0)) is Verdict.REPORTED
    assert figure.band == ""


def test_bands_and_results_are_shown_with_their_signs_and_units():
    assert BAND.band == "+10% to +35%"
    assert RISE.band == "above 0"
    assert PublishedFigure("a", "A", "boats", low=1000.0).band == "1,000 or more"
    assert BAND.shown(PublishedEstimate(-12.34, -20.0, -4.0)) == "-12.3% (-20% to -4%)"
    assert (
        PublishedFigure("a", "A", "share").shown(PublishedEstimate(40.25, 39.0, 41.5))
        == "40.2% (39% to 41.5%)"
    )
    assert BAND.shown(PublishedEstimate(0.01, math.nan, math.nan)) == "0%"
    assert BAND.shown(PublishedEstimate(math.nan, math.nan, math.nan)) == "no value"


def test_the_interval_is_that_of_a_mean_over_seeds():
    values = np.array([9.0, 10.0, 11.0, 10.0, 9.5, 10.5])
    found = mean_of(values)
    half = 2.015 * values.std(ddof=1) / np.sqrt(6)  # Student's t with five degrees of freedom
    assert found.mean == pytest.approx(10.0)
    assert found.low == pytest.approx(10.0 - half, rel=1e-3)
    assert found.high == pytest.approx(10.0 + half, rel=1e-3)
    assert mean_of(np.zeros(4)) == PublishedEstimate(0.0, 0.0, 0.0)
    assert math.isnan(mean_of(np.array([1.0, 2.0])).low)


def test_a_change_may_go_below_a_loss_of_everything():
    without = np.array([100.0, 110.0, 90.0, 105.0])
    found = change(without, -0.5 * without + np.array([1.0, -1.0, 0.5, -0.5]))
    assert found.mean == pytest.approx(-150.0)
    assert -152.0 < found.low < -150.0 < found.high < -148.0
    half = change(without, 0.5 * without)
    assert (half.mean, half.low, half.high) == pytest.approx((-50.0, -50.0, -50.0), abs=0.001)


def test_there_is_no_change_of_nothing():
    found = change(np.zeros(4), np.ones(4))
    assert math.isnan(found.mean)
    assert BAND.judge(found) is Verdict.UNDECIDED


def test_every_fact_has_a_source_a_label_and_something_to_judge():
    settings, facts = published()
    assert settings.staff_factor == 3.0
    for fact in facts.values():
        assert fact.source
        assert fact.title
        judged = [figure for figure in fact.figures.values() if figure.band]
        assert judged
        for figure in judged:
            assert set(figure.trust.split(", ")) <= {"P", "S", "N", "D"}


def test_a_visible_fall_is_the_same_here_and_in_the_natural_experiments():
    _, facts = published()
    assert facts["break_ups"].figures["arrivals"].low == -natural._VISIBLE


def test_a_table_that_contradicts_itself_is_refused():
    text = files("simulation.validation").joinpath("facts.toml").read_text(encoding="utf-8")
    twice = tomllib.loads(text)
    twice["fact"].append(twice["fact"][0])
    with pytest.raises(ValueError, match="given twice"):
        parse(twice)
    upside_down = tomllib.loads(text)
    upside_down["fact"][0]["figure"][0] |= {"low": 2.0, "high": 1.0}
    with pytest.raises(ValueError, match="ends before it begins"):
        parse(upside_down)
    nameless = tomllib.loads(text)
    nameless["fact"][0]["trust"] = ""
    with pytest.raises(ValueError, match="label of trust"):
        parse(nameless)
