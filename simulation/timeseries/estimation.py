"""The model of a series from its own past, and the width of its spread from its own past errors.

Level, trend and season are estimated by maximum likelihood (statsmodels), the volatility from the
errors one month ahead. The equations alone give too narrow a spread: they ignore that their
parameters are estimated and that a series can change its behaviour. Far ahead they widen it without
limit. So the model is fitted again at earlier months, its forecasts are compared with what
followed, and the spread is scaled to the size of these errors. `backtest` scores such forecasts.

The volatility is estimated from the squared errors. The logarithm of one is the log variance plus
the logarithm of a chi-squared variable of one degree of freedom, whose mean and variance are known:
Harvey, Ruiz and Shephard 1994, "Multivariate stochastic variance models", doi:10.2307/2297980. The
small constant in the logarithm is that of Fuller 1996, *Introduction to statistical time series*,
p. 494. Its likelihood is that of a linear state space model (statsmodels).

A hundred months hold little information on a volatility. Persistence and size of its changes are
therefore means over their posterior; the prior of the first is that of Kim, Shephard and Chib 1998
(doi:10.1111/1467-937X.00050), of the second that of Kastner 2016 ("Dealing with stochastic
volatility in time series using the R package stochvol", doi:10.18637/jss.v069.i05).
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv, digamma, ndtri
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.statespace.exponential_smoothing import ExponentialSmoothing
from statsmodels.tsa.statespace.mlemodel import MLEModel

from simulation.timeseries.crps import crps
from simulation.timeseries.model import (
    DRAWS_PER_MONTH,
    Array,
    MonthlyModel,
    Volatility,
    central_path,
    paths,
)
from simulation.timeseries.months import MONTHS_OF_YEAR, number_of

#: shortest series of which a season and past errors can be estimated, in months
FEWEST_MONTHS = 36
#: months from one earlier fit to the next
REFIT_EVERY = 3
#: months ahead that have a stretch of their own; later months take the last
MOST_AHEAD = 36
#: weight of the variance that the equations give, in past errors that do not overlap (assumption)
EQUATION_ERRORS = 1
#: months ahead to both sides whose errors are pooled
_NEIGHBOURS = 2
#: no path rises above this many times the largest count of its past (assumption; without a bound a
#: few paths in ten thousand have more people than fit into memory)
HIGHEST = 3.0
#: share of the mean of a series that is added to a count before its logarithm (assumption; without
#: it a month with 3 people instead of 30 weighs as much as one with 300 instead of 3,000)
OFFSET = 0.01
#: bounds of the share of a trend that is left after a month: half of it is gone after 3 to 7 months
#: (assumption; with the usual bound of 0.98 the growth of a series' first years goes on for ever)
DAMPING = (0.8, 0.9)
_SHARE = (1e-4, 1.0 - 1e-4)
_NAMES = {
    "smoothing_level": "alpha",
    "smoothing_trend": "beta",
    "smoothing_seasonal": "gamma",
    "damping_trend": "damping",
}
#: mean and variance of the logarithm of a chi-squared variable of one degree of freedom
_MEAN = float(digamma(0.5) + np.log(2.0))
_VARIANCE = float(np.pi**2 / 2.0)
_FULLER = 0.02
#: (rho + 1) / 2 has this Beta distribution; tau that of the size of a standard normal variable
_BETA = (20.0, 1.5)
#: points of the prior of each, equally likely
_GRID = 24
#: nominal coverage of the central prediction intervals that a back-test scores
LEVELS = (0.5, 0.8, 0.9, 0.95)
_PATHS, _SEED = 2000, 0


class PastErrors(NamedTuple):
    """Errors of forecasts from earlier months.

    Attributes:
        ends: Number of months known at each origin.
        errors: Observed x less forecast x, (origins, months ahead); NaN after the end of the data.
    """

    ends: tuple[int, ...]
    errors: Array


def estimate(months: Sequence[str], values: Sequence[float] | Array) -> MonthlyModel:
    """Find the model of a monthly series of counts.

    Args:
        months: Months as "2023-01", without gaps.
        values: The counts, not negative, (months,).

    Returns:
        The model at the end of the series, its spread scaled to its own past errors.

    Raises:
        ValueError: The series is too short, has gaps, or holds a value that is no count.
    """
    counts = checked(months, values)
    return stretched_by(fitted(months, counts), past_errors(months, counts), len(counts))


def correlation(first: tuple[Sequence[str], Array], second: tuple[Sequence[str], Array]) -> float:
    """Correlation of the errors one month ahead of two series.

    Args:
        first: Months and values of a series, (months,).
        second: Those of another.

    Raises:
        ValueError: A series cannot be used.
    """
    errors = []
    for months, values in (first, second):
        one_ahead = _smoothed(months, checked(months, values)).errors
        errors.append(dict(zip(months[-len(one_ahead) :], one_ahead, strict=True)))
    both = sorted(errors[0].keys() & errors[1].keys())
    return float(np.corrcoef([[one[month] for month in both] for one in errors])[0, 1])


def checked(months: Sequence[str], values: Sequence[float] | Array) -> Array:
    """The counts as floats, (months,).

    Raises:
        ValueError: See `estimate`.
    """
    counts = np.asarray(values, dtype=np.float64)
    if counts.shape != (len(months),):
        raise ValueError(f"{len(months)} months and values of the shape {counts.shape}")
    if len(months) < FEWEST_MONTHS:
        raise ValueError(f"{len(months)} months; at least {FEWEST_MONTHS} are needed")
    for before, after in pairwise(months):
        if number_of(after) != number_of(before) + 1:
            raise ValueError(f"{after} does not follow {before}")
    if not np.all(np.isfinite(counts) & (counts >= 0.0)):
        raise ValueError("a count is missing, negative or not finite")
    return counts


def brought_forward(
    model: MonthlyModel, months: Sequence[str], values: Sequence[float] | Array
) -> MonthlyModel:
    """The model at the end of a longer series, with the parameters it has.

    Level, trend, season and the volatility of the last month are those of the longer series. What
    takes long to estimate stays: alpha, beta, gamma, damping, the parameters of the volatility and
    the stretch.

    Args:
        model: A model of the series.
        months: Months as "2023-01", without gaps.
        values: The counts, not negative, (months,), those known before among them.

    Raises:
        ValueError: See `estimate`.
    """
    counts = checked(months, values)
    smooth = _smoothed(months, counts, model)
    return replace(
        smooth.model,
        volatility=volatility_after(model.volatility, smooth.errors),
        stretch=model.stretch,
        standard_errors=model.standard_errors,
        highest=max(model.highest, smooth.model.highest),
    )


def fitted(months: Sequence[str], counts: Array) -> MonthlyModel:
    """The model at the end of a series, its spread as the equations give it.

    Args:
        months: Its months.
        counts: Its values, already checked, (months,).
    """
    smooth = _smoothed(months, counts)
    volatility, standard_errors = volatility_of(smooth.errors)
    return replace(
        smooth.model,
        volatility=volatility,
        standard_errors=smooth.standard_errors | standard_errors,
    )


class _Smoothed(NamedTuple):
    """Level, trend and season of a series: a model whose volatility does not change."""

    model: MonthlyModel
    errors: Array
    standard_errors: dict[str, float]


def _smoothed(months: Sequence[str], counts: Array, fixed: MonthlyModel | None = None) -> _Smoothed:
    """The series smoothed with parameters that are estimated, or with those of a known model."""
    offset = OFFSET * max(float(counts.mean()), 1.0) if fixed is None else fixed.offset
    model = ExponentialSmoothing(
        np.log(offset + counts),
        trend=True,
        damped_trend=True,
        seasonal=MONTHS_OF_YEAR,
        initialization_method="concentrated",
        bounds=[_SHARE, _SHARE, _SHARE, DAMPING],
    )
    # far from the optimum a parameter is transformed beyond what a float holds: to its bound
    with warnings.catch_warnings(), np.errstate(over="ignore", invalid="ignore"):
        # on a flat likelihood the optimiser stops before its tolerance; the fit is as good
        warnings.simplefilter("ignore", ConvergenceWarning)
        if fixed is None:
            results = model.fit(disp=False)
            standard_errors = results.bse
        else:
            at = [getattr(fixed, _NAMES[name]) for name in model.param_names]
            results, standard_errors = model.smooth(np.array(at)), np.full(len(at), np.nan)
    values = zip(model.param_names, results.params, strict=True)
    estimates: dict[str, float] = {_NAMES[name]: float(value) for name, value in values}
    state = dict(zip(model.state_names, np.asarray(results.states.filtered)[-1], strict=True))
    # the first errors serve to estimate the season
    errors = np.asarray(results.forecasts_error[0])[MONTHS_OF_YEAR + 1 :]
    # degrees of freedom: errors in sample are smaller than those to come
    free = len(counts) - len(estimates) - len(state)
    errors = errors * np.sqrt(len(counts) / free)
    variance = float(np.log(max(np.mean(errors**2), np.finfo(float).tiny)))
    steady = MonthlyModel(
        first_month=months[0],
        last_month=months[-1],
        **estimates,
        level=float(state["level"]),
        trend=float(state["trend"]),
        season=_season(state, months[-1]),
        volatility=Volatility(variance, 0.0, 0.0, variance, 0.0),
        stretch=(1.0,),
        offset=offset,
        highest=HIGHEST * max(float(counts.max()), 1.0),
        standard_errors={},
    )
    standard_errors = {
        n: float(e) for n, e in zip(estimates, standard_errors, strict=True) if np.isfinite(e)
    }
    return _Smoothed(steady, errors, standard_errors)


def past_errors(
    months: Sequence[str], counts: Array, ends: Sequence[int] | None = None
) -> PastErrors:
    """Fit the model at earlier months, and compare its forecasts with what followed.

    Args:
        months: Months of the series.
        counts: Its values, already checked, (months,).
        ends: How many months are known at each origin; every `REFIT_EVERY` months when None.
    """
    if ends is None:
        ends = range(FEWEST_MONTHS, len(counts), REFIT_EVERY)
    errors = np.full((len(ends), MOST_AHEAD), np.nan)
    for row, end in enumerate(ends):
        model = _smoothed(months[:end], counts[:end]).model
        followed = model.x_of(counts[end : end + MOST_AHEAD])
        errors[row, : len(followed)] = followed - model.centre(len(followed))
    return PastErrors(tuple(ends), errors)


def stretched_by(model: MonthlyModel, past: PastErrors, end: int) -> MonthlyModel:
    """The model with its spread scaled to the size of past errors.

    The variance of a month ahead is the weighted mean of the squared past errors and of the
    variance of the equations, which counts as `EQUATION_ERRORS` errors that do not overlap. Errors
    of neighbouring months ahead are pooled, and the spread never shrinks with the months ahead.

    Args:
        model: The model; its own stretch is replaced.
        past: Errors of forecasts from earlier months.
        end: How many months are known; errors of later months are left out.
    """
    ahead = past.errors.shape[1]
    later = np.array(past.ends, dtype=int)[:, None] + np.arange(1, ahead + 1) > end
    errors = np.where(later, np.nan, past.errors)
    equations = model.equation_sd(ahead)
    spread: list[float] = []
    for month in range(ahead):
        scored = np.flatnonzero(np.isfinite(errors[:, month]))
        if not scored.size:
            break
        # forecasts whose months overlap count as fewer, independent ones
        covered = past.ends[scored[-1]] - past.ends[scored[0]] + month + 1
        apart = min(len(scored), covered / (month + 1))
        near = errors[:, max(month - _NEIGHBOURS, 0) : month + _NEIGHBOURS + 1]
        mean_square = float(np.mean(near[np.isfinite(near)] ** 2))
        own = float(equations[month] ** 2)
        pooled = (apart * mean_square + EQUATION_ERRORS * own) / (apart + EQUATION_ERRORS)
        spread.append(max([float(np.sqrt(pooled)), *spread[-1:]]))
    stretch = tuple(float(sd / own) for sd, own in zip(spread, equations, strict=False))
    return replace(model, stretch=stretch or (1.0,))


def _season(state: Mapping[str, float], last_month: str) -> tuple[float, ...]:
    """Effects of the calendar months, January first, from states that run back in time."""
    last = number_of(last_month)
    names = ["seasonal", *(f"seasonal.L{back}" for back in range(1, MONTHS_OF_YEAR))]
    back = [(last - month) % MONTHS_OF_YEAR for month in range(MONTHS_OF_YEAR)]
    return tuple(float(state[names[months]]) for months in back)


# -- volatility ------------------------------------------------------------------------------------


class _LogSquares(MLEModel):
    """Log squared errors as an autoregression seen through known noise."""

    def __init__(self, logs: Array) -> None:
        super().__init__(logs, k_states=1, k_posdef=1, initialization="stationary")
        self["design", 0, 0] = 1.0
        self["selection", 0, 0] = 1.0
        self["obs_intercept", 0, 0] = _MEAN
        self["obs_cov", 0, 0] = _VARIANCE

    def put(self, mean: float, persistence: float, sd: float) -> None:
        self["transition", 0, 0] = persistence
        self["state_intercept", 0, 0] = mean * (1.0 - persistence)
        self["state_cov", 0, 0] = sd**2
        self.ssm.initialize_stationary()


def volatility_of(errors: Array) -> tuple[Volatility, dict[str, float]]:
    """The volatility of errors, (months,).

    Returns:
        The volatility; the standard error of its mean, and the standard deviations of its
        persistence and of the size of its changes in the posterior.

    Raises:
        ValueError: All errors are zero.
    """
    logs = _log_squares(errors)
    model, mean = _LogSquares(logs), float(np.mean(logs)) - _MEAN
    grid = (np.arange(_GRID) + 0.5) / _GRID
    persistences = 2.0 * betaincinv(*_BETA, grid) - 1.0
    persistences = persistences[persistences > 0.0]
    sds = ndtri((1.0 + grid) / 2.0)
    logged = np.empty((len(persistences), len(sds)))
    for row, persistence in enumerate(persistences):
        for column, sd in enumerate(sds):
            model.put(mean, float(persistence), float(sd))
            logged[row, column] = model.ssm.loglike()
    chance = np.exp(logged - logged.max())
    chance /= chance.sum()
    persistence, persistence_se = _moments(persistences, chance.sum(axis=1))
    sd, sd_se = _moments(sds, chance.sum(axis=0))
    volatility = _at_the_end(model, mean, persistence, sd)
    standard_errors = float(np.std(logs) / np.sqrt(len(logs))), persistence_se, sd_se
    names = ("volatility_mean", "volatility_persistence", "volatility_sd")
    return volatility, dict(zip(names, standard_errors, strict=True))


def volatility_after(volatility: Volatility, errors: Array) -> Volatility:
    """A volatility with known parameters at the end of errors, (months,).

    Raises:
        ValueError: All errors are zero.
    """
    model = _LogSquares(_log_squares(errors))
    return _at_the_end(model, volatility.mean, volatility.persistence, volatility.sd)


def _log_squares(errors: Array) -> Array:
    """Logarithms of squared errors, with the correction of Fuller for those near zero."""
    size = float(np.mean(errors**2))
    if not size > 0.0:
        raise ValueError("the season explains the whole series: no volatility can be estimated")
    # a single error near zero would weigh more than all others
    offset = _FULLER * size
    return np.asarray(np.log(errors**2 + offset) - offset / (errors**2 + offset))


def _at_the_end(model: _LogSquares, mean: float, persistence: float, sd: float) -> Volatility:
    model.put(mean, persistence, sd)
    filtered = model.ssm.filter()
    last, variance = filtered.filtered_state[0, -1], filtered.filtered_state_cov[0, 0, -1]
    return Volatility(mean, persistence, sd, float(last), float(np.sqrt(variance)))


def _moments(values: Array, chance: Array) -> tuple[float, float]:
    """Mean and standard deviation of values with probabilities that sum to 1."""
    mean = float(values @ chance)
    return mean, float(np.sqrt((values - mean) ** 2 @ chance))


# -- forecasts from earlier months, scored ---------------------------------------------------------


@dataclass(frozen=True)
class HorizonScore:
    """Scores of the forecasts some months ahead.

    Attributes:
        horizon: Months ahead.
        count: Number of forecasts whose month is in the data.
        mean_error: Mean of the central forecast less the observed count.
        mean_size: Mean absolute error of the central forecast, in counts.
        crps: Mean continuous ranked probability score (Gneiting and Raftery 2007,
            doi:10.1198/016214506000001437), in counts; the lower the better.
        naive_size: Mean absolute error of the seasonal naive forecast: the count in the same
            calendar month of the last year known.
        coverage: Nominal coverage (`LEVELS`) to the share of observed counts inside that central
            prediction interval.
    """

    horizon: int
    count: int
    mean_error: float
    mean_size: float
    crps: float
    naive_size: float
    coverage: dict[float, float]


@dataclass(frozen=True)
class BacktestErrors:
    """Scores of forecasts from earlier months, each made from the months up to it.

    Attributes:
        origins: The last month known of each forecast.
        scores: One for each number of months ahead that has a forecast, in order.
    """

    origins: tuple[str, ...]
    scores: tuple[HorizonScore, ...]


def backtest(
    months: Sequence[str],
    values: Sequence[float] | Array,
    origins: Sequence[str],
    horizons: Sequence[int],
) -> BacktestErrors:
    """Forecast a series from earlier months and score the forecasts.

    At each origin the model, and the past errors that scale its spread, use only the months up to
    it.

    Args:
        months: Months as "2023-01", without gaps.
        values: The counts, not negative, (months,).
        origins: Last months known, each with at least `FEWEST_MONTHS` months up to it.
        horizons: Months ahead to score.

    Raises:
        ValueError: The series cannot be used.
    """
    counts = checked(months, values)
    ends = [months.index(origin) + 1 for origin in origins]
    refits = range(FEWEST_MONTHS, max(ends, default=FEWEST_MONTHS), REFIT_EVERY)
    past = past_errors(months, counts, refits)
    longest = max(horizons)
    draws = np.random.default_rng(_SEED).random((_PATHS, longest, DRAWS_PER_MONTH))
    forecasts: dict[int, list[tuple[float, float, float, Array]]] = {one: [] for one in horizons}
    for end in ends:
        model = stretched_by(fitted(months[:end], counts[:end]), past, end)
        drawn, centre = paths(model, longest, draws), central_path(model, longest)
        for horizon in horizons:
            at = end + horizon - 1
            if at >= len(counts):
                continue
            naive = counts[end - MONTHS_OF_YEAR + (horizon - 1) % MONTHS_OF_YEAR]
            forecast = centre[horizon - 1], naive, drawn[:, horizon - 1]
            forecasts[horizon].append((counts[at], *forecast))
    scores = [_score(horizon, of) for horizon, of in sorted(forecasts.items()) if of]
    return BacktestErrors(tuple(origins), tuple(scores))


def _score(horizon: int, forecasts: Sequence[tuple[float, float, float, Array]]) -> HorizonScore:
    """The score of forecasts: what was observed, centre, naive forecast, paths drawn, (paths,)."""
    observed, centre, naive, drawn = map(np.array, zip(*forecasts, strict=True))
    coverage = {}
    for level in LEVELS:
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
        coverage[level] = float(np.mean((low <= observed) & (observed <= high)))
    return HorizonScore(
        horizon=horizon,
        count=len(forecasts),
        mean_error=float(np.mean(centre - observed)),
        mean_size=float(np.mean(np.abs(centre - observed))),
        crps=float(np.mean(crps(observed, drawn))),
        naive_size=float(np.mean(np.abs(naive - observed))),
        coverage=coverage,
    )
