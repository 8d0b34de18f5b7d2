"""What a table of options adds to effects: what each costs, its rank, and how often it is best.

Less is better of all that options are ranked by (`simulation.engine.arguments.RANKS`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from simulation.engine.findings import Effect
from simulation.engine.world_design import Worlds
from simulation.outcomes import HEADLINE
from simulation.parameters import load_parameters
from simulation.scenario import Scenario
from simulation.scenario.levers.funding import Funding
from simulation.scenario.timeline import DAYS_PER_YEAR
from simulation.statistics.paired import DIRECTION_PAIRS, most_sure
from simulation.statistics.plausible_range import plausible_effects
from simulation.studies.paired_effects import outcome_sum

#: what costs are set against, and what ranks by money
UK_TOTAL, COST = "uk_total", "cost"
Values = npt.NDArray[np.float64]


def cost_added(base: Scenario, other: Scenario, first: date, last: date) -> float:
    """The money that the funding of a scenario adds over another one between two days, in EUR."""
    before, after = (_spent(scenario, first, last) for scenario in (base, other))
    return after - before


def _spent(scenario: Scenario, first: date, last: date) -> float:
    parameters = load_parameters(scenario.parameters)
    days = range(first.toordinal(), last.toordinal() + 1)
    return sum(
        lever.eur_per_year(parameters) * sum(map(lever.span.progress, days)) / DAYS_PER_YEAR
        for lever in scenario.of(Funding)
    )


class Sides(NamedTuple):
    """What is compared with, and an option, pair by pair.

    Attributes:
        base: What is compared with, (pairs, outcomes).
        other: The option, (pairs, outcomes).
        worlds: The sets and paths of the pairs.
    """

    base: Values
    other: Values
    worlds: Worlds


def cost_per_person(cost: float, sides: Sides) -> list[float]:
    """The cost of each person fewer who reaches the UK by boat or lorry, over worlds, in EUR.

    Returns:
        The ends of its range; none where nothing is added, or arrivals do not clearly fall.
    """
    base, other = (outcome_sum(values, UK_TOTAL) for values in (sides.base, sides.other))
    over = plausible_effects(other - base, *sides.worlds, resamples=0)
    # without a range the comparison is false
    clear = cost > 0.0 and bool(over.high < 0.0)
    return [cost / -float(end) for end in (over.low, over.high)] if clear else []


def places(effects: Sequence[Effect | None], costs: Sequence[float]) -> list[int]:
    """The place of each option, 1 for the best: by the middle of its effect, then by cost.

    Args:
        effects: The effect of each on what ranks; None where costs do.
        costs: What each adds.
    """
    values = [
        (0.0 if effect is None else effect.middle, cost)
        for effect, cost in zip(effects, costs, strict=True)
    ]
    return [1 + sum(other < value for other in values) for value in values]


def shares_best(options: Sequence[Sides], rank: str) -> list[float | None]:
    """In which share of worlds each option is better than all others and than the baseline.

    A world is the mean over its seeds, which removes some of chance. Options that are equal share
    a world.

    Args:
        options: Each beside what all are compared with, in the same pairs.
        rank: What ranks; arrivals by boat do where costs rank, as these are the same everywhere.
    """
    first, name = options[0], HEADLINE if rank == COST else rank
    sides = [first.base, *(one.other for one in options)]
    values = np.stack([outcome_sum(side, name) for side in sides])
    labels = list(zip(*first.worlds, strict=True))
    sets = len({*first.worlds.groups})
    if sets < DIRECTION_PAIRS:
        return [None] * len(options)
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    sums = np.zeros((len(sides), len(numbers)))
    np.add.at(sums.T, [numbers[label] for label in labels], values.T)
    best = sums == sums.min(axis=0)
    shares = (best / best.sum(axis=0)).mean(axis=1)
    return [min(float(share), float(most_sure(sets))) for share in shares[1:]]
