"""What is known of all assumptions together once the observed figures are.

The scores of the assumptions are standard normal before anything is known, the emulator
(`emulation`) is linear, and errors are normal on the scale of the fit; so what is known afterwards
is normal too, and has a closed form (Bayes linear analysis; Goldstein and Wooff 2007). Nothing of
it comes from few members: what the figures do not tell of keeps its prior to the last digit, and of
assumptions that trade off it is known what they make together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simulation.fitting.emulation import Emulator
from simulation.fitting.priors import first_scores

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Posterior:
    """A normal distribution of the scores of all assumptions.

    Attributes:
        mean: (assumptions,).
        covariance: (assumptions, assumptions).
    """

    mean: Array
    covariance: Array

    @property
    def spread(self) -> Array:
        """Standard deviation of each, where it is 1 a priori, (assumptions,)."""
        found: Array = np.sqrt(np.clip(np.diag(self.covariance), 0.0, None))
        return found

    def draw(self, members: int, seed: int) -> Array:
        """Scores spread evenly over it, (assumptions, members).

        A Latin hypercube of independent scores, given the distribution's covariance.
        """
        values, vectors = np.linalg.eigh(self.covariance)
        root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
        drawn: Array = self.mean[:, None] + root @ first_scores(self.mean.size, members, seed)
        return drawn


def update(emulator: Emulator) -> Posterior:
    """Learn from the observed figures.

    Args:
        emulator: How the distances of the figures from what was observed, in standard deviations
            of what the model leaves out, follow from the scores.
    """
    slopes = emulator.slopes
    errors = emulator.noise + np.eye(len(emulator.level))
    gain = np.linalg.solve(slopes.T @ slopes + errors, slopes.T).T
    covariance = np.eye(len(slopes)) - gain @ slopes.T
    return Posterior(-gain @ emulator.level, (covariance + covariance.T) / 2.0)
