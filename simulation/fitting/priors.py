"""What is fitted: records, and standard normal scores in place of their values.

Every uncertain record is fitted. What is left out of a fit would either be frozen, or drawn anew in
each run, where it acts as chance and hides what the figures tell of the others. A score is the
normal quantile of a value's place in its record's distribution. The fit moves scores, which have no
bounds; whatever it makes of them, the value lies inside its record's range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.stats import qmc

from simulation.errors import InputError
from simulation.fitting.series import Array
from simulation.parameters import load_records
from simulation.parameters.records import Record, Value
from simulation.parameters.sampling import quantiles, uncertain, year_of
from simulation.scenario import Scenario

#: digits of a fitted value, few enough to read
_DIGITS = 5
#: half of the first wave is drawn round the recorded values with this standard deviation of scores
#: (an assumption: there the model is nearer to what was observed than at a draw from the prior)
ROUND_RECORDED = 0.6
#: places at which a recorded value is looked for in its distribution
_GRID = np.linspace(0.01, 0.99, 393)


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
    are drawn from those of the years inside (`simulation.parameters.sampling`).

    Args:
        scenario: What is run.
        last: Last month of the window, such as "2023-12".

    Raises:
        InputError: The scenario sets every one.
    """
    records = []
    for record in uncertain(load_records()):
        of = year_of(record.name)
        later = of is not None and of.year > int(last[:4])
        if record.name not in scenario.parameters and not later:
            records.append(record)
    if not records:
        problem = "sets every parameter that is fitted"
        raise InputError(problem, file=scenario.file, key="parameters")
    return Prior(tuple(records))


def first_scores(dimensions: int, members: int, seed: int) -> Array:
    """Scores spread over the prior (a Latin hypercube), (dimensions, members)."""
    sampler = qmc.LatinHypercube(dimensions, rng=np.random.default_rng(seed))
    return np.asarray(stats.norm.ppf(sampler.random(members)).T)


def first_wave(prior: Prior, controls: int, members: int, seed: int) -> Array:
    """Scores of the first wave, (records and controls, members): a proposal and no more.

    Half of the members come from the prior, half lie round the recorded values; controls, which
    drive nothing, have 0 as theirs.

    Args:
        prior: The records.
        controls: How many controls follow them.
        members: How many members.
        seed: Of the draws.
    """
    half, size = members // 2, len(prior.names) + controls
    centre = np.concatenate([recorded_scores(prior), np.zeros(controls)])
    narrow = centre[:, None] + ROUND_RECORDED * first_scores(size, members - half, seed + 1)
    return np.hstack([first_scores(size, half, seed), narrow]) if half else narrow


def recorded_scores(prior: Prior) -> Array:
    """The score of each recorded value, 0 of a switch, (records,)."""
    values = np.array(quantiles(prior.records, np.tile(_GRID[:, None], len(prior.names))), float)
    gaps = np.abs(values - np.array([float(record.value) for record in prior.records]))
    nearest = gaps <= gaps.min(axis=0)
    places = (nearest * _GRID[:, None]).sum(axis=0) / nearest.sum(axis=0)
    switches = np.array([record.is_switch for record in prior.records])
    return np.asarray(np.where(switches, 0.0, stats.norm.ppf(places)))


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
