"""Regions of assumptions in which cases of interest lie together, and what chance makes of them.

The regions are boxes of the patient rule induction method (Friedman and Fisher 1999; Bryant and
Lempert 2010; `peeling.py`). In many dimensions it finds a box in anything: a box counts only when
the whole search finds hardly any as good in shuffled cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from simulation.experiments.findings import Count, Finding
from simulation.experiments.statistics.peeling import (
    LOWER,
    UPPER,
    Array,
    Flags,
    Region,
    everything,
    limited,
    peel_and_paste,
    region,
    with_bound,
)

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


class Limit(Finding):
    """What a box says of one record.

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
    """What lies in a box.

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
    """What a search for boxes found.

    Attributes:
        boxes: Boxes better than chance, in the order they were found.
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
        found = _judged(points[left].reset_index(drop=True), cases[left], rng)
        if found is None:
            return Search(boxes)
        box, of_left = found
        inside = np.zeros(len(cases), dtype=bool)
        inside[np.flatnonzero(left)[of_left]] = True
        # of all points, not only of those that no earlier box holds
        box = box.model_copy(
            update={
                "coverage": float(cases[inside].sum() / cases.sum()),
                "mass": float(inside.mean()),
                "trajectory": [
                    step.model_copy(
                        update={
                            "coverage": step.coverage * some / float(cases.sum()),
                            "mass": step.mass * float(left.mean()),
                        }
                    )
                    for step in box.trajectory
                ],
            }
        )
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
        found = best_box(points, np.asarray(shuffled, dtype=bool))
        # how many more cases a box holds than as many points at random
        return 0.0 if found is None else found[0].mass * (found[0].density - float(cases.mean()))

    test = stats.permutation_test(
        (cases,),
        gain,
        permutation_type="pairings",
        n_resamples=SHUFFLES,
        alternative="greater",
        vectorized=False,
        rng=rng,
    )
    halves: dict[str, int] = {limit.record: 0 for limit in box.limits}
    for _ in range(HALVES):
        half = np.sort(rng.choice(len(cases), size=len(cases) // 2, replace=False))
        again = best_box(points.iloc[half].reset_index(drop=True), cases[half])
        for limit in again[0].limits if again is not None else ():
            if limit.record in halves:
                halves[limit.record] += 1
    limits = [
        limit.model_copy(update={"kept": halves[limit.record] / HALVES}) for limit in box.limits
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
    looked_at = _most_telling(points, cases)
    values = points[looked_at].to_numpy(dtype=float)
    path = peel_and_paste(values, cases, SMALLEST)
    trajectory = [_measures(cases, path[0], box) for box in path]
    base = float(cases.mean())
    gains = [step.mass * (step.density - base) for step in trajectory]
    box = drop_weak(values, cases, path[int(np.argmax(gains))])
    limits = _limits_of(values, cases, looked_at, box)
    if not limits:
        return None
    last = _measures(cases, path[0], box)
    found = {**last.as_json(), "limits": limits, "trajectory": trajectory}
    return Box(**found), box.inside


def _measures(cases: Flags, start: Region, box: Region) -> BoxOnTheWay:
    held = int(np.count_nonzero(cases[box.inside]))
    return BoxOnTheWay(
        coverage=held / int(np.count_nonzero(cases)),
        density=held / box.size,
        mass=box.size / len(cases),
        limits=len(limited(start, box)),
    )


def _most_telling(points: pd.DataFrame, cases: Flags) -> list[str]:
    """The records whose values differ most between cases and others (Mann-Whitney)."""
    if points.shape[1] <= MOST_LOOKED_AT:
        return list(points.columns)
    values = points.to_numpy(dtype=float)
    p = stats.mannwhitneyu(values[cases], values[~cases], method="asymptotic").pvalue
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
    found = []
    for side in (LOWER, UPPER):
        end = start.bounds[side, record]
        if box.bounds[side, record] == end:
            found.append(-1.0)
            continue
        without = region(points, with_bound(box.bounds, record, side, end))
        share = np.count_nonzero(cases[without.inside]) / without.size
        found.append(float(stats.binomtest(held, box.size, share, "greater").pvalue))
    return found[LOWER], found[UPPER]


def _limits_of(points: Array, cases: Flags, names: Sequence[str], box: Region) -> list[Limit]:
    start = everything(points)
    found = []
    for record in limited(start, box):
        low, high = (float(end) for end in box.bounds[:, record])
        first, last = (float(end) for end in start.bounds[:, record])
        found.append(
            Limit(
                record=names[record],
                low=low if low > first else None,
                high=high if high < last else None,
                quasi_p=max(quasi_p(points, cases, box, record)),
            )
        )
    return sorted(found, key=lambda limit: limit.quasi_p)
