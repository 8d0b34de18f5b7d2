"""An emulator of the model: how the figures answer the assumptions, and what is left.

Figures are regressed on the scores of assumptions over all runs of a fit: linear, with squares and
products of the few that drive most. There are hundreds of assumptions and few drive much; a plain
regression on so many would take chance for knowledge. Slopes therefore have a Student-t prior whose
scale the runs themselves set: it draws small slopes to 0 and leaves large ones as they are (a scale
mixture of normals; West 1987, *On scale mixtures of normal distributions*; solved by variational EM
as in Tipping 2001, *Sparse Bayesian learning and the relevance vector machine*). Figures of
neighbouring months move together, so their principal components are regressed in their place.

What a run has beyond the emulator is chance, and answers that the emulator does not have. How much
that is, is read from the runs that are near to what was observed.

Figures are distances from what was observed, in standard deviations of the declared discrepancy: 0
is what was observed, and the covariance of the discrepancy is the identity, in components too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import lapack

from simulation.fitting.series import Array, Flags

#: share of the variance of the figures that the principal components hold
HELD_VARIANCE = 0.95
#: assumptions whose squares and products are in the emulator, the strongest
CURVED = 12
#: degrees of freedom of the prior of a slope: fewer let chance through, more shrink what is large
#: (of 2, 3, 6 and a normal one, 3 foretold left-out runs of the prior best)
_TAIL = 3.0
#: steps of the search for the scale of that prior; it settles in some ten
_STEPS = 30
#: relative change of that scale below which the search ends
_SETTLED = 1e-3
#: least share of the degrees of freedom that is taken to be free
_LEAST_FREE = 0.3


@dataclass(frozen=True, eq=False)
class Emulator:
    """A polynomial emulator of the principal components of the figures.

    Attributes:
        centre: Mean of the figures, (figures,).
        components: Orthonormal directions, (components, figures).
        level: Components at features of 0, (components,).
        slopes: What one more of a feature adds: first the assumptions, then squares and products,
            (features, components).
        curved: Numbers of the assumptions that have squares and products.
        noise: Covariance of what runs near the observed have beyond this, (components, components).
        variance: Variance of the answer at a draw from the prior, as slopes are estimates,
            (components,).
        beyond: Variance of near runs outside the components, (figures,).
        explained: Share of each figure's variance that follows the assumptions, (figures,).
    """

    centre: Array
    components: Array
    level: Array
    slopes: Array
    curved: npt.NDArray[np.int64]
    noise: Array
    variance: Array
    beyond: Array
    explained: Array

    @property
    def target(self) -> Array:
        """Components of what was observed, (components,)."""
        return np.asarray(-self.centre @ self.components.T)

    def projected(self, figures: Array) -> Array:
        """Components of figures, (members, components)."""
        return np.asarray((figures - self.centre) @ self.components.T)

    def answers(self, scores: Array) -> Array:
        """Components at scores (members, assumptions), (members, components)."""
        return np.asarray(self.level + features(scores, self.curved) @ self.slopes)

    def gradients(self, scores: Array) -> Array:
        """Slopes of the components at scores, (members, assumptions, components)."""
        members, size = scores.shape
        steep = np.broadcast_to(self.slopes[:size], (members, size, len(self.level))).copy()
        one, other = np.triu_indices(len(self.curved))
        for a, b, slope in zip(
            self.curved[one], self.curved[other], self.slopes[size:], strict=True
        ):
            if a == b:
                steep[:, a] += np.sqrt(2.0) * scores[:, a, None] * slope
            else:
                steep[:, a] += scores[:, b, None] * slope
                steep[:, b] += scores[:, a, None] * slope
        return steep

    @property
    def figure_noise(self) -> Array:
        """Covariance of what near runs have beyond this, (figures, figures)."""
        inner: Array = self.components.T @ self.noise @ self.components
        return inner + np.diag(self.beyond)


def features(scores: Array, curved: npt.NDArray[np.int64]) -> Array:
    """Scores, and normalised squares and products of some, (members, features).

    Squares are Hermite polynomials, so that over the prior each feature has mean 0 and variance 1.
    """
    if not len(curved):
        return scores
    strong = scores[:, curved]
    one, other = np.triu_indices(len(curved))
    both = strong[:, one] * strong[:, other]
    return np.hstack([scores, np.where(one == other, (both - 1.0) / np.sqrt(2.0), both)])


def emulate(scores: Array, figures: Array, near: Flags, curved: int = CURVED) -> Emulator:
    """Estimate the emulator from all runs of a fit.

    Args:
        scores: Standard normal scores of assumptions, (runs, assumptions).
        figures: Distances from what was observed, (runs, figures).
        near: Whether a run is near enough to tell what the emulator leaves out, (runs,).
        curved: How many assumptions have squares and products; 0 for a linear emulator.
    """
    centre = figures.mean(axis=0)
    components = _components(figures - centre)
    answers = (figures - centre) @ components.T
    strongest = np.empty(0, dtype=np.int64)
    lines = _regress(scores, answers)
    if curved:
        importance = (lines.slopes**2).sum(axis=1)
        strongest = np.argsort(-importance, kind="stable")[:curved].astype(np.int64)
        lines = _regress(features(scores, strongest), answers)
    left = answers - lines.level - features(scores, strongest) @ lines.slopes
    free = max(1.0 - lines.used / len(figures), _LEAST_FREE)
    beyond = figures - centre - answers @ components
    missed = (left @ components + beyond).var(axis=0) / free
    spread = np.maximum(figures.var(axis=0), 1e-12)
    return Emulator(
        centre,
        components,
        lines.level,
        lines.slopes,
        strongest,
        np.atleast_2d(np.cov(left[near].T, bias=True)) / free,
        lines.variance,
        (beyond[near] ** 2).mean(axis=0),
        np.clip(1.0 - missed / spread, 0.0, 1.0),
    )


class _Lines(NamedTuple):
    """Regressions of all components on the same features."""

    level: Array
    slopes: Array
    variance: Array
    #: degrees of freedom that the slopes of one took up, on average
    used: float


def _regress(columns: Array, answers: Array) -> _Lines:
    """Regress (runs, components) on (runs, features); slopes have a Student-t prior."""
    middle, mean = columns.mean(axis=0), answers.mean(axis=0)
    centred = columns - middle
    runs, size = centred.shape
    products = None if runs < size else centred.T @ centred
    lines = [_line(centred, seen, products) for seen in (answers - mean).T]
    each, variance, used = map(np.array, zip(*lines, strict=True))
    slopes = each.T
    return _Lines(mean - middle @ slopes, slopes, variance, float(np.mean(used)))


def _line(columns: Array, seen: Array, products: Array | None) -> tuple[Array, float, float]:
    """Regress centred (runs,) answers on centred (runs, features).

    Returns:
        The slopes, their variance, and the degrees of freedom that they took up.
    """
    runs, size = columns.shape
    spread = max(float(np.mean(seen**2)), 1e-12)
    # to begin with, the features explain half of what there is
    scale, precision = spread / size / 2.0, 2.0 / spread
    variances = np.full(size, scale)
    for _ in range(_STEPS):
        slopes, uncertain, explained = normal_slopes(columns, seen, variances, precision, products)
        squares = slopes**2 + uncertain
        widths = (_TAIL + 1.0) / (_TAIL * scale + squares)
        step = float(np.mean(widths * squares))
        scale *= step
        variances = 1.0 / widths
        left = seen - columns @ slopes
        precision = runs / max(float(left @ left) + explained, 1e-12)
        if abs(step - 1.0) < _SETTLED:
            break
    return slopes, float(uncertain.sum()), precision * explained


def normal_slopes(
    columns: Array, seen: Array, variances: Array, precision: float, products: Array | None = None
) -> tuple[Array, Array, float]:
    """Slopes with independent normal priors, given the precision of the answers.

    Solved among runs or among features, whichever are fewer (the matrix inversion lemma).

    Args:
        columns: (runs, features).
        seen: (runs,).
        variances: Of the priors, (features,).
        precision: Of the answers.
        products: `columns.T @ columns`, where it is known.

    Returns:
        The slopes, their variances, and the variance of the answers that is due to the slopes,
        summed over the runs.
    """
    runs, size = columns.shape
    if runs < size:
        spread = columns * variances
        among = spread @ columns.T
        inverse = _inverse(among + np.eye(runs) / precision)
        slopes = spread.T @ (inverse @ seen)
        uncertain = variances - np.einsum("ij,ij->j", spread, inverse @ spread)
        explained = float(np.trace(among) - np.sum(among * (inverse @ among)))
        return slopes, np.maximum(uncertain, 0.0), explained
    if products is None:
        products = columns.T @ columns
    covariance = _inverse(precision * products + np.diag(1.0 / variances))
    slopes = precision * covariance @ (columns.T @ seen)
    return slopes, np.diag(covariance).copy(), float(np.sum(products * covariance))


def _inverse(matrix: Array) -> Array:
    """The inverse of a symmetric positive definite matrix, by its Cholesky factor."""
    factor, wrong = lapack.dpotrf(matrix, lower=1)
    if not wrong:
        lower, wrong = lapack.dpotri(factor, lower=1, overwrite_c=1)
    if wrong:
        return np.asarray(np.linalg.inv(matrix))
    half = np.tril(lower)
    return np.asarray(half + np.tril(half, -1).T)


def _components(centred: Array) -> Array:
    """The principal components that hold nearly all of the variance, (components, figures)."""
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    held = np.cumsum(sizes**2) / max(float(np.sum(sizes**2)), 1e-12)
    return np.asarray(directions[: int(np.searchsorted(held, HELD_VARIANCE)) + 1])


@dataclass(frozen=True, eq=False)
class Posterior:
    """Mean and covariance of the scores of all assumptions.

    Attributes:
        mean: (assumptions,).
        covariance: (assumptions, assumptions).
    """

    mean: Array
    covariance: Array

    @property
    def spread(self) -> Array:
        """Standard deviation of each, where it is 1 a priori, (assumptions,)."""
        return np.asarray(np.sqrt(np.clip(np.diag(self.covariance), 0.0, None)))


def update(emulator: Emulator) -> Posterior:
    """The posterior of a linear emulator, in closed form (Bayes linear; Goldstein and Wooff 2007).

    Scores are standard normal before, and errors are normal: the declared discrepancy, what near
    runs have beyond the emulator, and what is not known of the slopes.
    """
    slopes = emulator.slopes
    errors = np.eye(len(emulator.level)) + emulator.noise + np.diag(emulator.variance)
    gain = np.linalg.solve(slopes.T @ slopes + errors, slopes.T).T
    covariance = np.eye(len(slopes)) - gain @ slopes.T
    return Posterior(gain @ (emulator.target - emulator.level), (covariance + covariance.T) / 2.0)
