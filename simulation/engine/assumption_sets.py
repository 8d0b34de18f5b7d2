"""The assumption set and the future path of a run, as tables of runs name them.

A set is `records` (every assumption at its central value), `ranges:5` (draw 5 of every uncertain
record from its range), `fitted:17` (set 17 of a fitted ensemble, every other record at its recorded
value) or `fitted:17:5` (the same set, every other uncertain record as in draw 5).

The path of the months after the data is `central`, `low`, `high`, or `spread:7`, drawn by
seed 7.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulation.corridor.network import BALKAN
from simulation.engine.argument import MOST_SEED
from simulation.errors import InputError
from simulation.parameters import Parameters, load_records
from simulation.parameters.fitted import FittedEnsemble
from simulation.parameters.records import Value
from simulation.parameters.sampling import later_years, sample
from simulation.scenario import Scenario
from simulation.scenario.schema import QUANTILES, Future
from simulation.timeseries.months import months_after, number_of

if TYPE_CHECKING:
    from simulation.model.processes.entries import Path

RECORDS = "records"
_SPREAD = re.compile(r"spread(?::(\d{1,19}))?")
PATHS_ALLOWED = f"spread, spread:NUMBER, {', '.join(QUANTILES)}"


class AssumptionSet(NamedTuple):
    """A whole set of assumptions.

    Attributes:
        fitted: Number of a set of the fitted ensemble, from 1; None without one.
        draw: Which draw of the uncertain records that the fitted set does not hold; None for their
            central values.
    """

    fitted: int | None = None
    draw: int | None = None

    def __str__(self) -> str:
        if self.fitted is None:
            return RECORDS if self.draw is None else f"ranges:{self.draw}"
        return f"fitted:{self.fitted}" + ("" if self.draw is None else f":{self.draw}")

    def values(self, ensemble: FittedEnsemble | None) -> dict[str, Value]:
        """The values of the set by record name; none of a record at its central value.

        A record of a year after the window of the ensemble is drawn from those of the years inside
        it (`simulation.parameters.sampling`).

        Args:
            ensemble: What `fitted` counts in.
        """
        records = load_records()
        values = {} if self.draw is None else sample(records, self.draw)
        if self.fitted is not None:
            assert ensemble is not None
            values |= ensemble.member(self.fitted - 1)
            if ensemble.window is not None and self.draw is not None:
                values |= later_years(values, records, int(ensemble.window[1][:4]), self.draw)
        return values


def set_of_seed(assumptions: str, seed: int, ensemble: FittedEnsemble | None) -> AssumptionSet:
    """The set that belongs to a seed, the same for every scenario.

    Args:
        assumptions: `records`, `ranges` or `fitted`.
        seed: The seed of a run.
        ensemble: What is drawn from with `fitted`.
    """
    if assumptions == RECORDS:
        return AssumptionSet()
    if assumptions == "ranges":
        return AssumptionSet(draw=seed)
    assert ensemble is not None
    return AssumptionSet(ensemble.number_of(seed) + 1, seed)


def values_beside(scenario: Scenario, values: Mapping[str, Value]) -> dict[str, Value]:
    """The values of a set without those that a scenario sets itself."""
    return {name: value for name, value in values.items() if name not in scenario.parameters}


def path_of(scenario: Scenario, seed: int) -> str:
    """The future path of a run.

    Args:
        scenario: What is run.
        seed: The seed of the run, which draws the path unless the scenario names one.
    """
    future = scenario.future
    if future.path != "spread":
        return future.path
    return f"spread:{seed if future.draw is None else future.draw}"


def on_path(scenario: Scenario, text: str) -> Scenario:
    """A scenario with another future path and nothing else changed.

    Args:
        scenario: The scenario.
        text: As in the head of this module; `spread` lets the seed of each run draw it.

    Raises:
        InputError: It names no path.
    """
    written = text.strip()
    spread = _SPREAD.fullmatch(written)
    if written not in QUANTILES and (spread is None or int(spread[1] or 0) > MOST_SEED):
        raise InputError("no future path", key="path", value=text, allowed=PATHS_ALLOWED)
    if spread is None:
        future = Future.model_validate({"path": written})
    else:
        future = Future(draw=int(spread[1]) if spread[1] else None)
    return scenario.model_copy(update={"future": future})


# -- drawn paths in the order of how many people they bring ----------------------------------------

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
