"""Estimates of several scenarios side by side, as options that are ranked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from simulation.engine.arguments import RANK
from simulation.engine.run_store import OUTCOME_NAMES
from simulation.estimates.estimate import RUN, place, uk_total
from simulation.estimates.library import OUTLOOK, library_for, refusal
from simulation.scenario import Scenario
from simulation.studies.compare import ScenarioEffects, ranked
from simulation.studies.options import UK_TOTAL, Sides, cost_added, cost_per_person
from simulation.studies.paired_effects import measure, outcome_effects


class Option(NamedTuple):
    """A scenario among others.

    Attributes:
        effects: Its effects against the outlook over the years asked for.
        sides: The pairs of runs behind them.
    """

    effects: ScenarioEffects
    sides: Sides


def option_of(scenario: Scenario, period: str) -> Option:
    """The effects of a scenario over some years, to be ranked.

    Args:
        scenario: The scenario.
        period: Years, such as `2027..2028`.

    Raises:
        InputError: There is no estimate of it on the outlook, these are no years of the run, or
            what the library rests on has changed.
    """
    base = library_for(scenario).base
    if base.slug != OUTLOOK:  # options side by side are compared with the same
        raise refusal(scenario, f"not the days of {OUTLOOK}")
    placed = place(scenario, period=period)
    if placed.changed:
        words = ", ".join(placed.changed)
        raise refusal(scenario, f"changed since the library was built: {words}")
    sides = placed.sides
    first, last = (int(year) for year in (period[:4], period[-4:]))
    days = date(first, 1, 1), min(date(last, 12, 31), base.run.end)
    cost = cost_added(base, scenario, *days)
    measured = measure(
        sides.base[:, None], sides.other[:, None], sides.worlds, OUTCOME_NAMES, resamples=0
    )
    effects = ScenarioEffects(
        title=scenario.title,
        outcomes=outcome_effects(measured, [RUN]),
        identical=False,
        chain={UK_TOTAL: uk_total(sides)},
        cost_eur=cost,
        cost_per_person=cost_per_person(cost, sides),
    )
    return Option(effects, sides)


def ranked_options(options: Sequence[Option], rank: str = RANK.default) -> list[ScenarioEffects]:
    """The effects of options with their places and how often each is best, in their order."""
    if not options:
        return []
    effects, sides = zip(*options, strict=True)
    return ranked(effects, sides, rank)
