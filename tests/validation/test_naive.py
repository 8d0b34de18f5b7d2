"""Naive forecasts: what they are made of, and that they never look ahead."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from simulation.validation.naive import HINDSIGHT, METHODS, SAME_MONTHS, VOLATILITY, forecast
from simulation.validation.series import Series, load_series
from tests.few_refits import few_refits

SERIES = {one.name: one for one in load_series()}
ARRIVALS = SERIES["channel_arrivals"]


@pytest.fixture(scope="module", autouse=True)
def quick():
    with few_refits():
        yield


def without(series: Series, year: int) -> Series:
    """The series with made-up figures from a year on."""
    return replace(
        series,
        months={month: -1.0 if month >= str(year) else v for month, v in series.months.items()},
        years={number: -1.0 if number >= year else v for number, v in series.years.items()},
    )


@pytest.mark.parametrize(
    ("method", "name"),
    [
        *product(SAME_MONTHS, SERIES),
        *product(sorted(set(METHODS) - {HINDSIGHT} - set(SAME_MONTHS)), ["channel_arrivals"]),
    ],
)
def test_the_held_out_year_is_never_looked_at(method: str, name: str) -> None:
    one = SERIES[name]
    mine, other = (forecast(series, 2024, method, seed=1) for series in (one, without(one, 2024)))
    assert np.array_equal(mine.points, other.points, equal_nan=True)
    assert (mine.form, mine.last) == (other.form, other.last)
    for drawn in ("months", "total"):
        a, b = getattr(mine, drawn), getattr(other, drawn)
        assert (a is None) == (b is None)
        assert a is None or np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize(("method", "years"), SAME_MONTHS.items())
def test_the_same_months_of_the_last_years_are_an_ensemble(method: str, years: int) -> None:
    ensemble = forecast(ARRIVALS, 2024, method, seed=1)
    before = [ARRIVALS.of_year(year) for year in range(2024 - years, 2024)]
    assert np.array_equal(ensemble.months, before)
    assert np.array_equal(
        ensemble.total, [ARRIVALS.total(year) for year in range(2024 - years, 2024)]
    )
    assert ensemble.points == pytest.approx(np.median(before, axis=0))


@pytest.mark.parametrize(("year", "method", "by_month", "by_year"), [
    (2024, "last_3_years", False, True), (2024, "last_4_years", False, False),
    (2025, "last_3_years", False, True),
])  # fmt: skip
def test_too_few_years_are_no_ensemble(year, method, by_month, by_year) -> None:
    """The share prevented is known by year since 2021, by month since May 2024."""
    share = forecast(SERIES["prevented_share"], year, method, seed=1)
    assert (share.months is not None, share.total is not None) == (by_month, by_year)


def test_stochastic_volatility_says_nothing_of_what_is_too_short_or_ends_early() -> None:
    short = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m >= "2022"})
    ended = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m < "2023-11"})
    for series in (short, ended, SERIES["channel_deaths"]):
        empty = forecast(series, 2024, VOLATILITY, seed=1)
        assert empty.months is empty.total is None
        assert np.isnan(empty.points).all()
        assert empty.first == ""


@pytest.mark.slow
def test_stochastic_volatility_covers_most_months() -> None:
    whole = forecast(ARRIVALS, 2024, VOLATILITY, seed=1)
    assert whole.last == "2023-12"
    assert whole.total == pytest.approx(whole.months.sum(axis=1))
    low, high = np.quantile(whole.months, [0.05, 0.95], axis=0)
    assert ((low <= ARRIVALS.of_year(2024)) & (ARRIVALS.of_year(2024) <= high)).sum() >= 9


def test_a_ratio_is_no_sum_over_the_year() -> None:
    load = forecast(SERIES["people_per_boat"], 2024, VOLATILITY, seed=1)
    assert load.total == pytest.approx(load.months.mean(axis=1))
    assert 20.0 < np.median(load.total) < 120.0


def test_draws_are_those_of_the_seed() -> None:
    one, same, other = (forecast(ARRIVALS, 2024, "ets", seed=seed).months for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
