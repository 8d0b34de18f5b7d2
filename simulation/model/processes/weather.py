"""The weather of months whose days with arrivals are given, observed or assumed.

As many of their days are fair as the days with arrivals times `sea.fair_day_factor`. Which days is
drawn: the calmest of an autoregressive normal, so that fair days come in spells.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
from scipy.special import ndtri

from simulation.compiled import Floats


def calm_days(draws: Floats, persistence: float) -> Floats:
    """How calm each day is, (days,), standard normal.

    Args:
        draws: (days,) uniform.
        persistence: Correlation of two neighbouring days' being above the median.
    """
    # of two normals whose signs have that correlation
    correlation = math.sin(0.5 * math.pi * persistence)
    calm: Floats = ndtri(draws)
    calm[1:] *= math.sqrt(1.0 - correlation**2)
    for k in range(1, calm.size):
        calm[k] += correlation * calm[k - 1]
    return calm


def levels_given(
    calm: Floats, dates: Sequence[date], given: Mapping[str, int], factor: float
) -> Floats:
    """What added to each day leaves as many days of a month above zero as are fair in it, (days,).

    Args:
        calm: (days,) how calm each day is, above 0 without ties.
        dates: The days.
        given: Month, as "2024-01", to its days with arrivals.
        factor: Fair days for each day with arrivals.

    Returns:
        The level of each day's month; NaN in months that are not given. A month of which only some
        days are simulated has the same share of them.
    """
    months = np.array([f"{day:%Y-%m}" for day in dates])
    levels = np.full(calm.size, np.nan)
    for month, arrivals in given.items():
        days = np.flatnonzero(months == month)
        if days.size:
            length = monthrange(int(month[:4]), int(month[5:]))[1]
            share = min(arrivals * factor / length, 1.0)
            levels[days] = _level(calm[days], round(share * days.size))
    return levels


def _level(calm: Floats, count: int) -> float:
    """What added to some days leaves so many of them above zero."""
    edges = np.concatenate([[np.inf], np.sort(calm)[::-1], [-np.inf]])
    above, below = edges[count], edges[count + 1]
    if count == 0:
        return float(-below - 1.0)
    return float(-(above - 1.0 if count == calm.size else 0.5 * (above + below)))
