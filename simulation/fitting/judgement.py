"""Which assumptions the figures inform, and fresh draws for those they do not.

A smoother with few members narrows every parameter a little, moves it a little and ties it to
others a little by chance alone. Controls tell how much: parameters that are drawn and moved like
the others and drive nothing. An assumption is informed only where it was narrowed or shifted by
more than every control, or tied to another more closely than any pair with a control in it: of two
that trade off, the figures may know what they make together and the range of neither.

What is not informed is drawn again from its prior before the last generation is run. Left as the
smoother made it, its range would be too narrow for no reason, and everything an experiment draws
from the ensemble would be too sure; above all of what sharing does, of which the figures tell
little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.fitting.priors import first_scores

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the smoother did to each assumption, beside what it did to the controls.

    Attributes:
        shrinkage: How much smaller its spread became, as a share, (assumptions,).
        distance: Largest difference between the two cumulative distributions, (assumptions,).
        tie: Its closest correlation with another assumption, (assumptions,).
        floor: The most of each that a control shows.
    """

    shrinkage: Array
    distance: Array
    tie: Array
    floor: dict[str, float]

    @property
    def alone(self) -> Flags:
        """Those whose own distribution was narrowed or shifted by more than every control."""
        found: Flags = (self.shrinkage > self.floor["shrinkage"]) | (
            self.distance > self.floor["distance"]
        )
        return found

    @property
    def informed(self) -> Flags:
        """Those, and those that are tied to another more closely than any control."""
        found: Flags = self.alone | (self.tie > self.floor["tie"])
        return found

    def as_json(self, number: int) -> dict[str, Any]:
        """What is kept of one assumption."""
        return {
            "shrinkage": float(self.shrinkage[number]),
            "distance": float(self.distance[number]),
            "tie": float(self.tie[number]),
            "informed": bool(self.informed[number]),
            "informed_alone": bool(self.alone[number]),
        }


def judge(first: Array, smoothed: Array, size: int) -> Judgement:
    """Judge each assumption against the controls.

    Args:
        first: Scores of the first generation, (assumptions and controls, members).
        smoothed: As the last assimilation left them, of equal weight.
        size: How many assumptions there are; controls follow them.
    """
    shrinkage = 1.0 - smoothed.std(axis=1, ddof=1) / first.std(axis=1, ddof=1)
    distance = _kolmogorov(smoothed)
    ties = np.abs(np.corrcoef(smoothed))
    np.fill_diagonal(ties, 0.0)
    return Judgement(
        shrinkage[:size],
        distance[:size],
        ties[:size, :size].max(axis=1),
        {
            "shrinkage": float(shrinkage[size:].max()),
            "distance": float(distance[size:].max()),
            "tie": float(ties[size:].max()),
        },
    )


def redrawn(smoothed: Array, judgement: Judgement, seed: int) -> Array:
    """The scores with fresh ones from the prior for every assumption that is not informed.

    They are independent of each other and of all others, as the prior is. The controls stay as
    they are.

    Args:
        smoothed: (assumptions and controls, members).
        judgement: On these scores.
        seed: Of the draw.
    """
    fresh = np.flatnonzero(~judgement.informed)
    found = smoothed.copy()
    if fresh.size:
        found[fresh] = first_scores(fresh.size, smoothed.shape[1], seed)
    return found


def _kolmogorov(scores: Array) -> Array:
    """Largest distance of each row's distribution from the standard normal one, (rows,).

    The statistic of `scipy.stats.kstest`, without its p-value, for all rows at once.
    """
    size = scores.shape[1]
    normal = stats.norm.cdf(np.sort(scores, axis=1))
    steps = np.arange(size + 1) / size
    found: Array = np.maximum(steps[1:] - normal, normal - steps[:-1]).max(axis=1)
    return found
