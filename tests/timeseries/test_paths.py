"""Paths of a series: what they hang on, and how wide they lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.timeseries.model import (
    MonthlyModel,
    Volatility,
    central_path,
    paths,
    quantile_path,
)
from simulation.timeseries.months import months_after, number_of

MODEL = MonthlyModel(
    first_month="2015-01", last_month="2024-12", alpha=0.6, beta=0.01, gamma=0.05, damping=0.85,
    level=8.0, trend=0.05, season=tuple(0.3 * np.cos(np.arange(12))),
    volatility=Volatility(-3.0, 0.9, 0.2, -2.5, 0.3), stretch=(1.4, 1.2, 1.1), offset=20.0,
    highest=1e5,
)  # fmt: skip
models = st.builds(
    replace,
    st.just(MODEL),
    alpha=st.floats(0.0, 1.0),
    beta=st.floats(0.0, 0.3),
    gamma=st.floats(0.0, 0.5),
    damping=st.floats(0.8, 0.98),
    level=st.floats(0.0, 12.0),
    trend=st.floats(-0.2, 0.2),
    volatility=st.builds(
        Volatility, st.floats(-5.0, 0.5), st.floats(0.0, 0.99), st.floats(0.0, 1.0),
        st.floats(-5.0, 0.5), st.floats(0.0, 1.0),
    ),
    stretch=st.lists(st.floats(0.5, 3.0), min_size=1, max_size=40).map(tuple),
)  # fmt: skip


def draws(count, horizon, seed=1):
    return np.random.default_rng(seed).random((horizon, count, 2)).transpose(1, 0, 2)


@given(model=models, horizon=st.integers(1, 60), seed=st.integers(0, 99))
@settings(max_examples=60)
def test_paths_are_counts(model, horizon, seed):
    found = paths(model, horizon, draws(5, horizon, seed))
    assert found.shape == (5, horizon)
    assert np.isfinite(found).all()
    assert (found >= 0.0).all()
    assert (found <= model.highest).all()


@given(model=models, low=st.floats(0.02, 0.98), high=st.floats(0.02, 0.98))
@settings(max_examples=30)
def test_a_higher_quantile_is_nowhere_lower(model, low, high):
    low, high = sorted((low, high))
    assert (quantile_path(model, 24, low) <= quantile_path(model, 24, high) + 1e-9).all()


@given(model=models, short=st.integers(1, 30), longer=st.integers(0, 30))
@settings(max_examples=25)
def test_a_month_does_not_hang_on_how_many_follow(model, short, longer):
    given_draws = draws(3, short + longer)
    whole = paths(model, short + longer, given_draws)
    part = paths(model, short, given_draws[:, :short])
    np.testing.assert_allclose(part, whole[:, :short], rtol=1e-12)
    for probability in (0.1, 0.5, 0.9):
        np.testing.assert_allclose(
            quantile_path(model, short, probability),
            quantile_path(model, short + longer, probability)[:short],
            rtol=1e-12,
        )


def test_the_central_path_is_the_median():
    horizon, count = 24, 20_000
    found = paths(MODEL, horizon, draws(count, horizon))
    # the share below the central path is binomial: five of its standard errors
    below = (found < central_path(MODEL, horizon)).mean(axis=0)
    assert np.abs(below - 0.5).max() < 5 * 0.5 / np.sqrt(count)
    middle = np.full((1, horizon, 2), 0.5)
    np.testing.assert_allclose(paths(MODEL, horizon, middle)[0], central_path(MODEL, horizon))


@pytest.mark.parametrize("probability", [0.1, 0.9])
def test_a_quantile_path_cuts_off_its_share(probability):
    horizon, count = 24, 20_000
    found = paths(MODEL, horizon, draws(count, horizon))
    below = (found < quantile_path(MODEL, horizon, probability)).mean(axis=0)
    # the quantile is itself taken from 4,000 paths
    error = np.sqrt(probability * (1 - probability) * (1 / count + 1 / 4000))
    assert np.abs(below - probability).max() < 5 * error


def test_the_spread_grows_with_the_months():
    steady = replace(MODEL, season=(0.0,) * 12, stretch=(1.0,))
    found = np.log(paths(steady, 60, draws(20_000, 60)) + steady.offset).std(axis=0)
    assert found[0] < found[11] < found[35] < found[59]
    np.testing.assert_allclose(found[:24], steady.equation_sd(24), rtol=0.05)


def test_a_stretch_widens_by_as_much():
    wide, narrow = replace(MODEL, stretch=(2.0,)), replace(MODEL, stretch=(1.0,))
    given_draws = draws(50, 12)
    x = [m.x_of(paths(m, 12, given_draws)) - m.centre(12) for m in (wide, narrow)]
    drawn = paths(wide, 12, given_draws)
    inside = (drawn > 0) & (drawn < 0.999 * wide.highest)
    np.testing.assert_allclose(x[0][inside], 2.0 * x[1][inside], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    "bad", [np.full((1, 3, 2), 0.0), np.full((1, 3, 2), 1.0), np.full((1, 4, 2), 0.5)]
)
def test_draws_that_cannot_be_used_are_refused(bad):
    with pytest.raises(ValueError, match="draws"):
        paths(MODEL, 3, bad)


@pytest.mark.parametrize(
    "changed",
    [{"level": np.nan}, {"trend": np.inf}, {"stretch": (1.0, np.nan)},
     {"volatility": Volatility(-3.0, 0.9, np.nan, -2.5, 0.3)}],
)  # fmt: skip
def test_a_model_whose_numbers_are_not_finite_is_refused(changed):
    with pytest.raises(ValueError, match="not finite"):
        replace(MODEL, **changed)


@pytest.mark.parametrize("month", ["2023-13", "2023-1", "2023-01\n", "\u0662\u0660\u0662\u0663-01"])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(ValueError, match="not a month"):
        number_of(month)


def test_months_are_counted_over_the_turn_of_a_year():
    assert months_after("2024-11", 3) == ["2024-12", "2025-01", "2025-02"]
    assert number_of("2025-01") - number_of("2024-12") == 1
    with pytest.raises(ValueError, match="2024-13"):
        number_of("2024-13")
