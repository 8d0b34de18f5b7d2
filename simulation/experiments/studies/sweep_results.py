"""What a sweep found: each point against the reference, each variable by itself, rank correlations.

Everything is paired by seed. A run that failed is NaN and counts for nothing it would be in.
"""

from __future__ import annotations

import itertools
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from simulation.experiments.engine.measures import OUTCOME_NAMES
from simulation.experiments.engine.serialization import as_csv
from simulation.experiments.statistics.paired import (
    COVERAGE,
    Differences,
    paired_differences,
    pairs_to_settle,
)
from simulation.experiments.studies.effects import effect
from simulation.experiments.studies.vary import Value, Variable, position, written
from simulation.outcomes import HEADLINE

Array = npt.NDArray[np.float64]

#: fewest points in which an order can be looked for
_FEWEST_RANKED = 3
#: points from which the t distribution is good enough for the chance of an order
_MANY_RANKED = 20
#: orders tried below that; all there are where they are no more (up to 7 points)
_SHUFFLES = 9_999


@dataclass(frozen=True)
class Results:
    """The runs of a sweep; NaN for what failed.

    Attributes:
        reference: Title of what the points are compared with.
        variables: What varies.
        names: Name of each point.
        values: Values of each point, one for each variable.
        files: Scenario file of each point.
        base: Outcomes of the reference, (seeds, outcomes).
        totals: Outcomes of the points, (points, seeds, outcomes).
        grid: Whether the points are all combinations of values.
    """

    reference: str
    variables: tuple[Variable, ...]
    names: tuple[str, ...]
    values: tuple[tuple[Value, ...], ...]
    files: tuple[str, ...]
    base: Array
    totals: Array
    grid: bool

    def finished(self, point: int) -> bool:
        """Whether a point has any pair with the reference."""
        column = OUTCOME_NAMES.index(HEADLINE)
        pair = self.base[:, column] + self.totals[point, :, column]
        return bool(np.isfinite(pair).any())


def describe(results: Results) -> dict[str, Any]:
    """All of it as JSON knows it."""
    found: dict[str, Any] = {
        "reference": results.reference,
        "coverage": COVERAGE,
        "headline": HEADLINE,
        "variables": [
            {**variable.as_json(), "about": variable.target.about} for variable in results.variables
        ],
        "points": [_point(results, number) for number in range(len(results.values))],
    }
    if results.grid:
        found["effects"] = [_effects(results, k) for k in range(len(results.variables))]
        found["contrasts"] = contrasts(results)
    else:
        found["correlations"] = [_correlations(results, k) for k in range(len(results.variables))]
    return found


def compared(results: Results, point: int) -> Differences:
    """A point against the reference; arrays (outcomes,)."""
    return paired_differences(results.base, results.totals[point])


def contrasts(results: Results) -> list[dict[str, Any]]:
    """From the lowest value of a variable to its highest, averaged over the others' values.

    The last one is of all variables together, if there are several: all at their lowest against
    all at their highest.
    """
    found = []
    for k, variable in enumerate(results.variables):
        means = _averaged(results, k)
        entry: dict[str, Any] = {"variable": variable.target.name, "from": variable.values[0]}
        entry |= {"to": variable.values[-1]}
        ends = None if means is None else (means[0], means[-1])
        found.append({**entry, **_contrast(ends)})
    if len(results.variables) > 1:
        low, high = (tuple(v.values[end] for v in results.variables) for end in (0, -1))
        points = [results.values.index(values) for values in (low, high)]
        there = all(results.finished(point) for point in points)
        ends = (results.totals[points[0]], results.totals[points[1]]) if there else None
        entry = {"variable": None, "from": list(low), "to": list(high)}
        found.append({**entry, **_contrast(ends)})
    return found


def _contrast(ends: tuple[Array, Array] | None) -> dict[str, Any]:
    """What changes between two ends, and the pairs that would probably settle it for arrivals."""
    if ends is None:
        return {"outcomes": None, "pairs_to_settle": None}
    found = paired_differences(*ends)
    column = OUTCOME_NAMES.index(HEADLINE)
    needed = pairs_to_settle(float(found.mean[column]), float(found.sd[column]))
    return {"outcomes": _entries(found), "pairs_to_settle": needed}


