"""The sea: a two-state regime of fair and rough days, and how good a fair day is.

Fair days come in spells. The share of fair days by month is climatology, so a forecast never
uses the weather that happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from simulation.parameters import Parameters
from simulation.randomness import Decision, uniforms


@dataclass(frozen=True)
class Sea:
    """The sea on every day of a run; arrays (days,).

    Attributes:
        fair: Whether boats can leave.
        quality: How good the day is, 0 to 1; 0 on rough days.
        wave: Hazard level, 0 (calm) to 1 (rough).
    """

    fair: npt.NDArray[np.bool_]
    quality: npt.NDArray[np.float64]
    wave: npt.NDArray[np.float64]


def monthly_fair_shares(parameters: Parameters) -> npt.NDArray[np.float64]:
    """Share of fair days by calendar month, (12,)."""
    sea = parameters.sea
    arrival_days = np.array(
        [
            sea.arrival_days_january, sea.arrival_days_february, sea.arrival_days_march,
            sea.arrival_days_april, sea.arrival_days_may, sea.arrival_days_june,
            sea.arrival_days_july, sea.arrival_days_august, sea.arrival_days_september,
            sea.arrival_days_october, sea.arrival_days_november, sea.arrival_days_december,
        ]
    )  # fmt: skip
    return np.minimum(arrival_days * sea.fair_day_factor, 1.0)


def transition_chances(share: npt.ArrayLike, persistence: float) -> tuple[np.ndarray, np.ndarray]:
    """Chances of a fair day after a fair and after a rough one.

    Args:
        share: Long-run share of fair days.
        persistence: Correlation of neighbouring days; 0 = independent, 1 = never changes.

    Returns:
        The two chances; with them the share of fair days is `share`.
    """
    share = np.asarray(share, dtype=float)
    return share + persistence * (1.0 - share), share * (1.0 - persistence)


def make_sea(first: date, days: int, parameters: Parameters, seed: int) -> Sea:
    """Draw the sea for `days` days from `first`, keyed by date."""
    dates = [first + timedelta(days=k) for k in range(days)]
    ordinals = np.array([day.toordinal() for day in dates], dtype=np.uint64)
    share = monthly_fair_shares(parameters)[[day.month - 1 for day in dates]]
    after_fair, after_rough = transition_chances(share, parameters.sea.persistence)
    draws = uniforms(seed, Decision.SEA_STATE, 0, ordinals)
    fair = np.empty(days, dtype=bool)
    fair[0] = draws[0] < share[0]
    for k in range(1, days):
        fair[k] = draws[k] < (after_fair[k] if fair[k - 1] else after_rough[k])
    level = uniforms(seed, Decision.SEA_QUALITY, 0, ordinals) ** parameters.sea.quality_shape
    quality = np.where(fair, level, 0.0)
    return Sea(fair=fair, quality=quality, wave=1.0 - quality)
