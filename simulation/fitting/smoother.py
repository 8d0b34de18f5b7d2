"""Gauss-Newton steps of randomised maximum likelihood: members move by what their own runs gave.

Each member has an anchor, drawn from the prior in the directions that the figures inform, and a
perturbation of what was observed, drawn from the declared discrepancy. It minimises

    |x - x0|^2 + |y(x) - y* - e|^2_R,

so in a linear model with normal errors the members are exact draws from the posterior (Oliver,
Reynolds and Liu 2008, *Inverse theory for petroleum reservoir characterization*; Chen and Oliver
2013, Comput. Geosci. 17:689-703; the method of PEST++ IES, White 2018, Environ. Model. Softw.
109:191-201). Anchors and perturbations stay the same in all waves, so no figure counts twice.

Slopes are those of the emulator, which has all runs in it. A smoother that regresses across the
members alone has fewer of these than there are assumptions, and narrows what no figure informs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.fitting.emulation import Emulator
from simulation.fitting.series import Array

#: share of the residual covariance that counts as error of a member's own run (an assumption): the
#: run has its chance in it, of which the next wave draws another
RESIDUAL_SHARE = 0.25
#: signal over noise from which the figures inform a direction (an assumption)
INFORMED_FROM = 0.7
#: longest step, in standard deviations of the prior (an assumption)
LONGEST_STEP = 2.5


@dataclass(frozen=True, eq=False)
class Anchors:
    """What each member keeps through the waves.

    Attributes:
        scores: Draws from the prior, (members, assumptions).
        errors: Perturbations of what was observed, in declared discrepancies, (members, figures).
    """

    scores: Array
    errors: Array


def errors_of(emulator: Emulator) -> Array:
    """Covariance of the errors of a step, (components, components)."""
    return np.asarray(np.eye(len(emulator.level)) + RESIDUAL_SHARE * emulator.noise)


def anchored(emulator: Emulator, scores: Array, rng: np.random.Generator) -> Anchors:
    """Anchors of members: prior draws where the figures inform, and their own values elsewhere.

    Args:
        emulator: Of the assumptions that are moved.
        scores: Where the members are, (members, assumptions).
        rng: Chance.
    """
    root = np.linalg.cholesky(np.linalg.inv(errors_of(emulator)))
    directions, sizes, _ = np.linalg.svd(emulator.gradients(scores) @ root, full_matrices=False)
    directions = directions * (sizes > INFORMED_FROM)[:, None, :]
    drawn = rng.standard_normal(sizes.shape) - np.einsum("npk,np->nk", directions, scores)
    errors = rng.standard_normal((len(scores), len(emulator.centre)))
    return Anchors(scores + np.einsum("npk,nk->np", directions, drawn), errors)


def step(
    emulator: Emulator,
    scores: Array,
    figures: Array,
    anchors: Anchors,
    longest: float = LONGEST_STEP,
) -> Array:
    """Where each member goes next, (members, assumptions).

    x <- x0 + K [y* + e - y(x) + J (x - x0)] with K = J' (J J' + R)^-1, where J has the emulator's
    slopes at x and y(x) is what the member's own run gave.

    Args:
        emulator: Of the assumptions that are moved.
        scores: Where the members are, (members, assumptions).
        figures: What their own runs gave, (members, figures).
        anchors: Of the same members.
        longest: No member moves farther.
    """
    slopes = emulator.gradients(scores)
    gaps = emulator.target + anchors.errors @ emulator.components.T - emulator.projected(figures)
    gaps += np.einsum("np,npk->nk", scores - anchors.scores, slopes)
    inner = np.swapaxes(slopes, 1, 2) @ slopes + errors_of(emulator)
    moved = anchors.scores + (slopes @ np.linalg.solve(inner, gaps[:, :, None]))[:, :, 0]
    return scores + shortened((moved - scores).T, longest).T


def shortened(change: Array, longest: float) -> Array:
    """Steps of members, none of them longer than a length, (assumptions, members)."""
    lengths = np.linalg.norm(change, axis=0)
    return np.asarray(change * np.minimum(1.0, longest / np.maximum(lengths, 1e-12)))
