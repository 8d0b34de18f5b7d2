"""Short steps that bring the years of each member's own run to what was observed.

An emulator of all runs cannot tell how a member's years answer: members were moved towards the data
by what their runs lacked, so what an assumption adds is mixed with what the member lacks otherwise,
and slopes come out too flat. Changes from wave to wave are free of that, for what a member has
beyond the assumptions stays with it. (So are first differences of panel data; Wooldridge 2010,
*Econometric Analysis of Cross Section and Panel Data*, section 10.6.)

The step is the shortest one that makes up for what the last run lacks (a Gauss-Newton step of the
smallest norm), so a member stays as near to its draw as its years allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from simulation.fitting.selection import ARRIVALS, BOATS, WaveRuns
from simulation.fitting.series import Data
from simulation.fitting.smoother import LONGEST_STEP

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
#: the years that members are brought to
YEARS = (
    ARRIVALS, BOATS, "lorry_arrivals", "prevented_share", "hungary_stops", "serbia_stay_days",
)  # fmt: skip
#: series by month whose years members are brought to as well, each by the mean of its months
MONTHLY = "wb_detections"
#: spread of the years members are brought to, in declared discrepancies: a year is known better
#: from all figures together than from its own (an assumption)
TARGET_SPREAD = 0.8
#: share of the declared discrepancy that counts as error of a member's own run (an assumption)
ERROR = 0.7
#: a year farther than so many declared discrepancies counts as this far: slopes hold near by (an
#: assumption)
FARTHEST_YEAR = 12.0
#: how much changes of assumptions must add up to before they are believed, in squared standard
#: deviations of the prior (an assumption)
RIDGE = 2.0


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


def slopes_of_changes(data: Data, waves: Sequence[WaveRuns], moved: Flags) -> Array:
    """How years answer the assumptions, by least squares on changes between waves.

    Args:
        data: What was observed.
        waves: Waves of the same members, in order, at least two.
        moved: Assumptions that are moved.

    Returns:
        Declared discrepancies for a standard deviation of the prior, (assumptions moved, years).
    """
    sums, causes, effects = year_sums(data), [], []
    for before, after in pairwise(waves):
        _, old, new = np.intersect1d(before.members, after.members, return_indices=True)
        causes.append((after.scores[moved][:, new] - before.scores[moved][:, old]).T)
        effects.append(
            _years(data, after.figures[new], sums) - _years(data, before.figures[old], sums)
        )
    steps, answers = np.vstack(causes), np.vstack(effects)
    inner = steps.T @ steps + RIDGE * np.eye(steps.shape[1])
    return np.asarray(np.linalg.solve(inner, steps.T @ answers))


def calibrated(
    data: Data,
    waves: Sequence[WaveRuns],
    moved: Flags,
    errors: Array,
    longest: float = LONGEST_STEP,
) -> Array:
    """Where the members of the last wave go next, (assumptions moved, members).

    x <- x + B (B' B + R)^-1 (t - y(x)), with B the slopes, y(x) the years of the member's own run,
    t what they are brought to and R the error of a run.

    Args:
        data: What was observed.
        waves: Waves of the same members, in order, at least two.
        moved: Assumptions that are moved.
        errors: Perturbations of what was observed that the members of the last wave have through
            all waves, in declared discrepancies, (members, figures).
        longest: No member moves farther, in standard deviations of the prior.
    """
    sums, slopes = year_sums(data), slopes_of_changes(data, waves, moved)
    gaps = TARGET_SPREAD * errors @ sums - _years(data, waves[-1].figures, sums)
    inner = slopes.T @ slopes + ERROR**2 * np.eye(sums.shape[1])
    change = slopes @ np.linalg.solve(inner, gaps.T)
    lengths = np.linalg.norm(change, axis=0)
    scores: Array = waves[-1].scores[moved]
    return scores + change * np.minimum(1.0, longest / np.maximum(lengths, 1e-12))


def _years(data: Data, runs: Array, sums: Array) -> Array:
    """Years of runs as distances from what was observed, (members, years)."""
    return np.asarray(np.clip(data.distances(runs) @ sums, -FARTHEST_YEAR, FARTHEST_YEAR))
