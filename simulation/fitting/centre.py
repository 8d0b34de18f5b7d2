"""The most central values: what the model assumes in a single run.

They are those of one set where the figures inform an assumption, for these go together: the median
of each assumption by itself is no set that agrees with anything. All else has its recorded value. A
number of sets are tried, and the one whose years lie nearest to the median of the ensemble's is the
centre. That its own years may be off by chance is why the nearest are tried again, several times.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

import numpy as np
import numpy.typing as npt

from simulation.fitting.calibration import year_sums
from simulation.fitting.plan import AGAIN, nearest
from simulation.fitting.priors import Prior, values_of
from simulation.fitting.series import Data
from simulation.parameters.records import Value

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Values = Sequence[Mapping[str, Value]]
#: figures that ended of (members, figures), and which members these are
RunValues = Callable[[Values], tuple[Array, Flags]]


def central_sets(prior: Prior, scores: Array, uninformed: Set[str]) -> list[dict[str, Value]]:
    """Values of sets where the figures inform them, and the recorded ones of all else.

    Args:
        prior: The records.
        scores: Of the sets, (assumptions, sets); what follows the records is left out.
        uninformed: Records of which the figures tell nothing.
    """
    recorded = {of.name: of.value for of in prior.records if of.name in uninformed}
    return [{**one, **recorded} for one in values_of(prior, scores[: len(prior.names)])]


def most_central(
    data: Data, ensemble: Array, weights: Array, sets: Values, first: RunValues, again: RunValues
) -> tuple[int, Array]:
    """Which of some sets lies nearest to the median of an ensemble.

    Args:
        data: What was observed.
        ensemble: Runs of the ensemble, (runs, figures).
        weights: Of these runs, (runs,).
        sets: The sets that are tried.
        first: Runs each of them once.
        again: Runs the nearest `AGAIN` times each, all of them one after the other each time.

    Returns:
        Its number, and the mean figures of its later runs, (figures,).
    """
    figures, ended = first(sets)
    near = np.flatnonzero(ended)[np.argsort(_away(data, ensemble, weights, figures))]
    near = near[: nearest(len(sets))]
    figures, ended = again([sets[number] for number in near] * AGAIN)
    of = np.tile(near, AGAIN)[ended]
    tried = np.unique(of)
    means = np.array([figures[of == number].mean(axis=0) for number in tried])
    best = int(np.argmin(_away(data, ensemble, weights, means)))
    return int(tried[best]), means[best]


def _away(data: Data, ensemble: Array, weights: Array, figures: Array) -> Array:
    """How far years are from the median of the ensemble's, in declared discrepancies, (members,).

    In a window without a whole year all figures count.
    """
    sums = year_sums(data)
    sums = sums if sums.size else np.eye(data.size)
    years = data.distances(ensemble) @ sums
    middle = np.quantile(years, 0.5, axis=0, weights=weights, method="inverted_cdf")
    return np.asarray(np.sqrt((((data.distances(figures) @ sums) - middle) ** 2).mean(axis=1)))
