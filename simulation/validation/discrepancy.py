"""What the model leaves out: how large it is, from years before the forecast, laid over runs.

Runs of the model differ by chance and by assumptions. The world differs from all of them by what
nobody modelled, so a predictive distribution made of runs alone is too narrow (Kennedy and O'Hagan
2001, J. R. Stat. Soc. B 63:425-464). On the scale of the fit (logarithms of counts and ratios,
logits of shares) the difference between what was observed and the mean of the runs is taken to be

    r(t) = e(t) + d(t),   d(t) = rho d(t-1) + sqrt(1 - rho^2) sigma u(t),   u standard normal

where e has the covariance of the runs among themselves, so that chance and assumptions are not
counted twice, and d is the discrepancy: a first-order autoregression whose sd is sigma. Both
numbers are found together from the months before the forecast, as weights on a grid (the
posterior): the prior of sigma is log-normal around the discrepancy that the fit assumes, that of
rho even. A series known by year has one difference a year, and those of two years are independent.

A forecast takes a sigma and a rho from the grid for every path and lays a path of d over a run. Its
median stays where the runs put it; the doubt about sigma and rho widens the tails.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulation.engine.findings import Word
from simulation.fitting.series import Spec, load_method
from simulation.statistics.finding import Count, Finding
from simulation.timeseries.months import MONTHS_OF_YEAR, months_of
from simulation.validation.forecast import Forecast, Histories
from simulation.validation.series import Array, Series

#: sd of the logarithm of sigma before anything is known: two in three of its values lie between
#: half and twice the assumed discrepancy (assumption)
_PRIOR_SPREAD = np.log(2.0)
#: grid of sigma, in times the assumed discrepancy, and of rho
_SIZES = np.exp(np.linspace(np.log(0.05), np.log(8.0), 60))
_MEMORIES = np.linspace(0.0, 0.95, 20)


class DiscrepancySummary(Finding):
    """The discrepancy of one series in a summary, on the scale of the fit.

    Attributes:
        by: `month` or `year`: what there is one number for.
        residuals: Differences it was estimated from, `first` to `last`; 0 where it is assumed.
        assumed: The sd that the fit assumes.
        size_low: Lower end of the 90% interval of the estimated sd.
        size_median: Median of the estimated sd.
        size_high: Upper end of that interval.
        memory: Median of the correlation of neighbouring months.
    """

    by: Word
    residuals: Count
    first: str
    last: str
    assumed: float
    size_low: float
    size_median: float
    size_high: float
    memory: float


@dataclass(frozen=True)
class Discrepancy:
    """The discrepancy of one series, as weights on a grid.

    Attributes:
        spec: The series and its scale.
        sizes: sigma at each point of the grid, (points,).
        memories: rho there, (points,).
        weights: Their weights, (points,), summing to 1.
        residuals: Differences it was estimated from: months, or years of a yearly series.
        first: First of these months or years; empty without any.
        last: The last.
    """

    spec: Spec
    sizes: Array
    memories: Array
    weights: Array
    residuals: int
    first: str = ""
    last: str = ""

    def quantile(self, values: Array, at: float) -> float:
        """A quantile of `sizes` or `memories`."""
        order = np.argsort(values, kind="stable")
        below = np.cumsum(self.weights[order])
        return float(values[order][min(int(np.searchsorted(below, at)), len(below) - 1)])

    def paths(self, count: int, months: int, rng: np.random.Generator) -> Array:
        """Possible discrepancies of the months to come, (count, months), on the scale of the fit.

        They begin anywhere: nothing is carried over from the last month that was observed.

        Args:
            count: How many.
            months: How many months; of a yearly series the whole year has one number.
            rng: Where chance comes from.
        """
        chosen = rng.choice(self.weights.size, count, p=self.weights)
        sigma, rho = self.sizes[chosen], self.memories[chosen]
        if self.spec.by == "year":
            years = -(-months // MONTHS_OF_YEAR)
            drawn = rng.standard_normal((count, years)) * sigma[:, None]
            return np.repeat(drawn, MONTHS_OF_YEAR, axis=1)[:, :months]
        normal = rng.standard_normal((count, months))
        deviations = np.empty((count, months))
        deviations[:, 0] = normal[:, 0]
        for month in range(1, months):
            fresh = np.sqrt(1.0 - rho**2) * normal[:, month]
            deviations[:, month] = rho * deviations[:, month - 1] + fresh
        return deviations * sigma[:, None]

    @property
    def summary(self) -> DiscrepancySummary:
        """The part of it that a summary holds."""
        return DiscrepancySummary(
            by=self.spec.by,
            residuals=self.residuals,
            first=self.first,
            last=self.last,
            assumed=self.spec.discrepancy,
            size_low=self.quantile(self.sizes, 0.05),
            size_median=self.quantile(self.sizes, 0.5),
            size_high=self.quantile(self.sizes, 0.95),
            memory=self.quantile(self.memories, 0.5),
        )


def specs() -> dict[str, Spec]:
    """The scale and the assumed discrepancy of each series, by name."""
    return {spec.name: spec for spec in load_method().specs if not spec.total_of}


def estimate(
    spec: Spec,
    periods: tuple[str, ...],
    seen: Array,
    runs: Array,
    weights: Array | None = None,
) -> Discrepancy:
    """Find the size and the memory of a discrepancy.

    Args:
        spec: The series.
        periods: Its months without a gap, or its years; all before what is forecast.
        seen: What was observed in them, (periods,), NaN where nothing was.
        runs: The same of runs of the model, (runs, periods).
        weights: Weight of each run; equal if None.
    """
    sigma = (spec.discrepancy * _SIZES)[:, None]
    rho = (np.zeros(1) if spec.by == "year" else _MEMORIES)[None, :]
    sizes, memories = (np.broadcast_to(v, (sigma.size, rho.size)).ravel() for v in (sigma, rho))
    logs = -0.5 * (np.log(sizes / spec.discrepancy) / _PRIOR_SPREAD) ** 2
    comparable = np.isfinite(seen) & np.isfinite(runs).all(axis=0)
    count = int(comparable.sum())
    if count:
        share = np.full(len(runs), 1.0 / len(runs)) if weights is None else weights / weights.sum()
        scaled = spec.forward(runs[:, comparable])
        centre = share @ scaled
        covariance = _covariance(scaled - centre, share)
        residual = spec.forward(seen[comparable]) - centre
        places = np.flatnonzero(comparable)
        gaps = np.abs(places[:, None] - places[None, :])
        # the points of one memory share its correlation: `sizes` and `memories` run sigma by rho
        by_memory = logs.reshape(sigma.size, rho.size)
        for column, memory in enumerate(rho[0]):
            left_out = sigma[:, :, None] ** 2 * memory**gaps
            by_memory[:, column] += _log_densities(residual, covariance + left_out)
    raised = np.exp(logs - logs.max())
    inside = [
        period for period, is_comparable in zip(periods, comparable, strict=True) if is_comparable
    ]
    points = np.array(sizes), np.array(memories), raised / raised.sum()
    return Discrepancy(spec, *points, count, *((inside[0], inside[-1]) if inside else ()))


def discrepancies_before(
    histories: Histories,
    series: Iterable[Series],
    month: str,
    weights: Array | None = None,
    first: str = "",
) -> dict[str, Discrepancy]:
    """The discrepancy of each series from the months of the runs before one.

    Args:
        histories: Runs of the model.
        series: What was observed.
        month: The first month that is forecast; nothing from it on is looked at.
        weights: Weight of each run; equal if None.
        first: First month that is looked at; the first of the runs when empty.
    """
    before = tuple(name for name in histories.months if first <= name < month)
    years = [name[:4] for name in before]
    whole = tuple(year for year in sorted(set(years)) if years.count(year) == MONTHS_OF_YEAR)
    transforms = specs()
    discrepancies = {}
    for one in series:
        spec = transforms[one.name]
        if spec.by == "year":
            periods = whole
            seen = np.array([one.total(int(year)) for year in whole])
            totals = [histories.total(one.name, months_of(int(year))) for year in whole]
            runs = np.array(totals).reshape(len(whole), len(histories.counts)).T
        else:
            periods = before
            seen = np.array([one.months.get(name, np.nan) for name in before])
            runs = histories.monthly(one.name, before)
        discrepancies[one.name] = estimate(spec, periods, seen, runs, weights)
    return discrepancies


def add_discrepancy(
    forecast: Forecast, discrepancies: Mapping[str, Discrepancy], paths: int, seed: int
) -> Forecast:
    """A forecast with the discrepancy in it: each run becomes several paths.

    Args:
        forecast: Runs of the model.
        discrepancies: The discrepancy by series; a series without one stays as it is.
        paths: Paths laid over each run.
        seed: Which draws.

    Returns:
        A forecast of `paths` times as many runs. A whole year of a count is the sum of its months;
        of a ratio or a share it is that of the run, moved by the mean of the year.
    """
    rng = np.random.default_rng(seed)
    months: dict[str, Array] = {}
    totals: dict[str, Array] = {}
    for name in forecast.months:
        runs = np.repeat(forecast.months[name], paths, axis=0)
        whole = np.repeat(forecast.totals[name], paths)
        one = discrepancies.get(name)
        if one is not None:
            moved = one.paths(len(runs), runs.shape[1], rng)
            runs = one.spec.backward(one.spec.forward(runs) + moved)
            if one.spec.kind != "count":
                whole = one.spec.backward(one.spec.forward(whole) + moved.mean(axis=1))
            elif one.spec.by == "year":
                whole = one.spec.backward(one.spec.forward(whole) + moved[:, 0])
            else:
                whole = runs.sum(axis=1)
        months[name], totals[name] = runs, whole
    weights = None if forecast.weights is None else np.repeat(forecast.weights, paths) / paths
    return replace(forecast, months=months, totals=totals, weights=weights)


def _covariance(centred: Array, share: Array) -> Array:
    """Covariance of runs, drawn towards its diagonal where runs are few for so many periods."""
    runs, periods = centred.shape
    raw = (centred * share[:, None]).T @ centred
    towards = periods / (periods + runs)
    return np.asarray((1.0 - towards) * raw + towards * np.diag(np.diag(raw)))


def _log_densities(residual: Array, covariances: Array) -> Array:
    """Log of the normal density of (periods,) with mean 0, up to a constant, of each covariance."""
    lower = np.linalg.cholesky(covariances + 1e-9 * np.eye(len(residual)))
    scaled = np.linalg.solve(lower, residual[:, None])[:, :, 0]
    squares = np.array([one @ one for one in scaled])
    roots = np.diagonal(lower, axis1=1, axis2=2)
    return np.asarray(-0.5 * squares - np.log(roots).sum(axis=1))
