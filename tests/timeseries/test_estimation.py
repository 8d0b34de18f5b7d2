"""What is found of a series whose law is known, and the paths that may come after it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing

from simulation.timeseries.estimation import (
    _SHARE,
    DAMPING,
    MOST_AHEAD,
    PastErrors,
    backtest,
    brought_forward,
    estimate,
    fitted,
    past_errors,
    stretched_by,
    volatility_of,
)
from simulation.timeseries.model import MonthlyModel, Volatility, central_path, paths, quantile_path
from simulation.timeseries.months import months_after, number_of

MONTHS = 96
#: as past errors might have it
STRETCH = (1.3, 1.2, 1.1)


def months_and_counts(seed=0, months=MONTHS, error=0.2):
    """Months and counts of a level that wanders, with a season."""
    rng = np.random.default_rng(seed)
    level = 7.0 + np.cumsum(0.5 * error * rng.standard_normal(months))
    season = 0.4 * np.cos(2.0 * np.pi * np.arange(months) / 12.0)
    counts = np.exp(level + season + error * rng.standard_normal(months))
    return months_after("2014-12", months), np.rint(counts)


@pytest.fixture(scope="module")
def model():
    """The model of the series that is made unasked, its spread that of the equations."""
    return fitted(*months_and_counts())


@pytest.fixture(scope="module")
def library(model):
    """The fit of the library to the same series."""
    return ExponentialSmoothing(
        model.x_of(months_and_counts()[1]), trend=True, damped_trend=True, seasonal=12,
        initialization_method="concentrated", bounds=[_SHARE, _SHARE, _SHARE, DAMPING],
    ).fit(disp=False)  # fmt: skip


def test_the_centre_and_the_width_of_the_equations_are_those_of_the_library(model, library):
    """With a volatility that stays, the spread is that of exponential smoothing."""
    np.testing.assert_allclose(model.centre(30), library.forecast(30), rtol=1e-8)
    theirs = library.get_forecast(24).se_mean
    ours = np.sqrt(np.cumsum(model.weights(24) ** 2))
    np.testing.assert_allclose(ours / ours[0], theirs / theirs[0], rtol=1e-6)


def test_a_volatility_that_changes_is_told_from_one_that_stays():
    rng = np.random.default_rng(2)
    log_variance = np.zeros(600)
    for month in range(1, 600):
        log_variance[month] = 0.95 * log_variance[month - 1] + 0.4 * rng.standard_normal()
    luck = rng.standard_normal(600)
    wild, standard_errors = volatility_of(np.exp(log_variance / 2.0) * luck)
    calm, _ = volatility_of(luck)
    assert calm.sd < 0.5 * wild.sd
    assert abs(wild.sd - 0.4) < 3.0 * standard_errors["volatility_sd"]
    assert abs(wild.persistence - 0.95) < 3.0 * standard_errors["volatility_persistence"]
    assert abs(wild.last - log_variance[-1]) < 4.0 * wild.last_sd


def test_larger_past_errors_widen_the_spread_and_later_ones_do_not_count(model):
    ends = tuple(range(36, 90, 3))
    small = np.full((len(ends), MOST_AHEAD), 0.1)
    narrow, wide = (
        np.array(stretched_by(model, PastErrors(ends, size * small), 96).stretch)
        for size in (1.0, 8.0)
    )
    assert (wide > narrow).all()
    sd = narrow * model.equation_sd(len(narrow))
    assert (np.diff(sd) >= -1e-12).all()
    later = small.copy()
    later[-1] = 50.0  # known only after the month at which the last forecast was made
    assert stretched_by(model, PastErrors(ends, later), ends[-1]) == stretched_by(
        model, PastErrors(ends, small), ends[-1]
    )


@pytest.mark.slow
@pytest.mark.full
def test_the_spread_is_about_as_wide_as_it_says():
    """On a series whose law is the model's, pooled over series; limits from the binomial law."""
    inside, series = dict.fromkeys((0.5, 0.8, 0.9, 0.95), 0.0), 12
    for seed in range(series):
        months, counts = months_and_counts(seed, months=MONTHS + 12)
        model = estimate(months[:MONTHS], counts[:MONTHS])
        drawn = paths(model, 12, np.random.default_rng(seed).random((2000, 12, 2)))
        for level in inside:
            low, high = np.quantile(drawn[:, -1], [(1 - level) / 2, (1 + level) / 2])
            inside[level] += float(low <= counts[-1] <= high) / series
    for level, share in inside.items():
        error = np.sqrt(level * (1 - level) / series)
        assert level - 3 * error <= share, (level, share)
    assert inside[0.5] < 1.0


