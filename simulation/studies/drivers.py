"""Which assumptions decide an effect, from the pairs that have been run anyway."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Literal

import numpy as np

from simulation.engine.run_store import OUTCOME_NAMES
from simulation.outcomes import HEADLINE
from simulation.parameters.fitted import FittedEnsemble
from simulation.statistics.drivers import rank_correlations
from simulation.statistics.finding import Count, Finding
from simulation.statistics.paired import own_percentages
from simulation.studies.world_effects import WorldEffects

#: sets of assumptions below which chance alone makes a correlation of 0.8
FEWEST_SETS = 16
#: most assumptions that are named
_NAMED = 5


class Driver(Finding):
    """An assumption with which the effect on arrivals goes.

    Attributes:
        name: Its record.
        correlation: Rank correlation with the effect, -1 to 1, over sets.
        low: Mean effect of the third of the sets in which it is lowest.
        high: Mean effect of the third in which it is highest.
    """

    name: str
    correlation: float
    low: float
    high: float


class Drivers(Finding):
    """The assumptions with which an effect goes more than chance would make it.

    Attributes:
        sets: Sets of assumptions that were compared.
        assumptions: Assumptions that differ between them.
        needed: Size of a correlation from which on it is no chance, over all assumptions.
        unit: Of the effects.
        strongest: At most five, the strongest first.
    """

    sets: Count
    assumptions: Count
    needed: float
    unit: Literal["%", "people"]
    strongest: list[Driver]


def drivers(
    worlds: WorldEffects, ensemble: FittedEnsemble | None, fixed: Collection[str]
) -> Drivers | None:
    """The assumptions that go with the effect on arrivals; None for too few sets.

    Args:
        worlds: The pairs.
        ensemble: What sets are taken from.
        fixed: Assumptions that the scenarios set themselves.
    """
    pairs_of: dict[Hashable, list[int]] = {}
    for place, key in enumerate(worlds.design.sets(worlds.seeds)):
        pairs_of.setdefault(key, []).append(place)
    if len(pairs_of) < FEWEST_SETS:
        return None
    column = OUTCOME_NAMES.index(HEADLINE)
    base, other = worlds.base[:, column], worlds.other[:, column]
    percentages = own_percentages(base, other)
    unit: Literal["%", "people"] = "%" if np.isfinite(percentages).all() else "people"
    each = percentages if unit == "%" else other - base
    effects = np.array([each[places].mean() for places in pairs_of.values()])
    sets = [
        worlds.design.set_of(worlds.seeds[places[0]], ensemble).values(ensemble)
        for places in pairs_of.values()
    ]
    names = [
        name
        for name in sorted(set.intersection(*(set(one) for one in sets)) - set(fixed))
        if len({one[name] for one in sets}) > 1
    ]
    if not names:
        return None
    values = np.array([[float(one[name]) for name in names] for one in sets])
    correlations, needed = rank_correlations(values, effects)
    order = np.argsort(-np.abs(correlations))[:_NAMED]
    third = max(len(sets) // 3, 1)
    strongest = []
    for place in order.tolist():
        if abs(correlations[place]) > needed:
            by_value = effects[np.argsort(values[:, place], kind="stable")]
            strongest.append(
                Driver(
                    name=names[place],
                    correlation=float(correlations[place]),
                    low=float(by_value[:third].mean()),
                    high=float(by_value[-third:].mean()),
                )
            )
    return Drivers(
        sets=len(sets), assumptions=len(names), needed=needed, unit=unit, strongest=strongest
    )
