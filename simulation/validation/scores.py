"""How good a forecast was: CRPS, intervals, bias, and whether it was better than another.

The continuous ranked probability score (CRPS) is a mean absolute error for distributions, in the
unit of the series: 0 is perfect, and a single point scores its absolute error.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal

import numpy as np

from simulation.serialization import json_number
from simulation.statistics.finding import Count, Finding
from simulation.timeseries.crps import crps
from simulation.validation.series import Array

#: values of months by the probability below them, as "0.05"; None where there is none
Bands = dict[str, list[float | None]]
#: central intervals whose coverage is counted
INTERVALS = (0.5, 0.8, 0.9, 0.95)
#: how sure the interval of a difference of scores is
CONFIDENCE = 0.9
#: months that follow each other are alike, so they are resampled together
BLOCK = 3
#: fewer months say nothing of how far chance reaches
FEWEST_MONTHS = 6
RESAMPLES = 4000


class Duel(Finding):
    """One forecast against another on the same values.

    Attributes:
        skill: 1 - CRPS / CRPS of the other: 1 is perfect, below 0 is worse than the other; None
            where the other is perfect.
        better: Whether its CRPS is the lower.
        low: Lower end of the interval of the skill; None with too few values.
        high: Upper end.
        sure: Whether chance over so few values can be left out as the reason.
        verdict: The row in words: better or worse, and whether that is more than chance.
    """

    skill: float | None
    better: bool
    low: float | None
    high: float | None
    sure: bool
    verdict: str


class Score(Finding):
    """How one forecast did on one series.

    Attributes:
        count: Values it was scored on: months, or 1 for a whole year.
        crps: Mean CRPS.
        mae: Mean absolute error of the median.
        bias: Mean of the forecasts' means less what was observed; above 0 is too high.
        inside: Interval, as "0.9" -> how many of the values lay in it.
        each: CRPS of each value, (count,).
        duel: The model's forecast against this one, of another forecast.
    """

    count: Count
    crps: float
    mae: float
    bias: float
    inside: dict[str, Count]
    each: list[float | None]
    duel: Duel | None = None


def score(seen: Array, runs: Array, weights: Array | None = None) -> Score:
    """Score a forecast.

    Args:
        seen: Observed values, (values,); those that are NaN are left out.
        runs: Forecasts, (runs, values); a run that has no value (NaN) for one is left out there.
        weights: Weight of each run, (runs,); equal if None.

    Raises:
        ValueError: Nothing was observed, or no run has a value where something was.
    """
    has_value = np.isfinite(seen)
    seen, runs = seen[has_value], runs[:, has_value]
    shares = _shares(runs, weights)
    if not len(seen) or not np.all(shares.sum(axis=0) > 0):
        raise ValueError("nothing to score")
    held = np.where(np.isfinite(runs), runs, 0.0)
    each = crps(seen, held.T, shares.T)
    inside = {}
    for interval in INTERVALS:
        low, high = quantiles(runs, [(1 - interval) / 2, (1 + interval) / 2], weights)
        inside[f"{interval:g}"] = int(np.sum((low <= seen) & (seen <= high)))
    (median,) = quantiles(runs, [0.5], weights)
    return Score(
        count=len(seen),
        crps=float(np.mean(each)),
        mae=float(np.mean(np.abs(median - seen))),
        bias=float(np.mean((held * shares).sum(axis=0) - seen)),
        inside=inside,
        each=listed(each),
    )


def quantiles(runs: Array, probabilities: Sequence[float], weights: Array | None = None) -> Array:
    """Quantiles of a forecast, (probabilities, values), NaN where no run has a value.

    Equal weights are interpolated between; others give the smallest value that enough weight lies
    at or below.
    """
    method: Literal["linear", "inverted_cdf"] = "linear" if weights is None else "inverted_cdf"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        columns = [
            np.nanquantile(of, probabilities, weights=weights, method=method) for of in runs.T
        ]
    return np.array(columns).T


def bands_of(runs: Array, probabilities: Sequence[float], weights: Array | None) -> Bands:
    """Quantiles of a forecast as a summary holds them."""
    rows = quantiles(runs, probabilities, weights)
    return {f"{p:g}": listed(row) for p, row in zip(probabilities, rows, strict=True)}


def listed(values: Array) -> list[float | None]:
    """Numbers as JSON knows them."""
    return [json_number(value) for value in values]


def duel(mine: Score, other: Score, seed: int) -> Duel:
    """Compare two forecasts of the same values.

    The interval of the skill comes from a circular block bootstrap over the months. It says how
    far chance over so few months reaches, as the test of Diebold and Mariano does, and nothing of
    whether the next year will be like this one.
    """
    low, high = _skill_ends(mine, other, seed)
    better = mine.crps < other.crps
    sure = low is not None and high is not None and (low > 0 or high < 0)
    chance = " (too few values to tell)" if low is None else "" if sure else ", within chance"
    verdict = ("better" if better else "worse") + chance
    skill = 1.0 - mine.crps / other.crps if other.crps > 0 else None
    return Duel(skill=skill, better=better, low=low, high=high, sure=sure, verdict=verdict)


def _skill_ends(mine: Score, other: Score, seed: int) -> tuple[float | None, float | None]:
    """The interval of the skill; None with too few values."""
    if mine.count < FEWEST_MONTHS:
        return None, None
    rng = np.random.default_rng(seed)
    blocks = -(-mine.count // BLOCK)
    starts = rng.integers(0, mine.count, (RESAMPLES, blocks))
    rows = (starts[:, :, None] + np.arange(BLOCK)) % mine.count
    rows = rows.reshape(RESAMPLES, -1)[:, : mine.count]
    over, under = (np.array(one.each, dtype=float)[rows].mean(axis=1) for one in (mine, other))
    drawn = 1.0 - over / np.where(under > 0, under, np.nan)
    low, high = np.nanquantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return json_number(low), json_number(high)


def _shares(runs: Array, weights: Array | None) -> Array:
    """The weight of each run at each value, summing to 1 over the runs that have one."""
    raw = np.ones(len(runs)) if weights is None else np.asarray(weights, dtype=float)
    weights_of = np.where(np.isfinite(runs), raw[:, None], 0.0)
    total = weights_of.sum(axis=0)
    return weights_of / np.where(total > 0, total, 1.0)
