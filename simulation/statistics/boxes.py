"""Regions of assumptions in which cases of interest lie together, and what chance makes of them.

The regions are boxes of the patient rule induction method: a box is shrunk step by step towards
the cases of interest. J. H. Friedman and N. I. Fisher, "Bump hunting in high-dimensional data",
Statistics and Computing 9 (1999), 123-143: peeling and pasting. The gain of a step is that of J. H.
Kwakkel and M. Jaxa-Rozen, "Improving scenario discovery for handling heterogeneous uncertainties
and multinomial classified outcomes", Environmental Modelling & Software 79 (2016), 311-321: the
change of the share of cases, divided by the number of points that enter or leave. It does not
favour records with few values, of which one step removes many points.

In many dimensions the method finds a box in anything (Bryant and Lempert 2010). A box counts only
when the whole search finds hardly any as good in shuffled cases.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import Array

#: records a box may limit: more explain nothing to anybody
MOST_LIMITED = 4
#: records looked at in the search, those whose cases of interest differ most from the others
MOST_LOOKED_AT = 12
#: boxes of one kind of case
MOST_BOXES = 3
#: quasi-p-value above which a limit is dropped
QUASI_P = 0.05
#: probability of a box as good by chance, above which it does not count
CHANCE = 0.05
#: smallest share of all points in a box
SMALLEST = 0.05
#: fewest cases of interest, and of others, from which a box is looked for
FEWEST_CASES = 8
#: shuffles for the chance of a box
SHUFFLES = 39
#: random halves for its stability
HALVES = 20
#: share of the points in the box that one step removes or adds, more where values are equal
STEP = 0.05
LOWER, UPPER = 0, 1

Flags = npt.NDArray[np.bool_]


class Limit(Finding):
    """The limits of a box for one record.

    Attributes:
        record: Its name.
        low: Lower limit, in the record's unit; None where the box goes to the record's end.
        high: Upper limit.
        quasi_p: Probability of so many cases of interest if this limit did nothing, by a
            binomial test.
        kept: Share of random halves of the points in which the search limits this record too; 0
            until these are searched.
    """

    record: str
    low: float | int | None
    high: float | int | None
    quasi_p: float
    kept: float = 0.0


class BoxShares(Finding):
    """The shares of points and cases in a box.

    Attributes:
        coverage: Share of all cases of interest that lie in it.
        density: Share of the points in it that are cases of interest.
        mass: Share of all points that lie in it.
    """

    coverage: float
    density: float
    mass: float


class BoxOnTheWay(BoxShares):
    """A box on the way of a search, which limits so many records."""

    limits: Count


class Box(BoxShares):
    """A region of assumptions.

    Attributes:
        chance: Probability that shuffled cases give a box as good; 1 until these are searched.
        limits: What it says of which records, the firmest first.
        trajectory: Every box on the way of the search.
    """

    chance: float = 1.0
    limits: list[Limit]
    trajectory: list[BoxOnTheWay]


@dataclass(frozen=True)
class Search:
    """The result of a search for boxes.

    Attributes:
        boxes: Boxes better than chance, in the order of the search.
        rejected: The best box that was not, if the search ended with one.
        reason: Why no box was looked for; empty if one was.
    """

    boxes: list[Box] = field(default_factory=list)
    rejected: Box | None = None
    reason: str = ""


def find_boxes(points: pd.DataFrame, cases: Flags, seed: int) -> Search:
    """Cover the cases of interest with boxes, as long as these are better than chance.

    Args:
        points: (points, records) what was assumed.
        cases: (points,) which are of interest.
        seed: Of the shuffles and halves.
    """
    boxes: list[Box] = []
    left = np.ones(len(cases), dtype=bool)
    rng = np.random.default_rng(seed)
    for _ in range(MOST_BOXES):
        some = int(cases[left].sum())
        others = int(left.sum()) - some
        if min(some, others) < FEWEST_CASES:
            return Search(boxes, reason="" if boxes else _too_few(some, others))
        judged = _judged(points[left].reset_index(drop=True), cases[left], rng)
        if judged is None:
            return Search(boxes)
        box, of_left = judged
        inside = np.zeros(len(cases), dtype=bool)
        inside[np.flatnonzero(left)[of_left]] = True
        # of all points, not only of those that no earlier box holds
        total, share = float(cases.sum()), float(left.mean())
        trajectory = [
            step.model_copy(
                update={"coverage": step.coverage * some / total, "mass": step.mass * share}
            )
            for step in box.trajectory
        ]
        coverage, mass = float(cases[inside].sum() / total), float(inside.mean())
        of_all = {"coverage": coverage, "mass": mass, "trajectory": trajectory}
        box = box.model_copy(update=of_all)
        if box.chance > CHANCE:
            return Search(boxes, box)
        boxes.append(box)
        left &= ~inside
    return Search(boxes)


def _too_few(some: int, others: int) -> str:
    if some < FEWEST_CASES:
        return f"only {some} such cases, too few to look for what they share"
    return f"all cases but {others}, so there is nothing to set them apart by"


def _judged(
    points: pd.DataFrame, cases: Flags, rng: np.random.Generator
) -> tuple[Box, Flags] | None:
    """The best box, with the chance of one as good and the stability of its limits."""
    best = best_box(points, cases)
    if best is None:
        return None
    box, inside = best

    def gain(shuffled: Flags) -> float:
        best = best_box(points, np.asarray(shuffled, dtype=bool))
        # how many more cases a box holds than as many points at random
        return 0.0 if best is None else best[0].mass * (best[0].density - float(cases.mean()))

    test = scipy.stats.permutation_test(
        (cases,),
        gain,
        permutation_type="pairings",
        n_resamples=SHUFFLES,
        alternative="greater",
        vectorized=False,
        rng=rng,
    )
    limited_again: Counter[str] = Counter()
    for _ in range(HALVES):
        half = np.sort(rng.choice(len(cases), size=len(cases) // 2, replace=False))
        again = best_box(points.iloc[half].reset_index(drop=True), cases[half])
        limited_again.update(limit.record for limit in (again[0].limits if again else ()))
    limits = [
        limit.model_copy(update={"kept": limited_again[limit.record] / HALVES})
        for limit in box.limits
    ]
    return box.model_copy(update={"chance": float(test.pvalue), "limits": limits}), inside


def best_box(points: pd.DataFrame, cases: Flags) -> tuple[Box, Flags] | None:
    """The box that holds most cases beyond what its size alone would give.

    Of all boxes on the way of the search it is the one with the greatest gain (Lavrac et al. 1999,
    weighted relative accuracy), less the limits that its quasi-p-values do not support, and less
    the weakest until no more than `MOST_LIMITED` records are limited.

    Returns:
        The box, and (points,) which points lie in it; None if no box limits anything.
    """
    if cases.all() or not cases.any():
        return None
    looked_at = most_telling(points, cases)
    values = points[looked_at].to_numpy(dtype=float)
    path = peel_and_paste(values, cases, SMALLEST)
    trajectory = [_measures(cases, path[0], box) for box in path]
    base = float(cases.mean())
    gains = [step.mass * (step.density - base) for step in trajectory]
    box = drop_weak(values, cases, path[int(np.argmax(gains))])
    limits = []
    for record in limited(path[0], box):
        low, high = (
            None if end == first else float(end)
            for end, first in zip(box.bounds[:, record], path[0].bounds[:, record], strict=True)
        )
        p = max(quasi_p(values, cases, box, record))
        limits.append(Limit(record=looked_at[record], low=low, high=high, quasi_p=p))
    if not limits:
        return None
    limits.sort(key=lambda limit: limit.quasi_p)
    last = _measures(cases, path[0], box)
    fields = {**last.as_json(), "limits": limits, "trajectory": trajectory}
    return Box(**fields), box.inside


def _measures(cases: Flags, start: Region, box: Region) -> BoxOnTheWay:
    held = int(np.count_nonzero(cases[box.inside]))
    return BoxOnTheWay(
        coverage=held / int(np.count_nonzero(cases)),
        density=held / box.size,
        mass=box.size / len(cases),
        limits=len(limited(start, box)),
    )


def most_telling(points: pd.DataFrame, cases: Flags) -> list[str]:
    """The records whose values differ most between cases and others (Mann-Whitney)."""
    if points.shape[1] <= MOST_LOOKED_AT:
        return list(points.columns)
    values = points.to_numpy(dtype=float)
    p = scipy.stats.mannwhitneyu(values[cases], values[~cases], method="asymptotic").pvalue
    order = np.sort(np.argsort(p, kind="stable")[:MOST_LOOKED_AT])
    return [points.columns[k] for k in order]


def drop_weak(points: Array, cases: Flags, box: Region) -> Region:
    """A box without the limits that are no better than chance or too many.

    The weakest record is dropped first, with both of its limits.

    Args:
        points: (points, records) values.
        cases: (points,) which are of interest.
        box: What is left by the search.
    """
    start = everything(points)
    while True:
        worst = {
            int(record): max(quasi_p(points, cases, box, record)) for record in limited(start, box)
        }
        # of equally weak ones the last
        weakest = max(worst, key=lambda record: (worst[record], record), default=None)
        if weakest is None or (worst[weakest] <= QUASI_P and len(worst) <= MOST_LIMITED):
            return box
        bounds = box.bounds.copy()
        bounds[:, weakest] = start.bounds[:, weakest]
        box = region(points, bounds)


def quasi_p(points: Array, cases: Flags, box: Region, record: int) -> tuple[float, float]:
    """Probability of so many cases in a box if a limit did nothing (Bryant and Lempert 2010).

    Returns:
        That of the record's lower and upper limit, by a one-sided binomial test; -1 stands for no
        limit there.
    """
    start = everything(points)
    held = int(np.count_nonzero(cases[box.inside]))
    probabilities = [-1.0, -1.0]
    for side in (LOWER, UPPER):
        end = start.bounds[side, record]
        if box.bounds[side, record] != end:
            without = region(points, with_bound(box.bounds, record, side, end))
            share = np.count_nonzero(cases[without.inside]) / without.size
            test = scipy.stats.binomtest(held, box.size, share, "greater")
            probabilities[side] = float(test.pvalue)
    return probabilities[LOWER], probabilities[UPPER]


# -- the search for one box ------------------------------------------------------------------------


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
            box = path[-1]
            steps = [
                (_gain(cases, box, candidate), -len(limited(path[0], candidate)), candidate)
                for candidate in choices(points, box, path[0])
            ]
            # of equal steps the one that limits fewer records, then the first
            gain, _, candidate = max(steps, key=lambda step: step[:2], default=(0.0, 0, box))
            changed = candidate.size > box.size if grows else candidate.size < box.size
            if not (gain > 0.0 and changed and candidate.size >= smallest * len(cases)):
                break
            path.append(candidate)
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
    """An end between two of (points,) rising values; above a share of 0.5 an upper one."""
    at = (len(ordered) - 1) * share
    low, high = math.floor(at), math.ceil(at)
    if ordered[low] == ordered[high]:
        if share > 0.5:
            low = max(int(np.searchsorted(ordered, ordered[high], "left")) - 1, 0)
        else:
            high = int(np.searchsorted(ordered, ordered[low], "right"))
            high = min(high, len(ordered) - 1)
    return float((ordered[low] + ordered[high]) / 2)


def _gain(cases: Flags, before: Region, after: Region) -> float:
    """By how much a step changes the share of cases, for each point that enters or leaves."""
    moved = abs(after.size - before.size)
    if not moved or not after.size:
        return 0.0
    share = [np.count_nonzero(cases[box.inside]) / box.size for box in (before, after)]
    return (share[1] - share[0]) / moved