def points_csv(results: Results) -> str:
    """One row for each point and outcome, as the text of a CSV file."""
    fields = ("pairs", "base", "other", "mean", "low", "high", "percent", "percent_low",
              "percent_high", "sure")  # fmt: skip
    header = [
        "point", *(variable.target.name for variable in results.variables), "file", "outcome",
        "pairs", "reference", "value", "difference", "low", "high", "percent", "percent_low",
        "percent_high", "probability",
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for number, values in enumerate(results.values):
        found = compared(results, number)
        settings = [written(value) for value in values]
        for column, outcome in enumerate(OUTCOME_NAMES):
            numbers = (getattr(found, field)[column] for field in fields)
            rows.append([number + 1, *settings, results.files[number], outcome, *numbers])
    return as_csv(header, rows)


def _point(results: Results, number: int) -> dict[str, Any]:
    """A point against the reference."""
    names = [variable.target.name for variable in results.variables]
    entry: dict[str, Any] = {
        "number": number + 1,
        "name": results.names[number],
        "values": dict(zip(names, results.values[number], strict=True)),
        "file": results.files[number],
        "identical": False,
        "outcomes": None,
    }
    if results.finished(number):
        entry["outcomes"] = _entries(compared(results, number))
        gaps = results.totals[number] - results.base
        # a failed run says nothing either way
        entry["identical"] = bool(np.all((gaps == 0.0) | np.isnan(gaps)))
    return entry


def _effects(results: Results, k: int) -> dict[str, Any]:
    """Each value of a variable against the reference or, of several, against its lowest.

    Averaged over the values of the others, a difference from the reference would hold what those
    do as well.
    """
    variable = results.variables[k]
    means = _averaged(results, k)
    alone = len(results.variables) == 1
    return {
        "variable": variable.target.name,
        "values": list(variable.values),
        "against": "reference" if alone else "lowest",
        "outcomes": None
        if means is None
        else [
            _entries(paired_differences(results.base if alone else means[0], mean))
            for mean in means
        ],
    }


def _averaged(results: Results, k: int) -> list[Array] | None:
    """Outcomes for each value of a variable, averaged over the others; (seeds, outcomes) each.

    Only combinations of the others' values for which every value of this one finished are in it,
    or the averages would differ for another reason than this variable.
    """
    at = {values: number for number, values in enumerate(results.values)}
    own = results.variables[k].values
    others = itertools.product(
        *(v.values for number, v in enumerate(results.variables) if number != k)
    )
    groups = [[at[(*rest[:k], value, *rest[k:])] for value in own] for rest in others]
    whole = [group for group in groups if all(results.finished(point) for point in group)]
    if not whole:
        return None
    return [results.totals[[group[n] for group in whole]].mean(axis=0) for n in range(len(own))]


def _correlations(results: Results, k: int) -> dict[str, Any]:
    """How a variable ranks with each outcome's difference over the points."""
    alive = [number for number in range(len(results.values)) if results.finished(number)]
    x = np.array([position(results.values[number][k]) for number in alive])
    means = np.array([compared(results, number).mean for number in alive])
    outcomes = {}
    for column, outcome in enumerate(OUTCOME_NAMES):
        y = means[:, column] if len(alive) else np.empty(0)
        known = np.isfinite(y)
        outcomes[outcome] = rank_correlation(x[known], y[known], len(results.variables))
    return {"variable": results.variables[k].target.name, "outcomes": outcomes}


def rank_correlation(x: Array, y: Array, comparisons: int = 1) -> dict[str, Any]:
    """Spearman's rank correlation, and whether it could well be chance.

    Of few points every order is tried, or many at random: the t distribution gives 3 points in
    perfect order no chance at all, though it is one in three.

    Args:
        x: Values of a variable by point.
        y: Differences of an outcome by point.
        comparisons: Variables looked at together; the bar is raised for them (Bonferroni).
    """
    nothing = {"points": len(x), "correlation": None, "p": None, "detectable": False}
    if len(x) < _FEWEST_RANKED or np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # perfect order divides by nothing
        found = stats.spearmanr(x, y)
    rho = float(found.statistic)
    p = float(found.pvalue) if len(x) >= _MANY_RANKED else _p_of_shuffles(x, y)
    return {
        "points": len(x),
        "correlation": rho,
        "p": p,
        "detectable": p < (1.0 - COVERAGE) / comparisons,
    }


def _p_of_shuffles(x: Array, y: Array) -> float:
    """Probability that ranks agree or disagree this much in a random order, the same each time."""
    own, other = stats.rankdata(x), stats.rankdata(y)
    other -= other.mean()

    def agreement(ranks: Array, axis: int) -> Array:
        # Spearman's correlation but for a factor that no order changes
        return np.asarray((ranks * other).sum(axis=axis))

    found = stats.permutation_test(
        (own,),
        agreement,
        permutation_type="pairings",
        vectorized=True,
        n_resamples=_SHUFFLES,
        rng=np.random.default_rng(0),
    )
    return float(found.pvalue)


def _entries(found: Differences) -> dict[str, Any]:
    return {name: effect(found, (n,)).as_json() for n, name in enumerate(OUTCOME_NAMES)}
