"""Naive forecasts: what they are made of, and that they never look ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from simulation.timeseries.months import months_of
from simulation.validation.naive import DRAWS, SAME_MONTHS, forecasts
from simulation.validation.series import Series, load_series

SERIES = {one.name: one for one in load_series()}
ARRIVALS = SERIES["channel_arrivals"]


def of(series: Series, year: int, method: str = "ets", seed: int = 1):
    return next(one for one in forecasts(series, year, seed) if one.method == method)


def without(series: Series, year: int) -> Series:
    """The series with made-up figures from a year on."""
    return replace(
        series,
        months={month: -1.0 if month >= str(year) else v for month, v in series.months.items()},
        years={number: -1.0 if number >= year else v for number, v in series.years.items()},
    )


@pytest.mark.parametrize("name", SERIES)
def test_the_held_out_year_is_never_looked_at(name: str) -> None:
    one = SERIES[name]
    both = (forecasts(series, 2024, seed=1) for series in (one, without(one, 2024)))
    for mine, other in zip(*both, strict=True):
        assert np.array_equal(mine.points, other.points, equal_nan=True)
        assert (mine.first, mine.last) == (other.first, other.last)
        for a, b in ((mine.months, other.months), (mine.total, other.total)):
            assert (a is None) == (b is None)
            assert a is None or np.array_equal(a, b, equal_nan=True)


def test_the_same_months_of_the_last_years_are_an_ensemble() -> None:
    ensemble = of(ARRIVALS, 2024, SAME_MONTHS)
    before = [ARRIVALS.of_year(year) for year in (2021, 2022, 2023)]
    assert np.array_equal(ensemble.months, before)
    assert np.array_equal(ensemble.total, [ARRIVALS.total(year) for year in (2021, 2022, 2023)])
    # the share prevented is known by year since 2021, by month since May 2024
    share = of(SERIES["prevented_share"], 2024, SAME_MONTHS)
    assert share.months is None
    assert share.total is not None


def test_the_distribution_of_a_level_with_a_season_is_the_known_one():
    """Around a fixed season of normal errors the next year is that season with those errors."""
    rng = np.random.default_rng(7)
    season = 500.0 + 200.0 * np.sin(np.arange(12) / 12 * 2 * np.pi)
    months = {
        name: float(season[k] + rng.normal(0.0, 20.0))
        for year in range(2005, 2025)
        for k, name in enumerate(months_of(year))
    }
    drawn = of(Series("x", "X", "people", "count", 0, "", months, {}), 2024).months
    assert drawn.shape == (DRAWS, 12)
    assert drawn.mean(axis=0) == pytest.approx(season, abs=30.0)
    assert drawn.std(axis=0) == pytest.approx(np.full(12, 20.0), rel=0.4)


def test_smoothing_says_nothing_of_what_is_too_short_or_ends_early() -> None:
    short = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m >= "2023"})
    ended = replace(ARRIVALS, months={m: v for m, v in ARRIVALS.months.items() if m < "2023-11"})
    for series in (short, ended, SERIES["channel_deaths"]):
        empty = of(series, 2024)
        assert empty.months is empty.total is None
        assert np.isnan(empty.points).all()


def test_smoothing_covers_most_months_and_a_ratio_is_no_sum() -> None:
    whole = of(ARRIVALS, 2024)
    assert whole.last == "2023-12"
    assert whole.total == pytest.approx(whole.months.sum(axis=1))
    low, high = np.quantile(whole.months, [0.05, 0.95], axis=0)
    assert ((low <= ARRIVALS.of_year(2024)) & (ARRIVALS.of_year(2024) <= high)).sum() >= 9
    load = of(SERIES["people_per_boat"], 2024)
    assert load.total == pytest.approx(load.months.mean(axis=1))
    assert not np.array_equal(whole.months, of(ARRIVALS, 2024, seed=2).months)
