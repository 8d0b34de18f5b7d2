"""Regions of assumptions in which cases of interest lie together, and what chance makes of them.

The regions are boxes of the patient rule induction method (Friedman and Fisher 1999; Bryant and
Lempert 2010), as the EMA workbench computes them. In many dimensions it finds a box in
anything: a box counts only when the whole search finds hardly any as good in shuffled cases.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

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
Array = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Limit:
    """What a box says of one record.

    Attributes:
        record: Its name.
        low: Lower limit; None where the box goes to the record's end.
        high: Upper limit.
        quasi_p: Probability of so many cases of interest if this limit did nothing, by a
            binomial test.
        kept: Share of random halves of the points in which the search limits this record too.
    """

    record: str
    low: float | None
    high: float | None
    quasi_p: float
    kept: float = float("nan")


@dataclass(frozen=True)
class Box:
    """A region, and the cases in it.

    Attributes:
        limits: What it says of which records, the firmest first.
        inside: (points,) which points lie in it.
        coverage: Share of all cases of interest that lie in it.
        density: Share of the points in it that are cases of interest.
        mass: Share of all points that lie in it.
        chance: Probability that shuffled cases give a box as good.
        trajectory: Coverage, density, mass and number of limits of every box on the way.
    """

    limits: tuple[Limit, ...]
    inside: Flags
    coverage: float
    density: float
    mass: float
    chance: float
    trajectory: list[dict[str, float]]


@dataclass(frozen=True)
class Search:
    """What a search for boxes found.

    Attributes:
        boxes: Boxes better than chance, in the order they were found.
        rejected: The best box that was not, if the search ended with one.
        reason: Why no box was looked for; empty if one was.
    """

    boxes: tuple[Box, ...]
    rejected: Box | None
    reason: str = ""


def find_boxes(points: pd.DataFrame, cases: Flags, seed: int) -> Search:
    """Cover the cases of interest with boxes, as long as these are better than chance.

    Args:
        points: (points, records) what was assumed.
        cases: (points,) which are of interest.
        seed: Of the shuffles and halves.
    """
    found: list[Box] = []
    left = np.ones(len(cases), dtype=bool)
    rng = np.random.default_rng(seed)
    for _ in range(MOST_BOXES):
        some = int(cases[left].sum())
        others = int(left.sum()) - some
        if min(some, others) < FEWEST_CASES:
            reason = "" if found else _too_few(some, others)
            return Search(tuple(found), None, reason)
        box = _judged(points[left].reset_index(drop=True), cases[left], rng)
        if box is None:
            return Search(tuple(found), None)
        inside = np.zeros(len(cases), dtype=bool)
        inside[np.flatnonzero(left)[box.inside]] = True
        # of all points, not only of those that no earlier box holds
        box = replace(
            box,
            inside=inside,
            coverage=float(cases[inside].sum() / cases.sum()),
            mass=float(inside.mean()),
            trajectory=[
                {
                    **step,
                    "coverage": step["coverage"] * some / float(cases.sum()),
                    "mass": step["mass"] * float(left.mean()),
                }
                for step in box.trajectory
            ],
        )
        if box.chance > CHANCE:
            return Search(tuple(found), box)
        found.append(box)
        left &= ~inside
    return Search(tuple(found), None)


def _too_few(some: int, others: int) -> str:
    if some < FEWEST_CASES:
        return f"only {some} such cases, too few to look for what they share"
    return f"all cases but {others}, so there is nothing to set them apart by"


def _judged(points: pd.DataFrame, cases: Flags, rng: np.random.Generator) -> Box | None:
    """The best box, with the chance of one as good and the stability of its limits."""
    box = best_box(points, cases)
    if box is None:
        return None

    def gain(shuffled: Flags) -> float:
        found = best_box(points, np.asarray(shuffled, dtype=bool))
        # how many more cases a box holds than as many points at random
        return 0.0 if found is None else found.mass * (found.density - float(cases.mean()))

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
        for limit in again.limits if again is not None else ():
            if limit.record in halves:
                halves[limit.record] += 1
    limits = tuple(replace(limit, kept=halves[limit.record] / HALVES) for limit in box.limits)
    return replace(box, chance=float(test.pvalue), limits=limits)


def best_box(points: pd.DataFrame, cases: Flags) -> Box | None:
    """The box that holds most cases beyond what its size alone would give.

    Of all boxes on the way of the search it is the one with the greatest gain (Lavrac et al. 1999,
    weighted relative accuracy), less the limits that its quasi-p-values do not support, and less
    the weakest until no more than `MOST_LIMITED` records are limited.

    Returns:
        The box; None if none limits anything.
    """
    if cases.all() or not cases.any():
        return None
    looked_at = _most_telling(points, cases)
    # as floats also what is whole: the workbench puts its limits between two values
    chosen = points[looked_at].astype(float)
    with _workbench() as prim:
        search = prim.Prim(chosen, cases.astype(int), mass_min=SMALLEST)
        box = search.find_box()
        way = box.peeling_trajectory.copy()
        base = float(cases.mean())
        best = int((way["mass"] * (way["density"] - base)).idxmax())
        final = _drop_weak(box, best)
        limits = _limits_of(box, final, search.box_init)
        if not limits:
            return None
        inside = np.zeros(len(cases), dtype=bool)
        inside[np.asarray(box.yi, dtype=int)] = True
        last = box.peeling_trajectory.iloc[final]
    return Box(
        limits=limits,
        inside=inside,
        coverage=float(last["coverage"]),
        density=float(last["density"]),
        mass=float(last["mass"]),
        chance=float("nan"),
        trajectory=[
            {
                "coverage": float(row["coverage"]),
                "density": float(row["density"]),
                "mass": float(row["mass"]),
                "limits": int(row["res_dim"]),
            }
            for _, row in way.iterrows()
        ],
    )


def _most_telling(points: pd.DataFrame, cases: Flags) -> list[str]:
    """The records whose values differ most between cases and others (Mann-Whitney)."""
    if points.shape[1] <= MOST_LOOKED_AT:
        return list(points.columns)
    values = points.to_numpy(dtype=float)
    p = stats.mannwhitneyu(values[cases], values[~cases], method="asymptotic").pvalue
    order = np.sort(np.argsort(p, kind="stable")[:MOST_LOOKED_AT])
    return [points.columns[k] for k in order]


def _drop_weak(box: Any, start: int) -> int:
    """Drop limits that are no better than chance or too many, the weakest first.

    Returns:
        Where on the box's way the result lies.
    """
    current = start
    while True:
        weakest, record = max(
            ((_worst(pair), name) for name, pair in box.p_values[current].items()),
            default=(0.0, ""),
        )
        if weakest <= QUASI_P and len(box.p_values[current]) <= MOST_LIMITED:
            box.select(current)
            return current
        box.drop_restriction(record, current)
        current = len(box.peeling_trajectory) - 1


def _worst(pair: list[float]) -> float:
    """The larger quasi-p-value of a record's two limits; -1 stands for no limit there."""
    return max(float(value) for value in pair)


def _limits_of(box: Any, at: int, start: pd.DataFrame) -> tuple[Limit, ...]:
    here = box.box_lims[at]
    found = []
    for record, pair in box.p_values[at].items():
        low, high = (float(here[record].iloc[side]) for side in (0, 1))
        first, last = (float(start[record].iloc[side]) for side in (0, 1))
        found.append(
            Limit(
                record,
                low if low > first else None,
                high if high < last else None,
                _worst(pair),
            )
        )
    return tuple(sorted(found, key=lambda limit: limit.quasi_p))


@contextmanager
def _workbench() -> Iterator[ModuleType]:
    """The workbench's search, without its remarks on optional libraries it does not find."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import prim

        yield prim
