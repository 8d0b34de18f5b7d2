"""What the observed figures say of each assumption and what they cannot: prior and posterior.

An ensemble of some hundred sets has a little of chance in it. Controls tell how much: they are
drawn and regressed like assumptions and drive nothing. An assumption is informed only where it was
narrowed or shifted by more than every control, or tied to another more closely than any pair with a
control in it: of two that trade off, the figures may know what they make together and the range of
neither.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from simulation.fitting.emulation import Posterior
from simulation.fitting.priors import Prior
from simulation.fitting.series import Array, Flags
from simulation.parameters.sampling import quantile
from simulation.serialization import as_csv
from simulation.statistics.finding import Finding

#: ends of the interval that is shown
_ENDS = (0.05, 0.5, 0.95)
#: by which an assumption is judged beside the controls
_MEASURES = ("narrowed", "shifted", "tied")
#: correlations that are kept, the strongest
_MOST_PAIRS = 1000


class ControlFloor(Finding):
    """The most that a control shows: how far narrowed, shifted and tied; see `Judgement`."""

    narrowed: float
    shifted: float
    tied: float


class FittedAssumption(Finding):
    """One assumption before and after the fit; see `Judgement` for what it is judged by.

    Attributes:
        prior: Quantiles of 5%, 50% and 95% before, in its unit.
        posterior: The same after.
        informed: Whether it is narrowed, shifted or tied more than every control.
        informed_alone: Whether it is narrowed or shifted more.
    """

    name: str
    group: str
    unit: str
    prior: list[float]
    posterior: list[float]
    narrowed: float
    shifted: float
    tied: float
    informed: bool
    informed_alone: bool


class Correlation(Finding):
    """The correlation of two assumptions, and whether it is closer than any with a control."""

    a: str
    b: str
    r: float
    above_chance: bool


class Identified(Finding):
    """What the figures tell of the assumptions.

    Attributes:
        uninformed: Names of those of which the figures tell nothing.
        noise_floor: What controls show.
        correlations: The strongest first.
    """

    parameters: list[FittedAssumption]
    uninformed: list[str]
    noise_floor: ControlFloor
    correlations: list[Correlation]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the figures did to each assumption, beside what they did to the controls.

    Attributes:
        narrowed: How much smaller its standard deviation became, as a share, (assumptions,).
        shifted: How far its mean moved, in standard deviations of the prior, (assumptions,).
        tied: Its closest correlation with another assumption, (assumptions,).
        floor: The most of each that a control shows.
    """

    narrowed: Array
    shifted: Array
    tied: Array
    floor: ControlFloor

    @property
    def alone(self) -> Flags:
        """Those whose own distribution was narrowed or shifted by more than every control."""
        return np.asarray(
            (self.narrowed > self.floor.narrowed) | (self.shifted > self.floor.shifted)
        )

    @property
    def informed(self) -> Flags:
        """Those, and those that are tied to another more closely than any control."""
        return np.asarray(self.alone | (self.tied > self.floor.tied))


def judge(posterior: Posterior, size: int) -> Judgement:
    """Judge each assumption against the controls.

    Args:
        posterior: Of assumptions and controls.
        size: How many assumptions there are; controls follow them.
    """
    narrowed, shifted = 1.0 - posterior.spread, np.abs(posterior.mean)
    ties = np.abs(correlations(posterior))
    np.fill_diagonal(ties, 0.0)
    most = (float(of[size:].max()) for of in (narrowed, shifted, ties))
    floor = ControlFloor(**dict(zip(_MEASURES, most, strict=True)))
    return Judgement(narrowed[:size], shifted[:size], ties[:size, :size].max(axis=1), floor)


def correlations(posterior: Posterior) -> Array:
    """Correlations of the scores, (assumptions, assumptions)."""
    spread = np.maximum(posterior.spread, 1e-12)
    return np.asarray(posterior.covariance / np.outer(spread, spread))


def posterior_of(scores: Array, weights: Array) -> Posterior:
    """Mean and covariance of the sets of an ensemble.

    Args:
        scores: (assumptions, sets).
        weights: They sum to 1, (sets,).
    """
    covariance = np.cov(scores, aweights=weights, bias=True)
    return Posterior(scores @ weights, np.atleast_2d(covariance))


def identify(prior: Prior, scores: Array, weights: Array) -> Identified:
    """The prior against the sets of an ensemble.

    Args:
        prior: The records; controls follow them in the scores.
        scores: Of records and controls, (assumptions, sets).
        weights: They sum to 1, (sets,).
    """
    size = len(prior.names)
    posterior = posterior_of(scores, weights)
    judgement = judge(posterior, size)
    ends = np.quantile(scores[:size], _ENDS, axis=1, weights=weights, method="inverted_cdf")
    places = stats.norm.cdf(ends.T)
    rows = [
        FittedAssumption(
            name=record.name,
            group=record.group,
            unit=record.unit,
            prior=[float(quantile(record, at)) for at in _ENDS],
            posterior=[float(quantile(record, float(place))) for place in places[number]],
            **{key: float(getattr(judgement, key)[number]) for key in _MEASURES},
            informed=bool(judgement.informed[number]),
            informed_alone=bool(judgement.alone[number]),
        )
        for number, record in enumerate(prior.records)
    ]
    above, below = np.triu_indices(size, 1)
    matrix = correlations(posterior)[above, below]
    strongest = np.argsort(-np.abs(matrix), kind="stable")[:_MOST_PAIRS]
    pairs = zip(above[strongest], below[strongest], matrix[strongest].tolist(), strict=True)
    floor, names = judgement.floor, prior.names
    return Identified(
        parameters=rows,
        uninformed=[row.name for row in rows if not row.informed],
        noise_floor=floor,
        correlations=[
            Correlation(a=names[a], b=names[b], r=r, above_chance=abs(r) > floor.tied)
            for a, b, r in pairs
        ],
    )


def parameters_csv(identified: Identified) -> str:
    """Prior against posterior as the text of a CSV file."""
    header = [
        "name", "group", "unit", "prior_5", "prior_50", "prior_95", "posterior_5", "posterior_50",
        "posterior_95", "narrowed", "shifted", "tied", "informed",
    ]  # fmt: skip
    rows = [
        [
            row.name, row.group, row.unit, *row.prior, *row.posterior, row.narrowed, row.shifted,
            row.tied, int(row.informed),
        ]
        for row in identified.parameters
    ]  # fmt: skip
    return as_csv(header, rows)


def correlations_csv(identified: Identified) -> str:
    """The strongest correlations, the strongest first, as the text of a CSV file."""
    rows = [[pair.a, pair.b, pair.r, int(pair.above_chance)] for pair in identified.correlations]
    return as_csv(["a", "b", "correlation", "above_chance"], rows)
