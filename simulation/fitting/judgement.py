"""Which assumptions the figures inform: more than they seem to inform what drives nothing.

An emulator found from few runs takes a little of chance for an answer. Controls tell how much: they
are drawn and regressed like assumptions and drive nothing. An assumption is informed only where it
was narrowed or shifted by more than every control, or tied to another more closely than any pair
with a control in it: of two that trade off, the figures may know what they make together and the
range of neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulation.fitting.posterior import Posterior

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


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
    floor: dict[str, float]

    @property
    def alone(self) -> Flags:
        """Those whose own distribution was narrowed or shifted by more than every control."""
        found: Flags = (self.narrowed > self.floor["narrowed"]) | (
            self.shifted > self.floor["shifted"]
        )
        return found

    @property
    def informed(self) -> Flags:
        """Those, and those that are tied to another more closely than any control."""
        found: Flags = self.alone | (self.tied > self.floor["tied"])
        return found

    def as_json(self, number: int) -> dict[str, Any]:
        """What is kept of one assumption."""
        return {
            "narrowed": float(self.narrowed[number]),
            "shifted": float(self.shifted[number]),
            "tied": float(self.tied[number]),
            "informed": bool(self.informed[number]),
            "informed_alone": bool(self.alone[number]),
        }


def judge(posterior: Posterior, size: int) -> Judgement:
    """Judge each assumption against the controls.

    Args:
        posterior: Of assumptions and controls.
        size: How many assumptions there are; controls follow them.
    """
    narrowed, shifted = 1.0 - posterior.spread, np.abs(posterior.mean)
    ties = np.abs(correlations(posterior))
    np.fill_diagonal(ties, 0.0)
    return Judgement(
        narrowed[:size],
        shifted[:size],
        ties[:size, :size].max(axis=1),
        {
            "narrowed": float(narrowed[size:].max()),
            "shifted": float(shifted[size:].max()),
            "tied": float(ties[size:].max()),
        },
    )


def correlations(posterior: Posterior) -> Array:
    """Correlations of the scores, (assumptions, assumptions)."""
    spread = np.maximum(posterior.spread, 1e-12)
    found: Array = posterior.covariance / np.outer(spread, spread)
    return found
