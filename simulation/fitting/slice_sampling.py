"""Draws from a normal prior times a likelihood, by elliptical slice sampling.

Murray, Adams and MacKay 2010, *Elliptical slice sampling*, AISTATS 9:541-548. A step draws a second
point from the prior, takes a threshold below the present likelihood, and looks along the ellipse
through both points for one that exceeds it; the bracket of angles shrinks until there is one. It
has no step size to choose. All members step at once, each on an ellipse of its own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulation.fitting.emulation import Emulator
from simulation.fitting.series import Array

#: steps of each member: enough to forget where it started, in some hundred dimensions
STEPS = 1500
#: shrinkings after which a member stays where it is; the bracket is then some 1e-12 wide
_MOST_SHRINKS = 60


def elliptical_slices(
    log_likelihood: Callable[[Array], Array],
    start: Array,
    steps: int,
    rng: np.random.Generator,
) -> Array:
    """Members after so many steps, each with the posterior as its limit.

    Args:
        log_likelihood: Takes (members, assumptions), gives (members,).
        start: Where each member starts, such as draws from the prior, (members, assumptions).
        steps: Steps of each.
        rng: Chance.

    Returns:
        Where they are, (members, assumptions).
    """
    at, heights = start.copy(), log_likelihood(start)
    for _ in range(steps):
        other = rng.standard_normal(at.shape)
        threshold = heights + np.log(rng.random(len(at)))
        angle = rng.random(len(at)) * 2.0 * np.pi
        low, high = angle - 2.0 * np.pi, angle.copy()
        moving = np.arange(len(at))
        for _ in range(_MOST_SHRINKS):
            cosine, sine = np.cos(angle[moving])[:, None], np.sin(angle[moving])[:, None]
            tried = at[moving] * cosine + other[moving] * sine
            height = log_likelihood(tried)
            accepted = height > threshold[moving]
            at[moving[accepted]], heights[moving[accepted]] = tried[accepted], height[accepted]
            moving = moving[~accepted]
            if not moving.size:
                break
            below = angle[moving] < 0.0
            low[moving] = np.where(below, angle[moving], low[moving])
            high[moving] = np.where(below, high[moving], angle[moving])
            angle[moving] = low[moving] + rng.random(moving.size) * (high - low)[moving]
    return at


def likelihood_of(emulator: Emulator) -> Callable[[Array], Array]:
    """The log-likelihood of what was observed, given scores, up to a constant.

    Normal errors with the covariance of the declared discrepancy and of what near runs have beyond
    the emulator.
    """
    size = len(emulator.centre)
    root = np.linalg.cholesky(np.linalg.inv(np.eye(size) + emulator.figure_noise))
    inner, outer = emulator.components @ root, emulator.centre @ root
    products, mixed, constant = inner @ inner.T, inner @ outer, float(outer @ outer)

    def log_likelihood(scores: Array) -> Array:
        answers = emulator.answers(scores)
        squares = np.einsum("ij,ij->i", answers @ products, answers)
        return np.asarray(-0.5 * (squares + 2.0 * answers @ mixed + constant))

    return log_likelihood


def posterior_draws(
    emulator: Emulator, members: int, rng: np.random.Generator, steps: int = STEPS
) -> Array:
    """Scores drawn from prior times likelihood of an emulator, (assumptions, members)."""
    assumptions = len(emulator.slopes) - len(np.triu_indices(len(emulator.curved))[0])
    start = rng.standard_normal((members, assumptions))
    return elliptical_slices(likelihood_of(emulator), start, steps, rng).T
