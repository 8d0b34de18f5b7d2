"""What operators make of their losses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def risk_estimate(
    losses: npt.NDArray[np.float64],
    trials: npt.NDArray[np.float64],
    prior: npt.NDArray[np.float64],
    prior_trials: float,
    salience: float,
) -> npt.NDArray[np.float64]:
    """Mean of a Beta-Bernoulli belief in which a loss can weigh more than a success.

    Args:
        losses: Losses remembered.
        trials: Trials remembered, losses included.
        prior: Chance believed before any trial.
        prior_trials: Trials the prior is worth.
        salience: Weight of a loss; 1 gives the expected value.

    Returns:
        Believed chance of a loss, between 0 and 1.
    """
    weighted = salience * (losses + prior * prior_trials)
    successes = (trials - losses) + (1.0 - prior) * prior_trials
    return weighted / (weighted + successes)
