"""The smoother that moves an ensemble of assumptions towards what was observed.

Ensemble smoother with multiple data assimilation (ES-MDA; Emerick and Reynolds 2013), the standard
of history matching for slow, noisy simulators with tens of parameters and some thousand runs. Each
assimilation moves every member along the regression of assumptions on outcomes across the
ensemble, towards the observed figures with some noise of their own; the noise is inflated so that
all assimilations together use the figures once. For a linear model with normal errors it gives the
exact posterior; otherwise an approximation, which is why the last generation is weighted
(`weights`).

Why not approximate Bayesian computation (ABC-SMC, `pyABC`): with thirty parameters and a few
thousand runs its acceptance leaves a handful of distinct sets. Why `pyesmda` and not Equinor's
`iterative_ensemble_smoother`: the same method, under a licence (BSD) that this package's (Apache
2.0) can rest on; the other is GPL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
#: largest share of the members that may fail over a whole fit
MOST_FAILED = 0.2


@dataclass(frozen=True)
class Smoothed:
    """What the smoother made of an ensemble.

    Attributes:
        generations: (dimensions, members) of each, the prior first; members that failed are gone.
    """

    generations: tuple[Array, ...]


class TooManyFailedError(Exception):
    """More members failed than a fit can do without."""


def smooth(
    forward: Callable[[int, Array], Array],
    prior: Array,
    observed: Array,
    variance: Array,
    assimilations: int,
    seed: int,
) -> Smoothed:
    """Assimilate what was observed.

    Args:
        forward: From the number of a generation and its (dimensions, members) to what is predicted
            for each, (figures, members); NaN for a member that failed.
        prior: The first generation.
        observed: Figures, (figures,).
        variance: Of the errors of each, (figures,).
        assimilations: How often.
        seed: Of the noise added to the figures.

    Raises:
        TooManyFailedError: Of the members.
    """
    import covmats
    from pyesmda import ESMDA

    count = iter(range(assimilations))

    smoother = ESMDA(
        obs=observed,
        m_init=prior,
        cov_obs=covmats.CovViaDiagonal(variance),
        forward_model=lambda members: forward(next(count), members),
        n_assimilations=assimilations,
        C_MD_localization=_localisation(),
        save_ensembles_history=True,
        is_forecast_for_last_assimilation=False,
        random_state=np.random.default_rng(seed),
        is_parallel_analyse_step=False,
        max_failure_fraction=MOST_FAILED,
    )
    try:
        smoother.solve()
    except RuntimeError as error:
        if "fail" in str(error):
            raise TooManyFailedError(str(error)) from error
        raise
    return Smoothed(tuple(np.array(members) for members in smoother.m_history))


def damping(correlation: Array, members: int) -> Array:
    """How much of each correlation is kept.

    Some of the square of a correlation across few members is chance alone, (1 - r^2)^2 / members
    on average. That much is taken off, so that a parameter which moves nothing is hardly moved.
    """
    square = correlation**2
    chance = (1.0 - square) ** 2 / members
    kept: Array = np.clip((square - chance) / np.maximum(square, 1e-12), 0.0, 1.0)
    return kept


def _localisation() -> object:
    """`damping`, as the library wants it."""
    from pyesmda import LocalizationStrategy

    class Damped(LocalizationStrategy):
        """Takes off what is chance from the covariances of parameters and predictions."""

        def check_localization_shape(self, *_: object, **__: object) -> None:
            """Any shape is right."""

        def localize(self, X: Array, Y: Array, batch_slice: object = None) -> Array:  # noqa: N803
            """The damped covariances of the rows of two ensembles."""
            members = X.shape[1]
            x, y = (rows - rows.mean(axis=1, keepdims=True) for rows in (X, Y))
            covariance: Array = x @ y.T / (members - 1)
            spread = np.outer(x.std(axis=1, ddof=1), y.std(axis=1, ddof=1))
            correlation = covariance / np.maximum(spread, 1e-12)
            return covariance * damping(correlation, members)

        def localize_multi_dot(
            self,
            X: Array,  # noqa: N803
            Y: Array,  # noqa: N803
            *args: Array,
            batch_slice: object = None,
        ) -> Array:
            """The same, times further matrices."""
            product = self.localize(X, Y)
            for matrix in args:
                product = product @ matrix
            return product

    return Damped()
