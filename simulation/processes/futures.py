"""What stands in for the tables after their last month: people on each route, levels, origins.

A path of a route is drawn month by month from keyed numbers, so that it depends on the seed alone:
not on when a run starts or ends, and not on what a scenario does. Both sides of a pair therefore
see the same future.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from simulation.corridor import ROUTES, Futures, Indicators, Origins, RouteEntries
from simulation.corridor.futures import SERIES
from simulation.parameters import Parameters
from simulation.parameters.by_year import drawn_year, recorded_years
from simulation.randomness import Decision, draw, uniforms
from simulation.scenario.schema import QUANTILES
from simulation.timeseries.model import paths, quantile_path
from simulation.timeseries.months import MONTHS_OF_YEAR, months_after, number_of

Array = npt.NDArray[np.float64]
#: what a scenario can ask of the months after the tables
Path = Literal["spread", "central", "low", "high"]


def entries_until(
    indicators: Indicators, futures: Futures, path: Path, seed: int, until: int
) -> dict[str, RouteEntries]:
    """The months of every route, those after the tables too.

    Args:
        indicators: The tables, whose months stay as they are.
        futures: The models of the series.
        path: Which future.
        seed: Seed of the replication.
        until: Number of the last month wanted.

    Returns:
        Route to its months, which end with the one wanted or later.
    """
    if all(until <= number_of(known.months[-1]) for known in indicators.by_route.values()):
        return dict(indicators.by_route)

    def drawn(name: str, months: int) -> Array:
        return _path(futures, name, months, path, seed)

    coming = futures.continued(until, drawn)
    return {route: _joined(known, coming[route]) for route, known in indicators.by_route.items()}


def _path(futures: Futures, name: str, months: int, path: Path, seed: int) -> Array:
    """Months of a series after its last one, (months,)."""
    model = futures.models[name]
    if months == 0:
        return np.empty(0)
    if path != "spread":
        return quantile_path(model, months, QUANTILES[path])
    at = number_of(model.last_month) + 1 + np.arange(months)
    level = uniforms(seed, Decision.FUTURE_LEVEL, SERIES.index(name), at)
    if name in futures.follows:
        other, correlation = futures.follows[name].series, futures.follows[name].correlation
        error = ndtri(uniforms(seed, Decision.FUTURE_LEVEL, SERIES.index(other), at))
        level = ndtr(correlation * error + np.sqrt(1.0 - correlation**2) * ndtri(level))
    volatility = uniforms(seed, Decision.FUTURE_VOLATILITY, SERIES.index(name), at)
    return np.asarray(paths(model, months, np.stack([level, volatility], axis=1)[None])[0])


def _joined(known: RouteEntries, coming: Array) -> RouteEntries:
    """Known months of a route and those to come.

    The band of the months to come has the width, relative to the middle, of the last twelve months.
    """
    last = slice(-MONTHS_OF_YEAR, None)
    middle = np.maximum(known.people[last].sum(), 1.0)
    return RouteEntries(
        months=(*known.months, *months_after(known.months[-1], len(coming))),
        people=np.concatenate([known.people, coming]),
        low=np.concatenate([known.low, coming * (known.low[last].sum() / middle)]),
        high=np.concatenate([known.high, coming * (known.high[last].sum() / middle)]),
    )


def in_year(parameters: Parameters, name: str, year: int, path: Path, seed: int) -> float:
    """Value in a year of a quantity that has one record a year.

    After the last recorded year it is drawn from the range of the records
    (`simulation.parameters.by_year`). In the named futures it is the mean of the recorded years.
    Before the first recorded year it is the value of the first.

    Args:
        parameters: What is assumed.
        name: Name of the records without the year, as `recorded_years` takes it.
        year: The year.
        path: Which future.
        seed: Seed of the replication.
    """
    known = recorded_years(parameters, name)
    if year <= max(known):
        return known[max((y for y in known if y <= year), default=min(known))]
    if path != "spread":
        return float(np.mean(list(known.values())))
    place = draw(seed, Decision.FUTURE_YEAR, _YEARLY.index(name), year)
    records = [parameters.record(f"{name}_{known_year}") for known_year in known]
    return drawn_year(known.values(), place, records)


#: quantities with a record a year; the place of one here is a key of its random numbers
POSITION, LEVEL = "entries.balkan_position", "entries.elsewhere_level"
_YEARLY = (POSITION, LEVEL)


def last_recorded_year(parameters: Parameters) -> int:
    """The last year for which every quantity with a record a year has one."""
    return min(max(recorded_years(parameters, name)) for name in _YEARLY)


def mix_in(
    parameters: Parameters, origins: Origins, route: str, year: int, path: Path, seed: int
) -> Array:
    """Shares of the groups of origin on a route in a year, (origins,).

    After the last year of the table the logarithms of the shares take a random step a year, and the
    shares are scaled to sum to 1 (a logistic-normal random walk: Aitchison 1986, *The statistical
    analysis of compositional data*). A group that is not on the route does not come to it. In the
    named futures the shares stay those of the last year.

    Args:
        parameters: What is assumed.
        origins: The table.
        route: The route.
        year: The year.
        path: Which future.
        seed: Seed of the replication.
    """
    shares, last = origins.mix_in(route, year), origins.years[-1]
    if year <= last or path != "spread":
        return shares
    years, groups = np.arange(last + 1, year + 1)[:, None], np.arange(len(shares))[None]
    draws = uniforms(seed, Decision.FUTURE_MIX, ROUTES.index(route), years * len(shares) + groups)
    walked = shares * np.exp(parameters.entries.origin_step * ndtri(draws).sum(axis=0))
    return np.asarray(walked / walked.sum())
