"""The patient rule induction method: shrink a box step by step towards the cases of interest.

J. H. Friedman and N. I. Fisher, "Bump hunting in high-dimensional data", Statistics and Computing
9 (1999), 123-143: peeling and pasting. The gain of a step is that of J. H. Kwakkel and M.
Jaxa-Rozen, "Improving scenario discovery for handling heterogeneous uncertainties and multinomial
classified outcomes", Environmental Modelling & Software 79 (2016), 311-321: the change of the
share of cases, divided by the number of points that enter or leave. It does not favour records
with few values, of which one step removes many points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: share of the points in the box that one step removes or adds, more where values are equal
STEP = 0.05
LOWER, UPPER = 0, 1

Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Region:
    """A box, closed on every side.

    Attributes:
        bounds: (2, records) lower and upper end of each record.
        inside: (points,) which points lie in it.
    """

    bounds: Array
    inside: Flags

    @property
    def size(self) -> int:
        """How many points lie in it."""
        return int(np.count_nonzero(self.inside))


def peel_and_paste(points: Array, cases: Flags, smallest: float) -> list[Region]:
    """All boxes on the way from the one that holds every point to the last one.

    Args:
        points: (points, records) finite values.
        cases: (points,) which are of interest.
        smallest: Share of the points that a box keeps at least.

    Returns:
        The first box, then one for each step: peeling first, then pasting.
    """
    path = [everything(points)]
    for choices in (_peels, _pastes):
        grows = choices is _pastes
        while True:
            here = path[-1]
            steps = [
                (_gain(cases, here, there), _free(path[0], there), there)
                for there in choices(points, here, path[0])
            ]
            # of equal steps the one that limits fewer records, then the first
            gain, _, there = max(steps, key=lambda step: step[:2], default=(0.0, 0, here))
            changed = there.size > here.size if grows else there.size < here.size
            if not (gain > 0.0 and changed and there.size >= smallest * len(cases)):
                break
            path.append(there)
    return path


def everything(points: Array) -> Region:
    """The smallest box that holds all points."""
    return region(points, np.array([points.min(axis=0), points.max(axis=0)]))


def region(points: Array, bounds: Array) -> Region:
    """The box with these bounds, (2, records)."""
    inside = ((bounds[LOWER] <= points) & (points <= bounds[UPPER])).all(axis=1)
    return Region(bounds, inside)


def limited(start: Region, box: Region) -> npt.NDArray[np.intp]:
    """Numbers of the records that a box limits beyond the first one."""
    return np.flatnonzero((box.bounds != start.bounds).any(axis=0))


def with_bound(bounds: Array, record: int, side: int, value: float) -> Array:
    """A copy of bounds, (2, records), with another end of one record."""
    changed = bounds.copy()
    changed[side, record] = value
    return changed


def _peels(points: Array, here: Region, start: Region) -> Iterator[Region]:
    """The box less a few of its points, at either end of each record."""
    ordered = np.sort(points[here.inside], axis=0)
    for record in range(points.shape[1]):
        for side, share in ((UPPER, 1 - STEP), (LOWER, STEP)):
            end = _between(ordered[:, record], share)
            yield region(points, with_bound(here.bounds, record, side, end))


def _pastes(points: Array, here: Region, start: Region) -> Iterator[Region]:
    """The box with a few more points, at either end of each record that it limits."""
    for record in limited(start, here):
        for side, share in ((LOWER, 1 - STEP), (UPPER, STEP)):
            # what would lie in the box if it went on to the end of this record
            bounds = with_bound(here.bounds, record, 1 - side, here.bounds[side, record])
            beyond = region(points, with_bound(bounds, record, side, start.bounds[side, record]))
            if beyond.size:
                end = _between(np.sort(points[beyond.inside, record]), share)
                yield region(points, with_bound(here.bounds, record, side, end))


def _between(ordered: Array, share: float) -> float:
    """An end between two different values, beyond which lies at least the share at that end.

    Args:
        ordered: (points,) values in rising order, at least one.
        share: Quantile; above one half the end is an upper one.
    """
    at = (len(ordered) - 1) * share
    low, high = math.floor(at), math.ceil(at)
    if ordered[low] == ordered[high]:
        if share > 0.5:
            low = max(int(np.searchsorted(ordered, ordered[high], "left")) - 1, 0)
        else:
            high = int(np.searchsorted(ordered, ordered[low], "right"))
            high = min(high, len(ordered) - 1)
    return float((ordered[low] + ordered[high]) / 2)


def _gain(cases: Flags, here: Region, there: Region) -> float:
    """By how much a step changes the share of cases, for each point that enters or leaves."""
    moved = abs(there.size - here.size)
    if not moved or not there.size:
        return 0.0
    share = [np.count_nonzero(cases[box.inside]) / box.size for box in (here, there)]
    return (share[1] - share[0]) / moved


def _free(start: Region, box: Region) -> int:
    """How many records a box does not limit."""
    return int(start.bounds.shape[1] - len(limited(start, box)))
