"""From runs of the model to a forecast of a year: each scored series by month, run by run.

What a forecast spreads over is chance inside the model and, where the runs have different
assumptions, what is not known of these. It does not hold what nobody modelled, nor how a figure is
counted: `observe` adds that, with a dispersion that somebody must give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulation.experiments.measures import OUTCOME_NAMES, Axes, Measures
from simulation.validation.series import MONTHS_OF_YEAR, Array, Series, months_of

#: numerator and denominator terms of the series that are no sums of days
_QUOTIENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people_per_boat": ("channel_arrivals", ("channel_boats",)),
    # as the observed share is counted, whatever else the model calls an attempt
    "prevented_share": ("channel_prevented", ("channel_prevented", "channel_arrivals")),
}


@dataclass(frozen=True)
class Forecast:
    """A forecast of one year.

    Attributes:
        year: The year.
        months: Series -> (runs, 12), NaN where a run has no value (no boat came).
        totals: Series -> (runs,), the whole year.
        weights: Weight of each run, (runs,), or None where all weigh the same.
    """

    year: int
    months: Mapping[str, Array]
    totals: Mapping[str, Array]
    weights: Array | None = None

    @property
    def runs(self) -> int:
        """How many runs it is made of."""
        return len(next(iter(self.totals.values())))


def forecast_of(
    axes: Axes,
    runs: Iterable[Measures],
    year: int,
    series: Iterable[Series],
    weights: Array | None = None,
) -> Forecast:
    """The forecast that runs of the model make.

    Args:
        axes: What the rows of their measures stand for.
        runs: Their measures; counts are of real people, whatever the scale.
        year: The year; every month of it must be in the runs.
        series: What is forecast.
        weights: Weight of each run; equal if None.
    """
    rows = [axes.months.index(month) for month in months_of(year)]
    counts = np.array([measures.months[rows] for measures in runs])
    months, totals = {}, {}
    for one in series:
        over, under = _QUOTIENTS.get(one.name, (one.name, ()))
        above = _column(counts, over)
        if not under:
            months[one.name], totals[one.name] = above, above.sum(axis=1)
            continue
        below = np.sum([_column(counts, term) for term in under], axis=0)
        months[one.name] = _quotient(above, below)
        totals[one.name] = _quotient(above.sum(axis=1), below.sum(axis=1))
    return Forecast(year, months, totals, weights)


def observe(forecast: Forecast, dispersion: Mapping[str, float], seed: int) -> Forecast:
    """Lay noise of counting over the counts of a forecast.

    A month's count is drawn from a negative binomial with the run's count as its mean m and the
    variance m + m^2 / dispersion. Years are the sums of their months; ratios and shares stay.

    Args:
        forecast: The forecast.
        dispersion: Count -> dispersion, above 0; the larger, the less noise.
        seed: Which draws.
    """
    rng = np.random.default_rng(seed)
    months, totals = dict(forecast.months), dict(forecast.totals)
    for name, size in dispersion.items():
        mean = forecast.months[name]
        months[name] = rng.negative_binomial(size, size / (size + mean)).astype(float)
        totals[name] = months[name].sum(axis=1)
    return replace(forecast, months=months, totals=totals)


def _column(counts: Array, outcome: str) -> Array:
    found: Array = counts[:, :, OUTCOME_NAMES.index(outcome)].reshape(-1, MONTHS_OF_YEAR)
    return found


def _quotient(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
