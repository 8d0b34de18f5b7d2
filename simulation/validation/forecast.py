"""From runs of the model to a forecast: each scored series by month, run by run.

What runs spread over is chance inside the model and, where they have different assumptions, what is
not known of these. What nobody modelled is laid over them by `simulation.validation.discrepancy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulation.experiments.engine.measures import OUTCOME_NAMES, Axes, Measures
from simulation.validation.series import Array, Series

#: numerator and denominator terms of the series that are no sums of days
_QUOTIENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "people_per_boat": ("channel_arrivals", ("channel_boats",)),
    # as the observed share is counted, whatever else the model calls an attempt
    "prevented_share": ("channel_prevented", ("channel_prevented", "channel_arrivals")),
}


@dataclass(frozen=True)
class Forecast:
    """A forecast of some months.

    Attributes:
        names: The months.
        months: Series -> (runs, months), NaN where a run has no value (no boat came).
        totals: Series -> (runs,), all the months together.
        weights: Weight of each run, (runs,), or None where all weigh the same.
    """

    names: tuple[str, ...]
    months: Mapping[str, Array]
    totals: Mapping[str, Array]
    weights: Array | None = None

    @property
    def runs(self) -> int:
        """How many runs it is made of."""
        return len(next(iter(self.totals.values())))


@dataclass(frozen=True)
class Histories:
    """The months of some runs.

    Attributes:
        months: Their names.
        counts: (runs, months, outcomes) as `OUTCOME_NAMES` orders them.
    """

    months: tuple[str, ...]
    counts: Array

    def monthly(self, series: str, months: Sequence[str]) -> Array:
        """A series in some months, (runs, months), NaN where a run has no value."""
        above, below = self._terms(series, months)
        return above if below is None else _quotient(above, below)

    def total(self, series: str, months: Sequence[str]) -> Array:
        """A series over some months together, (runs,)."""
        above, below = self._terms(series, months)
        if below is None:
            return np.asarray(above.sum(axis=1))
        return _quotient(above.sum(axis=1), below.sum(axis=1))

    def _terms(self, series: str, months: Sequence[str]) -> tuple[Array, Array | None]:
        rows = [self.months.index(month) for month in months]
        counts = self.counts[:, rows]
        over, under = _QUOTIENTS.get(series, (series, ()))
        above = _column(counts, over)
        if not under:
            return above, None
        return above, np.sum([_column(counts, term) for term in under], axis=0)


def histories_of(axes: Axes, runs: Iterable[Measures]) -> Histories:
    """The months of runs, from their measures.

    Args:
        axes: What the rows of their measures stand for.
        runs: Their measures; counts are of real people, whatever the scale.
    """
    return Histories(axes.months, np.array([measures.months for measures in runs]))


def forecast_of(
    histories: Histories,
    months: Sequence[str],
    series: Iterable[Series],
    weights: Array | None = None,
) -> Forecast:
    """The forecast that runs of the model make.

    Args:
        histories: The runs.
        months: What is forecast; every one of these months must be in the runs.
        series: What is forecast.
        weights: Weight of each run; equal if None.
    """
    names = [one.name for one in series]
    return Forecast(
        tuple(months),
        {name: histories.monthly(name, months) for name in names},
        {name: histories.total(name, months) for name in names},
        weights,
    )


def _column(counts: Array, outcome: str) -> Array:
    found: Array = counts[:, :, OUTCOME_NAMES.index(outcome)]
    return found


def _quotient(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below > 0)
