"""Short steps that bring the years of each member's own run to what was observed.

How years answer the assumptions is read from all runs that came near, and corrected by what
changed between the waves. Across members alone slopes come out too flat: members were moved towards
the data by what their runs lacked, so what an assumption adds is mixed with what the member lacks
otherwise. Changes from wave to wave are free of that, for what a member has beyond the assumptions
stays with it (so are first differences of panel data; Wooldridge 2010, *Econometric Analysis of
Cross Section and Panel Data*, section 10.6), but they are few, and twice as noisy.

A run has its chance in it, and a step that follows one run alone follows its chance: the next run
has another, and is farther off than before. So what a member has beyond the assumptions is the mean
over its runs, in which older ones, made farther away, count less.

Otherwise it is a step of randomised maximum likelihood (`smoother`): from the member's anchor, so
that the prior counts, and no farther in any wave than a stated length.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from simulation.fitting.selection import ARRIVALS, BOATS, WaveRuns, near
from simulation.fitting.series import Array, Data, Flags
from simulation.fitting.smoother import LONGEST_STEP, Anchors, shortened

#: the years that members are brought to
YEARS = (
    ARRIVALS, BOATS, "lorry_arrivals", "prevented_share", "hungary_stops", "serbia_stay_days",
    "winter_share", "coast_people",
)  # fmt: skip
#: series by month whose years members are brought to as well, each by the mean of its months
MONTHLY = "wb_detections"
#: spread of the years members are brought to, in declared discrepancies: a year is known better
#: from all figures together than from its own (an assumption)
TARGET_SPREAD = 0.8
#: share of the declared discrepancy that counts as error of a member's own run (an assumption)
ERROR = 0.7
#: how much a run counts against that of the wave after it (an assumption)
OLDER = 0.7
#: a year farther than so many declared discrepancies counts as this far: slopes hold near by (an
#: assumption)
FARTHEST_YEAR = 12.0
#: how much assumptions must differ, summed over runs, before slopes are believed, in squared
#: standard deviations of the prior (an assumption)
RIDGE = 20.0


def year_sums(data: Data) -> Array:
    """What makes the years that members are brought to of all distances, (figures, years).

    A year of `YEARS` is a figure. One of `MONTHLY` is the sum of the distances of its months over
    the root of their number, so that one declared discrepancy stays the unit. Without a whole year
    there are none.
    """
    columns = np.concatenate([data.columns(name) for name in YEARS])
    sums = [np.eye(data.size)[columns]]
    for block, at in data.slices if columns.size else ():
        if block.spec.name == MONTHLY:
            years = np.array([period[:4] for period in block.periods])
            for year in np.unique(years):
                months = years == year
                row = np.zeros((1, data.size))
                row[0, at] = months / np.sqrt(months.sum())
                sums.append(row)
    return np.vstack(sums).T


def slopes_of_years(data: Data, waves: Sequence[WaveRuns], moved: Flags) -> Array:
    """How years answer the assumptions: ridge regression of runs, then of what changes add.

    Args:
        data: What was observed.
        waves: All waves in order; those after the first have the same members.
        moved: Assumptions that are moved.

    Returns:
        Declared discrepancies for a standard deviation of the prior, (assumptions moved, years).
    """
    sums = year_sums(data)
    close = [near(data, wave.figures) for wave in waves]
    scores = np.vstack([of.scores[moved][:, at].T for of, at in zip(waves, close, strict=True)])
    years = np.vstack(
        [_years(data, of.figures[at], sums) for of, at in zip(waves, close, strict=True)]
    )
    slopes = _ridge(scores - scores.mean(axis=0), years - years.mean(axis=0))
    causes, effects = [], []
    for before, after in pairwise(waves[1:]):
        _, old, new = np.intersect1d(before.members, after.members, return_indices=True)
        causes.append((after.scores[moved][:, new] - before.scores[moved][:, old]).T)
        effects.append(
            _years(data, after.figures[new], sums) - _years(data, before.figures[old], sums)
        )
    steps, answers = np.vstack(causes), np.vstack(effects)
    return np.asarray(slopes + _ridge(steps, answers - steps @ slopes))


def _ridge(causes: Array, effects: Array) -> Array:
    """Slopes of effects on causes, both around 0, drawn towards none."""
    inner = causes.T @ causes + RIDGE * np.eye(causes.shape[1])
    return np.asarray(np.linalg.solve(inner, causes.T @ effects))


def calibrated(
    data: Data,
    waves: Sequence[WaveRuns],
    moved: Flags,
    anchors: Anchors,
    longest: float = LONGEST_STEP,
) -> Array:
    """Where the members of the last wave go next, (assumptions moved, members).

    x <- x0 + B (B' B + R)^-1 (t - B' x0 - c), with x0 the anchor, B the slopes, c what the member
    has beyond the assumptions, t what its years are brought to, and R the variance of t and of c.

    Args:
        data: What was observed.
        waves: All waves in order, at least three; those after the first have the same members.
        moved: Assumptions that are moved.
        anchors: Of the members of the last wave, in the assumptions that are moved.
        longest: No member moves farther, in standard deviations of the prior.
    """
    sums, slopes = year_sums(data), slopes_of_years(data, waves, moved)
    scores: Array = waves[-1].scores[moved]
    beyond, error = _beyond(data, waves[1:], slopes, moved, sums)
    gaps = TARGET_SPREAD * anchors.errors @ sums - anchors.scores @ slopes - beyond
    inner = slopes.T @ slopes + (TARGET_SPREAD**2 + error**2) * np.eye(sums.shape[1])
    change = anchors.scores.T + slopes @ np.linalg.solve(inner, gaps.T) - scores
    return scores + shortened(change, longest)


def _beyond(
    data: Data, waves: Sequence[WaveRuns], slopes: Array, moved: Flags, sums: Array
) -> tuple[Array, float]:
    """Years that members of the last wave have beyond the assumptions, and the error of these.

    Returns:
        Means over the runs of each member, (members, years), and their standard deviation.
    """
    last = waves[-1].members
    total, counts = np.zeros((last.size, sums.shape[1])), np.zeros((last.size, 1))
    weights = OLDER ** np.arange(len(waves))[::-1]
    for weight, wave in zip(weights, waves, strict=True):
        _, in_last, in_wave = np.intersect1d(last, wave.members, return_indices=True)
        beyond = (
            _years(data, wave.figures[in_wave], sums) - wave.scores[moved][:, in_wave].T @ slopes
        )
        total[in_last] += weight * beyond
        counts[in_last] += weight
    return total / counts, ERROR * float(np.sqrt((weights**2).sum()) / weights.sum())


def _years(data: Data, runs: Array, sums: Array) -> Array:
    """Years of runs as distances from what was observed, (members, years)."""
    return np.asarray(np.clip(data.distances(runs) @ sums, -FARTHEST_YEAR, FARTHEST_YEAR))
