"""Exponential smoothing in several forms: its distribution, and how a form is chosen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulation.timeseries.crps import crps
from simulation.timeseries.months import months_of
from simulation.validation import ets
from simulation.validation.ets import FORMS, Form, chosen_before, chosen_in_hindsight, smoothed
from simulation.validation.series import Series, load_series

ARRIVALS = load_series()[0]
PLAIN = Form("add", False, "add")


@pytest.fixture
def few(monkeypatch):
    forms = FORMS[0], FORMS[5], FORMS[-2]
    monkeypatch.setattr(ets, "FORMS", forms)
    return forms


def series_of(first: int, last: int, value_of, kind="count") -> Series:
    rng = np.random.default_rng(7)
    years = range(first, last + 1)
    months = {
        name: float(value_of(12 * (year - first) + k, rng))
        for year in years
        for k, name in enumerate(months_of(year))
    }
    return Series("x", "X", "people", kind, 0, "", months, {})


def test_the_distribution_of_a_level_with_a_season_is_the_known_one():
    """Around a fixed season of normal errors the next year is that season with those errors."""
    season = 500.0 + 200.0 * np.sin(np.arange(12) / 12 * 2 * np.pi)
    one = series_of(2005, 2024, lambda at, rng: season[at % 12] + rng.normal(0.0, 20.0))
    drawn = smoothed(one, 2024, PLAIN, seed=1)
    assert drawn.shape == (ets.DRAWS, 12)
    assert drawn.mean(axis=0) == pytest.approx(season, abs=25.0)
    assert drawn.std(axis=0) == pytest.approx(np.full(12, 20.0), rel=0.25)


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_every_form_forecasts_arrivals_within_bounds(form):
    drawn = smoothed(ARRIVALS, 2024, form, seed=1)
    assert np.isfinite(drawn).all()
    assert 0.0 <= drawn.min() < drawn.max() < 10.001 * max(ARRIVALS.months.values())


def test_the_form_is_the_best_of_earlier_years_and_in_hindsight_that_of_the_year(few):
    def score(form, year):
        return crps(ARRIVALS.of_year(year), smoothed(ARRIVALS, year, form, 1).T).mean()

    past = {form: np.mean([score(form, year) for year in (2021, 2022, 2023)]) for form in few}
    now = {form: score(form, 2024) for form in few}
    assert chosen_before(ARRIVALS, 2024, 1) == min(past, key=past.__getitem__)
    assert chosen_in_hindsight(ARRIVALS, 2024, 1) == min(now, key=now.__getitem__)


@pytest.mark.parametrize(
    "form", [PLAIN, Form("mul", True, "mul"), Form("add", False, "add", "logarithm")]
)
def test_a_share_stays_a_share(form):
    one = series_of(2015, 2024, lambda at, rng: rng.uniform(0.9, 1.0), "share")
    drawn = smoothed(one, 2024, form, seed=1)
    assert drawn.min() >= 0.0
    assert drawn.max() <= 1.0


def test_what_is_short_or_ends_early_has_no_forecast():
    short = series_of(2023, 2023, lambda at, rng: 5.0)
    early = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m < "2023-11"})
    for series in (short, early, replace(ARRIVALS, months={})):
        assert smoothed(series, 2024, PLAIN, 1) is None
        assert chosen_in_hindsight(series, 2024, 1) is None


def test_a_series_of_zeros_is_no_accident():
    """Nothing that divides by what was observed may end in a traceback."""
    zeros = series_of(2020, 2024, lambda at, rng: 0.0)
    for form in FORMS:
        drawn = smoothed(zeros, 2024, form, 1)
        assert drawn is None or np.isfinite(drawn).all()