@pytest.mark.slow
@pytest.mark.full
def test_a_back_test_knows_only_what_was_known():
    months, counts = months_and_counts(months=58)
    changed = counts.copy()
    changed[48:] *= 5.0
    origin, ahead = [months[41]], [1, 3, 6]
    before = backtest(months, counts, origin, ahead)
    assert before == backtest(months, changed, origin, ahead)
    assert [(score.horizon, score.count) for score in before.scores] == [(n, 1) for n in ahead]


@pytest.mark.slow
def test_an_estimate_is_the_same_again_and_as_wide_as_its_own_past_errors():
    months, counts = months_and_counts(months=41)
    first = estimate(months, counts)
    second = stretched_by(fitted(months, counts), past_errors(months, counts, [36, 39]), 41)
    assert first == second
    assert first.last_month == months[-1]


@pytest.mark.parametrize(("change", "reason"), [
    (lambda m, v: (m[:20], v[:20]), "at least"),
    (lambda m, v: ([*m[:-1], "2031-01"], v), "follow"),
    (lambda m, v: (m, np.where(np.arange(len(v)) == 3, -1.0, v)), "negative"),
    (lambda m, v: (m, np.where(np.arange(len(v)) == 3, np.nan, v)), "missing"),
    (lambda m, v: (m, v[:-1]), "values"),
])  # fmt: skip
def test_what_is_no_series_of_counts_is_refused(change, reason):
    with pytest.raises(ValueError, match=reason):
        estimate(*change(*months_and_counts(months=48)))


def test_a_model_brought_forward_by_no_month_is_the_same(model):
    months, counts = months_and_counts()
    model = replace(model, stretch=STRETCH)
    again = brought_forward(model, months, counts)
    np.testing.assert_allclose(again.centre(24), model.centre(24), rtol=1e-6)
    assert again.volatility.last == pytest.approx(model.volatility.last, abs=1e-4)
    assert again.stretch == model.stretch


def test_months_that_are_added_move_the_level_and_leave_the_spread():
    months, counts = months_and_counts(months=MONTHS + 6)
    model = replace(fitted(months[:MONTHS], counts[:MONTHS]), stretch=STRETCH)
    calm = brought_forward(model, months, counts)
    more = counts.copy()
    more[MONTHS:] *= 3.0
    high = brought_forward(model, months, more)
    assert high.last_month == months[-1]
    assert np.all(high.centre(12) > calm.centre(12))
    assert (high.stretch, high.gamma, high.offset) == (model.stretch, model.gamma, model.offset)


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
    drawn = paths(model, horizon, draws(5, horizon, seed))
    assert drawn.shape == (5, horizon)
    assert np.isfinite(drawn).all()
    assert (drawn >= 0.0).all()
    assert (drawn <= model.highest).all()


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


@pytest.mark.parametrize(("probability", "paths_of_it"), [(0.1, 4000), (0.5, np.inf), (0.9, 4000)])
def test_a_quantile_path_cuts_off_its_share(probability, paths_of_it):
    """But for the central path the quantile is itself taken from some paths."""
    horizon, count = 24, 20_000
    drawn = paths(MODEL, horizon, draws(count, horizon))
    below = (drawn < quantile_path(MODEL, horizon, probability)).mean(axis=0)
    # the share below is binomial: five of its standard errors
    error = np.sqrt(probability * (1 - probability) * (1 / count + 1 / paths_of_it))
    assert np.abs(below - probability).max() < 5 * error


def test_the_central_path_is_that_of_draws_in_the_middle():
    middle = np.full((1, 24, 2), 0.5)
    np.testing.assert_allclose(paths(MODEL, 24, middle)[0], central_path(MODEL, 24))


def test_the_spread_grows_with_the_months():
    steady = replace(MODEL, season=(0.0,) * 12, stretch=(1.0,))
    spread = np.log(paths(steady, 60, draws(20_000, 60)) + steady.offset).std(axis=0)
    assert spread[0] < spread[11] < spread[35] < spread[59]
    np.testing.assert_allclose(spread[:24], steady.equation_sd(24), rtol=0.05)


def test_a_stretch_widens_by_as_much():
    wide, narrow = replace(MODEL, stretch=(2.0,)), replace(MODEL, stretch=(1.0,))
    given_draws = draws(50, 12)
    x = [m.x_of(paths(m, 12, given_draws)) - m.centre(12) for m in (wide, narrow)]
    drawn = paths(wide, 12, given_draws)
    inside = (drawn > 0) & (drawn < 0.999 * wide.highest)
    np.testing.assert_allclose(x[0][inside], 2.0 * x[1][inside], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("month", ["2023-13", "2023-1", "2023-01\n", "\u0662\u0660\u0662\u0663-01"])
def test_what_is_no_month_is_refused(month):
    with pytest.raises(ValueError, match="not a month"):
        number_of(month)


def test_months_are_counted_over_the_turn_of_a_year():
    assert months_after("2024-11", 3) == ["2024-12", "2025-01", "2025-02"]
    assert number_of("2025-01") - number_of("2024-12") == 1
