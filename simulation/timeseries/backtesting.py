"""How well a model would have foretold a series at earlier months, by months ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulation.timeseries.estimation import (
    FEWEST_MONTHS,
    REFIT_EVERY,
    checked,
    fitted,
    past_errors,
    stretched_by,
)
from simulation.timeseries.model import DRAWS_PER_MONTH, Array
from simulation.timeseries.months import number_of
from simulation.timeseries.paths import central_path, paths

#: parts of the spread whose hold on what followed is counted
LEVELS = (0.5, 0.8, 0.9, 0.95)
_PATHS = 2000
_SEED = 0


@dataclass(frozen=True)
class HorizonScore:
    """How forecasts did some months ahead.

    Attributes:
        horizon: Months ahead.
        count: Forecasts that what followed can be held against.
        mean_error: Mean of the central forecast less what followed.
        mean_size: Mean size of that error.
        crps: Mean continuous ranked probability score (Gneiting and Raftery 2007,
            doi:10.1198/016214506000001437), in counts; the lower the better.
        naive_size: Mean size of the error of the same month of the last year known.
        coverage: Share of what followed within the central part of the spread, by part.
    """

    horizon: int
    count: int
    mean_error: float
    mean_size: float
    crps: float
    naive_size: float
    coverage: dict[float, float]


@dataclass(frozen=True)
class Backtest:
    """Forecasts from earlier months, each made of what was known then.

    Attributes:
        origins: The last months known.
        scores: By months ahead, those without any forecast left out.
    """

    origins: tuple[str, ...]
    scores: tuple[HorizonScore, ...]


def backtest(
    months: Sequence[str],
    values: Sequence[float] | Array,
    origins: Sequence[str],
    horizons: Sequence[int],
) -> Backtest:
    """Foretell a series from earlier months and score what followed.

    At each origin the model, and the errors that stretch its spread, are those that could be known
    then.

    Args:
        months: Months as "2023-01", without gaps.
        values: The counts, not negative.
        origins: Last months known, each with at least `FEWEST_MONTHS` months up to it.
        horizons: Months ahead to score.

    Raises:
        ValueError: The series cannot be used, an origin lies outside it or too early in it, or
            there is no month ahead to score.
    """
    counts = checked(months, values)
    if not horizons or min(horizons) < 1:
        raise ValueError("a horizon is a whole number of months, 1 or more")
    ends = [_known(origin, months) for origin in origins]
    past = past_errors(months, counts, _earlier(ends))
    longest = max(horizons)
    draws = np.random.default_rng(_SEED).random((_PATHS, longest, DRAWS_PER_MONTH))
    found: dict[int, list[_One]] = {horizon: [] for horizon in horizons}
    for end in ends:
        model = stretched_by(fitted(months[:end], counts[:end]), past, end)
        drawn, centre = paths(model, longest, draws), central_path(model, longest)
        for horizon in horizons:
            at = end + horizon - 1
            if at >= len(counts):
                continue
            last_year = counts[end - 12 + (horizon - 1) % 12]
            one = _One(counts[at], centre[horizon - 1], float(last_year), drawn[:, horizon - 1])
            found[horizon].append(one)
    scores = [_score(horizon, ones) for horizon, ones in sorted(found.items()) if ones]
    return Backtest(tuple(origins), tuple(scores))


@dataclass(frozen=True)
class _One:
    seen: float
    centre: float
    last_year: float
    drawn: Array


def _score(horizon: int, ones: Sequence[_One]) -> HorizonScore:
    import scoringrules  # which takes seconds to load

    seen = np.array([one.seen for one in ones])
    drawn = np.array([one.drawn for one in ones])
    centre = np.array([one.centre for one in ones])
    naive = np.array([one.last_year for one in ones])
    coverage = {}
    for level in LEVELS:
        low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
        coverage[level] = float(np.mean((low <= seen) & (seen <= high)))
    return HorizonScore(
        horizon=horizon,
        count=len(ones),
        mean_error=float(np.mean(centre - seen)),
        mean_size=float(np.mean(np.abs(centre - seen))),
        crps=float(np.mean(scoringrules.crps_ensemble(seen, drawn))),
        naive_size=float(np.mean(np.abs(naive - seen))),
        coverage=coverage,
    )


def _known(origin: str, months: Sequence[str]) -> int:
    """How many months are known at an origin."""
    known = number_of(origin) - number_of(months[0]) + 1
    if not FEWEST_MONTHS <= known <= len(months):
        raise ValueError(f"{origin} is no month of the series with {FEWEST_MONTHS} months up to it")
    return known


def _earlier(ends: Sequence[int]) -> list[int]:
    """Where the errors come from that the latest of some origins can know."""
    return list(range(FEWEST_MONTHS, max(ends, default=FEWEST_MONTHS), REFIT_EVERY))
