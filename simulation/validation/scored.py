"""The forecasts of a year, their scores, and the mean of these over several years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Literal

import numpy as np

from simulation.serialization import as_csv, json_number
from simulation.statistics.finding import Count, Finding
from simulation.timeseries.months import months_of
from simulation.validation import naive
from simulation.validation.forecast import Forecast
from simulation.validation.scores import INTERVALS, Bands, Score, bands_of, duel, listed, score
from simulation.validation.series import Array, Series, SeriesSummary, about

#: what the model's forecast is called among the others
MODEL = "model"
#: quantiles of a forecast in a summary: edges of the 95%, 90%, 80% and 50% interval, and the median
QUANTILES = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
#: years before the held-out one that are shown with it
SHOWN_YEARS = 2

#: of the months of the year one by one, or of the whole of it
HorizonName = Literal["months", "year"]
#: draws, (draws, values), and their weights; None where there is no forecast, or all weigh the same
_Weighted = tuple[Array | None, Array | None]


class NaiveSummary(Finding):
    """A naive forecast as a summary holds it; see `simulation.validation.naive.Naive`."""

    points: list[float | None]
    first: str
    last: str


class ScoredSeries(SeriesSummary):
    """The forecasts of a series, and their scores.

    Attributes:
        total_observed: What was observed in the whole year.
        bands: Quantiles of the model's forecast by month.
        total_bands: Those of the whole year.
        naive: The naive forecasts, by method.
        scores: By month and of the whole year, by forecast; None for what there is no forecast or
            no observation of.
    """

    total_observed: float | None
    bands: Bands
    total_bands: dict[str, float | None]
    naive: dict[str, NaiveSummary]
    scores: dict[HorizonName, dict[str, Score | None]]

    @property
    def by_month(self) -> bool:
        """Whether it was observed by month in the year held out."""
        return any(value is not None for value in self.observed)


class MeanScore(Finding):
    """How one forecast of one series did by month, over several years.

    Attributes:
        years: Years in which it has a score.
        months: Months of these years.
        crps: Mean of the CRPS of the years.
        bias: Mean of their bias.
        inside: Interval, as "0.9" -> the share of the months that lay in it.
    """

    years: Count
    months: Count
    crps: float
    bias: float
    inside: dict[str, float]


def scored(series: Series, forecast: Forecast, *, year: int, seed: int) -> ScoredSeries:
    """Every forecast of a series, its scores, and the model against each other one.

    Args:
        series: The series.
        forecast: The model's forecast.
        year: The year.
        seed: Which draws of the naive forecasts.
    """
    others = naive.forecasts(series, year, seed)
    mine, total = forecast.months[series.name], forecast.totals[series.name][:, None]
    months: dict[str, _Weighted] = {MODEL: (mine, forecast.weights)}
    totals: dict[str, _Weighted] = {MODEL: (total, forecast.weights)}
    for other in others:
        months[other.method] = other.months, None
        totals[other.method] = None if other.total is None else other.total[:, None], None
    seen, weights = np.array([series.total(year)]), forecast.weights
    before = [name for past in range(year - SHOWN_YEARS, year) for name in months_of(past)]
    return ScoredSeries(
        **dict(about(series, months_of(year), before)),
        total_observed=json_number(seen[0]),
        bands=bands_of(mine, QUANTILES, weights),
        total_bands={key: edge for key, (edge,) in bands_of(total, QUANTILES, weights).items()},
        naive={
            other.method: NaiveSummary(
                points=listed(other.points), first=other.first, last=other.last
            )
            for other in others
        },
        scores={
            "months": _scores(series.of_year(year), months, seed),
            "year": _scores(seen, totals, seed),
        },
    )


def mean_scores(years: Sequence[Mapping[str, ScoredSeries]]) -> dict[str, dict[str, MeanScore]]:
    """The scores by month over several years, by series and forecast.

    Args:
        years: The scored series of each year, by name.
    """
    means: dict[str, dict[str, MeanScore]] = {}
    for name in years[0]:
        of_years = [year[name].scores["months"] for year in years]
        for method in of_years[0]:
            scores = [one for year in of_years if (one := year[method]) is not None]
            if scores:
                months = sum(one.count for one in scores)
                means.setdefault(name, {})[method] = MeanScore(
                    years=len(scores),
                    months=months,
                    crps=float(np.mean([one.crps for one in scores])),
                    bias=float(np.mean([one.bias for one in scores])),
                    inside={
                        key: sum(one.inside[key] for one in scores) / months
                        for key in scores[0].inside
                    },
                )
    return means


def scores_csv(years: Mapping[int, Mapping[str, ScoredSeries]]) -> str:
    """The scores as a table, one line a year, series, horizon and forecast."""
    header = [
        "year", "series", "unit", "horizon", "forecast", "values", "crps", "mae", "bias",
        *(f"inside_{100 * interval:g}" for interval in INTERVALS),
        "model_skill", "skill_low", "skill_high", "model_verdict",
    ]  # fmt: skip
    rows = []
    duels = ("skill", "low", "high", "verdict")
    every = [
        (year, name, one, horizon, method, entry)
        for year, series in years.items()
        for name, one in series.items()
        for horizon, scores in one.scores.items()
        for method, entry in scores.items()
    ]
    for year, name, one, horizon, method, entry in every:
        if entry is not None:
            row = [year, name, one.unit, horizon, method, entry.count, entry.crps]
            row += [entry.mae, entry.bias, *entry.inside.values()]
            rows.append([*row, *(getattr(entry.duel, key, None) for key in duels)])
    return as_csv(header, rows)


def _scores(seen: Array, forecasts: Mapping[str, _Weighted], seed: int) -> dict[str, Score | None]:
    """The score of every forecast; None for what there is no forecast or no observation of."""
    scores: dict[str, Score | None] = {}
    for name, (values, weights) in forecasts.items():
        scores[name] = None
        if values is not None:
            with suppress(ValueError):
                scores[name] = score(seen, values, weights)
    mine = scores[MODEL]
    for name, one in scores.items():
        if one is not None and mine is not None and name != MODEL and one.count == mine.count:
            scores[name] = one.model_copy(update={"duel": duel(mine, one, seed)})
    return scores
