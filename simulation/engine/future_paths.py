"""Drawn future paths in the order of how many people they bring."""

from __future__ import annotations

import calendar
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from simulation.corridor.network import BALKAN
from simulation.parameters import Parameters, load_records
from simulation.timeseries.months import months_after, number_of

if TYPE_CHECKING:
    from simulation.model.processes.entries import Path

#: paths that are put in order together
POOL = 64
#: draws between those of one seed and of the next
_APART = 10_000
_MOST = 2**63


@lru_cache(maxsize=64)
def ranked_draws(first: str, last: str, seed: int, pool: int) -> tuple[int, ...]:
    """The numbers of `POOL` drawn paths, from the fewest people to the most.

    The k-th of n random paths in this order lies in the k-th n-th part of all paths, in the mean.
    People count who are expected to set out for the United Kingdom, with every assumption at its
    recorded value: a fit that takes other values for central must not change the order.

    Args:
        first: First month that counts, such as "2026-07".
        last: Last month.
        seed: Seed of the first run of the experiment, so that another seed has other paths.
        pool: Which paths, from 0.
    """
    draws = [(seed * _APART + pool * POOL + k) % _MOST for k in range(POOL)]
    recorded = load_records()

    def people(draw: int) -> float:
        return people_on_path(first, last, recorded, "spread", draw)

    return tuple(sorted(draws, key=people))


def people_on_path(
    first: str, last: str, parameters: Parameters, path: Path, draw: int = 0
) -> float:
    """People who are expected to set out for the United Kingdom on a path.

    Args:
        first: First month that counts.
        last: Last month.
        parameters: What is assumed.
        path: `spread`, `low`, `central` or `high`.
        draw: Number of the path, with `spread`.
    """
    from simulation.model.corridor_model import shipped_tables
    from simulation.model.processes.entries import EntryTables, mix_in, rates_on

    months = [first, *months_after(first, number_of(last) - number_of(first))]
    days = [date(int(month[:4]), int(month[5:]), 15) for month in months]
    _, indicators, futures, origins = shipped_tables()
    tables = EntryTables(indicators, futures, origins, {})
    lengths = np.array([calendar.monthrange(day.year, day.month)[1] for day in days])
    rates = rates_on(days, parameters, tables, path, draw)
    uk = origins.destinations.index("uk")
    share = np.array([origins.destination_mix[origin][uk] for origin in origins.origins])
    share = np.minimum(share * parameters.entries.uk_tilt, 1.0)
    by_year = {
        year: float(mix_in(parameters, origins, BALKAN, year, path, draw) @ share)
        for year in {day.year for day in days}
    }
    bound = np.array([by_year[day.year] for day in days])
    return sum(
        float((rate * lengths * (bound if route == BALKAN else 1.0)).sum())
        for route, rate in rates.items()
    )
