"""What is fitted: records, and standard normal scores in place of their values.

Every uncertain record is fitted. What is left out of a fit would either be frozen, or drawn anew in
each run, where it acts as chance and hides what the figures tell of the others. A score is the
normal quantile of a value's place in its record's distribution. The fit moves scores, which have no
bounds; whatever it makes of them, the value lies inside its record's range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.stats import qmc

from simulation.errors import InputError
from simulation.parameters import load_parameters
from simulation.parameters.by_year import year_of
from simulation.parameters.records import Record, Value
from simulation.parameters.sampling import quantiles, uncertain
from simulation.scenario import Scenario

Array = npt.NDArray[np.float64]
#: digits of a fitted value, few enough to read
_DIGITS = 5


@dataclass(frozen=True)
class Prior:
    """The records that are fitted.

    Attributes:
        records: The records.
    """

    records: tuple[Record, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(record.name for record in self.records)


def load_prior(scenario: Scenario, last: str) -> Prior:
    """The uncertain records that a scenario does not set itself.

    Records of years after the window are left out: no figure of it tells of them, and later they
    are drawn from those of the years inside (`simulation.parameters.by_year`).

    Args:
        scenario: What is run.
        last: Last month of the window, such as "2023-12".

    Raises:
        InputError: The scenario sets every one.
    """
    found = []
    for record in uncertain(load_parameters()):
        of = year_of(record.name)
        later = of is not None and of.year > int(last[:4])
        if record.name not in scenario.parameters and not later:
            found.append(record)
    if not found:
        problem = "sets every parameter that is fitted"
        raise InputError(problem, file=scenario.file, key="parameters")
    return Prior(tuple(found))


def first_scores(dimensions: int, members: int, seed: int) -> Array:
    """Scores spread over the prior (a Latin hypercube), (dimensions, members)."""
    sampler = qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed))
    return np.asarray(stats.norm.ppf(sampler.random(members)).T)


def values_of(prior: Prior, scores: Array) -> list[dict[str, Value]]:
    """The values of every member, from (records, members) scores."""
    return [
        {of.name: _short(of, value) for of, value in zip(prior.records, row, strict=True)}
        for row in quantiles(prior.records, stats.norm.cdf(scores.T))
    ]


def _short(record: Record, value: Value) -> Value:
    if record.is_switch or record.whole:
        return value
    short = float(f"{float(value):.{_DIGITS}g}")
    return record.accept(min(max(short, float(record.low)), float(record.high)))
