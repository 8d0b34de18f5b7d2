"""A linear emulator of the model: how every figure answers every assumption, and what is left.

Each figure is regressed on the scores of all assumptions over all runs of a fit. There are hundreds
of assumptions and few drive much; a plain regression on so many would take chance for knowledge.
Slopes therefore have a Student-t prior whose scale the runs themselves set: it draws small slopes
to 0 and leaves large ones as they are (a scale mixture of normals; West 1987, *On scale mixtures
of normal distributions*; solved by variational EM as in Tipping 2001, *Sparse Bayesian learning
and the relevance vector machine*). Figures of neighbouring months move together, so their
principal components are regressed in their place.

What a run has beyond the emulator is chance, and answers that are not linear. How much that is, is
read from the runs made last, which are nearest to what was observed.

What is then known of all assumptions together is their posterior. The scores of the assumptions are
standard normal before anything is known, the emulator is linear, and errors are normal on the scale
of the fit; so what is known afterwards is normal too, and has a closed form (Bayes linear analysis;
Goldstein and Wooff 2007). Nothing of it comes from few members: what the figures do not tell of
keeps its prior to the last digit, and of assumptions that trade off it is known what they make
together.

Every run of a fit counts, by what it gave. The emulator says where the assumptions are that agree
with what was observed; it does not say all, as the model is not linear. The runs themselves do. A
member of any generation was drawn from the mixture of the distributions from which the generations
were drawn, so prior times likelihood over the density of that mixture is its importance weight
(adaptive multiple importance sampling; Cornuet and others 2012). The likelihood of what was
observed, given one run, has the chance of that run in it, in hundreds of figures; so the weights
are raised to a power at which they are still worth a certain share of the runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from simulation.fitting.priors import first_scores

Array = npt.NDArray[np.float64]
#: share of the variance of the figures that the principal components kept hold
_KEPT_VARIANCE = 0.95
#: degrees of freedom of the prior of a slope: fewer let chance through, more shrink what is large
#: (of 2, 3, 6 and a normal one, 3 foretold left-out runs of the prior best)
_TAIL = 3.0
#: steps of the search for the scale of that prior; it settles in some ten
_STEPS = 30
#: share of all runs that the weights are worth at least: in a narrower ensemble chance would decide
#: (an assumption)
LEAST_EFFECTIVE = 0.15
_HALVINGS = 40


class Generation(NamedTuple):
    """Runs of a fit that were drawn from one distribution, one run a member.

    Attributes:
        scores: Standard normal scores of the assumptions, (assumptions, members).
        figures: What each run gave, on the scale of the errors, (members, figures).
    """

    scores: Array
    figures: Array


@dataclass(frozen=True, eq=False)
class Emulator:
    """A linear emulator.

    Attributes:
        level: The figures at scores of 0, (figures,).
        slopes: What one more standard deviation of an assumption adds, (assumptions, figures).
        noise: Covariance of what a run of the last generation has beyond this, with what is not
            known of the slopes, (figures, figures).
        explained: Share of each figure's variance over the first generation that follows the
            assumptions, (figures,).
    """

    level: Array
    slopes: Array
    noise: Array
    explained: Array


class _Line(NamedTuple):
    """A regression on all assumptions."""

    level: float
    slopes: Array
    #: variance of the answer at a draw from the prior, for what is not known of the slopes
    doubt: float
    #: degrees of freedom that the slopes took up
    used: float


def emulate(generations: Sequence[Generation]) -> Emulator:
    """Find the emulator of all runs of a fit.

    Args:
        generations: The runs, those made nearest to what was observed last.
    """
    scores = np.hstack([one.scores for one in generations]).T
    figures = np.vstack([one.figures for one in generations])
    count, latest = len(generations[0].figures), len(generations[-1].figures)
    centre = figures.mean(axis=0)
    components = _components(figures - centre)
    answers = (figures - centre) @ components.T
    lines = [_regress(scores, one) for one in answers.T]
    slopes = np.array([line.slopes for line in lines]).T
    levels = np.array([line.level for line in lines])
    left = answers - levels - scores @ slopes
    free = max(1.0 - float(np.mean([line.used for line in lines])) / len(figures), 0.2)
    inner = np.atleast_2d(np.cov(left[-latest:].T, bias=True)) / free
    inner += np.diag([line.doubt for line in lines])
    beyond = figures - centre - answers @ components
    noise = components.T @ inner @ components + np.diag(beyond[-latest:].var(axis=0))
    missed = (left[:count] @ components + beyond[:count]).var(axis=0) / free
    spread = np.maximum(figures[:count].var(axis=0), 1e-12)
    return Emulator(
        centre + levels @ components,
        slopes @ components,
        noise,
        np.clip(1.0 - missed / spread, 0.0, 1.0),
    )


def _regress(scores: Array, answers: Array) -> _Line:
    """Regress (runs,) answers on (runs, assumptions) scores; slopes have a Student-t prior."""
    middle, mean = scores.mean(axis=0), float(answers.mean())
    columns, seen = scores - middle, answers - mean
    runs, size = columns.shape
    spread = max(float(np.mean(seen**2)), 1e-12)
    # to begin with, the assumptions explain half of what there is
    scale, precision = spread / size / 2.0, 2.0 / spread
    variances = np.full(size, scale)
    for _ in range(_STEPS):
        slopes, doubts, explained = normal_slopes(columns, seen, variances, precision)
        squares = slopes**2 + doubts
        widths = (_TAIL + 1.0) / (_TAIL * scale + squares)
        scale *= float(np.mean(widths * squares))
        variances = 1.0 / widths
        left = seen - columns @ slopes
        precision = runs / max(float(left @ left) + explained, 1e-12)
    return _Line(mean - float(middle @ slopes), slopes, float(doubts.sum()), precision * explained)


def normal_slopes(
    columns: Array, seen: Array, variances: Array, precision: float
) -> tuple[Array, Array, float]:
    """Slopes with independent normal priors, given the precision of the answers.

    Solved among runs or among assumptions, whichever are fewer (the matrix inversion lemma).

    Returns:
        The slopes, their variances, and the variance of the answers that is due to the slopes,
        summed over the runs.
    """
    runs, size = columns.shape
    if runs < size:
        spread = columns * variances
        among = spread @ columns.T
        inverse = np.linalg.inv(among + np.eye(runs) / precision)
        slopes = spread.T @ (inverse @ seen)
        doubts = variances - np.einsum("ij,ij->j", spread, inverse @ spread)
        explained = float(np.trace(among) - np.sum(among * (inverse @ among)))
        return slopes, np.maximum(doubts, 0.0), explained
    products = columns.T @ columns
    covariance = np.linalg.inv(precision * products + np.diag(1.0 / variances))
    slopes = precision * covariance @ (columns.T @ seen)
    return slopes, np.diag(covariance).copy(), float(np.sum(products * covariance))


def _components(centred: Array) -> Array:
    """The principal components that hold nearly all of the variance, (components, figures)."""
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    held = np.cumsum(sizes**2) / max(float(np.sum(sizes**2)), 1e-12)
    return np.asarray(directions[: int(np.searchsorted(held, _KEPT_VARIANCE)) + 1])


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
        return np.asarray(np.sqrt(np.clip(np.diag(self.covariance), 0.0, None)))

    def draw(self, members: int, seed: int) -> Array:
        """Scores spread evenly over it, (assumptions, members).

        A Latin hypercube of independent scores, given the distribution's covariance.
        """
        values, vectors = np.linalg.eigh(self.covariance)
        root = (vectors * np.sqrt(np.clip(values, 0.0, None))) @ vectors.T
        return np.asarray(self.mean[:, None] + root @ first_scores(self.mean.size, members, seed))


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


# -- weights of the runs ---------------------------------------------------------------------------


class Weights(NamedTuple):
    """Weights of members.

    Attributes:
        values: They sum to 1, (members,).
        power: To which the importance weights were raised.
        effective: Members of equal weight that they are worth.
    """

    values: Array
    power: float
    effective: float


def importance(generations: Sequence[Generation], drawn_from: Sequence[Posterior]) -> Weights:
    """Weigh the members of all generations.

    Args:
        generations: Scores of assumptions, and figures as distances from what was observed in
            standard deviations of what the model leaves out.
        drawn_from: The distribution from which each was drawn.
    """
    scores = np.hstack([one.scores for one in generations])
    figures = np.vstack([one.figures for one in generations])
    shares = np.array([len(one.figures) for one in generations]) / len(figures)
    parts = zip(shares, drawn_from, strict=True)
    mixture = logsumexp([np.log(share) + log_density(one, scores) for share, one in parts], axis=0)
    size = len(scores)
    prior = log_density(Posterior(np.zeros(size), np.eye(size)), scores)
    return tempered(prior - 0.5 * (figures**2).sum(axis=1) - mixture)


def log_density(of: Posterior, scores: Array) -> Array:
    """The logarithm of a normal density, up to what all normal densities share, (members,)."""
    root = np.linalg.cholesky(of.covariance)
    away = solve_triangular(root, scores - of.mean[:, None], lower=True)
    return np.asarray(-0.5 * (away**2).sum(axis=0) - np.log(np.diag(root)).sum())


def tempered(logs: Array) -> Weights:
    """Weights from their logarithms, raised to the largest power up to 1 that leaves enough."""
    least = LEAST_EFFECTIVE * logs.size
    low, high = 0.0, 1.0
    if effective(_normalised(logs)) >= least:
        low = high
    for _ in range(_HALVINGS if low < high else 0):
        middle = (low + high) / 2.0
        if effective(_normalised(middle * logs)) < least:
            high = middle
        else:
            low = middle
    values = _normalised(low * logs)
    return Weights(values, low, effective(values))


def effective(weights: Array) -> float:
    """Members of equal weight that some weights, which sum to 1, are worth."""
    return float(1.0 / np.sum(weights**2))


def systematic(weights: Array, count: int, seed: int) -> npt.NDArray[np.int64]:
    """How often each member is drawn in so many draws, in proportion to the weights, (members,).

    As evenly as can be: a member of a weight of k in `count` is drawn k times, or once more.

    Args:
        weights: They sum to 1, (members,).
        count: Draws.
        seed: Of the one draw that this takes.
    """
    start = np.random.default_rng(seed).random()
    marks = (np.arange(count) + start) / count
    found = np.minimum(np.searchsorted(np.cumsum(weights), marks, side="right"), weights.size - 1)
    return np.bincount(found, minlength=weights.size).astype(np.int64)


def _normalised(logs: Array) -> Array:
    raised = np.exp(logs - logs.max())
    return np.asarray(raised / raised.sum())
