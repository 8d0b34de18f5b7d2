"""What operators make of their losses."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from simulation.compiled import inner


@inner
def risk_estimate(
    losses: float, trials: float, prior: float, prior_trials: float, salience: float
) -> float:
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


@inner
def plain_chance(believed: float, salience: float) -> float:
    """The chance of a loss behind a belief in which a loss weighs `salience` times a success."""
    losses = believed / salience
    return losses / (losses + 1.0 - believed)


def salient_chance(chance: npt.NDArray[np.float64], salience: float) -> npt.NDArray[np.float64]:
    """What is believed of a chance of a loss when a loss weighs `salience` times a success."""
    losses = chance * salience
    return losses / (losses + 1.0 - chance)
