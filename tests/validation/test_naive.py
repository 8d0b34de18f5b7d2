"""Naive forecasts: their points, the errors they are made of, and that they never look ahead."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from simulation.timeseries.months import months_of
from simulation.validation.naive import METHODS, VOLATILITY, forecast
from simulation.validation.series import Series, load_series
from tests.few_refits import few_refits

SERIES = {one.name: one for one in load_series()}
ARRIVALS = SERIES["channel_arrivals"]
SIMPLE = ("seasonal_naive", "last_year")


def off(series: Series, year: int, method: str) -> float:
    """Mean absolute error of the point forecast."""
    points = forecast(series, year, method, seed=1, draws=10).points
    return float(np.mean(np.abs(points - series.of_year(year))))


@pytest.mark.parametrize(("method", "error"), [("seasonal_naive", 943), ("last_year", 1184)])
def test_errors_of_the_points_on_arrivals_of_2024(method: str, error: float) -> None:
    assert off(ARRIVALS, 2024, method) == pytest.approx(error, abs=0.5)


def test_smoothing_with_a_longer_memory_is_the_harder_rival() -> None:
    """Fitted to 2021-2023 alone it is off by more; we give it every month there is.

    By how much depends on where the optimiser of statsmodels stops on so few months.
    """
    short = replace(
        ARRIVALS, months={name: v for name, v in ARRIVALS.months.items() if name >= "2021"}
    )
    long = off(ARRIVALS, 2024, "exponential_smoothing")
    assert long == pytest.approx(1120, abs=5.0)
    assert off(short, 2024, "exponential_smoothing") > 1.1 * long


@pytest.mark.parametrize(
    ("method", "name"), [*product(SIMPLE, SERIES), ("exponential_smoothing", "channel_arrivals")]
)
def test_the_held_out_year_is_never_looked_at(method: str, name: str) -> None:
    one = SERIES[name]
    changed = replace(
        one,
        months={month: -1.0 if month >= "2024" else v for month, v in one.months.items()},
        years={year: -1.0 if year >= 2024 else v for year, v in one.years.items()},
    )
    mine, other = (forecast(series, 2024, method, seed=1) for series in (one, changed))
    assert np.array_equal(mine.points, other.points, equal_nan=True)
    for drawn in ("months", "total"):
        a, b = getattr(mine, drawn), getattr(other, drawn)
        assert (a is None) == (b is None)
        assert a is None or np.array_equal(a, b, equal_nan=True)


@pytest.mark.parametrize("method", SIMPLE)
def test_the_point_is_the_median_and_nothing_is_negative(method: str) -> None:
    made = forecast(ARRIVALS, 2024, method, seed=1)
    assert made.months.shape == (2000, 12)
    assert np.median(made.months, axis=0) == pytest.approx(made.points, rel=0.01)
    assert made.months.min() >= 0.0
    assert made.months.std(axis=0).min() > 0.0


def test_errors_come_from_the_five_years_before() -> None:
    made = forecast(ARRIVALS, 2024, "last_year", seed=1)
    assert (made.month_errors, made.total_errors) == (60, 5)
    # three years before each of 2021, 2022 and 2023 are needed, and the series begins in 2018
    made = forecast(ARRIVALS, 2024, "seasonal_naive", seed=1)
    assert (made.month_errors, made.total_errors) == (36, 3)
    roots = [np.sqrt(ARRIVALS.of_year(year)) for year in range(2018, 2024)]
    steps = np.abs(np.diff(roots, axis=0)).ravel()
    made = forecast(ARRIVALS, 2024, "last_year", seed=1)
    drawn = np.sqrt(made.months) - np.sqrt(made.points)
    found = np.abs(drawn[made.months > 0])
    assert np.abs(found[:, None] - steps[None, :]).min(axis=1).max() < 1e-9


def test_few_errors_make_a_wide_t_and_one_makes_no_forecast() -> None:
    share = SERIES["prevented_share"]
    made = forecast(share, 2024, "last_year", seed=1)
    assert made.months is None  # no month is known before May 2024
    assert made.total_errors == 2
    assert np.median(made.total) == pytest.approx(0.469, abs=0.002)
    assert made.total.min() >= 0.0
    assert made.total.max() <= 1.0
    assert forecast(share, 2023, "last_year", seed=1).total is None
    assert forecast(share, 2024, "seasonal_naive", seed=1).total is None


def test_a_perfect_past_leaves_no_spread() -> None:
    """A series that repeats itself is foretold without error, and the draws say so."""
    year = dict(enumerate(np.arange(1.0, 13.0)))
    months = {name: year[k] for y in range(2010, 2021) for k, name in enumerate(months_of(y))}
    one = Series("x", "X", "people", "count", 0, "", months, dict.fromkeys(range(2010, 2021), 78.0))
    for method in SIMPLE:
        made = forecast(one, 2020, method, seed=1, draws=50)
        assert np.allclose(made.months, one.of_year(2020))
        assert made.total_point == pytest.approx(78.0)


def test_draws_are_those_of_the_seed() -> None:
    one, same, other = (
        forecast(ARRIVALS, 2024, "last_year", seed=seed).months for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert set(METHODS) == {*SIMPLE, "exponential_smoothing", VOLATILITY}


def test_stochastic_volatility_knows_the_past_alone() -> None:
    before = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m < "2024"})
    with few_refits():
        whole = forecast(ARRIVALS, 2024, VOLATILITY, seed=1)
        again = forecast(before, 2024, VOLATILITY, seed=1)
    assert np.array_equal(whole.months, again.months)
    assert whole.last == "2023-12"
    assert whole.months.shape[1] == 12
    assert whole.total == pytest.approx(whole.months.sum(axis=1))
    low, high = np.quantile(whole.months, [0.05, 0.95], axis=0)
    inside = (low <= ARRIVALS.of_year(2024)) & (ARRIVALS.of_year(2024) <= high)
    assert inside.sum() >= 9


def test_stochastic_volatility_says_nothing_of_what_is_too_short_or_ends_early() -> None:
    short = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m >= "2022"})
    ended = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m < "2023-11"})
    for series in (short, ended, SERIES["channel_deaths"]):
        found = forecast(series, 2024, VOLATILITY, seed=1)
        assert found.months is found.total is None
        assert np.isnan(found.points).all()
        assert found.first == ""


def test_a_ratio_by_stochastic_volatility_is_no_sum() -> None:
    with few_refits():
        found = forecast(SERIES["people_per_boat"], 2024, VOLATILITY, seed=1)
    assert found.total == pytest.approx(found.months.mean(axis=1))
    assert 20.0 < np.median(found.total) < 120.0
