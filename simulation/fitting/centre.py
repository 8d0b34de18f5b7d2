"""The most central values: what the model assumes in a single run.

They start from one set where the figures inform an assumption, for these go together: the median of
each assumption by itself is no set that agrees with anything. All else has its recorded value. A
number of sets are tried, and those whose years lie nearest to the median of the ensemble's again,
several times, for a year may be near or far by chance. In each later round the nearer half of them
stays, each also takes a step towards that median, with the slopes of `calibration`, and all are run
anew, so that none is chosen for its luck. The centre is the one whose farthest year of any figure
is nearest in the last round. Years after the data count as much as those before (`ahead`), and in
them the days with arrivals and the share of the busiest days. No step is taken towards them, for
their slopes are not measured.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simulation.fitting.calibration import ERROR, slopes_of_years, year_sums
from simulation.fitting.plan import ROUNDS, CentreRounds
from simulation.fitting.priors import Prior, values_of
from simulation.fitting.selection import WaveRuns
from simulation.fitting.series import Array, Data, Flags
from simulation.fitting.smoother import LONGEST_STEP, shortened
from simulation.parameters.records import Value

Ints = npt.NDArray[np.intp]
Values = Sequence[Mapping[str, Value]]
#: figures that ended of a round's runs, (runs, figures), and which runs these are
RunRound = Callable[[int, Values], tuple[Array, Flags]]
#: values of sets from their scores, (assumptions, sets)
ValuesOf = Callable[[Array], Values]
#: years that count as well, and towards which no step is taken: few die in a single run
DEATHS = "channel_deaths"


@dataclass(frozen=True, eq=False)
class EnsembleMedian:
    """The median of an ensemble's years, and how far others lie from it.

    In a window without a whole year all figures count, and no step is taken.

    Attributes:
        data: What was observed.
        ahead: The years after the data; distances are from the medians of the ensemble.
        figures: Median of every figure of the ensemble, those of the years after the data last.
        sums: What makes years of distances, those with slopes first, (figures observed, years).
        median: Of the ensemble's years, in declared discrepancies, (years,).
    """

    data: Data
    ahead: Data
    figures: Array
    sums: Array
    median: Array

    @classmethod
    def of(
        cls, data: Data, ensemble: Array, weights: Array, ahead: Data | None = None
    ) -> EnsembleMedian:
        """The middle of runs of an ensemble.

        Args:
            data: What was observed.
            ensemble: Figures of its runs, (runs, figures).
            weights: Of the runs, (runs,).
            ahead: The series of the years after the data, if the runs go on to them.
        """
        every, with_slopes = np.eye(data.size), year_sums(data)
        sums = np.hstack([with_slopes, every[:, data.columns(DEATHS)]])
        sums = sums if with_slopes.size else every
        years = data.distances(ensemble[:, : data.size]) @ sums
        figures, ahead = _median(ensemble, weights), ahead or Data((), (), data.memory)
        ahead = replace(ahead, observed=tuple(figures[data.size :].tolist()))
        return cls(data, ahead, figures, sums, _median(years, weights))

    def gaps(self, figures: Array) -> Array:
        """How far years lie beyond the median, those after the data last, (members, years)."""
        past, after = np.split(figures, [self.data.size], axis=-1)
        years = self.data.distances(past) @ self.sums - self.median
        return np.hstack([years, self.ahead.distances(after)]) if self.ahead.size else years

    def away(self, figures: Array) -> Array:
        """Root mean square of the gaps, (members,)."""
        return np.asarray(np.sqrt((self.gaps(figures) ** 2).mean(axis=1)))

    def farthest(self, series: str, figures: Array) -> Array:
        """How far a year is from the median at most, as a share of it, (members,).

        Args:
            series: By year.
            figures: Of members, (members, figures).
        """
        columns = np.concatenate(
            [self.data.columns(series), self.data.size + self.ahead.columns(series)]
        )
        off = figures[:, columns] / np.maximum(self.figures[columns], 1.0) - 1.0
        return np.asarray(np.abs(off).max(axis=1, initial=0.0))

    def nearest(self, figures: Array) -> Ints:
        """Members in the order of their farthest year of any figure, (members,)."""
        return np.argsort(np.abs(self.gaps(figures)).max(axis=1, initial=0.0))


def _median(runs: Array, weights: Array) -> Array:
    """The weighted median of each column."""
    return np.asarray(np.quantile(runs, 0.5, axis=0, weights=weights, method="inverted_cdf"))


def central_values(prior: Prior, uninformed: Set[str]) -> ValuesOf:
    """The function that gives sets their values: recorded ones where no figure informs them.

    Args:
        prior: The records.
        uninformed: Records of which the figures tell nothing.
    """
    recorded = {of.name: of.value for of in prior.records if of.name in uninformed}

    def values(scores: Array) -> Values:
        return [{**one, **recorded} for one in values_of(prior, scores[: len(prior.names)])]

    return values


def slopes_towards(data: Data, waves: Sequence[WaveRuns], moved: Flags, informed: Flags) -> Array:
    """Slopes of years on assumptions, 0 of those that take no step, (assumptions, years).

    Args:
        data: What was observed.
        waves: All waves of the fit.
        moved: Assumptions and controls that were moved in them.
        informed: Assumptions and controls that the figures inform.
    """
    slopes = np.zeros((moved.size, year_sums(data).shape[1]))
    slopes[moved] = slopes_of_years(data, waves, moved)
    slopes[~informed] = 0.0
    return slopes


def most_central(
    middle: EnsembleMedian, scores: Array, slopes: Array, values: ValuesOf, run: RunRound
) -> tuple[Array, Array]:
    """The set that lies nearest to the middle of an ensemble.

    Args:
        middle: Of the ensemble.
        scores: Of the sets that are tried, (assumptions, sets).
        slopes: Of years on assumptions, (assumptions, years).
        values: Of sets, from their scores.
        run: Runs what it is given, by the number of the round: each set once, then in each later
            round some sets several times.

    Returns:
        Its scores, (assumptions,), and the mean figures of its runs, (figures,).
    """
    rounds = CentreRounds(scores.shape[1])
    figures, ended = run(0, values(scores))
    contenders = scores[:, ended][:, np.argsort(middle.away(figures))[: rounds.contenders]]
    for number in range(1, ROUNDS + 1):
        ran, means = _repeated(run, number, values, contenders, rounds.times)
        contenders = contenders[:, ran]
        if number < ROUNDS:
            near = np.argsort(middle.away(means))[: (rounds.contenders + 1) // 2]
            steps = _stepped(middle, contenders[:, near], means[near], slopes, rounds.times)
            contenders = np.hstack([contenders[:, near], steps])[:, : rounds.contenders]
    best = middle.nearest(means)[0]
    return contenders[:, best], means[best]


def _stepped(
    middle: EnsembleMedian, scores: Array, means: Array, slopes: Array, runs: int
) -> Array:
    """Where sets are after a step to the median from the means of some runs of each.

    x <- x - B (B' B + e^2 / n)^-1 g, with B the slopes, g the gaps, and e^2 / n the variance of a
    mean of n runs.
    """
    if not slopes.size:
        return scores
    count = slopes.shape[1]
    inner = slopes.T @ slopes + ERROR**2 / runs * np.eye(count)
    change = -slopes @ np.linalg.solve(inner, middle.gaps(means)[:, :count].T)
    return scores + shortened(change, LONGEST_STEP)


def _repeated(
    run: RunRound, number: int, values: ValuesOf, scores: Array, times: int
) -> tuple[Ints, Array]:
    """Which sets had a run that ended, and the means of theirs, (sets, figures)."""
    figures, ended = run(number, list(values(scores)) * times)
    of = np.tile(np.arange(scores.shape[1]), times)[ended]
    sets = np.unique(of)
    return sets, np.array([figures[of == one].mean(axis=0) for one in sets])
